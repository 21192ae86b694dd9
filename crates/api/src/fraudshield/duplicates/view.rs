//! What was found, in the dialect's words.

use portcullis_store::{DuplicateMatch, DuplicateReport, SampleKind};
use portcullis_vision as vision;
use serde::Serialize;
use utoipa::ToSchema;

use super::risk::Risk;

/// What a search for duplicates found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDuplicates)]
pub(crate) struct SearchView {
    /// Always `duplicate_search`.
    #[schema(example = "duplicate_search")]
    object: &'static str,
    /// Names the search, and for 30 days the group of verifications that it found.
    #[schema(example = "dup_0vqkz1q3c7ab")]
    id: String,
    /// What was searched for: face, document, or mixed for both. A document's number is of the document.
    #[schema(example = "document")]
    r#type: &'static str,
    /// Whether there are matches.
    matches_found: bool,
    /// The same under its other name.
    duplicates_found: bool,
    /// How many there are.
    #[schema(example = 1)]
    match_count: usize,
    /// Whether all that there are were found. Only when thousands are nearly the same they are not.
    complete: bool,
    /// How images were compared: `perceptual_hash` finds the same picture, not the same person.
    #[schema(example = "perceptual_hash")]
    method: &'static str,
    /// How alike matches had to be.
    #[schema(example = 0.85)]
    threshold: f64,
    /// The id under which later searches find this; null when it was not enrolled.
    #[schema(example = "ver_0vqkz1q3c7ab")]
    verification_id: Option<String>,
    /// The most alike first, at most 100.
    matches: Vec<MatchView>,
}

/// Something that an earlier verification came with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDuplicateMatch)]
struct MatchView {
    /// Names what is matched, the same in every search.
    #[schema(example = "match_0vqkz1q3c7ab")]
    id: String,
    /// The earlier verification.
    #[schema(example = "ver_0vqkz1q3c7ab")]
    verification_id: String,
    /// Whose it was; null when that was not told.
    #[schema(example = "usr_456")]
    user_id: Option<String>,
    /// Whether that is the user who is searched for.
    same_user: bool,
    /// What is alike: face, document or document_number.
    #[schema(value_type = String, example = "document")]
    r#type: SampleKind,
    /// How alike, 0 to 1; 1 for the same file or number.
    #[schema(example = 0.9875)]
    similarity: f64,
    /// When the earlier verification was enrolled.
    #[schema(example = "2026-01-05T10:00:00.000Z")]
    created_at: String,
}

impl SearchView {
    pub(super) fn new(report: &DuplicateReport, threshold: f64) -> Self {
        let found = &report.found;
        Self {
            object: "duplicate_search",
            id: report.id.to_string(),
            r#type: type_of(&report.kinds),
            matches_found: !found.matches.is_empty(),
            duplicates_found: !found.matches.is_empty(),
            match_count: found.matches.len(),
            complete: found.is_complete,
            method: vision::METHOD,
            threshold,
            verification_id: report.enrolled_as.clone(),
            matches: found.matches.iter().map(MatchView::from).collect(),
        }
    }
}

impl From<&DuplicateMatch> for MatchView {
    fn from(found: &DuplicateMatch) -> Self {
        Self {
            id: found.id.to_string(),
            verification_id: found.verification.clone(),
            user_id: found.user.clone(),
            same_user: found.same_user,
            r#type: found.kind,
            similarity: vision::similarity_at(found.differing_bits),
            created_at: found.created_at.to_string(),
        }
    }
}

/// The verifications that one search found to have the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDuplicateCluster)]
pub(crate) struct ReportView {
    /// Always `duplicate_cluster`.
    #[schema(example = "duplicate_cluster")]
    object: &'static str,
    /// The id of the search.
    #[schema(example = "dup_0vqkz1q3c7ab")]
    id: String,
    /// What was searched for: face, document, or mixed for both.
    #[schema(example = "document")]
    r#type: &'static str,
    /// How images were compared.
    #[schema(example = "perceptual_hash")]
    method: &'static str,
    /// The most alike first, each once.
    verifications: Vec<MemberView>,
    /// What that comes to.
    risk_assessment: Risk,
    /// When the search was made.
    #[schema(example = "2026-01-05T10:00:00.000Z")]
    created_at: String,
}

/// A verification of the group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDuplicateMember)]
struct MemberView {
    /// Its id.
    #[schema(example = "ver_0vqkz1q3c7ab")]
    verification_id: String,
    /// Whose it was; null when that was not told.
    #[schema(example = "usr_456")]
    user_id: Option<String>,
    /// How alike what is most alike is, 0 to 1.
    #[schema(example = 1.0)]
    similarity: f64,
    /// What is alike.
    #[schema(value_type = Vec<String>, example = json!(["document"]))]
    types: Vec<SampleKind>,
    /// When it was enrolled.
    #[schema(example = "2026-01-05T10:00:00.000Z")]
    created_at: String,
}

impl From<&DuplicateReport> for ReportView {
    fn from(report: &DuplicateReport) -> Self {
        let mut verifications: Vec<MemberView> = Vec::new();
        for found in &report.found.matches {
            match verifications.iter_mut().find(|member| member.verification_id == found.verification) {
                Some(member) => member.types.push(found.kind),
                None => verifications.push(MemberView {
                    verification_id: found.verification.clone(),
                    user_id: found.user.clone(),
                    similarity: vision::similarity_at(found.differing_bits),
                    types: vec![found.kind],
                    created_at: found.created_at.to_string(),
                }),
            }
        }
        Self {
            object: "duplicate_cluster",
            id: report.id.to_string(),
            r#type: type_of(&report.kinds),
            method: vision::METHOD,
            verifications,
            risk_assessment: Risk::of(report),
            created_at: report.at.to_string(),
        }
    }
}

fn type_of(kinds: &[SampleKind]) -> &'static str {
    let has_face = kinds.contains(&SampleKind::Face);
    let has_document = kinds.iter().any(|kind| *kind != SampleKind::Face);
    match (has_face, has_document) {
        (true, true) => "mixed",
        (true, false) => "face",
        (false, _) => "document",
    }
}
