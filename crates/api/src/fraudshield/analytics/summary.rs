//! The figures of a period in one object.

use std::collections::BTreeMap;

use axum::{Json as Answer, extract::State};
use domain::Timestamp;
use portcullis_domain as domain;
use portcullis_store::{Error, Family, Metric, TallyReader};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{FraudshieldError, auth::AnalyticsReader, error::ErrorBody, request::Query},
    false_positive_rate,
    period::{Period, PeriodParams},
    rate,
};
use crate::AppState;

/// The figures of a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldSummary)]
pub(crate) struct Summary {
    /// Always `analytics_summary`.
    #[schema(example = "analytics_summary")]
    object: &'static str,
    /// The period that was asked for.
    #[schema(example = "30d")]
    period: &'static str,
    /// The signals that were reported in the period, by what they are now.
    signals: SignalFigures,
    /// The share of the dismissed ones in those of these signals that were decided; 0 when none was.
    #[schema(example = 0.25)]
    false_positive_rate: f64,
    /// Identity verifications.
    total_verifications: u64,
    /// The signals that were reported: the same as `signals.total`.
    fraud_signals: u64,
    /// `signals.confirmed` for each verification; 0 without verifications. May be above 1: not every signal is of one.
    #[schema(example = 0.02)]
    fraud_rate: f64,
    /// The signals that were reported, by type; at most 1,000 types.
    by_type: BTreeMap<String, u64>,
    /// The signals that were reported, by severity.
    by_severity: BTreeMap<String, u64>,
    /// Events that were judged, through any API.
    events: u64,
    /// Those of them whose outcome was to block.
    blocked: u64,
    /// Those that would have been blocked too if what is only monitored had counted.
    would_block: u64,
    /// Velocity checks that were beyond a rule, whatever that led to.
    velocity_exceeded: u64,
    /// Events whose outcome was to challenge.
    challenged: u64,
    /// Events whose outcome was to review.
    reviewed: u64,
}

/// Signals by what they are now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldSignalFigures)]
pub(crate) struct SignalFigures {
    /// All of them: confirmed, dismissed and pending ones.
    total: u64,
    /// Those that were confirmed since.
    confirmed: u64,
    /// Those that were dismissed since.
    dismissed: u64,
    /// Those that wait for a decision.
    pending: u64,
}

/// Show the figures of a period
///
/// For the key's data, live or test. Needs the scope `fraud:read`. A key may ask for figures 30 times a minute, which does
/// not count as other calls.
#[utoipa::path(get, path = "/v1/fraud/analytics/summary", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(PeriodParams), responses(
        (status = 200, description = "The figures", body = Summary),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_summary(
    State(state): State<AppState>,
    AnalyticsReader(caller): AnalyticsReader,
    Query(params): Query<PeriodParams>,
) -> Result<Answer<Summary>, FraudshieldError> {
    let (period, now) = (params.check()?, state.clock.now());
    let summary = state.store.of(caller.realm()).tallies(move |reader| read(reader, period, now)).await?;
    Ok(Answer(summary))
}

fn read(reader: &TallyReader<'_>, period: Period, now: Timestamp) -> Result<Summary, Error> {
    let (from, to) = period.span(now);
    let sum = |metric| reader.sum(&metric, from, to);
    let by = |family| Ok::<_, Error>(reader.by_name(family, from, to)?.into_iter().collect());
    let (total, confirmed) = (sum(Metric::Signals)?, sum(Metric::SignalsConfirmed)?);
    let dismissed = sum(Metric::SignalsDismissed)?;
    let pending = total.saturating_sub(confirmed + dismissed);
    let total_verifications = sum(Metric::Verifications)?;
    Ok(Summary {
        object: "analytics_summary",
        period: period.as_str(),
        signals: SignalFigures { total, confirmed, dismissed, pending },
        false_positive_rate: false_positive_rate(confirmed, dismissed),
        total_verifications,
        fraud_signals: total,
        fraud_rate: rate(confirmed, total_verifications),
        by_type: by(Family::SignalTypes)?,
        by_severity: by(Family::SignalSeverities)?,
        events: sum(Metric::Events)?,
        blocked: sum(Metric::Blocked)?,
        would_block: sum(Metric::WouldBlock)?,
        velocity_exceeded: sum(Metric::VelocityExceeded)?,
        challenged: sum(Metric::Challenged)?,
        reviewed: sum(Metric::Reviewed)?,
    })
}
