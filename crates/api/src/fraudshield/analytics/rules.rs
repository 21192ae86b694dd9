//! What each rule did in a period: the figures to decide by whether one that is only monitored should be enforced.

use axum::{Json as Answer, extract::State};
use domain::{RuleAction, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{
    Enforcement, Error, MOST_CUSTOM_RULES, MOST_VELOCITY_RULES, Metric, OnExceed, RuleFigure, RuleRef,
    StoredRule, TallyReader, VelocityRule,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{FraudshieldError, auth::AnalyticsReader, error::ErrorBody, request::Query},
    false_positive_rate,
    period::PeriodParams,
};
use crate::AppState;

/// What each rule did in a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldRuleAnalytics)]
pub(crate) struct RuleAnalytics {
    /// Always `analytics_rules`.
    #[schema(example = "analytics_rules")]
    object: &'static str,
    /// The period that was asked for.
    #[schema(example = "30d")]
    period: &'static str,
    /// Every rule that there is now: custom rules first, the newest first of each kind.
    data: Vec<RuleFigures>,
}

/// What a rule did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldRuleFigures)]
pub(crate) struct RuleFigures {
    /// Its id.
    #[schema(example = "rule_0vqkz1q3c7ab")]
    id: String,
    /// Its name for people.
    #[schema(example = "High Risk New User")]
    name: String,
    /// `custom`, or `velocity`.
    #[schema(example = "custom")]
    kind: &'static str,
    /// What it does, as it is now.
    #[schema(value_type = String, example = "block")]
    action: Action,
    /// `enforce`, or `monitor`, as it is now; null for one that does as the account does.
    #[schema(value_type = Option<String>, example = "monitor")]
    enforcement: Option<Enforcement>,
    /// Whether it is looked at now.
    enabled: bool,
    /// How often it held, whether it counted or was only monitored.
    fired: u64,
    /// How often it would have blocked if it had been enforced.
    would_block: u64,
    /// How often it held and the answer was to block.
    blocked: u64,
    /// How often that was confirmed to be fraud in the period.
    confirmed: u64,
    /// How often that was dismissed in the period.
    dismissed: u64,
    /// The share of what was dismissed in what was decided; 0 when nothing was.
    #[schema(example = 0.1)]
    false_positive_rate: f64,
}

/// What a rule of either kind does.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
enum Action {
    Custom(RuleAction),
    Velocity(OnExceed),
}

/// Show what each rule did in a period
///
/// For the key's data, live or test. Needs the scope `fraud:read`. A key may ask for figures 30 times a minute, which does
/// not count as other calls.
#[utoipa::path(get, path = "/v1/fraud/analytics/rules", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(PeriodParams), responses(
        (status = 200, description = "The figures", body = RuleAnalytics),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_rule_figures(
    State(state): State<AppState>,
    AnalyticsReader(caller): AnalyticsReader,
    Query(params): Query<PeriodParams>,
) -> Result<Answer<RuleAnalytics>, FraudshieldError> {
    let (period, now) = (params.check()?, state.clock.now());
    let configuration = state.store.configuration(caller.tenant);
    let custom = configuration.rules(None, MOST_CUSTOM_RULES as u32).await?;
    let velocity = configuration.velocity_rules(None, MOST_VELOCITY_RULES as u32).await?;
    let read = move |reader: &TallyReader<'_>| {
        let custom = custom.iter().map(|rule| (RuleRef::from(rule.id), RuleFigures::of_custom(rule)));
        let velocity = velocity.iter().map(|rule| (RuleRef::from(rule.id), RuleFigures::of_velocity(rule)));
        let span = period.span(now);
        custom.chain(velocity).map(|(rule, figures)| figures.read(reader, rule, span)).collect()
    };
    let data = state.store.of(caller.realm()).tallies(read).await?;
    Ok(Answer(RuleAnalytics { object: "analytics_rules", period: period.as_str(), data }))
}

impl RuleFigures {
    /// A custom rule that did nothing.
    fn of_custom(rule: &StoredRule) -> Self {
        Self {
            id: rule.id.to_string(),
            name: rule.name.clone(),
            kind: "custom",
            action: Action::Custom(rule.action),
            enforcement: rule.enforcement,
            enabled: rule.enabled,
            fired: 0,
            would_block: 0,
            blocked: 0,
            confirmed: 0,
            dismissed: 0,
            false_positive_rate: 0.0,
        }
    }

    /// A velocity rule that did nothing.
    fn of_velocity(rule: &VelocityRule) -> Self {
        let terms = &rule.terms;
        Self {
            id: rule.id.to_string(),
            name: terms.name.clone(),
            kind: "velocity",
            action: Action::Velocity(terms.on_exceed),
            enforcement: terms.enforcement,
            enabled: terms.enabled,
            fired: 0,
            would_block: 0,
            blocked: 0,
            confirmed: 0,
            dismissed: 0,
            false_positive_rate: 0.0,
        }
    }

    /// The same with what it did.
    fn read(
        self,
        reader: &TallyReader<'_>,
        rule: RuleRef,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Self, Error> {
        let sum = |figure| reader.sum(&Metric::Rule(figure, rule), from, to);
        let (confirmed, dismissed) = (sum(RuleFigure::Confirmed)?, sum(RuleFigure::Dismissed)?);
        Ok(Self {
            fired: sum(RuleFigure::Fired)?,
            would_block: sum(RuleFigure::WouldBlock)?,
            blocked: sum(RuleFigure::Blocked)?,
            confirmed,
            dismissed,
            false_positive_rate: false_positive_rate(confirmed, dismissed),
            ..self
        })
    }
}
