//! The stories in `fixtures/scenarios/fraudshield`, told to the real router. Two tenants live through each of them, event
//! by event in turn: what one of them could see of the other would show as a count too many.
//!
//! What is given: `vpn <cidr>`, `tor <cidr>`; `rule <name> <action> <points> <condition …>`; and
//! `limit <name> <action> <limit> <window> <scope> <on_exceed> [<cooldown>]`. What happens, and what is told of it:
//!
//! | event | what it is | decision | score | codes |
//! |---|---|---|---|---|
//! | `register` | a registration of a device | its level | its score | its signals that are true |
//! | `check` | a velocity check of `action` | `allowed` or `refused` | seconds to wait | rules that are exceeded |
//! | `block` `appeal` `unblock` | the device, on the blocklist | `blocked` or `free` | 0 | |
//! | `ingest.<type>` | an event of the ingest dialect | its decision | its score | rules that fired |
//! | `fraudsense.<type>` | a session of the fraudsense dialect | its level | its score | what the server saw |
//! | anything else | an assessment of an event of that type | its decision | its score | its signals |
//!
//! What may be said: `user`, `ip` (203.0.113.7 when left out), `action`, `amount`, `age` (of the account, days), `device`
//! (a computer that is like no other) and `name` (a device by the id that the client's own app gave it). Spaces in names
//! of rules are written as `_`.

use std::collections::BTreeMap;

use portcullis_testkit::{Given, Scenario, Step, TestApp};
use serde_json::{Value, json};

use super::{
    support::two_shops,
    velocity_rules::make,
    world::{ASSESS, DEVICES, HOME, laptop, post, register, rule, text},
};
use crate::{
    ingest::support::list,
    stories::{self, Told, stories},
};

stories! { "fraudshield" told by tell:
    block_and_appeal
    limit_with_cooldown
    new_users_behind_a_vpn
    ring_on_one_device
    three_dialects
}

/// A tenant's key, and what it knows of its devices and their entries on the blocklist, by name.
struct Teller {
    key: String,
    ids: BTreeMap<String, String>,
    entries: BTreeMap<String, String>,
}

async fn tell(name: &str) {
    let Scenario { given, steps } = stories::read("fraudshield", name);
    let (app, acme, other) = two_shops().await;
    let mut tellers =
        [acme, other].map(|shop| Teller { key: shop.live, ids: BTreeMap::new(), entries: BTreeMap::new() });
    for given in &given {
        for teller in &tellers {
            prepare(&app, &teller.key, given).await;
        }
    }
    let mut now_ms = 0;
    for step in &steps {
        stories::go_to(&app, &mut now_ms, step);
        for teller in &mut tellers {
            let told = teller.live_through(&app, step).await;
            stories::compare(name, step, told, &step.event);
        }
    }
}

async fn prepare(app: &TestApp, key: &str, given: &Given) {
    let words: Vec<&str> = given.words.iter().map(String::as_str).collect();
    match (given.what.as_str(), words.as_slice()) {
        ("vpn", [cidr]) => list(app, "vpn-networks", json!([cidr])).await,
        ("tor", [cidr]) => list(app, "tor-exits", json!([cidr])).await,
        ("rule", [name, action, points, condition @ ..]) => {
            let points: i64 = points.parse().unwrap();
            let more = json!({ "name": name.replace('_', " "), "score_adjustment": points });
            rule(app, key, &condition.join(" "), action, more).await;
        }
        ("limit", [name, action, limit, window, scope, on_exceed, cooldown @ ..]) => {
            let limit: i64 = limit.parse().unwrap();
            let body = json!({
                "name": name.replace('_', " "), "action": action, "limit": limit, "window": window,
                "scope": scope, "on_exceed": on_exceed, "cooldown": cooldown.first(),
            });
            make(app, key, &body).await;
        }
        (what, _) => panic!("line {}: nobody knows what {what} is", given.line),
    }
}

impl Teller {
    async fn live_through(&mut self, app: &TestApp, step: &Step) -> Told {
        let field = |name: &str| step.fields.get(name).map(String::as_str);
        match step.event.as_str() {
            "register" => self.register(app, step).await,
            "check" => {
                let body =
                    json!({ "action": field("action"), "user_id": field("user"), "ip_address": ip(step) });
                let answer = post(app, &self.key, "/v1/fraud/velocity/check", &body).await;
                let allowed = if answer["allowed"] == true { "allowed" } else { "refused" };
                let wait = answer["retry_after"].as_i64().unwrap_or_default();
                (allowed.to_owned(), wait, names(&answer["triggered_rules"], "name"))
            }
            "block" => self.block(app, field("device").unwrap()).await,
            "appeal" | "unblock" => self.release(app, step).await,
            event => match event.split_once('.') {
                Some(("ingest", kind)) => self.ingest(app, step, kind).await,
                Some(("fraudsense", kind)) => self.fraudsense(app, step, kind).await,
                _ => self.assess(app, step).await,
            },
        }
    }

