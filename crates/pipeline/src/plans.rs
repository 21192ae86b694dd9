//! Each tenant's policy, compiled once per change of the configuration.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use domain::{Dialect, Overrides, Policy, Realm};
use portcullis_domain as domain;
use portcullis_engine::{Plan, PlanError, Profile};
use portcullis_store::{Control, Enforcement, Tenant};

/// Compiled plans, valid for one revision of the configuration.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    compiled: ArcSwap<Compiled>,
}

#[derive(Clone, Debug, Default)]
struct Compiled {
    revision: u64,
    plans: HashMap<(Realm, Dialect, Option<u64>), Arc<Plan>>,
}

/// What changes a tenant's policy for some of its events. It is a function of the configuration.
pub struct Variant {
    /// What tells it from the tenant's other variants.
    pub id: u64,
    /// Makes the change; not called for every event.
    pub apply: Box<dyn FnOnce(&mut Policy) + Send>,
}

impl std::fmt::Debug for Variant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Variant({})", self.id)
    }
}

impl Plans {
    /// The plan for a tenant's live or test data as `control` has it. The two differ only in what labels taught.
    pub(crate) fn of(
        &self,
        control: &Control,
        realm: Realm,
        profile: &'static Profile,
        variant: Option<Variant>,
    ) -> Result<Arc<Plan>, PlanError> {
        let place = (realm, profile.dialect, variant.as_ref().map(|variant| variant.id));
        let compiled = self.compiled.load();
        if compiled.revision == control.revision()
            && let Some(plan) = compiled.plans.get(&place)
        {
            return Ok(Arc::clone(plan));
        }
        let mut policy = policy(control, realm, profile);
        if let Some(variant) = variant {
            (variant.apply)(&mut policy);
        }
        let plan = Arc::new(compile(policy)?);
        self.compiled.rcu(|current| {
            let mut next = if current.revision == control.revision() {
                Compiled::clone(current)
            } else {
                Compiled { revision: control.revision(), plans: HashMap::new() }
            };
            next.plans.insert(place, Arc::clone(&plan));
            next
        });
        Ok(plan)
    }
}

/// Everything but the facts that an event's score depends on.
fn policy(control: &Control, realm: Realm, profile: &Profile) -> Policy {
    let (tenant, none) = (realm.tenant, Overrides::default());
    let global = control.global_overrides(profile.dialect).map_or(&none, Arc::as_ref);
    let own = control.tenant_overrides(tenant, profile.dialect).map_or(&none, Arc::as_ref);
    let mut policy = profile.policy(global, own);
    policy.rules.extend(control.custom_rules(tenant).iter().map(|rule| profile.custom_rule(rule)));
    policy.learned = profile.scale.and_then(|scale| control.trust(realm)?.learned(scale));
    let monitors = |tenant: &Tenant| tenant.settings.enforcement == Enforcement::Monitor;
    policy.monitor = profile.monitors && control.tenant(tenant).is_some_and(|tenant| monitors(tenant));
    policy
}

/// Leaves out the rules of operators that this release can not run: one of them must not end all decisions.
fn compile(mut policy: Policy) -> Result<Plan, PlanError> {
    loop {
        match Plan::compile(policy.clone()) {
            Err(PlanError::Condition(code, error)) => {
                tracing::error!(rule = code, %error, "a custom rule can not be run and is left out");
                policy.rules.retain(|rule| rule.code != code);
            }
            plan => return plan,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Condition, EventTypes, Limits, Outcome, PolicyRule, RuleAction, RuleMode, policy::Band};

    use super::*;

    fn custom(code: &str, text: &str) -> PolicyRule {
        PolicyRule {
            signal: String::new(),
            code: code.to_owned(),
            label: code.to_owned(),
            weight: 1,
            enabled: true,
            mode: RuleMode::Live,
            applies_to: EventTypes::ALL,
            category: None,
            soft: false,
            custom: Some(Condition { text: text.to_owned(), action: RuleAction::Flag, enforced: false }),
        }
    }

    #[test]
    fn a_rule_that_can_not_run_is_left_out_and_the_others_run() {
        let rules = vec![
            custom("a", "ip.is_tor"),
            custom("b", "ip.is_tor >"),
            custom("c", "gone.fact"),
            custom("d", "ip.is_vpn"),
        ];
        let policy = Policy {
            dialect: Dialect::Ingest,
            bands: vec![Band { name: "ALL".to_owned(), max: None, outcome: Outcome::Allow }],
            limits: Limits::USUAL,
            max_score: None,
            factors: Vec::new(),
            labels: Vec::new(),
            monitor: false,
            learned: None,
            verdicts: Vec::new(),
            rules,
        };
        let plan = compile(policy).unwrap();
        let codes: Vec<_> = plan.policy().rules.iter().map(|rule| rule.code.as_str()).collect();
        assert_eq!(codes, ["a", "d"]);
    }
}
