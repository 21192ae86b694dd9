//! A decision as the dialect's callers read it.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use domain::{
    CheckStatus, Decision, EventId, Fact, Facts, Outcome, Policy, PolicyId, PolicyRule, Timestamp,
    facts::{FactType, Key, behavior, device, email, ip, links, velocity},
};
use engine::{Plan, Reading, Signal};
use portcullis_domain as domain;
use portcullis_engine as engine;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The answer to a scoring request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestResponse<'a> {
    /// The event's id, for reporting later what became of it.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "cm0k8z3v1q9a2b4")]
    event_id: EventId,
    /// The sum of the weights of all rules that fired; not limited to 100.
    risk_score: i32,
    /// The score's band.
    #[schema(value_type = Band)]
    risk_band: &'a str,
    /// What to do.
    decision: Answer,
    /// The rules that fired.
    triggered_rules: Vec<TriggeredRule<'a>>,
    /// Every rule for this type of event, and what became of it.
    #[schema(value_type = Vec<RuleCheck<'_>>)]
    all_checks: Vec<CheckText<'a>>,
    /// What was known of the event.
    derived_signals: DerivedSignals<'a>,
    /// Set when a test address asked for the decision.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    forced: bool,
}

/// What to do.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Answer {
    /// Go on silently.
    Allow,
    /// Ask for one more proof before giving access.
    Challenge,
    /// Refuse, with a generic error.
    Block,
}

/// A band of scores.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "UPPERCASE")]
#[allow(dead_code, reason = "only names the values in the API's description")]
pub(crate) enum Band {
    /// Harmless.
    Allow,
    /// To be watched.
    Monitor,
    /// Too risky.
    Block,
}

/// A rule that fired.
#[derive(Debug, Serialize, ToSchema)]
struct TriggeredRule<'a> {
    /// The rule's permanent code.
    #[schema(example = "DEVICE_REUSED")]
    code: &'a str,
    /// The rule in words.
    #[schema(example = "Device reused across accounts")]
    label: &'a str,
    /// What it added to the score.
    #[schema(example = 60)]
    weight: i32,
}

/// A rule, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RuleCheck<'a> {
    /// The rule's permanent code.
    code: &'a str,
    /// The rule in words.
    label: &'a str,
    /// What it adds to the score when it fires.
    weight: i32,
    /// What became of it.
    status: RuleStatus,
    /// What was seen, for a rule that fired; for your eyes, not for the end user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Set for a rule that only watches.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    shadow: bool,
    /// Whether a rule that only watches would have fired.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_fire: Option<bool>,
}

