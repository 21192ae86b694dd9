//! `/console/session` and what its cookie opens; the consoles' pages; what conditions may name; a client's team.

use http::Method;
use portcullis_testkit::{Answer, Call, PASSWORD, TestApp};
use serde_json::{Value, json};

const MINUTE_MS: i64 = 60_000;

/// Somebody in a console.
struct Visitor {
    cookie: String,
    csrf: String,
}

async fn log_in(app: &TestApp, email: &str, origin: &str) -> (Answer, Visitor) {
    let body = json!({ "email": email, "password": PASSWORD });
    let answer = app.post("/console/session", &body).header("origin", origin).from("2001:db8:77::1");
    let answer = answer.send().await.expect(200);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let csrf = answer.json()["csrfToken"].as_str().unwrap().to_owned();
    (answer, Visitor { cookie, csrf })
}

async fn visitor(app: &TestApp, email: &str) -> Visitor {
    log_in(app, email, "http://localhost").await.1
}

impl Visitor {
    fn reads(&self, app: &TestApp, path: &str) -> Call {
        app.get(path).header("cookie", &self.cookie)
    }

    fn changes(&self, app: &TestApp, method: Method, path: &str, body: &Value) -> Call {
        app.call(method, path).json(body).header("cookie", &self.cookie).header("x-csrf-token", &self.csrf)
    }
}

fn new_key() -> Value {
    json!({ "name": "shop", "dialect": "ingest", "mode": "live" })
}

#[tokio::test]
async fn logging_in_sets_a_cookie_that_no_script_and_no_other_site_gets() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let (answer, visitor) = log_in(&app, "admin@acme.example", "http://localhost").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("portcullis=") && cookie.ends_with("; HttpOnly; SameSite=Strict"), "{cookie}");
    let token = visitor.cookie.split_once('=').unwrap().1;
    assert!(!answer.text().contains(token), "the body does not tell it");
    let shown = visitor.reads(&app, "/console/session").send().await.expect_json(200);
    assert_eq!(shown, answer.json());
    assert_eq!((&shown["user"]["role"], &shown["companyName"]), (&json!("CLIENT_ADMIN"), &json!("ACME")));
}

#[tokio::test]
async fn over_tls_the_cookie_is_secure_and_of_this_host() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let (answer, visitor) = log_in(&app, "admin@acme.example", "https://fraud.example").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-portcullis=") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(cookie.contains("; Path=/;") && !cookie.contains("Domain"), "{cookie}");
    visitor.reads(&app, "/api/v1/client/rules").send().await.expect(200);
    // A neighbor's cookie of the other name does not get in its way.
    let both = format!("portcullis=planted; {}", visitor.cookie);
    app.get("/api/v1/client/rules").header("cookie", &both).send().await.expect(200);
}

#[tokio::test]
async fn nobody_has_no_session() {
    let app = TestApp::new().await;
    let closed = TestApp::closed_to_registration().await;
    assert_eq!(closed.get("/console/session").send().await.expect_json(200)["mayRegister"], false);
    let nobody = json!({ "user": null, "companyName": null, "csrfToken": null, "mayRegister": true });
    assert_eq!(app.get("/console/session").send().await.expect_json(200), nobody);
    for cookie in ["portcullis=", "portcullis=nonsense", "other=1; portcullis"] {
        assert_eq!(
            app.get("/console/session").header("cookie", cookie).send().await.expect_json(200),
            nobody
        );
        app.get("/api/v1/client/rules").header("cookie", cookie).send().await.expect(401);
    }
    app.delete("/console/session").send().await.expect(204);
}

#[tokio::test]
async fn wrong_credentials_are_refused_and_counted_as_at_the_api() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let wrong = json!({ "email": "admin@acme.example", "password": "WrongPass1!" });
    for _ in 0..5 {
        let refused = app.post("/console/session", &wrong).send().await.expect(401);
        assert_eq!(refused.header("set-cookie"), "");
    }
    let right = json!({ "email": "admin@acme.example", "password": PASSWORD });
    app.post("/console/session", &right).send().await.expect(429);
    app.post("/v1/auth/login", &right).send().await.expect(429);
    app.post("/console/session", &json!({ "email": "a@b.example" })).send().await.expect(400);
}

