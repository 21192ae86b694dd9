//! Signals: the shipped checks over facts, one file each, and the list of them.
//!
//! To add one: its file `<family>/<name>.rs`, a `mod` line and a line in [`ALL`] here, a row in the profile of every
//! dialect that speaks of it, and its fact if that is new.

use portcullis_domain::{Fact, Facts, Limits, Missing};

mod clue;

pub(crate) use clue::Clue;

/// What the account did before.
pub mod account {
    pub mod flagged;
    pub mod known_device;
    pub mod new_country;
    pub mod new_device;
}
/// How the form was filled in.
pub mod behavior {
    pub mod clipboard_used;
    pub mod clock_tampered;
    pub mod fast_completion;
    pub mod fast_typing;
    pub mod no_interaction;
    pub mod robotic_mouse;
    pub mod uniform_touch;
}
/// What the client sealed.
pub mod client {
    pub mod replayed;
}
/// What the device says of itself.
pub mod device {
    pub mod always_charging;
    pub mod always_portrait;
    pub mod app_tampered;
    pub mod bot_agent;
    pub mod cloud_phone;
    pub mod dangerous_apps;
    pub mod debuggable;
    pub mod emulator;
    pub mod has_sim;
    pub mod headless;
    pub mod hook_tool;
    pub mod inconsistent;
    pub mod known;
    pub mod malicious_packages;
    pub mod max_brightness;
    pub mod missing_signals;
    pub mod natural_movement;
    pub mod new;
    pub mod no_movement;
    pub mod no_sim;
    pub mod normal_battery;
    pub mod normal_uptime;
    pub mod rooted;
    pub mod screen_shared;
    pub mod short_uptime;
    pub mod software_renderer;
    pub mod suspected_reset;
    mod uptime;
}
/// Identity documents and pictures that were seen before.
pub mod duplicates {
    pub mod document;
    pub mod face;
}
/// The e-mail address.
pub mod email {
    pub mod alias_reused;
    pub mod disposable;
}
/// The network address.
pub mod ip {
    pub mod datacenter;
    pub mod high_risk_asn;
    pub mod listed_proxy;
    pub mod proxy;
    pub mod suspicious;
    pub mod tor_exit;
}
/// What people decided of the account and its device.
pub mod labels {
    pub mod cleared;
    pub mod confirmed_fraud;

    use portcullis_domain::facts::user;
    use portcullis_domain::{Fact, Facts};

    /// How much was confirmed as fraud, and how much dismissed; one that is not known is none when the other is.
    fn counts(facts: &Facts) -> Fact<(i64, i64)> {
        match (facts.get(user::FRAUD_LABELS), facts.get(user::CLEARED_LABELS)) {
            (Fact::Missing(reason), Fact::Missing(_)) => Fact::Missing(reason),
            (fraud, cleared) => Fact::Known((fraud.known().unwrap_or(0), cleared.known().unwrap_or(0))),
        }
    }
}
/// Accounts that share a thing.
pub mod links {
    mod accounts;
    pub mod device_reused;
    pub mod four_accounts;
    pub mod ip_reused;
    pub mod signups_on_device;
    pub mod three_accounts;
    pub mod two_accounts;
}
/// The tenant's own lists.
pub mod lists {
    pub mod allowed;
    pub mod blocked;
    pub mod blocked_device;
    pub mod blocked_email;
    pub mod blocked_user;
    pub mod flagged_device;
    pub mod flagged_ip;
    pub mod watched;

    use portcullis_domain::facts::lists;
    use portcullis_domain::{Fact, Facts};

    /// Whether something of this kind is on the block or the watch list.
    fn is_listed(facts: &Facts, kind: &str) -> Fact<bool> {
        match (facts.get(lists::BLOCKED), facts.get(lists::WATCHED)) {
            (Fact::Missing(reason), Fact::Missing(_)) => Fact::Missing(reason),
            (blocked, watched) => Fact::Known(
                [blocked, watched].into_iter().filter_map(Fact::known).any(|kinds| names(kinds, kind)),
            ),
        }
    }

