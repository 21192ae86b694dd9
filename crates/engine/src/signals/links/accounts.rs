//! How many accounts use the device: what the signals of the scale share.

use portcullis_domain::{Facts, facts::links};

use crate::signals::Reading;

pub(super) fn at_least(least: i64, facts: &Facts) -> Reading {
    Reading::of(facts.get(links::USERS_ON_DEVICE).map(|count| count >= least))
}

pub(super) fn told(facts: &Facts) -> String {
    format!("{} accounts on this device", facts.known(links::USERS_ON_DEVICE).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::{
        links::{four_accounts, three_accounts, two_accounts},
        read,
    };

    #[test]
    fn each_fires_from_its_number_on() {
        let scale = [(2, &two_accounts::SIGNAL), (3, &three_accounts::SIGNAL), (4, &four_accounts::SIGNAL)];
        for (least, signal) in scale {
            let of = |count: i64| read(signal, |facts| facts.set(links::USERS_ON_DEVICE, count));
            assert_eq!(of(least), (Reading::Fired, format!("{least} accounts on this device")));
            assert_eq!(of(least + 9).0, Reading::Fired, "{}", signal.code);
            assert_eq!(of(least - 1).0, Reading::Quiet, "{}", signal.code);
            assert_eq!(read(signal, |_| {}).0, Reading::Unknown(Missing::NotSent), "{}", signal.code);
        }
    }
}