#[tokio::test]
async fn a_change_needs_the_sessions_token_and_a_look_does_not() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    app.tenant("other").await;
    let admin = visitor(&app, "admin@acme.example").await;
    let stranger = visitor(&app, "admin@other.example").await;
    admin.reads(&app, "/api/v1/client/api-keys").send().await.expect(200);
    let path = "/api/v1/client/api-keys";
    for csrf in ["", "nonsense", stranger.csrf.as_str()] {
        let call = app.post(path, &new_key()).header("cookie", &admin.cookie).header("x-csrf-token", csrf);
        call.send().await.expect(403);
    }
    app.post(path, &new_key()).header("cookie", &admin.cookie).send().await.expect(403);
    let made = admin.changes(&app, Method::POST, path, &new_key()).send().await.expect_json(201);
    let path = format!("{path}/{}", made["id"].as_str().unwrap());
    app.delete(&path).header("cookie", &admin.cookie).send().await.expect(403);
    stranger.changes(&app, Method::DELETE, &path, &json!({})).send().await.expect(404);
    admin.changes(&app, Method::DELETE, &path, &json!({})).send().await.expect(204);
}

#[tokio::test]
async fn a_session_may_do_what_its_users_role_may() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let viewer = visitor(&app, "viewer@acme.example").await;
    viewer.reads(&app, "/api/v1/client/rules").send().await.expect(200);
    viewer.changes(&app, Method::PUT, "/api/v1/client/rules", &json!({})).send().await.expect(403);
    viewer.reads(&app, "/api/v1/admin/clients").send().await.expect(403);
    let root = visitor(&app, "root@example.com").await;
    root.reads(&app, "/api/v1/admin/clients").send().await.expect(200);
    root.reads(&app, "/api/v1/client/rules").send().await.expect(403);
}

#[tokio::test]
async fn a_change_is_in_the_audit_log_under_the_users_name() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let admin = visitor(&app, "admin@acme.example").await;
    admin.changes(&app, Method::POST, "/api/v1/client/api-keys", &new_key()).send().await.expect(201);
    let log = admin.reads(&app, "/api/v1/client/audit?limit=1").send().await.expect_json(200);
    assert_eq!(log["items"][0]["actor"]["name"], "admin@acme.example");
}

#[tokio::test]
async fn logging_out_ends_the_session_and_no_other() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let here = visitor(&app, "admin@acme.example").await;
    let there = visitor(&app, "admin@acme.example").await;
    let rules = "/api/v1/client/rules";
    app.delete("/console/session").header("cookie", &here.cookie).send().await.expect(403);
    here.reads(&app, rules).send().await.expect(200);
    let call =
        app.delete("/console/session").header("cookie", &here.cookie).header("x-csrf-token", &here.csrf);
    let gone = call.send().await.expect(204);
    assert!(gone.header("set-cookie").contains("Max-Age=0"));
    here.reads(&app, rules).send().await.expect(401);
    there.reads(&app, rules).send().await.expect(200);
}

#[tokio::test]
async fn logging_in_again_ends_the_session_before() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let before = visitor(&app, "admin@acme.example").await;
    let body = json!({ "email": "viewer@acme.example", "password": PASSWORD });
    app.post("/console/session", &body).header("cookie", &before.cookie).send().await.expect(200);
    before.reads(&app, "/api/v1/client/rules").send().await.expect(401);
}

#[tokio::test]
async fn a_session_ends_an_hour_after_its_last_request_and_after_12_hours() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let rules = "/api/v1/client/rules";
    let idle = visitor(&app, "admin@acme.example").await;
    app.clock.advance(60 * MINUTE_MS - 1);
    idle.reads(&app, rules).send().await.expect(200);
    app.clock.advance(60 * MINUTE_MS);
    idle.reads(&app, rules).send().await.expect(401);
    let busy = visitor(&app, "admin@acme.example").await;
    for _ in 0..15 {
        app.clock.advance(45 * MINUTE_MS);
        busy.reads(&app, rules).send().await.expect(200);
    }
    app.clock.advance(45 * MINUTE_MS);
    busy.reads(&app, rules).send().await.expect(401);
}

#[tokio::test]
async fn a_user_who_is_changed_or_whose_client_is_suspended_is_out_at_once() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    app.tenant("other").await;
    let rules = "/api/v1/client/rules";
    let viewer = visitor(&app, "viewer@acme.example").await;
    let other = visitor(&app, "admin@other.example").await;
    let users = app.get("/api/v1/admin/clients/acme/users").bearer(&app.admin).send().await.expect_json(200);
    let user = users["items"].as_array().unwrap().iter().find(|user| user["role"] == "VIEWER").unwrap();
    let path = format!("/api/v1/admin/clients/acme/users/{}", user["id"].as_str().unwrap());
    app.patch(&path, &json!({ "status": "disabled" })).bearer(&app.admin).send().await.expect(200);
    viewer.reads(&app, rules).send().await.expect(401);
    let admin = visitor(&app, "admin@acme.example").await;
    let suspended = json!({ "status": "suspended" });
    app.patch("/api/v1/admin/clients/acme", &suspended).bearer(&app.admin).send().await.expect(200);
    admin.reads(&app, rules).send().await.expect(403);
    let shown = admin.reads(&app, "/console/session").send().await.expect_json(200);
    assert_eq!(shown["user"], Value::Null);
    other.reads(&app, rules).send().await.expect(200);
}

