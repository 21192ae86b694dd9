//! The ingest dialect's way of scoring: our signals under its codes, labels and weights, and its bands.

use portcullis_domain::{Dialect, EventType, EventTypes, Limits, Outcome};
use portcullis_engine::signals::{
    Signal, account, behavior, device, email, ip, links, lists, location, velocity,
};
use portcullis_engine::{Profile, ProfileBand, ProfileRule};

/// What a signup and a login are both judged by: what was sent, and what the device, address and mailbox are.
const ALWAYS: EventTypes = EventTypes::ALL;

/// What only a signup is judged by: counts of signups, a mailbox's second account (which its first login would
/// otherwise be held against), and the time to fill in the form, which the contract calls the minimum *signup*
/// completion time because password managers log people in within two seconds.
const SIGNUP: EventTypes = EventTypes::only(EventType::Signup);

/// What only a login is judged by: how it compares with the account's past.
const LOGIN: EventTypes = EventTypes::only(EventType::Login);

/// The profile before the installation's and the tenant's overrides.
pub static PROFILE: Profile = Profile {
    dialect: Dialect::Ingest,
    bands: &[
        ProfileBand { name: "ALLOW", max: Some(79), outcome: Outcome::Allow },
        ProfileBand { name: "MONITOR", max: Some(119), outcome: Outcome::Challenge },
        ProfileBand { name: "BLOCK", max: None, outcome: Outcome::Block },
    ],
    limits: Limits {
        signups_per_ip_1h: 5,
        signups_per_device_1h: 2,
        accounts_per_ip: 3,
        accounts_per_device: 1,
        min_completion_ms: 3_000,
        ..Limits::USUAL
    },
    max_score: None,
    factors: &[],
    custom_percent: 10,
    labels: &[],
    scale: None,
    monitors: false,
    rules: RULES,
};

#[rustfmt::skip]
static RULES: &[ProfileRule] = &[
    rule(&links::device_reused::SIGNAL, "DEVICE_REUSED", "Device reused across accounts", 60, ALWAYS),
    rule(&email::disposable::SIGNAL, "DISPOSABLE_EMAIL", "Disposable email", 30, ALWAYS),
    rule(&ip::tor_exit::SIGNAL, "TOR_EXIT", "TOR exit node", 60, ALWAYS),
    rule(&ip::high_risk_asn::SIGNAL, "HIGH_RISK_ASN", "High-risk network", 35, ALWAYS),
    rule(&links::ip_reused::SIGNAL, "IP_REUSED", "IP reused across accounts", 25, ALWAYS),
    rule(&velocity::signups_per_ip::SIGNAL, "VELOCITY_IP", "Too many signups from IP", 40, SIGNUP),
    rule(&velocity::signups_per_device::SIGNAL, "VELOCITY_DEVICE", "Too many signups from device", 50, SIGNUP),
    rule(&behavior::fast_completion::SIGNAL, "FAST_COMPLETION", "Form completed too fast", 40, SIGNUP),
    rule(&behavior::no_interaction::SIGNAL, "NO_INTERACTION", "No human interaction", 25, ALWAYS),
    rule(&behavior::robotic_mouse::SIGNAL, "ROBOTIC_MOUSE", "Robotic mouse path", 30, ALWAYS),
    rule(&device::headless::SIGNAL, "HEADLESS_BROWSER", "Automated browser", 60, ALWAYS),
    rule(&device::software_renderer::SIGNAL, "SOFTWARE_RENDERER", "Virtual GPU", 20, ALWAYS),
    rule(&device::inconsistent::SIGNAL, "UA_INCONSISTENT", "Inconsistent device", 25, ALWAYS),
    rule(&location::timezone_mismatch::SIGNAL, "TIMEZONE_MISMATCH", "Timezone does not match IP", 15, ALWAYS),
    rule(&device::missing_signals::SIGNAL, "MISSING_SIGNALS", "Device signals missing", 20, ALWAYS),
    rule(&email::alias_reused::SIGNAL, "EMAIL_ALIAS_REUSED", "Mailbox alias reused", 40, SIGNUP),
    rule(&behavior::clock_tampered::SIGNAL, "CLOCK_TAMPERED", "Implausible timing", 20, ALWAYS),
    rule(&account::new_device::SIGNAL, "NEW_DEVICE", "New device for account", 20, LOGIN),
    rule(&account::new_country::SIGNAL, "NEW_COUNTRY", "New country for account", 20, LOGIN),
    rule(&location::impossible_travel::SIGNAL, "IMPOSSIBLE_TRAVEL", "Impossible travel", 50, LOGIN),
    rule(&velocity::login_spray::SIGNAL, "LOGIN_SPRAY", "Many accounts tried from IP", 50, LOGIN),
    rule(&lists::blocked::SIGNAL, "BLOCKLISTED", "On the block list", 200, ALWAYS),
    rule(&lists::watched::SIGNAL, "WATCHLISTED", "On the watch list", 40, ALWAYS),
    // Enough to let anything through that is not blocked.
    rule(&lists::allowed::SIGNAL, "ALLOWLISTED", "On the allow list", -1_000, ALWAYS),
    // Takes points off the score of someone who logs in where they always do.
    ProfileRule {
        enabled: false,
        ..rule(&account::known_device::SIGNAL, "KNOWN_DEVICE", "Known device", -5, LOGIN)
    },
];

const fn rule(
    signal: &'static Signal,
    code: &'static str,
    label: &'static str,
    points: i32,
    applies_to: EventTypes,
) -> ProfileRule {
    ProfileRule { signal, code, label, points, applies_to, enabled: true, category: None, soft: false }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Overrides;
    use portcullis_engine::{Plan, signals};

    use super::*;

    #[test]
    fn codes_and_signals_are_each_used_once() {
        for (index, rule) in RULES.iter().enumerate() {
            let others = &RULES[index + 1..];
            assert!(others.iter().all(|other| other.code != rule.code), "{}", rule.code);
            assert!(others.iter().all(|other| other.signal.code != rule.signal.code), "{}", rule.code);
            assert!(signals::find(rule.signal.code).is_some(), "{}", rule.code);
        }
    }

    #[test]
    fn only_what_is_known_to_be_good_is_off_or_takes_points_off() {
        let unusual: Vec<_> = RULES.iter().filter(|rule| !rule.enabled || rule.points < 0).collect();
        assert_eq!(unusual.iter().map(|rule| rule.code).collect::<Vec<_>>(), ["ALLOWLISTED", "KNOWN_DEVICE"]);
    }

    #[test]
    fn has_the_usual_limits() {
        assert_eq!(PROFILE.limits, Limits::default());
    }

    #[test]
    fn compiles_to_the_documented_policy() {
        let policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
        assert_eq!(policy.bands.iter().map(|band| band.max).collect::<Vec<_>>(), [Some(79), Some(119), None]);
        let count = |event_type| policy.rules.iter().filter(|rule| rule.applies_to(event_type)).count();
        assert_eq!((count(EventType::Signup), count(EventType::Login)), (20, 21));
        assert!(Plan::compile(policy).is_ok());
    }
}
