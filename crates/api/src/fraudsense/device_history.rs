//! What is known of a device: the summary in every score, and of its history.

use domain::Timestamp;
use portcullis_domain as domain;
use portcullis_store::{DeviceRecord, SessionMark};
use serde::Serialize;
use utoipa::ToSchema;

use super::profile::PROFILE;

/// The first band of high risk, and that of critical risk.
const HIGH: u8 = 2;
const CRITICAL: u8 = 3;

/// A device's sessions in summary. A session that was scored again counts once, by its latest score.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseDeviceHistory)]
pub(crate) struct DeviceHistory {
    /// Sessions of the device, this one included.
    #[schema(example = 4)]
    total_sessions: u64,
    /// Those that are HIGH or CRITICAL.
    high_risk_count: u32,
    /// Those that are CRITICAL.
    critical_count: u32,
    /// When a session was last HIGH or CRITICAL; null when none is.
    last_high_risk_at: Option<String>,
    /// When the device was first seen; null when it never was.
    first_seen_at: Option<String>,
    /// The labels of its sessions, in the order of the contract; never CLEAN.
    historical_labels: Vec<HistoricalLabel>,
    /// Where the scores are going.
    risk_trend: Trend,
    /// Whether there is no earlier session.
    is_new_device: bool,
}

/// A label that sessions of the device have.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseHistoricalLabel)]
pub(crate) struct HistoricalLabel {
    /// Its code.
    #[schema(example = "FAKE_DEVICE")]
    code: &'static str,
    /// Sessions that have it.
    count: u32,
    /// When one last had it.
    last_seen_at: String,
}

/// Where a device's scores are going: the mean of the last 3 sessions against the mean of the up to 7 before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = FraudsenseTrend)]
pub(crate) enum Trend {
    /// More than 5 points up.
    Increasing,
    /// Within 5 points.
    Stable,
    /// More than 5 points down.
    Decreasing,
    /// Fewer than 4 sessions.
    Unknown,
}

impl DeviceHistory {
    /// The summary of a record; without one, of a device that was never seen.
    pub(super) fn of(record: Option<&DeviceRecord>) -> Self {
        let bands = record.map_or([0; 4], |record| record.bands);
        let high_risk_count = bands[usize::from(HIGH)] + bands[usize::from(CRITICAL)];
        let scores = |record: &DeviceRecord| record.recent.iter().map(|mark| mark.score).collect::<Vec<_>>();
        let total_sessions = record.map_or(0, |record| record.sessions);
        Self {
            total_sessions,
            high_risk_count,
            critical_count: bands[usize::from(CRITICAL)],
            last_high_risk_at: record
                .filter(|_| high_risk_count > 0)
                .and_then(last_high_risk)
                .map(|at| at.to_string()),
            first_seen_at: record.map(|record| record.first_seen.to_string()),
            historical_labels: record.map(labels).unwrap_or_default(),
            risk_trend: record.map_or(Trend::Unknown, |record| Trend::of(&scores(record))),
            is_new_device: total_sessions <= 1,
        }
    }

    /// All sessions, and those of high risk.
    pub(super) const fn counts(&self) -> (u64, u32) {
        (self.total_sessions, self.high_risk_count)
    }

    pub(super) fn first_seen_at(&self) -> Option<&str> {
        self.first_seen_at.as_deref()
    }
}

/// When a session was last of high risk. Of those that are not remembered one by one any more it is known when one was
/// last judged so, which holds unless that very session was judged milder later.
fn last_high_risk(record: &DeviceRecord) -> Option<Timestamp> {
    let is_high = |mark: &&SessionMark| mark.band >= HIGH;
    let remembered = record.recent.iter().filter(is_high).map(|mark| mark.at).max();
    let judged = record.last_at_band[usize::from(HIGH)].max(record.last_at_band[usize::from(CRITICAL)]);
    remembered.or(judged)
}

fn labels(record: &DeviceRecord) -> Vec<HistoricalLabel> {
    let known = record.labels.iter().filter_map(|seen| {
        let label = PROFILE.labels.get(usize::from(seen.label))?;
        Some(HistoricalLabel { code: label.code, count: seen.count, last_seen_at: seen.last_at.to_string() })
    });
    known.collect()
}

impl Trend {
    const LATEST: usize = 3;
    const BEFORE: usize = 7;
    const POINTS: i64 = 5;

