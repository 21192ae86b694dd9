//! The public APIs: five dialects, each translating to and from `domain`, and the management API.
//!
//! [`router`] is the page to read first: every route is on it, and the OpenAPI document is made from the same lines.

mod body;
mod caller;
mod client_ip;
mod console;
pub mod credential;
mod csv;
mod cursor;
mod custom_rules;
mod docs;
mod duration;
pub mod error;
mod event_time;
mod failure;
mod forced;
mod fraudsense;
mod fraudshield;
mod health;
mod idempotency;
mod ingest;
mod keyri;
mod manage;
pub mod password;
mod rate_limit;
mod request_id;
mod sdk;
mod signet;
mod state;
mod text;
mod token;
mod velocity_rules;
pub mod webhook_url;

use axum::{
    Router,
    middleware::from_fn,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use portcullis_domain::Dialect;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

#[doc(hidden)]
pub use crate::keyri::envelope::read_anything as read_keyri_envelope;
use crate::{
    error::{Kind, Problem},
    failure::Failure,
    fraudsense::FraudsenseError,
    fraudshield::FraudshieldError,
    ingest::IngestError,
    keyri::KeyriError,
    manage::{api_keys, audit, auth, clients, lists, reputation, rules, users},
    signet::SignetError,
};
pub use crate::{
    manage::reputation::apply_edits,
    request_id::current as current_request_id,
    signet::Enrollments,
    state::{AppState, Readiness, Registration, Setup},
};

/// Every route.
fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        // Operations
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        // Ingest: a client's backend with an API key
        .routes(routes!(ingest::ingest))
        .routes(routes!(ingest::get_event))
        .routes(routes!(ingest::report_outcome))
        // Fraudsense: an app's SDK or its backend with an API key
        .routes(routes!(fraudsense::score))
        .routes(routes!(fraudsense::history))
        .routes(routes!(fraudsense::report_events))
        // Fraudsense: an account's people with a token
        .routes(routes!(fraudsense::register))
        .routes(routes!(fraudsense::create_key, fraudsense::list_keys))
        .routes(routes!(fraudsense::revoke_key))
        .routes(routes!(fraudsense::stats))
        .routes(routes!(fraudsense::devices))
        .merge(fraudshield_routes())
        .merge(signet_routes())
        .merge(management_routes())
}

/// Fraudshield: a client's backend with an API key.
fn fraudshield_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(fraudshield::add_block, fraudshield::list_blocks))
        .routes(routes!(fraudshield::check_blocks))
        .routes(routes!(fraudshield::remove_block))
        .routes(routes!(fraudshield::note_appeal))
        .routes(routes!(fraudshield::assess_action))
        .routes(routes!(fraudshield::verify_identity))
        .routes(routes!(fraudshield::register_device))
        .routes(routes!(fraudshield::show_device))
        .routes(routes!(fraudshield::device_history))
        .routes(routes!(fraudshield::linked_accounts))
        .routes(routes!(fraudshield::block_device, fraudshield::unblock_device))
        .routes(routes!(fraudshield::search_duplicates))
        .routes(routes!(fraudshield::show_duplicates))
        .routes(routes!(fraudshield::analyze_identity))
        .routes(routes!(fraudshield::check_velocity))
        .routes(routes!(fraudshield::create_velocity_rule, fraudshield::list_velocity_rules))
        .routes(routes!(
            fraudshield::show_velocity_rule,
            fraudshield::change_velocity_rule,
            fraudshield::delete_velocity_rule
        ))
        .routes(routes!(fraudshield::show_summary))
        .routes(routes!(fraudshield::show_trends))
        .routes(routes!(fraudshield::show_rule_figures))
        .routes(routes!(fraudshield::create_fraud_rule, fraudshield::list_fraud_rules))
        .routes(routes!(fraudshield::test_fraud_rule))
        .routes(routes!(
            fraudshield::show_fraud_rule,
            fraudshield::change_fraud_rule,
            fraudshield::delete_fraud_rule
        ))
        .routes(routes!(fraudshield::show_settings, fraudshield::change_settings))
        .routes(routes!(fraudshield::report_signal, fraudshield::list_signals))
        .routes(routes!(fraudshield::show_signal))
        .routes(routes!(fraudshield::confirm_signal))
        .routes(routes!(fraudshield::dismiss_signal))
        .routes(routes!(fraudshield::list_reviews))
        .routes(routes!(fraudshield::show_review))
        .routes(routes!(fraudshield::resolve_review))
        // Keyri: a client's backend with the keys of a service
        .routes(routes!(keyri::show_public_key))
        .routes(routes!(keyri::assess_client))
}

