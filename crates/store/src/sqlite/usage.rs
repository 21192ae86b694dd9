//! How many events each tenant had judged through each dialect, by month; counted in the events' own transaction, so
//! that what is billed is exactly what is recorded.

use domain::{Dialect, TenantId, Timestamp};
use jiff::tz::TimeZone;
use portcullis_domain as domain;
use rusqlite::{Connection, Row, Transaction};
use smallvec::SmallVec;

use crate::Error;

/// How many events a tenant had judged through one dialect, live and test together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Ever.
    pub total: u64,
    /// In the present UTC calendar month.
    pub this_month: u64,
}

/// What the events of one batch add to the counts: most batches are of a few tenants.
#[derive(Debug, Default)]
pub(super) struct Tally(SmallVec<[(TenantId, Dialect, u32); 4]>);

impl Tally {
    /// Counts an event.
    pub(super) fn count(&mut self, tenant: TenantId, dialect: Dialect) {
        match self.0.iter_mut().find(|(of, through, _)| (*of, *through) == (tenant, dialect)) {
            Some((.., calls)) => *calls += 1,
            None => self.0.push((tenant, dialect, 1)),
        }
    }

    /// Adds the counts to the month of `at`, when the batch was recorded.
    pub(super) fn write(&self, transaction: &Transaction<'_>, at: Timestamp) -> Result<(), Error> {
        let mut add = transaction.prepare_cached(
            "INSERT INTO usage (tenant, dialect, month, calls) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tenant, dialect, month) DO UPDATE SET calls = calls + ?4",
        )?;
        let month = month(at);
        for &(tenant, dialect, calls) in &self.0 {
            add.execute((tenant.0, dialect as u8, month, calls))?;
        }
        Ok(())
    }
}

/// A tenant's usage of a dialect as of `now`.
pub(crate) fn usage(
    connection: &Connection,
    tenant: TenantId,
    dialect: Dialect,
    now: Timestamp,
) -> Result<Usage, Error> {
    let mut find = connection.prepare_cached(
        "SELECT sum(calls), sum(calls) FILTER (WHERE month = ?3) FROM main.usage
         WHERE tenant = ?1 AND dialect = ?2",
    )?;
    let count = |row: &Row<'_>, column| {
        let calls: Option<i64> = row.get(column)?;
        Ok::<_, rusqlite::Error>(calls.map_or(0, i64::cast_unsigned))
    };
    let sums = find.query_row((tenant.0, dialect as u8, month(now)), |row| {
        Ok(Usage { total: count(row, 0)?, this_month: count(row, 1)? })
    })?;
    Ok(sums)
}

/// The UTC calendar month, such as 202601.
fn month(at: Timestamp) -> i32 {
    let date = TimeZone::UTC.to_datetime(at.to_jiff()).date();
    i32::from(date.year()) * 100 + i32::from(date.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_utc() {
        for (at, expected) in [
            ("1970-01-01T00:00:00Z", 197_001),
            ("2026-01-31T23:59:59.999Z", 202_601),
            ("2026-02-01T00:00:00Z", 202_602),
            ("2026-02-01T00:30:00+02:00", 202_601),
            ("2028-02-29T12:00:00Z", 202_802),
            ("2026-12-31T23:59:59.999Z", 202_612),
            ("2027-01-01T00:00:00Z", 202_701),
        ] {
            assert_eq!(month(at.parse().unwrap()), expected, "{at}");
        }
    }

    #[test]
    fn a_batch_is_one_row_per_tenant_and_dialect() {
        let mut tally = Tally::default();
        for (tenant, dialect) in
            [(1, Dialect::Ingest), (2, Dialect::Ingest), (1, Dialect::Fraudsense), (1, Dialect::Ingest)]
        {
            tally.count(TenantId(tenant), dialect);
        }
        let (one, two) = (TenantId(1), TenantId(2));
        let rows = [(one, Dialect::Ingest, 2), (two, Dialect::Ingest, 1), (one, Dialect::Fraudsense, 1)];
        assert_eq!(tally.0.as_slice(), rows);
    }
}
