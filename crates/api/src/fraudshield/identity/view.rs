//! A verification in the dialect's words.

use domain::{CheckStatus, Decision, EventId, Mode, Outcome};
use portcullis_domain as domain;
use portcullis_engine::Plan;
use portcullis_store::{Found, ReviewId, VerificationId};
use serde::Serialize;
use utoipa::ToSchema;

use super::request::{Check, Terms};
use crate::fraudshield::{
    devices::would_block,
    level::Level,
    rule_hit::{RuleHit, rule_hits},
    vocabulary::words,
};

/// The rules that are about the device and nothing else.
const OF_DEVICE: [&str; 9] = [
    "EMULATOR",
    "ROOTED",
    "BOT",
    "TIMEZONE_MISMATCH",
    "LINKED_ACCOUNTS_2",
    "LINKED_ACCOUNTS_3",
    "LINKED_ACCOUNTS_4",
    "NEW_DEVICE",
    "KNOWN_DEVICE",
];

/// What became of a verification.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldVerificationResult)]
pub(crate) struct VerifyView {
    /// Its id.
    #[schema(example = "ver_0k8z3v1q9a2b4")]
    id: String,
    /// Always `identity.verification`.
    #[schema(example = "identity.verification")]
    object: &'static str,
    /// passed, failed or review: what the checks that were made come to; review when none was.
    #[schema(example = "passed")]
    status: &'static str,
    /// The checks that were asked for.
    checks: Checks,
    /// The risk, 0 to 1000; null unless fraud was checked.
    #[schema(example = 150)]
    risk_score: Option<i32>,
    /// That score's level.
    risk_level: Option<Level>,
    /// Who was verified.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
    /// The country that issued the document.
    #[schema(example = "MA")]
    country: String,
    /// What kind of document it is.
    document_type: Option<String>,
    /// Whether it was made with live data.
    livemode: bool,
    /// The review that was opened, if one was.
    review_id: Option<String>,
    /// When it was made.
    created_at: String,
}

/// The checks that were asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldVerificationChecks)]
struct Checks {
    /// Reading the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    ocr: Option<Skipped>,
    /// Comparing the faces.
    #[serde(skip_serializing_if = "Option::is_none")]
    face_match: Option<Skipped>,
    /// Whether a living person is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    liveness: Option<Skipped>,
    /// What speaks of fraud.
    #[serde(skip_serializing_if = "Option::is_none")]
    fraud: Option<FraudCheck>,
}

/// A check that was not made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldSkippedCheck)]
struct Skipped {
    /// Always `skipped`.
    #[schema(example = "skipped")]
    status: &'static str,
    /// Why.
    reason: &'static str,
}

const SKIPPED: Skipped = Skipped { status: "skipped", reason: "This installation has no provider for it" };

/// What speaks of fraud.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldFraudCheck)]
struct FraudCheck {
    /// passed, failed or review.
    #[schema(example = "passed")]
    status: &'static str,
    /// 0 to 1000.
    #[schema(example = 150)]
    risk_score: i32,
    /// Whether another account was verified with the same document or the same picture.
    duplicate_detected: bool,
    /// low, medium, high or critical, by what speaks of the device alone; unknown when none was told.
    #[schema(example = "low")]
    device_risk: &'static str,
    /// What was seen.
    #[schema(example = json!(["known_device", "normal_velocity"]))]
    signals: Vec<String>,
    /// Whether it would have failed if nothing were only monitored, and did not.
    would_block: bool,
    /// The custom rules whose condition holds.
    triggered_rules: Vec<RuleHit>,
    /// The earlier verifications that came with the same.
    duplicates: Vec<Duplicate>,
    /// How pictures are compared: `perceptual_hash` finds the same picture again, not the same person.
    #[schema(example = "perceptual_hash")]
    method: &'static str,
}

/// An earlier verification that came with the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldVerificationDuplicate)]
struct Duplicate {
    /// The verification.
    #[schema(example = "ver_0k8z3v1q9a2b4")]
    verification_id: String,
    /// What it had in common: face, document or document_number.
    #[schema(example = "document")]
    r#type: &'static str,
    /// Whose it was, if that is known.
    user_id: Option<String>,
    /// Whether it is known to be the same user's.
    same_user: bool,
}

impl VerifyView {
    pub(super) fn new(
        id: EventId,
        decision: &Decision,
        plan: &Plan,
        found: &Found,
        terms: &Terms,
        mode: Mode,
    ) -> Self {
        let asked = |check| terms.checks.contains(&check);
        let skipped = |check| asked(check).then_some(SKIPPED);
        let fraud = asked(Check::Fraud).then(|| FraudCheck::new(decision, plan, found));
        Self {
            id: VerificationId::of(id).to_string(),
            object: "identity.verification",
            status: fraud.as_ref().map_or("review", |fraud| fraud.status),
            risk_score: fraud.as_ref().map(|fraud| fraud.risk_score),
            risk_level: fraud.as_ref().map(|fraud| Level::of(fraud.risk_score)),
            checks: Checks {
                ocr: skipped(Check::Ocr),
                face_match: skipped(Check::FaceMatch),
                liveness: skipped(Check::Liveness),
                fraud,
            },
            user_id: decision.subject.user.as_ref().map(ToString::to_string),
            country: terms.country.clone(),
            document_type: terms.document_type.clone(),
            livemode: mode == Mode::Live,
            review_id: found.review.as_ref().map(ReviewId::to_string),
            created_at: decision.at.to_string(),
        }
    }
}

impl FraudCheck {
    fn new(decision: &Decision, plan: &Plan, found: &Found) -> Self {
        let matches = found.duplicates.iter().flat_map(|duplicates| &duplicates.matches);
        let duplicates: Vec<_> = matches
            .map(|duplicate| Duplicate {
                verification_id: duplicate.verification.clone(),
                r#type: duplicate.kind.as_str(),
                user_id: duplicate.user.clone(),
                same_user: duplicate.same_user,
            })
            .collect();
        Self {
            status: status(decision.outcome()),
            risk_score: decision.assessment.score,
            duplicate_detected: duplicates.iter().any(|duplicate| !duplicate.same_user),
            device_risk: device_risk(decision, plan),
            signals: words(decision, plan, found.attempt.as_ref()),
            would_block: would_block(decision),
            triggered_rules: rule_hits(decision, plan),
            duplicates,
            method: portcullis_vision::METHOD,
        }
    }
}

const fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow | Outcome::Flag => "passed",
        Outcome::Challenge | Outcome::Review => "review",
        Outcome::Block => "failed",
    }
}

/// The level that the device's own points come to.
fn device_risk(decision: &Decision, plan: &Plan) -> &'static str {
    if decision.facts.known(domain::facts::device::IS_NEW).is_none() {
        return "unknown";
    }
    let rules = &plan.policy().rules;
    let fired = decision.assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
    let fired = fired.filter_map(|check| rules.get(usize::from(check.rule)));
    let points = fired.filter(|rule| OF_DEVICE.contains(&rule.code.as_str())).map(|rule| rule.weight).sum();
    Level::of(points).name()
}
