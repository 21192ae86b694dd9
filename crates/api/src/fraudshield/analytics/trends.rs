//! The figures of a period over time.

use axum::{Json as Answer, extract::State};
use domain::Timestamp;
use portcullis_domain as domain;
use portcullis_store::{Error, Metric, TallyReader};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{FraudshieldError, auth::AnalyticsReader, error::ErrorBody, request::Query},
    period::{Granularity, Period, TrendParams},
};
use crate::AppState;

/// The figures of a period over time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldTrends)]
pub(crate) struct Trends {
    /// Always `analytics_trends`.
    #[schema(example = "analytics_trends")]
    object: &'static str,
    /// The period that was asked for.
    #[schema(example = "30d")]
    period: &'static str,
    /// How long an item is.
    #[schema(example = "daily")]
    granularity: &'static str,
    /// Every hour, day, week or month that reaches into the period, oldest first. Of the first and the last only what lies
    /// in the period is counted.
    data: Vec<TrendItem>,
}

/// The figures of an hour, day, week or month.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = FraudshieldTrendItem)]
pub(crate) struct TrendItem {
    /// Its first instant: a date, or for hours a time; UTC.
    #[schema(example = "2026-01-05")]
    date: String,
    /// Signals that were reported then.
    signals: u64,
    /// Signals that were confirmed then, whenever they were reported.
    confirmed: u64,
    /// Signals that were dismissed then, whenever they were reported.
    dismissed: u64,
    /// Velocity checks that were beyond a rule, whatever that led to.
    velocity_exceeded: u64,
    /// Events whose outcome was to block.
    blocked: u64,
    /// Events that would have been blocked too if what is only monitored had counted.
    would_block: u64,
    /// Events whose outcome was to challenge.
    challenged: u64,
    /// Events whose outcome was to review.
    reviewed: u64,
    /// Events that were judged, through any API.
    events: u64,
}

/// Where a metric's counts go.
type Place = fn(&mut TrendItem) -> &mut u64;

const FIGURES: [(Metric, Place); 9] = [
    (Metric::Signals, |item| &mut item.signals),
    (Metric::Confirmed, |item| &mut item.confirmed),
    (Metric::Dismissed, |item| &mut item.dismissed),
    (Metric::VelocityExceeded, |item| &mut item.velocity_exceeded),
    (Metric::Blocked, |item| &mut item.blocked),
    (Metric::WouldBlock, |item| &mut item.would_block),
    (Metric::Challenged, |item| &mut item.challenged),
    (Metric::Reviewed, |item| &mut item.reviewed),
    (Metric::Events, |item| &mut item.events),
];

/// Show the figures of a period over time
///
/// For the key's data, live or test. Needs the scope `fraud:read`. A key may ask for figures 30 times a minute, which does
/// not count as other calls.
#[utoipa::path(get, path = "/v1/fraud/analytics/trends", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(TrendParams), responses(
        (status = 200, description = "The figures", body = Trends),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_trends(
    State(state): State<AppState>,
    AnalyticsReader(caller): AnalyticsReader,
    Query(params): Query<TrendParams>,
) -> Result<Answer<Trends>, FraudshieldError> {
    let ((period, granularity), now) = (params.check()?, state.clock.now());
    let read = move |reader: &TallyReader<'_>| read(reader, period, granularity, now);
    let data = state.store.of(caller.realm()).tallies(read).await?;
    Ok(Answer(Trends {
        object: "analytics_trends",
        period: period.as_str(),
        granularity: granularity.as_str(),
        data,
    }))
}

fn read(
    reader: &TallyReader<'_>,
    period: Period,
    granularity: Granularity,
    now: Timestamp,
) -> Result<Vec<TrendItem>, Error> {
    let (from, to) = period.span(now);
    let starts = granularity.starts(from, to);
    let item = |&start| TrendItem { date: granularity.label(start), ..TrendItem::default() };
    let mut items: Vec<_> = starts.iter().map(item).collect();
    let later = starts.into_iter().skip(1);
    let edges: Vec<_> = std::iter::once(from).chain(later).chain([to]).collect();
    for (metric, place) in FIGURES {
        for (item, n) in items.iter_mut().zip(reader.series(&metric, &edges)?) {
            *place(item) = n;
        }
    }
    Ok(items)
}
