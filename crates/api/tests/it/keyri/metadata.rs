//! Rules on what the caller says of an event in words of its own, and on what is computed of it.

use portcullis_domain::{EventId, Facts, Mode, Outcome, Realm};
use portcullis_engine::{Plan, evaluate};
use portcullis_store::StoredEvent;
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::{
    rules::rule,
    support::{Shop, laptop},
};

/// The answer to an event with this metadata.
async fn send(shop: &Shop<'_>, metadata: &Value) -> Value {
    shop.app.clock.advance(60_000);
    let envelope = shop.web().envelope(shop.now(), laptop("h1"));
    let mut body = shop.body(&envelope, "u1", "purchase");
    body["metadata"] = metadata.clone();
    shop.post(&body).await.expect_json(200)
}

async fn stored(app: &TestApp, answer: &Value) -> StoredEvent {
    let tenant = app.store.control().tenant_by_slug("acme").unwrap().id;
    let id: EventId = answer["instance"]["uuid"].as_str().unwrap().parse().unwrap();
    app.store.of(Realm { tenant, mode: Mode::Live }).find_event(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_rule_on_metadata_decides() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let made =
        app.post("/api/v1/client/keyri-services", &json!({ "name": "app" })).bearer(&shop.tenant.admin);
    let sibling = Shop {
        app: &app,
        tenant: app.tenant("third").await,
        service: made.send().await.expect_json(201),
        platform: shop.platform.clone(),
    };
    let dear = json!({ "eventMetadata.amount": { "$gt": 1000 } });
    let vip = json!({ "metadata.customer.vip": "true" });
    let rules = [rule("deny", &dear, 2), rule("call_them", &json!({ "$and": [dear, vip] }), 3)];
    shop.put("/rules", &json!({ "rules": rules })).await;
    for (metadata, summary) in [
        (json!({ "amount": 1500 }), "deny"),
        (json!({ "amount": "1500" }), "deny"),
        (json!({ "amount": 1000 }), "allow"),
        (json!({ "amount": "many" }), "allow"),
        (json!({ "amount": { "value": 1500 } }), "allow"),
        (json!({}), "allow"),
        (json!({ "amount": 1500, "customer": { "vip": true } }), "call_them"),
        (json!({ "amount": 1500, "customer": { "vip": "true" } }), "call_them"),
        (json!({ "amount": 1500, "customer": { "vip": false } }), "deny"),
    ] {
        let answer = send(&shop, &metadata).await;
        assert_eq!(answer["riskSummary"], summary, "{metadata}");
        assert_eq!(answer["instance"]["eventMetadata"], metadata);
    }
    for elsewhere in [&other, &sibling] {
        assert_eq!(send(elsewhere, &json!({ "amount": 1500 })).await["riskSummary"], "allow");
    }
    // Where the caller says nothing, what the client sealed counts.
    app.clock.advance(60_000);
    let mut claims = laptop("h1");
    claims["eventMetadata"] = json!({ "amount": 1001 });
    let mut body = shop.body(&shop.web().envelope(shop.now(), claims), "u1", "purchase");
    body["metadata"] = Value::Null;
    assert_eq!(shop.post(&body).await.expect_json(200)["riskSummary"], "deny");
}

#[tokio::test]
async fn rules_compute() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let spent = json!({ "$sum": ["eventMetadata.spent", "${eventMetadata.amount}"] });
    let named = json!({
        "$transform": [{ "limit": 4 }, { "each": { "$divide": ["eventMetadata.amount", "eventMetadata.items"] } }],
        "$and": [{ "each": { "$gte": { "$multiply": ["limit", 100] } } }],
    });
    let folded = json!({ "$gt": [{ "$reduce": { "input": ["eventMetadata.a", "eventMetadata.b"], "initialValue": 1,
        "math": { "$multiply": ["$$value", "$$this"] } } }, 10] });
    let rules = [
        rule("warn", &json!({ "2500": { "$lte": spent } }), 1),
        rule("deny", &named, 1),
        rule("fold", &folded, 2),
    ];
    let shown = shop.put("/rules", &json!({ "rules": rules })).await;
    let texts: Vec<_> = shown["rules"].as_array().unwrap().iter().map(|rule| &rule["condition"]).collect();
    assert_eq!(
        texts,
        [
            "2500 <= metadata.spent + metadata.amount",
            "metadata.amount / metadata.items >= 4 * 100",
            "1 * metadata.a * metadata.b > 10"
        ]
    );
    for (metadata, summary) in [
        (json!({ "spent": 2000, "amount": "500" }), "warn"),
        (json!({ "spent": 2000, "amount": 499.99 }), "allow"),
        (json!({ "spent": 2000, "amount": 800, "items": 2 }), "deny"),
        (json!({ "amount": 800, "items": 0 }), "allow"),
        (json!({ "a": 5, "b": 2.5 }), "fold"),
        (json!({ "a": 5 }), "allow"),
    ] {
        assert_eq!(send(&shop, &metadata).await["riskSummary"], summary, "{metadata}");
    }
}

#[tokio::test]
async fn a_rule_for_every_dialect_reads_it_too() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let rule = json!({ "name": "gifts", "condition": "metadata.gift AND metadata.amount + 1 > 100", "action": "block" });
    app.post("/api/v1/client/custom-rules", &rule).bearer(&shop.tenant.admin).send().await.expect(201);
    assert_eq!(send(&shop, &json!({ "gift": true, "amount": 100 })).await["riskSummary"], "deny");
    assert_eq!(send(&shop, &json!({ "gift": false, "amount": 100 })).await["riskSummary"], "allow");
}

#[tokio::test]
async fn decisions_on_metadata_recompute_after_a_restart_and_it_is_sealed() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let conditions = json!({ "$or": [
        { "eventMetadata.name": "Winnifred-Sealed" }, { "changeHistory.user.ip.changes_last_hour": { "$gte": 1 } } ] });
    shop.put("/rules", &json!({ "rules": [rule("deny", &conditions, 1)] })).await;
    let denied = send(
        &shop,
        &json!({ "name": "Winnifred-Sealed", "note": "Nobody-Else-Reads", "long": "x".repeat(300) }),
    )
    .await;
    let allowed = send(&shop, &json!({ "name": "Jane" })).await;
    assert_eq!((&denied["riskSummary"], &allowed["riskSummary"]), (&json!("deny"), &json!("allow")));

    let path = format!("/api/v1/client/events/{}", denied["instance"]["uuid"].as_str().unwrap());
    let shown = app.get(&path).bearer(&shop.tenant.viewer).send().await.expect_json(200);
    assert_eq!(shown["facts"]["metadata.name"], "Winnifred-Sealed");
    let app = app.restarted().await;
    for answer in [&denied, &allowed] {
        let StoredEvent { decision, policy, .. } = stored(&app, answer).await;
        assert!(!decision.facts.details().is_empty());
        assert_eq!(decision.facts.details().get("metadata.long"), None, "too long to be read");
        let plan = Plan::compile(policy.as_ref().clone()).unwrap();
        let again = evaluate(&decision.facts, decision.event_type, &plan);
        assert_eq!(again, decision.assessment);
        assert_eq!(again.outcome == Outcome::Block, answer["riskSummary"] == "deny");
        let mut without: Facts = decision.facts.as_ref().clone();
        without.set_details(portcullis_domain::facts::Details::none());
        let blind = evaluate(&without, decision.event_type, &plan);
        assert_eq!(blind.outcome, Outcome::Allow, "the details decided");
    }
    for entry in std::fs::read_dir(app.data_dir()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(17).any(|window| window == b"Nobody-Else-Reads".as_slice()));
    }
}
