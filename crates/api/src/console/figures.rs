//! What was decided over time, how quickly, with which scores, and what each rule did: for a client's people to look at.

use std::collections::BTreeMap;

use axum::{Json as Answer, extract::State};
use domain::{Mode, Realm, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{
    CheckFigure, Error, Family, LAST_SCORE, MOST_CUSTOM_RULES, MOST_VELOCITY_RULES, Metric, RuleFigure,
    RuleRef, SCORE_STEP, TallyReader,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{AppState, body::Params, caller::Member, error::Problem, manage::Problems};

const HOUR_MS: i64 = 60 * 60 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Which figures.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FigureParams {
    /// 24h, 7d, 30d or 90d: so long until the end of the present hour; 24h when left out.
    #[param(value_type = Option<String>)]
    period: Option<Period>,
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
enum Period {
    #[default]
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
    #[serde(rename = "90d")]
    Quarter,
}

impl Period {
    /// How many intervals there are, and how long each is, ms.
    const fn intervals(self) -> (i64, i64) {
        match self {
            Self::Day => (24, HOUR_MS),
            Self::Week => (28, 6 * HOUR_MS),
            Self::Month => (30, DAY_MS),
            Self::Quarter => (30, 3 * DAY_MS),
        }
    }

    /// The beginnings of the intervals, oldest first, and the end of the last: that of the present hour.
    fn edges(self, now: Timestamp) -> Vec<Timestamp> {
        let (count, length_ms) = self.intervals();
        let end = (now.as_millis().div_euclid(HOUR_MS) + 1) * HOUR_MS;
        (0..=count).rev().map(|back| Timestamp::from_millis(end - back * length_ms)).collect()
    }
}

/// What was decided over time, and what each rule did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Figures {
    /// The period that was asked for.
    #[schema(value_type = String, example = "24h")]
    period: Period,
    /// The data set.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// Its intervals, oldest first.
    intervals: Vec<Interval>,
    /// The client's custom rules and velocity rules, the newest first of each kind.
    rules: Vec<OwnRuleFigures>,
    /// The checks that come with each API, those that held in the period.
    checks: Vec<CheckFigures>,
    /// How many events had which score; ranges without any are left out.
    scores: Vec<ScoreRange>,
    /// How long decisions took; null when none was measured in the period.
    latency: Option<Latency>,
}

/// What was decided in an interval.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FigureInterval)]
pub(crate) struct Interval {
    /// When it begins.
    from: String,
    /// Events that were judged.
    events: u64,
    /// Those of them that were allowed and flagged.
    flagged: u64,
    /// Those that were to be blocked.
    blocked: u64,
    /// Those that were to be challenged.
    challenged: u64,
    /// Those that were to be reviewed.
    reviewed: u64,
    /// Those that would have been blocked too if what only watches had counted.
    would_block: u64,
    /// Signals of fraud that were confirmed then.
    confirmed: u64,
    /// Signals of fraud that were dismissed then.
    dismissed: u64,
}

/// What a rule did in the period.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnRuleFigures {
    /// Its id.
    #[schema(example = "rule_0vqkz1q3c7ab")]
    id: String,
    /// Its name for people.
    name: String,
    /// custom or velocity.
    #[schema(example = "custom")]
    kind: &'static str,
    /// How often it held, whether it counted or only watched.
    fired: u64,
    /// How often the answer was to block then.
    blocked: u64,
    /// How often it only watched and would have blocked.
    would_block: u64,
    /// How often what it had fired for was confirmed to be fraud.
    confirmed: u64,
    /// How often it turned out to be none.
    dismissed: u64,
}

/// What a check of an API did in the period.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CheckFigures {
    /// The API.
    #[schema(example = "ingest")]
    dialect: String,
    /// Its code of the check.
    #[schema(example = "DISPOSABLE_EMAIL")]
    code: String,
    /// How often it held and counted.
    fired: u64,
    /// How often it held and only watched.
    watched: u64,
    /// How often what it had held for was confirmed to be fraud.
    confirmed: u64,
    /// How often it turned out to be none.
    dismissed: u64,
}

