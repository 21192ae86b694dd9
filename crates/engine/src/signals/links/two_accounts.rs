//! `links.two_accounts`: two accounts or more on the device.

use portcullis_domain::facts::links;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

const LEAST: i64 = 2;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "links.two_accounts",
    title: "At least two accounts use the device",
    doc: Doc {
        why: "A device linked to several accounts may be shared, or belong to one person with many names.",
        quiet: "Quiet with fewer accounts ever seen on the device. Unknown when nothing was sent from which a device \
                can be told.",
        wrong: "Families, shared computers and kiosks.",
        source: "Together with its neighbors it makes a scale that grows with each account, of which the contract of \
                 fraudshield counts the first three beyond one's own.",
    },
    evaluate: |facts, _: &Limits| Reading::of(facts.get(links::USERS_ON_DEVICE).map(|count| count >= LEAST)),
    explain: |facts: &Facts, _| {
        format!("{} accounts on this device", facts.known(links::USERS_ON_DEVICE).unwrap_or_default())
    },
};

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_from_its_number_on() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(links::USERS_ON_DEVICE, LEAST));
        assert_eq!((reading, said), (Reading::Fired, format!("{LEAST} accounts on this device")));
        assert_eq!(read(&SIGNAL, |facts| facts.set(links::USERS_ON_DEVICE, LEAST + 9)).0, Reading::Fired);
        assert_eq!(read(&SIGNAL, |facts| facts.set(links::USERS_ON_DEVICE, LEAST - 1)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_a_count() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
