//! `/api/v1/admin/reputation/{list}`.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/admin/reputation";

async fn edit(app: &TestApp, list: &str, body: Value) -> Value {
    let path = format!("{PATH}/{list}");
    let is_whole = body.get("items").is_some();
    let call = if is_whole { app.put(&path, &body) } else { app.patch(&path, &body) };
    call.bearer(&app.admin).send().await.expect_json(200)
}

async fn show(app: &TestApp, list: &str) -> Value {
    app.get(&format!("{PATH}/{list}")).bearer(&app.admin).send().await.expect_json(200)
}

#[tokio::test]
async fn lists_are_replaced_and_patched() {
    let app = TestApp::new().await;
    let shipped = show(&app, "high-risk-asns").await;
    assert_eq!((&shipped["version"], &shipped["updatedAt"]), (&json!(0), &Value::Null));
    let replaced = edit(&app, "high-risk-asns", json!({ "items": [64_501, 64_500] })).await;
    assert_eq!(replaced["items"], json!([64_500, 64_501]));
    assert_eq!(
        (&replaced["version"], &replaced["updatedAt"]),
        (&json!(1), &json!("2026-01-05T10:00:00.000Z"))
    );
    let patched = edit(&app, "high-risk-asns", json!({ "add": [64_502], "remove": [64_500] })).await;
    assert_eq!((&patched["items"], &patched["version"]), (&json!([64_501, 64_502]), &json!(2)));
    assert_eq!(show(&app, "high-risk-asns").await, patched);
    let networks = json!({ "items": [{ "cidr": "192.0.2.0/24", "provider": "Mullvad" }, "198.51.100.7"] });
    assert_eq!(edit(&app, "vpn-networks", networks.clone()).await["items"], networks["items"]);
    assert_eq!(show(&app, "high-risk-asns").await, patched, "another list's edit changes nothing here");
}

#[tokio::test]
async fn wrong_items_are_named() {
    let app = TestApp::new().await;
    for (list, body, pointer) in [
        ("tor-exits", json!({ "items": ["192.0.2.1", "nonsense"] }), "/items/1"),
        ("tor-exits", json!({ "add": [7] }), "/add/0"),
        ("high-risk-asns", json!({ "remove": [-1] }), "/remove/0"),
        ("disposable-domains", json!({ "add": ["co.uk"] }), "/add/0"),
        ("ip-overrides", json!({ "add": [{ "cidr": "10.0.0.0/8", "planet": "Mars" }] }), "/add/0"),
        ("tor-exits", json!({ "add": [], "more": [] }), "/more"),
    ] {
        let path = format!("{PATH}/{list}");
        let is_whole = body.get("items").is_some();
        let call = if is_whole { app.put(&path, &body) } else { app.patch(&path, &body) };
        let answer = call.bearer(&app.admin).send().await.expect_json(400);
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{answer}");
    }
    app.get(&format!("{PATH}/no-such-list")).bearer(&app.admin).send().await.expect(404);
    assert_eq!(show(&app, "tor-exits").await["version"], 0);
}

#[tokio::test]
async fn the_next_event_feels_an_edit() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let fires = async |code: &str| {
        let event = json!({ "type": "SIGNUP", "email": "a@rare.example", "ip": "203.0.114.9" });
        let answer = app.post("/api/v1/events/ingest", &event).key(&acme.key).send().await.expect_json(200);
        answer["triggeredRules"].as_array().unwrap().iter().any(|rule| rule["code"] == code)
    };
    assert!(!fires("DISPOSABLE_EMAIL").await && !fires("TOR_EXIT").await);
    edit(&app, "disposable-domains", json!({ "add": ["rare.example"] })).await;
    assert!(fires("DISPOSABLE_EMAIL").await);
    edit(&app, "tor-exits", json!({ "add": ["203.0.114.0/24"] })).await;
    assert!(fires("TOR_EXIT").await);
    edit(&app, "disposable-domains", json!({ "remove": ["rare.example"] })).await;
    assert!(!fires("DISPOSABLE_EMAIL").await && fires("TOR_EXIT").await);
}

#[tokio::test]
async fn a_list_may_be_larger_than_other_bodies() {
    let app = TestApp::new().await;
    let domains: Vec<String> = (0..30_000).map(|index| format!("domain-{index}.example")).collect();
    let answer = edit(&app, "disposable-domains", json!({ "items": domains })).await;
    assert_eq!(answer["items"].as_array().unwrap().len(), 30_000);
}