/// How many events had a score in a range.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ScoreRange {
    /// The API.
    #[schema(example = "ingest")]
    dialect: String,
    /// The lowest score in the range; 0 has lower ones too.
    #[schema(example = 40)]
    from: u16,
    /// The highest score in the range; null for the last one.
    #[schema(example = 49)]
    to: Option<u16>,
    /// How many.
    events: u64,
}

/// How long decisions took, from the request that was read to the decision that is on disk, µs; at most an eighth too
/// much.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Latency {
    /// How many were measured.
    count: u64,
    /// Half of them took at most this.
    p50_us: u32,
    /// 95 of 100.
    p95_us: u32,
    /// 99 of 100.
    p99_us: u32,
}

/// Tells what was decided over time, how quickly, with which scores, and what each rule did.
#[utoipa::path(get, path = "/api/v1/client/figures", tag = "events", security(("token" = [])),
    params(FigureParams), responses((status = 200, description = "The figures", body = Figures), Problems))]
pub(crate) async fn show_figures(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<FigureParams>,
) -> Result<Answer<Figures>, Problem> {
    let tenant = member.tenant.id;
    let (period, mode) = (params.period.unwrap_or_default(), params.mode.unwrap_or(Mode::Live));
    let edges = period.edges(state.clock.now());
    let configuration = state.store.configuration(tenant);
    let custom = configuration.rules(None, MOST_CUSTOM_RULES as u32).await?;
    let velocity = configuration.velocity_rules(None, MOST_VELOCITY_RULES as u32).await?;
    let custom = custom.into_iter().map(|rule| (RuleRef::from(rule.id), rule.name, "custom"));
    let velocity = velocity.iter().map(|rule| (RuleRef::from(rule.id), rule.terms.name.clone(), "velocity"));
    let rules: Vec<_> = custom.chain(velocity).collect();
    // What was measured just now counts too; when it can not be written, the next time.
    if let Err(error) = state.assessor.write_latencies().await {
        tracing::warn!(%error, "latencies could not be counted");
    }
    let read = move |reader: &TallyReader<'_>| {
        let rules = rules.into_iter().map(|rule| OwnRuleFigures::read(reader, rule, &edges));
        Ok(Figures {
            period,
            mode,
            intervals: intervals(reader, &edges)?,
            rules: rules.collect::<Result<_, _>>()?,
            checks: checks(reader, &edges)?,
            scores: scores(reader, &edges)?,
            latency: Latency::of(&by_number(reader, Family::Latencies, &edges)?),
        })
    };
    Ok(Answer(state.store.of(Realm { tenant, mode }).tallies(read).await?))
}

fn intervals(reader: &TallyReader<'_>, edges: &[Timestamp]) -> Result<Vec<Interval>, Error> {
    let series = |metric| reader.series(&metric, edges);
    let events = series(Metric::Events)?;
    let flagged = series(Metric::Flagged)?;
    let (blocked, challenged) = (series(Metric::Blocked)?, series(Metric::Challenged)?);
    let (reviewed, would_block) = (series(Metric::Reviewed)?, series(Metric::WouldBlock)?);
    let (confirmed, dismissed) = (series(Metric::Confirmed)?, series(Metric::Dismissed)?);
    let interval = |(index, from): (usize, &Timestamp)| Interval {
        from: from.to_string(),
        events: events[index],
        flagged: flagged[index],
        blocked: blocked[index],
        challenged: challenged[index],
        reviewed: reviewed[index],
        would_block: would_block[index],
        confirmed: confirmed[index],
        dismissed: dismissed[index],
    };
    // The last edge is the end.
    Ok(edges.iter().enumerate().take(events.len()).map(interval).collect())
}

fn by_name(
    reader: &TallyReader<'_>,
    family: Family,
    edges: &[Timestamp],
) -> Result<Vec<(String, u64)>, Error> {
    reader.by_name(family, edges[0], edges[edges.len() - 1])
}

/// The same of names that are numbers, in ascending order.
fn by_number(
    reader: &TallyReader<'_>,
    family: Family,
    edges: &[Timestamp],
) -> Result<Vec<(u32, u64)>, Error> {
    let named = by_name(reader, family, edges)?;
    let mut counts: Vec<(u32, u64)> =
        named.into_iter().filter_map(|(name, n)| Some((name.parse().ok()?, n))).collect();
    counts.sort_unstable();
    Ok(counts)
}

