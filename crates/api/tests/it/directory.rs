//! The event log's filters, the users and devices of a client, and all of them as CSV.

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use crate::keyri::support::{Shop, laptop, list};

const MINUTE_MS: i64 = 60_000;
const TOR_EXIT: &str = "9.9.9.1";

/// u1 signs up on the first device, u2 logs in there, and u1 pays from a second one through Tor; with an ingest event in
/// between that names a user in a way that a spreadsheet would compute. The ids of both devices.
async fn fill(app: &TestApp, shop: &Shop<'_>) -> [Value; 2] {
    let (laptop_1, phone) = (shop.web(), shop.web());
    let mut other_claims = laptop("h9");
    other_claims["deviceParams"]["gpuRenderer"] = json!("Mali-G78");
    other_claims["deviceParams"]["screenResolution"] = json!("412x915");
    let first = shop.send(&laptop_1, laptop("h1"), "u1", "signup").await;
    app.clock.advance(MINUTE_MS);
    shop.send(&laptop_1, laptop("h1"), "u2", "login").await;
    app.clock.advance(MINUTE_MS);
    let event = json!({ "type": "LOGIN", "externalUserId": "=HYPERLINK(\"x\")", "email": "a@example.com",
        "ip": "84.160.9.9" });
    app.post("/api/v1/events/ingest", &event).key(&shop.tenant.key).send().await.expect(200);
    app.clock.advance(MINUTE_MS);
    let mut body = shop.body(&phone.envelope(shop.now(), other_claims), "u1", "withdrawal");
    body["ipAddress"] = json!(TOR_EXIT);
    let last = shop.post(&body).await.expect_json(200);
    [first["deviceId"].clone(), last["deviceId"].clone()]
}

async fn get(app: &TestApp, token: &str, path: &str) -> Value {
    app.get(&format!("/api/v1/client/{path}")).bearer(token).send().await.expect_json(200)
}

/// What is said of each item at this pointer.
fn column(answer: &Value, pointer: &str) -> Vec<Value> {
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| item.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {item}")).clone()).collect()
}

#[tokio::test]
async fn users_and_devices_are_listed_by_their_newest_event() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    list(&app, "tor-exits", json!([TOR_EXIT])).await;
    let [first, second] = fill(&app, &shop).await;
    other.send(&other.web(), laptop("h1"), "stranger", "login").await;
    app.clock.advance(12 * 60 * MINUTE_MS);

    let users = get(&app, &shop.tenant.viewer, "users").await;
    assert_eq!(column(&users, "/user"), ["u1", "=HYPERLINK(\"x\")", "u2"]);
    assert_eq!(users["nextCursor"], Value::Null);
    let u1 = &users["items"][0];
    let figures = ["events", "denials", "devices", "ips"].map(|name| u1[name].as_i64().unwrap());
    assert_eq!(figures, [2, 1, 2, 2], "{u1}");
    assert_eq!(u1["ageDays"], json!((12.0 * 60.0 + 3.0) / (24.0 * 60.0)));
    assert_eq!((&u1["lastSeen"], &u1["last"]["action"]), (&u1["last"]["at"], &json!("withdrawal")));
    assert_eq!((&u1["last"]["decision"], &u1["last"]["answer"]), (&json!("block"), &json!("deny")));
    assert!(u1["firstSeen"].as_str() < u1["lastSeen"].as_str());
    let ingest = &users["items"][1];
    assert_eq!((&ingest["last"]["dialect"], &ingest["last"]["answer"]), (&json!("ingest"), &Value::Null));

    let devices = get(&app, &shop.tenant.analyst, "devices").await;
    assert_eq!(column(&devices, "/last/deviceUuid"), [second, first.clone()]);
    let device = &devices["items"][1];
    let figures = ["events", "denials", "users", "ips"].map(|name| device[name].as_i64().unwrap());
    assert_eq!(figures, [2, 0, 2, 1], "{device}");
    assert_eq!((&device["last"]["browser"], &device["last"]["os"]), (&json!("Chrome"), &json!("Windows")));

    let others = get(&app, &other.tenant.admin, "users").await;
    assert_eq!(column(&others, "/user"), ["stranger"]);
    for empty in ["users?mode=test", "devices?mode=test"] {
        assert_eq!(get(&app, &shop.tenant.admin, empty).await["items"], json!([]));
    }
}

