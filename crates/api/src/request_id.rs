//! What every request carries along: its id, its path, and the quota it was counted against.
//!
//! It is a task-local, because errors are made deep inside handlers and each of them shows the id.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use domain::Stopwatch;
use http::{HeaderName, HeaderValue, StatusCode, Uri};
use metrics::Histogram;
use percent_encoding::percent_decode_str;
use portcullis_domain as domain;
use tracing::Instrument as _;

use crate::{fraudshield, rate_limit::Quota};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 64;

struct Context {
    id: HeaderValue,
    uri: Uri,
    quota: Cell<Option<Quota>>,
}

tokio::task_local! {
    static CONTEXT: Context;
}

/// The id of the request that is being served; empty outside of one.
pub fn current() -> String {
    CONTEXT.try_with(|context| text(&context.id).to_owned()).unwrap_or_default()
}

/// The path of the request that is being served; empty outside of one.
pub(crate) fn path() -> String {
    CONTEXT.try_with(|context| context.uri.path().to_owned()).unwrap_or_default()
}

/// Notes the quota that the request was counted against, for the answer's headers.
pub(crate) fn set_quota(quota: Quota) {
    // Outside of a request there is no answer to put it on.
    let _ = CONTEXT.try_with(|context| context.quota.set(Some(quota)));
}

/// Gives the request an id, or takes the caller's; a span; the headers that every answer has; and measures it.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let id = accepted(&request).unwrap_or_else(generate);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = method_label(request.method());
    let name = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    // Not at the usual level: a span per request costs more than all signals together.
    let span =
        tracing::debug_span!("request", request.id = text(&id), http.method = method, http.route = name);
    let context = Context { id: id.clone(), uri: request.uri().clone(), quota: Cell::new(None) };
    let stopwatch = Stopwatch::start();
    // One whose escapes make no text names nothing.
    let is_text = percent_decode_str(request.uri().path()).decode_utf8().is_ok();
    let respond = async {
        let mut response = if is_text { next.run(request).await } else { crate::not_found().await };
        if let Some(quota) = CONTEXT.with(|context| context.quota.get()) {
            quota.write_to(response.headers_mut());
            if fraudshield::owns(&path()) {
                fraudshield::write_headers(quota, response.headers_mut());
            }
        }
        response
    };
    let mut response = CONTEXT.scope(context, respond).instrument(span).await;
    latency(route.as_ref(), method, response.status()).record(stopwatch.elapsed());
    crate::secure(response.headers_mut());
    response.headers_mut().insert(HEADER, id);
    response
}

/// The answer that `refuse` makes for a request that no handler sees, with an id and headers like any other.
pub(crate) fn answer_for<B>(request: &http::Request<B>, refuse: impl FnOnce() -> Response) -> Response {
    let id = accepted(request).unwrap_or_else(generate);
    let context = Context { id: id.clone(), uri: request.uri().clone(), quota: Cell::new(None) };
    let mut response = CONTEXT.sync_scope(context, refuse);
    crate::secure(response.headers_mut());
    response.headers_mut().insert(HEADER, id);
    response
}

/// What measures requests of this kind. Looked up by the addresses of its labels, which live as long as the router.
fn latency(route: Option<&MatchedPath>, method: &'static str, status: StatusCode) -> Histogram {
    thread_local! {
        static KNOWN: RefCell<HashMap<(usize, usize, StatusCode), Histogram>> = RefCell::default();
    }
    let route = route.map_or("unmatched", MatchedPath::as_str);
    let key = (route.as_ptr() as usize, method.as_ptr() as usize, status);
    let register = || {
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.as_u16().to_string()),
        ];
        metrics::histogram!("http_request_duration_seconds", &labels)
    };
    KNOWN.with_borrow_mut(|known| known.entry(key).or_insert_with(register).clone())
}

fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
}

/// Methods can be any word: only known ones may become a label.
fn method_label(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn accepted<B>(request: &http::Request<B>) -> Option<HeaderValue> {
    let id = request.headers().get(HEADER)?;
    let is_sane = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    ((1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(is_sane)).then(|| id.clone())
}

/// Unique among all processes: a random part per process, and a counter.
fn generate() -> HeaderValue {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    let process = *PROCESS.get_or_init(|| {
        let mut bytes = [0; 8];
        // Without a random source ids are unique within this process only, which is better than no answer.
        let _ = getrandom::fill(&mut bytes);
        u64::from_le_bytes(bytes)
    });
    let id = format!("req_{process:016x}{:08x}", COUNTER.fetch_add(1, Ordering::Relaxed));
    HeaderValue::try_from(id).unwrap_or_else(|_| HeaderValue::from_static("req_0"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn accepts(id: &str) -> bool {
        accepted(&Request::builder().header("x-request-id", id).body(Body::empty()).unwrap()).is_some()
    }

    #[test]
    fn takes_only_harmless_ids() {
        assert!(accepts("a-B_9.z") && accepts(&"a".repeat(64)));
        assert!(!accepts("") && !accepts(&"a".repeat(65)) && !accepts("a b") && !accepts("a;b"));
    }

    #[test]
    fn generated_ids_differ_and_are_acceptable() {
        assert_ne!(generate(), generate());
        assert!(accepts(text(&generate())));
    }
}
