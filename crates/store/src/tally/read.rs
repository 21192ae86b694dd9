//! Reading counts: ranges of the primary key, and nothing else.

use domain::{Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension as _};

use super::{Family, HOUR_MS, Metric, hour_of};
use crate::Error;

/// How many names are told apart at most: a client that makes up a new type for every signal does not make reading long.
const MOST_NAMES: usize = 1_000;

/// The counts of one realm at one moment. Times are rounded to the full hour: a beginning down, an end up.
pub struct TallyReader<'a> {
    connection: &'a Connection,
    realm: i64,
}

impl<'a> TallyReader<'a> {
    /// Calls `read` with the counts as they are now.
    pub(super) fn with<T>(
        connection: &'a Connection,
        realm: Realm,
        read: impl FnOnce(&Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let snapshot = connection.unchecked_transaction()?;
        let value = read(&Self { connection, realm: realm.code() as i64 });
        // Nothing was written.
        snapshot.finish()?;
        value
    }

    /// How many there were from `from` until before `to`.
    pub fn sum(&self, metric: &Metric, from: Timestamp, to: Timestamp) -> Result<u64, Error> {
        self.sum_of(&metric.to_string(), from, to)
    }

    /// How many there were from each of `edges` until before the next; one less than there are edges, which must ascend.
    pub fn series(&self, metric: &Metric, edges: &[Timestamp]) -> Result<Vec<u64>, Error> {
        let ends = edges.get(1..).unwrap_or_default();
        let (Some(&first), Some(&last)) = (edges.first(), ends.last()) else { return Ok(Vec::new()) };
        let mut counts = vec![0; ends.len()];
        let mut find = self.connection.prepare_cached(
            "SELECT hour, n FROM main.tally WHERE realm = ?1 AND metric = ?2 AND hour >= ?3 AND hour < ?4",
        )?;
        let mut rows = find.query((self.realm, metric.to_string(), hour_of(first), end_hour(last)))?;
        while let Some(row) = rows.next()? {
            let (hour, n): (i64, i64) = (row.get(0)?, row.get(1)?);
            let place = ends.partition_point(|&end| end_hour(end) <= hour);
            if let Some(count) = counts.get_mut(place) {
                *count += n.cast_unsigned();
            }
        }
        Ok(counts)
    }

    /// The members of a family that were counted from `from` until before `to`, with how many each had, by name; at
    /// most the first 1,000.
    pub fn by_name(
        &self,
        family: Family,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(String, u64)>, Error> {
        let prefix = family.prefix();
        // `;` comes after `:`, with which the prefix ends.
        let end = format!("{};", prefix.trim_end_matches(':'));
        // From one name straight to the next, past all of its hours.
        let mut find = self.connection.prepare_cached(
            "SELECT metric FROM main.tally WHERE realm = ?1 AND metric > ?2 AND metric < ?3
             ORDER BY metric LIMIT 1",
        )?;
        let mut counts = Vec::new();
        let mut last = prefix.to_owned();
        for _ in 0..MOST_NAMES {
            let next = find.query_row((self.realm, &last, &end), |row| row.get(0)).optional()?;
            let Some(metric) = next else { break };
            last = metric;
            let n = self.sum_of(&last, from, to)?;
            if n > 0 {
                counts.push((last[prefix.len()..].to_owned(), n));
            }
        }
        Ok(counts)
    }

    fn sum_of(&self, metric: &str, from: Timestamp, to: Timestamp) -> Result<u64, Error> {
        let mut sum = self.connection.prepare_cached(
            "SELECT coalesce(sum(n), 0) FROM main.tally
             WHERE realm = ?1 AND metric = ?2 AND hour >= ?3 AND hour < ?4",
        )?;
        let n: i64 = sum.query_row((self.realm, metric, hour_of(from), end_hour(to)), |row| row.get(0))?;
        Ok(n.cast_unsigned())
    }
}

/// The first hour that does not begin before `to`.
const fn end_hour(to: Timestamp) -> i64 {
    hour_of(to.plus_millis(HOUR_MS - 1))
}
