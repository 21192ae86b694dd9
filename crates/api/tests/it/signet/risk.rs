//! `POST /fraud/v1/check-risk-score`: what adds to it, whichever dialect it came through, and that asking changes nothing.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{JANE, USER, about, data, enroll, enrolled, log_in, post};

async fn risk(app: &TestApp, key: &str) -> (i64, String, Vec<String>) {
    let told = about(app, key, "check-risk-score").await;
    let factors =
        told["factors"].as_array().unwrap().iter().map(|factor| factor.as_str().unwrap().to_owned());
    (told["riskScore"].as_i64().unwrap(), told["riskLevel"].as_str().unwrap().to_owned(), factors.collect())
}

async fn factors(app: &TestApp, key: &str) -> Vec<String> {
    risk(app, key).await.2
}

async fn list(app: &TestApp, token: &str, list: &str, kind: &str, value: &str) {
    let entry = json!({ "list": list, "kind": kind, "value": value });
    app.post("/api/v1/client/lists", &entry).bearer(token).send().await.expect(201);
}

async fn report(app: &TestApp, key: &str) {
    post(app, key, "report-user", json!({ "userId": USER, "description": "d" })).await;
}

#[tokio::test]
async fn the_five_steps_of_the_guide() {
    let (app, acme, other) = enrolled().await;
    let reason = "Associated with blacklisted user";
    let user = json!({ "userId": USER, "reason": "Multiple failed payment attempts" });
    post(&app, &acme.live, "blacklist", user).await;
    post(&app, &acme.live, "flag-device", json!({ "deviceId": "device-12345", "reason": reason })).await;
    let ip = json!({ "userId": USER, "ip": "192.168.1.100", "reason": reason });
    post(&app, &acme.live, "ip-flag", ip).await;
    let reasons = json!({ "userId": USER, "reasons": ["suspicious_activity", "location_mismatch"] });
    post(&app, &acme.live, "report-fraud", reasons).await;
    let told = about(&app, &acme.live, "check-risk-score").await;
    let expected = json!({
        "riskScore": 100,
        "riskLevel": "high",
        "factors": [
            "User is blacklisted", "IP address flagged", "Fraud reported: suspicious_activity, location_mismatch",
        ],
        "recommendation": "Block user and escalate for review",
    });
    assert_eq!(told, expected);
    for key in [&acme.test, &other.live] {
        assert_eq!(risk(&app, key).await, (0, "low".to_owned(), Vec::new()));
    }
    let app = app.restarted().await;
    assert_eq!(about(&app, &acme.live, "check-risk-score").await, expected);
}

#[tokio::test]
async fn the_sample_of_the_guide_comes_to_85() {
    let (app, acme, _other) = enrolled().await;
    report(&app, &acme.live).await;
    assert_eq!(
        risk(&app, &acme.live).await,
        (20, "low".to_owned(), vec!["User has been reported".to_owned()])
    );
    report(&app, &acme.live).await;
    let told = about(&app, &acme.live, "check-risk-score").await;
    assert_eq!((&told["riskScore"], &told["riskLevel"]), (&json!(35), &json!("medium")));
    assert_eq!(told["recommendation"], "Monitor user activity");
    let device = json!({ "deviceId": "device-12345", "reason": "r", "userId": USER });
    post(&app, &acme.live, "flag-device", device).await;
    post(&app, &acme.live, "ip-flag", json!({ "userId": USER, "ip": "192.168.1.100", "reason": "r" })).await;
    let expected = json!({
        "riskScore": 85,
        "riskLevel": "high",
        "factors": ["User has multiple reports", "Device flagged", "IP address flagged"],
        "recommendation": "Consider additional verification",
    });
    assert_eq!(about(&app, &acme.live, "check-risk-score").await, expected);
    // What is taken away counts no more.
    post(&app, &acme.live, "unflag-device", json!({ "deviceId": "device-12345" })).await;
    data(app.delete("/fraud/v1/ip-flag/192.168.1.100").bearer(&acme.live).send().await, 200);
    about(&app, &acme.live, "remove-report").await;
    about(&app, &acme.live, "unflag-user").await;
    assert_eq!(risk(&app, &acme.live).await.0, 20);
}

#[tokio::test]
async fn a_device_and_address_that_the_user_was_seen_with_count_however_they_are_flagged() {
    // The client's fingerprint, our hash, and our id of the same device.
    for name in ["fingerprint", "hash", "id", "address", "network", "blocked"] {
        let (app, acme, other) = enrolled().await;
        let login = log_in(&app, &acme.live, USER, "fp-1", "198.51.100.7").await;
        log_in(&app, &acme.live, JANE, "fp-2", "203.0.113.7").await;
        log_in(&app, &other.live, USER, "fp-1", "198.51.100.7").await;
        let hash = login["derivedSignals"]["device"]["deviceHash"].as_str().unwrap().to_owned();
        assert_eq!(factors(&app, &acme.live).await, [""; 0]);
        let token = &acme.tenant.analyst;
        match name {
            "fingerprint" => list(&app, token, "watch", "device", "fp-1").await,
            "hash" => list(&app, token, "watch", "device", &hash).await,
            "id" => list(&app, token, "watch", "device", &device_id(&hash)).await,
            "address" => list(&app, token, "watch", "ip", "198.51.100.7").await,
            "network" => list(&app, token, "block", "ip", "198.51.100.0/24").await,
            _ => {
                let block = json!({ "type": "device", "value": "fp-1" });
                app.post("/v1/fraud/blocklist", &block).bearer(&acme.live).send().await.expect(201);
            }
        }
        let expected =
            if ["address", "network"].contains(&name) { "IP address flagged" } else { "Device flagged" };
        let app = app.restarted().await;
        assert_eq!(factors(&app, &acme.live).await, [expected], "{name}");
        for key in [&acme.test, &other.live] {
            assert_eq!(factors(&app, key).await, [""; 0], "{name}");
        }
    }
}

