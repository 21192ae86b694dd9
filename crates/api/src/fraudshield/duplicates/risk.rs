//! What a group of verifications with the same image or number comes to.

use std::collections::BTreeSet;

use portcullis_store::{DuplicateMatch, DuplicateReport, SampleKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::level::Level;

/// Somebody else came with the same.
const ANOTHER_USER: i32 = 500;
/// And with another of face, document and number.
const ANOTHER_KIND: i32 = 150;
/// And each user beyond the second, up to so many.
const FURTHER_USER: i32 = 100;
const MOST_FURTHER_USERS: usize = 3;
/// It was seen before, and whether with the same user is not known.
const SEEN_BEFORE: i32 = 100;
const MOST: i32 = 1_000;

/// How suspicious a group of verifications is.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FraudshieldDuplicateRisk)]
#[allow(clippy::struct_field_names, reason = "clients know them by these names")]
pub(super) struct Risk {
    /// low, medium, high or critical.
    #[schema(value_type = String, example = "high")]
    risk_level: Level,
    /// 0 to 1000.
    #[schema(example = 650)]
    risk_score: i32,
    /// How many users are known among the verifications, the one that was searched for included.
    #[schema(example = 2)]
    distinct_users: usize,
    /// Why: `face_of_another_user`, `document_of_another_user`, `document_number_of_another_user`,
    /// `several_other_users`, or `seen_before` when the users are not known.
    #[schema(example = json!(["document_of_another_user", "document_number_of_another_user"]))]
    reasons: Vec<&'static str>,
}

impl Risk {
    pub(super) fn of(report: &DuplicateReport) -> Self {
        let matches = &report.found.matches;
        let others: BTreeSet<_> = matches.iter().filter(|found| !found.same_user).filter_map(user).collect();
        let is_known = report.user.is_some();
        let distinct_users = others.len() + usize::from(is_known);
        // Without a user, one of those that were found may be the same one.
        let other_users = if is_known { others.len() } else { others.len().saturating_sub(1) };
        let (risk_score, reasons) = if other_users > 0 {
            of_others(matches, other_users)
        } else if matches.iter().any(|found| !found.same_user) {
            (SEEN_BEFORE, vec!["seen_before"])
        } else {
            (0, vec![])
        };
        let risk_score = risk_score.min(MOST);
        Self { risk_level: Level::of(risk_score), risk_score, distinct_users, reasons }
    }
}

fn user(found: &DuplicateMatch) -> Option<&str> {
    found.user.as_deref()
}

fn of_others(matches: &[DuplicateMatch], other_users: usize) -> (i32, Vec<&'static str>) {
    let theirs = matches.iter().filter(|found| !found.same_user && found.user.is_some());
    let kinds: BTreeSet<SampleKind> = theirs.map(|found| found.kind).collect();
    let mut reasons: Vec<_> = kinds.iter().map(|kind| reason(*kind)).collect();
    let further = (other_users - 1).min(MOST_FURTHER_USERS);
    if further > 0 {
        reasons.push("several_other_users");
    }
    let score = ANOTHER_USER + ANOTHER_KIND * (kinds.len() as i32 - 1) + FURTHER_USER * further as i32;
    (score, reasons)
}

const fn reason(kind: SampleKind) -> &'static str {
    match kind {
        SampleKind::Face => "face_of_another_user",
        SampleKind::Document => "document_of_another_user",
        SampleKind::DocumentNumber => "document_number_of_another_user",
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Timestamp;
    use portcullis_store::FoundDuplicates;

    use super::*;

    /// A search of `user`'s that found these users' faces, documents and numbers; `""` is unknown.
    fn risk(user: &str, found: &[(SampleKind, &str)]) -> (i32, usize, Vec<&'static str>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let matches = found.iter().map(|(kind, theirs)| DuplicateMatch {
            id: "match_000000000001".parse().unwrap(),
            kind: *kind,
            verification: "ver_1".to_owned(),
            user: some(theirs),
            same_user: !user.is_empty() && user == *theirs,
            differing_bits: 0,
            created_at: Timestamp::default(),
        });
        let risk = Risk::of(&DuplicateReport {
            id: "dup_000000000001".parse().unwrap(),
            at: Timestamp::default(),
            kinds: vec![],
            user: some(user),
            enrolled_as: None,
            found: FoundDuplicates { matches: matches.collect(), compared: 0, is_complete: true },
        });
        assert_eq!(risk.risk_level, Level::of(risk.risk_score));
        (risk.risk_score, risk.distinct_users, risk.reasons)
    }

    #[test]
    fn only_another_user_is_a_high_risk() {
        use SampleKind::{Document, DocumentNumber as Number, Face};
        let (face, document, number) =
            ("face_of_another_user", "document_of_another_user", "document_number_of_another_user");
        for (user, found, expected) in [
            ("a", vec![], (0, 1, vec![])),
            ("", vec![], (0, 0, vec![])),
            ("a", vec![(Face, "a"), (Number, "a")], (0, 1, vec![])),
            ("a", vec![(Face, "")], (100, 1, vec!["seen_before"])),
            ("", vec![(Face, "b"), (Document, "b")], (100, 1, vec!["seen_before"])),
            ("a", vec![(Face, "b"), (Face, "b")], (500, 2, vec![face])),
            ("", vec![(Document, "a"), (Document, "b")], (500, 2, vec![document])),
            ("a", vec![(Document, "b"), (Number, "b"), (Face, "a")], (650, 2, vec![document, number])),
            ("a", vec![(Face, "b"), (Face, "c")], (600, 3, vec![face, "several_other_users"])),
            (
                "a",
                vec![(Face, "b"), (Document, "c"), (Number, "d"), (Number, "e"), (Number, "f")],
                (1_000, 6, vec![face, document, number, "several_other_users"]),
            ),
        ] {
            assert_eq!(risk(user, &found), expected, "{user} {found:?}");
        }
    }
}
