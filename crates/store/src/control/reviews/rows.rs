//! The rows of `review`.

use domain::{EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, Row, Transaction, params};

use super::{Review, ReviewStatus};
use crate::{Error, ReviewId, keys::Sealer};

/// Puts an event into the review queue, in the transaction that records it. No event is there twice.
pub(crate) fn open(
    tx: &Transaction<'_>,
    realm: Realm,
    event: EventId,
    at: Timestamp,
) -> Result<ReviewId, Error> {
    let mut insert =
        tx.prepare_cached("INSERT INTO review (event, realm, status, opened_at) VALUES (?, ?, 'open', ?)")?;
    insert.execute(params![event.as_u64() as i64, realm.code() as i64, at.as_millis()])?;
    Ok(ReviewId::of(event))
}

/// Writes what was decided. A review is decided once, so its id seals one text.
pub(super) fn resolve(tx: &Transaction<'_>, sealer: &Sealer, review: &Review) -> Result<(), Error> {
    let event = review.id.event();
    let notes = review.notes.as_ref().map(|notes| {
        let mut sealed = notes.clone().into_bytes();
        sealer.seal(event, &mut sealed).map(|()| sealed)
    });
    tx.execute(
        "UPDATE review SET status = ?, resolved_at = ?, resolved_by = ?, notes = ? WHERE event = ?",
        params![
            review.status.as_str(),
            review.resolved_at.map(Timestamp::as_millis),
            review.resolved_by,
            notes.transpose()?,
            event.as_u64() as i64,
        ],
    )?;
    Ok(())
}

const SELECT: &str =
    "SELECT event, realm, status, opened_at, resolved_at, resolved_by, notes FROM main.review";

/// The realm's review with this id.
pub(super) fn get(
    connection: &Connection,
    sealer: &Sealer,
    realm: Realm,
    id: ReviewId,
) -> Result<Review, Error> {
    let mut find = connection.prepare_cached(&format!("{SELECT} WHERE event = ? AND realm = ?"))?;
    let mut rows = find.query(params![id.event().as_u64() as i64, realm.code() as i64])?;
    let row = rows.next()?.ok_or(Error::NotFound("review"))?;
    from_row(sealer, row)
}

/// Which reviews, and in which order.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    /// Older than this, or all; newest first.
    OlderThan(Option<ReviewId>),
    /// Newer than this; oldest first.
    NewerThan(ReviewId),
}

/// Up to `limit` reviews of the realm, from the one next to the `bound` on.
pub(super) fn page(
    connection: &Connection,
    sealer: &Sealer,
    realm: Realm,
    status: Option<ReviewStatus>,
    bound: Bound,
    limit: u32,
) -> Result<Vec<Review>, Error> {
    let number = |id: ReviewId| id.event().as_u64() as i64;
    let (bound, order, id) = match bound {
        Bound::OlderThan(id) => ("<", "DESC", id.map_or(i64::MAX, number)),
        Bound::NewerThan(id) => (">", "ASC", number(id)),
    };
    // Which index is used depends on whether a status is asked for.
    let of_status = if status.is_some() { "status = ?2" } else { "?2 IS NULL" };
    let sql = format!(
        "{SELECT} WHERE realm = ?1 AND {of_status} AND event {bound} ?3 ORDER BY event {order} LIMIT ?4"
    );
    let mut find = connection.prepare_cached(&sql)?;
    let mut rows = find.query(params![realm.code() as i64, status.map(ReviewStatus::as_str), id, limit])?;
    let mut reviews = Vec::new();
    while let Some(row) = rows.next()? {
        reviews.push(from_row(sealer, row)?);
    }
    Ok(reviews)
}

fn from_row(sealer: &Sealer, row: &Row<'_>) -> Result<Review, Error> {
    let event = EventId::from_u64(row.get::<_, i64>(0)? as u64);
    let notes: Option<Vec<u8>> = row.get(6)?;
    let notes = notes
        .map(|notes| String::from_utf8(sealer.open(event, &notes)?).map_err(|_| Error::Damaged("review")));
    Ok(Review {
        id: ReviewId::of(event),
        realm: Realm::from_code(row.get::<_, i64>(1)? as u64),
        status: row.get(2)?,
        opened_at: Timestamp::from_millis(row.get(3)?),
        resolved_at: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_millis),
        resolved_by: row.get(5)?,
        notes: notes.transpose()?,
    })
}
