//! Which time figures are of, and how it is divided.

use domain::Timestamp;
use portcullis_domain as domain;
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::{FraudshieldError, error::ParamError};

const HOUR_MS: i64 = 60 * 60 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Which time.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodParams {
    /// today, 7d, 30d or 90d: so many UTC calendar days, today included; 30d when left out.
    period: Option<String>,
}

/// Which time, and how it is divided.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrendParams {
    /// today, 7d, 30d or 90d: so many UTC calendar days, today included; 30d when left out.
    period: Option<String>,
    /// hourly, daily, weekly (from Monday) or monthly (from the 1st); daily when left out.
    granularity: Option<String>,
}

impl PeriodParams {
    /// The time that is asked for.
    pub(super) fn check(&self) -> Result<Period, FraudshieldError> {
        period(self.period.as_deref()).map_err(FraudshieldError::param)
    }
}

impl TrendParams {
    /// What is asked for; all complaints are told at once.
    pub(super) fn check(&self) -> Result<(Period, Granularity), FraudshieldError> {
        match (period(self.period.as_deref()), granularity(self.granularity.as_deref())) {
            (Ok(period), Ok(granularity)) => Ok((period, granularity)),
            (period, granularity) => {
                let errors = [period.err(), granularity.err()].into_iter().flatten();
                Err(FraudshieldError::Invalid(errors.collect()))
            }
        }
    }
}

fn period(text: Option<&str>) -> Result<Period, ParamError> {
    let all = [Period::Today, Period::Week, Period::Month, Period::Quarter];
    let Some(text) = text else { return Ok(Period::Month) };
    let found = all.into_iter().find(|period| period.as_str() == text);
    found.ok_or_else(|| ParamError::invalid("period", "must be today, 7d, 30d or 90d"))
}

fn granularity(text: Option<&str>) -> Result<Granularity, ParamError> {
    let all = [Granularity::Hourly, Granularity::Daily, Granularity::Weekly, Granularity::Monthly];
    let Some(text) = text else { return Ok(Granularity::Daily) };
    let found = all.into_iter().find(|granularity| granularity.as_str() == text);
    found.ok_or_else(|| ParamError::invalid("granularity", "must be hourly, daily, weekly or monthly"))
}

/// A number of UTC calendar days, the last of which is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    Today,
    Week,
    Month,
    Quarter,
}

impl Period {
    /// How it is asked for.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    const fn days(self) -> i64 {
        match self {
            Self::Today => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// From when on, and until before when: the present hour is in it.
    pub(super) fn span(self, now: Timestamp) -> (Timestamp, Timestamp) {
        (day_of(now).plus_millis(-(self.days() - 1) * DAY_MS), now.plus_millis(1))
    }
}

/// How long an item of a trend is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Granularity {
    Hourly,
    Daily,
    Weekly,
    Monthly,
}

impl Granularity {
    /// How it is asked for.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// The first instants of the hours, days, weeks or months that reach into the time from `from` until before `to`,
    /// oldest first. The first of them may lie before `from`.
    pub(super) fn starts(self, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let first = self.start_of(from);
        std::iter::successors(Some(first), |&start| Some(self.next(start)))
            .take_while(|&start| start < to)
            .collect()
    }

    /// The first instant as it is told: a date, or for hours a time.
    pub(super) fn label(self, start: Timestamp) -> String {
        let form = if self == Self::Hourly { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%d" };
        start.to_jiff().strftime(form).to_string()
    }

    fn start_of(self, at: Timestamp) -> Timestamp {
        let day = day_of(at);
        match self {
            Self::Hourly => at.plus_millis(-at.as_millis().rem_euclid(HOUR_MS)),
            Self::Daily => day,
            // The first day of 1970 was a Thursday.
            Self::Weekly => day.plus_millis(-(day.as_millis() / DAY_MS + 3).rem_euclid(7) * DAY_MS),
            Self::Monthly => {
                let of_month = day.to_jiff().strftime("%d").to_string().parse().unwrap_or(1);
                day.plus_millis(-(of_month - 1) * DAY_MS)
            }
        }
    }

    /// What comes after the one that begins at `start`.
    fn next(self, start: Timestamp) -> Timestamp {
        match self {
            Self::Hourly => start.plus_millis(HOUR_MS),
            Self::Daily => start.plus_millis(DAY_MS),
            Self::Weekly => start.plus_millis(7 * DAY_MS),
            // No month is longer, and no two are as short.
            Self::Monthly => self.start_of(start.plus_millis(31 * DAY_MS)),
        }
    }
}

/// The first instant of the UTC day of `at`.
fn day_of(at: Timestamp) -> Timestamp {
    at.plus_millis(-at.as_millis().rem_euclid(DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(granularity: Granularity, from: &str, to: &str) -> Vec<String> {
        let starts = granularity.starts(from.parse().unwrap(), to.parse().unwrap());
        starts.into_iter().map(|start| granularity.label(start)).collect()
    }

    #[test]
    fn a_period_is_whole_days_and_what_there_is_of_today() {
        let now = "2026-03-01T10:20:30.400Z".parse().unwrap();
        for (period, from) in [
            (Period::Today, "2026-03-01T00:00:00.000Z"),
            (Period::Week, "2026-02-23T00:00:00.000Z"),
            (Period::Month, "2026-01-31T00:00:00.000Z"),
            (Period::Quarter, "2025-12-02T00:00:00.000Z"),
        ] {
            let (start, end) = period.span(now);
            assert_eq!((start.to_string().as_str(), end), (from, now.plus_millis(1)));
            assert_eq!(Granularity::Daily.starts(start, end).len() as i64, period.days());
        }
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_1st() {
        let (from, to) = ("2025-12-31T00:00:00Z", "2026-03-02T00:00:00.001Z");
        assert_eq!(
            labels(Granularity::Weekly, from, "2026-01-13T00:00:00Z"),
            ["2025-12-29", "2026-01-05", "2026-01-12"]
        );
        assert_eq!(
            labels(Granularity::Monthly, from, to),
            ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"]
        );
        assert_eq!(
            labels(Granularity::Weekly, "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"),
            ["1969-12-29"]
        );
        assert_eq!(
            labels(Granularity::Monthly, "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
            ["2028-02-01"]
        );
    }

    #[test]
    fn hours_are_told_as_times_and_the_present_one_is_in() {
        assert_eq!(
            labels(Granularity::Hourly, "2026-03-01T22:00:00Z", "2026-03-02T00:00:00.001Z"),
            ["2026-03-01T22:00:00Z", "2026-03-01T23:00:00Z", "2026-03-02T00:00:00Z"]
        );
        assert_eq!(labels(Granularity::Hourly, "2026-03-01T22:00:00Z", "2026-03-01T23:00:00Z").len(), 1);
    }

    #[test]
    fn only_what_is_listed_is_taken() {
        let check = |period: &str, granularity: &str| {
            let some = |text: &str| (text != "-").then(|| text.to_owned());
            let params = TrendParams { period: some(period), granularity: some(granularity) };
            params.check().map(|(period, granularity)| (period.as_str(), granularity.as_str()))
        };
        assert_eq!(check("-", "-").unwrap(), ("30d", "daily"));
        assert_eq!(check("today", "hourly").unwrap(), ("today", "hourly"));
        assert_eq!(check("90d", "monthly").unwrap(), ("90d", "monthly"));
        for (period, granularity) in
            [("", "daily"), ("31d", "daily"), ("7D", "daily"), ("7d", ""), ("7d", "yearly")]
        {
            assert!(check(period, granularity).is_err(), "{period} {granularity}");
        }
    }
}
