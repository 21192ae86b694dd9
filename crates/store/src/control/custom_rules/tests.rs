//! Custom rules against a real store in a temporary directory.

use std::sync::atomic::Ordering;

use portcullis_domain::{CustomRule, RuleMode};

use super::{
    super::tests::{Fixture, admin},
    *,
};
use crate::Idempotency;

fn new_rule(name: &str) -> NewRule {
    NewRule {
        name: name.to_owned(),
        description: "why".to_owned(),
        condition: "\n  user.age_days < 7\n".to_owned(),
        action: RuleAction::Flag,
        points: 300,
        enabled: true,
        enforcement: None,
    }
}

impl Fixture {
    async fn rule(&self, tenant: TenantId, name: &str) -> StoredRule {
        self.store.configuration(tenant).create_rule(&admin(), new_rule(name)).await.unwrap()
    }

    fn in_force(&self, tenant: TenantId) -> Vec<CustomRule> {
        self.store.control().custom_rules(tenant).to_vec()
    }
}

fn names(rules: &[StoredRule]) -> Vec<&str> {
    rules.iter().map(|rule| rule.name.as_str()).collect()
}

#[tokio::test]
async fn a_rule_is_in_force_when_it_was_made_and_gone_when_it_was_deleted() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let revision = f.store.control().revision();
    let rule = f.rule(acme, "a").await;
    assert!(f.store.control().revision() > revision);
    assert_eq!(f.in_force(acme), [CustomRule::from(rule.clone())]);
    assert_eq!(f.in_force(acme)[0].code, rule.id.to_string());
    assert_eq!(f.in_force(acme)[0].condition.text, "\n  user.age_days < 7\n", "as it was written");
    assert!(f.in_force(other).is_empty());

    let of_acme = f.store.configuration(acme);
    f.clock.0.store(5_000, Ordering::SeqCst);
    let change = RuleChange { enabled: Some(false), points: Some(-5), ..RuleChange::default() };
    let changed = of_acme.update_rule(&admin(), rule.id, change.clone()).await.unwrap();
    let expected = StoredRule {
        enabled: false,
        points: -5,
        version: 2,
        updated_at: Timestamp::from_millis(5_000),
        ..rule.clone()
    };
    assert_eq!(changed, expected);
    assert_eq!(of_acme.rule(rule.id).await.unwrap(), expected);
    assert_eq!(f.in_force(acme), [CustomRule::from(expected.clone())]);

    let revision = f.store.control().revision();
    assert_eq!(of_acme.update_rule(&admin(), rule.id, change).await.unwrap(), expected, "nothing changed");
    assert_eq!(f.store.control().revision(), revision);

    assert_eq!(of_acme.delete_rule(&admin(), rule.id).await.unwrap(), expected);
    assert!(f.in_force(acme).is_empty());
    assert!(matches!(of_acme.delete_rule(&admin(), rule.id).await, Err(Error::NotFound(_))));
    assert!(matches!(of_acme.rule(rule.id).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn rules_of_another_tenant_are_not_there() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let rule = f.rule(acme, "a").await;
    let foreign = f.store.configuration(other);
    assert!(matches!(foreign.rule(rule.id).await, Err(Error::NotFound(_))));
    let change = RuleChange { name: Some("b".to_owned()), ..RuleChange::default() };
    assert!(matches!(foreign.update_rule(&admin(), rule.id, change).await, Err(Error::NotFound(_))));
    assert!(matches!(foreign.delete_rule(&admin(), rule.id).await, Err(Error::NotFound(_))));
    assert!(foreign.rules(None, 10).await.unwrap().is_empty());
    assert_eq!(f.in_force(acme).len(), 1);
}

#[tokio::test]
async fn rules_are_listed_newest_first_and_run_oldest_first() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let mut ids = Vec::new();
    // All in one millisecond.
    for name in ["a", "b", "c", "d", "e"] {
        ids.push(f.rule(acme, name).await.id);
        f.rule(other, name).await;
    }
    let of_acme = f.store.configuration(acme);
    assert_eq!(names(&of_acme.rules(None, 10).await.unwrap()), ["e", "d", "c", "b", "a"]);
    assert_eq!(names(&of_acme.rules(Some(ids[3]), 2).await.unwrap()), ["c", "b"]);
    assert_eq!(names(&of_acme.rules_newer(ids[1], 2).await.unwrap()), ["d", "c"]);
    assert!(of_acme.rules_newer(ids[4], 2).await.unwrap().is_empty());
    let in_force: Vec<_> = f.in_force(acme).into_iter().map(|rule| rule.name).collect();
    assert_eq!(in_force, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn there_are_at_most_so_many() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let last = MOST_CUSTOM_RULES - 1;
    for index in 0..last {
        f.rule(acme, &index.to_string()).await;
    }
    let id = f.rule(acme, "last").await.id;
    let of_acme = f.store.configuration(acme);
    let error = of_acme.create_rule(&admin(), new_rule("more")).await.unwrap_err();
    assert_eq!(error.to_string(), "there may be at most 200 custom rules");
    assert_eq!(f.in_force(acme).len(), MOST_CUSTOM_RULES);
    f.rule(other, "a").await;
    of_acme.delete_rule(&admin(), id).await.unwrap();
    f.rule(acme, "more").await;
}

#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let id = f.rule(acme, "a").await.id;
    let of_acme = f.store.configuration(acme);
    let change = RuleChange {
        condition: Some("ip.is_tor".to_owned()),
        action: Some(RuleAction::Block),
        enforcement: Some(Some(Enforcement::Monitor)),
        ..RuleChange::default()
    };
    of_acme.update_rule(&admin(), id, change.clone()).await.unwrap();
    of_acme.update_rule(&admin(), id, change).await.unwrap();
    of_acme.delete_rule(&admin(), id).await.unwrap();

    let made = json!({ "name": "a", "description": "why", "condition": "\n  user.age_days < 7\n", "action": "flag",
                       "scoreAdjustment": 300, "enabled": true, "enforcement": null });
    let mut changed = made.clone();
    changed["condition"] = "ip.is_tor".into();
    changed["action"] = "block".into();
    changed["enforcement"] = "monitor".into();
    let log = of_acme.audit(None, 3).await.unwrap();
    for (line, (action, before, after)) in log.iter().zip([
        ("rule.delete", Some(&changed), None),
        ("rule.update", Some(&made), Some(&changed)),
        ("rule.create", None, Some(&made)),
    ]) {
        assert_eq!((line.action.as_str(), line.target.clone()), (action, id.to_string()));
        assert_eq!((line.before.as_ref(), line.after.as_ref()), (before, after), "{action}");
    }
    assert_eq!(f.store.configuration(other).audit(None, 10).await.unwrap().len(), 1, "its own creation");
}

