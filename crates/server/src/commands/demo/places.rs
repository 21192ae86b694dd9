//! Where traffic comes from: networks of large providers, of which the shipped tables know the country and whether they
//! host servers. No address stands for a person: each is drawn from its network.

use super::dice::Dice;

/// A network of 65,536 IPv4 addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Network {
    /// Its first two bytes.
    pub(super) prefix: [u8; 2],
    /// Where its addresses are.
    pub(super) home: &'static Home,
}

/// A place where people live.
#[derive(Debug)]
pub(super) struct Home {
    /// ISO 3166-1 alpha-2; only the tests look at it.
    #[cfg_attr(not(test), allow(dead_code, reason = "the tables are held against it"))]
    pub(super) country: &'static str,
    pub(super) timezone: &'static str,
    pub(super) language: &'static str,
    /// A large city's degrees north and east.
    pub(super) city: (f64, f64),
}

static GERMANY: Home =
    Home { country: "DE", timezone: "Europe/Berlin", language: "de-DE", city: (52.52, 13.40) };
static FRANCE: Home =
    Home { country: "FR", timezone: "Europe/Paris", language: "fr-FR", city: (48.86, 2.35) };
static BRITAIN: Home =
    Home { country: "GB", timezone: "Europe/London", language: "en-GB", city: (51.51, -0.13) };
static MOROCCO: Home =
    Home { country: "MA", timezone: "Africa/Casablanca", language: "fr-MA", city: (33.57, -7.59) };

/// Lines to homes.
pub(super) static LINES: [Network; 8] = [
    network([84, 160], &GERMANY),
    network([91, 32], &GERMANY),
    network([79, 200], &GERMANY),
    network([90, 8], &FRANCE),
    network([86, 200], &FRANCE),
    network([86, 140], &BRITAIN),
    network([81, 140], &BRITAIN),
    network([105, 150], &MOROCCO),
];

/// Carriers, one for each home: many phones share one address.
pub(super) static CARRIERS: [Network; 4] = [
    network([80, 187], &GERMANY),
    network([92, 184], &FRANCE),
    network([31, 90], &BRITAIN),
    network([105, 158], &MOROCCO),
];

/// Hosting providers.
pub(super) static HOSTS: [[u8; 2]; 2] = [[167, 99], [95, 216]];

const fn network(prefix: [u8; 2], home: &'static Home) -> Network {
    Network { prefix, home }
}

/// An address of a network.
pub(super) fn address([a, b]: [u8; 2], dice: &mut Dice) -> String {
    format!("{a}.{b}.{}.{}", dice.below(250), 1 + dice.below(250))
}

/// The carrier of a home, and one of its 60 addresses.
pub(super) fn carrier_address(home: &Home, dice: &mut Dice) -> String {
    let carrier = CARRIERS.iter().find(|carrier| carrier.home.timezone == home.timezone);
    let [a, b] = carrier.map_or(CARRIERS[0].prefix, |carrier| carrier.prefix);
    format!("{a}.{b}.{}.{}", dice.below(3), 1 + dice.below(20))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Fact;
    use portcullis_intel::{Intel, Sources};

    use super::*;

    #[test]
    fn the_shipped_tables_place_every_network_where_it_should_be() {
        let intel = Intel::load(&Sources::default()).unwrap();
        for network in LINES.iter().chain(&CARRIERS) {
            for rest in [[0, 1], [120, 7], [249, 250]] {
                let [a, b] = network.prefix;
                let known = intel.ip([a, b, rest[0], rest[1]].into());
                assert_eq!(
                    known.country_code.clone().known().as_deref(),
                    Some(network.home.country),
                    "{a}.{b}"
                );
                assert_ne!(known.is_datacenter, Fact::Known(true), "{a}.{b}");
            }
        }
        for [a, b] in HOSTS {
            assert_eq!(intel.ip([a, b, 120, 7].into()).is_datacenter, Fact::Known(true), "{a}.{b}");
        }
    }
}
