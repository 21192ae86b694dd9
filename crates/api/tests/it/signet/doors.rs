//! Who gets in.

use http::Method;
use portcullis_testkit::TestApp;
use serde_json::json;

use super::support::{USER, data, enroll, enrolled, error, get, key, try_post, two_partners};

/// Every call, with a body that it can read.
const CALLS: [(&str, &str); 19] = [
    ("POST", "/vc/v1/enroll"),
    ("POST", "/fraud/v1/blacklist"),
    ("GET", "/fraud/v1/blacklist"),
    ("PATCH", "/fraud/v1/blacklist/550e8400-e29b-41d4-a716-446655440000"),
    ("DELETE", "/fraud/v1/blacklist/550e8400-e29b-41d4-a716-446655440000"),
    ("POST", "/fraud/v1/flag-device"),
    ("GET", "/fraud/v1/device-check?deviceId=d"),
    ("POST", "/fraud/v1/unflag-device"),
    ("POST", "/fraud/v1/ip-flag"),
    ("GET", "/fraud/v1/ip-check?ip=192.0.2.1"),
    ("DELETE", "/fraud/v1/ip-flag/192.0.2.1"),
    ("GET", "/fraud/v1/geo-verify?ipAddress=192.0.2.1&expectedCountry=US"),
    ("POST", "/fraud/v1/report-user"),
    ("POST", "/fraud/v1/check-user"),
    ("POST", "/fraud/v1/get-reports-by-user"),
    ("POST", "/fraud/v1/remove-report"),
    ("POST", "/fraud/v1/unflag-user"),
    ("POST", "/fraud/v1/check-risk-score"),
    ("POST", "/fraud/v1/report-fraud"),
];

/// The status and code of every call with this header.
async fn all(app: &TestApp, authorization: &str) -> Vec<(u16, String)> {
    let mut found = Vec::new();
    for (method, path) in CALLS {
        let method: Method = method.parse().unwrap();
        let is_post = method == Method::POST;
        let mut call = app.call(method, path);
        if is_post {
            call = call.json(&json!({}));
        }
        if !authorization.is_empty() {
            call = call.header("authorization", authorization);
        }
        let answer = call.send().await;
        let body = answer.json();
        found.push((answer.status.as_u16(), body["errors"]["code"].as_str().unwrap_or_default().to_owned()));
    }
    found
}

#[tokio::test]
async fn no_call_works_without_a_key_that_works() {
    let (app, acme, _other) = two_partners().await;
    let same = |status: u16, code: &str| vec![(status, code.to_owned()); CALLS.len()];
    assert_eq!(all(&app, "").await, same(401, "missing_header"));
    assert_eq!(all(&app, "Bearer ").await, same(401, "missing_header"));
    assert_eq!(all(&app, &format!("Basic {}", acme.live)).await, same(401, "missing_header"));
    assert_eq!(all(&app, "Bearer sg_live_0").await, same(401, "invalid_api_key"));
    // People of a partner are no backend, and a super admin is nobody's partner.
    assert_eq!(all(&app, &format!("Bearer {}", acme.tenant.admin)).await, same(401, "invalid_api_key"));
    assert_eq!(all(&app, &format!("Bearer {}", app.admin)).await, same(403, "partner_missing"));
    let change = json!({ "status": "suspended" });
    app.patch("/api/v1/admin/clients/acme", &change).bearer(&app.admin).send().await.expect(200);
    assert_eq!(all(&app, &format!("Bearer {}", acme.live)).await, same(403, "partner_suspended"));
}

#[tokio::test]
async fn a_missing_header_is_told_in_the_words_of_the_public_record() {
    let (app, ..) = two_partners().await;
    let answer = app.get("/fraud/v1/blacklist").send().await;
    assert_eq!(answer.json()["message"], "Authorization header missing or malformed");
    error(answer, 401, "invalid_request", "missing_header");
}

