//! Golden cases: `fixtures/dialects/signet/<case>/`, each a request and the response.
//!
//! - `request.json` is `{method, path, body?}`, sent at the time of [`TestApp`] plus a second for each call before it.
//! - `before.json`, where there is one, is a list of such calls that come before it and succeed.
//! - `response.json` is `{status, body}`.
//!
//! Another partner makes the same calls first, which must not be felt. Ids and keys are shown as placeholders.

use std::path::Path;

use http::Method;
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::two_partners;
use crate::golden::{self, cases, read};

cases! {
    "signet",
    blacklist
    blacklist_again
    blacklist_invalid
    blacklist_list
    blacklist_list_empty
    blacklist_not_enrolled
    blacklist_remove
    blacklist_remove_unlisted
    blacklist_status
    blacklist_status_unlisted
    check_risk_score
    check_risk_score_clean
    check_risk_score_of_the_five_steps
    check_user
    check_user_unreported
    device_check
    device_check_unknown
    enroll
    enroll_again
    enroll_invalid
    flag_device
    flag_device_again
    geo_verify
    geo_verify_elsewhere
    geo_verify_unknown
    get_reports_by_user
    ip_check
    ip_check_missing_parameter
    ip_flag
    ip_flag_again
    ip_unflag
    ip_unflag_unflagged
    remove_report
    remove_report_unreported
    report_fraud
    report_fraud_invalid_reason
    report_user
    unflag_device
    unflag_device_unflagged
    unflag_user
    unknown_path
    wrong_method
}

async fn prove(case: &Path) {
    let (app, acme, other) = two_partners().await;
    let place = json!({ "items": [{ "cidr": "192.168.1.0/24", "country": "United States", "countryCode": "US",
                                    "region": "New York", "city": "New York" }] });
    app.put("/api/v1/admin/reputation/ip-overrides", &place).bearer(&app.admin).send().await.expect(200);
    let request = read(&case.join("request.json")).unwrap();
    let before = read(&case.join("before.json")).unwrap_or(json!([]));
    for call in before.as_array().unwrap() {
        for key in [&other.live, &acme.live] {
            assert!(send(&app, key, call).await.status.is_success(), "{call}");
        }
        app.clock.advance(1_000);
    }
    send(&app, &other.live, &request).await;
    let answer = send(&app, &acme.live, &request).await;
    assert_eq!(answer.header("content-type"), "application/json");
    compare(&case.join("response.json"), json!({ "status": answer.status.as_u16(), "body": answer.json() }));
}

async fn send(app: &TestApp, key: &str, call: &Value) -> Answer {
    let method: Method = call["method"].as_str().unwrap().parse().unwrap();
    let sent = app.call(method, call["path"].as_str().unwrap()).bearer(key);
    match call.get("body") {
        Some(body) => sent.json(body).send().await,
        None => sent.send().await,
    }
}

fn compare(path: &Path, mut found: Value) {
    make_comparable(&mut found);
    golden::compare(path, &found);
}

/// Placeholders for what differs from run to run.
fn make_comparable(value: &mut Value) {
    const RANDOM: [(&str, &str); 5] = [
        ("requestId", "req_"),
        ("reportId", "sig_"),
        ("fraudId", "sig_"),
        ("did", "did:key:z6Mk"),
        ("publicKey", ""),
    ];
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                match RANDOM.iter().find(|(random, _)| random == name) {
                    Some((name, prefix)) => {
                        assert!(value.as_str().unwrap().starts_with(prefix), "{name} is {value}");
                        *value = json!(format!("<{name}>"));
                    }
                    None => make_comparable(value),
                }
            }
        }
        Value::Array(array) => array.iter_mut().for_each(make_comparable),
        _ => {}
    }
}
