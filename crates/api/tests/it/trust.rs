//! Labels move later scores, and can be taken back.

use std::{net::IpAddr, sync::Arc};

use domain::{Dialect, Email, Event, EventId, EventType, EventTypes, Label, Limits, Mode, Outcome, Realm};
use portcullis_domain as domain;
use portcullis_engine::{Plan, Profile, ProfileBand, ProfileRule, evaluate, signals, trust::Scale};
use portcullis_intel::{Intel, Sources};
use portcullis_pipeline::{Assessed, Assessor, Request};
use portcullis_store::{Actor, Enforcement, LabelReport, TenantChange};
use portcullis_testkit::{TestApp, TestTenant};
use serde_json::{Value, json};

const MODEL: &str = "/api/v1/client/trust-model";

/// A profile on which an event with a throw-away address is a point below a challenge.
static PROFILE: Profile = Profile {
    dialect: Dialect::Fraudshield,
    bands: &[
        ProfileBand { name: "LOW", max: Some(200), outcome: Outcome::Allow },
        ProfileBand { name: "MEDIUM", max: Some(500), outcome: Outcome::Challenge },
        ProfileBand { name: "HIGH", max: None, outcome: Outcome::Block },
    ],
    limits: Limits::USUAL,
    max_score: Some(1_000),
    factors: &[],
    custom_percent: 100,
    labels: &[],
    scale: Some(Scale::new(500, 100)),
    monitors: true,
    rules: &[ProfileRule {
        signal: &signals::email::disposable::SIGNAL,
        code: "MAIL",
        label: "Throw-away address",
        points: 200,
        applies_to: EventTypes::ALL,
        enabled: true,
        category: None,
        soft: false,
    }],
};

struct Desk {
    app: TestApp,
    assessor: Assessor,
}

impl Desk {
    async fn new() -> (Self, TestTenant, TestTenant) {
        let app = TestApp::new().await;
        let intel = Arc::new(Intel::load(&Sources::default()).unwrap());
        let assessor = Assessor::new(app.store.clone(), intel);
        let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
        (Self { app, assessor }, acme, other)
    }

    fn realm(&self, tenant: &TestTenant, mode: Mode) -> Realm {
        Realm { tenant: self.app.store.control().tenant_by_slug(&tenant.slug).unwrap().id, mode }
    }

    /// Judges a signup with a throw-away address.
    async fn judge(&self, realm: Realm) -> (EventId, domain::Decision) {
        let event = Event {
            dialect: Dialect::Fraudshield,
            event_type: EventType::Signup,
            at: self.app.store.clock().now(),
            user: None,
            email: Email::parse("someone@mailinator.com").ok(),
            ip: "198.51.101.9".parse::<IpAddr>().ok(),
            device: None,
            behavior: None,
            session: None,
            sensors: None,
            claims: None,
            more: None,
        };
        match self.assessor.assess(Request::new(realm, &PROFILE, event)).await.unwrap() {
            Assessed::Now { id, decision, .. } => (id, decision),
            other => panic!("{other:?}"),
        }
    }

    async fn score(&self, realm: Realm) -> (i32, Outcome) {
        let assessment = self.judge(realm).await.1.assessment;
        (assessment.score, assessment.outcome)
    }

    async fn label(&self, realm: Realm, id: EventId, label: Label) {
        let report = LabelReport { label, at: self.app.store.clock().now(), notes: None };
        self.app.store.of(realm).set_label(id, report).await.unwrap();
    }
}

#[tokio::test]
async fn one_label_moves_scores_and_two_may_change_decisions() {
    let (desk, acme, other) = Desk::new().await;
    let (live, test) = (desk.realm(&acme, Mode::Live), desk.realm(&acme, Mode::Test));
    let (first, decision) = desk.judge(live).await;
    let (second, _) = desk.judge(live).await;
    assert_eq!((decision.assessment.score, decision.assessment.outcome), (200, Outcome::Allow));

    desk.label(live, first, Label::FalsePositive).await;
    let (cleared, outcome) = desk.score(live).await;
    assert!(cleared < 200 && outcome == Outcome::Allow, "{cleared}");
    // It was fraud after all: a label that is changed teaches the opposite, once.
    desk.label(live, first, Label::ConfirmedFraud).await;
    let (feared, outcome) = desk.score(live).await;
    assert!(feared > 200 && outcome == Outcome::Challenge, "two labels: {feared}");
    for label in [Label::ConfirmedFraud, Label::FalsePositive, Label::ConfirmedFraud] {
        desk.label(live, first, label).await;
        assert_eq!(desk.score(live).await.0, feared);
    }
    desk.label(live, second, Label::ChallengeFailed).await;
    assert_eq!(desk.score(live).await.0, feared, "how a challenge ended is no proof");
    desk.label(live, second, Label::ConfirmedFraud).await;
    assert!(desk.score(live).await.0 > feared);

    for realm in [test, desk.realm(&other, Mode::Live)] {
        assert_eq!(desk.score(realm).await, (200, Outcome::Allow), "of others nothing is learned");
    }
}

