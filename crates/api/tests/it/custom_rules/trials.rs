//! Conditions that are tried out over made-up data.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::{FRAUD_RULES, RULES, SEED, make, refused, rule};

#[tokio::test]
async fn people_try_conditions_out() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = make(&app, &acme.admin, &rule(SEED, "flag", Value::Null)).await;
    let nested = json!({ "user": { "age_days": 3 }, "device": { "is_vpn": true },
                         "transaction": { "amount": 15_000 } });
    let flat = json!({ "user.age_days": 3, "device.is_vpn": true, "transaction.amount": 10_000 });
    let test =
        async |body: &Value| app.post(&format!("{RULES}/test"), body).bearer(&acme.viewer).send().await;
    for (data, matched, missing) in [
        (nested, true, json!([])),
        (flat, false, json!([])),
        (json!({ "user.age_days": 3 }), false, json!(["device.is_vpn", "transaction.amount"])),
        (json!({}), false, json!(["user.age_days", "device.is_vpn", "transaction.amount"])),
        (json!({ "ip": { "is_vpn": true } }), false, json!(["user.age_days", "transaction.amount"])),
    ] {
        let expected = json!({ "matched": matched, "missing": missing, "cost": 4 });
        for what in [json!({ "condition": SEED }), json!({ "ruleId": made["id"] })] {
            let mut body = what;
            body["testData"] = data.clone();
            assert_eq!(test(&body).await.expect_json(200), expected, "{body}");
        }
    }
    for (body, pointer) in [
        (json!({}), "/condition"),
        (json!({ "condition": "ip.is_tor", "ruleId": made["id"] }), "/condition"),
        (json!({ "condition": "ip.is_tor", "testData": { "ip.is_tor": "yes" } }), "/testData"),
        (json!({ "condition": "ip.is_tor", "testData": [] }), "/testData"),
        (json!({ "condition": "ip.is_tor", "data": {} }), "/data"),
    ] {
        let answer = test(&body).await.expect_json(400);
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{answer}");
    }
}

#[tokio::test]
async fn samples_may_have_metadata() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let condition = "metadata.cart.total * 2 > user.age_days + 1 AND metadata.vip";
    for (data, matched, missing) in [
        (
            json!({ "metadata": { "cart": { "total": "4" }, "vip": true }, "user.age_days": 3 }),
            true,
            json!([]),
        ),
        (
            json!({ "metadata.cart.total": 2, "metadata.vip": "true", "user": { "age_days": 3 } }),
            false,
            json!([]),
        ),
        (
            json!({ "metadata": { "vip": [] } }),
            false,
            json!(["metadata.cart.total", "user.age_days", "metadata.vip"]),
        ),
    ] {
        let expected = json!({ "matched": matched, "missing": missing, "cost": 9 });
        let body = json!({ "condition": condition, "testData": data });
        let call = app.post(&format!("{RULES}/test"), &body).bearer(&acme.viewer);
        assert_eq!(call.send().await.expect_json(200), expected, "{body}");
        let body = json!({ "condition": condition, "test_data": data });
        let call = app.post(&format!("{FRAUD_RULES}/test"), &body).bearer(&acme.key);
        assert_eq!(call.send().await.expect_json(200), expected, "{body}");
    }
}

#[tokio::test]
async fn backends_try_conditions_out() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = make(&app, &acme.admin, &rule(SEED, "flag", Value::Null)).await;
    let test =
        async |body: &Value| app.post(&format!("{FRAUD_RULES}/test"), body).bearer(&acme.key).send().await;
    for (data, matched, missing) in [
        (
            json!({ "user": { "age_days": 3 }, "device": { "is_vpn": true }, "transaction": { "amount": 15_000 } }),
            true,
            json!([]),
        ),
        (
            json!({ "user.age_days": 3, "device.is_vpn": true, "transaction.amount": 10_000.5 }),
            true,
            json!([]),
        ),
        (json!({ "user.age_days": 3, "device.is_vpn": true }), false, json!(["transaction.amount"])),
        (Value::Null, false, json!(["user.age_days", "device.is_vpn", "transaction.amount"])),
    ] {
        for mut body in [json!({ "condition": SEED }), json!({ "rule_id": made["id"] })] {
            body["test_data"] = data.clone();
            let answer = test(&body).await.expect_json(200);
            assert_eq!(answer, json!({ "matched": matched, "missing": missing, "cost": 4 }));
        }
    }
    for (body, code, param) in [
        (json!({}), "missing_parameter", "condition"),
        (json!({ "condition": "ip.is_tor", "rule_id": made["id"] }), "invalid_parameter", "rule_id"),
        (
            json!({ "condition": "ip.is_tor", "test_data": { "ip.is_tor": 1 } }),
            "invalid_parameter",
            "test_data",
        ),
        (json!({ "condition": "ip.is_tor", "test_data": [] }), "invalid_parameter", "test_data"),
    ] {
        refused(test(&body).await, 400, code, Some(param));
    }
    let unknown = json!({ "rule_id": "rule_1" });
    refused(test(&unknown).await, 404, "not_found", None);
}
