//! What a person found out about an event, and what follows from that.

use domain::{EventId, Label, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{OptionalExtension, Transaction};

use crate::{Error, LabelReport, sqlite::Backend};

/// What a person found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It was fraud.
    Fraud,
    /// It was none, whatever the score or the report said.
    Legitimate,
}

impl Finding {
    /// The same as a label of an event.
    pub const fn label(self) -> Label {
        match self {
            Self::Fraud => Label::ConfirmedFraud,
            Self::Legitimate => Label::FalsePositive,
        }
    }
}

/// What became of a decision that can be made once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided<T> {
    /// It was made now, and is durable.
    Now(T),
    /// The same was decided before; nothing was changed.
    Before(T),
    /// The opposite was decided before; nothing was changed.
    Otherwise(T),
}

/// Labels the event, from which the realm's trust model learns, unless it is known already what it was. How a challenge
/// ended is not that.
pub(super) fn conclude(
    backend: &Backend,
    tx: &Transaction<'_>,
    realm: Realm,
    event: EventId,
    finding: Finding,
    at: Timestamp,
) -> Result<(), Error> {
    let known = known_label(tx, event)?;
    if matches!(known, Some(Label::ConfirmedFraud | Label::FalsePositive)) {
        return Ok(());
    }
    let report = LabelReport { label: finding.label(), at, notes: None };
    backend.label_event(tx, realm, event, &report).map(drop)
}

fn known_label(tx: &Transaction<'_>, event: EventId) -> Result<Option<Label>, Error> {
    let mut find = tx.prepare_cached("SELECT label FROM event_label WHERE event = ?")?;
    let label: Option<String> = find.query_row([event.as_u64() as i64], |row| row.get(0)).optional()?;
    label.map(|label| serde_json::from_str(&label)).transpose().map_err(|_| Error::Damaged("label"))
}
