//! One story through two dialects: what one of them is told is felt by the other at the next request, because there is
//! one engine, one history and one set of lists.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use crate::{fraudsense::support::two_accounts, ingest::support::list};

const DEVICE: &str = "fs_a3f9b2c1d4e5";
const TOR_EXIT: &str = "198.51.101.9";
const HOME: &str = "198.51.101.77";

/// The codes of what fired in a session's score, and its level.
async fn score(app: &TestApp, key: &str, session: &str, ip: &str) -> (Vec<String>, String) {
    let body = json!({ "deviceId": DEVICE, "sessionId": session, "eventType": "LOGIN" });
    let call = app.post("/v1/risk/score", &body).header("x-fraudsense-key", key).from(ip);
    let answer = call.send().await.expect_json(200);
    (codes(&answer["serverFlags"]), answer["riskLevel"].as_str().unwrap().to_owned())
}

/// The codes of what fired in a login, and the decision.
async fn login(app: &TestApp, key: &str, user: &str, ip: &str) -> (Vec<String>, String) {
    let body = json!({
        "type": "LOGIN", "externalUserId": user, "email": format!("{user}@example.com"), "ip": ip,
        "device": { "clientFingerprint": DEVICE, "userAgent": "AcmeBank/3.1 (iOS 17)" },
    });
    let answer =
        app.post("/api/v1/events/ingest", &body).header("x-api-key", key).send().await.expect_json(200);
    let listed = |code: &str| code.ends_with("LISTED") || code.starts_with("TOR") || code == "DEVICE_REUSED";
    let codes = codes(&answer["triggeredRules"]).into_iter().filter(|code| listed(code)).collect();
    (codes, answer["decision"].as_str().unwrap().to_owned())
}

fn codes(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|flag| flag["code"].as_str().unwrap().to_owned()).collect()
}

fn told(codes: &[&str], word: &str) -> (Vec<String>, String) {
    (codes.iter().map(|&code| code.to_owned()).collect(), word.to_owned())
}

#[tokio::test]
async fn what_one_dialect_is_told_the_other_feels() {
    // Any live key works in every dialect: the account's one key is used for both.
    let (app, acme, other) = two_accounts().await;
    list(&app, "tor-exits", json!([TOR_EXIT])).await;

    // Jane's bank app and its web login are the same phone.
    assert_eq!(score(&app, &acme.key, "s1", HOME).await, told(&[], "LOW"));
    assert_eq!(login(&app, &acme.key, "jane", HOME).await.0, told(&[], "").0);

    // A Tor exit is one in both.
    assert_eq!(score(&app, &acme.key, "s2", TOR_EXIT).await, told(&["IP_PROXY"], "LOW"));
    assert_eq!(login(&app, &acme.key, "jane", TOR_EXIT).await.0, ["TOR_EXIT"]);

    // A second account on the phone: the ingest dialect counts devices that the other dialect saw first.
    assert_eq!(login(&app, &acme.key, "mallory", HOME).await.0, ["DEVICE_REUSED"]);

    // An analyst blocks the phone, by the id that the app gave it.
    let block =
        json!({ "list": "block", "kind": "device", "value": DEVICE, "mode": "test", "reason": "stolen" });
    let entry = app.post("/api/v1/client/lists", &block).bearer(&acme.token).send().await.expect_json(201);
    assert_eq!(score(&app, &acme.key, "s3", HOME).await, told(&["BLOCKLISTED"], "CRITICAL"));
    assert_eq!(login(&app, &acme.key, "jane", HOME).await, told(&["DEVICE_REUSED", "BLOCKLISTED"], "BLOCK"));
    assert_eq!(score(&app, &other.key, "s3", HOME).await, told(&[], "LOW"), "not another account's");

    // And lets it go again, but keeps an eye on its address.
    let path = format!("/api/v1/client/lists/{}", entry["id"].as_str().unwrap());
    app.delete(&path).bearer(&acme.token).send().await.expect(204);
    let watch = json!({ "list": "watch", "kind": "ip", "value": HOME, "mode": "test" });
    app.post("/api/v1/client/lists", &watch).bearer(&acme.token).send().await.expect(201);
    assert_eq!(score(&app, &acme.key, "s4", HOME).await, told(&["WATCHLISTED"], "LOW"));
    assert_eq!(login(&app, &acme.key, "jane", HOME).await.0, ["DEVICE_REUSED", "WATCHLISTED"]);

    // One event log: the phone's has both dialects, newest first.
    let path = format!("/api/v1/client/events?device={DEVICE}&mode=test");
    let events = app.get(&path).bearer(&acme.token).send().await.expect_json(200);
    let dialects: Vec<_> =
        events["items"].as_array().unwrap().iter().map(|event| event["dialect"].as_str().unwrap()).collect();
    let (ingest, fraudsense) = ("ingest", "fraudsense");
    assert_eq!(
        dialects,
        [ingest, fraudsense, ingest, fraudsense, ingest, ingest, fraudsense, ingest, fraudsense]
    );
}
