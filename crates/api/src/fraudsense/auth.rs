//! The key in the header `X-FraudSense-Key`, and the people of an account with their tokens.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use portcullis_store::{Actor, Role, Scope, Tenant};

use super::FraudsenseError;
use crate::{
    AppState,
    caller::{ApiCaller, Limit, LimitWindow, Operator},
    failure::Failure,
    request_id,
};

/// Calls in 15 minutes, of a key whose client has no limit of its own, or of all people of an account together.
const CALLS: u32 = 1_000;

/// How often a key may call.
const PER_KEY: Limit = Limit {
    window: LimitWindow::QuarterHour,
    default: Some(CALLS),
    own: |settings| settings.requests_per_15_min,
};

/// An SDK or a client's backend that may score devices and send events.
pub(crate) struct FraudsenseCaller(pub(crate) ApiCaller);

/// The same that may read what is known.
pub(crate) struct FraudsenseReader(pub(crate) ApiCaller);

impl FromRequestParts<AppState> for FraudsenseCaller {
    type Rejection = FraudsenseError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudsenseError> {
        holder(parts, state, Scope::Ingest).map(Self)
    }
}

impl FromRequestParts<AppState> for FraudsenseReader {
    type Rejection = FraudsenseError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudsenseError> {
        holder(parts, state, Scope::FraudRead).map(Self)
    }
}

fn holder(parts: &Parts, state: &AppState, scope: Scope) -> Result<ApiCaller, FraudsenseError> {
    let key = parts.headers.get("x-fraudsense-key").and_then(|value| value.to_str().ok());
    Ok(ApiCaller::authenticate(state, parts, key, scope, PER_KEY)?)
}

/// Any of an account's people; may read what is the account's.
pub(crate) struct AccountCaller {
    /// Whose.
    pub(crate) tenant: Arc<Tenant>,
    role: Role,
    actor: Actor,
}

impl FromRequestParts<AppState> for AccountCaller {
    type Rejection = FraudsenseError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudsenseError> {
        let Operator { user, tenant, actor, .. } = Operator::from_request_parts(parts, state).await?;
        let tenant = tenant.ok_or_else(|| {
            FraudsenseError::Forbidden("This needs an account; super admins have none.".into())
        })?;
        let quota = state.account_calls.take(&tenant.id, CALLS, state.clock.now());
        request_id::set_quota(quota);
        if !quota.is_allowed {
            return Err(Failure::RateLimited(quota.reset_s).into());
        }
        Ok(Self { tenant, role: user.role, actor })
    }
}

/// An account's admin; may change what is the account's.
pub(crate) struct AccountAdmin {
    /// Whose.
    pub(crate) tenant: Arc<Tenant>,
    /// For the audit log.
    pub(crate) actor: Actor,
}