#[tokio::test]
async fn a_repeated_request_makes_one_rule() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let once = async |tenant, body: u8, mode| {
        let idempotency = Idempotency { key: [1; 16], body: [body; 16] };
        let render = Box::new(|rule: &StoredRule| rule.id.to_string().into_bytes());
        let request = Repeatable { idempotency, render };
        f.store.configuration(tenant).create_rule_once(&admin(), mode, new_rule("a"), request).await
    };
    let Once::Now(rule) = once(acme, 1, Mode::Live).await.unwrap() else { panic!("it is new") };
    let revision = f.store.control().revision();
    let answer = Once::Before(rule.id.to_string().into_bytes());
    assert_eq!(once(acme, 1, Mode::Live).await.unwrap(), answer);
    assert!(matches!(once(acme, 2, Mode::Live).await, Err(Error::IdempotencyConflict)));
    assert_eq!((f.in_force(acme).len(), f.store.control().revision()), (1, revision));
    assert!(matches!(once(acme, 2, Mode::Test).await, Ok(Once::Now(_))));
    assert!(matches!(once(other, 2, Mode::Live).await, Ok(Once::Now(_))));
    let actions: Vec<_> = f
        .store
        .configuration(acme)
        .audit(None, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|line| line.action)
        .collect();
    assert_eq!(actions, ["rule.create", "rule.create", "client.create"]);
}

#[tokio::test]
async fn rules_of_every_kind_outlive_a_restart() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let all =
        [RuleAction::Allow, RuleAction::Flag, RuleAction::Challenge, RuleAction::Review, RuleAction::Block];
    for action in all {
        for enforcement in [None, Some(Enforcement::Enforce), Some(Enforcement::Monitor)] {
            let new = NewRule { action, enforcement, enabled: enforcement.is_none(), ..new_rule("a") };
            f.store.configuration(acme).create_rule(&admin(), new).await.unwrap();
        }
    }
    let (before, in_force) = (f.store.configuration(acme).rules(None, 20).await.unwrap(), f.in_force(acme));
    assert_eq!(in_force.len(), 15);
    let standings: Vec<_> =
        in_force.iter().map(|rule| (rule.mode, rule.condition.enforced)).take(3).collect();
    assert_eq!(standings, [(RuleMode::Live, false), (RuleMode::Live, true), (RuleMode::Shadow, false)]);
    let f = f.reopen().await;
    assert_eq!(f.store.configuration(acme).rules(None, 20).await.unwrap(), before);
    assert_eq!(f.in_force(acme), in_force);
}