#[tokio::test]
async fn filters_are_about_the_newest_event_and_pages_go_on() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    list(&app, "tor-exits", json!([TOR_EXIT])).await;
    let [first, second] = fill(&app, &shop).await;
    let (first, second) = (first.as_str().unwrap(), second.as_str().unwrap());
    let token = &shop.tenant.admin;
    for (query, expected) in [
        ("answer=deny".to_owned(), vec!["u1"]),
        ("answer=warn".to_owned(), vec![]),
        ("decision=BLOCK".to_owned(), vec!["u1"]),
        ("dialect=keyri".to_owned(), vec!["u1", "u2"]),
        ("dialect=ingest".to_owned(), vec!["=HYPERLINK(\"x\")"]),
        ("action=signup".to_owned(), vec![]),
        ("type=login".to_owned(), vec!["=HYPERLINK(\"x\")", "u2"]),
        ("signal=tor".to_owned(), vec!["u1"]),
        (format!("device={first}"), vec!["u2"]),
        (format!("device={}", second.to_uppercase()), vec!["u1"]),
        ("user=u1".to_owned(), vec!["u1"]),
        ("user=nobody".to_owned(), vec![]),
        ("ip=9.9.9.1".to_owned(), vec!["u1"]),
        ("from=2999-01-01T00:00:00Z".to_owned(), vec![]),
    ] {
        let users = get(&app, token, &format!("users?{query}")).await;
        assert_eq!(column(&users, "/user"), expected, "{query}");
    }
    let mut seen = Vec::new();
    let mut path = "users?limit=1".to_owned();
    loop {
        let page = get(&app, token, &path).await;
        seen.extend(column(&page, "/user"));
        let Some(next) = page["nextCursor"].as_str() else { break };
        path = format!("users?limit=1&after={next}");
        // A cursor is for its list, its filters and its client.
        for wrong in [format!("devices?limit=1&after={next}"), format!("users?answer=deny&after={next}")] {
            app.get(&format!("/api/v1/client/{wrong}")).bearer(token).send().await.expect(400);
        }
        app.get(&format!("/api/v1/client/{path}")).bearer(&other.admin).send().await.expect(400);
    }
    assert_eq!(seen, ["u1", "=HYPERLINK(\"x\")", "u2"]);
    for (query, pointer) in [
        ("dialect=esperanto", "dialect"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("ip=nowhere", "ip"),
        ("from=yesterday", "from"),
        ("action=", "action"),
    ] {
        let answer = app.get(&format!("/api/v1/client/users?{query}")).bearer(token).send().await;
        assert_eq!(answer.expect_json(400)["errors"][0]["pointer"], pointer, "{query}");
    }
    for query in ["signals=x", "format=xml", "limit=x"] {
        app.get(&format!("/api/v1/client/devices?{query}")).bearer(token).send().await.expect(400);
    }
}

