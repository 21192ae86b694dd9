//! Rules see of `instance` what the answer shows of it.

use portcullis_domain::{EventId, Mode, Realm};
use portcullis_engine::rules::details;
use portcullis_testkit::TestApp;
use serde_json::{Map, Value, json};

use super::{
    rules::rule,
    support::{Shop, laptop, list},
};

/// What is only decided by the rules.
const DECIDED: [&str; 4] = ["uuid", "state", "signals", "points"];

/// The names of everything in `instance` that is a value or null.
fn names(value: &Value, prefix: &str, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                self::names(value, &format!("{prefix}.{name}"), names);
            }
        }
        Value::Array(_) => {}
        _ => names.push(prefix.trim_start_matches('.').to_owned()),
    }
}

/// The answer to a login of `user` from this address.
async fn send(shop: &Shop<'_>, user: &str, address: &str) -> Value {
    shop.app.clock.advance(120_000);
    let envelope = shop.web().envelope(shop.now(), laptop("h1"));
    let mut body = shop.body(&envelope, user, "login");
    body["ipAddress"] = json!(address);
    shop.post(&body).await.expect_json(200)
}

async fn recorded(app: &TestApp, answer: &Value) -> Map<String, Value> {
    let tenant = app.store.control().tenant_by_slug("acme").unwrap().id;
    let id: EventId = answer["instance"]["uuid"].as_str().unwrap().parse().unwrap();
    let event = app.store.of(Realm { tenant, mode: Mode::Live }).find_event(id).await.unwrap().unwrap();
    let values = event.decision.facts.details().iter();
    let json = |value: &portcullis_domain::facts::Value| match value {
        portcullis_domain::facts::Value::Bool(flag) => json!(flag),
        portcullis_domain::facts::Value::Int(whole) => json!(whole),
        portcullis_domain::facts::Value::Float(float) => json!(float),
        portcullis_domain::facts::Value::Text(text) => json!(text.as_str()),
    };
    values.map(|(name, value)| (name.to_owned(), json(value))).collect()
}

#[tokio::test]
async fn rules_see_what_the_answer_shows() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    for (user, address) in [("u1", "84.160.1.2"), ("u2", "84.160.1.2"), ("u1", "81.2.69.142")] {
        send(&shop, user, address).await;
    }
    let before = send(&shop, "u1", "84.160.1.2").await;
    let mut known = Vec::new();
    names(&before["instance"], "", &mut known);
    known.retain(|name| !DECIDED.contains(&name.as_str()));
    assert!(known.len() > 80, "{known:?}");
    // Nothing holds of a name that is unknown, and all of this is about values being there or not.
    let rules: Vec<_> = known
        .chunks(60)
        .map(|names| {
            let tests: Vec<_> = names.iter().map(|name| json!({ name: { "$eq": null } })).collect();
            rule("look", &json!({ "$or": tests }), 1)
        })
        .collect();
    shop.put("/rules", &json!({ "rules": rules })).await;
    let answer = send(&shop, "u1", "81.2.69.142").await;
    let recorded = recorded(&app, &answer).await;
    let (mut shown, mut seen) = (Vec::new(), 0);
    names(&answer["instance"], "", &mut shown);
    for name in shown.iter().filter(|name| known.contains(name)) {
        let value = details::shown(answer["instance"].as_object().unwrap(), &format!("instance.{name}"));
        let pointer = format!("instance.{name}");
        if let Some(found) = recorded.get(&pointer) {
            seen += 1;
            assert!(value.is_some(), "{name}: {found}");
            let at = answer["instance"].pointer(&format!("/{}", name.replace('.', "/")));
            if let Some(at) = at {
                assert_eq!(at, found, "{name}");
            }
        }
    }
    assert!(seen > 40, "{seen} of {recorded:?}");
}

#[tokio::test]
async fn what_changed_and_who_was_there_decides() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    list(&app, "tor-exits", json!(["84.160.1.2"])).await;
    for (conditions, fires) in [
        (json!({ "changeHistory.user.ip.changes_last_hour": { "$gte": 1 } }), [false, true, false]),
        (json!({ "instanceDeltas.ip.changed": { "$eq": "true" } }), [false, true, false]),
        (json!({ "instanceDeltas.ip.to": "81.2.69.142" }), [false, true, false]),
        (json!({ "deviceModel.users.${userId}": { "$gte": 2 } }), [false, true, false]),
        (json!({ "deviceModel.users._unique_": { "$gt": 1 } }), [false, false, true]),
        (json!({ "deviceModel.deviceAgeUser": { "$gt": { "$divide": [1, 1440] } } }), [false, true, false]),
        (json!({ "userModel._count": 2 }), [false, true, false]),
        (
            json!({ "$and": [{ "userId": "u2" }, { "timeData.globalHour": { "$lt": 24 } }] }),
            [false, false, true],
        ),
        (json!({ "threat.is_anonymous": true }), [true, false, false]),
        // We have no list of attackers, so nobody is known to be one, or not to be.
        (json!({ "threat.is_known_attacker": { "$ne": true } }), [false, false, false]),
        (json!({ "$not": { "threat.is_known_attacker": true } }), [false, false, false]),
        (
            json!({ "$or": [{ "state": "allow" }, { "points": 0 }, { "uuid": { "$ne": null } }] }),
            [false, false, false],
        ),
    ] {
        let shop = &Shop::with(
            &app,
            app.tenant(&format!("t{}", shop.now().as_millis())).await,
            &json!({ "name": "s" }),
        )
        .await;
        shop.put("/rules", &json!({ "rules": [rule("fired", &conditions, 9)] })).await;
        let visits = [("u1", "84.160.1.2"), ("u1", "81.2.69.142"), ("u2", "81.2.69.142")];
        for ((user, address), fires) in visits.into_iter().zip(fires) {
            let answer = send(shop, user, address).await;
            assert_eq!(answer["riskSummary"] == "fired", fires, "{conditions} {user} {address}: {answer}");
        }
    }
    let rules = json!({ "rules": [rule("fired", &json!({ "userId": "u1" }), 9)] });
    shop.put("/rules", &rules).await;
    assert_eq!(send(&shop, "u1", "81.2.69.142").await["riskSummary"], "fired");
    assert_eq!(send(&other, "u1", "81.2.69.142").await["riskSummary"], "allow");
}
