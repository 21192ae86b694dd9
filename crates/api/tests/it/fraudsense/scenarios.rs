//! The stories in `fixtures/scenarios/fraudsense`, told to the real router. Two accounts live through each of them, event
//! by event in turn: what one of them could see of the other would show as a count too many.
//!
//! What is given: `override <cidr> [<field>=<value> …]` and `vpn <cidr>`. Events are the dialect's types in lower case,
//! `session` for none; a decision is a risk level in lower case. The codes are those of all flags, whoever saw them, and
//! those of all labels, each after an `@`. What is said of an event:
//!
//! | field | means | when left out |
//! |---|---|---|
//! | `device` | `deviceId` | must be there |
//! | `session` | `sessionId` | a new one |
//! | `ip` | the address the call comes from | 198.51.100.7 |
//! | `at` | `lat,lon` | not sent |
//! | `flags` | codes that the SDK says fired, with commas between | none |
//! | `score` | the SDK's own score | not sent |
//! | `<part>.<field>` | a field of `<part>Profile` | not sent |

use portcullis_testkit::{Given, Scenario, Step, TestApp};
use serde_json::{Map, Value, json};

use super::support::two_accounts;
use crate::{
    ingest::support::list,
    stories::{self, stories},
};

stories! { "fraudsense" told by tell:
    credential_stuffing
    device_farm
    gps_spoofing
    replay
}

async fn tell(name: &str) {
    let Scenario { given, steps } = stories::read("fraudsense", name);
    let (app, acme, other) = two_accounts().await;
    for given in &given {
        prepare(&app, given).await;
    }
    let mut now_ms = 0;
    for step in &steps {
        stories::go_to(&app, &mut now_ms, step);
        for account in [&acme, &other] {
            let ip = step.fields.get("ip").map_or("198.51.100.7", String::as_str);
            let call = app.post("/v1/risk/score", &body(step)).header("x-fraudsense-key", &account.key);
            let answer = call.from(ip).send().await.expect_json(200);
            let level = text(&answer["riskLevel"]).to_lowercase();
            let told = (level, answer["riskScore"].as_i64().unwrap(), codes(&answer));
            stories::compare(name, step, told, &answer);
        }
    }
}

async fn prepare(app: &TestApp, given: &Given) {
    let first = given.words[0].as_str();
    match given.what.as_str() {
        "vpn" => list(app, "vpn-networks", json!([first])).await,
        "override" => {
            let mut item = Map::from_iter([("cidr".to_owned(), json!(first))]);
            for word in &given.words[1..] {
                let (field, value) = word.split_once('=').unwrap();
                item.insert(field.to_owned(), scalar(value));
            }
            list(app, "ip-overrides", json!([item])).await;
        }
        what => panic!("line {}: nobody knows what {what} is", given.line),
    }
}

fn body(step: &Step) -> Value {
    let session = format!("sess_line_{}", step.line);
    let mut body = json!({ "sessionId": session });
    if step.event != "session" {
        body["eventType"] = json!(step.event.to_uppercase());
    }
    for (name, value) in &step.fields {
        match (name.as_str(), name.split_once('.')) {
            ("ip", _) => {}
            ("device", _) => body["deviceId"] = json!(value),
            ("session", _) => body["sessionId"] = json!(value),
            ("score", _) => body["riskScore"] = scalar(value),
            ("flags", _) => body["triggeredFlags"] = value.split(',').collect(),
            ("at", _) => {
                let (lat, lon) = value.split_once(',').unwrap();
                body["locationProfile"]["lat"] = scalar(lat);
                body["locationProfile"]["lon"] = scalar(lon);
            }
            (_, Some((part, field))) => body[format!("{part}Profile")][field] = scalar(value),
            (name, None) => panic!("line {}: nobody knows what {name} is", step.line),
        }
    }
    body
}

/// A number or a truth value where the text is one.
fn scalar(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn codes(answer: &Value) -> Vec<String> {
    let flags =
        ["triggeredFlags", "serverFlags"].into_iter().flat_map(|list| answer[list].as_array().unwrap());
    let labels = answer["riskLabels"].as_array().unwrap();
    flags
        .map(|flag| text(&flag["code"]).to_owned())
        .chain(labels.iter().map(|label| format!("@{}", text(&label["code"]))))
        .collect()
}
