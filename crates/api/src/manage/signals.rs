//! Signals of fraud for a client's people. Analysts may decide about them.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::{Entity, EntityKind, Mode, Realm};
use portcullis_domain as domain;
use portcullis_store::{Decided, Finding, Severity, Signal, SignalFilter, SignalId, SignalStatus};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{Page, Problems, checked_limit, checked_text};
use crate::{
    AppState,
    body::{Json, Params},
    caller::{Member, TenantAnalyst},
    cursor,
    error::{Kind, Problem},
};

/// A signal of fraud.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Signal)]
pub(crate) struct SignalView {
    /// Its id.
    #[schema(example = "sig_0vqkz1q3c7ab")]
    id: String,
    /// The data it is about: live or test.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// What kind of fraud.
    #[schema(example = "chargeback")]
    r#type: String,
    /// How bad it is: low, medium, high or critical.
    #[schema(value_type = String, example = "high")]
    severity: Severity,
    /// What it turned out to be: pending, confirmed or dismissed.
    #[schema(value_type = String, example = "pending")]
    status: SignalStatus,
    /// What happened.
    description: Option<String>,
    /// The account.
    user: Option<String>,
    /// The device.
    device: Option<String>,
    /// The address.
    ip: Option<String>,
    /// The verification.
    verification: Option<String>,
    /// What the reporter added.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
    /// The words of whoever decided.
    notes: Option<String>,
    /// The event that was labeled when it was decided.
    event: Option<String>,
    /// The id of the API key or user that reported it.
    author: String,
    /// When it was reported.
    created_at: String,
    /// The id of the API key or user that decided.
    decided_by: Option<String>,
    /// When it was decided.
    decided_at: Option<String>,
}

impl From<Signal> for SignalView {
    fn from(signal: Signal) -> Self {
        let about = signal.about;
        Self {
            id: signal.id.to_string(),
            mode: signal.realm.mode,
            r#type: signal.kind,
            severity: signal.severity,
            status: signal.status,
            description: about.description,
            user: about.user,
            device: about.device,
            ip: about.ip,
            verification: about.verification,
            details: about.details.unwrap_or_default(),
            notes: signal.notes,
            event: signal.event.map(|event| event.to_string()),
            author: signal.created_by,
            created_at: signal.created_at.to_string(),
            decided_by: signal.decided_by,
            decided_at: signal.decided_at.map(|at| at.to_string()),
        }
    }
}

/// Which signals.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SignalParams {
    /// How many, 1 to 200; 50 when left out.
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    after: Option<String>,
    /// Only with this status: pending, confirmed or dismissed.
    #[param(value_type = Option<String>)]
    status: Option<SignalStatus>,
    /// Only of this severity: low, medium, high or critical.
    #[param(value_type = Option<String>)]
    severity: Option<Severity>,
    /// Only of this type.
    r#type: Option<String>,
    /// Only about this account.
    user: Option<String>,
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

impl SignalParams {
    /// Everything that a cursor is bound to.
    fn scope(&self, realm: Realm) -> [String; 6] {
        let status = self.status.map_or("", SignalStatus::as_str);
        let severity = self.severity.map_or("", Severity::as_str);
        let texts = [&self.r#type, &self.user].map(|text| format!("{text:?}"));
        let [kind, user] = texts;
        ["signals".to_owned(), realm.code().to_string(), status.to_owned(), severity.to_owned(), kind, user]
    }

    fn filter(&self, state: &AppState, realm: Realm) -> SignalFilter {
        let key =
            |user: &String| state.assessor.entity_key(realm, &Entity::new(EntityKind::User, user.trim()));
        SignalFilter {
            status: self.status,
            severity: self.severity,
            kind: self.r#type.clone(),
            user: self.user.as_ref().map(key),
            withdrawn_too: false,
        }
    }
}

/// Lists the signals, newest first.
#[utoipa::path(get, path = "/api/v1/client/signals", tag = "signals", security(("token" = [])),
    params(SignalParams), responses((status = 200, description = "One page", body = Page<SignalView>), Problems))]
pub(crate) async fn list_own_signals(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<SignalParams>,
) -> Result<Answer<Page<SignalView>>, Problem> {
    let limit = checked_limit(params.limit)?;
    let realm = Realm { tenant: member.tenant.id, mode: params.mode.unwrap_or(Mode::Live) };
    let scope = params.scope(realm);
    let scope = scope.each_ref().map(String::as_str);
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let found = state.store.of(realm).signals(params.filter(&state, realm), after, limit + 1).await?;
    let (signals, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.id.to_string()));
    Ok(Answer(Page { items: signals.into_iter().map(SignalView::from).collect(), next_cursor }))
}

/// The data set that an id is of.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ModeParam {
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

impl ModeParam {
    /// The client's data set that is meant.
    pub(super) fn realm(&self, tenant: domain::TenantId) -> Realm {
        Realm { tenant, mode: self.mode.unwrap_or(Mode::Live) }
    }
}

/// What to say beside a decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalDecision {
    /// Why, in at most 1,000 characters.
    notes: Option<String>,
}

/// Confirms a signal: it was fraud. The event that it is about is labeled so, and later scores learn from it.
#[utoipa::path(post, path = "/api/v1/client/signals/{id}/confirm", tag = "signals", security(("token" = [])),
    params(("id" = String, Path), ModeParam), request_body = SignalDecision,
    responses((status = 200, description = "The signal as it is now", body = SignalView), Problems))]
pub(crate) async fn confirm_own_signal(
    State(state): State<AppState>,
    analyst: TenantAnalyst,
    Path(id): Path<String>,
    Params(mode): Params<ModeParam>,
    Json(decision): Json<SignalDecision>,
) -> Result<Answer<SignalView>, Problem> {
    decide(&state, &analyst, &id, &mode, Finding::Fraud, decision).await
}

/// Dismisses a signal: it was a false positive. The event that it is about is labeled so, and later scores learn from it.
#[utoipa::path(post, path = "/api/v1/client/signals/{id}/dismiss", tag = "signals", security(("token" = [])),
    params(("id" = String, Path), ModeParam), request_body = SignalDecision,
    responses((status = 200, description = "The signal as it is now", body = SignalView), Problems))]
pub(crate) async fn dismiss_own_signal(
    State(state): State<AppState>,
    analyst: TenantAnalyst,
    Path(id): Path<String>,
    Params(mode): Params<ModeParam>,
    Json(decision): Json<SignalDecision>,
) -> Result<Answer<SignalView>, Problem> {
    decide(&state, &analyst, &id, &mode, Finding::Legitimate, decision).await
}

async fn decide(
    state: &AppState,
    analyst: &TenantAnalyst,
    id: &str,
    mode: &ModeParam,
    finding: Finding,
    decision: SignalDecision,
) -> Result<Answer<SignalView>, Problem> {
    let id: SignalId = id.parse().map_err(|_| Problem::not_found())?;
    let notes = checked_text(decision.notes.as_deref()).map_err(|why| Problem::field("/notes", why))?;
    let store = state.store.of(mode.realm(analyst.tenant.id));
    match store.decide_signal(&analyst.actor, id, finding, notes).await? {
        Decided::Now(signal) | Decided::Before(signal) => Ok(Answer(signal.into())),
        Decided::Otherwise(signal) => {
            let detail = format!("This signal was {} before.", signal.status.as_str());
            Err(Problem::new(Kind::Conflict, detail))
        }
    }
}
