//! From points to a score, and from a score to its band.

use portcullis_domain::Outcome;
use portcullis_domain::policy::Band;

/// The score that these points make: open upward, never below zero.
pub(crate) fn from_points(points: i64) -> i32 {
    i32::try_from(points.max(0)).unwrap_or(i32::MAX)
}

/// The first band whose upper end is not below the score, and what it says to do.
///
/// [`Plan::compile`](crate::Plan::compile) refuses bands without an open one; should none fit all the same, the
/// answer is the strictest outcome.
pub(crate) fn band(bands: &[Band], score: i32) -> (u8, Outcome) {
    let fits = |band: &&Band| band.max.is_none_or(|max| score <= max);
    match (0..).zip(bands).find(|(_, band)| fits(band)) {
        Some((index, band)) => (index, band.outcome),
        None => (u8::try_from(bands.len()).unwrap_or(u8::MAX), Outcome::Block),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_and_saturates() {
        assert_eq!(from_points(-5), 0);
        assert_eq!(from_points(250), 250);
        assert_eq!(from_points(i64::MAX), i32::MAX);
    }

    #[test]
    fn the_last_band_is_open() {
        let band_of = |name: &str, max, outcome| Band { name: name.to_owned(), max, outcome };
        let bands = [band_of("low", Some(10), Outcome::Allow), band_of("high", None, Outcome::Review)];
        assert_eq!(band(&bands, 10), (0, Outcome::Allow));
        assert_eq!(band(&bands, 11), (1, Outcome::Review));
        assert_eq!(band(&bands, i32::MAX), (1, Outcome::Review));
        assert_eq!(band(&bands[..1], 11), (1, Outcome::Block));
    }
}