    /// Whether one of these words is `kind`.
    fn names(kinds: &str, kind: &str) -> bool {
        kinds.split_whitespace().any(|word| word == kind)
    }
}
/// Where the person is.
pub mod location {
    pub mod gps_timezone_mismatch;
    pub mod gps_velocity;
    pub mod impossible_travel;
    pub mod improbable_travel;
    pub mod ip_far_from_gps;
    pub mod never_changes;
    pub mod realistic;
    pub mod timezone_mismatch;
    mod travel;
}
/// How the device is connected.
pub mod network {
    pub mod hyper_switching;
    pub mod vpn;
    pub mod vpn_or_proxy;
}
/// What people reported of the account.
pub mod reports {
    mod fraud;
    pub mod fraud_high;
    pub mod fraud_low;
    pub mod fraud_medium;
    pub mod one;
    pub mod several;
}
/// When and how often a session is sent.
pub mod session {
    pub mod odd_hour;
    pub mod replayed;
}
/// How much happens in how little time.
pub mod velocity {
    pub mod burst;
    pub mod exceeded;
    pub mod login_spray;
    pub mod signups_per_device;
    pub mod signups_per_ip;
}

/// A shipped check over facts.
#[derive(Debug)]
pub struct Signal {
    /// `family.name`; permanent, because stored policies name it.
    pub code: &'static str,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// What a person who tunes or reads scores should know.
    pub doc: Doc,
    /// Whether it fires.
    pub evaluate: fn(&Facts, &Limits) -> Reading,
    /// What was seen, in one short sentence with the observed values and the limit, without personal data. Means
    /// something only for facts by which the signal fires.
    pub explain: fn(&Facts, &Limits) -> String,
}

/// A signal's documentation.
#[derive(Debug)]
pub struct Doc {
    /// Why it matters.
    pub why: &'static str,
    /// When it is quiet, and when it can not tell.
    pub quiet: &'static str,
    /// When it is known to be wrong.
    pub wrong: &'static str,
    /// Where its thresholds come from.
    pub source: &'static str,
}

/// What a signal makes of the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is so.
    Fired,
    /// It is not so.
    Quiet,
    /// What it needs to know is missing, for this reason.
    Unknown(Missing),
}

impl Reading {
    /// Fired or quiet by a fact, unknown without it.
    pub fn of(fact: Fact<bool>) -> Self {
        match fact {
            Fact::Known(true) => Self::Fired,
            Fact::Known(false) => Self::Quiet,
            Fact::Missing(reason) => Self::Unknown(reason),
        }
    }
}

