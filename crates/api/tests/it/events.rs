//! `/api/v1/client/events`: looking for those of an e-mail address, and which data set they are in.

use portcullis_testkit::{TestApp, TestTenant};
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/client/events";

async fn signup(app: &TestApp, tenant: &TestTenant, user: &str, email: &str) {
    let event = json!({ "type": "SIGNUP", "email": email, "externalUserId": user, "ip": "8.8.8.8" });
    app.post("/api/v1/events/ingest", &event).key(&tenant.key).send().await.expect(200);
}

async fn users(app: &TestApp, token: &str, query: &str) -> Vec<Value> {
    let page = app.get(&format!("{EVENTS}{query}")).bearer(token).send().await.expect_json(200);
    page["items"].as_array().unwrap().iter().map(|event| event["user"].clone()).collect()
}

#[tokio::test]
async fn events_are_found_by_mailbox_in_ones_own_data_only() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    signup(&app, &acme, "u1", "jane.doe@gmail.com").await;
    signup(&app, &acme, "u2", "JaneDoe+shop@gmail.com").await;
    signup(&app, &acme, "u3", "john@example.com").await;
    signup(&app, &other, "foreign", "jane.doe@gmail.com").await;
    for spelling in ["jane.doe@gmail.com", "janedoe@googlemail.com", "JANEDOE%2Bx@GMAIL.com"] {
        assert_eq!(
            users(&app, &acme.viewer, &format!("?email={spelling}")).await,
            ["u2", "u1"],
            "{spelling}"
        );
    }
    assert_eq!(users(&app, &acme.viewer, "?email=jane.doe@gmail.com&user=u1").await, ["u1"]);
    assert_eq!(users(&app, &acme.viewer, "?email=jane.doe@gmail.com&ip=8.8.8.8&limit=1").await, ["u2"]);
    assert!(users(&app, &acme.viewer, "?email=nobody@example.com").await.is_empty());
    assert!(users(&app, &acme.viewer, "?email=jane.doe@gmail.com&mode=test").await.is_empty());
    assert_eq!(users(&app, &other.viewer, "?email=janedoe@gmail.com").await, ["foreign"]);
    for wrong in ["nonsense", "a@b", "@gmail.com"] {
        let refused = app.get(&format!("{EVENTS}?email={wrong}")).bearer(&acme.viewer).send().await;
        assert_eq!(refused.expect_json(400)["errors"][0]["pointer"], "email", "{wrong}");
    }
    // They are found after a restart too, and the address is nowhere in clear.
    let app = app.restarted().await;
    assert_eq!(users(&app, &acme.viewer, "?email=jane.doe@gmail.com").await, ["u2", "u1"]);
    for file in std::fs::read_dir(app.data_dir()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap_or_default();
        let holds =
            |text: &str| content.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes()));
        assert!(!holds("janedoe") && !holds("jane.doe"));
    }
}

#[tokio::test]
async fn each_event_tells_its_data_set_and_pages_of_a_fingerprint_go_on() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    for user in ["u1", "u2", "u3"] {
        let event = json!({
            "type": "SIGNUP", "email": format!("{user}@example.com"), "externalUserId": user, "ip": "8.8.8.8",
            "device": { "clientFingerprint": "print-1" },
        });
        app.post("/api/v1/events/ingest", &event).key(&acme.key).send().await.expect(200);
    }
    let path = format!("{EVENTS}?device=print-1&limit=2");
    let page = app.get(&path).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!([&page["items"][0]["user"], &page["items"][0]["mode"]], [&json!("u3"), &json!("live")]);
    let next = format!("{path}&after={}", page["nextCursor"].as_str().unwrap());
    let next = app.get(&next).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!(next["items"][0]["user"], "u1");
}