#[tokio::test]
async fn of_more_than_20_sessions_of_a_user_the_oldest_ends() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let other = visitor(&app, "viewer@acme.example").await;
    let mut all = Vec::new();
    for _ in 0..21 {
        all.push(visitor(&app, "admin@acme.example").await);
        app.clock.advance(MINUTE_MS);
    }
    let rules = "/api/v1/client/rules";
    all[0].reads(&app, rules).send().await.expect(401);
    for visitor in all[1..].iter().chain([&other]) {
        visitor.reads(&app, rules).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_bearer_token_needs_no_cookie_and_no_other_header() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let viewer = visitor(&app, "viewer@acme.example").await;
    let call = app.post("/api/v1/client/api-keys", &new_key()).bearer(&acme.admin);
    call.header("cookie", &viewer.cookie).send().await.expect(201);
}

#[tokio::test]
async fn every_address_of_the_consoles_is_the_page() {
    let app = TestApp::new().await;
    for path in ["/admin", "/admin/clients/acme", "/client-admin", "/client-admin/events/cm0eavgwarjl91c"] {
        let page = app.get(path).send().await.expect(200);
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        assert_eq!(page.header("cache-control"), "no-cache");
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert!(!page.text().contains("<style") && !page.text().contains("style="), "{path}");
    }
    app.get("/console/assets/none.js").send().await.expect(404);
    app.get("/console/assets/../index.html").send().await.expect(404);
    app.post("/admin", &json!({})).send().await.expect(405);
}

#[tokio::test]
async fn tells_what_conditions_may_name() {
    let app = TestApp::new().await;
    let variables = app.get("/api/v1/rule-variables").send().await.expect_json(200);
    let variables = variables["items"].as_array().unwrap();
    let named = |name: &str| variables.iter().find(|variable| variable["name"] == name).unwrap();
    assert_eq!(named("ip.is_tor")["type"], "bool");
    assert_eq!(named("ip.latitude")["unit"], "degrees");
    assert_eq!(named("device.is_vpn")["doc"], "Whether the address belongs to a VPN provider.");
}

#[tokio::test]
async fn a_clients_users_see_each_other_and_nobody_else() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.tenant("other").await;
    let path = "/api/v1/client/team";
    let first = app.get(&format!("{path}?limit=2")).bearer(&acme.viewer).send().await.expect_json(200);
    let cursor = first["nextCursor"].as_str().unwrap();
    let rest = app.get(&format!("{path}?after={cursor}")).bearer(&acme.viewer).send().await.expect_json(200);
    let pages = [&first, &rest].map(|page| page["items"].as_array().unwrap().clone()).concat();
    let mut users: Vec<_> = pages
        .iter()
        .map(|user| ["email", "role", "status"].map(|field| user[field].as_str().unwrap()))
        .collect();
    // Made in the same millisecond, they come in any order.
    users.sort_unstable();
    let expected = [
        ["admin@acme.example", "CLIENT_ADMIN", "active"],
        ["analyst@acme.example", "ANALYST", "active"],
        ["viewer@acme.example", "VIEWER", "active"],
    ];
    assert_eq!(users, expected);
    app.get(path).bearer(&app.admin).send().await.expect(403);
}

