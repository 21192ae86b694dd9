//! Logging in, and who one is.

use axum::{Json as Answer, extract::State};
use domain::{Email, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{Role, Tenant, User};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};
use utoipa::ToSchema;

use super::Problems;
use crate::{
    AppState,
    body::Json,
    caller::{ClientAddress, Operator, tenant_of},
    error::{Kind, Problem},
    fraudsense::{Account, AccountProfile},
    password::{Password, PasswordError},
    rate_limit::{MINUTE_MS, QUARTER_HOUR_MS, SlidingLog},
    token,
};

/// Calls of `/v1/auth/*` a minute from one address (an IPv6 /64 counts as one).
const CALLS_PER_ADDRESS: u32 = 30;
/// Failed log-ins of one account in 15 minutes.
const FAILURES_PER_ACCOUNT: u32 = 5;

/// What keeps passwords from being guessed.
pub(crate) struct LoginThrottle {
    calls: SlidingLog<IpAddr>,
    /// By a hash of the address typed, whether there is such an account or not: else the limit would tell.
    failures: SlidingLog<[u8; 32]>,
}

impl LoginThrottle {
    pub(crate) fn new() -> Self {
        Self { calls: SlidingLog::new(MINUTE_MS), failures: SlidingLog::new(QUARTER_HOUR_MS) }
    }

    /// Counts a call of `/v1/auth/*`, before anything is looked at.
    pub(crate) fn count_call(&self, from: IpAddr, now: Timestamp) -> Result<(), Problem> {
        let visitor = domain::ip::visitor_network(from);
        let quota = self.calls.take(&visitor, CALLS_PER_ADDRESS, now);
        if quota.is_allowed { Ok(()) } else { Err(Problem::too_many_requests(quota.reset_s)) }
    }

    /// Counts a failure before the password is looked at, so that calls at the same time can not pass together.
    fn count_failure(&self, email: &str, now: Timestamp) -> Result<(), Problem> {
        let account = *blake3::hash(email.as_bytes()).as_bytes();
        let quota = self.failures.take(&account, FAILURES_PER_ACCOUNT, now);
        if quota.is_allowed { Ok(()) } else { Err(Problem::too_many_requests(quota.reset_s)) }
    }

    fn forget_failures(&self, email: &str) {
        self.failures.forget(blake3::hash(email.as_bytes()).as_bytes());
    }
}

/// Who wants to log in. Other fields are ignored, because clients of fraudsense send some.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Credentials {
    /// The user's address.
    #[schema(example = "jane@example.com")]
    email: String,
    /// The user's password.
    #[schema(value_type = String, format = Password)]
    password: Password,
}

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Identity {
    /// The user's id.
    id: String,
    /// The user's address.
    email: String,
    /// SUPER_ADMIN, CLIENT_ADMIN, ANALYST or VIEWER.
    #[schema(value_type = String, example = "CLIENT_ADMIN")]
    role: Role,
    /// The slug of the user's client; null for a super admin.
    tenant: Option<String>,
}

impl Identity {
    pub(crate) fn new(user: &User, slug: Option<&str>) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.clone(),
            role: user.role,
            tenant: slug.map(str::to_owned),
        }
    }
}

/// A successful log-in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// To be sent as `Authorization: Bearer …`.
    token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the token is valid, s.
    #[schema(example = 86400)]
    expires_in: i64,
    /// Who is logged in.
    user: Identity,
    /// The user's account; null for a super admin.
    client: Option<Account>,
}

/// All about who is logged in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    #[serde(flatten)]
    user: Identity,
    /// The name of the user's company; null for a super admin.
    company_name: Option<String>,
    /// The user's account; null for a super admin.
    client: Option<AccountProfile>,
}

/// Logs in. An unknown address and a wrong password give the same answer after the same time.
#[utoipa::path(post, path = "/v1/auth/login", tag = "auth", request_body = Credentials, responses((status = 200, description = "Logged in", body = Session), Problems))]
pub(crate) async fn login(
    State(state): State<AppState>,
    ClientAddress(from): ClientAddress,
    body: Result<Json<Credentials>, Problem>,
) -> Result<Answer<Session>, Problem> {
    let (user, tenant) = check_credentials(&state, from, body).await?;
    let token = state.tokens.issue(&user, state.clock.now()).ok_or_else(Problem::internal)?;
    let client = tenant.as_ref().map(|tenant| Account::new(tenant, &user));
    let user = Identity::new(&user, tenant.as_ref().map(|tenant| tenant.slug.as_str()));
    Ok(Answer(Session { token, token_type: "Bearer", expires_in: token::LIFETIME_S, user, client }))
}

/// Whose credentials these are, and whose user that is.
pub(crate) async fn check_credentials(
    state: &AppState,
    from: IpAddr,
    body: Result<Json<Credentials>, Problem>,
) -> Result<(User, Option<Arc<Tenant>>), Problem> {
    let now = state.clock.now();
    state.logins.count_call(from, now)?;
    let Json(Credentials { email, password }) = body?;
    // What is no address is nobody's, and takes as long.
    let email = Email::parse(&email).map_or(email, |email| email.to_lowercase().into());
    state.logins.count_failure(&email, now)?;
    let found = state.store.find_login(email.clone()).await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let is_right = state.passwords.verify(password, hash).await?;
    let Some(user) = found.map(|found| found.user).filter(|user| is_right && user.is_active()) else {
        return Err(Problem::new(Kind::Unauthenticated, "The e-mail address or the password is wrong."));
    };
    state.logins.forget_failures(&email);
    let tenant = tenant_of(&user, &state.store.control())?;
    Ok((user, tenant))
}

/// Tells who one is.
#[utoipa::path(get, path = "/v1/auth/me", tag = "auth", security(("token" = [])),
    responses((status = 200, description = "Who one is", body = Profile), Problems))]
pub(crate) async fn me(
    State(state): State<AppState>,
    ClientAddress(from): ClientAddress,
    operator: Result<Operator, Problem>,
) -> Result<Answer<Profile>, Problem> {
    state.logins.count_call(from, state.clock.now())?;
    let Operator { user, tenant, .. } = operator?;
    let tenant = tenant.as_deref();
    Ok(Answer(Profile {
        user: Identity::new(&user, tenant.map(|tenant| tenant.slug.as_str())),
        company_name: tenant.map(|tenant| tenant.name.clone()),
        client: tenant.map(|tenant| AccountProfile::new(tenant, &user)),
    }))
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::new(Kind::Unavailable, "Too many people are logging in right now."),
            PasswordError::Failed => {
                tracing::error!("a password could not be hashed");
                Self::internal()
            }
        }
    }
}