#[tokio::test]
async fn a_first_label_of_fraud_changes_no_decision() {
    let (desk, acme, _) = Desk::new().await;
    let live = desk.realm(&acme, Mode::Live);
    let (id, _) = desk.judge(live).await;
    desk.label(live, id, Label::ConfirmedFraud).await;
    assert_eq!(desk.score(live).await, (200, Outcome::Allow), "it would be more but for the band's end");
    let (id, _) = desk.judge(live).await;
    desk.label(live, id, Label::ConfirmedFraud).await;
    assert_eq!(desk.score(live).await.1, Outcome::Challenge);
}

#[tokio::test]
async fn a_recorded_decision_is_computed_again_bit_for_bit() {
    let (desk, acme, _) = Desk::new().await;
    let live = desk.realm(&acme, Mode::Live);
    for _ in 0..4 {
        let (id, decision) = desk.judge(live).await;
        desk.label(live, id, Label::ConfirmedFraud).await;
        let stored = desk.app.store.of(live).find_event(id).await.unwrap().unwrap();
        assert_eq!(stored.decision.assessment, decision.assessment);
        let plan = Plan::compile(stored.policy.as_ref().clone()).unwrap();
        assert_eq!(plan.id(), decision.policy);
        assert_eq!(evaluate(&stored.decision.facts, EventType::Signup, &plan), decision.assessment);
    }
}