#[tokio::test]
async fn figures_count_what_was_decided_and_what_own_rules_did() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let rule = json!({ "name": "Mine", "condition": "email.is_disposable", "action": "block" });
    let rule = app.post("/api/v1/client/custom-rules", &rule).bearer(&acme.admin);
    let rule = rule.send().await.expect_json(201);
    for email in ["a@mailinator.com", "b@example.com"] {
        let event = json!({ "type": "SIGNUP", "email": email, "externalUserId": email, "ip": "8.8.8.8" });
        app.post("/api/v1/events/ingest", &event).key(&acme.key).send().await.expect(200);
        app.clock.advance(60 * MINUTE_MS);
    }
    let figures = |token: &str, query: &str| app.get(&format!("/api/v1/client/figures{query}")).bearer(token);
    let day = figures(&acme.viewer, "").send().await.expect_json(200);
    let intervals = day["intervals"].as_array().unwrap();
    assert_eq!((intervals.len(), &day["period"], &day["mode"]), (24, &json!("24h"), &json!("live")));
    let of = |interval: &Value| [interval["events"].clone(), interval["blocked"].clone()];
    let counted: Vec<_> = intervals[20..].iter().map(of).collect();
    assert_eq!(json!(counted), json!([[0, 0], [1, 1], [1, 0], [0, 0]]));
    let own = &day["rules"][0];
    assert_eq!([&own["id"], &own["name"], &own["kind"]], [&rule["id"], &json!("Mine"), &json!("custom")]);
    assert_eq!([&own["fired"], &own["blocked"], &own["wouldBlock"]], [&json!(1), &json!(1), &json!(0)]);
    let month = figures(&acme.admin, "?period=30d").send().await.expect_json(200);
    assert_eq!(month["intervals"][29]["events"], 2);
    let test = figures(&acme.admin, "?mode=test").send().await.expect_json(200);
    let foreign = figures(&other.admin, "").send().await.expect_json(200);
    for none in [&test, &foreign] {
        assert!(none["intervals"].as_array().unwrap().iter().all(|interval| interval["events"] == 0));
    }
    assert_eq!(foreign["rules"], json!([]));
    figures(&acme.admin, "?period=2d").send().await.expect(400);
}

#[tokio::test]
async fn figures_count_checks_scores_and_how_long_decisions_took() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let figures = |token: &str, query: &str| app.get(&format!("/api/v1/client/figures{query}")).bearer(token);
    let none = figures(&acme.viewer, "").send().await.expect_json(200);
    assert_eq!([&none["latency"], &none["checks"], &none["scores"]], [&Value::Null, &json!([]), &json!([])]);
    let shadow = json!({ "rules": [{ "code": "DISPOSABLE_EMAIL", "weight": 45, "mode": "shadow" }] });
    let mut ids = Vec::new();
    for index in 0..3 {
        if index == 2 {
            app.put("/api/v1/client/rules", &shadow).bearer(&acme.admin).send().await.expect(200);
        }
        let email = format!("a{index}@mailinator.com");
        let event = json!({ "type": "SIGNUP", "email": email, "externalUserId": email, "ip": "8.8.8.8" });
        let answer = app.post("/api/v1/events/ingest", &event).key(&acme.key).send().await.expect_json(200);
        ids.push((answer["eventId"].as_str().unwrap().to_owned(), answer["riskScore"].as_u64().unwrap()));
    }
    for (index, outcome) in ["CONFIRMED_FRAUD", "FALSE_POSITIVE"].into_iter().enumerate() {
        let path = format!("/api/v1/events/{}/outcome", ids[index].0);
        app.post(&path, &json!({ "outcome": outcome })).key(&acme.key).send().await.expect(200);
    }
    let day = figures(&acme.viewer, "").send().await.expect_json(200);
    let check =
        day["checks"].as_array().unwrap().iter().find(|check| check["code"] == "DISPOSABLE_EMAIL").unwrap();
    let expected = json!({
        "dialect": "ingest", "code": "DISPOSABLE_EMAIL", "fired": 2, "watched": 1, "confirmed": 1, "dismissed": 1,
    });
    assert_eq!(*check, expected);
    let scores = day["scores"].as_array().unwrap();
    let counted: u64 = scores.iter().map(|range| range["events"].as_u64().unwrap()).sum();
    assert_eq!(counted, 3);
    for (_, score) in &ids {
        let from = score / 10 * 10;
        let range = json!({ "dialect": "ingest", "from": from, "to": from + 9 });
        let holds =
            |range: &Value, wanted: &Value| wanted.as_object().unwrap().iter().all(|(k, v)| range[k] == *v);
        assert!(scores.iter().any(|each| holds(each, &range)), "{range} in {scores:?}");
    }
    let latency = &day["latency"];
    assert_eq!(latency["count"], 3);
    let [p50, p95, p99] = ["p50Us", "p95Us", "p99Us"].map(|name| latency[name].as_u64().unwrap());
    assert!(0 < p50 && p50 <= p95 && p95 <= p99, "{latency}");
    let again = figures(&acme.viewer, "?period=30d").send().await.expect_json(200);
    assert_eq!(again["latency"]["count"], 3, "each is counted once");
    for nobody in [figures(&acme.viewer, "?mode=test"), figures(&other.viewer, "")] {
        let nobody = nobody.send().await.expect_json(200);
        assert_eq!(
            [&nobody["latency"], &nobody["checks"], &nobody["scores"]],
            [&Value::Null, &json!([]), &json!([])]
        );
    }
    // Nothing is lost with a restart.
    let app = app.restarted().await;
    let after = app.get("/api/v1/client/figures").bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!(after, day);
}
