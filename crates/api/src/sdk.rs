//! The script for a client's own pages, as `sdk/browser` builds it.
//!
//! Its path names nothing that content blockers look for. It is public, the same for everybody, and calls no server.

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, StatusCode, header};

static SCRIPT: &[u8] = include_bytes!("../../../sdk/browser/dist/form.js");

/// A new version is in use everywhere within the hour, and until then nobody asks twice.
const KEPT: &str = "public, max-age=3600";
/// Pages that embed nothing without permission may embed this.
const POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The route of the script.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let tag = format!("\"{}\"", &blake3::hash(SCRIPT).to_hex()[..32]);
    Router::new()
        .route("/assets/form.js", get(move |headers: HeaderMap| async move { answer(&headers, &tag) }))
}

fn answer(request: &HeaderMap, tag: &str) -> Response {
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, KEPT), (POLICY, "cross-origin")];
    if has(request, tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let content_type = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    (headers, [content_type], SCRIPT).into_response()
}

/// Whether the caller says that it has this version. A proxy that compresses the script makes its tag a weak one.
fn has(request: &HeaderMap, tag: &str) -> bool {
    let lines = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
