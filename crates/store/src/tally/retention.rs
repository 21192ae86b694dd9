//! Forgetting old counts.

use rusqlite::{OptionalExtension as _, Transaction};

use super::{HOUR_MS, TALLY_DAYS, hour_of};
use crate::{Error, Store};

/// How many series of counts one transaction looks at, so that no event waits long for the rest.
const AT_ONCE: usize = 200;

impl Store {
    /// Forgets counts that are older than [`TALLY_DAYS`]; returns how many. To be called now and then.
    pub async fn forget_old_tallies(&self) -> Result<usize, Error> {
        let oldest = hour_of(self.clock().now().plus_millis(-TALLY_DAYS * 24 * HOUR_MS));
        let (mut forgotten, mut after) = (0, Some((i64::MIN, String::new())));
        while let Some(last) = after {
            let (more, next) = self.write(move |tx| forget(tx, oldest, last)).await?;
            forgotten += more;
            after = next;
        }
        Ok(forgotten)
    }
}

/// A realm and a metric.
type Series = (i64, String);

/// Forgets the hours before `oldest` of the next series after `last`; gives how many there were, and the last series
/// unless that was all.
fn forget(tx: &Transaction<'_>, oldest: i64, mut last: Series) -> Result<(usize, Option<Series>), Error> {
    let mut next = tx.prepare_cached(
        "SELECT realm, metric FROM tally WHERE (realm, metric) > (?1, ?2) ORDER BY realm, metric LIMIT 1",
    )?;
    let mut remove = tx.prepare_cached("DELETE FROM tally WHERE realm = ?1 AND metric = ?2 AND hour < ?3")?;
    let mut forgotten = 0;
    for _ in 0..AT_ONCE {
        let found = next.query_row((last.0, &last.1), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some(series) = found else { return Ok((forgotten, None)) };
        last = series;
        forgotten += remove.execute((last.0, &last.1, oldest))?;
    }
    Ok((forgotten, Some(last)))
}