fn checks(reader: &TallyReader<'_>, edges: &[Timestamp]) -> Result<Vec<CheckFigures>, Error> {
    let mut all = BTreeMap::<String, CheckFigures>::new();
    for figure in CheckFigure::ALL {
        for (name, n) in by_name(reader, Family::Checks(figure), edges)? {
            let Some((dialect, code)) = name.split_once('/') else { continue };
            let (dialect, code) = (dialect.to_owned(), code.to_owned());
            let fresh = || CheckFigures { dialect, code, ..CheckFigures::default() };
            let check = all.entry(name).or_insert_with(fresh);
            match figure {
                CheckFigure::Fired => check.fired = n,
                CheckFigure::Watched => check.watched = n,
                CheckFigure::Confirmed => check.confirmed = n,
                CheckFigure::Dismissed => check.dismissed = n,
            }
        }
    }
    Ok(all.into_values().collect())
}

fn scores(reader: &TallyReader<'_>, edges: &[Timestamp]) -> Result<Vec<ScoreRange>, Error> {
    let range = |(name, events): (String, u64)| {
        let (dialect, from) = name.split_once('/')?;
        let from = from.parse().ok()?;
        let to = (from < LAST_SCORE).then_some(from + SCORE_STEP - 1);
        Some(ScoreRange { dialect: dialect.to_owned(), from, to, events })
    };
    let mut ranges: Vec<_> = by_name(reader, Family::Scores, edges)?.into_iter().filter_map(range).collect();
    ranges.sort_by(|a, b| (&a.dialect, a.from).cmp(&(&b.dialect, b.from)));
    Ok(ranges)
}

impl Latency {
    /// Of how many took how long: ends of ranges in ascending order, µs.
    fn of(counts: &[(u32, u64)]) -> Option<Self> {
        let count: u64 = counts.iter().map(|(_, n)| n).sum();
        let quantile = |percent: u64| {
            let mut left = (count * percent).div_ceil(100);
            let mut ranges = counts.iter();
            ranges.find_map(|&(end, n)| {
                let is_in = left <= n;
                left = left.saturating_sub(n);
                is_in.then_some(end)
            })
        };
        Some(Self { count, p50_us: quantile(50)?, p95_us: quantile(95)?, p99_us: quantile(99)? })
    }
}

impl OwnRuleFigures {
    fn read(
        reader: &TallyReader<'_>,
        (rule, name, kind): (RuleRef, String, &'static str),
        edges: &[Timestamp],
    ) -> Result<Self, Error> {
        let (from, to) = (edges[0], edges[edges.len() - 1]);
        let sum = |figure| reader.sum(&Metric::rule(figure, rule), from, to);
        Ok(Self {
            id: rule.to_string(),
            name,
            kind,
            fired: sum(RuleFigure::Fired)?,
            blocked: sum(RuleFigure::Blocked)?,
            would_block: sum(RuleFigure::WouldBlock)?,
            confirmed: sum(RuleFigure::Confirmed)?,
            dismissed: sum(RuleFigure::Dismissed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_ends_of_ranges() {
        assert_eq!(Latency::of(&[]), None);
        let one = Latency { count: 1, p50_us: 7, p95_us: 7, p99_us: 7 };
        assert_eq!(Latency::of(&[(7, 1)]), Some(one));
        let many = Latency { count: 100, p50_us: 10, p95_us: 20, p99_us: 30 };
        assert_eq!(Latency::of(&[(10, 50), (20, 45), (30, 4), (40, 1)]), Some(many));
    }

    #[test]
    fn intervals_end_with_the_present_hour() {
        let now: Timestamp = "2026-01-05T10:20:30Z".parse().unwrap();
        for (period, first) in [
            (Period::Day, "2026-01-04T11:00:00.000Z"),
            (Period::Week, "2025-12-29T11:00:00.000Z"),
            (Period::Month, "2025-12-06T11:00:00.000Z"),
            (Period::Quarter, "2025-10-07T11:00:00.000Z"),
        ] {
            let edges = period.edges(now);
            assert_eq!(edges[0].to_string(), first);
            assert_eq!(edges[edges.len() - 1].to_string(), "2026-01-05T11:00:00.000Z");
            assert!(edges.is_sorted());
        }
    }
}
