//! Each tenant's policy, compiled once per change of the configuration.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use domain::{Dialect, Overrides, TenantId};
use portcullis_domain as domain;
use portcullis_engine::{Plan, PlanError, Profile};
use portcullis_store::Control;

/// Compiled plans, valid for one revision of the configuration.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    compiled: ArcSwap<Compiled>,
}

#[derive(Clone, Debug, Default)]
struct Compiled {
    revision: u64,
    plans: HashMap<(TenantId, Dialect), Arc<Plan>>,
}

impl Plans {
    /// The tenant's plan as `control` has it.
    pub(crate) fn of(
        &self,
        control: &Control,
        tenant: TenantId,
        profile: &'static Profile,
    ) -> Result<Arc<Plan>, PlanError> {
        let place = (tenant, profile.dialect);
        let compiled = self.compiled.load();
        if compiled.revision == control.revision()
            && let Some(plan) = compiled.plans.get(&place)
        {
            return Ok(Arc::clone(plan));
        }
        let none = Overrides::default();
        let global = control.global_overrides(profile.dialect).map_or(&none, Arc::as_ref);
        let own = control.tenant_overrides(tenant, profile.dialect).map_or(&none, Arc::as_ref);
        let mut policy = profile.policy(global, own);
        policy.rules.extend(control.custom_rules(tenant).iter().map(|rule| profile.custom_rule(rule)));
        let plan = Arc::new(Plan::compile(policy)?);
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
