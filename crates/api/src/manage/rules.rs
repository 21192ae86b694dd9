//! Rules of the ingest API: points, thresholds and limits, as shipped, as the super admin sets them for all, and as
//! each client sets them for itself. What nobody set follows the layer below, also after that changes.

use std::collections::HashSet;

use axum::{Json as Answer, extract::State};
use domain::{Limits, Overrides, Policy, RuleMode, RuleOverride};
use portcullis_domain as domain;
use portcullis_engine::{OverrideError, Profile};
use portcullis_store::Layers;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problems, nullable};
use crate::{
    AppState,
    body::{Json, Object, objects},
    caller::{Member, SuperAdmin, TenantAdmin},
    error::{FieldError, Problem},
    ingest::profile::PROFILE,
};

/// Everything that decides a score.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleSet {
    /// Where the bands end.
    thresholds: Thresholds,
    /// What is still fine.
    limits: LimitsView,
    /// The rules.
    rules: Vec<RuleView>,
}

/// The highest scores of two bands; above the second is BLOCK.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Thresholds {
    /// The highest score that is ALLOW.
    #[schema(example = 79)]
    allow_max: i32,
    /// The highest score that is MONITOR.
    #[schema(example = 119)]
    monitor_max: i32,
}

/// The highest counts, and the shortest time, that are still fine.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Limits)]
struct LimitsView {
    /// Signups from one address within 60 minutes.
    signups_per_ip_per_hour: i64,
    /// Signups from one device within 60 minutes.
    signups_per_device_per_hour: i64,
    /// Accounts ever seen on one address.
    accounts_per_ip: i64,
    /// Accounts ever seen on one device.
    accounts_per_device: i64,
    /// The shortest time in which a person fills in the form, ms.
    min_completion_ms: i64,
}

impl From<Limits> for LimitsView {
    fn from(limits: Limits) -> Self {
        Self {
            signups_per_ip_per_hour: limits.signups_per_ip_1h,
            signups_per_device_per_hour: limits.signups_per_device_1h,
            accounts_per_ip: limits.accounts_per_ip,
            accounts_per_device: limits.accounts_per_device,
            min_completion_ms: limits.min_completion_ms,
        }
    }
}

/// One rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Rule)]
struct RuleView {
    /// Its permanent code.
    #[schema(example = "DISPOSABLE_EMAIL")]
    code: String,
    /// What it is called.
    #[schema(example = "Disposable email")]
    label: String,
    /// Points when it fires.
    #[schema(example = 30)]
    weight: i32,
    /// Points in the layer below: for a client the global rules, for those the shipped ones.
    #[schema(example = 30)]
    default_weight: i32,
    /// Whether it is looked at.
    enabled: bool,
    /// `live`, or `shadow` for one that is recorded and never counts.
    #[schema(value_type = String, example = "live")]
    mode: RuleMode,
}

/// A change of rules: what is left out stays, and null returns a value to the layer below.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleSetChange {
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<ThresholdsChange>)]
    thresholds: Option<Option<Object<ThresholdsChange>>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<LimitsChange>)]
    limits: Option<Option<Object<LimitsChange>>>,
    #[serde(default, deserialize_with = "objects")]
    rules: Vec<RuleChange>,
}

/// A change of thresholds. They are kept together: setting one also keeps the other where it is now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ThresholdsChange {
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i32>)]
    allow_max: Option<Option<i32>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i32>)]
    monitor_max: Option<Option<i32>>,
}

/// A change of limits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct LimitsChange {
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    signups_per_ip_per_hour: Option<Option<i64>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    signups_per_device_per_hour: Option<Option<i64>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    accounts_per_ip: Option<Option<i64>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    accounts_per_device: Option<Option<i64>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    min_completion_ms: Option<Option<i64>>,
}

/// A change of one rule. What was shown with it may be sent back: `label` and `defaultWeight` are not looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RuleChange {
    /// Which rule.
    code: String,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i32>)]
    weight: Option<Option<i32>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<bool>)]
    enabled: Option<Option<bool>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    mode: Option<Option<RuleMode>>,
    #[serde(default, rename = "label")]
    #[schema(value_type = Option<String>)]
    _label: serde::de::IgnoredAny,
    #[serde(default, rename = "defaultWeight")]
    #[schema(value_type = Option<i32>)]
    _default_weight: serde::de::IgnoredAny,
}

