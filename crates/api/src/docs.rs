//! The OpenAPI document, and a page that shows it: no foreign host is asked for anything.

pub(crate) mod answers;

use axum::{
    Router,
    extract::Path,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderName, header};
use utoipa::openapi::OpenApi;

use crate::error::{Kind, Problem};

/// Only what this server itself serves may run or be loaded.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes of the documentation, with `document` as their subject.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(document: &OpenApi) -> Router<S> {
    let json = Bytes::from(serde_json::to_vec(document).unwrap_or_default());
    Router::new()
        // Somebody who opens the server in a browser finds the console.
        .route("/", get(|| async { Redirect::temporary("/client-admin") }))
        .route("/openapi.json", get(move || async move { file("application/json", json) }))
        .route("/docs", get(|| async { page(include_str!("docs/index.html").to_owned()) }))
        .route("/docs/app.js", get(|| async { file("text/javascript; charset=utf-8", APP.into()) }))
        .route("/docs/style.css", get(|| async { file("text/css; charset=utf-8", STYLE.into()) }))
        .route("/problems/{code}", get(problem))
}

const APP: &str = include_str!("docs/app.js");
const STYLE: &str = include_str!("docs/style.css");

fn file(content_type: &'static str, content: Bytes) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], content).into_response()
}

fn page(html: String) -> Response {
    let policy: (HeaderName, &str) = (header::CONTENT_SECURITY_POLICY, POLICY);
    ([policy, (header::CACHE_CONTROL, "no-cache")], Html(html)).into_response()
}

/// The page that a problem document's `type` names.
async fn problem(Path(code): Path<String>) -> Response {
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.describe().1 == code) else {
        return Problem::not_found().into_response();
    };
    let (status, _, title) = kind.describe();
    page(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>\
         <link rel=stylesheet href=/docs/style.css><main><h1>{title}</h1><p>Status {status}.</p><p>{}</p>\
         <p><a href=/docs>All of the API</a></p></main></html>",
        kind.advice()
    ))
}
