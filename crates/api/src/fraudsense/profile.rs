//! The dialect's way of scoring: its levels, what counts more in which event, and its labels over the catalogue.

use portcullis_domain::{Category, Dialect, EventType, EventTypes, Factor, Limits, Outcome};
use portcullis_engine::{Profile, ProfileBand, ProfileLabel};

use super::catalog::RULES;

/// The profile before the installation's and the tenant's overrides.
pub static PROFILE: Profile = Profile {
    dialect: Dialect::Fraudsense,
    bands: &[
        ProfileBand { name: "LOW", max: Some(20), outcome: Outcome::Allow },
        ProfileBand { name: "MEDIUM", max: Some(45), outcome: Outcome::Challenge },
        ProfileBand { name: "HIGH", max: Some(70), outcome: Outcome::Review },
        ProfileBand { name: "CRITICAL", max: None, outcome: Outcome::Block },
    ],
    limits: Limits::USUAL,
    max_score: Some(100),
    factors: FACTORS,
    custom_percent: 10,
    labels: LABELS,
    scale: None,
    monitors: false,
    rules: RULES,
};

/// Percent of the points, where that is not 100 (G4.3). Each type of event counts most what its kind of fraud shows
/// in, and a withdrawal twice what a login counts of locations.
#[rustfmt::skip]
static FACTORS: &[Factor] = &[
    factor(EventType::Login,         Category::Location,    75),
    factor(EventType::Login,         Category::Behavior,    150),
    factor(EventType::Signup,        Category::Device,      150),
    factor(EventType::Signup,        Category::Location,    75),
    factor(EventType::Signup,        Category::Environment, 125),
    factor(EventType::Payment,       Category::Location,    125),
    factor(EventType::Withdrawal,    Category::Device,      150),
    factor(EventType::Withdrawal,    Category::Location,    150),
    factor(EventType::Withdrawal,    Category::Network,     150),
    factor(EventType::Withdrawal,    Category::Behavior,    150),
    factor(EventType::Withdrawal,    Category::Environment, 150),
    factor(EventType::ProfileUpdate, Category::Location,    75),
    factor(EventType::ProfileUpdate, Category::Behavior,    150),
];

const LOGIN: EventTypes = EventTypes::only(EventType::Login);
const MOVES_MONEY: EventTypes = EventTypes::only(EventType::Payment).and(EventType::Withdrawal);

/// In the contract's order. Histories keep a bit for each by its place: only ever append.
#[rustfmt::skip]
static LABELS: &[ProfileLabel] = &[
    label("FAKE_DEVICE", "Device is an emulator or virtual environment", &[&["EMULATOR_DETECTED"]]),
    label("TAMPERED_DEVICE", "Device has been rooted or jailbroken", &[&["ROOT_JAILBREAK"]]),
    label("LOCATION_SPOOFING", "GPS coordinates appear to be faked", &[&["GPS_IMPOSSIBLE_VELOCITY"]]),
    label("DEVICE_FARM", "Device shows signs of automated farm operation", &[&["BATTERY_ALWAYS_CHARGING", "ZERO_MOVEMENT"]]),
    label("BOT_BEHAVIOR", "Input patterns suggest automated or scripted activity", &[&["TOUCH_TOO_UNIFORM"], &["ABNORMAL_TYPING_SPEED"]]),
    ProfileLabel { applies_to: LOGIN, ..label("CREDENTIAL_STUFFING", "Credentials pasted at login — possible stuffing attack", &[&["COPY_PASTE_DETECTED"]]) },
    ProfileLabel { applies_to: MOVES_MONEY, ..label("SUSPICIOUS_NETWORK", "VPN active during a financial transaction", &[&["VPN_DETECTED"]]) },
    label("IDENTITY_MISMATCH", "Device timezone does not match GPS location", &[&["TIMEZONE_GPS_MISMATCH"]]),
    label("STATIC_DEVICE", "Device location never changes — possible fixed farm", &[&["LOCATION_NEVER_CHANGES"]]),
];

const fn factor(event_type: EventType, category: Category, percent: u16) -> Factor {
    Factor { event_type, category, percent }
}

const fn label(
    code: &'static str,
    description: &'static str,
    any_of: &'static [&'static [&'static str]],
) -> ProfileLabel {
    ProfileLabel { code, description, any_of, applies_to: EventTypes::ALL }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Overrides;
    use portcullis_engine::Plan;

    use super::*;

    const CATEGORIES: [Category; 5] =
        [Category::Device, Category::Location, Category::Network, Category::Behavior, Category::Environment];

    fn percents(event_type: EventType) -> [u16; 5] {
        CATEGORIES.map(|category| {
            let found = FACTORS.iter().find(|row| (row.event_type, row.category) == (event_type, category));
            found.map_or(100, |row| row.percent)
        })
    }

    #[test]
    fn counts_by_event_as_the_contract_says() {
        assert_eq!(percents(EventType::Login), [100, 75, 100, 150, 100]);
        assert_eq!(percents(EventType::Signup), [150, 75, 100, 100, 125]);
        assert_eq!(percents(EventType::Payment), [100, 125, 100, 100, 100]);
        assert_eq!(percents(EventType::Withdrawal), [150; 5]);
        assert_eq!(percents(EventType::ProfileUpdate), [100, 75, 100, 150, 100]);
        assert_eq!(percents(EventType::Visit), [100; 5]);
    }

    #[test]
    fn a_withdrawal_counts_most_of_all() {
        let most = percents(EventType::Withdrawal);
        for event_type in EventType::ALL {
            assert!(percents(event_type).iter().zip(most).all(|(&percent, most)| percent <= most));
        }
    }

    #[test]
    fn compiles_to_the_documented_policy() {
        let policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
        let cuts: Vec<_> = policy.bands.iter().map(|band| band.max).collect();
        assert_eq!(cuts, [Some(20), Some(45), Some(70), None]);
        assert_eq!((policy.rules.len(), policy.labels.len()), (34, 9));
        assert!(Plan::compile(policy).is_ok());
    }
}