/// Every signal, by code.
pub static ALL: &[&Signal] = &[
    &account::flagged::SIGNAL,
    &account::known_device::SIGNAL,
    &account::new_country::SIGNAL,
    &account::new_device::SIGNAL,
    &behavior::clipboard_used::SIGNAL,
    &behavior::clock_tampered::SIGNAL,
    &behavior::fast_completion::SIGNAL,
    &behavior::fast_typing::SIGNAL,
    &behavior::no_interaction::SIGNAL,
    &behavior::robotic_mouse::SIGNAL,
    &behavior::uniform_touch::SIGNAL,
    &client::replayed::SIGNAL,
    &device::always_charging::SIGNAL,
    &device::always_portrait::SIGNAL,
    &device::app_tampered::SIGNAL,
    &device::bot_agent::SIGNAL,
    &device::cloud_phone::SIGNAL,
    &device::dangerous_apps::SIGNAL,
    &device::debuggable::SIGNAL,
    &device::emulator::SIGNAL,
    &device::has_sim::SIGNAL,
    &device::headless::SIGNAL,
    &device::hook_tool::SIGNAL,
    &device::inconsistent::SIGNAL,
    &device::known::SIGNAL,
    &device::malicious_packages::SIGNAL,
    &device::max_brightness::SIGNAL,
    &device::missing_signals::SIGNAL,
    &device::natural_movement::SIGNAL,
    &device::new::SIGNAL,
    &device::no_movement::SIGNAL,
    &device::no_sim::SIGNAL,
    &device::normal_battery::SIGNAL,
    &device::normal_uptime::SIGNAL,
    &device::rooted::SIGNAL,
    &device::screen_shared::SIGNAL,
    &device::short_uptime::SIGNAL,
    &device::software_renderer::SIGNAL,
    &device::suspected_reset::SIGNAL,
    &duplicates::document::SIGNAL,
    &duplicates::face::SIGNAL,
    &email::alias_reused::SIGNAL,
    &email::disposable::SIGNAL,
    &ip::datacenter::SIGNAL,
    &ip::high_risk_asn::SIGNAL,
    &ip::listed_proxy::SIGNAL,
    &ip::proxy::SIGNAL,
    &ip::suspicious::SIGNAL,
    &ip::tor_exit::SIGNAL,
    &labels::cleared::SIGNAL,
    &labels::confirmed_fraud::SIGNAL,
    &links::device_reused::SIGNAL,
    &links::four_accounts::SIGNAL,
    &links::ip_reused::SIGNAL,
    &links::signups_on_device::SIGNAL,
    &links::three_accounts::SIGNAL,
    &links::two_accounts::SIGNAL,
    &lists::allowed::SIGNAL,
    &lists::blocked::SIGNAL,
    &lists::blocked_device::SIGNAL,
    &lists::blocked_email::SIGNAL,
    &lists::blocked_user::SIGNAL,
    &lists::flagged_device::SIGNAL,
    &lists::flagged_ip::SIGNAL,
    &lists::watched::SIGNAL,
    &location::gps_timezone_mismatch::SIGNAL,
    &location::gps_velocity::SIGNAL,
    &location::impossible_travel::SIGNAL,
    &location::improbable_travel::SIGNAL,
    &location::ip_far_from_gps::SIGNAL,
    &location::never_changes::SIGNAL,
    &location::realistic::SIGNAL,
    &location::timezone_mismatch::SIGNAL,
    &network::hyper_switching::SIGNAL,
    &network::vpn::SIGNAL,
    &network::vpn_or_proxy::SIGNAL,
    &reports::fraud_high::SIGNAL,
    &reports::fraud_low::SIGNAL,
    &reports::fraud_medium::SIGNAL,
    &reports::one::SIGNAL,
    &reports::several::SIGNAL,
    &session::odd_hour::SIGNAL,
    &session::replayed::SIGNAL,
    &velocity::burst::SIGNAL,
    &velocity::exceeded::SIGNAL,
    &velocity::login_spray::SIGNAL,
    &velocity::signups_per_device::SIGNAL,
    &velocity::signups_per_ip::SIGNAL,
];

/// The signal with this code.
pub fn find(code: &str) -> Option<&'static Signal> {
    ALL.iter().copied().find(|signal| signal.code == code)
}

/// A measure in as many digits as a person reads: three decimals, and no more than a billion.
pub(crate) fn rounded(measure: f64) -> f64 {
    const MOST: f64 = 1e9;
    (measure.clamp(-MOST, MOST) * 1_000.0).round() / 1_000.0 + 0.0
}

