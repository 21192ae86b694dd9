//! Rules that clients write, and what they do to decisions.

mod management;
mod scoring;

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

const RULES: &str = "/api/v1/client/custom-rules";

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
