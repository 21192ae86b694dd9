//! Plans: a policy made ready to run, with each rule's signal looked up, or its condition compiled, once.
//!
//! Where points depend on the event type and the rule's category they are multiplied here, when the plan is compiled: a
//! step has its points for its event type already, in hundredths, because the sum is rounded only once.

use std::sync::Arc;

use portcullis_domain::{
    Check, CheckStatus, EventType, Factor, Facts, Limits, Missing, Policy, PolicyId, PolicyRule, RuleAction,
    RuleMode,
};

use crate::{
    claims::is_claimed,
    labels::{self, Labels},
    rules::{CompiledCondition, Condition, ConditionError, Schema, Truth, Values, details},
    signals::{self, Reading, Signal},
    trust::{self, TrustModel},
};

/// A policy with its id and its signals resolved. Cheap to clone; shared by all requests of a tenant.
#[derive(Clone, Debug)]
pub struct Plan {
    policy: Arc<Policy>,
    id: PolicyId,
    json: Arc<str>,
    sources: Arc<[Source]>,
    steps: Arc<[(EventType, Box<[Step]>)]>,
    labels: Arc<Labels>,
    model: Option<Arc<TrustModel>>,
    shown: Arc<[Box<str>]>,
}

/// How many different names of what APIs show of an event the rules of a policy may have; the first count.
pub const MOST_SHOWN: usize = 256;

/// Why a policy can not be run.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A rule names a signal that this release does not have.
    #[error("the policy names the unknown signal {0}")]
    UnknownSignal(String),
    /// A rule's condition can not be run by this release.
    #[error("the condition of the rule {0}: {1}")]
    Condition(String, ConditionError),
    /// The bands are not ascending, or the last is not the one without an upper end.
    #[error("the policy's bands must ascend, and only the last be open")]
    Bands,
    /// A label names a rule that the policy does not have.
    #[error("a label of the policy names the unknown rule {0}")]
    UnknownRule(String),
    /// More labels than an assessment has bits for.
    #[error("the policy has more than 32 labels")]
    TooManyLabels,
    /// More rules than a check can number.
    #[error("the policy has more than 65535 rules")]
    TooManyRules,
    /// The policy can not be written as JSON.
    #[error("the policy can not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// What a rule looks for.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// What we ship.
    Signal(&'static Signal),
    /// What an operator wrote, what it does, and whether it does so although the tenant only watches.
    Custom(Arc<CompiledCondition>, RuleAction, bool),
}

/// One rule, for one event type.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The rule's index in the policy.
    pub(crate) rule: u16,
    /// What it adds when it fires, in hundredths of a point.
    pub(crate) hundredths: i64,
    /// What it looks for.
    pub(crate) source: Source,
    /// Whether it tells of labels.
    pub(crate) soft: bool,
    standing: Standing,
}

#[derive(Clone, Copy, Debug)]
enum Standing {
    Live,
    Shadow,
    Disabled,
}

impl Plan {
    /// Makes a policy ready to run.
    pub fn compile(policy: Policy) -> Result<Self, PlanError> {
        check_bands(&policy)?;
        let sources = policy.rules.iter().map(Source::of).collect::<Result<Arc<[_]>, _>>()?;
        if u16::try_from(sources.len()).is_err() {
            return Err(PlanError::TooManyRules);
        }
        if policy.labels.len() > labels::MOST {
            return Err(PlanError::TooManyLabels);
        }
        let labels = Labels::compile(&policy).map_err(PlanError::UnknownRule)?;
        let steps = EventType::ALL.map(|event_type| (event_type, steps_for(event_type, &policy, &sources)));
        let shown = shown(&policy, &sources).into();
        let json = serde_json::to_string(&policy)?;
        let model = policy.learned.as_ref().map(|learned| Arc::new(TrustModel::of_policy(learned)));
        Ok(Self {
            id: PolicyId::of_json(json.as_bytes()),
            json: json.into(),
            policy: Arc::new(policy),
            sources,
            steps: steps.into(),
            shown,
            labels: labels.into(),
            model,
        })
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The policy's id: a hash of [`json`](Self::json).
    pub const fn id(&self) -> PolicyId {
        self.id
    }

    /// The policy's canonical JSON, to be stored under its id.
    pub const fn json(&self) -> &Arc<str> {
        &self.json
    }

    /// The signal of the rule with this index; none for a rule that an operator wrote.
    pub fn signal(&self, rule: u16) -> Option<&'static Signal> {
        match self.sources.get(usize::from(rule))? {
            Source::Signal(signal) => Some(signal),
            Source::Custom(..) => None,
        }
    }

