//! Levels, and the words that events and advice have for them.

use domain::EventType;
use portcullis_domain as domain;
use serde::Serialize;
use utoipa::ToSchema;

/// How risky a session is: the score's band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = FraudsenseLevel)]
pub(crate) enum Level {
    /// 0 to 20: go on.
    Low,
    /// 21 to 45: ask for one more proof.
    Medium,
    /// 46 to 70: a person should look at it.
    High,
    /// 71 to 100: refuse, and tell somebody.
    Critical,
}

impl Level {
    /// The level of the band with this index; the strictest for an index that there is not.
    pub(super) const fn of_band(band: u8) -> Self {
        match band {
            0 => Self::Low,
            1 => Self::Medium,
            2 => Self::High,
            _ => Self::Critical,
        }
    }
}

/// The contract's word for a type of event; none for a session that is for nothing in particular.
pub(super) const fn event_word(event_type: EventType) -> Option<&'static str> {
    match event_type {
        EventType::Login => Some("LOGIN"),
        EventType::Signup => Some("REGISTER"),
        EventType::Payment => Some("PAYMENT"),
        EventType::Withdrawal => Some("WITHDRAWAL"),
        EventType::ProfileUpdate => Some("PROFILE_UPDATE"),
        // No event of this dialect is of the last three.
        EventType::Visit | EventType::DeviceRegistration | EventType::Verification | EventType::Attempt => {
            None
        }
    }
}

/// A type of event for people.
pub(super) const fn event_label(event_type: EventType) -> &'static str {
    match event_type {
        EventType::Login => "User login",
        EventType::Signup => "New registration",
        EventType::Payment => "Payment transaction",
        EventType::Withdrawal => "Fund withdrawal",
        EventType::ProfileUpdate => "Profile update",
        EventType::Visit | EventType::DeviceRegistration | EventType::Verification | EventType::Attempt => {
            "General session"
        }
    }
}

/// What to do: a word for programs and a sentence for people.
pub(super) const fn recommendation(event_type: EventType, level: Level) -> &'static str {
    let by_level = match event_type {
        EventType::Login => &LOGIN,
        EventType::Signup => &REGISTER,
        EventType::Payment => &PAYMENT,
        EventType::Withdrawal => &WITHDRAWAL,
        EventType::ProfileUpdate => &PROFILE_UPDATE,
        EventType::Visit | EventType::DeviceRegistration | EventType::Verification | EventType::Attempt => {
            &GENERAL
        }
    };
    by_level[level as usize]
}

const LOGIN: [&str; 4] = [
    "ALLOW - Proceed with login",
    "STEP_UP - Request OTP or biometric before login",
    "BLOCK - Refuse login until reviewed",
    "BLOCK_AND_FLAG - Refuse login and escalate immediately",
];
const REGISTER: [&str; 4] = [
    "ALLOW - Proceed with registration",
    "STEP_UP - Verify phone or email by OTP before registration",
    "BLOCK - Hold registration for review",
    "BLOCK_AND_FLAG - Refuse registration and escalate immediately",
];
const PAYMENT: [&str; 4] = [
    "ALLOW - Proceed with payment",
    "STEP_UP - Request OTP or biometric before payment",
    "BLOCK - Hold payment for review",
    "BLOCK_AND_FLAG - Refuse payment and escalate immediately",
];
const WITHDRAWAL: [&str; 4] = [
    "ALLOW - Proceed with withdrawal",
    "STEP_UP - Request OTP or biometric before withdrawal",
    "BLOCK - Hold withdrawal for review",
    "BLOCK_AND_FLAG - Refuse withdrawal, freeze funds and escalate immediately",
];
const PROFILE_UPDATE: [&str; 4] = [
    "ALLOW - Proceed with profile update",
    "STEP_UP - Request OTP or biometric before profile update",
    "BLOCK - Hold profile update for review",
    "BLOCK_AND_FLAG - Refuse profile update and escalate immediately",
];
const GENERAL: [&str; 4] = [
    "ALLOW - Proceed normally",
    "STEP_UP - Request OTP or biometric",
    "BLOCK - Require manual review",
    "BLOCK_AND_FLAG - Escalate immediately",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_the_levels_whatever_the_event() {
        let actions = ["ALLOW", "STEP_UP", "BLOCK", "BLOCK_AND_FLAG"];
        let mut texts = std::collections::BTreeSet::new();
        for event_type in EventType::ALL {
            for (band, action) in (0..).zip(actions) {
                let text = recommendation(event_type, Level::of_band(band));
                assert_eq!(text.split_once(" - ").unwrap().0, action);
                texts.insert(text);
            }
        }
        assert_eq!(texts.len(), 24, "each has its own text");
    }

    #[test]
    fn says_what_the_contract_says() {
        assert_eq!(recommendation(EventType::Payment, Level::High), "BLOCK - Hold payment for review");
        assert_eq!(event_label(EventType::Payment), "Payment transaction");
    }
}
