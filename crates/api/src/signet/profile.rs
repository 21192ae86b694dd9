//! The dialect's way of scoring an account: 0 to 100, its levels, and what each signal adds (G3.12).

use portcullis_domain::{Dialect, EventTypes, Limits, Outcome};
use portcullis_engine::{Profile, ProfileBand, ProfileRule, Signal, signals};

/// The code of the row that tells that the account itself is blacklisted.
pub(super) const BLACKLISTED: &str = "USER_BLACKLISTED";
/// The codes of the rows that tell of reports of fraud, whose reasons are told with them.
pub(super) const FRAUD_REPORTED: [&str; 3] = ["FRAUD_LOW", "FRAUD_MEDIUM", "FRAUD_HIGH"];

/// The profile before the installation's and the tenant's overrides.
pub(super) static PROFILE: Profile = Profile {
    dialect: Dialect::Signet,
    bands: &[
        ProfileBand { name: "low", max: Some(30), outcome: Outcome::Allow },
        ProfileBand { name: "medium", max: Some(70), outcome: Outcome::Flag },
        ProfileBand { name: "high", max: None, outcome: Outcome::Challenge },
    ],
    limits: Limits::USUAL,
    max_score: Some(100),
    factors: &[],
    custom_percent: 10,
    labels: &[],
    scale: None,
    monitors: false,
    rules: RULES,
};

/// In the order in which factors are told.
#[rustfmt::skip]
static RULES: &[ProfileRule] = &[
    row(&signals::lists::blocked_user::SIGNAL, BLACKLISTED, "User is blacklisted", 50),
    row(&signals::reports::one::SIGNAL, "USER_REPORTED", "User has been reported", 20),
    row(&signals::reports::several::SIGNAL, "USER_REPORTED_SEVERAL", "User has multiple reports", 35),
    row(&signals::lists::flagged_device::SIGNAL, "DEVICE_FLAGGED", "Device flagged", 25),
    row(&signals::lists::flagged_ip::SIGNAL, "IP_FLAGGED", "IP address flagged", 25),
    row(&signals::reports::fraud_low::SIGNAL, FRAUD_REPORTED[0], "Fraud reported", 15),
    row(&signals::reports::fraud_medium::SIGNAL, FRAUD_REPORTED[1], "Fraud reported", 25),
    row(&signals::reports::fraud_high::SIGNAL, FRAUD_REPORTED[2], "Fraud reported", 35),
    row(&signals::account::flagged::SIGNAL, "USER_FLAGGED", "User flagged", 10),
    row(&signals::location::timezone_mismatch::SIGNAL, "LOCATION_MISMATCH", "Location mismatch", 10),
];

const fn row(signal: &'static Signal, code: &'static str, label: &'static str, points: i32) -> ProfileRule {
    ProfileRule {
        signal,
        code,
        label,
        points,
        applies_to: EventTypes::ALL,
        enabled: true,
        category: None,
        soft: false,
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::facts::{device, ip, lists, user};
    use portcullis_domain::{EventType, Facts, Overrides};
    use portcullis_engine::{Plan, evaluate};

    use super::*;

    fn score(set: impl FnOnce(&mut Facts)) -> (i32, String) {
        let plan = Plan::compile(PROFILE.policy(&Overrides::default(), &Overrides::default())).unwrap();
        let mut facts = Facts::unknown();
        set(&mut facts);
        let assessment = evaluate(&facts, EventType::Visit, &plan);
        (assessment.score, plan.policy().bands[usize::from(assessment.band)].name.clone())
    }

    #[test]
    fn the_sample_of_the_guide_comes_to_85() {
        let sample = score(|facts| {
            facts.set(user::REPORTS, 2);
            facts.set(user::IS_FLAGGED, true);
            facts.set(lists::WATCHED, "device ip");
        });
        assert_eq!(sample, (85, "high".to_owned()));
    }

    #[test]
    fn each_counts_as_the_contract_says() {
        let of = |set: fn(&mut Facts)| score(set).0;
        assert_eq!(of(|_| {}), 0);
        assert_eq!(of(|facts| facts.set(lists::BLOCKED, "user")), 50);
        assert_eq!(of(|facts| facts.set(user::REPORTS, 1)), 20);
        assert_eq!(of(|facts| facts.set(user::REPORTS, 9)), 35);
        assert_eq!(of(|facts| facts.set(lists::WATCHED, "device")), 25);
        assert_eq!(of(|facts| facts.set(lists::BLOCKED, "device")), 25);
        assert_eq!(of(|facts| facts.set(device::REPORTS, 1)), 25);
        assert_eq!(of(|facts| facts.set(lists::WATCHED, "ip")), 25);
        assert_eq!(of(|facts| facts.set(user::FRAUD_PRIORITY, "low")), 15);
        assert_eq!(of(|facts| facts.set(user::FRAUD_PRIORITY, "medium")), 25);
        assert_eq!(of(|facts| facts.set(user::FRAUD_PRIORITY, "high")), 35);
        assert_eq!(of(|facts| facts.set(user::IS_FLAGGED, true)), 10);
        let mismatch = of(|facts| {
            facts.set(device::UTC_OFFSET_MIN, 0);
            facts.set(ip::UTC_OFFSET_MIN, 300);
        });
        assert_eq!(mismatch, 10);
    }

    #[test]
    fn levels_end_at_30_and_70_and_the_score_at_100() {
        let level = |set: fn(&mut Facts)| score(set);
        assert_eq!(level(|facts| facts.set(user::REPORTS, 1)).1, "low");
        assert_eq!(level(|facts| facts.set(user::REPORTS, 2)).1, "medium");
        let most = level(|facts| {
            facts.set(lists::BLOCKED, "user");
            facts.set(lists::WATCHED, "device ip");
            facts.set(user::REPORTS, 2);
            facts.set(user::FRAUD_PRIORITY, "high");
        });
        assert_eq!(most, (100, "high".to_owned()));
    }
}
