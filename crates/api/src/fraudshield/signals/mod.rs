//! `/v1/fraud/signals`: what the client found to be fraud, and what it turned out to be.

mod decide;
mod kind;
mod report;
mod view;

use axum::{Json as Answer, extract::State, response::Response};
use domain::{Entity, EntityKind, Realm};
use portcullis_domain as domain;
use portcullis_store::{Once, Repeatable, Signal, SignalFilter, SignalId, SignalStatus};
use serde::Deserialize;
use utoipa::IntoParams;

pub(crate) use self::decide::{__path_confirm_signal, __path_dismiss_signal, confirm_signal, dismiss_signal};
pub(crate) use self::view::shown;
use self::{
    report::{Report, checked_severity, checked_type},
    view::SignalView,
};
use super::{
    FraudshieldError,
    answer::{created, json, replayed},
    auth::{FraudReader, FraudWriter},
    error::{ErrorBody, ParamError},
    list::{ListPage, PageParams, Start},
    normalize::checked_id,
    request::{Id, Post, Query},
};
use crate::{AppState, manage::keep_error};

/// Report a signal
///
/// Keeps what looks like fraud, pending until it is confirmed or dismissed, in the data set of the key. Needs the scope
/// `fraud:write`. With the header `Idempotency-Key` a retry within 24 hours gets the first answer again, with the header
/// `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/v1/fraud/signals", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = Report,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses(
        (status = 201, description = "Kept", body = SignalView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 409, description = "The idempotency key was used with another body", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn report_signal(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    request: Post<Report>,
) -> Result<Response, FraudshieldError> {
    let realm = caller.realm();
    let new = request.body.check(&state, realm)?;
    let repeatable = request.idempotency.map(|idempotency| {
        let render = Box::new(|signal: &Signal| json(&SignalView::from(signal)));
        Repeatable { idempotency, render }
    });
    Ok(match state.store.of(realm).report_signal(&actor, new, shown, repeatable).await? {
        Once::Now(signal) => created(json(&SignalView::from(&signal))),
        Once::Before(answer) => replayed(created(answer)),
    })
}

/// Which signals.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SignalParams {
    /// Only with this status: pending, confirmed or dismissed.
    status: Option<String>,
    /// Only of this severity: low, medium, high or critical.
    severity: Option<String>,
    /// Only of this type.
    r#type: Option<String>,
    /// Only about this account.
    user_id: Option<String>,
}

impl SignalParams {
    /// What they ask for; all complaints are told at once.
    fn check(self, state: &AppState, realm: Realm) -> Result<SignalFilter, FraudshieldError> {
        let mut errors = Vec::new();
        let status =
            keep_error(self.status.as_deref().map(checked_status).transpose(), &mut errors).flatten();
        let severity = self.severity.as_deref().map(|text| checked_severity("severity", text)).transpose();
        let severity = keep_error(severity, &mut errors).flatten();
        let kind = keep_error(self.r#type.as_deref().map(checked_type).transpose(), &mut errors).flatten();
        let user = self.user_id.as_deref().map(|user| checked_id("user_id", user)).transpose();
        let user = keep_error(user, &mut errors).flatten();
        let user = user.map(|user| state.assessor.entity_key(realm, &Entity::new(EntityKind::User, user)));
        if errors.is_empty() {
            Ok(SignalFilter { status, severity, kind, user, ..SignalFilter::default() })
        } else {
            Err(FraudshieldError::Invalid(errors))
        }
    }
}

fn checked_status(text: &str) -> Result<SignalStatus, ParamError> {
    let status = SignalStatus::ALL.iter().copied().find(|status| status.as_str() == text);
    status.ok_or_else(|| ParamError::invalid("status", "must be pending, confirmed or dismissed"))
}

/// List the signals
///
/// Newest first. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/signals", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(SignalParams, PageParams), responses(
        (status = 200, description = "One page", body = ListPage<SignalView>),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn list_signals(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Query(params): Query<SignalParams>,
    Query(page): Query<PageParams>,
) -> Result<Answer<ListPage<SignalView>>, FraudshieldError> {
    let realm = caller.realm();
    let filter = params.check(&state, realm)?;
    let page = page.check::<SignalId>()?;
    let (store, limit) = (state.store.of(realm), page.to_read());
    let found = match page.start {
        Start::Newest => store.signals(filter, None, limit).await?,
        Start::After(id) => store.signals(filter, Some(id), limit).await?,
        Start::Before(id) => store.signals_newer(filter, id, limit).await?,
    };
    let views = found.iter().map(SignalView::from).collect();
    Ok(Answer(ListPage::new(&page, views, |view| &view.id)))
}

/// Look up a signal
///
/// Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/signals/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The signal's id")), responses(
        (status = 200, description = "The signal", body = SignalView),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such signal in the key's data set", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_signal(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Id(id): Id<SignalId>,
) -> Result<Answer<SignalView>, FraudshieldError> {
    let signal = state.store.of(caller.realm()).signal(id).await?;
    Ok(Answer(SignalView::from(&signal)))
}