/// Shows the rules of clients that set none of their own.
#[utoipa::path(get, path = "/api/v1/admin/global-rules", tag = "rules", security(("token" = [])),
    responses((status = 200, description = "The rules as they are now", body = RuleSet), Problems))]
pub(crate) async fn show_global_rules(
    State(state): State<AppState>,
    _admin: SuperAdmin,
) -> Result<Answer<RuleSet>, Problem> {
    let control = state.store.control();
    let global = control.global_overrides(PROFILE.dialect).map(|stored| Overrides::clone(stored));
    Ok(Answer(global_rules(&global.unwrap_or_default())))
}

/// Changes the rules of clients that set none of their own.
#[utoipa::path(put, path = "/api/v1/admin/global-rules", tag = "rules", security(("token" = [])),
    request_body = RuleSetChange, responses((status = 200, description = "The rules as they are now", body = RuleSet), Problems))]
pub(crate) async fn change_global_rules(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Json(change): Json<RuleSetChange>,
) -> Result<Answer<RuleSet>, Problem> {
    let edit = move |layers: &Layers| {
        let none = Overrides::default();
        change.apply(
            &PROFILE,
            &layers.global,
            &PROFILE.policy(&none, &none),
            &PROFILE.policy(&layers.global, &none),
        )
    };
    let layers = state.store.edit_global_overrides(&admin.actor, PROFILE.dialect, edit).await??;
    Ok(Answer(global_rules(&layers.global)))
}

/// Shows one's own rules.
#[utoipa::path(get, path = "/api/v1/client/rules", tag = "rules", security(("token" = [])),
    responses((status = 200, description = "The rules as they are now", body = RuleSet), Problems))]
pub(crate) async fn show_own_rules(
    State(state): State<AppState>,
    member: Member,
) -> Result<Answer<RuleSet>, Problem> {
    let control = state.store.control();
    let none = Overrides::default();
    let global = control.global_overrides(PROFILE.dialect).map_or(&none, |stored| stored);
    let own = control.tenant_overrides(member.tenant.id, PROFILE.dialect).map_or(&none, |stored| stored);
    Ok(Answer(RuleSet::new(&PROFILE.policy(global, own), &PROFILE.policy(global, &none))))
}

/// Changes one's own rules.
#[utoipa::path(put, path = "/api/v1/client/rules", tag = "rules", security(("token" = [])),
    request_body = RuleSetChange, responses((status = 200, description = "The rules as they are now", body = RuleSet), Problems))]
pub(crate) async fn change_own_rules(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(change): Json<RuleSetChange>,
) -> Result<Answer<RuleSet>, Problem> {
    let edit = move |layers: &Layers| {
        let none = Overrides::default();
        let below = PROFILE.policy(&layers.global, &none);
        change.apply(&PROFILE, &layers.tenant, &below, &PROFILE.policy(&layers.global, &layers.tenant))
    };
    let configuration = state.store.configuration(admin.tenant.id);
    let Layers { global, tenant } =
        configuration.edit_overrides(&admin.actor, PROFILE.dialect, edit).await??;
    let below = PROFILE.policy(&global, &Overrides::default());
    Ok(Answer(RuleSet::new(&PROFILE.policy(&global, &tenant), &below)))
}

fn global_rules(global: &Overrides) -> RuleSet {
    let none = Overrides::default();
    RuleSet::new(&PROFILE.policy(global, &none), &PROFILE.policy(&none, &none))
}

impl RuleSet {
    fn new(policy: &Policy, below: &Policy) -> Self {
        let rules = policy.rules.iter().zip(&below.rules).map(|(rule, below)| RuleView {
            code: rule.code.clone(),
            label: rule.label.clone(),
            weight: rule.weight,
            default_weight: below.weight,
            enabled: rule.enabled,
            mode: rule.mode,
        });
        let [allow_max, monitor_max] = cuts(policy);
        Self {
            thresholds: Thresholds { allow_max, monitor_max },
            limits: policy.limits.into(),
            rules: rules.collect(),
        }
    }
}

fn cuts(policy: &Policy) -> [i32; 2] {
    let cut = |band: usize| policy.bands.get(band).and_then(|band| band.max).unwrap_or(i32::MAX);
    [cut(0), cut(1)]
}