    /// The trend of these scores, oldest first.
    fn of(scores: &[i32]) -> Self {
        let (before, latest) = scores.split_at(scores.len().saturating_sub(Self::LATEST));
        let before = &before[before.len().saturating_sub(Self::BEFORE)..];
        if before.is_empty() {
            return Self::Unknown;
        }
        // Means are compared without dividing: every term is times both counts.
        let sum = |scores: &[i32]| scores.iter().map(|&score| i64::from(score)).sum::<i64>();
        let count = |scores: &[i32]| scores.len() as i64;
        let rise = sum(latest) * count(before) - sum(before) * count(latest);
        let margin = Self::POINTS * count(before) * count(latest);
        match rise {
            rise if rise > margin => Self::Increasing,
            rise if rise < -margin => Self::Decreasing,
            _ => Self::Stable,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{EntityKey, EventId};
    use portcullis_store::LabelCount;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    fn mark(second: i64, score: i32, band: u8) -> SessionMark {
        let session = EntityKey::from_u64(second as u64);
        SessionMark { session, event: EventId::first_at(at(second)), at: at(second), score, band, labels: 0 }
    }

    fn record(recent: Vec<SessionMark>) -> DeviceRecord {
        let mut bands = [0; 4];
        let mut last_at_band = [None; 4];
        for mark in &recent {
            bands[usize::from(mark.band)] += 1;
            last_at_band[usize::from(mark.band)] = Some(mark.at);
        }
        DeviceRecord {
            first_seen: at(0),
            sessions: recent.len() as u64,
            bands,
            last_at_band,
            labels: smallvec::smallvec![],
            recent,
        }
    }

    #[test]
    fn trends() {
        let cases: [(&[i32], Trend); 12] = [
            (&[], Trend::Unknown),
            (&[90, 90, 90], Trend::Unknown),
            (&[0, 90, 90, 90], Trend::Increasing),
            (&[90, 0, 0, 0], Trend::Decreasing),
            (&[10, 15, 15, 15], Trend::Stable),
            (&[10, 15, 15, 16], Trend::Increasing),
            (&[15, 10, 10, 10], Trend::Stable),
            (&[15, 10, 10, 9], Trend::Decreasing),
            (&[10, 20, 20, 20, 20], Trend::Stable),
            (&[10, 20, 20, 20, 21], Trend::Increasing),
            // Only seven before the last three are looked at.
            (&[100, 100, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10], Trend::Stable),
            (&[0, 0, 0, 0, 0, 0, 0, 5, 5, 6], Trend::Increasing),
        ];
        for (scores, trend) in cases {
            assert_eq!(Trend::of(scores), trend, "{scores:?}");
        }
    }

    #[test]
    fn a_device_that_was_never_seen_has_nothing() {
        let expected = DeviceHistory {
            total_sessions: 0,
            high_risk_count: 0,
            critical_count: 0,
            last_high_risk_at: None,
            first_seen_at: None,
            historical_labels: Vec::new(),
            risk_trend: Trend::Unknown,
            is_new_device: true,
        };
        assert_eq!(DeviceHistory::of(None), expected);
    }

    #[test]
    fn high_risk_is_high_and_critical() {
        let marks = vec![mark(1, 10, 0), mark(2, 50, 2), mark(3, 80, 3), mark(4, 30, 1)];
        let history = DeviceHistory::of(Some(&record(marks)));
        assert_eq!((history.total_sessions, history.high_risk_count, history.critical_count), (4, 2, 1));
        assert_eq!(history.last_high_risk_at.as_deref(), Some("1970-01-01T00:00:03.000Z"));
        assert_eq!(history.first_seen_at.as_deref(), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!((history.risk_trend, history.is_new_device), (Trend::Increasing, false));
    }

    #[test]
    fn a_session_that_turned_out_mild_leaves_no_time_of_high_risk() {
        let mut mild = record(vec![mark(1, 10, 0)]);
        mild.last_at_band[3] = Some(at(1));
        assert_eq!(DeviceHistory::of(Some(&mild)).last_high_risk_at, None);
        // Another that is not remembered one by one is still of high risk.
        mild.bands[2] = 1;
        assert!(DeviceHistory::of(Some(&mild)).last_high_risk_at.is_some());
    }

    #[test]
    fn labels_are_told_by_their_codes() {
        let mut labeled = record(vec![mark(1, 10, 0)]);
        for label in [0, 8, 31] {
            labeled.labels.push(LabelCount { label, count: 2, last_at: at(1) });
        }
        let codes: Vec<_> = labels(&labeled).iter().map(|label| (label.code, label.count)).collect();
        assert_eq!(codes, [("FAKE_DEVICE", 2), ("STATIC_DEVICE", 2)]);
    }
}