#[tokio::test]
async fn the_event_log_is_found_by_what_a_keyri_service_calls_things() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    list(&app, "tor-exits", json!([TOR_EXIT])).await;
    let rule = json!({ "rule": "big ones", "signal": "cash_out", "outcome": "call",
        "conditions": { "eventType": "withdrawal" }, "strength": 5 });
    shop.put("/rules", &json!({ "rules": [rule] })).await;
    let [first, _] = fill(&app, &shop).await;
    let token = &shop.tenant.admin;
    for (query, actions) in [
        ("dialect=keyri".to_owned(), vec!["withdrawal", "login", "signup"]),
        ("action=login".to_owned(), vec!["login"]),
        ("answer=call".to_owned(), vec!["withdrawal"]),
        ("answer=allow".to_owned(), vec!["login", "signup"]),
        ("signal=cash_out".to_owned(), vec!["withdrawal"]),
        ("signal=tor&user=u1".to_owned(), vec!["withdrawal"]),
        ("signal=tor&user=u2".to_owned(), vec![]),
        (format!("device={}", first.as_str().unwrap()), vec!["login", "signup"]),
    ] {
        let events = get(&app, token, &format!("events?{query}")).await;
        assert_eq!(column(&events, "/action"), actions, "{query}");
    }
    let events = get(&app, token, "events?action=withdrawal").await;
    let fired = events["items"][0]["fired"].as_array().unwrap();
    assert!(fired.contains(&json!("cash_out")) && fired.contains(&json!("tor")), "{fired:?}");
}

fn rows(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    answer.text().split_terminator("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn lists_are_tables_that_are_safe_to_open_too() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    list(&app, "tor-exits", json!([TOR_EXIT])).await;
    fill(&app, &shop).await;
    let token = &shop.tenant.viewer;
    let csv = |path: &str| app.get(&format!("/api/v1/client/{path}")).bearer(token);
    for (path, name, count, first) in [
        ("events?format=csv", "events", 4, "\"id\",\"at\",\"dialect\""),
        ("users?format=csv", "users", 3, "\"user\",\"firstSeen\",\"ageDays\""),
        ("devices?format=csv", "devices", 2, "\"device\",\"firstSeen\",\"ageDays\""),
    ] {
        let answer = csv(path).send().await.expect(200);
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}.csv\""));
        assert_eq!(answer.header("link"), "");
        let rows = rows(&answer);
        assert_eq!((rows.len(), rows[0].starts_with(first)), (count + 1, true), "{rows:?}");
        let columns = |row: &String| row.matches(',').count();
        assert!(rows.iter().all(|row| columns(row) == columns(&rows[0])), "{rows:?}");
        let others = app.get(&format!("/api/v1/client/{path}")).bearer(&other.admin).send().await.expect(200);
        assert_eq!(self::rows(&others).len(), 1);
    }
    let users = csv("users").header("accept", "text/csv").send().await.expect(200);
    let formula = rows(&users).into_iter().find(|row| row.contains("HYPERLINK")).unwrap();
    assert!(formula.starts_with(r#""'=HYPERLINK(""x"")","#), "{formula}");

    // Page by page it is the same.
    let whole = rows(&csv("events?format=csv").send().await.expect(200));
    let (mut paged, mut next) =
        (vec![whole[0].clone()], "/api/v1/client/events?limit=3&format=csv".to_owned());
    while !next.is_empty() {
        let answer = app.get(&next).bearer(token).send().await.expect(200);
        paged.extend(rows(&answer).into_iter().skip(1));
        let link = answer.header("link");
        next = link.strip_prefix('<').and_then(|rest| rest.split('>').next()).unwrap_or_default().to_owned();
        assert_eq!(next.is_empty(), !link.ends_with("rel=\"next\""));
    }
    assert_eq!(paged, whole);
    let risk = csv(&format!("keyri-services/{}/risk?format=csv", shop.text("id"))).send().await.expect(200);
    let risk = self::rows(&risk);
    assert_eq!(risk[0], r#""signal","label","enabled","outcome","defaultOutcome","strength""#);
    assert!(risk.contains(&r#""tor","Tor",true,"deny","deny",1"#.to_owned()), "{risk:?}");
    csv("events?format=csv&limit=1000").send().await.expect(200);
    csv("events?format=csv&limit=1001").send().await.expect(400);
    csv("events?format=json").header("accept", "text/csv").send().await.expect_json(200);
    let me = app.get("/api/v1/client/users?format=csv").send().await.expect(401);
    assert_eq!(me.header("content-type"), "application/problem+json");
}