/// A rule as it is written: most did nothing, and their text is always the same.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum CheckText<'a> {
    Passed(&'a RawValue),
    Told(RuleCheck<'a>),
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum RuleStatus {
    /// It added its weight.
    Fired,
    /// It saw nothing, or could not tell.
    Pass,
    /// It is switched off.
    Disabled,
}

/// What was known of the event; null where nothing is known.
#[derive(Debug, Serialize, ToSchema)]
struct DerivedSignals<'a> {
    ip: IpSignals<'a>,
    device: DeviceSignals<'a>,
    behavior: BehaviorSignals,
    email: EmailSignals<'a>,
    linkage: LinkageSignals,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the names are the dialect's")]
struct IpSignals<'a> {
    address: Option<&'a str>,
    country: Option<&'a str>,
    country_code: Option<&'a str>,
    region: Option<&'a str>,
    city: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    timezone: Option<&'a str>,
    asn: Option<i64>,
    as_org: Option<&'a str>,
    is_tor: Option<bool>,
    is_vpn: Option<bool>,
    is_proxy: Option<bool>,
    is_datacenter: Option<bool>,
    is_private: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeviceSignals<'a> {
    device_hash: Option<&'a str>,
    browser: Option<&'a str>,
    os: Option<&'a str>,
    r#type: Option<&'a str>,
    is_new: Option<bool>,
    is_headless: Option<bool>,
    is_software_renderer: Option<bool>,
    #[schema(value_type = Option<String>)]
    first_seen_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BehaviorSignals {
    completion_ms: Option<i64>,
    mouse_points: Option<i64>,
    /// Whether points beyond the first 300 were left out.
    mouse_path_truncated: Option<bool>,
    straightness: Option<f64>,
    /// px/s
    mean_speed: Option<f64>,
    keystroke_count: Option<i64>,
    keys_per_second: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EmailSignals<'a> {
    domain: Option<&'a str>,
    is_disposable: Option<bool>,
    normalized_hash: Option<&'a str>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LinkageSignals {
    accounts_on_device: Option<i64>,
    accounts_on_ip: Option<i64>,
    devices_for_account: Option<i64>,
    ips_for_account: Option<i64>,
    signups_from_ip_last_hour: Option<i64>,
    signups_from_device_last_hour: Option<i64>,
}

impl<'a> IngestResponse<'a> {
    /// The answer for a decision made by `plan`.
    pub(crate) fn new(id: EventId, decision: &'a Decision, plan: &'a Plan, passed: &'a PassedTexts) -> Self {
        let policy = plan.policy();
        let answer = Answer::from(decision.outcome());
        let band = usize::from(decision.assessment.band);
        let band = match decision.forced {
            // A forced decision shows the band that goes with it.
            Some(_) => policy.bands.iter().find(|band| Answer::from(band.outcome) as u8 == answer as u8),
            None => policy.bands.get(band),
        };
        let (mut triggered_rules, mut all_checks) =
            (Vec::new(), Vec::with_capacity(decision.assessment.checks.len()));
        for &check in &decision.assessment.checks {
            let index = usize::from(check.rule);
            if let (CheckStatus::Quiet | CheckStatus::Unknown, Some(text)) =
                (check.status, passed.0.get(index))
            {
                all_checks.push(CheckText::Passed(text));
            } else if let Some(rule) = policy.rules.get(index) {
                if check.status == CheckStatus::Fired {
                    triggered_rules.push(TriggeredRule {
                        code: &rule.code,
                        label: &rule.label,
                        weight: rule.weight,
                    });
                }
                let detail = plan.explain(check, &decision.facts);
                all_checks.push(CheckText::Told(RuleCheck::new(rule, check.status, detail)));
            }
        }
        Self {
            event_id: id,
            risk_score: decision.assessment.score,
            risk_band: band.map_or("", |band| &band.name),
            decision: answer,
            triggered_rules,
            all_checks,
            derived_signals: DerivedSignals::new(&decision.facts, plan),
            forced: decision.forced.is_some(),
        }
    }
}

impl<'a> RuleCheck<'a> {
    fn new(rule: &'a PolicyRule, status: CheckStatus, detail: Option<String>) -> Self {
        Self {
            code: &rule.code,
            label: &rule.label,
            weight: rule.weight,
            status: RuleStatus::from(status),
            detail,
            shadow: matches!(status, CheckStatus::ShadowFired | CheckStatus::ShadowQuiet),
            would_fire: match status {
                CheckStatus::ShadowFired => Some(true),
                CheckStatus::ShadowQuiet => Some(false),
                _ => None,
            },
        }
    }
}

/// The texts of a policy's rules when they pass: made once, because escaping the same words for every answer costs more
/// than looking at the rules.
#[derive(Debug)]
pub(crate) struct PassedTexts(Vec<Box<RawValue>>);

impl PassedTexts {
    /// The texts of this policy; empty, and then not used, when they can not be written.
    pub(crate) fn of(policy: &Policy) -> Self {
        let text = |rule| serde_json::value::to_raw_value(&RuleCheck::new(rule, CheckStatus::Quiet, None));
        Self(policy.rules.iter().map(text).collect::<Result<_, _>>().unwrap_or_default())
    }
}

/// The texts of the policies that are in use.
#[derive(Debug, Default)]
pub(crate) struct KnownTexts(ArcSwap<HashMap<PolicyId, Arc<PassedTexts>>>);

/// Policies whose texts are kept; every change of rules makes a new one.
const MOST_POLICIES: usize = 1_000;

impl KnownTexts {
    /// The texts of this plan's policy.
    pub(crate) fn of(&self, plan: &Plan) -> Arc<PassedTexts> {
        if let Some(known) = self.0.load().get(&plan.id()) {
            return Arc::clone(known);
        }
        let made = Arc::new(PassedTexts::of(plan.policy()));
        self.0.rcu(|known| {
            let mut known = if known.len() < MOST_POLICIES { HashMap::clone(known) } else { HashMap::new() };
            known.insert(plan.id(), Arc::clone(&made));
            known
        });
        made
    }
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allow | Outcome::Flag => Self::Allow,
            Outcome::Challenge | Outcome::Review => Self::Challenge,
            Outcome::Block => Self::Block,
        }
    }
}