    /// What the rule adds when it fires in an event of this type, in hundredths of a point.
    pub fn hundredths(&self, rule: u16, event_type: EventType) -> i64 {
        let steps = self.steps(event_type);
        steps.iter().find(|step| step.rule == rule).map_or(0, |step| step.hundredths)
    }

    /// What was seen, in one sentence without personal data; `None` for a check that did not fire.
    pub fn explain(&self, check: Check, facts: &Facts) -> Option<String> {
        match check.status {
            CheckStatus::Fired | CheckStatus::ShadowFired => {
                match self.sources.get(usize::from(check.rule))? {
                    Source::Signal(signal) => Some(explain(signal, facts, &self.policy.limits)),
                    Source::Custom(..) => Some("The rule's condition holds".to_owned()),
                }
            }
            CheckStatus::Quiet | CheckStatus::Unknown | CheckStatus::Disabled | CheckStatus::ShadowQuiet => {
                None
            }
        }
    }

    /// The names under `instance.` that the enabled rules ask for: whoever judges has to tell them as details.
    pub fn shown(&self) -> &[Box<str>] {
        &self.shown
    }

    pub(crate) fn model(&self) -> Option<&TrustModel> {
        self.model.as_deref()
    }

    /// The code under which something may have been learned of the rule.
    pub(crate) fn learned_key(&self, rule: u16) -> Option<&str> {
        let rule = self.policy.rules.get(usize::from(rule))?;
        (!rule.soft).then(|| trust::key(rule))
    }

    pub(crate) fn labels(&self) -> &Labels {
        &self.labels
    }

    pub(crate) fn steps(&self, event_type: EventType) -> &[Step] {
        self.steps.iter().find(|(of, _)| *of == event_type).map_or(&[], |(_, steps)| steps)
    }
}

impl Source {
    fn of(rule: &PolicyRule) -> Result<Self, PlanError> {
        let Some(custom) = &rule.custom else {
            let signal = signals::find(&rule.signal);
            return signal.map(Self::Signal).ok_or_else(|| PlanError::UnknownSignal(rule.signal.clone()));
        };
        let compiled = Condition::parse(&custom.text).and_then(|text| text.compile(Schema::standard()));
        let compiled = compiled.map_err(|error| PlanError::Condition(rule.code.clone(), error))?;
        Ok(Self::Custom(Arc::new(compiled), custom.action, custom.enforced))
    }

    /// The code of the signal, for looking it up among what the client says fired.
    pub(crate) const fn signal_code(&self) -> &'static str {
        match self {
            Self::Signal(signal) => signal.code,
            Self::Custom(..) => "",
        }
    }

    /// Whether it is the block list, and worth all of a scale that ends.
    pub(crate) fn ends_scale(&self, hundredths: i64, max_score: Option<i32>) -> bool {
        self.signal_code() == crate::signals::lists::blocked::SIGNAL.code
            && max_score.is_some_and(|max| hundredths >= i64::from(max) * 100)
    }
}

impl Step {
    /// What an operator's rule does beside adding its points, and whether although the tenant only watches.
    pub(crate) const fn action(&self) -> Option<(RuleAction, bool)> {
        match self.source {
            Source::Signal(_) => None,
            Source::Custom(_, action, is_enforced) => Some((action, is_enforced)),
        }
    }

