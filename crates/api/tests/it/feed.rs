//! `/api/v1/client/events/stream`: events as they are judged.

use futures_util::StreamExt as _;
use portcullis_testkit::{Open, TestApp, TestTenant};
use serde_json::{Value, json};

const STREAM: &str = "/api/v1/client/events/stream";

async fn signup(app: &TestApp, tenant: &TestTenant, user: &str, email: &str) -> String {
    let event = json!({ "type": "SIGNUP", "email": email, "externalUserId": user, "ip": "8.8.8.8" });
    let answer = app.post("/api/v1/events/ingest", &event).key(&tenant.key).send().await.expect_json(200);
    answer["eventId"].as_str().unwrap().to_owned()
}

/// The next message that is no comment: its kind, id and data; `None` when the stream has ended.
async fn next(stream: &mut Open) -> Option<(String, String, Value)> {
    loop {
        let chunk = stream.chunks.next().await?;
        let field = |name: &str| chunk.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let Some(kind) = field("event: ") else { continue };
        let data = serde_json::from_str(&field("data: ").unwrap()).unwrap();
        return Some((kind, field("id: ").unwrap(), data));
    }
}

async fn next_user(stream: &mut Open) -> Value {
    let (kind, id, data) = next(stream).await.unwrap();
    assert_eq!((kind.as_str(), &data["id"]), ("event", &json!(id)));
    data["user"].clone()
}

#[tokio::test]
async fn events_arrive_as_they_are_judged_and_only_ones_own() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    signup(&app, &acme, "before", "before@example.com").await;
    let mut all = app.get(STREAM).bearer(&acme.viewer).open().await;
    assert_eq!((all.status.as_u16(), all.header("content-type")), (200, "text/event-stream"));
    assert_eq!((all.header("cache-control"), all.header("x-accel-buffering")), ("no-cache", "no"));
    let mut one = app.get(&format!("{STREAM}?user=u2")).bearer(&acme.viewer).open().await;
    let mut mailbox = app.get(&format!("{STREAM}?email=u2@example.com")).bearer(&acme.viewer).open().await;
    signup(&app, &other, "foreign", "foreign@example.com").await;
    for user in ["u1", "u2"] {
        signup(&app, &acme, user, &format!("{user}@example.com")).await;
    }
    assert_eq!([next_user(&mut all).await, next_user(&mut all).await], ["u1", "u2"]);
    assert_eq!(next_user(&mut one).await, "u2");
    assert_eq!(next_user(&mut mailbox).await, "u2");
    let listed = app.get("/api/v1/client/events?limit=1").bearer(&acme.viewer).send().await.expect_json(200);
    signup(&app, &acme, "u3", "u3@example.com").await;
    let (_, _, sent) = next(&mut all).await.unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&sent), keys(&listed["items"][0]));
}

#[tokio::test]
async fn a_stream_goes_on_where_it_was_cut_off() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let first = signup(&app, &acme, "u1", "u1@example.com").await;
    let second = signup(&app, &acme, "u2", "u2@example.com").await;
    signup(&app, &acme, "u3", "u3@example.com").await;
    let mut stream = app.get(STREAM).header("last-event-id", &first).bearer(&acme.viewer).open().await;
    assert_eq!([next_user(&mut stream).await, next_user(&mut stream).await], ["u2", "u3"]);
    let mut stream = app.get(&format!("{STREAM}?since={second}")).bearer(&acme.viewer).open().await;
    assert_eq!(next_user(&mut stream).await, "u3");
    for wrong in
        ["?since=nonsense", "?decision=explode", "?ip=nowhere", "?color=red", "?email=x", "?mode=dead"]
    {
        app.get(&format!("{STREAM}{wrong}")).bearer(&acme.viewer).send().await.expect(400);
    }
}

#[tokio::test]
async fn who_was_away_too_long_is_told_to_read_the_list() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let first = signup(&app, &acme, "u", "u@example.com").await;
    for index in 0..201 {
        signup(&app, &acme, &format!("u{index}"), &format!("u{index}@example.com")).await;
    }
    let mut stream = app.get(&format!("{STREAM}?since={first}")).bearer(&acme.viewer).open().await;
    assert_eq!(next(&mut stream).await.unwrap().0, "reset");
    signup(&app, &acme, "last", "last@example.com").await;
    assert_eq!(next_user(&mut stream).await, "last");
}

#[tokio::test]
async fn streams_end_with_the_server_and_with_the_right_to_read() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let mut viewer = app.get(STREAM).bearer(&acme.viewer).open().await;
    let mut admin = app.get(STREAM).bearer(&acme.admin).open().await;
    let team = app.get("/api/v1/client/team").bearer(&acme.admin).send().await.expect_json(200);
    let who = team["items"].as_array().unwrap().iter().find(|user| user["role"] == "VIEWER").unwrap();
    let path = format!("/api/v1/client/team/{}", who["id"].as_str().unwrap());
    app.patch(&path, &json!({ "status": "disabled" })).bearer(&acme.admin).send().await.expect(200);
    signup(&app, &acme, "u1", "u1@example.com").await;
    assert!(next(&mut viewer).await.is_none(), "who may not read any more is not told");
    assert_eq!(next_user(&mut admin).await, "u1");
    app.readiness.set(false);
    assert!(next(&mut admin).await.is_none());
}

#[tokio::test]
async fn a_client_may_have_so_many_streams() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(app.get(STREAM).bearer(&acme.viewer).open().await);
    }
    app.get(STREAM).bearer(&acme.admin).send().await.expect(429);
    open.push(app.get(STREAM).bearer(&other.admin).open().await);
    open.remove(0);
    let next = app.get(STREAM).bearer(&acme.admin).open().await;
    assert_eq!(next.status.as_u16(), 200);
}
