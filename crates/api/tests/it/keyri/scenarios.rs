//! The stories in `fixtures/scenarios/keyri`, one for each built-in rule of G2.13, told to the real router. Two clients live
//! through each of them, event by event in turn: what one could see of the other would show as a count too many.
//!
//! What is given: `override <cidr> [<field>=<value> …]`, `tor <cidr>`, `vpn <cidr>`, `risk <signal> [<field>=<value> …]` and
//! `limit <name> <count>`, both of the service. Events are the dialect's names; a decision is a `riskSummary`, the score is
//! `trustScore` in percent, and the codes are `signals`. What is said of an event:
//!
//! | field | means | when left out |
//! |---|---|---|
//! | `user` | `userId` | `undefined` |
//! | `device` | the machine that seals the envelope: `d1`, `d2` or `d3` | must be there |
//! | `ip` | `ipAddress` | 84.160.1.2 |
//! | `agent` | the user agent: `chrome`, `curl` or `headless` | `chrome` |

use std::collections::BTreeMap;

use portcullis_testkit::{Given, KeyriClient, Scenario, Step, TestApp};
use serde_json::{Map, Value, json};

use super::support::{Shop, laptop, list, signals};
use crate::stories::{self, stories};

stories! { "keyri" told by tell:
    accounts_on_a_device
    bots
    events_in_ten_seconds
    improbable_travel
    new_device
    new_ip_country
    registrations_on_a_device
    suspicious_address
    tor
    vpn_or_proxy
}

/// A client's service, and the devices of its users.
struct World<'a> {
    shop: Shop<'a>,
    devices: BTreeMap<String, KeyriClient>,
}

async fn tell(name: &str) {
    let Scenario { given, steps } = stories::read("keyri", name);
    let app = TestApp::new().await;
    let mut worlds = Vec::new();
    for slug in ["acme", "other"] {
        worlds.push(World { shop: Shop::of(&app, slug).await, devices: BTreeMap::new() });
    }
    for given in &given {
        prepare(&app, &worlds, given).await;
    }
    let mut now_ms = 0;
    for step in &steps {
        stories::go_to(&app, &mut now_ms, step);
        for world in &mut worlds {
            let answer = world.send(step).await;
            let fired = signals(&answer).into_iter().map(str::to_owned).collect();
            let trust_percent = (100.0 * answer["trustScore"].as_f64().unwrap()).round() as i64;
            let summary = answer["riskSummary"].as_str().unwrap().to_owned();
            stories::compare(name, step, (summary, trust_percent, fired), &answer);
        }
    }
}

impl World<'_> {
    async fn send(&mut self, step: &Step) -> Value {
        let said = |name: &str, usual: &str| step.fields.get(name).map_or(usual, String::as_str).to_owned();
        let device = said("device", "");
        let client = self.devices.entry(device.clone()).or_insert_with(|| self.shop.web());
        let envelope = client.envelope(self.shop.now(), claims(&device));
        let mut body = self.shop.body(&envelope, &said("user", "undefined"), &step.event);
        body["ipAddress"] = json!(said("ip", "84.160.1.2"));
        match said("agent", "chrome").as_str() {
            "chrome" => {}
            "curl" => body["headers"]["User-Agent"] = json!("curl/8.5.0"),
            "headless" => {
                body["headers"]["User-Agent"] = json!(
                    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/124.0.0.0 Safari/537.36"
                );
            }
            agent => panic!("line {}: nobody knows {agent}", step.line),
        }
        for name in step.fields.keys() {
            assert!(["user", "device", "ip", "agent"].contains(&name.as_str()), "line {}: {name}", step.line);
        }
        self.shop.post(&body).await.expect_json(200)
    }
}

/// What a device tells: each name is another machine.
fn claims(device: &str) -> Value {
    const MACHINES: [(&str, &str, &str, &str); 3] = [
        ("d1", "ANGLE (NVIDIA GeForce GTX 1660)", "1920x1080", "8"),
        ("d2", "ANGLE (Intel Iris Xe Graphics)", "2256x1504", "4"),
        ("d3", "ANGLE (AMD Radeon RX 7800 XT)", "3840x2160", "16"),
    ];
    let machine = MACHINES.iter().find(|(name, ..)| *name == device);
    let (_, renderer, screen, processors) = machine.unwrap_or_else(|| panic!("nobody has {device}"));
    let mut claims = laptop(device);
    for (name, value) in
        [("gpuRenderer", renderer), ("screenResolution", screen), ("hardwareConcurrency", processors)]
    {
        claims["deviceParams"][name] = json!(value);
    }
    claims
}

async fn prepare(app: &TestApp, worlds: &[World<'_>], given: &Given) {
    let first = given.words[0].as_str();
    match given.what.as_str() {
        "tor" => list(app, "tor-exits", json!([first])).await,
        "vpn" => list(app, "vpn-networks", json!([first])).await,
        "override" => {
            let mut item = members(&given.words[1..]);
            item.insert("cidr".to_owned(), json!(first));
            let change = json!({ "add": [item] });
            let call = app.patch("/api/v1/admin/reputation/ip-overrides", &change).bearer(&app.admin);
            call.send().await.expect(200);
        }
        "risk" => {
            let mut rule = members(&given.words[1..]);
            rule.insert("signal".to_owned(), json!(first));
            for world in worlds {
                world.shop.put("/risk", &json!({ "rules": [rule] })).await;
            }
        }
        "limit" => {
            for world in worlds {
                world.shop.put("/risk", &json!({ "limits": { first: scalar(&given.words[1]) } })).await;
            }
        }
        what => panic!("line {}: nobody knows what {what} is", given.line),
    }
}

fn members(words: &[String]) -> Map<String, Value> {
    let pairs = words.iter().map(|word| word.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), scalar(value))).collect()
}

/// A number or a truth value where the text is one.
fn scalar(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}
