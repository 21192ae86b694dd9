//! Envelopes that come again, or late.

use portcullis_testkit::TestApp;
use serde_json::json;

use super::support::{Shop, laptop, signals};

const MINUTE_MS: i64 = 60_000;

#[tokio::test]
async fn an_envelope_that_comes_again_is_told() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let envelope = shop.web().envelope(shop.now(), laptop("h1"));
    let body = shop.body(&envelope, "u1", "login");
    let first = shop.post(&body).await.expect_json(200);
    assert_eq!(first["signals"], json!([]));
    let again = shop.post(&body).await.expect_json(200);
    assert_eq!((signals(&again), &again["riskSummary"]), (vec!["replayed_payload"], &json!("warn")));
    assert!(again["trustScore"].as_f64() < first["trustScore"].as_f64(), "{again}");
    // Another tenant never saw it.
    let elsewhere = other.post(&other.body(&envelope, "u1", "login")).await.expect_json(200);
    assert_eq!(elsewhere["signals"], json!([]));
}

#[tokio::test]
async fn of_two_at_once_exactly_one_is_the_first() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let body = shop.body(&shop.web().envelope(shop.now(), laptop("h1")), "u1", "login");
    let (one, two) = tokio::join!(shop.post(&body), shop.post(&body));
    let (one, two) = (one.expect_json(200), two.expect_json(200));
    let replayed = [&one, &two].map(|answer| signals(answer).contains(&"replayed_payload"));
    assert_ne!(replayed[0], replayed[1]);
    assert_eq!(one["deviceId"], two["deviceId"]);
}

#[tokio::test]
async fn an_old_envelope_is_told_and_a_fresh_one_is_not() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let client = shop.web();
    let old = client.envelope(shop.now().plus_millis(-5 * MINUTE_MS - 1), laptop("h1"));
    let fresh = client.envelope(shop.now().plus_millis(-5 * MINUTE_MS), laptop("h1"));
    let ahead = client.envelope(shop.now().plus_millis(5 * MINUTE_MS + 1), laptop("h1"));
    for (envelope, expected) in [(old, true), (fresh, false), (ahead, true)] {
        let answer = shop.post(&shop.body(&envelope, "u1", "login")).await.expect_json(200);
        assert_eq!(signals(&answer).contains(&"replayed_payload"), expected, "{answer}");
    }
}
