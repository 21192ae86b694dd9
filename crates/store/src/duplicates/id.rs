//! The ids of what a search for duplicates gives.

use domain::{EventId, Timestamp};
use portcullis_domain as domain;

use crate::control::short_id::short_id;

short_id!(
    /// The id of one search for duplicates, and of the group of verifications that it found.
    DuplicateId,
    "dup_"
);
short_id!(
    /// The id of what was enrolled and is matched: the same in every search that finds it.
    MatchId,
    "match_"
);
short_id!(
    /// The id of a verification whose caller gave it none.
    EnrollmentId,
    "ver_"
);
short_id!(
    /// The id of one analysis of an identity, for the logs of whoever asked: analyses are not kept.
    AnalysisId,
    "syn_"
);

impl DuplicateId {
    /// As it is stored.
    pub(super) const fn number(self) -> i64 {
        self.0 as i64
    }

    /// From how it is stored.
    pub(super) const fn from_number(number: i64) -> Self {
        Self(number as u64)
    }

    /// What its result is sealed under: given once, as the id itself.
    pub(super) const fn seal(self) -> EventId {
        EventId::from_u64(self.0)
    }

    /// All that were given before that time have a lower number.
    pub(super) const fn first_at(at: Timestamp) -> i64 {
        let millis = at.as_millis();
        if millis < 0 { 0 } else { millis << 16 }
    }
}

impl MatchId {
    /// As it is stored.
    pub(super) const fn number(self) -> i64 {
        self.0 as i64
    }

    /// From how it is stored.
    pub(super) const fn from_number(number: i64) -> Self {
        Self(number as u64)
    }

    /// What its user is sealed under: given once, as the id itself.
    pub(super) const fn seal(self) -> EventId {
        EventId::from_u64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_when_they_were_given() {
        let at = Timestamp::from_millis(1_767_607_200_000);
        let id = DuplicateId::fresh(at, None).unwrap();
        assert!(DuplicateId::first_at(at) <= id.number());
        assert!(id.number() < DuplicateId::first_at(at.plus_millis(1)));
        assert_eq!(DuplicateId::first_at(Timestamp::from_millis(-5)), 0);
    }
}
