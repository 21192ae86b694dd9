//! Who is asking: values that can not exist unless somebody proved to be that.
//!
//! [`ApiCaller`] is a client's backend with an API key, whatever the dialect; each dialect's `auth.rs` finds the
//! credential in its own header and tells a [`Refusal`] in its own envelope. [`SuperAdmin`], [`Member`],
//! [`TenantAnalyst`] and [`TenantAdmin`] are people with a token, or with the session of a console; a handler names the one
//! that it wants as an argument.

use std::{net::IpAddr, sync::Arc};

use axum::extract::FromRequestParts;
use domain::{Mode, Realm, TenantId};
use http::{header, request::Parts};
use portcullis_domain as domain;
use portcullis_store::{Actor, Control, KeyRecord, Role, Scope, Settings, Tenant, TenantStatus, User};

use crate::{
    AppState,
    client_ip::client_ip,
    console::{self, SessionKey},
    credential,
    error::{Kind, Problem},
    request_id,
};

/// A client's backend, known by its key.
#[derive(Clone, Debug)]
pub(crate) struct ApiCaller {
    /// Whose backend.
    pub(crate) tenant: TenantId,
    /// The data set that the key works on.
    pub(crate) mode: Mode,
    /// The key.
    pub(crate) key: Arc<KeyRecord>,
    _proof: (),
}

/// Why a key's holder is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no key, or it is unknown, revoked or expired; which of these is not told.
    Unauthenticated,
    /// The client is suspended.
    Suspended,
    /// The key may not be used from that address.
    AddressNotAllowed,
    /// The key may not be used for this.
    ScopeMissing(Scope),
    /// The key was used too often; the next call may come in so many seconds. The headers are taken care of.
    TooManyRequests(u32),
}

/// How often a key may call a dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// The window in which calls are counted; it slides.
    pub(crate) window: LimitWindow,
    /// The limit where the client has none of its own; no limit when `None`.
    pub(crate) default: Option<u32>,
    /// The client's own.
    pub(crate) own: fn(&Settings) -> Option<u32>,
}

/// How long calls count, and with which others. Calls in one window do not count in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitWindow {
    /// A minute.
    Minute,
    /// A minute, for requests of figures, which are counted apart.
    MinuteOfAnalytics,
    /// 15 minutes.
    QuarterHour,
}

impl Limit {
    /// As many as the client set for a minute, or any number.
    pub(crate) const PER_MINUTE: Self =
        Self { window: LimitWindow::Minute, default: None, own: |settings| settings.rate_limit_per_minute };

    /// The limit of a client with these settings.
    pub(crate) fn of(&self, settings: &Settings) -> Option<u32> {
        (self.own)(settings).or(self.default)
    }
}

impl ApiCaller {
    /// Takes the holder of `credential` for what the key says, if it may do what needs `scope`, and calls no more often
    /// than `limit`.
    pub(crate) fn authenticate(
        state: &AppState,
        parts: &Parts,
        credential: Option<&str>,
        scope: Scope,
        limit: Limit,
    ) -> Result<Self, Refusal> {
        let control = state.store.control();
        let sha256 = credential.and_then(credential::recognize).ok_or(Refusal::Unauthenticated)?;
        let now = state.clock.now();
        let key = control.key(&sha256, now).ok_or(Refusal::Unauthenticated)?;
        let tenant = control.tenant(key.tenant).ok_or(Refusal::Unauthenticated)?;
        if tenant.status != TenantStatus::Active {
            return Err(Refusal::Suspended);
        }
        if !key.allowed_ips.is_empty() {
            let from = client_ip(&parts.extensions, &parts.headers, &state.trusted_proxies);
            if !key.allowed_ips.iter().any(|network| network.contains(&from)) {
                return Err(Refusal::AddressNotAllowed);
            }
        }
        if !key.scopes.contains(scope) {
            return Err(Refusal::ScopeMissing(scope));
        }
        if let Some(most) = limit.of(&tenant.settings) {
            let quota = state.key_calls.of(limit.window).take(&key.id, most, now);
            request_id::set_quota(quota);
            if !quota.is_allowed {
                return Err(Refusal::TooManyRequests(quota.reset_s));
            }
        }
        key.touch(now);
        Ok(Self { tenant: key.tenant, mode: key.mode, key: Arc::clone(key), _proof: () })
    }

    /// The data that the key works on.
    pub(crate) const fn realm(&self) -> Realm {
        Realm { tenant: self.tenant, mode: self.mode }
    }
}

