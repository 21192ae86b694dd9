//! Every decision can be computed again from what is stored: the same facts and the same policy give the same
//! assessment, bit for bit, whatever was changed since, and after a restart.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_domain::{CheckStatus, EventId, Facts, Mode, Realm};
use portcullis_engine::{Plan, evaluate};
use portcullis_store::StoredEvent;
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{Random, admin_of, any_event, judge, list, now_ms, tune, two_clients, without};

const EVENTS: usize = 1_200;

fn realm(app: &TestApp, slug: &str) -> Realm {
    Realm { tenant: app.store.control().tenant_by_slug(slug).unwrap().id, mode: Mode::Live }
}

async fn stored(app: &TestApp, realm: Realm, answer: &Value) -> StoredEvent {
    let id: EventId = answer["eventId"].as_str().unwrap().parse().unwrap();
    app.store.of(realm).find_event(id).await.unwrap().unwrap()
}

fn bits(facts: &Facts) -> Vec<u8> {
    let mut out = Vec::new();
    facts.encode(&mut out);
    out
}

/// Judges the stored facts by the stored policy once more.
fn check_event(event: &StoredEvent, answer: &Value) {
    let decision = &event.decision;
    let plan = Plan::compile(event.policy.as_ref().clone()).unwrap();
    assert_eq!(plan.id(), decision.policy);
    let again = evaluate(&decision.facts, decision.event_type, &plan);
    assert_eq!(again, decision.assessment);
    let fired = again.checks.iter().filter(|check| check.status == CheckStatus::Fired);
    let sum: i32 = fired.map(|check| event.policy.rules[usize::from(check.rule)].weight).sum();
    assert_eq!(again.score, sum.max(0));
    assert_eq!(answer["riskScore"], again.score);
    let written = bits(&decision.facts);
    let mut rest = written.as_slice();
    let read = Facts::decode(&mut rest).unwrap();
    assert!(rest.is_empty());
    assert_eq!(bits(&read), written);
    assert_eq!(evaluate(&read, decision.event_type, &plan), again);
}

#[tokio::test]
async fn every_decision_recomputes_after_any_change_and_a_restart() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    let berlin =
        json!([{ "cidr": "203.0.114.0/24", "countryCode": "DE", "latitude": 52.52, "longitude": 13.41 }]);
    let oslo =
        json!([{ "cidr": "198.51.101.0/24", "countryCode": "NO", "latitude": 59.91, "longitude": 10.75 }]);
    list(&app, "ip-overrides", berlin).await;
    list(&app, "ip-overrides", oslo).await;
    let mut random = Random::seeded("recompute");
    let mut answers = Vec::new();
    for index in 0..EVENTS {
        if index % 100 == 50 {
            change_something(&app, &token, &mut random, index / 100).await;
        }
        let (slug, key) = if random.below(4) == 0 { ("other", &other) } else { ("acme", &acme) };
        let body = any_event(&mut random, now_ms(&app));
        answers.push((slug, judge(&app, key, &body).await));
        app.clock.advance(random.below(60_000) as i64);
    }

    let realms = BTreeMap::from([("acme", realm(&app, "acme")), ("other", realm(&app, "other"))]);
    let keys = BTreeMap::from([("acme", &acme), ("other", &other)]);
    let mut facts = Vec::new();
    let (mut policies, mut scores, mut codes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (slug, answer) in &answers {
        let event = stored(&app, realms[slug], answer).await;
        check_event(&event, answer);
        // What was answered from memory is what is read from the disk.
        let path = format!("/api/v1/events/{}", answer["eventId"].as_str().unwrap());
        let shown = app.get(&path).key(keys[slug]).send().await.expect_json(200);
        assert_eq!(without(&shown, &["type", "createdAt", "outcome"]), *answer);
        policies.insert(event.decision.policy);
        scores.insert(event.decision.assessment.score);
        codes
            .extend(answer["triggeredRules"].as_array().unwrap().iter().map(|rule| rule["code"].to_string()));
        facts.push(bits(&event.decision.facts));
    }
    assert!(policies.len() > 12, "{} policies", policies.len());
    assert!(scores.len() > 50, "{} scores", scores.len());
    assert!(codes.len() > 16, "{codes:?}");

    let app = app.restarted().await;
    for ((slug, answer), facts) in answers.iter().zip(&facts) {
        let event = stored(&app, realms[slug], answer).await;
        check_event(&event, answer);
        assert_eq!(&bits(&event.decision.facts), facts);
    }
    // History goes on where it was: the next event of a known account is not its first.
    let body = any_event(&mut Random::seeded("recompute"), now_ms(&app));
    let next = judge(&app, &acme, &body).await;
    assert_eq!(next["derivedSignals"]["device"]["isNew"], false);
}

/// Another weight, threshold, limit, mode or list.
async fn change_something(app: &TestApp, token: &str, random: &mut Random, round: usize) {
    let code = *random.pick(&["DISPOSABLE_EMAIL", "DEVICE_REUSED", "MISSING_SIGNALS", "HEADLESS_BROWSER"]);
    let weight = random.below(200) as i64 - 50;
    let change = match round % 6 {
        0 => json!({ "rules": [{ "code": code, "weight": weight }] }),
        1 => json!({ "thresholds": { "allowMax": 10 + round, "monitorMax": 60 + round } }),
        2 => json!({ "limits": { "accountsPerIp": round, "minCompletionMs": 5_000 + round } }),
        3 => {
            json!({ "rules": [{ "code": code, "mode": "shadow" }, { "code": "KNOWN_DEVICE", "enabled": true }] })
        }
        4 => json!({ "rules": [{ "code": "IP_REUSED", "enabled": false }], "thresholds": null }),
        _ => json!({ "rules": [{ "code": code, "weight": null, "mode": null }] }),
    };
    tune(app, token, &change).await;
    let global = json!({ "rules": [{ "code": "TIMEZONE_MISMATCH", "weight": 15 + round }] });
    app.put("/api/v1/admin/global-rules", &global).bearer(&app.admin).send().await.expect(200);
    list(app, "disposable-domains", json!([format!("d{round}.example")])).await;
}
