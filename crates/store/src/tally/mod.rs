//! Counts by the hour: what analytics shows, kept up to date in the transaction of what is counted, so that reading them
//! costs as much as there are hours, and not as much as there are events.

mod metric;
mod read;
mod retention;
mod rule;

use std::fmt::Write as _;

use domain::{Realm, Timestamp};
use hashbrown::HashMap;
use portcullis_domain as domain;
use rusqlite::Transaction;

pub use self::{
    metric::{CheckFigure, Family, LAST_SCORE, Metric, SCORE_STEP, latency_range_end_us},
    read::TallyReader,
    rule::{RuleFigure, RuleRef},
};
use crate::{Error, RealmStore};

/// How long counts are kept: 400 days.
pub const TALLY_DAYS: i64 = 400;

const HOUR_MS: i64 = 60 * 60 * 1_000;

/// Hours since 1970.
const fn hour_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(HOUR_MS)
}

/// What is to be counted, gathered so that each count is written once: that of one batch of events, or of one change.
#[derive(Debug, Default)]
pub(crate) struct Tallies(HashMap<(Realm, i64, Metric), u32, foldhash::fast::RandomState>);

impl Tallies {
    /// Counts one in the hour of `at`.
    pub(crate) fn count(&mut self, realm: Realm, at: Timestamp, metric: Metric) {
        self.add(realm, at, metric, 1);
    }

    /// Counts `n` in the hour of `at`.
    pub(crate) fn add(&mut self, realm: Realm, at: Timestamp, metric: Metric, n: u32) {
        *self.0.entry((realm, hour_of(at), metric)).or_default() += n;
    }

    /// Adds what was gathered to what is stored.
    pub(crate) fn write(&self, tx: &Transaction<'_>) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut add = tx.prepare_cached(
            "INSERT INTO tally (realm, metric, hour, n) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (realm, metric, hour) DO UPDATE SET n = n + ?4",
        )?;
        let mut name = String::new();
        for ((realm, hour, metric), n) in &self.0 {
            name.clear();
            // Writing to a string can not fail.
            let _ = write!(name, "{metric}");
            add.execute((realm.code() as i64, &name, hour, n))?;
        }
        Ok(())
    }
}

impl RealmStore {
    /// Counts what leaves no other record, each so often in the hour of `at`; durable when this returns.
    pub async fn tally(&self, at: Timestamp, counts: Vec<(Metric, u32)>) -> Result<(), Error> {
        let realm = self.realm;
        let mut tallies = Tallies::default();
        for (metric, n) in counts {
            tallies.add(realm, at, metric, n);
        }
        self.backend.write(move |tx| tallies.write(tx)).await
    }

    /// Reads counts, all as of one moment.
    pub async fn tallies<T: Send + 'static>(
        &self,
        read: impl FnOnce(&TallyReader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let realm = self.realm;
        self.backend.read(move |connection| TallyReader::with(connection, realm, read)).await
    }
}