/// Our id of a device, which follows from its hash.
fn device_id(hash: &str) -> String {
    portcullis_store::DeviceId::of_hash(hash).unwrap().to_string()
}

#[tokio::test]
async fn a_device_that_another_dialect_reported_counts() {
    let (app, acme, _other) = enrolled().await;
    log_in(&app, &acme.live, USER, "fp-1", "198.51.100.7").await;
    let signal = json!({ "type": "account_takeover", "device_id": "fp-1" });
    let made = app.post("/v1/fraud/signals", &signal).bearer(&acme.live).send().await.expect_json(201);
    assert_eq!(factors(&app, &acme.live).await, ["Device flagged"]);
    assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], false);
    let dismiss = format!("/v1/fraud/signals/{}/dismiss", made["id"].as_str().unwrap());
    app.post(&dismiss, &json!({})).bearer(&acme.live).send().await.expect(200);
    assert_eq!(factors(&app, &acme.live).await, [""; 0]);
}

#[tokio::test]
async fn fraud_that_another_dialect_reported_of_the_user_counts_by_its_severity() {
    for (severity, points) in [("low", 15), ("medium", 25), ("high", 35), ("critical", 35)] {
        let (app, acme, _other) = enrolled().await;
        let signal = json!({ "type": "chargeback", "user_id": USER, "severity": severity });
        app.post("/v1/fraud/signals", &signal).bearer(&acme.live).send().await.expect(201);
        assert_eq!(risk(&app, &acme.live).await.0, points, "{severity}");
        assert_eq!(factors(&app, &acme.live).await, ["Fraud reported: chargeback"]);
        assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], true);
    }
}

#[tokio::test]
async fn several_reports_of_fraud_count_once_by_the_most_urgent() {
    let (app, acme, _other) = enrolled().await;
    for reasons in [json!(["identity_theft"]), json!(["suspicious_activity"]), json!(["location_mismatch"])] {
        post(&app, &acme.live, "report-fraud", json!({ "userId": USER, "reasons": reasons })).await;
    }
    let expected = "Fraud reported: location_mismatch, suspicious_activity, identity_theft".to_owned();
    assert_eq!(risk(&app, &acme.live).await, (35, "medium".to_owned(), vec![expected]));
}

#[tokio::test]
async fn a_flag_counts_only_when_no_report_does() {
    let (app, acme, _other) = enrolled().await;
    list(&app, &acme.tenant.analyst, "watch", "user", USER).await;
    assert_eq!(risk(&app, &acme.live).await, (10, "low".to_owned(), vec!["User flagged".to_owned()]));
    assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], true);
    report(&app, &acme.live).await;
    assert_eq!(factors(&app, &acme.live).await, ["User has been reported"]);
    about(&app, &acme.live, "unflag-user").await;
    assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], false);
    let listed = app.get("/api/v1/client/lists?list=watch").bearer(&acme.tenant.analyst).send().await;
    assert_eq!(listed.expect_json(200)["items"], json!([]));
}

#[tokio::test]
async fn a_location_mismatch_of_the_last_event_counts() {
    let (app, acme, _other) = enrolled().await;
    let place = json!({ "items": [{ "cidr": "203.0.113.0/24", "country": "Japan", "countryCode": "JP",
                                    "city": "Tokyo", "timezone": "Asia/Tokyo" }] });
    app.put("/api/v1/admin/reputation/ip-overrides", &place).bearer(&app.admin).send().await.expect(200);
    let event = json!({ "type": "LOGIN", "email": "john@example.com", "externalUserId": USER, "ip": "203.0.113.7",
                        "device": { "clientFingerprint": "d1", "timezone": "America/New_York" } });
    app.post("/api/v1/events/ingest", &event).key(&acme.live).send().await.expect(200);
    assert_eq!(risk(&app, &acme.live).await, (10, "low".to_owned(), vec!["Location mismatch".to_owned()]));
}

#[tokio::test]
async fn asking_changes_nothing() {
    let (app, acme, _other) = enrolled().await;
    enroll(&app, &acme.live, JANE).await;
    let everything = |app: &TestApp| {
        let (events, audit) = (
            app.get("/api/v1/client/events").bearer(&acme.tenant.admin).send(),
            app.get("/api/v1/client/audit").bearer(&acme.tenant.admin).send(),
        );
        async move { (events.await.json()["items"].clone(), audit.await.json()["items"].clone()) }
    };
    log_in(&app, &acme.live, USER, "d1", "198.51.100.7").await;
    let before: (Value, Value) = everything(&app).await;
    for path in ["check-risk-score", "check-user", "get-reports-by-user"] {
        for _ in 0..3 {
            about(&app, &acme.live, path).await;
        }
    }
    assert_eq!(everything(&app).await, before);
    let usage = app.store.configuration(app.store.control().tenant_by_slug("acme").unwrap().id);
    let usage = usage.usage(portcullis_domain::Dialect::Signet).await.unwrap();
    assert_eq!(format!("{usage:?}"), format!("{:?}", portcullis_store::Usage::default()));
}