/// Signet: a partner's backend with an API key.
fn signet_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(signet::enroll_user))
        .routes(routes!(signet::blacklist_user, signet::list_blacklist))
        .routes(routes!(signet::check_blacklist, signet::unblacklist_user))
        .routes(routes!(signet::flag_device))
        .routes(routes!(signet::check_device))
        .routes(routes!(signet::unflag_device))
        .routes(routes!(signet::flag_ip))
        .routes(routes!(signet::check_ip))
        .routes(routes!(signet::unflag_ip))
        .routes(routes!(signet::verify_place))
        .routes(routes!(signet::report_user))
        .routes(routes!(signet::check_user))
        .routes(routes!(signet::list_reports_of_user))
        .routes(routes!(signet::remove_report))
        .routes(routes!(signet::unflag_user))
        .routes(routes!(signet::check_risk_score))
        .routes(routes!(signet::report_fraud))
}

/// Management: people with a token, or with the session of a console.
fn management_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(auth::login))
        .routes(routes!(auth::me))
        .routes(routes!(clients::create_client, clients::list_clients))
        .routes(routes!(clients::show_client, clients::update_client))
        .routes(routes!(users::create_user, users::list_users))
        .routes(routes!(users::update_user, users::remove_user))
        .routes(routes!(manage::team::add_teammate, manage::team::list_team))
        .routes(routes!(manage::team::change_teammate, manage::team::remove_teammate))
        .routes(routes!(api_keys::create_key_of_client, api_keys::list_keys_of_client))
        .routes(routes!(api_keys::revoke_key_of_client))
        .routes(routes!(api_keys::create_own_key, api_keys::list_own_keys))
        .routes(routes!(api_keys::revoke_own_key))
        .routes(routes!(rules::show_global_rules, rules::change_global_rules))
        .routes(routes!(rules::show_own_rules, rules::change_own_rules))
        .routes(routes!(manage::custom_rules::create_custom_rule, manage::custom_rules::list_custom_rules))
        .routes(routes!(manage::custom_rules::test_custom_rule))
        .routes(routes!(
            manage::custom_rules::show_custom_rule,
            manage::custom_rules::change_custom_rule,
            manage::custom_rules::delete_custom_rule
        ))
        .routes(routes!(
            manage::velocity_rules::create_own_velocity_rule,
            manage::velocity_rules::list_own_velocity_rules
        ))
        .routes(routes!(
            manage::velocity_rules::show_own_velocity_rule,
            manage::velocity_rules::change_own_velocity_rule,
            manage::velocity_rules::delete_own_velocity_rule
        ))
        .routes(routes!(lists::add_entry, lists::list_entries))
        .routes(routes!(lists::show_entry, lists::remove_entry))
        .routes(routes!(
            manage::keyri_services::create_keyri_service,
            manage::keyri_services::list_keyri_services
        ))
        .routes(routes!(manage::keyri_services::delete_keyri_service))
        .routes(routes!(manage::keyri_services::show_keyri_risk, manage::keyri_services::change_keyri_risk))
        .routes(routes!(manage::keyri_services::show_keyri_rules, manage::keyri_services::change_keyri_rules))
        .routes(routes!(manage::settings::show_own_settings, manage::settings::change_own_settings))
        .routes(routes!(manage::signals::list_own_signals))
        .routes(routes!(manage::signals::confirm_own_signal))
        .routes(routes!(manage::signals::dismiss_own_signal))
        .routes(routes!(manage::reviews::list_own_reviews))
        .routes(routes!(manage::reviews::resolve_own_review))
        .routes(routes!(reputation::show_list, reputation::replace_list, reputation::patch_list))
        .routes(routes!(manage::webhooks::create_webhook, manage::webhooks::list_webhooks))
        .routes(routes!(
            manage::webhooks::show_webhook,
            manage::webhooks::change_webhook,
            manage::webhooks::delete_webhook
        ))
        .routes(routes!(manage::webhooks::rotate_webhook_secret))
        .routes(routes!(manage::webhooks::test_webhook))
        .routes(routes!(manage::webhooks::list_webhook_deliveries))
        .routes(routes!(manage::webhooks::resend_webhook_delivery))
        .routes(routes!(manage::events::list))
        .routes(routes!(manage::feed::stream))
        .routes(routes!(manage::events::get))
        .routes(routes!(manage::directory::list_seen_users))
        .routes(routes!(manage::directory::list_seen_devices))
        .routes(routes!(manage::trust::show_trust_model))
        .routes(routes!(manage::trust::list_trust_versions))
        .routes(routes!(manage::trust::roll_trust_model_back))
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::list_own_audit))
        // The consoles, which use the same with a cookie
        .routes(routes!(
            console::session::open_session,
            console::session::show_session,
            console::session::close_session
        ))
        .routes(routes!(console::figures::show_figures))
        .routes(routes!(console::variables::list_variables))
}

