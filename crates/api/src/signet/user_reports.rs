//! `/fraud/v1/report-user` and what belongs to it: reports of one person by another, kept as signals of fraud.

use axum::{Json as Answer, extract::State, response::Response};
use http::StatusCode;
use portcullis_store::{
    Actor, Error, List, ListKind, NewSignal, Once, Repeatable, Severity, Signal, SignalContent, SignalKeys,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    SignetError,
    answer::{Message, Success, answer, done, json, repeatable, time},
    auth::{SignetReader, SignetWriter},
    error::{Errors, FieldError},
    flag,
    request::{Checker, LONGEST_DESCRIPTION, Post},
    standing::{Standing, USER_REPORT, enrolled, key_of, status_of},
};
use crate::{AppState, caller::ApiCaller, failure::Failure, fraudshield};

/// Whom to report, and for what. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetUserReport)]
pub(crate) struct UserReport {
    /// The enrolled user, a UUID.
    #[schema(required, example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: Option<String>,
    /// What happened, in 1 to 2,000 characters; kept sealed.
    #[schema(required, example = "User attempting to use stolen credit cards")]
    description: Option<String>,
}

/// A report that was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetReported)]
pub(crate) struct ReportReceipt {
    /// What was done.
    #[schema(example = "User reported successfully")]
    message: &'static str,
    /// The report's id.
    #[schema(example = "sig_0vqkz1q3c7ab")]
    report_id: String,
    /// When.
    #[schema(example = "2026-01-15T10:30:00Z")]
    reported_at: String,
}

impl From<&Signal> for ReportReceipt {
    fn from(signal: &Signal) -> Self {
        Self {
            message: "User reported successfully",
            report_id: signal.id.to_string(),
            reported_at: time(signal.created_at),
        }
    }
}

/// Which user. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetUser)]
pub(crate) struct UserRequest {
    /// The enrolled user, a UUID.
    #[schema(required, example = "550e8400-e29b-41d4-a716-446655440000")]
    pub(super) user_id: Option<String>,
}

impl UserRequest {
    /// The user's id.
    pub(super) fn check(&self) -> Result<String, SignetError> {
        checked_user(self.user_id.as_deref())
    }
}

/// Whose reports. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetReportsRequest)]
pub(crate) struct ReportsRequest {
    /// The enrolled user, a UUID.
    #[schema(required, example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: Option<String>,
    /// Also those that were removed or dismissed; false when left out.
    include_removed: Option<bool>,
}

/// Which report to remove. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetReportRemoval)]
pub(crate) struct Removal {
    /// The enrolled user, a UUID.
    #[schema(required, example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: Option<String>,
    /// The report; the newest that stands when left out.
    #[schema(example = "sig_0vqkz1q3c7ab")]
    report_id: Option<String>,
}

/// How a user stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetUserStatus)]
pub(crate) struct UserStatus {
    /// Whether any report stands.
    has_reports: bool,
    /// How many do.
    #[schema(example = 2)]
    report_count: usize,
    /// Whether the user is flagged: on the watch list, or reported since last unflagged, as often as the partner's
    /// setting asks for.
    is_flagged: bool,
    /// When the newest report that stands was made; null when none does.
    #[schema(example = "2026-01-15T10:30:00Z")]
    last_reported: Option<String>,
    /// The reports that stand, newest first.
    reports: Vec<ReportView>,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetReport)]
pub(crate) struct ReportView {
    /// Its id.
    #[schema(example = "sig_0vqkz1q3c7ab")]
    report_id: String,
    /// What happened.
    #[schema(example = "User attempting to use stolen credit cards")]
    description: Option<String>,
    /// When it was made.
    #[schema(example = "2026-01-15T10:30:00Z")]
    reported_at: String,
    /// `active`; `removed` when it was taken back, `dismissed` when somebody looked into it and found nothing.
    #[schema(example = "active")]
    status: &'static str,
}

impl From<&Signal> for ReportView {
    fn from(signal: &Signal) -> Self {
        Self {
            report_id: signal.id.to_string(),
            description: signal.about.description.clone(),
            reported_at: time(signal.created_at),
            status: status_of(signal),
        }
    }
}

/// Report a user
///
/// Keeps the report as a signal of fraud, which waits for a person's decision in the consoles, and flags the user. Needs
/// the scope `fraud:write`. With the header `Idempotency-Key` a retry within 24 hours gets the first answer again, with the
/// header `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/fraud/v1/report-user", tag = "signet", security(("signet_key" = [])),
    request_body = UserReport,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses((status = 200, description = "Reported", body = Success<ReportReceipt>), Errors))]
pub(crate) async fn report_user(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    request: Post<UserReport>,
) -> Result<Response, SignetError> {
    let mut checker = Checker::default();
    let user = checker.user_id(request.body.user_id.as_deref());
    let description = checker.text("description", request.body.description.as_deref(), LONGEST_DESCRIPTION);
    checker.done()?;
    let Some(user) = user else { return Err(Failure::Internal.into()) };
    let user = enrolled(&state, caller.realm(), &user).await?.person.user;
    let new = NewSignal {
        kind: USER_REPORT.to_owned(),
        severity: Severity::Medium,
        keys: SignalKeys { user: Some(key_of(&state, caller.realm(), &user)), ..SignalKeys::default() },
        about: SignalContent { user: Some(user), description, ..SignalContent::default() },
    };
    let request = request.idempotency.map(|idempotency| Repeatable {
        idempotency,
        render: Box::new(|signal: &Signal| json(ReportReceipt::from(signal))),
    });
    let store = state.store.of(caller.realm());
    Ok(match store.report_signal(&actor, new, fraudshield::shown_signal, request).await? {
        Once::Now(signal) => repeatable(StatusCode::OK, json(ReportReceipt::from(&signal)), false),
        Once::Before(answer) => repeatable(StatusCode::OK, answer, true),
    })
}

