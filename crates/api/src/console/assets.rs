//! The consoles' page and its files, which `build.rs` put into the binary.

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::error::Problem;

/// A built file.
#[derive(Debug)]
struct Asset {
    /// Below `console/dist/site`.
    path: &'static str,
    content: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/console_assets.rs"));

/// Nothing from elsewhere, nothing inline, no text that becomes a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Names of files have a hash of what is in them.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The page under every address of the consoles, and the files that it loads.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut router = Router::new().route("/console/assets/{*path}", get(file));
    for path in ["/admin", "/admin/{*path}", "/client-admin", "/client-admin/{*path}"] {
        router = router.route(path, get(page));
    }
    router
}

async fn page(headers: HeaderMap) -> Response {
    let missing =
        Asset { path: "missing.html", content: include_bytes!("missing.html"), brotli: None, gzip: None };
    let index = ASSETS.iter().find(|asset| asset.path == "index.html").unwrap_or(&missing);
    let mut response = index.answer(&headers);
    let policy: (HeaderName, HeaderValue) =
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response.headers_mut().extend([policy, (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))]);
    response
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let asset = ASSETS.iter().find(|asset| asset.path.strip_prefix("assets/") == Some(&path));
    let Some(asset) = asset else { return Problem::not_found().into_response() };
    let mut response = asset.answer(&headers);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    response
}

impl Asset {
    /// The content in the smallest form that the caller takes.
    fn answer(&self, request: &HeaderMap) -> Response {
        let packed = [("br", self.brotli), ("gzip", self.gzip)];
        let packed = packed.into_iter().find_map(|(name, content)| Some((name, content?)));
        let packed = packed.filter(|(name, _)| accepts(request, name));
        let packed = packed.or_else(|| Some(("gzip", self.gzip?)).filter(|(name, _)| accepts(request, name)));
        let (content, encoding) = match packed {
            Some((encoding, content)) => (content, Some(encoding)),
            None => (self.content, None),
        };
        let mut response = content.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(self.path)));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

/// Whether `Accept-Encoding` names it, and not with the weight zero.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let lines = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let is_refused = parts.any(|part| {
            part.strip_prefix("q=")
                .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
        });
        is_named && !is_refused
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    const ASSET: Asset =
        Asset { path: "assets/x.js", content: b"plain", brotli: Some(b"br"), gzip: Some(b"gz") };

    async fn answered(asset: &Asset, accepted: &str) -> (String, String) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
        let response = asset.answer(&headers);
        let encoding = response.headers().get(header::CONTENT_ENCODING);
        let encoding = encoding.map_or("", |value| value.to_str().unwrap()).to_owned();
        let content = to_bytes(response.into_body(), 100).await.unwrap();
        (encoding, String::from_utf8(content.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_smallest_accepted_form_is_sent() {
        for (accepted, encoding, content) in [
            ("gzip, deflate, br", "br", "br"),
            ("gzip;q=0.5", "gzip", "gz"),
            ("br;q=0, gzip", "gzip", "gz"),
            ("identity", "", "plain"),
            ("br;q=0,gzip;q=0.0", "", "plain"),
        ] {
            let expected = (encoding.to_owned(), content.to_owned());
            assert_eq!(answered(&ASSET, accepted).await, expected, "{accepted}");
        }
        let plain = Asset { brotli: None, gzip: None, ..ASSET };
        assert_eq!(answered(&plain, "br, gzip").await, (String::new(), "plain".to_owned()));
    }

    #[test]
    fn every_built_file_has_a_type() {
        for asset in ASSETS {
            assert_ne!(content_type(asset.path), "application/octet-stream", "{}", asset.path);
        }
    }
}
