//! `/console/session`: logging in to a console, who one is, and logging out.

use axum::{Json as Answer, extract::State, response::IntoResponse as _, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use portcullis_domain::Secret;
use portcullis_store::{Tenant, User};
use serde::Serialize;
use utoipa::ToSchema;

use super::sessions::{LIFETIME_MS, OpenSession};
use crate::{
    AppState, Registration,
    body::Json,
    caller::{ClientAddress, tenant_of},
    error::{Kind, Problem},
    manage::{
        Problems,
        auth::{Credentials, Identity, check_credentials},
    },
};

/// The cookie's name over TLS, where a browser takes it from this very host only.
const SECURE_COOKIE: &str = "__Host-portcullis";
/// Its name without TLS.
const PLAIN_COOKIE: &str = "portcullis";
const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");

/// Who uses the console.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConsoleSession {
    /// Who is logged in; null for nobody.
    user: Option<Identity>,
    /// The name of the user's company; null for a super admin.
    company_name: Option<String>,
    /// To be sent as `X-CSRF-Token` with every request that changes something.
    csrf_token: Option<String>,
    /// Whether anybody may make an account.
    may_register: bool,
}

impl ConsoleSession {
    fn new(state: &AppState, user: &User, tenant: Option<&Tenant>, csrf: String) -> Self {
        Self {
            user: Some(Identity::new(user, tenant.map(|tenant| tenant.slug.as_str()))),
            company_name: tenant.map(|tenant| tenant.name.clone()),
            csrf_token: Some(csrf),
            ..Self::nobody(state)
        }
    }

    fn nobody(state: &AppState) -> Self {
        Self { may_register: state.registration == Registration::Open, ..Self::default() }
    }
}

/// Logs in to a console: the answer sets a cookie, which takes the place of a bearer token from then on.
#[utoipa::path(post, path = "/console/session", tag = "auth", request_body = Credentials,
    responses((status = 200, description = "Logged in", body = ConsoleSession), Problems))]
pub(crate) async fn open_session(
    State(state): State<AppState>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    body: Result<Json<Credentials>, Problem>,
) -> Result<Response, Problem> {
    let (user, tenant) = check_credentials(&state, from, body).await?;
    let session = state.sessions.open(&user, state.clock.now()).map_err(|error| {
        tracing::error!(%error, "no session could be made");
        Problem::internal()
    })?;
    if let Some(before) = token(&headers) {
        state.sessions.close(before);
    }
    let cookie = cookie(&session.token, is_secure(&headers))?;
    let body = ConsoleSession::new(&state, &user, tenant.as_deref(), session.csrf);
    Ok(([(header::SET_COOKIE, cookie)], Answer(body)).into_response())
}

/// Tells who uses the console; nobody when there is no session.
#[utoipa::path(get, path = "/console/session", tag = "auth",
    responses((status = 200, description = "Who one is", body = ConsoleSession), Problems))]
pub(crate) async fn show_session(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Answer<ConsoleSession> {
    let Some(OpenSession { user, csrf, .. }) = found(&state, &headers) else {
        return Answer(ConsoleSession::nobody(&state));
    };
    match tenant_of(&user, &state.store.control()) {
        Ok(tenant) => Answer(ConsoleSession::new(&state, &user, tenant.as_deref(), csrf)),
        Err(_suspended) => Answer(ConsoleSession::nobody(&state)),
    }
}

/// Logs out of a console. Nothing is wrong when nobody is logged in.
#[utoipa::path(delete, path = "/console/session", tag = "auth",
    responses((status = 204, description = "Logged out"), Problems))]
pub(crate) async fn close_session(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(session) = found(&state, &headers) {
        check_csrf(&session, &headers)?;
    }
    if let Some(token) = token(&headers) {
        state.sessions.close(token);
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    for (name, attributes) in [(SECURE_COOKIE, "; Secure"), (PLAIN_COOKIE, "")] {
        let text = format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{attributes}");
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    Ok(response)
}

/// The session of a management request, or why it can not be used; `None` without a cookie.
pub(crate) fn of_request(parts: &Parts, state: &AppState) -> Result<Option<OpenSession>, Problem> {
    let Some(session) = found(state, &parts.headers) else { return Ok(None) };
    if !parts.method.is_safe() {
        check_csrf(&session, &parts.headers)?;
    }
    Ok(Some(session))
}

fn found(state: &AppState, headers: &HeaderMap) -> Option<OpenSession> {
    state.sessions.find(token(headers)?, &state.store.control(), state.clock.now())
}

fn check_csrf(session: &OpenSession, headers: &HeaderMap) -> Result<(), Problem> {
    let sent = headers.get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wrong =
        || Problem::new(Kind::Forbidden, "The header X-CSRF-Token does not have the session's token.");
    session.is_csrf(sent).then_some(()).ok_or_else(wrong)
}

/// What the session cookie holds; the one that only this very host can have set counts first.
fn token(headers: &HeaderMap) -> Option<&str> {
    let named = |wanted: &str| {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut cookies =
            lines.flat_map(|line| line.split(';')).filter_map(|item| item.trim().split_once('='));
        cookies.find(|(name, _)| *name == wanted).map(|(_, value)| value)
    };
    named(SECURE_COOKIE).or_else(|| named(PLAIN_COOKIE))
}

/// Whether the browser itself speaks TLS, be it to us or to a proxy in front.
fn is_secure(headers: &HeaderMap) -> bool {
    headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

fn cookie(token: &Secret<String>, is_secure: bool) -> Result<HeaderValue, Problem> {
    let (name, attributes) = if is_secure { (SECURE_COOKIE, "; Secure") } else { (PLAIN_COOKIE, "") };
    let age_s = LIFETIME_MS / 1_000;
    let text =
        format!("{name}={}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict{attributes}", token.expose());
    let mut value = HeaderValue::from_str(&text).map_err(|_| Problem::internal())?;
    value.set_sensitive(true);
    Ok(value)
}