impl From<CheckStatus> for RuleStatus {
    fn from(status: CheckStatus) -> Self {
        match status {
            CheckStatus::Fired => Self::Fired,
            CheckStatus::Disabled => Self::Disabled,
            CheckStatus::Quiet
            | CheckStatus::Unknown
            | CheckStatus::ShadowFired
            | CheckStatus::ShadowQuiet => Self::Pass,
        }
    }
}

impl<'a> DerivedSignals<'a> {
    fn new(facts: &'a Facts, plan: &Plan) -> Self {
        let reading = |signal: &Signal| match (signal.evaluate)(facts, &plan.policy().limits) {
            Reading::Fired => Some(true),
            Reading::Quiet => Some(false),
            Reading::Unknown(_) => None,
        };
        let first_seen = facts.known(device::FIRST_SEEN_MS).map(Timestamp::from_millis);
        Self {
            ip: IpSignals {
                address: facts.known(ip::ADDRESS),
                country: facts.known(ip::COUNTRY),
                country_code: facts.known(ip::COUNTRY_CODE),
                region: facts.known(ip::REGION),
                city: facts.known(ip::CITY),
                latitude: facts.known(ip::LATITUDE),
                longitude: facts.known(ip::LONGITUDE),
                timezone: facts.known(ip::TIMEZONE),
                asn: facts.known(ip::ASN),
                as_org: facts.known(ip::AS_ORG),
                is_tor: facts.known(ip::IS_TOR),
                is_vpn: facts.known(ip::IS_VPN),
                is_proxy: facts.known(ip::IS_PROXY),
                is_datacenter: facts.known(ip::IS_DATACENTER),
                is_private: facts.known(ip::IS_PRIVATE),
            },
            device: DeviceSignals {
                device_hash: facts.known(device::HASH),
                browser: facts.known(device::BROWSER),
                os: facts.known(device::OS),
                r#type: facts.known(device::TYPE),
                is_new: facts.known(device::IS_NEW),
                is_headless: reading(&engine::signals::device::headless::SIGNAL),
                is_software_renderer: reading(&engine::signals::device::software_renderer::SIGNAL),
                first_seen_at: first_seen.map(|time| time.to_string()),
            },
            behavior: BehaviorSignals {
                completion_ms: facts.known(behavior::COMPLETION_MS),
                mouse_points: facts.known(behavior::MOUSE_POINTS),
                mouse_path_truncated: facts.known(behavior::MOUSE_POINTS_CUT).map(|cut| cut > 0),
                straightness: rounded(facts, behavior::MOUSE_STRAIGHTNESS),
                mean_speed: rounded(facts, behavior::MOUSE_MEAN_SPEED),
                keystroke_count: facts.known(behavior::KEYSTROKES),
                keys_per_second: rounded(facts, behavior::KEYS_PER_SECOND),
            },
            email: EmailSignals {
                domain: facts.known(email::DOMAIN),
                is_disposable: facts.known(email::IS_DISPOSABLE),
                normalized_hash: facts.known(email::NORMALIZED_HASH),
            },
            linkage: LinkageSignals {
                accounts_on_device: facts.known(links::USERS_ON_DEVICE),
                accounts_on_ip: facts.known(links::USERS_ON_IP),
                devices_for_account: facts.known(links::DEVICES_OF_USER),
                ips_for_account: facts.known(links::IPS_OF_USER),
                signups_from_ip_last_hour: facts.known(velocity::SIGNUPS_PER_IP_1H),
                signups_from_device_last_hour: facts.known(velocity::SIGNUPS_PER_DEVICE_1H),
            },
        }
    }
}

/// Measures are shown to a thousandth: the rest is noise of the sampling.
fn rounded<T: for<'a> FactType<Read<'a> = f64>>(facts: &Facts, key: Key<T>) -> Option<f64> {
    match facts.get(key) {
        Fact::Known(value) => Some((value * 1_000.0).round() / 1_000.0),
        Fact::Missing(_) => None,
    }
}

fn as_text<T: std::fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
