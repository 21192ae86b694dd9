//! `/openapi.json` and `/docs`.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn the_page_asks_no_foreign_host() {
    let app = TestApp::new().await;
    for (path, content_type) in
        [("/docs", "text/html"), ("/docs/app.js", "text/javascript"), ("/docs/style.css", "text/css")]
    {
        let answer = app.get(path).send().await.expect(200);
        assert!(answer.header("content-type").starts_with(content_type), "{path}");
        assert!(!answer.text().contains("http://") && !answer.text().contains("https://"), "{path}");
        assert!(!answer.text().contains("//cdn"), "{path}");
    }
    let page = app.get("/docs").send().await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.text().contains("<style") && !page.text().contains("onclick="));
}

#[tokio::test]
async fn the_front_door_leads_to_the_page() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/").send().await.expect(307).header("location"), "/client-admin");
}

/// What is done without being told more than the path.
const BY_PATH_ALONE: [&str; 4] =
    ["/webhooks/{id}/rotate-secret", "/webhooks/{id}/test", "/resend", "/fraud/v1/blacklist/{id}"];

#[tokio::test]
async fn the_document_describes_every_operation() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").send().await.expect_json(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    for path in ["/healthz", "/v1/auth/login", "/api/v1/events/ingest", "/api/v1/client/rules"] {
        assert!(paths.contains_key(path), "{path}");
    }
    let mut ids = std::collections::HashSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["summary"].is_string(), "{method} {path} says what it does");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(response["description"].is_string(), "{method} {path} {status} says what it is");
            }
            let has_body = operation["requestBody"].is_object();
            let answers = operation["responses"].as_object().unwrap();
            let of_bodies: &[&str] = if has_body { &["400", "408", "413", "415", "500", "503"] } else { &[] };
            let of_callers: &[&str] =
                if operation["security"].is_array() { &["401", "403", "429", "500", "503"] } else { &[] };
            for status in of_bodies.iter().chain(of_callers) {
                assert!(answers.contains_key(*status), "{method} {path} tells of {status}");
            }
            let is_told_more = ["post", "put", "patch"].contains(&method.as_str())
                && !BY_PATH_ALONE.iter().any(|action| path.ends_with(action));
            assert_eq!(has_body, is_told_more, "{method} {path}");
        }
    }
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn errors_are_what_the_document_says() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").send().await.expect_json(200);
    let schemas = &document["components"]["schemas"];
    let required = |schema: &str| schemas[schema]["required"].clone();
    assert_eq!(required("FieldError"), json!(["pointer", "message"]));
    assert_eq!(required("DialectFieldError"), json!(["field", "message"]));
    // The members that only two paths have must not be asked of all.
    let parts = schemas["Problem"]["allOf"].as_array().unwrap();
    assert!(parts.iter().all(|part| part.get("oneOf").is_none()), "{parts:?}");
    assert_eq!(required("AlsoHere"), json!(null));
}
