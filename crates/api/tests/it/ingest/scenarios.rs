//! The stories in `fixtures/scenarios/ingest`, told to the real router. Two clients live through each of them, event by event
//! in turn: what one of them could see of the other would show as a count too many.
//!
//! What is given: `override <cidr> [<field>=<value> …]`, `tor <cidr>`, `vpn <cidr>`,
//! `disposable <domain>`, `high-risk-asn <number>`, and `tune <path>=<value>` for `thresholds.*`, `limits.*` and
//! `rules.<CODE>.*`. Events are `signup` and `login`; what is said of them:
//!
//! | field | means | when left out |
//! |---|---|---|
//! | `user` | `externalUserId` | not sent |
//! | `email` | the address; `-` for none | `<user>@example.com` |
//! | `ip` | the address | must be there |
//! | `device` | whose fingerprint; `-` for no device | the user's own |
//! | `zone` | the device's time zone | not sent |
//! | `agent` | `headless` for an automated browser | an ordinary Chrome |
//! | `took` | from showing the form to sending it, ms | 14,000 |
//! | `keys` | keys pressed | 31 |
//! | `mouse` | the name of the mouse path; `-` for an empty one | a path of its own |

use portcullis_testkit::{Given, Scenario, Step, TestApp};
use serde_json::{Map, Value, json};

use super::support::{START_MS, admin_of, client, device, fired, judge, list, mouse_path, tune};
use crate::stories::{self, stories};

stories! { "ingest" told by tell:
    account_farm_on_one_device
    account_takeover
    account_takeover_behind_a_vpn
    alias_reuse
    credential_spray
    disposable_signups
    ipv6_visitors
    repeats_of_one_account
    replayed_mouse_path
    scripted_signup
    signup_burst_from_one_address
    trust_at_login
}

async fn tell(name: &str) {
    let Scenario { given, steps } = stories::read("ingest", name);
    let app = TestApp::new().await;
    let mut keys = Vec::new();
    let tunings = tunings(&given);
    for slug in ["acme", "other"] {
        keys.push(client(&app, slug).await);
        if let Some(tunings) = &tunings {
            tune(&app, &admin_of(&app, slug).await, tunings).await;
        }
    }
    for given in &given {
        prepare(&app, given).await;
    }
    let mut now_ms = 0;
    for step in &steps {
        stories::go_to(&app, &mut now_ms, step);
        for key in &keys {
            let answer = judge(&app, key, &body(step)).await;
            let decision = answer["decision"].as_str().unwrap().to_lowercase();
            let codes = fired(&answer).into_iter().map(str::to_owned).collect();
            let told = (decision, answer["riskScore"].as_i64().unwrap(), codes);
            stories::compare(name, step, told, &answer["derivedSignals"]);
        }
    }
}

/// The changes of rules that are given, as one body.
fn tunings(given: &[Given]) -> Option<Value> {
    let mut body = json!({ "rules": [] });
    let mut is_any = false;
    for given in given.iter().filter(|given| given.what == "tune") {
        let (path, value) = given.words[0].split_once('=').unwrap();
        let value: Value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        match path.split('.').collect::<Vec<_>>().as_slice() {
            ["rules", code, field] => {
                let rule = Map::from_iter([("code".to_owned(), json!(code)), ((*field).to_owned(), value)]);
                body["rules"].as_array_mut().unwrap().push(rule.into());
            }
            [part, field] => body[part][field] = value,
            _ => panic!("{path}"),
        }
        is_any = true;
    }
    is_any.then_some(body)
}

async fn prepare(app: &TestApp, given: &Given) {
    let first = given.words[0].as_str();
    match given.what.as_str() {
        "tune" => {}
        "tor" => list(app, "tor-exits", json!([first])).await,
        "vpn" => list(app, "vpn-networks", json!([first])).await,
        "disposable" => list(app, "disposable-domains", json!([first])).await,
        "high-risk-asn" => {
            list(app, "high-risk-asns", json!([first.parse::<u32>().unwrap()])).await;
        }
        "override" => {
            let mut item = Map::from_iter([("cidr".to_owned(), json!(first))]);
            for word in &given.words[1..] {
                let (field, value) = word.split_once('=').unwrap();
                let number = serde_json::from_str::<Value>(value).ok().filter(Value::is_number);
                item.insert(field.to_owned(), number.unwrap_or_else(|| json!(value)));
            }
            list(app, "ip-overrides", json!([item])).await;
        }
        what => panic!("line {}: nobody knows what {what} is", given.line),
    }
}

fn body(step: &Step) -> Value {
    let known = ["user", "email", "ip", "device", "zone", "agent", "took", "keys", "mouse"];
    let odd: Vec<_> = step.fields.keys().filter(|key| !known.contains(&key.as_str())).collect();
    assert!(odd.is_empty(), "line {}: {odd:?}", step.line);
    let field = |name: &str| step.fields.get(name).map(String::as_str);
    let number = |name: &str, usual: i64| field(name).map_or(usual, |text| text.parse().unwrap());
    let user = field("user");
    let email = field("email").map(str::to_owned).or_else(|| user.map(|user| format!("{user}@example.com")));
    let name = user.or(email.as_deref()).unwrap();
    let now_ms = START_MS + step.at_ms;
    let path = format!("{} in line {}", name, step.line);
    let mouse = match field("mouse") {
        Some("-") => json!([]),
        mouse => mouse_path(mouse.unwrap_or(&path)),
    };
    json!({
        "type": step.event.to_uppercase(),
        "externalUserId": user,
        "email": email.as_deref().filter(|email| *email != "-"),
        "ip": field("ip").unwrap(),
        "device": match field("device") {
            Some("-") => Value::Null,
            named => {
                let mut device = device(named.unwrap_or(name));
                device["timezone"] = json!(field("zone"));
                if field("agent") == Some("headless") {
                    device["userAgent"] = json!(super::support::WINDOWS_CHROME.replace("Chrome", "HeadlessChrome"));
                }
                device
            }
        },
        "behavior": {
            "formStartedAt": now_ms - number("took", 14_000),
            "formSubmittedAt": now_ms,
            "mousePath": mouse,
            "keystrokeCount": number("keys", 31),
        },
    })
}