impl RuleSetChange {
    /// `before` with this change, where `below` is what null means and `now` what holds at present.
    fn apply(
        &self,
        profile: &Profile,
        before: &Overrides,
        below: &Policy,
        now: &Policy,
    ) -> Result<Overrides, Problem> {
        let mut after = before.clone();
        match &self.thresholds {
            Some(Some(Object(change))) => {
                after.cuts = change.apply(cuts(below), cuts(now), before.cuts.as_deref());
            }
            Some(None) => after.cuts = None,
            None => {}
        }
        match &self.limits {
            Some(Some(Object(change))) => change.apply(&mut after),
            Some(None) => after.limits = domain::policy::LimitOverrides::default(),
            None => {}
        }
        let mut errors = self.refused_codes(profile);
        for change in &self.rules {
            let rule = after.rules.entry(change.code.clone()).or_default();
            set(&mut rule.weight, change.weight);
            set(&mut rule.enabled, change.enabled);
            set(&mut rule.mode, change.mode);
        }
        after.rules.retain(|_, rule| *rule != RuleOverride::default());
        if let Err(wrong) = profile.check(&after) {
            errors.extend(wrong.into_iter().filter_map(|error| self.field_error(&error)));
        }
        if errors.is_empty() { Ok(after) } else { Err(Problem::invalid(errors)) }
    }

    fn refused_codes(&self, profile: &Profile) -> Vec<FieldError> {
        let mut seen = HashSet::new();
        let mut errors = Vec::new();
        for (index, change) in self.rules.iter().enumerate() {
            let pointer = format!("/rules/{index}/code");
            if profile.rule(&change.code).is_none() {
                errors.push(FieldError::new(pointer, "is not the code of a rule"));
            } else if !seen.insert(change.code.as_str()) {
                errors.push(FieldError::new(pointer, "is there twice"));
            }
        }
        errors
    }

    /// The engine's complaint in the words of this document; `None` when [`Self::refused_codes`] told it already.
    fn field_error(&self, error: &OverrideError) -> Option<FieldError> {
        let pointer = match error.field.split('.').collect::<Vec<_>>().as_slice() {
            ["cuts"] => "/thresholds".to_owned(),
            ["limits", name] => format!("/limits/{}", limit_name(name)),
            ["rules", _] => return None,
            ["rules", code, field] => {
                let index = self.rules.iter().position(|rule| rule.code == *code)?;
                format!("/rules/{index}/{field}")
            }
            _ => String::new(),
        };
        Some(FieldError::new(pointer, error.message.clone()))
    }
}

fn limit_name(name: &str) -> &str {
    match name {
        "signups_per_ip_1h" => "signupsPerIpPerHour",
        "signups_per_device_1h" => "signupsPerDevicePerHour",
        "accounts_per_ip" => "accountsPerIp",
        "accounts_per_device" => "accountsPerDevice",
        "min_completion_ms" => "minCompletionMs",
        other => other,
    }
}

fn set<T>(place: &mut Option<T>, change: Option<Option<T>>) {
    if let Some(value) = change {
        *place = value;
    }
}

impl ThresholdsChange {
    fn apply(&self, below: [i32; 2], now: [i32; 2], before: Option<&[i32]>) -> Option<Vec<i32>> {
        let changes = [self.allow_max, self.monitor_max];
        if changes == [None, None] {
            return before.map(<[i32]>::to_vec);
        }
        if changes == [Some(None), Some(None)] {
            return None;
        }
        let after = [0, 1].map(|cut| match changes[cut] {
            Some(Some(value)) => value,
            Some(None) => below[cut],
            None => now[cut],
        });
        Some(after.to_vec())
    }
}

impl LimitsChange {
    fn apply(&self, after: &mut Overrides) {
        let limits = &mut after.limits;
        set(&mut limits.signups_per_ip_1h, self.signups_per_ip_per_hour);
        set(&mut limits.signups_per_device_1h, self.signups_per_device_per_hour);
        set(&mut limits.accounts_per_ip, self.accounts_per_ip);
        set(&mut limits.accounts_per_device, self.accounts_per_device);
        set(&mut limits.min_completion_ms, self.min_completion_ms);
    }
}
