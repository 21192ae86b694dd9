//! The dialect's way of scoring: 0 to 1000, its levels, and what each signal adds (G1.8, G1.9, D11).

use portcullis_domain::{Dialect, EventType, EventTypes, Limits, Outcome};
use portcullis_engine::{Profile, ProfileBand, ProfileRule, Signal, signals, trust::Scale};

use crate::fraudshield::level::Level;

/// The profile before the installation's and the tenant's overrides.
pub(crate) static PROFILE: Profile = Profile {
    dialect: Dialect::Fraudshield,
    bands: &[
        ProfileBand { name: "LOW", max: Level::Low.highest(), outcome: Outcome::Allow },
        ProfileBand { name: "MEDIUM", max: Level::Medium.highest(), outcome: Outcome::Challenge },
        ProfileBand { name: "HIGH", max: Level::High.highest(), outcome: Outcome::Review },
        ProfileBand { name: "CRITICAL", max: None, outcome: Outcome::Block },
    ],
    limits: Limits::USUAL,
    max_score: Some(1_000),
    factors: &[],
    custom_percent: 100,
    labels: &[],
    // Half of the scale is as likely fraud as not.
    scale: Some(Scale::new(500, 100)),
    monitors: true,
    rules: RULES,
};

/// The code of the row that tells whether the device's time zone fits the address.
pub(super) const NEW_DEVICE: &str = "NEW_DEVICE";

/// All but an attempt, which velocity rules judge, and rules that the tenant wrote.
const JUDGED: EventTypes = EventTypes::ALL.without(EventType::Attempt);

#[rustfmt::skip]
static RULES: &[ProfileRule] = &[
    row(&signals::network::vpn::SIGNAL, "VPN", "VPN detected", 200),
    row(&signals::ip::listed_proxy::SIGNAL, "PROXY", "Proxy detected", 150),
    row(&signals::ip::tor_exit::SIGNAL, "TOR", "Tor exit detected", 300),
    row(&signals::ip::datacenter::SIGNAL, "DATACENTER", "Address of a hosting provider", 100),
    row(&signals::device::emulator::SIGNAL, "EMULATOR", "Emulator detected", 300),
    row(&signals::device::rooted::SIGNAL, "ROOTED", "Rooted or jailbroken device", 200),
    row(&signals::device::headless::SIGNAL, "BOT", "Bot detected", 300),
    row(&signals::location::timezone_mismatch::SIGNAL, "TIMEZONE_MISMATCH", "Time zone does not match the address", 100),
    row(&signals::links::two_accounts::SIGNAL, "LINKED_ACCOUNTS_2", "A second account on the device", 100),
    row(&signals::links::three_accounts::SIGNAL, "LINKED_ACCOUNTS_3", "A third account on the device", 100),
    row(&signals::links::four_accounts::SIGNAL, "LINKED_ACCOUNTS_4", "A fourth account on the device", 100),
    row(&signals::device::new::SIGNAL, NEW_DEVICE, "New device", 50),
    row(&signals::device::known::SIGNAL, "KNOWN_DEVICE", "Known device", -50),
    row(&signals::velocity::exceeded::SIGNAL, "VELOCITY_EXCEEDED", "More attempts than a rule allows", 200),
    row(&signals::duplicates::document::SIGNAL, "DUPLICATE_DOCUMENT", "Another account used the document", 400),
    row(&signals::duplicates::face::SIGNAL, "DUPLICATE_FACE", "Another account used the picture", 400),
    soft(&signals::labels::confirmed_fraud::SIGNAL, "CONFIRMED_FRAUD", "Confirmed fraud of the account or device", 150),
    soft(&signals::labels::cleared::SIGNAL, "CLEARED", "Dismissed suspicion of the account or device", -100),
    ProfileRule { applies_to: EventTypes::ALL, ..row(&signals::lists::blocked::SIGNAL, "BLOCKLISTED", "On the block list", 1_000) },
    row(&signals::lists::watched::SIGNAL, "WATCHLISTED", "On the watch list", 100),
    row(&signals::lists::allowed::SIGNAL, "ALLOWLISTED", "On the allow list", -1_000),
];

const fn row(signal: &'static Signal, code: &'static str, label: &'static str, points: i32) -> ProfileRule {
    ProfileRule {
        signal,
        code,
        label,
        points,
        applies_to: JUDGED,
        enabled: true,
        category: None,
        soft: false,
    }
}

/// A row that tells of labels: its points are part of what was learned.
const fn soft(signal: &'static Signal, code: &'static str, label: &'static str, points: i32) -> ProfileRule {
    ProfileRule { soft: true, ..row(signal, code, label, points) }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::facts::{device, ip, links, lists};
    use portcullis_domain::{Facts, Overrides};
    use portcullis_engine::{Plan, evaluate};

    use super::*;

    fn score(set: impl FnOnce(&mut Facts)) -> (i32, Outcome) {
        let plan = Plan::compile(PROFILE.policy(&Overrides::default(), &Overrides::default())).unwrap();
        let mut facts = Facts::unknown();
        set(&mut facts);
        let assessment = evaluate(&facts, EventType::DeviceRegistration, &plan);
        (assessment.score, assessment.outcome)
    }

    #[test]
    fn the_sample_of_the_guide_comes_to_250() {
        let sample = score(|facts| {
            facts.set(ip::IS_VPN, true);
            facts.set(links::USERS_ON_DEVICE, 2);
            facts.set(device::IS_NEW, false);
        });
        assert_eq!(sample, (250, Outcome::Challenge));
    }

    #[test]
    fn accounts_beyond_the_first_add_a_hundred_each_up_to_three() {
        for (accounts, expected) in [(1, 50), (2, 150), (3, 250), (4, 350), (5, 350), (1_000, 350)] {
            let (score, _) = score(|facts| {
                facts.set(device::IS_NEW, true);
                facts.set(links::USERS_ON_DEVICE, accounts);
            });
            assert_eq!(score, expected, "{accounts}");
        }
    }

    #[test]
    fn every_address_counts_as_the_contract_says() {
        for (key, points) in
            [(ip::IS_VPN, 200), (ip::IS_PROXY, 150), (ip::IS_TOR, 300), (ip::IS_DATACENTER, 100)]
        {
            assert_eq!(score(|facts| facts.set(key, true)).0, points);
        }
        assert_eq!(score(|facts| facts.set(device::IS_EMULATOR, true)).0, 300);
        assert_eq!(score(|facts| facts.set(device::IS_BOT_AGENT, true)).0, 300);
    }

    #[test]
    fn the_score_ends_at_0_and_1000() {
        let (least, _) = score(|facts| facts.set(device::IS_NEW, false));
        let most = score(|facts| {
            facts.set(lists::BLOCKED, "device");
            facts.set(ip::IS_TOR, true);
        });
        assert_eq!((least, most), (0, (1_000, Outcome::Block)));
    }
}
