//! What is confirmed and dismissed moves later scores (R1.40), and no single label decides.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::world::{ASSESS, HOME, TOR, VPN, laptop, post, register, rule, text, verdict, with, world};

/// A payment by this user, from this address.
async fn pay(app: &TestApp, key: &str, user: &str, ip: &str) -> Value {
    post(app, key, ASSESS, &json!({ "user_id": user, "event_type": "payment", "ip_address": ip })).await
}

/// Reports this payment of a user, as the guide does, and decides what it was.
async fn decide(app: &TestApp, key: &str, payment: &Value, user: &str, verb: &str) {
    let report = json!({ "type": "chargeback", "user_id": user, "verification_id": payment["id"] });
    let signal = app.post("/v1/fraud/signals", &report).bearer(key).send().await.expect_json(201);
    let path = format!("/v1/fraud/signals/{}/{verb}", text(&signal, "id"));
    let decided = app.post(&path, &json!({ "notes": "Bank" })).bearer(key).send().await.expect_json(200);
    assert_eq!(decided["event_id"], text(payment, "id").replacen("ass_", "cm", 1), "{decided}");
}

#[tokio::test]
async fn confirmed_fraud_raises_and_dismissed_lowers_what_looks_the_same() {
    let (app, acme, other) = world().await;
    for (ip, verb) in [(VPN, "confirm"), (TOR, "dismiss")] {
        let before = pay(&app, &acme.live, "u0", ip).await["risk_score"].as_i64().unwrap();
        let mut last = before;
        for index in 0..4 {
            let user = format!("{verb}-{index}");
            let payment = pay(&app, &acme.live, &user, ip).await;
            decide(&app, &acme.live, &payment, &user, verb).await;
            let now = pay(&app, &acme.live, &format!("new-{verb}-{index}"), ip).await["risk_score"]
                .as_i64()
                .unwrap();
            assert!(if verb == "confirm" { now >= last } else { now <= last }, "{verb}: {now} after {last}");
            last = now;
        }
        assert!((last - before).abs() >= 15, "{verb}: {last} after {before}");
        assert_eq!(last > before, verb == "confirm");
        for foreign in [&acme.test, &other.live] {
            assert_eq!(
                pay(&app, foreign, "u0", ip).await["risk_score"],
                before,
                "of others nothing is learned"
            );
        }
    }
}

#[tokio::test]
async fn it_shows_on_a_clean_known_account() {
    let (app, acme, other) = world().await;
    let clean = async |key: &str, user: &str| {
        let body = json!({ "user_id": user, "fingerprint": laptop(user), "ip_address": HOME });
        post(&app, key, ASSESS, &body).await
    };
    clean(&acme.live, "u1").await;
    let payment = clean(&acme.live, "u1").await;
    assert_eq!(verdict(&payment, "decision"), (0, "allow"));
    decide(&app, &acme.live, &payment, "u1", "confirm").await;
    let feared = clean(&acme.live, "u1").await;
    let score = feared["risk_score"].as_i64().unwrap();
    assert!(score > 0 && score <= 200, "one label shows and decides nothing: {feared}");
    assert_eq!(feared["decision"], "allow");
    assert!(feared["signals"].as_array().unwrap().contains(&json!("confirmed_fraud")), "{feared}");
    // Registrations of the device show it too, and other tenants do not.
    assert!(register(&app, &acme.live, &laptop("u1"), "u1", HOME).await["risk_score"].as_i64().unwrap() > 0);
    clean(&other.live, "u1").await;
    assert_eq!(clean(&other.live, "u1").await["risk_score"], 0);
    // It was a mistake after all: another signal about a later payment is dismissed.
    let later = clean(&acme.live, "u1").await;
    decide(&app, &acme.live, &later, "u1", "dismiss").await;
    let cleared = clean(&acme.live, "u1").await["risk_score"].as_i64().unwrap();
    assert!(cleared < score, "{cleared} after {score}");
}

#[tokio::test]
async fn one_label_changes_no_level_and_two_may() {
    let (app, acme, _other) = world().await;
    // 200 is the end of the lowest level.
    assert_eq!(verdict(&pay(&app, &acme.live, "u0", VPN).await, "decision"), (200, "allow"));
    let first = pay(&app, &acme.live, "u1", VPN).await;
    decide(&app, &acme.live, &first, "u1", "confirm").await;
    assert_eq!(
        verdict(&pay(&app, &acme.live, "u2", VPN).await, "decision"),
        (200, "allow"),
        "held by the level"
    );
    let second = pay(&app, &acme.live, "u3", VPN).await;
    decide(&app, &acme.live, &second, "u3", "confirm").await;
    let feared = pay(&app, &acme.live, "u4", VPN).await;
    assert_eq!(
        (&feared["decision"], &feared["risk_level"]),
        (&json!("challenge"), &json!("medium")),
        "{feared}"
    );
    let app = app.restarted().await;
    assert_eq!(pay(&app, &acme.live, "u5", VPN).await["risk_score"], feared["risk_score"]);
}

#[tokio::test]
async fn resolving_a_review_teaches() {
    let (app, acme, _other) = world().await;
    rule(&app, &acme.live, "ip.is_tor", "review", json!({ "name": "Tor" })).await;
    let before = pay(&app, &acme.live, "u0", TOR).await;
    assert_eq!(verdict(&before, "decision"), (501, "review"));
    let vpn = pay(&app, &acme.live, "u0", VPN).await["risk_score"].clone();
    for (index, decision) in ["reject", "reject", "reject"].into_iter().enumerate() {
        let held = pay(&app, &acme.live, &format!("u{index}"), TOR).await;
        let path = format!("/v1/fraud/reviews/{}/resolve", text(&held, "review_id"));
        app.post(&path, &json!({ "decision": decision })).bearer(&acme.live).send().await.expect(200);
    }
    // Without the rule its raising to the level does not hide what was learned of Tor exits.
    let rules = app.get("/v1/fraud/rules").bearer(&acme.live).send().await.expect_json(200);
    let path = format!("/v1/fraud/rules/{}", text(&rules["data"][0], "id"));
    app.delete(&path).bearer(&acme.live).send().await.expect(200);
    let feared = pay(&app, &acme.live, "new", TOR).await["risk_score"].as_i64().unwrap();
    assert!(feared > 300, "{feared}");
    assert_eq!(pay(&app, &acme.live, "other", VPN).await["risk_score"], vpn, "of VPNs nothing was learned");
}

#[tokio::test]
async fn nothing_learned_touches_a_fresh_tenant_or_what_is_blocked() {
    let (app, acme, _other) = world().await;
    for user in ["u1", "u2", "u3"] {
        let payment = pay(&app, &acme.live, user, VPN).await;
        decide(&app, &acme.live, &payment, user, "dismiss").await;
    }
    super::support::block(&app, &acme.live, "user", "u9").await;
    assert_eq!(verdict(&pay(&app, &acme.live, "u9", VPN).await, "decision"), (1_000, "block"));
    let device = with(laptop("A"), json!({}));
    assert_eq!(
        register(&app, &acme.test, &device, "u1", VPN).await["risk_score"],
        250,
        "test data had no label"
    );
}
