//! Rules that clients write, and what they do to decisions.

mod fraudshield;
mod management;
mod scoring;
mod trials;

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

const RULES: &str = "/api/v1/client/custom-rules";
const FRAUD_RULES: &str = "/v1/fraud/rules";
/// The condition of the contract's sample, as it stands there.
const SEED: &str =
    "\n    user.age_days < 7 AND \n    device.is_vpn = true AND \n    transaction.amount > 10000\n  ";

/// The path of a rule.
fn at(rule: &Value) -> String {
    format!("{RULES}/{}", rule["id"].as_str().unwrap())
}

/// A rule with this condition and action, and what `more` says.
fn rule(condition: &str, action: &str, more: Value) -> Value {
    let mut rule = json!({ "name": "Mine", "condition": condition, "action": action });
    if let Value::Object(more) = more {
        rule.as_object_mut().unwrap().extend(more);
    }
    rule
}

/// Makes a rule as an admin of the client.
async fn make(app: &TestApp, token: &str, rule: &Value) -> Value {
    app.post(RULES, rule).bearer(token).send().await.expect_json(201)
}

/// An error of the fraudshield dialect; its message.
#[track_caller]
fn refused(answer: Answer, status: u16, code: &str, param: Option<&str>) -> String {
    let error = answer.expect_json(status)["error"].clone();
    assert_eq!((&error["code"], error["param"].as_str()), (&json!(code), param), "{error}");
    error["message"].as_str().unwrap().to_owned()
}