    async fn register(&mut self, app: &TestApp, step: &Step) -> Told {
        let name = &step.fields["device"];
        let device = register(app, &self.key, &laptop(name), &step.fields["user"], ip(step)).await;
        let id = text(&device, "id").to_owned();
        let first = self.ids.entry(name.clone()).or_insert_with(|| id.clone());
        assert_eq!(*first, id, "line {}: the device was taken for another", step.line);
        let signals = device["signals"].as_object().unwrap().iter().filter(|(_, is)| **is == true);
        let codes = signals.map(|(name, _)| name.clone()).collect();
        (text(&device, "risk_level").to_owned(), device["risk_score"].as_i64().unwrap(), codes)
    }

    async fn block(&mut self, app: &TestApp, name: &str) -> Told {
        let path = format!("{DEVICES}/{}/block", self.ids[name]);
        let blocked = post(app, &self.key, &path, &json!({ "reason": "told" })).await;
        self.entries.insert(name.to_owned(), text(&blocked["block"], "id").to_owned());
        ("blocked".to_owned(), 0, Vec::new())
    }

    async fn release(&mut self, app: &TestApp, step: &Step) -> Told {
        let path = format!("/v1/fraud/blocklist/{}", self.entries[&step.fields["device"]]);
        if step.event == "unblock" {
            app.delete(&path).bearer(&self.key).send().await.expect(200);
            return ("free".to_owned(), 0, Vec::new());
        }
        let entry =
            post(app, &self.key, &format!("{path}/appeal"), &json!({ "note": "It was my son" })).await;
        assert_eq!((&entry["active"], &entry["appeal_note"]), (&json!(true), &json!("It was my son")));
        ("blocked".to_owned(), 0, Vec::new())
    }

    async fn assess(&self, app: &TestApp, step: &Step) -> Told {
        let field = |name: &str| step.fields.get(name).map(String::as_str);
        let number = |name: &str| field(name).map(|text| text.parse::<f64>().unwrap());
        let body = json!({
            "event_type": step.event, "user_id": field("user"), "ip_address": ip(step),
            "device_id": field("name"), "fingerprint": field("device").map(laptop), "action": field("action"),
            "transaction": { "amount": number("amount") }, "user": { "age_days": number("age") },
        });
        let answer = post(app, &self.key, ASSESS, &body).await;
        let signals = answer["signals"].as_array().unwrap().iter();
        let codes = signals.map(|word| word.as_str().unwrap().replace(' ', "_")).collect();
        (text(&answer, "decision").to_owned(), answer["risk_score"].as_i64().unwrap(), codes)
    }

    async fn ingest(&self, app: &TestApp, step: &Step, kind: &str) -> Told {
        let user = &step.fields["user"];
        let body = json!({
            "type": kind.to_uppercase(), "externalUserId": user, "email": format!("{user}@example.com"),
            "ip": ip(step), "device": { "clientFingerprint": step.fields["name"] },
        });
        let call = app.post("/api/v1/events/ingest", &body).key(&self.key);
        let answer = call.send().await.expect_json(200);
        let decision = text(&answer, "decision").to_lowercase();
        (decision, answer["riskScore"].as_i64().unwrap(), names(&answer["triggeredRules"], "code"))
    }

    async fn fraudsense(&self, app: &TestApp, step: &Step, kind: &str) -> Told {
        let body = json!({
            "deviceId": step.fields["name"], "sessionId": format!("line {}", step.line),
            "eventType": kind.to_uppercase(),
        });
        let call = app.post("/v1/risk/score", &body).header("x-fraudsense-key", &self.key);
        let answer = call.from(ip(step)).send().await.expect_json(200);
        let level = text(&answer, "riskLevel").to_lowercase();
        (level, answer["riskScore"].as_i64().unwrap(), names(&answer["serverFlags"], "code"))
    }
}

fn ip(step: &Step) -> &str {
    step.fields.get("ip").map_or(HOME, String::as_str)
}

/// A text of each of a list.
fn names(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| text(item, field).replace(' ', "_")).collect()
}
