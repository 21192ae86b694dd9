//! For whoever runs the server: is it alive, may it be sent work, and how is it doing.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;

/// Whether the process answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Tells that the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "Alive", body = Health)))]
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the server should be sent work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyAnswer {
    /// Whether it should.
    ready: bool,
    /// Why not.
    reasons: Vec<&'static str>,
}

/// Tells whether the server should be sent work.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, description = "Ready", body = ReadyAnswer), (status = 503, description = "Not ready", body = ReadyAnswer)))]
pub(crate) async fn readyz(State(state): State<AppState>) -> (StatusCode, Json<ReadyAnswer>) {
    let mut reasons = Vec::new();
    if !state.readiness.is_ready() {
        reasons.push("starting or stopping");
    }
    if let Err(error) = state.store.check().await {
        tracing::error!(%error, request.id = crate::request_id::current(), "the store can not be read");
        reasons.push("storage failed");
    }
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(ReadyAnswer { ready, reasons }))
}

/// Gives the metrics in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(state): State<AppState>) -> Response {
    let text = (state.render_metrics)();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