    /// `values` are there when any step of the plan has a condition.
    pub(crate) fn run(
        &self,
        facts: &Facts,
        values: Option<&Values<'_>>,
        limits: &Limits,
        is_claimed: bool,
    ) -> CheckStatus {
        let read = || match (&self.source, values) {
            (Source::Signal(_), _) if is_claimed => Reading::Fired,
            (Source::Signal(signal), _) => (signal.evaluate)(facts, limits),
            (Source::Custom(condition, ..), Some(values)) => read_condition(condition, values),
            (Source::Custom(..), None) => Reading::Unknown(Missing::NotApplicable),
        };
        match self.standing {
            Standing::Disabled => CheckStatus::Disabled,
            Standing::Live => match read() {
                Reading::Fired => CheckStatus::Fired,
                Reading::Quiet => CheckStatus::Quiet,
                Reading::Unknown(_) => CheckStatus::Unknown,
            },
            Standing::Shadow => match read() {
                Reading::Fired => CheckStatus::ShadowFired,
                Reading::Quiet | Reading::Unknown(_) => CheckStatus::ShadowQuiet,
            },
        }
    }
}

fn shown(policy: &Policy, sources: &[Source]) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    for (rule, source) in policy.rules.iter().zip(sources) {
        let Source::Custom(condition, ..) = source else { continue };
        for name in condition.details().filter(|name| rule.enabled && name.starts_with(details::SHOWN)) {
            if names.len() < MOST_SHOWN && !names.iter().any(|known| **known == *name) {
                names.push(name.into());
            }
        }
    }
    names
}

fn read_condition(condition: &CompiledCondition, values: &Values<'_>) -> Reading {
    match condition.evaluate(values) {
        Truth::True => Reading::Fired,
        Truth::False => Reading::Quiet,
        Truth::Unknown => Reading::Unknown(Missing::NotSent),
    }
}

fn steps_for(event_type: EventType, policy: &Policy, sources: &[Source]) -> Box<[Step]> {
    let rules = (0..).zip(policy.rules.iter().zip(sources));
    rules
        .filter(|(_, (rule, _))| rule.applies_to(event_type))
        .map(|(index, (rule, source))| Step {
            rule: index,
            hundredths: i64::from(rule.weight) * i64::from(percent(policy, rule, event_type)),
            source: source.clone(),
            soft: rule.soft,
            standing: standing(rule),
        })
        .collect()
}

/// What the signal saw; what only the client saw is told as such.
fn explain(signal: &Signal, facts: &Facts, limits: &Limits) -> String {
    if is_claimed(facts, signal.code) && (signal.evaluate)(facts, limits) != Reading::Fired {
        return "Reported by the client".to_owned();
    }
    (signal.explain)(facts, limits)
}

/// By how much of a hundred the rule's points count in events of this type.
fn percent(policy: &Policy, rule: &PolicyRule, event_type: EventType) -> u16 {
    let factors = &policy.factors;
    let is_for = |factor: &&Factor| factor.event_type == event_type && Some(factor.category) == rule.category;
    factors.iter().find(is_for).map_or(100, |factor| factor.percent)
}

const fn standing(rule: &PolicyRule) -> Standing {
    match (rule.enabled, rule.mode) {
        (false, _) => Standing::Disabled,
        (true, RuleMode::Live) => Standing::Live,
        (true, RuleMode::Shadow) => Standing::Shadow,
    }
}