/// The whole server but the sockets.
pub fn router(state: AppState) -> Router {
    let (routes, mut document) = routes().split_for_parts();
    docs::answers::complete(&mut document, envelope);
    routes
        .merge(docs::router(&document))
        .merge(sdk::router())
        .merge(console::router())
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(request_id::layer))
        .with_state(state)
}

/// The OpenAPI 3.1 document of every route.
pub fn openapi() -> Document {
    let mut document = routes().into_openapi();
    docs::answers::complete(&mut document, envelope);
    document
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Portcullis", description = "Self-hosted, multi-tenant, real-time fraud decisions."),
    tags(
        (name = "ingest", description = "Judge signups and logins: for a client's backend, with an API key."),
        (name = "fraudsense", description = "Score devices, and make accounts and keys for that."),
        (name = "fraudshield", description = "Block people, devices and addresses, and write rules: for a client's backend, with an API key."),
        (name = "keyri", description = "Judge what web pages and apps sealed: for a client's backend, with the keys of a service."),
        (name = "signet", description = "Enroll, blacklist, flag and report people, devices and addresses: for a partner's backend, with an API key."),
        (name = "events", description = "What was judged, and why."),
        (name = "auth", description = "Tokens for people."),
        (name = "rules", description = "Points, thresholds and limits."),
        (name = "custom-rules", description = "Conditions that a client writes for its own events."),
        (name = "velocity-rules", description = "How often a client lets something be attempted."),
        (name = "signals", description = "What a client found to be fraud, and what waits for a person's decision."),
        (name = "lists", description = "Whom and what a client blocks, allows or watches."),
        (name = "webhooks", description = "Where a client is told of what happens."),
        (name = "api-keys", description = "Keys for a client's backend."),
        (name = "clients", description = "The tenants of this installation: for super admins."),
        (name = "users", description = "Who may log in for a client."),
        (name = "reputation", description = "Lists of addresses, networks and domains: for super admins."),
        (name = "audit", description = "Who changed what."),
        (name = "operations", description = "For whoever runs the server."),
    ),
    components(schemas(error::ProblemBody, error::FieldError, signet::ErrorBody)),
    modifiers(&Credentials)
)]
struct ApiDoc;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("x-api-key")));
        components.add_security_scheme("token", token);
        components.add_security_scheme("ingest_key", key);
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-FraudSense-Key")));
        components.add_security_scheme("fraudsense_key", key);
        let key = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("fraudshield_key", key.clone());
        components.add_security_scheme("signet_key", key);
    }
}

/// The dialect that the path belongs to, or none for the management API and what is nowhere.
fn dialect_of(path: &str) -> Option<Dialect> {
    [
        (Dialect::Ingest, failure::is_below("/api/v1/events", path)),
        (Dialect::Fraudsense, fraudsense::owns(path)),
        (Dialect::Fraudshield, fraudshield::owns(path)),
        (Dialect::Keyri, keyri::owns(path)),
        (Dialect::Signet, signet::owns(path)),
    ]
    .into_iter()
    .find_map(|(dialect, is_its)| is_its.then_some(dialect))
}

/// The schema and the media type of the errors of the API that the path belongs to, as [`in_envelope`] makes them.
fn envelope(path: &str) -> docs::answers::Envelope {
    let schema = match dialect_of(path) {
        Some(Dialect::Ingest) => "IngestError",
        Some(Dialect::Fraudsense) => "FraudsenseError",
        Some(Dialect::Fraudshield) => "FraudshieldError",
        Some(Dialect::Keyri) => "KeyriError",
        Some(Dialect::Signet) => "SignetError",
        None => return ("Problem", "application/problem+json"),
    };
    (schema, "application/json")
}