#[tokio::test]
async fn going_back_restores_the_scores() {
    let (desk, acme, other) = Desk::new().await;
    let (live, app) = (desk.realm(&acme, Mode::Live), &desk.app);
    let mut scores = vec![desk.score(live).await];
    for _ in 0..3 {
        let (id, _) = desk.judge(live).await;
        desk.label(live, id, Label::ConfirmedFraud).await;
        scores.push(desk.score(live).await);
    }
    let back = |version: u64| app.post(&format!("{MODEL}/rollback"), &json!({ "version": version }));
    let at_three = app.get(MODEL).bearer(&acme.viewer).send().await.expect_json(200);
    for version in [1_u8, 2, 0, 3] {
        let shown = back(version.into()).bearer(&acme.admin).send().await.expect_json(200);
        assert_eq!(desk.score(live).await, scores[usize::from(version)]);
        assert_eq!(shown["hash"] == at_three["hash"], version == 3);
    }
    back(8).bearer(&acme.admin).send().await.expect(404);
    back(1).bearer(&other.admin).send().await.expect(404);
    let log = app.get("/api/v1/client/audit?limit=1").bearer(&acme.viewer).send().await.expect_json(200);
    let line = &log["items"][0];
    assert_eq!((&line["action"], &line["target"]), (&json!("trust_model.rollback"), &json!("3")));

    let page =
        app.get(&format!("{MODEL}/versions?limit=2")).bearer(&acme.viewer).send().await.expect_json(200);
    let numbers = |page: &Value| {
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| (item["version"].as_u64().unwrap(), item["cause"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&page), [(7, "rollback to 3".to_owned()), (6, "rollback to 0".to_owned())]);
    let next = format!("{MODEL}/versions?after={}", page["nextCursor"].as_str().unwrap());
    let rest = numbers(&app.get(&next).bearer(&acme.viewer).send().await.expect_json(200));
    assert_eq!((rest.len(), rest[4].0), (5, 1));
    assert!(rest[4].1.starts_with("label CONFIRMED_FRAUD of "));
    app.get(&next).bearer(&other.viewer).send().await.expect(400);
}

#[tokio::test]
async fn who_only_watches_is_told_what_would_be() {
    let (desk, acme, other) = Desk::new().await;
    let (live, foreign) = (desk.realm(&acme, Mode::Live), desk.realm(&other, Mode::Live));
    for realm in [live, foreign] {
        for _ in 0..2 {
            let (id, _) = desk.judge(realm).await;
            desk.label(realm, id, Label::ConfirmedFraud).await;
        }
    }
    let change = TenantChange { enforcement: Some(Enforcement::Monitor), ..TenantChange::default() };
    desk.app.store.update_tenant(&Actor::machine("test"), &acme.slug, change).await.unwrap();
    let (watches, acts) = (desk.judge(live).await.1.assessment, desk.judge(foreign).await.1.assessment);
    assert_eq!((watches.outcome, watches.would), (Outcome::Allow, Outcome::Challenge));
    assert_eq!((acts.outcome, acts.would), (Outcome::Challenge, Outcome::Challenge));
    assert_eq!((watches.score, watches.band), (acts.score, acts.band));
}

#[tokio::test]
async fn events_show_what_was_learned_and_add_up() {
    let (desk, acme, _) = Desk::new().await;
    let live = desk.realm(&acme, Mode::Live);
    let detail = async |id: EventId| {
        let path = format!("/api/v1/client/events/{id}");
        desk.app.get(&path).bearer(&acme.viewer).send().await.expect_json(200)
    };
    let (id, _) = desk.judge(live).await;
    assert_eq!(detail(id).await["learned"], json!([]));
    for labels in 1..4 {
        let (id, _) = desk.judge(live).await;
        desk.label(live, id, Label::ConfirmedFraud).await;
        let event = detail(desk.judge(live).await.0).await;
        let learned = &event["learned"][0];
        assert_eq!((&learned["code"], &learned["labels"]), (&json!("MAIL"), &json!(labels)));
        let points = |value: &Value| value["points"].as_f64().unwrap();
        let checks: f64 = event["checks"].as_array().unwrap().iter().map(points).sum();
        let sum = checks + points(learned) + event["adjustment"].as_f64().unwrap();
        assert!((sum - event["score"].as_f64().unwrap()).abs() < 1e-9, "{event}");
        assert!(points(learned) > 0.0);
    }
}

#[tokio::test]
async fn labels_of_one_dialects_events_teach_the_others() {
    let (desk, acme, other) = Desk::new().await;
    let app = &desk.app;
    let body = json!({ "type": "SIGNUP", "email": "x@mailinator.com", "ip": "198.51.101.9" });
    let event = app.post("/api/v1/events/ingest", &body).key(&acme.key).send().await.expect_json(200);
    let path = format!("/api/v1/events/{}/outcome", event["eventId"].as_str().unwrap());
    for _ in 0..2 {
        let label = json!({ "outcome": "CONFIRMED_FRAUD" });
        app.post(&path, &label).key(&acme.key).send().await.expect(200);
    }
    let model = app.get(MODEL).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!((&model["version"], &model["mode"]), (&json!(1), &json!("live")));
    let rules = model["rules"].as_array().unwrap();
    let rule = rules.iter().find(|rule| rule["code"] == "email.disposable").unwrap();
    assert!(rule["labels"] == 1 && rule["learned"].as_f64().unwrap() > 0.0, "{rule}");
    let unchanged = app.get(MODEL).bearer(&other.viewer).send().await.expect_json(200);
    assert_eq!((&unchanged["version"], &unchanged["rules"]), (&json!(0), &json!([])));
    let test = app.get(&format!("{MODEL}?mode=test")).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!((&test["version"], &test["mode"]), (&json!(0), &json!("test")));
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let (desk, acme, _) = Desk::new().await;
    let app = &desk.app;
    for body in [
        json!({}),
        json!({ "version": -1 }),
        json!({ "version": 0, "x": 1 }),
        json!({ "version": 0, "mode": "x" }),
    ] {
        app.post(&format!("{MODEL}/rollback"), &body).bearer(&acme.admin).send().await.expect(400);
    }
    for path in
        ["?x=1", "?mode=x", "/versions?limit=0", "/versions?limit=201", "/versions?after=x", "/versions?x=1"]
    {
        app.get(&format!("{MODEL}{path}")).bearer(&acme.viewer).send().await.expect(400);
    }
}