/// Check how a user stands
///
/// Needs the scope `fraud:read`.
#[utoipa::path(post, path = "/fraud/v1/check-user", tag = "signet", security(("signet_key" = [])),
    request_body = UserRequest,
    responses((status = 200, description = "How the user stands", body = Success<UserStatus>), Errors))]
pub(crate) async fn check_user(
    State(state): State<AppState>,
    SignetReader(caller): SignetReader,
    request: Post<UserRequest>,
) -> Result<Answer<Success<UserStatus>>, SignetError> {
    let standing = Standing::of(&state, caller.realm(), &request.body.check()?).await?;
    let reports: Vec<_> = standing.reports().map(ReportView::from).collect();
    Ok(answer(UserStatus {
        has_reports: !reports.is_empty(),
        report_count: reports.len(),
        is_flagged: standing.is_flagged(),
        last_reported: reports.first().map(|newest| newest.reported_at.clone()),
        reports,
    }))
}

/// List the reports of a user
///
/// Newest first. Needs the scope `fraud:read`.
#[utoipa::path(post, path = "/fraud/v1/get-reports-by-user", tag = "signet", security(("signet_key" = [])),
    request_body = ReportsRequest,
    responses((status = 200, description = "The reports", body = Success<Vec<ReportView>>), Errors))]
pub(crate) async fn list_reports_of_user(
    State(state): State<AppState>,
    SignetReader(caller): SignetReader,
    request: Post<ReportsRequest>,
) -> Result<Answer<Success<Vec<ReportView>>>, SignetError> {
    let user = checked_user(request.body.user_id.as_deref())?;
    let standing = Standing::of(&state, caller.realm(), &user).await?;
    let shows = |signal: &&Signal| request.body.include_removed == Some(true) || signal.counts();
    Ok(answer(standing.all_reports().filter(shows).map(ReportView::from).collect()))
}

/// Remove a report
///
/// Takes back one report, which counts no more from the next request on; it stays in the audit trail. Needs the scope
/// `fraud:write`.
#[utoipa::path(post, path = "/fraud/v1/remove-report", tag = "signet", security(("signet_key" = [])),
    request_body = Removal,
    responses((status = 200, description = "Removed", body = Success<Message>), Errors))]
pub(crate) async fn remove_report(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    request: Post<Removal>,
) -> Result<Answer<Success<Message>>, SignetError> {
    const ABSENT: SignetError = SignetError::Absent("no_active_report", "There is no such active report");
    let mut checker = Checker::default();
    let user = checker.user_id(request.body.user_id.as_deref());
    let report = request.body.report_id.as_deref().map(|id| checker.required("reportId", Some(id)));
    checker.done()?;
    let Some(user) = user else { return Err(Failure::Internal.into()) };
    let user = enrolled(&state, caller.realm(), &user).await?.person.user;
    let id = report.flatten().map(|id| id.parse().map_err(|_| ABSENT)).transpose()?;
    let key = key_of(&state, caller.realm(), &user);
    let removed = state.store.of(caller.realm()).withdraw_signal(&actor, key, USER_REPORT, id).await;
    removed.map_err(|error| match error {
        Error::NotFound(_) => ABSENT,
        error => error.into(),
    })?;
    Ok(done("Report removed successfully"))
}

/// Unflag a user
///
/// Takes the flag off until the user is reported again; the reports stay. Changes nothing for a user who is not flagged.
/// Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/fraud/v1/unflag-user", tag = "signet", security(("signet_key" = [])),
    request_body = UserRequest,
    responses((status = 200, description = "Not flagged any more", body = Success<Message>), Errors))]
pub(crate) async fn unflag_user(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    request: Post<UserRequest>,
) -> Result<Answer<Success<Message>>, SignetError> {
    let standing = Standing::of(&state, caller.realm(), &request.body.check()?).await?;
    if standing.is_flagged() {
        let user = &standing.enrollment.person.user;
        let key = key_of(&state, caller.realm(), user);
        state.store.of(caller.realm()).unflag(&actor, standing.enrollment.id, key).await?;
        if standing.is_on(List::Watch) {
            unwatch(&state, &caller, &actor, user).await?;
        }
    }
    Ok(done("User unflagged successfully"))
}

/// Takes the user off the watch list, where people and other APIs put users.
async fn unwatch(state: &AppState, caller: &ApiCaller, actor: &Actor, user: &str) -> Result<(), SignetError> {
    const ABSENT: fn() -> SignetError = || SignetError::Absent("not_flagged", "User is not flagged");
    let value = flag::checked("userId", ListKind::User, user).map_err(SignetError::field)?;
    match flag::remove(state, (caller, actor), List::Watch, value, ABSENT).await {
        // Somebody else was quicker.
        Err(SignetError::Absent(..)) => Ok(()),
        removed => removed,
    }
}

fn checked_user(text: Option<&str>) -> Result<String, SignetError> {
    let mut checker = Checker::default();
    let user = checker.user_id(text);
    checker.done()?;
    user.ok_or_else(|| SignetError::field(FieldError::missing("userId")))
}