fn check_bands(policy: &Policy) -> Result<(), PlanError> {
    let (last, below) = policy.bands.split_last().ok_or(PlanError::Bands)?;
    let cuts: Option<Vec<i32>> = below.iter().map(|band| band.max).collect();
    let ascending = cuts.is_some_and(|cuts| cuts.is_sorted_by(|a, b| a < b));
    if ascending && last.max.is_none() { Ok(()) } else { Err(PlanError::Bands) }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::{Category, EventTypes, Overrides, PolicyLabel, RuleOverride};

    use super::*;
    use crate::testing::PROFILE;

    fn policy() -> Policy {
        PROFILE.policy(&Overrides::default(), &Overrides::default())
    }

    #[test]
    fn the_stored_json_compiles_to_the_same_plan() {
        let plan = Plan::compile(policy()).unwrap();
        let stored: Policy = serde_json::from_str(plan.json()).unwrap();
        let again = Plan::compile(stored).unwrap();
        assert_eq!(again.id(), plan.id());
        assert_eq!(again.policy(), plan.policy());
    }

    #[test]
    fn any_change_changes_the_id() {
        let mut tenant = Overrides::default();
        tenant.rules.insert("TOR".to_owned(), RuleOverride { weight: Some(61), ..RuleOverride::default() });
        let changed = Plan::compile(PROFILE.policy(&Overrides::default(), &tenant)).unwrap();
        assert_ne!(changed.id(), Plan::compile(policy()).unwrap().id());
    }

    #[test]
    fn refuses_what_it_could_not_run() {
        let mut unknown = policy();
        unknown.rules[0].signal = "device.haunted".to_owned();
        assert!(
            matches!(Plan::compile(unknown), Err(PlanError::UnknownSignal(code)) if code == "device.haunted")
        );
        let mut closed = policy();
        closed.bands[2].max = Some(500);
        assert!(matches!(Plan::compile(closed), Err(PlanError::Bands)));
        let mut crossed = policy();
        crossed.bands[0].max = Some(200);
        assert!(matches!(Plan::compile(crossed), Err(PlanError::Bands)));
        let mut none = policy();
        none.bands.clear();
        assert!(matches!(Plan::compile(none), Err(PlanError::Bands)));
    }

    fn label(rule: &str) -> PolicyLabel {
        PolicyLabel {
            code: "NAMED".to_owned(),
            description: "It has a name".to_owned(),
            any_of: vec![vec!["TOR".to_owned()], vec!["MAIL".to_owned(), rule.to_owned()]],
            applies_to: EventTypes::ALL,
        }
    }

    #[test]
    fn refuses_labels_of_unknown_rules_and_more_than_there_are_bits_for() {
        let with = |labels| Plan::compile(Policy { labels, ..policy() });
        assert!(matches!(with(vec![label("GONE")]), Err(PlanError::UnknownRule(code)) if code == "GONE"));
        assert!(with(vec![label("DEVICE"); 32]).is_ok());
        assert!(matches!(with(vec![label("DEVICE"); 33]), Err(PlanError::TooManyLabels)));
    }

    #[test]
    fn twice_the_percentage_is_twice_the_points_before_rounding() {
        let mut policy = policy();
        let factor = |event_type, percent| Factor { event_type, category: Category::Location, percent };
        policy.factors = vec![factor(EventType::Login, 75), factor(EventType::Withdrawal, 150)];
        policy.rules[0].category = Some(Category::Location);
        policy.rules[1].category = Some(Category::Device);
        policy.rules[0].weight = 15;
        let plan = Plan::compile(policy).unwrap();
        let hundredths =
            |event_type| plan.steps(event_type)[..3].iter().map(|step| step.hundredths).collect::<Vec<_>>();
        assert_eq!(hundredths(EventType::Login), [1_125, 3_000, 6_000]);
        assert_eq!(hundredths(EventType::Withdrawal), [2 * 1_125, 3_000, 6_000]);
        assert_eq!(hundredths(EventType::Visit), [1_500, 3_000, 6_000]);
    }

    /// A policy as it was stored before there were factors, labels, categories and an end of the scale.
    const STORED: &str = concat!(
        r#"{"dialect":"ingest","#,
        r#""bands":[{"name":"LOW","max":79,"outcome":"allow"},{"name":"HIGH","max":null,"outcome":"block"}],"#,
        r#""limits":{"signups_per_ip_1h":5,"signups_per_device_1h":2,"accounts_per_ip":3,"#,
        r#""accounts_per_device":1,"min_completion_ms":3000},"#,
        r#""rules":[{"signal":"ip.tor_exit","code":"TOR","label":"A rule","weight":60,"enabled":true,"#,
        r#""mode":"live","applies_to":4294967295}]}"#,
    );

    #[test]
    fn a_policy_stored_before_there_were_factors_and_labels_keeps_its_id() {
        let stored: Policy = serde_json::from_str(STORED).unwrap();
        assert_eq!((stored.max_score, stored.factors.len(), stored.labels.len()), (None, 0, 0));
        assert_eq!(stored.rules[0].category, None);
        let plan = Plan::compile(stored).unwrap();
        assert_eq!(&**plan.json(), STORED);
        assert_eq!(plan.id(), PolicyId::of_json(STORED.as_bytes()));
    }
}
