//! The dialect's way of scoring: the built-in rules, what each asks for, and the points that trust is computed from
//! (G2.13 to G2.15).

use portcullis_domain::{Dialect, EventTypes, Limits, Outcome};
use portcullis_engine::{Profile, ProfileBand, ProfileRule, Signal, signals, trust::Scale};

/// What a built-in rule asks for, mildest first.
pub(crate) const OUTCOMES: [&str; 3] = [ALLOW, WARN, DENY];
pub(crate) const ALLOW: &str = "allow";
pub(crate) const WARN: &str = "warn";
pub(crate) const DENY: &str = "deny";

/// How strong a rule is unless somebody says otherwise.
pub(crate) const USUAL_STRENGTH: i32 = 1;

/// At 80 points an event is as likely fraud as not; two signals of shared accounts are beyond that, and none is far below.
pub(super) const SCALE: Scale = Scale::new(80, 20);

/// The profile before a service's settings.
pub(crate) static PROFILE: Profile = Profile {
    dialect: Dialect::Keyri,
    bands: &[
        ProfileBand { name: ALLOW, max: Some(40), outcome: Outcome::Allow },
        ProfileBand { name: WARN, max: Some(80), outcome: Outcome::Challenge },
        ProfileBand { name: DENY, max: None, outcome: Outcome::Block },
    ],
    limits: Limits { accounts_per_device: 3, ..Limits::USUAL },
    max_score: None,
    factors: &[],
    custom_percent: 10,
    labels: &[],
    scale: Some(SCALE),
    monitors: false,
    rules: RULES,
};

/// A built-in rule beside its points.
#[derive(Debug)]
pub(crate) struct BuiltIn {
    /// The rule's code, which is also its signal in answers.
    pub(crate) code: &'static str,
    /// What it asks for unless the service says otherwise.
    pub(crate) outcome: &'static str,
    /// Whether a client may say that it fired.
    is_for_clients: bool,
}

/// In the order in which they are listed. What the contract leaves open only warns, but for what is sure.
#[rustfmt::skip]
pub(crate) static BUILT_IN: &[BuiltIn] = &[
    server("multiple_account_signups_per_device", DENY),
    server("multiple_account_access_per_device", DENY),
    server("max_events_per_timeframe", WARN),
    server("new_device", WARN),
    client("vpn_proxy", WARN),
    server("tor", DENY),
    server("suspicious_ip", WARN),
    server("improbable_travel", WARN),
    server("new_ip_country", WARN),
    client("bot_detection", DENY),
    client("headless_browser", DENY),
    client("emulator_detection", WARN),
    client("jailbroken_rooted", WARN),
    client("swizzling_detected", WARN),
    client("tampering_detected", WARN),
    client("debuggable", WARN),
    client("dangerous_apps", WARN),
    client("malicious_packages", WARN),
    server("blocked_device", DENY),
    server("blocked_email", DENY),
    server(REPLAYED, WARN),
];

/// The signal of an envelope that was sent before or is old.
pub(super) const REPLAYED: &str = "replayed_payload";
/// What is on the block list and neither device nor e-mail address; no setting of a service weakens it.
pub(super) const BLOCKLISTED: &str = "blocklisted";
/// Speaks for the user, and so is no signal.
pub(super) const KNOWN_DEVICE: &str = "known_device";

const fn server(code: &'static str, outcome: &'static str) -> BuiltIn {
    BuiltIn { code, outcome, is_for_clients: false }
}

const fn client(code: &'static str, outcome: &'static str) -> BuiltIn {
    BuiltIn { code, outcome, is_for_clients: true }
}

#[rustfmt::skip]
static RULES: &[ProfileRule] = &[
    row(&signals::links::signups_on_device::SIGNAL, "multiple_account_signups_per_device", "Registrations per device", 60),
    row(&signals::links::device_reused::SIGNAL, "multiple_account_access_per_device", "Accounts per device", 60),
    row(&signals::velocity::burst::SIGNAL, "max_events_per_timeframe", "Events within 10 seconds", 20),
    row(&signals::account::new_device::SIGNAL, "new_device", "New device of the account", 10),
    row(&signals::network::vpn_or_proxy::SIGNAL, "vpn_proxy", "VPN or proxy", 20),
    row(&signals::ip::tor_exit::SIGNAL, "tor", "Tor", 60),
    row(&signals::ip::suspicious::SIGNAL, "suspicious_ip", "Suspicious address", 25),
    row(&signals::location::improbable_travel::SIGNAL, "improbable_travel", "Improbable travel", 40),
    row(&signals::account::new_country::SIGNAL, "new_ip_country", "New country of the account", 15),
    row(&signals::device::bot_agent::SIGNAL, "bot_detection", "Bot", 70),
    row(&signals::device::headless::SIGNAL, "headless_browser", "Automated browser", 60),
    row(&signals::device::emulator::SIGNAL, "emulator_detection", "Emulator", 40),
    row(&signals::device::rooted::SIGNAL, "jailbroken_rooted", "Rooted or jailbroken device", 30),
    row(&signals::device::hook_tool::SIGNAL, "swizzling_detected", "Hooking tool", 40),
    row(&signals::device::app_tampered::SIGNAL, "tampering_detected", "Tampered app", 50),
    row(&signals::device::debuggable::SIGNAL, "debuggable", "App that can be debugged", 15),
    row(&signals::device::dangerous_apps::SIGNAL, "dangerous_apps", "Dangerous apps", 20),
    row(&signals::device::malicious_packages::SIGNAL, "malicious_packages", "Malicious packages", 40),
    row(&signals::lists::blocked_device::SIGNAL, "blocked_device", "Blocked device", 100),
    row(&signals::lists::blocked_email::SIGNAL, "blocked_email", "Blocked e-mail address", 100),
    row(&signals::client::replayed::SIGNAL, REPLAYED, "Envelope that was sent before or is old", 70),
    row(&signals::lists::blocked::SIGNAL, BLOCKLISTED, "On the block list", 100),
    row(&signals::lists::watched::SIGNAL, "watchlisted", "On the watch list", 20),
    row(&signals::account::known_device::SIGNAL, KNOWN_DEVICE, "Known device of the account", -20),
    soft(&signals::labels::confirmed_fraud::SIGNAL, "confirmed_fraud", "Confirmed fraud of the account or device", 40),
    soft(&signals::labels::cleared::SIGNAL, "cleared", "Dismissed suspicion of the account or device", -20),
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

/// A row that tells of labels: its points are part of what was learned.
const fn soft(signal: &'static Signal, code: &'static str, label: &'static str, points: i32) -> ProfileRule {
    ProfileRule { soft: true, ..row(signal, code, label, points) }
}

/// The built-in rule with this code.
pub(crate) fn built_in(code: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|rule| rule.code == code)
}

/// Our code of what a client says fired, when that is for it to say.
pub(super) fn signal_of(name: &str) -> Option<&'static str> {
    let rule = built_in(name.trim()).filter(|rule| rule.is_for_clients)?;
    PROFILE.rule(rule.code).map(|row| row.signal.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_has_points_and_an_outcome() {
        for rule in BUILT_IN {
            assert!(PROFILE.rule(rule.code).is_some_and(|row| row.points > 0), "{}", rule.code);
            assert!(OUTCOMES.contains(&rule.outcome), "{}", rule.code);
        }
    }
}
