//! `POST /fraud/v1/check-risk-score`: how risky an account is, by all that is known of it. It changes nothing.

use axum::{Json as Answer, extract::State};
use domain::CheckStatus;
use portcullis_domain as domain;
use portcullis_pipeline::{AccountQuestion, JudgedAccount};
use portcullis_store::List;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    SignetError,
    answer::{Success, answer},
    auth::SignetReader,
    error::Errors,
    fraud_reports::reasons_of,
    profile::{FRAUD_REPORTED, PROFILE},
    request::Post,
    standing::{Standing, priority_of},
    user_reports::UserRequest,
};
use crate::AppState;

/// From this score on a user should be kept out.
const ESCALATED_FROM: i32 = 90;

/// How risky an account is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetRisk)]
pub(crate) struct RiskView {
    /// 0 to 100.
    #[schema(example = 85)]
    risk_score: i32,
    /// low (0 to 30), medium (31 to 70) or high (71 to 100).
    #[schema(example = "high")]
    risk_level: String,
    /// What adds to the score, in words.
    #[schema(example = json!(["User has multiple reports", "Device flagged", "IP address flagged"]))]
    factors: Vec<String>,
    /// What to do about it.
    #[schema(example = "Consider additional verification")]
    recommendation: &'static str,
}

/// Check a user's risk
///
/// By the blacklist, reports, flags of the user's devices and addresses, including those that the user was seen with in
/// the last 200 events of any API, and your own custom rules. Needs the scope `fraud:read`.
#[utoipa::path(post, path = "/fraud/v1/check-risk-score", tag = "signet", security(("signet_key" = [])),
    request_body = UserRequest,
    responses((status = 200, description = "The risk", body = Success<RiskView>), Errors))]
pub(crate) async fn check_risk_score(
    State(state): State<AppState>,
    SignetReader(caller): SignetReader,
    request: Post<UserRequest>,
) -> Result<Answer<Success<RiskView>>, SignetError> {
    let realm = caller.realm();
    let standing = Standing::of(&state, realm, &request.body.check()?).await?;
    let listed = state.store.of(realm).listed_of(standing.enrollment.id).await?;
    let question = AccountQuestion {
        realm,
        profile: &PROFILE,
        user: &standing.enrollment.person.user,
        reports: standing.reports().count(),
        fraud: standing.frauds().map(priority_of).max(),
        is_flagged: standing.is_flagged(),
        listed,
    };
    let judged = state.assessor.judge_account(question).await?;
    Ok(answer(RiskView::new(&judged, &standing)))
}

impl RiskView {
    fn new(judged: &JudgedAccount, standing: &Standing) -> Self {
        let JudgedAccount { assessment, plan } = judged;
        let (policy, score) = (plan.policy(), assessment.score);
        let risk_level = policy.bands[usize::from(assessment.band)].name.clone();
        let fired = assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
        let rules = fired.map(|check| &policy.rules[usize::from(check.rule)]);
        let factors = rules.map(|rule| {
            if FRAUD_REPORTED.contains(&rule.code.as_str()) {
                format!("{}: {}", rule.label, fraud_reasons(standing).join(", "))
            } else {
                rule.label.clone()
            }
        });
        Self {
            risk_score: score,
            factors: factors.collect(),
            recommendation: recommendation(score, &risk_level, standing.is_on(List::Block)),
            risk_level,
        }
    }
}

/// The reasons of the reports of fraud that stand, each once, the newest report's first.
fn fraud_reasons(standing: &Standing) -> Vec<String> {
    let mut all = Vec::new();
    for reason in standing.frauds().flat_map(reasons_of) {
        if !all.contains(&reason) {
            all.push(reason);
        }
    }
    all
}

fn recommendation(score: i32, level: &str, is_blacklisted: bool) -> &'static str {
    match level {
        _ if is_blacklisted || score >= ESCALATED_FROM => "Block user and escalate for review",
        "low" => "No action required",
        "medium" => "Monitor user activity",
        _ => "Consider additional verification",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_follows_from_level_score_and_blacklist() {
        assert_eq!(recommendation(0, "low", false), "No action required");
        assert_eq!(recommendation(31, "medium", false), "Monitor user activity");
        assert_eq!(recommendation(89, "high", false), "Consider additional verification");
        assert_eq!(recommendation(90, "high", false), "Block user and escalate for review");
        assert_eq!(recommendation(50, "medium", true), "Block user and escalate for review");
    }
}
