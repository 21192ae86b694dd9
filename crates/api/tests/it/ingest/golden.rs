//! Golden cases: `fixtures/dialects/ingest/<case>/`, each a request, the event that it becomes, and the response.
//!
//! - `request.json` is the body that is sent, at the time and on the clock of [`TestApp`] plus all waiting before it.
//! - `before.json`, where there is one, is a list of `{change, thenWaitMs}`: bodies sent before it. `change` is a merge
//!   patch (RFC 7386) over `request.json`, and the clock moves on by `thenWaitMs` after each.
//! - `setup.json`, where there is one, has the client's `rules` (a body of `PUT /api/v1/client/rules`), entries of its
//!   `lists` (bodies of `POST /api/v1/client/lists`) and the key's `mode`.
//! - `event.json` is the event as it was understood: its facts by name, and why the others are missing, as the
//!   management API shows them.
//! - `response.json` is the answer.
//! - `world.json`, beside the cases, has the reputation lists that all of them are judged by, so that no case depends on
//!   fetched tables.
//!
//! Ids and keyed hashes are shown as placeholders, measures to six digits.

use std::{collections::BTreeSet, path::Path};

use portcullis_testkit::TestApp;
use serde_json::{Map, Value, json};

use super::support::{admin_of, client, detail, judge, key, list, tune};
use crate::golden::{self, cases, folder, folders, read};

cases! {
    "ingest",
    allowlisted
    blocked_bot
    blocklisted
    clean_login
    clean_signup
    clock_tampered
    device_reused
    disabled_and_shadow_rules
    disposable_email
    email_alias_reused
    fast_completion
    forced_by_a_test_address
    headless_browser
    high_risk_asn
    impossible_travel
    ip_reused
    known_device
    login_spray
    missing_signals
    new_country
    new_device
    no_interaction
    robotic_mouse
    sample_of_the_contract
    software_renderer
    timezone_mismatch
    tor_exit
    ua_inconsistent
    velocity_device
    velocity_ip
    watchlisted
}

#[test]
fn every_rule_has_a_case_in_which_it_fires() {
    let mut fired = BTreeSet::new();
    let mut known = BTreeSet::new();
    for case in folders("ingest") {
        let response = read(&case.join("response.json")).unwrap();
        for check in response["allChecks"].as_array().unwrap() {
            let code = check["code"].as_str().unwrap().to_owned();
            if check["status"] == "FIRED" {
                fired.insert(code.clone());
            }
            known.insert(code);
        }
    }
    assert_eq!(known.len(), 25);
    assert_eq!(fired, known);
}

async fn prove(case: &Path) {
    let app = TestApp::new().await;
    let mut acme = client(&app, "acme").await;
    let other = client(&app, "other").await;
    let token = admin_of(&app, "acme").await;
    for (name, items) in read(&folder("ingest").join("world.json")).unwrap().as_object().unwrap() {
        list(&app, name, items.clone()).await;
    }
    if let Some(setup) = read(&case.join("setup.json")) {
        if let Some(rules) = setup.get("rules") {
            tune(&app, &token, rules).await;
        }
        for entry in setup["lists"].as_array().into_iter().flatten() {
            app.post("/api/v1/client/lists", entry).bearer(&token).send().await.expect(201);
        }
        if let Some(mode) = setup.get("mode") {
            acme = key(&app, "acme", mode.as_str().unwrap()).await;
        }
    }
    let request = read(&case.join("request.json")).unwrap();
    // Another client has seen the same person twice already, which must not be felt.
    judge(&app, &other, &request).await;
    for before in read(&case.join("before.json")).unwrap_or(json!([])).as_array().unwrap() {
        let mut body = request.clone();
        merge(&mut body, &before["change"]);
        judge(&app, &acme, &body).await;
        judge(&app, &other, &body).await;
        app.clock.advance(before["thenWaitMs"].as_i64().unwrap());
    }
    let response = judge(&app, &acme, &request).await;
    let detail = detail(&app, &token, &response).await;
    let event = json!({
        "type": detail["type"],
        "at": detail["at"],
        "user": detail["user"],
        "email": detail["email"],
        "facts": detail["facts"],
        "missing": detail["missing"],
    });
    compare(&case.join("event.json"), event);
    compare(&case.join("response.json"), response);
}

fn compare(path: &Path, mut found: Value) {
    make_comparable(&mut found);
    golden::compare(path, &found);
}

/// Placeholders for what differs from run to run, and six digits of what may differ from machine to machine.
fn make_comparable(value: &mut Value) {
    const KEYED: [&str; 5] =
        ["deviceHash", "normalizedHash", "device.hash", "device.client_fingerprint", "email.normalized_hash"];
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                if name == "eventId" {
                    *value = json!("<event id>");
                } else if KEYED.contains(&name.as_str()) && is_keyed_hash(value) {
                    *value = json!("<keyed hash>");
                } else {
                    make_comparable(value);
                }
            }
        }
        Value::Array(array) => array.iter_mut().for_each(make_comparable),
        Value::Number(number) if number.is_f64() => {
            *value = json!((number.as_f64().unwrap() * 1e6).round() / 1e6);
        }
        _ => {}
    }
}

fn is_keyed_hash(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let target = target.as_object_mut().unwrap();
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}