/// Errors that no handler makes, in the envelope of the API that the path belongs to; `problem` where that is no dialect.
fn in_envelope(failure: Failure, problem: Problem) -> Response {
    match dialect_of(&request_id::path()) {
        Some(Dialect::Ingest) => IngestError::from(failure).into_response(),
        Some(Dialect::Fraudsense) => FraudsenseError::from(failure).into_response(),
        Some(Dialect::Fraudshield) => FraudshieldError::from(failure).into_response(),
        Some(Dialect::Keyri) => KeyriError::from(failure).into_response(),
        Some(Dialect::Signet) => SignetError::from(failure).into_response(),
        None => problem.into_response(),
    }
}

/// The answer to a request that was shed, because there is too much to do already: 503, to be tried again in a second.
pub fn overloaded<B>(request: &http::Request<B>) -> Response {
    let detail = "The server has as many requests in hand as it will take; try again shortly.";
    let problem = Problem::unavailable(detail, 1);
    request_id::answer_for(request, || in_envelope(Failure::Overloaded, problem))
}

/// The answer to a request whose body did not arrive in time: 408.
pub fn too_slow<B>(request: &http::Request<B>) -> Response {
    let problem = Problem::new(Kind::TooSlow, "The request's body did not arrive in time.");
    request_id::answer_for(request, || in_envelope(Failure::TooSlow, problem))
}

async fn not_found() -> Response {
    in_envelope(Failure::NotFound, Problem::not_found())
}

async fn method_not_allowed() -> Response {
    let detail = "The path has no such method; see the header Allow.";
    in_envelope(Failure::MethodNotAllowed, Problem::new(Kind::MethodNotAllowed, detail))
}

#[allow(clippy::needless_pass_by_value, reason = "the layer wants it so")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text, request.id = request_id::current(), "a handler panicked");
    in_envelope(Failure::Internal, Problem::internal())
}

/// Headers that every answer has, unless a handler knows better.
fn secure(headers: &mut HeaderMap) {
    const HEADERS: [(HeaderName, HeaderValue); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        ),
    ];
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    async fn broken() -> String {
        let number: u8 = "no number".parse().expect("the secret is 42");
        number.to_string()
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_tells_nothing() {
        let router: Router = Router::new()
            .route("/x", get(broken))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(request_id::layer));
        let request = http::Request::builder().uri("/x").header("x-request-id", "mine").body(Body::empty());
        let response = router.oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["x-request-id"], "mine");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&body["type"], &body["request_id"]), (&"/problems/internal".into(), &"mine".into()));
        assert!(!body.to_string().contains("42"));
    }

    #[tokio::test]
    async fn a_panic_is_told_in_the_envelope_of_its_dialect() {
        for (path, code, id, expected) in [
            ("/api/v1/events/x", "/error/code", "/error/requestId", "internal_error"),
            ("/v1/fraud/x", "/error/code", "/error/request_id", "internal_error"),
            ("/fraud/v1/x", "/errors/code", "/errors/requestId", "internal_error"),
            ("/vc/v1/x", "/errors/code", "/errors/requestId", "internal_error"),
            ("/v1/risk/x", "/code", "/requestId", "INTERNAL_ERROR"),
            ("/v1/events", "/code", "/requestId", "INTERNAL_ERROR"),
            ("/v1/keys", "/code", "/requestId", "INTERNAL_ERROR"),
            ("/v1/dashboard/x", "/code", "/requestId", "INTERNAL_ERROR"),
            ("/v1/auth/register", "/code", "/requestId", "INTERNAL_ERROR"),
            ("/v1/auth/login", "/code", "/request_id", "INTERNAL_ERROR"),
            ("/v1/client/x", "/error/code", "/requestId", "internal_error"),
        ] {
            let router: Router = Router::new()
                .route(path, get(broken))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(from_fn(request_id::layer));
            let request = http::Request::builder().uri(path).header("x-request-id", "mine");
            let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.status(), 500);
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body.pointer(code), Some(&expected.into()), "{path} {body}");
            assert_eq!(body.pointer(id), Some(&"mine".into()), "{path} {body}");
            assert!(!body.to_string().contains("42"));
        }
    }
}
