//! The review queue: events that a person is to decide about, once.

mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::{EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::params;

use serde_json::{Value, json};

use self::rows::Bound;
pub(crate) use self::rows::open;
use super::{Actor, Decided, Entry, Finding, ReviewId, audit, finding::conclude, text_enum};
use crate::{Error, RealmStore, keys::Sealer};

text_enum! {
    /// What became of a review.
    ReviewStatus: "review status" {
        /// Nobody decided yet.
        Open = "open",
        /// It was no fraud.
        Approved = "approved",
        /// It was fraud.
        Rejected = "rejected",
    }
}

/// An event that a person is to decide about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its id, which tells the event's.
    pub id: ReviewId,
    /// Whose.
    pub realm: Realm,
    /// What became of it.
    pub status: ReviewStatus,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was decided.
    pub resolved_at: Option<Timestamp>,
    /// The id of the API key or user that decided.
    pub resolved_by: Option<String>,
    /// Their words.
    pub notes: Option<String>,
}

impl RealmStore {
    /// Puts an event that was recorded before into the queue. [`Error::NotFound`] when the realm has no such event,
    /// [`Error::Exists`] when it is in the queue or was.
    pub async fn open_review(&self, event: EventId) -> Result<ReviewId, Error> {
        let (realm, at) = (self.realm, self.backend.clock.now());
        self.backend
            .write(move |tx| {
                let known = "SELECT EXISTS (SELECT 1 FROM event WHERE id = ?1 AND realm = ?2),
                    EXISTS (SELECT 1 FROM review WHERE event = ?1)";
                let place = params![event.as_u64() as i64, realm.code() as i64];
                let (is_there, is_queued) =
                    tx.query_row(known, place, |row| Ok((row.get(0)?, row.get(1)?)))?;
                match (is_there, is_queued) {
                    (false, _) => Err(Error::NotFound("event")),
                    (true, true) => Err(Error::Exists("review")),
                    (true, false) => open(tx, realm, event, at),
                }
            })
            .await
    }

    /// The realm's review with this id; [`Error::NotFound`] when there is none.
    pub async fn review(&self, id: ReviewId) -> Result<Review, Error> {
        let (realm, sealer) = (self.realm, self.review_sealer()?);
        self.backend.read(move |connection| rows::get(connection, &sealer, realm, id)).await
    }

    /// Up to `limit` reviews, newest first, beginning after `after`; of every status when `None`.
    pub async fn reviews(
        &self,
        status: Option<ReviewStatus>,
        after: Option<ReviewId>,
        limit: u32,
    ) -> Result<Vec<Review>, Error> {
        self.reviews_of(status, Bound::OlderThan(after), limit).await
    }

    /// The up to `limit` reviews that were opened just after `than`, newest first.
    pub async fn reviews_newer(
        &self,
        status: Option<ReviewStatus>,
        than: ReviewId,
        limit: u32,
    ) -> Result<Vec<Review>, Error> {
        let mut reviews = self.reviews_of(status, Bound::NewerThan(than), limit).await?;
        reviews.reverse();
        Ok(reviews)
    }

    async fn reviews_of(
        &self,
        status: Option<ReviewStatus>,
        bound: Bound,
        limit: u32,
    ) -> Result<Vec<Review>, Error> {
        let (realm, sealer) = (self.realm, self.review_sealer()?);
        self.backend
            .read(move |connection| rows::page(connection, &sealer, realm, status, bound, limit))
            .await
    }

    /// Says what the event of a review was, and labels it, from which the tenant's later scores learn; durable when this
    /// returns. [`Error::NotFound`] when there is no such review.
    pub async fn resolve_review(
        &self,
        actor: &Actor,
        id: ReviewId,
        finding: Finding,
        notes: Option<String>,
    ) -> Result<Decided<Review>, Error> {
        let (realm, at, actor) = (self.realm, self.backend.clock.now(), actor.clone());
        let (backend, sealer) = (Arc::clone(&self.backend), self.review_sealer()?);
        self.backend
            .write(move |tx| {
                let review = rows::get(tx, &sealer, realm, id)?;
                let status = status_of(finding);
                if review.status != ReviewStatus::Open {
                    let is_same = review.status == status;
                    return Ok(if is_same { Decided::Before(review) } else { Decided::Otherwise(review) });
                }
                let resolved_by = Some(actor.id());
                let review = Review { status, resolved_at: Some(at), resolved_by, notes, ..review };
                rows::resolve(tx, &sealer, &review)?;
                conclude(&backend, tx, realm, id.event(), finding, at)?;
                audit::append(tx, &actor, line(&review), at)?;
                Ok(Decided::Now(review))
            })
            .await
    }

    fn review_sealer(&self) -> Result<Sealer, Error> {
        self.backend.key.sealer("review notes")
    }
}

const fn status_of(finding: Finding) -> ReviewStatus {
    match finding {
        Finding::Fraud => ReviewStatus::Rejected,
        Finding::Legitimate => ReviewStatus::Approved,
    }
}

fn line(review: &Review) -> Entry {
    let shown = |status: ReviewStatus| -> Value { json!({ "mode": review.realm.mode, "status": status }) };
    Entry {
        action: "review.resolve",
        tenant: Some(review.realm.tenant),
        target: review.id.to_string(),
        before: Some(shown(ReviewStatus::Open)),
        after: Some(shown(review.status)),
    }
}
