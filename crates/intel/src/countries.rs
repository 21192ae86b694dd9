//! Countries: codes, English names, continents, and the time zone of those that have just one.

use std::sync::LazyLock;

static TABLE: &str = include_str!("../../../data/countries.tsv");
static OTHER_NAMES: &str = include_str!("../../../data/country-names.tsv");

/// A country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Country {
    /// ISO 3166-1 alpha-2.
    pub(crate) code: &'static str,
    /// Its usual English name.
    pub(crate) name: &'static str,
    /// Its time zone, if it has exactly one.
    pub(crate) zone: Option<&'static str>,
    /// AF, AN, AS, EU, NA, OC or SA.
    pub(crate) continent: Option<&'static str>,
}

/// In the order of their codes.
static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| TABLE.lines().filter_map(parse).collect());

fn parse(line: &'static str) -> Option<Country> {
    let mut columns = line.split('\t');
    let (code, name) = (columns.next()?, columns.next()?);
    let mut filled = || columns.next().filter(|text| !text.is_empty());
    Some(Country { code, name, zone: filled(), continent: filled() })
}

/// The country with this code, in any case.
pub(crate) fn find(code: &str) -> Option<Country> {
    let [first, second] = *code.as_bytes() else { return None };
    let code = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
    let index = COUNTRIES.binary_search_by(|country| country.code.as_bytes().cmp(&code[..])).ok()?;
    Some(COUNTRIES[index])
}

/// The country with this English name, in any case.
pub(crate) fn find_by_name(name: &str) -> Option<Country> {
    COUNTRIES.iter().find(|country| country.name.eq_ignore_ascii_case(name)).copied()
}

/// What else a country is called than its usual name: its code of three letters (ISO 3166-1 alpha-3) and other English
/// names, such as `USA` and `United States of America`. `code` has two letters, in any case; nothing for one that no
/// country has.
pub fn other_names(code: &str) -> impl Iterator<Item = &'static str> + use<> {
    let line = find(code).and_then(|country| OTHER_NAMES.lines().find(|line| line.starts_with(country.code)));
    line.into_iter().flat_map(|line| line.split('\t').skip(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_names_and_single_zones() {
        let germany = find("DE").unwrap();
        assert_eq!((germany.name, germany.zone), ("Germany", None));
        let egypt = find("eg").unwrap();
        assert_eq!((egypt.code, egypt.name, egypt.zone), ("EG", "Egypt", Some("Africa/Cairo")));
        assert_eq!(find("GB").unwrap().name, "United Kingdom");
        assert_eq!(find("XK").unwrap().name, "Kosovo");
        assert_eq!(find_by_name("south korea").unwrap().code, "KR");
    }

    #[test]
    fn every_country_is_on_a_continent() {
        for country in COUNTRIES.iter() {
            let continent = country.continent.unwrap();
            assert!(["AF", "AN", "AS", "EU", "NA", "OC", "SA"].contains(&continent), "{}", country.code);
        }
        for (code, continent) in
            [("US", "NA"), ("PA", "NA"), ("CO", "SA"), ("EG", "AF"), ("AQ", "AN"), ("XK", "EU")]
        {
            assert_eq!(find(code).unwrap().continent, Some(continent), "{code}");
        }
    }

    #[test]
    fn knows_no_others() {
        for code in ["", "D", "ZZ", "EU", "DEU", "ü"] {
            assert_eq!(find(code), None, "{code}");
        }
    }

    #[test]
    fn knows_other_names_of_every_country() {
        let names = |code| other_names(code).collect::<Vec<_>>();
        assert_eq!(names("us"), ["USA", "United States of America", "America"]);
        assert_eq!(names("FR"), ["FRA"]);
        assert!(names("ZZ").is_empty() && names("U").is_empty());
        for country in COUNTRIES.iter() {
            let names = names(country.code);
            assert!(names.first().is_some_and(|code| code.len() == 3), "{}", country.code);
            assert!(!names.contains(&country.name), "{}", country.code);
        }
    }

    #[test]
    fn is_in_order_and_complete() {
        assert_eq!(COUNTRIES.len(), 250);
        assert!(COUNTRIES.is_sorted_by(|a, b| a.code < b.code));
    }
}