impl FromRequestParts<AppState> for AccountAdmin {
    type Rejection = FraudsenseError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudsenseError> {
        let AccountCaller { tenant, role, actor } = AccountCaller::from_request_parts(parts, state).await?;
        match role {
            Role::ClientAdmin => Ok(Self { tenant, actor }),
            Role::SuperAdmin | Role::Analyst | Role::Viewer => {
                Err(FraudsenseError::Forbidden("This needs the role CLIENT_ADMIN.".into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use portcullis_intel::{Intel, Sources};
    use portcullis_testkit::TestApp;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Readiness, Registration, Setup};

    const QUARTER_HOUR_MS: i64 = 15 * 60 * 1_000;

    /// A server whose extractors can be called, and a client's key with these scopes.
    async fn server(scopes: Value) -> (TestApp, AppState, String) {
        let app = TestApp::new().await;
        let state = AppState::new(Setup {
            store: app.store.clone(),
            intel: Arc::new(Intel::load(&Sources::default()).unwrap()),
            trusted_proxies: Vec::new(),
            registration: Registration::Open,
            webhook_allow_private: false,
            readiness: Readiness::default(),
            render_metrics: Arc::new(String::new),
        });
        app.tenant("other").await;
        let client = json!({ "name": "Acme", "slug": "acme" });
        app.post("/api/v1/admin/clients", &client).bearer(&app.admin).send().await.expect(201);
        let key = key(&app, scopes).await;
        (app, state, key)
    }

    async fn key(app: &TestApp, scopes: Value) -> String {
        let key = json!({ "name": "k", "dialect": "fraudsense", "mode": "test", "scopes": scopes });
        let path = "/api/v1/admin/clients/acme/api-keys";
        let made = app.post(path, &key).bearer(&app.admin).send().await.expect_json(201);
        made["key"].as_str().unwrap().to_owned()
    }

    async fn set(app: &TestApp, change: Value) {
        app.patch("/api/v1/admin/clients/acme", &change).bearer(&app.admin).send().await.expect(200);
    }

    fn parts(header: &str, key: &str) -> Parts {
        http::Request::builder().header(header, key).body(()).unwrap().into_parts().0
    }

    /// The answer's code when the call is refused.
    async fn score(state: &AppState, key: &str) -> Option<FraudsenseError> {
        FraudsenseCaller::from_request_parts(&mut parts("X-FraudSense-Key", key), state).await.err()
    }

    #[tokio::test]
    async fn a_key_may_call_a_thousand_times_in_15_minutes() {
        let (app, state, acme) = server(json!(["ingest", "fraud:read"])).await;
        assert!(score(&state, &acme).await.is_none());
        app.clock.advance(60_000);
        for call in 1..1_000 {
            // What it reads counts with what it scores.
            let mut parts = parts("x-fraudsense-key", &acme);
            if call % 2 == 0 {
                assert!(FraudsenseReader::from_request_parts(&mut parts, &state).await.is_ok());
            } else {
                assert!(FraudsenseCaller::from_request_parts(&mut parts, &state).await.is_ok());
            }
        }
        assert!(matches!(
            score(&state, &acme).await,
            Some(FraudsenseError::Failure(Failure::RateLimited(840)))
        ));
        let second = key(&app, json!(["ingest"])).await;
        assert!(score(&state, &second).await.is_none(), "each key is counted apart");
        app.clock.advance(QUARTER_HOUR_MS - 60_000 - 1);
        assert!(matches!(
            score(&state, &acme).await,
            Some(FraudsenseError::Failure(Failure::RateLimited(1)))
        ));
        app.clock.advance(1);
        assert!(score(&state, &acme).await.is_none());
        assert!(matches!(
            score(&state, &acme).await,
            Some(FraudsenseError::Failure(Failure::RateLimited(60)))
        ));
    }

    #[tokio::test]
    async fn the_clients_own_limit_stands_instead() {
        let (app, state, acme) = server(json!(["ingest"])).await;
        // The limit of other dialects is not meant.
        set(&app, json!({ "rateLimitPerMinute": 1, "requestsPer15Min": 2 })).await;
        assert!(score(&state, &acme).await.is_none() && score(&state, &acme).await.is_none());
        assert!(matches!(
            score(&state, &acme).await,
            Some(FraudsenseError::Failure(Failure::RateLimited(900)))
        ));
        set(&app, json!({ "requestsPer15Min": 1_500 })).await;
        for _ in 2..1_500 {
            assert!(score(&state, &acme).await.is_none());
        }
        assert!(score(&state, &acme).await.is_some());
    }

    #[tokio::test]
    async fn only_a_live_key_of_an_active_client_with_the_scope_gets_in() {
        let (app, state, acme) = server(json!(["ingest"])).await;
        let mut request = parts("x-fraudsense-key", &acme);
        let caller = FraudsenseCaller::from_request_parts(&mut request, &state).await.ok().unwrap().0;
        assert_eq!(app.store.control().tenant(caller.tenant).unwrap().slug, "acme");
        assert!(matches!(score(&state, "fs_test_0").await, Some(FraudsenseError::NoKey)));
        assert!(matches!(score(&state, "").await, Some(FraudsenseError::NoKey)));
        let elsewhere = FraudsenseCaller::from_request_parts(&mut parts("x-api-key", &acme), &state).await;
        assert!(matches!(elsewhere.err(), Some(FraudsenseError::NoKey)));
        let reader =
            FraudsenseReader::from_request_parts(&mut parts("x-fraudsense-key", &acme), &state).await;
        assert!(matches!(reader.err(), Some(FraudsenseError::Forbidden(why)) if why.contains("fraud:read")));
        set(&app, json!({ "status": "suspended" })).await;
        assert!(matches!(score(&state, &acme).await, Some(FraudsenseError::Suspended)));
    }
}