#[tokio::test]
async fn a_revoked_key_is_refused_by_the_next_call() {
    let (app, acme, _other) = two_partners().await;
    let made = key(&app, &acme.tenant, &json!({})).await;
    let (key, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
    get(&app, key, "blacklist").await;
    let path = format!("/api/v1/client/api-keys/{id}");
    app.delete(&path).bearer(&acme.tenant.admin).send().await.expect(204);
    let answer = app.get("/fraud/v1/blacklist").bearer(key).send().await;
    error(answer, 401, "authentication_error", "invalid_api_key");
}

#[tokio::test]
async fn any_live_key_of_the_partner_works_with_the_scope_that_a_call_needs() {
    let (app, acme, _other) = two_partners().await;
    // Made for the ingest dialect.
    enroll(&app, &acme.tenant.key, USER).await;
    assert!(acme.live.starts_with("sg_live_") && acme.test.starts_with("sg_test_"));
    let told = |scopes: &'static [&'static str]| {
        let (app, tenant) = (&app, &acme.tenant);
        async move {
            let made = key(app, tenant, &json!({ "scopes": scopes })).await;
            let missing = all(app, &format!("Bearer {}", made["key"].as_str().unwrap())).await;
            missing.into_iter().map(|(_, code)| code == "scope_missing").collect::<Vec<_>>()
        }
    };
    let reads = told(&["fraud:read"]).await;
    let writes = told(&["fraud:write"]).await;
    let enrolls = told(&["identity:*"]).await;
    for (index, call) in CALLS.iter().enumerate() {
        let allowed =
            [reads[index], writes[index], enrolls[index]].iter().filter(|missing| !**missing).count();
        assert_eq!(allowed, 1, "{call:?} needs one scope");
    }
    assert!(!enrolls[0] && !writes[1] && !reads[2]);
}

#[tokio::test]
async fn a_key_may_be_bound_to_addresses() {
    let (app, acme, _other) = two_partners().await;
    let made = key(&app, &acme.tenant, &json!({ "allowedIps": ["192.0.2.0/24"] })).await;
    let call = || app.get("/fraud/v1/blacklist").bearer(made["key"].as_str().unwrap());
    data(call().from("192.0.2.7").send().await, 200);
    error(call().from("198.51.100.1").send().await, 403, "authorization_error", "ip_not_allowed");
}

#[tokio::test]
async fn there_is_no_limit_until_the_partner_has_one() {
    let (app, acme, _other) = two_partners().await;
    for _ in 0..1_100 {
        get(&app, &acme.live, "ip-check?ip=192.0.2.1").await;
    }
    let change = json!({ "rateLimitPerMinute": 2 });
    app.patch("/api/v1/admin/clients/acme", &change).bearer(&app.admin).send().await.expect(200);
    get(&app, &acme.live, "ip-check?ip=192.0.2.1").await;
    get(&app, &acme.live, "blacklist").await;
    let answer = app.get("/fraud/v1/blacklist").bearer(&acme.live).send().await;
    error(answer, 429, "rate_limit_error", "rate_limit_exceeded");
    app.clock.advance(60_000);
    get(&app, &acme.live, "blacklist").await;
}

#[tokio::test]
async fn whoever_is_not_enrolled_is_404_everywhere() {
    let (app, _acme, other) = enrolled().await;
    // Enrolled with the other partner's live data only.
    let user = json!({ "userId": USER, "reason": "r", "ip": "192.0.2.1", "description": "d",
                       "deviceId": "d", "reasons": ["payment_fraud"] });
    let paths = [
        "blacklist",
        "flag-device",
        "ip-flag",
        "report-user",
        "check-user",
        "get-reports-by-user",
        "remove-report",
        "unflag-user",
        "check-risk-score",
        "report-fraud",
    ];
    for path in paths {
        error(try_post(&app, &other.test, path, &user).await, 404, "not_found", "user_not_enrolled");
    }
    for method in [Method::PATCH, Method::DELETE] {
        let path = format!("/fraud/v1/blacklist/{USER}");
        let answer = app.call(method, &path).bearer(&other.test).send().await;
        error(answer, 404, "not_found", "user_not_enrolled");
    }
}