/// The token after `Bearer` in the header `Authorization`.
pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Anybody who is logged in and active.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    /// Who.
    pub(crate) user: Arc<User>,
    /// Whose, unless a super admin; not suspended.
    pub(crate) tenant: Option<Arc<Tenant>>,
    /// The same for the audit log.
    pub(crate) actor: Actor,
    /// The session of a console, unless there was a token.
    session: Option<SessionKey>,
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let control = state.store.control();
        let unauthenticated = || Problem::new(Kind::Unauthenticated, "There is no valid token.");
        let (user, session) = match bearer(parts) {
            Some(token) => (state.tokens.read(token, &control, state.clock.now()), None),
            None => console::session::of_request(parts, state)?
                .map_or((None, None), |session| (Some(session.user), Some(session.key))),
        };
        let user = user.ok_or_else(unauthenticated)?;
        let tenant = tenant_of(&user, &control)?;
        let from = client_ip(&parts.extensions, &parts.headers, &state.trusted_proxies);
        let actor = Actor::user(user.id, user.email.clone(), user.role, request_id::current(), from);
        Ok(Self { user, tenant, actor, session })
    }
}

/// The tenant of a user, unless it is suspended.
pub(crate) fn tenant_of(user: &User, control: &Control) -> Result<Option<Arc<Tenant>>, Problem> {
    let Some(id) = user.tenant else { return Ok(None) };
    let tenant = control.tenant(id).ok_or_else(Problem::internal)?;
    match tenant.status {
        TenantStatus::Active => Ok(Some(Arc::clone(tenant))),
        TenantStatus::Suspended => {
            Err(Problem::new(Kind::Suspended, "This client is suspended; its operator knows why."))
        }
    }
}

fn forbidden(needed: &'static str) -> Problem {
    Problem::new(Kind::Forbidden, format!("This needs the role {needed}."))
}

/// A super admin.
pub(crate) struct SuperAdmin {
    /// For the audit log.
    pub(crate) actor: Actor,
}

impl FromRequestParts<AppState> for SuperAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let operator = Operator::from_request_parts(parts, state).await?;
        match operator.user.role {
            Role::SuperAdmin => Ok(Self { actor: operator.actor }),
            Role::ClientAdmin | Role::Analyst | Role::Viewer => Err(forbidden("SUPER_ADMIN")),
        }
    }
}

/// Any user of a client; may read what is the client's.
pub(crate) struct Member {
    /// Whose.
    pub(crate) tenant: Arc<Tenant>,
    user: Arc<User>,
    session: Option<SessionKey>,
}

impl Member {
    /// Whether a request of theirs would still be let in: for answers that go on.
    pub(crate) fn is_still_welcome(&self, state: &AppState) -> bool {
        let control = state.store.control();
        let is_same = |user: &Arc<User>| user.is_active() && user.token_version == self.user.token_version;
        control.user(self.user.id).is_some_and(is_same)
            && tenant_of(&self.user, &control).is_ok()
            && self.session.is_none_or(|session| state.sessions.is_open(session, state.clock.now()))
    }
}

impl FromRequestParts<AppState> for Member {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Operator { user, tenant, session, .. } = Operator::from_request_parts(parts, state).await?;
        let tenant = tenant.ok_or_else(|| forbidden("CLIENT_ADMIN, ANALYST or VIEWER"))?;
        Ok(Self { tenant, user, session })
    }
}

/// A client's analyst or admin; may also judge: change lists, and report what turned out to be true.
pub(crate) struct TenantAnalyst {
    /// Whose.
    pub(crate) tenant: Arc<Tenant>,
    /// For the audit log.
    pub(crate) actor: Actor,
}

impl FromRequestParts<AppState> for TenantAnalyst {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Operator { user, tenant, actor, .. } = Operator::from_request_parts(parts, state).await?;
        match (user.role, tenant) {
            (Role::ClientAdmin | Role::Analyst, Some(tenant)) => Ok(Self { tenant, actor }),
            _ => Err(forbidden("CLIENT_ADMIN or ANALYST")),
        }
    }
}

/// A client's admin; may change what is the client's.
pub(crate) struct TenantAdmin {
    /// Whose.
    pub(crate) tenant: Arc<Tenant>,
    /// For the audit log.
    pub(crate) actor: Actor,
}

impl FromRequestParts<AppState> for TenantAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Operator { user, tenant, actor, .. } = Operator::from_request_parts(parts, state).await?;
        match (user.role, tenant) {
            (Role::ClientAdmin, Some(tenant)) => Ok(Self { tenant, actor }),
            _ => Err(forbidden("CLIENT_ADMIN")),
        }
    }
}

/// The address the request came from.
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, std::convert::Infallible> {
        Ok(Self(client_ip(&parts.extensions, &parts.headers, &state.trusted_proxies)))
    }
}
