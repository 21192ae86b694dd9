//! From points to a score, and from a score to its band.

use portcullis_domain::Outcome;
use portcullis_domain::policy::Band;

/// Points in hundredths, by where they come from.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Points {
    /// Of rules that the client says fired.
    claimed: i64,
    /// Of rules that fired by what the server sees.
    seen: i64,
    /// Of rules that take points off, whoever says so; never above zero.
    trust: i64,
}

impl Points {
    /// Adds what a rule is worth that fired.
    pub(crate) const fn add(&mut self, hundredths: i64, is_claimed: bool) {
        if hundredths < 0 {
            self.trust += hundredths;
        } else if is_claimed {
            self.claimed += hundredths;
        } else {
            self.seen += hundredths;
        }
    }

    /// The sum, hundredths of a point from 0 to `max` points.
    ///
    /// `floor` is the client's own score. Its part comes to at least that, so that leaving out what fired gains
    /// nothing, and trust does not lower it.
    pub(crate) fn sum(self, floor: i64, max: Option<i32>) -> i64 {
        let floor = floor.saturating_mul(100);
        let sum = self.claimed.max(floor).saturating_add(self.seen).saturating_add(self.trust);
        sum.max(floor).clamp(0, i64::from(max.unwrap_or(i32::MAX)) * 100)
    }
}

/// The score of so many hundredths of a point, from 0 to `max`, rounded half up.
pub(crate) fn rounded(hundredths: i64, max: Option<i32>) -> i32 {
    let rounded = hundredths.saturating_add(50).div_euclid(100);
    rounded.clamp(0, i64::from(max.unwrap_or(i32::MAX))) as i32
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

    fn points(claimed: i64, seen: i64, trust: i64) -> Points {
        Points { claimed, seen, trust }
    }

    impl Points {
        fn score(self, floor: i64, max: Option<i32>) -> i32 {
            rounded(self.sum(floor, max), max)
        }
    }

    #[test]
    fn never_below_zero_nor_above_the_end_of_the_scale() {
        assert_eq!(points(0, 0, -500).score(0, None), 0);
        assert_eq!(points(0, 25_000, 0).score(0, None), 250);
        assert_eq!(points(0, 25_000, 0).score(0, Some(100)), 100);
        assert_eq!(points(0, i64::MAX, 0).score(0, None), i32::MAX);
    }

    #[test]
    fn is_rounded_half_up_once() {
        assert_eq!(points(1_050, 1_050, 0).score(0, None), 21);
        assert_eq!(points(0, 2_250, 0).score(0, None), 23);
        assert_eq!(points(0, 2_249, 0).score(0, None), 22);
        assert_eq!(points(0, 2_250, -500).score(0, None), 18);
    }

    #[test]
    fn the_clients_score_is_the_least_that_its_part_comes_to() {
        assert_eq!(points(1_000, 0, 0).score(30, Some(100)), 30);
        assert_eq!(points(4_000, 0, 0).score(30, Some(100)), 40);
        assert_eq!(points(1_000, 4_000, 0).score(30, Some(100)), 70);
        assert_eq!(points(0, 0, -1_000).score(30, Some(100)), 30, "trust does not lower it");
        assert_eq!(points(0, 4_000, -1_000).score(30, Some(100)), 60);
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
