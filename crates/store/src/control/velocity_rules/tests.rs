//! Velocity rules against a real store in a temporary directory.

use std::sync::atomic::Ordering;

use super::{
    super::tests::{Fixture, admin},
    *,
};

fn terms(name: &str) -> VelocityTerms {
    VelocityTerms {
        name: name.to_owned(),
        description: "Max 3 verification attempts per hour".to_owned(),
        action: "verification_attempt".to_owned(),
        limit: 3,
        window_ms: 3_600_000,
        scope: VelocityScope::UserId,
        on_exceed: OnExceed::Block,
        cooldown_ms: Some(1_800_000),
        enforcement: None,
        enabled: true,
    }
}

impl Fixture {
    async fn velocity_rule(&self, tenant: TenantId, name: &str) -> VelocityRule {
        self.store.configuration(tenant).create_velocity_rule(&admin(), terms(name)).await.unwrap()
    }

    fn velocity_in_force(&self, tenant: TenantId) -> Vec<VelocityRule> {
        self.store.control().velocity_rules(tenant).iter().map(|rule| VelocityRule::clone(rule)).collect()
    }
}

fn names(rules: &[Arc<VelocityRule>]) -> String {
    rules.iter().map(|rule| rule.terms.name.as_str()).collect()
}

#[tokio::test]
async fn a_rule_is_in_force_when_it_was_made_and_gone_when_it_was_deleted() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let rule = f.velocity_rule(acme, "a").await;
    assert_eq!(f.velocity_in_force(acme), std::slice::from_ref(&rule));
    assert!(f.velocity_in_force(other).is_empty());

    let of_acme = f.store.configuration(acme);
    f.clock.0.store(5_000, Ordering::SeqCst);
    let change =
        VelocityRuleChange { limit: Some(4), cooldown_ms: Some(None), ..VelocityRuleChange::default() };
    let changed = of_acme.update_velocity_rule(&admin(), rule.id, change.clone()).await.unwrap();
    let expected = VelocityRule {
        terms: VelocityTerms { limit: 4, cooldown_ms: None, ..rule.terms.clone() },
        updated_at: Timestamp::from_millis(5_000),
        ..rule.clone()
    };
    assert_eq!(changed, expected);
    assert_eq!(of_acme.velocity_rule(rule.id).await.unwrap(), expected);
    assert_eq!(f.velocity_in_force(acme), std::slice::from_ref(&expected));

    let revision = f.store.control().revision();
    assert_eq!(of_acme.update_velocity_rule(&admin(), rule.id, change).await.unwrap(), expected);
    assert_eq!(f.store.control().revision(), revision, "nothing changed");

    assert_eq!(of_acme.delete_velocity_rule(&admin(), rule.id).await.unwrap(), expected);
    assert!(f.velocity_in_force(acme).is_empty());
    assert!(matches!(of_acme.delete_velocity_rule(&admin(), rule.id).await, Err(Error::NotFound(_))));
    assert!(matches!(of_acme.velocity_rule(rule.id).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn rules_of_another_tenant_are_not_there() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let rule = f.velocity_rule(acme, "a").await;
    let foreign = f.store.configuration(other);
    assert!(matches!(foreign.velocity_rule(rule.id).await, Err(Error::NotFound(_))));
    let change = VelocityRuleChange { limit: Some(4), ..VelocityRuleChange::default() };
    let changed = foreign.update_velocity_rule(&admin(), rule.id, change).await;
    assert!(matches!(changed, Err(Error::NotFound(_))));
    assert!(matches!(foreign.delete_velocity_rule(&admin(), rule.id).await, Err(Error::NotFound(_))));
    assert!(foreign.velocity_rules(None, 10).await.unwrap().is_empty());
    assert_eq!(f.velocity_in_force(acme), [rule]);
}

#[tokio::test]
async fn rules_are_listed_newest_first() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let mut ids = Vec::new();
    // All in one millisecond.
    for name in ["a", "b", "c", "d", "e"] {
        ids.push(f.velocity_rule(acme, name).await.id);
        f.velocity_rule(other, name).await;
    }
    let of_acme = f.store.configuration(acme);
    assert_eq!(names(&of_acme.velocity_rules(None, 10).await.unwrap()), "edcba");
    assert_eq!(names(&of_acme.velocity_rules(Some(ids[3]), 2).await.unwrap()), "cb");
    assert_eq!(names(&of_acme.velocity_rules_newer(ids[1], 2).await.unwrap()), "dc");
    assert!(of_acme.velocity_rules_newer(ids[4], 2).await.unwrap().is_empty());
}

#[tokio::test]
async fn there_are_at_most_so_many() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    for index in 0..MOST_VELOCITY_RULES {
        f.velocity_rule(acme, &index.to_string()).await;
    }
    let error = f.store.configuration(acme).create_velocity_rule(&admin(), terms("more")).await.unwrap_err();
    assert_eq!(error.to_string(), "there may be at most 100 velocity rules");
    f.velocity_rule(other, "a").await;
}

#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let id = f.velocity_rule(acme, "a").await.id;
    let of_acme = f.store.configuration(acme);
    let change = VelocityRuleChange { on_exceed: Some(OnExceed::Flag), ..VelocityRuleChange::default() };
    of_acme.update_velocity_rule(&admin(), id, change).await.unwrap();
    of_acme.delete_velocity_rule(&admin(), id).await.unwrap();

    let made = json!({ "name": "a", "description": "Max 3 verification attempts per hour",
        "action": "verification_attempt", "limit": 3, "windowMs": 3_600_000, "scope": "user_id",
        "onExceed": "block", "cooldownMs": 1_800_000, "enforcement": null, "enabled": true });
    let mut changed = made.clone();
    changed["onExceed"] = "flag".into();
    let log = of_acme.audit(None, 3).await.unwrap();
    for (line, (action, before, after)) in log.iter().zip([
        ("velocity_rule.delete", Some(&changed), None),
        ("velocity_rule.update", Some(&made), Some(&changed)),
        ("velocity_rule.create", None, Some(&made)),
    ]) {
        assert_eq!((line.action.as_str(), line.target.clone()), (action, id.to_string()));
        assert_eq!((line.before.as_ref(), line.after.as_ref()), (before, after), "{action}");
    }
}

#[tokio::test]
async fn rules_of_every_kind_outlive_a_restart() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    for &scope in VelocityScope::ALL {
        for &on_exceed in OnExceed::ALL {
            let cooldown_ms = (on_exceed == OnExceed::Block).then_some(1);
            let enforcement = (on_exceed != OnExceed::Flag).then_some(Enforcement::Monitor);
            let enabled = on_exceed != OnExceed::Review;
            let terms = VelocityTerms { scope, on_exceed, cooldown_ms, enforcement, enabled, ..terms("a") };
            f.store.configuration(acme).create_velocity_rule(&admin(), terms).await.unwrap();
        }
    }
    let before = f.velocity_in_force(acme);
    assert_eq!(before.len(), 12);
    let f = f.reopen().await;
    assert_eq!(f.velocity_in_force(acme), before);
}
