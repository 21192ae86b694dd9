//! `POST /fraud/v1/report-fraud`: fraud by a person, kept as a signal of fraud.

use axum::{extract::State, response::Response};
use http::StatusCode;
use portcullis_pipeline::Priority;
use portcullis_store::{NewSignal, Once, Repeatable, Severity, Signal, SignalContent, SignalKeys};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};
use utoipa::ToSchema;

use super::{
    SignetError,
    answer::{Success, json, repeatable, time},
    auth::SignetWriter,
    error::{Errors, FieldError},
    request::{Checker, Post},
    standing::{enrolled, key_of, priority_of},
};
use crate::{AppState, failure::Failure, fraudshield};

/// A kind of fraud, the mildest first. Its name is the signal's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    SuspiciousActivity,
    LocationMismatch,
    PaymentFraud,
    IdentityTheft,
}

impl Reason {
    const ALL: [Self; 4] =
        [Self::SuspiciousActivity, Self::LocationMismatch, Self::PaymentFraud, Self::IdentityTheft];

    /// What a reason must be, as the end of a sentence that begins with the field.
    const EXPECTED: &str = "must be suspicious_activity, location_mismatch, payment_fraud or identity_theft";

    const fn name(self) -> &'static str {
        match self {
            Self::SuspiciousActivity => "suspicious_activity",
            Self::LocationMismatch => "location_mismatch",
            Self::PaymentFraud => "payment_fraud",
            Self::IdentityTheft => "identity_theft",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == text)
    }
}

/// How urgent these reasons are together; each is named once.
fn priority(reasons: &[Reason]) -> Priority {
    match reasons {
        [Reason::SuspiciousActivity] => Priority::Low,
        [Reason::LocationMismatch] => Priority::Medium,
        _ => Priority::High,
    }
}

const fn severity(priority: Priority) -> Severity {
    match priority {
        Priority::Low => Severity::Low,
        Priority::Medium => Severity::Medium,
        Priority::High => Severity::High,
    }
}

/// Who committed fraud, and of what kind. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetFraudReport)]
pub(crate) struct FraudReport {
    /// The enrolled user, a UUID.
    #[schema(required, example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: Option<String>,
    /// One or more of `suspicious_activity`, `location_mismatch`, `payment_fraud` and `identity_theft`.
    #[schema(required, example = json!(["suspicious_activity", "location_mismatch"]))]
    reasons: Option<Vec<String>>,
}

/// A report of fraud that was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetFraudReported)]
pub(crate) struct FraudReceipt {
    /// What was done.
    #[schema(example = "Fraud report submitted successfully")]
    message: &'static str,
    /// The report's id.
    #[schema(example = "sig_0vqkz1q3c7ab")]
    fraud_id: String,
    /// When.
    #[schema(example = "2026-01-15T10:30:00Z")]
    submitted_at: String,
    /// How urgent it is: high, medium or low.
    #[schema(example = "high")]
    priority: &'static str,
}

impl From<&Signal> for FraudReceipt {
    fn from(signal: &Signal) -> Self {
        Self {
            message: "Fraud report submitted successfully",
            fraud_id: signal.id.to_string(),
            submitted_at: time(signal.created_at),
            priority: priority_of(signal).name(),
        }
    }
}

/// Report fraud by a user
///
/// Keeps the report as a signal of fraud of the gravest of its kinds, which waits for a person's decision in the consoles,
/// and flags the user. Needs the scope `fraud:write`. With the header `Idempotency-Key` a retry within 24 hours gets the
/// first answer again, with the header `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/fraud/v1/report-fraud", tag = "signet", security(("signet_key" = [])),
    request_body = FraudReport,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses((status = 200, description = "Reported", body = Success<FraudReceipt>), Errors))]
pub(crate) async fn report_fraud(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    request: Post<FraudReport>,
) -> Result<Response, SignetError> {
    let mut checker = Checker::default();
    let user = checker.user_id(request.body.user_id.as_deref());
    let reasons = checked_reasons(request.body.reasons.as_deref(), &mut checker);
    checker.done()?;
    let (Some(user), Some(gravest)) = (user, reasons.iter().max().copied()) else {
        return Err(Failure::Internal.into());
    };
    let user = enrolled(&state, caller.realm(), &user).await?.person.user;
    let names: Vec<_> = reasons.iter().map(|reason| reason.name()).collect();
    let new = NewSignal {
        kind: gravest.name().to_owned(),
        severity: severity(priority(&reasons)),
        keys: SignalKeys { user: Some(key_of(&state, caller.realm(), &user)), ..SignalKeys::default() },
        about: SignalContent {
            user: Some(user),
            details: value!({ "reasons": names }).as_object().cloned(),
            ..SignalContent::default()
        },
    };
    let request = request.idempotency.map(|idempotency| Repeatable {
        idempotency,
        render: Box::new(|signal: &Signal| json(FraudReceipt::from(signal))),
    });
    let store = state.store.of(caller.realm());
    Ok(match store.report_signal(&actor, new, fraudshield::shown_signal, request).await? {
        Once::Now(signal) => repeatable(StatusCode::OK, json(FraudReceipt::from(&signal)), false),
        Once::Before(answer) => repeatable(StatusCode::OK, answer, true),
    })
}

/// Each reason once, in the order in which they are named.
fn checked_reasons(sent: Option<&[String]>, checker: &mut Checker) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let Some(sent) = sent.filter(|sent| !sent.is_empty()) else {
        checker.keep::<()>(Err(FieldError::missing("reasons")));
        return reasons;
    };
    for (place, text) in sent.iter().enumerate() {
        let reason = Reason::parse(text);
        let reason = reason.ok_or_else(|| FieldError::invalid(format!("reasons[{place}]"), Reason::EXPECTED));
        if let Some(reason) = checker.keep(reason)
            && !reasons.contains(&reason)
        {
            reasons.push(reason);
        }
    }
    reasons
}

/// What a report of fraud gives as its reasons; one of another API has its type.
pub(super) fn reasons_of(signal: &Signal) -> Vec<String> {
    let details = signal.about.details.as_ref().and_then(|details| details.get("reasons")?.as_array());
    let named: Vec<_> =
        details.into_iter().flatten().filter_map(Value::as_str).filter_map(Reason::parse).collect();
    if named.is_empty() {
        return vec![signal.kind.clone()];
    }
    named.into_iter().map(|reason| reason.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_identities_and_several_reasons_are_urgent() {
        use Reason::{IdentityTheft, LocationMismatch, PaymentFraud, SuspiciousActivity};
        for (reasons, expected) in [
            (&[SuspiciousActivity][..], Priority::Low),
            (&[LocationMismatch], Priority::Medium),
            (&[PaymentFraud], Priority::High),
            (&[IdentityTheft], Priority::High),
            (&[SuspiciousActivity, LocationMismatch], Priority::High),
        ] {
            assert_eq!(priority(reasons), expected, "{reasons:?}");
        }
    }

    #[test]
    fn reasons_are_named_once_and_wrong_ones_by_their_place() {
        let check = |sent: &[&str]| {
            let sent: Vec<_> = sent.iter().map(|&text| text.to_owned()).collect();
            let mut checker = Checker::default();
            let reasons = checked_reasons(Some(&sent), &mut checker);
            checker.done().map(|()| reasons.len()).map_err(|error| format!("{error:?}"))
        };
        assert_eq!(check(&["payment_fraud", "payment_fraud", "identity_theft"]), Ok(2));
        assert!(check(&[]).unwrap_err().contains("\"reasons\""));
        assert!(check(&["payment_fraud", "spite"]).unwrap_err().contains("reasons[1]"));
    }
}