/// What a signal reads, and says if it fires, when `set` is all that is known and the limits are the usual ones.
#[cfg(test)]
pub(crate) fn read(signal: &Signal, set: impl FnOnce(&mut Facts)) -> (Reading, String) {
    let mut facts = Facts::unknown();
    set(&mut facts);
    let limits = Limits::default();
    let reading = (signal.evaluate)(&facts, &limits);
    let said = if reading == Reading::Fired { (signal.explain)(&facts, &limits) } else { String::new() };
    (reading, said)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use portcullis_domain::facts::{behavior, device};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{FLOATS, any_facts};

    /// The signals whose very point is that something was not sent.
    const FIRE_WHEN_NOTHING_IS_SENT: [&str; 1] = ["device.missing_signals"];

    /// The signals whose very point is that a measure is impossible.
    const FIRE_ON_NONSENSE: [&str; 1] = ["device.inconsistent"];

    /// What some signals share, beside them in their folders.
    const SHARED: [&str; 4] = ["device.uptime", "links.accounts", "location.travel", "reports.fraud"];

    /// The files of signals by code, from the folders beside this file.
    fn files() -> BTreeMap<String, PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/signals");
        let list =
            |folder: &Path| folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        let families = list(&root).into_iter().filter(|path| path.is_dir());
        let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
        families
            .flat_map(|family| list(&family).into_iter().map(move |file| (family.clone(), file)))
            .map(|(family, file)| (format!("{}.{}", stem(&family), stem(&file)), file))
            .filter(|(code, _)| !SHARED.contains(&code.as_str()))
            .collect()
    }

    #[test]
    fn codes_are_the_paths_of_the_files_and_in_order() {
        let listed: Vec<_> = ALL.iter().map(|signal| signal.code.to_owned()).collect();
        assert_eq!(listed, files().into_keys().collect::<Vec<_>>());
        for (code, file) in files() {
            let text = std::fs::read_to_string(file).unwrap();
            assert!(text.contains(&format!("code: \"{code}\"")), "{code} has another code in its file");
            assert!(text.starts_with("//! "), "{code}");
        }
    }

    #[test]
    fn every_signal_is_documented() {
        for signal in ALL {
            assert!(!signal.title.is_empty() && !signal.title.ends_with('.'), "{}", signal.code);
            let Doc { why, quiet, wrong, source } = signal.doc;
            for text in [why, quiet, wrong, source] {
                assert!(
                    text.len() > 20 && text.ends_with('.') && !text.contains("  "),
                    "{}: {text}",
                    signal.code
                );
            }
        }
    }

    #[test]
    fn finds_by_code() {
        assert!(ALL.iter().all(|signal| find(signal.code).is_some_and(|found| found.code == signal.code)));
        assert!(find("ip.haunted").is_none());
    }

    #[test]
    fn knowing_nothing_fires_nothing() {
        for signal in ALL {
            let (reading, _) = read(signal, |_| {});
            assert_eq!(reading, Reading::Unknown(Missing::NotSent), "{}", signal.code);
        }
    }

    #[test]
    fn only_absence_itself_fires_when_nothing_is_sent() {
        for signal in ALL {
            let (reading, _) = read(signal, |facts| {
                facts.set(device::IS_SENT, false);
                facts.set(behavior::IS_SENT, false);
            });
            let fires = FIRE_WHEN_NOTHING_IS_SENT.contains(&signal.code);
            assert_eq!(reading == Reading::Fired, fires, "{}", signal.code);
        }
    }

    #[test]
    fn what_is_no_number_fires_nothing() {
        for signal in ALL {
            let (reading, _) = read(signal, |facts| FLOATS.iter().for_each(|&key| facts.set(key, f64::NAN)));
            let fires = FIRE_ON_NONSENSE.contains(&signal.code);
            assert_eq!(reading == Reading::Fired, fires, "{}", signal.code);
        }
    }

    #[test]
    fn rounds_to_what_a_person_reads() {
        let said: Vec<_> = [0.951_49, 240.0, -0.000_1, 1e300].map(|x| rounded(x).to_string()).into();
        assert_eq!(said, ["0.951", "240", "0", "1000000000"]);
    }

    proptest! {
        #[test]
        fn explanations_are_one_short_sentence(facts in any_facts()) {
            let limits = Limits::default();
            for signal in ALL {
                if (signal.evaluate)(&facts, &limits) == Reading::Fired {
                    let said = (signal.explain)(&facts, &limits);
                    prop_assert!((8..=120).contains(&said.len()), "{}: {said}", signal.code);
                    prop_assert!(!said.ends_with('.') && !said.contains('\n'), "{}: {said}", signal.code);
                }
            }
        }
    }
}
