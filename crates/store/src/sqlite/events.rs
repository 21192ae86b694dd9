//! Reading recorded events.

use std::{collections::BTreeSet, sync::Arc};

use domain::{CheckStatus, EntityKey, EntityKind, EventId, Outcome, Policy, PolicyId, Realm, Timestamp};
use portcullis_domain as domain;
use portcullis_engine::trust::{Lesson, Truth};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};
use smallvec::{SmallVec, smallvec};

use super::{Backend, parse_policy, posting};
use crate::{
    CheckFigure, Error, EventQuery, LabelReport, Metric, RuleFigure, RuleId, StoredEvent, control,
    history::Touch, record, tally::Tallies,
};

const COLUMNS: &str =
    "event.id, event.realm, event.touch, event.body, event_label.label, event_label.at, event_label.notes";
const TABLES: &str = "main.event LEFT JOIN main.event_label ON event_label.event = event.id";

/// The most events that one page looks at before it ends early with what it has.
const MOST_LOOKED_AT: usize = 20_000;

impl Backend {
    pub(crate) async fn find_event(
        self: &Arc<Self>,
        realm: Realm,
        id: EventId,
    ) -> Result<Option<StoredEvent>, Error> {
        let backend = Arc::clone(self);
        self.read(move |connection| backend.load(connection, realm, id)).await
    }

    pub(crate) async fn find_events(
        self: &Arc<Self>,
        realm: Realm,
        ids: Vec<EventId>,
    ) -> Result<Vec<StoredEvent>, Error> {
        let backend = Arc::clone(self);
        self.read(move |connection| {
            let events = ids.iter().map(|&id| backend.load(connection, realm, id));
            events.filter_map(Result::transpose).collect()
        })
        .await
    }

    /// One page, newest first, and whether there may be more.
    pub(crate) async fn list_events(
        self: &Arc<Self>,
        realm: Realm,
        query: EventQuery,
    ) -> Result<(Vec<StoredEvent>, Option<EventId>), Error> {
        let backend = Arc::clone(self);
        self.read(move |connection| backend.page(connection, realm, &query)).await
    }

    pub(crate) async fn set_label(
        self: &Arc<Self>,
        realm: Realm,
        id: EventId,
        report: LabelReport,
    ) -> Result<(), Error> {
        let backend = Arc::clone(self);
        self.write(move |transaction| backend.label_event(transaction, realm, id, &report).map(drop)).await
    }

    /// Notes what turned out to be true of an event, in the transaction of a change, and teaches the realm's trust model
    /// when that is certain enough: each truth once an event, so a label that is said again teaches nothing, one that is
    /// changed teaches the opposite, and changing it back teaches nothing more. Gives the version of the model that it
    /// made, if it did; [`Error::NotFound`] when the realm has no such event.
    pub(crate) fn label_event(
        &self,
        transaction: &Transaction<'_>,
        realm: Realm,
        id: EventId,
        report: &LabelReport,
    ) -> Result<Option<u64>, Error> {
        let event = self.load(transaction, realm, id)?.ok_or(Error::NotFound("event"))?;
        let number = id.as_u64() as i64;
        let find = "SELECT taught FROM event_label WHERE event = ?1";
        let before: u8 = transaction.query_row(find, [number], |row| row.get(0)).optional()?.unwrap_or(0);
        let truth = Truth::of(report.label);
        let taught = before
            | match truth {
                Some(Truth::Fraud) => 1,
                Some(Truth::Legitimate) => 2,
                None => 0,
            };
        let label = serde_json::to_string(&report.label).map_err(|error| Error::Failed(error.to_string()))?;
        transaction.execute(
            "INSERT INTO event_label (event, label, at, notes, taught) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (event) DO UPDATE SET label = ?2, at = ?3, notes = ?4, taught = ?5",
            (number, &label, report.at.as_millis(), report.notes.as_deref(), taught),
        )?;
        let Some(truth) = truth.filter(|_| taught != before) else { return Ok(None) };
        count_rules(transaction, &event, truth, report.at)?;
        let lesson = Lesson::of(&event.policy, &event.decision.assessment.checks);
        let cause = format!("label {} of {id}", label.trim_matches('"'));
        control::learn(transaction, realm, &lesson, truth, cause, report.at)
    }

    fn load(&self, connection: &Connection, realm: Realm, id: EventId) -> Result<Option<StoredEvent>, Error> {
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM {TABLES} WHERE event.id = ?1"))?;
        let mut rows = statement.query([id.as_u64() as i64])?;
        match rows.next()? {
            Some(row) if row.get::<_, i64>(1)? as u64 == realm.code() => {
                self.read_row(connection, row).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn page(
        &self,
        connection: &Connection,
        realm: Realm,
        query: &EventQuery,
    ) -> Result<(Vec<StoredEvent>, Option<EventId>), Error> {
        let keys = search_keys(realm, query);
        let look_at = if query.is_answered_by_its_key() { query.limit + 1 } else { MOST_LOOKED_AT };
        let after = query.from.map_or(0, |from| EventId::first_at(from).as_u64());
        let after = query.after.map_or(after, |last| after.max(last.as_u64() + 1));
        let before = query.to.map_or(i64::MAX as u64, |to| EventId::first_at(to).as_u64());
        let before = query.before.map_or(before, |cursor| before.min(cursor.as_u64()));
        // The tail first: what is flushed meanwhile is then found twice rather than not at all.
        let tail =
            keys.iter().flat_map(|&key| self.tail.events(key)).filter(|&id| id >= after && id < before);
        let mut ids: BTreeSet<u64> = tail.collect();
        let mut statement = connection.prepare_cached(
            "SELECT event FROM history.posting WHERE key = ?1 AND event >= ?2 AND event < ?3 ORDER BY event DESC LIMIT ?4",
        )?;
        for key in keys {
            let range = (key as i64, after as i64, before as i64, look_at as i64);
            for id in statement.query_map(range, |row| row.get::<_, i64>(0))? {
                ids.insert(id? as u64);
            }
        }
        let mut page = Vec::new();
        for &id in ids.iter().rev().take(look_at) {
            let id = EventId::from_u64(id);
            if let Some(kind) = query.newest_of
                && !self.is_newest(connection, id, kind)?
            {
                continue;
            }
            if let Some(event) = self.load(connection, realm, id)?.filter(|event| query.matches(event)) {
                if page.len() == query.limit {
                    return Ok((page, Some(EventId::from_u64(id.as_u64() + 1))));
                }
                page.push(event);
            }
        }
        let oldest_looked_at = ids.iter().rev().nth(look_at - 1);
        Ok((page, oldest_looked_at.map(|&id| EventId::from_u64(id))))
    }

    /// Whether the event has an entity of this kind, and that has no newer one.
    fn is_newest(&self, connection: &Connection, id: EventId, kind: EntityKind) -> Result<bool, Error> {
        let mut find = connection.prepare_cached("SELECT touch FROM main.event WHERE id = ?1")?;
        let mut rows = find.query([id.as_u64() as i64])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let mut bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let Some(key) = Touch::decode(id.recorded_at(), &mut bytes)?.key(kind) else { return Ok(false) };
        Ok(self.newest_event(connection, key)? == Some(id.as_u64()))
    }

    fn newest_event(&self, connection: &Connection, entity: EntityKey) -> Result<Option<u64>, Error> {
        let key = posting::of_entity(entity);
        // The tail first: what is flushed meanwhile is then found on disk.
        let tail = self.tail.events(key).into_iter().max();
        let sql = "SELECT max(event) FROM history.posting WHERE key = ?1";
        let flushed: Option<i64> =
            connection.prepare_cached(sql)?.query_row([key as i64], |row| row.get(0))?;
        Ok(tail.max(flushed.map(|id| id as u64)))
    }

    fn read_row(&self, connection: &Connection, row: &Row<'_>) -> Result<StoredEvent, Error> {
        let id = EventId::from_u64(row.get::<_, i64>(0)? as u64);
        let realm = Realm::from_code(row.get::<_, i64>(1)? as u64);
        let blob = |column| row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from);
        let touch = Touch::decode(id.recorded_at(), &mut blob(2)?)?;
        let decision = record::decode(&touch, id, &self.sealer, blob(3)?)?;
        let policy = self.policy(connection, decision.policy)?;
        Ok(StoredEvent { id, realm, touch, decision, policy, label: read_label(row)? })
    }

    /// The policy of a recorded event.
    fn policy(&self, connection: &Connection, id: PolicyId) -> Result<Arc<Policy>, Error> {
        if let Ok(policies) = self.policies.read()
            && let Some(policy) = policies.get(&id)
        {
            return Ok(Arc::clone(policy));
        }
        let json: String =
            connection
                .query_row("SELECT json FROM main.policy WHERE id = ?1", [id.0 as i64], |row| row.get(0))?;
        let policy = parse_policy(&json)?;
        if let Ok(mut policies) = self.policies.write() {
            policies.insert(id, Arc::clone(&policy));
        }
        Ok(policy)
    }
}

/// Counts for each rule that had fired, the tenant's own and the dialect's, what became of that, whether it counted or
/// only watched.
fn count_rules(
    transaction: &Transaction<'_>,
    event: &StoredEvent,
    truth: Truth,
    at: Timestamp,
) -> Result<(), Error> {
    let (own, built_in) = match truth {
        Truth::Fraud => (RuleFigure::Confirmed, CheckFigure::Confirmed),
        Truth::Legitimate => (RuleFigure::Dismissed, CheckFigure::Dismissed),
    };
    let mut tallies = Tallies::default();
    for check in &event.decision.assessment.checks {
        let has_fired = matches!(check.status, CheckStatus::Fired | CheckStatus::ShadowFired);
        let rule = event.policy.rules.get(usize::from(check.rule)).filter(|_| has_fired);
        let Some(rule) = rule else { continue };
        let metric = match rule.code.parse::<RuleId>() {
            Ok(id) => Metric::rule(own, id),
            Err(_) => Metric::Check(built_in, event.decision.dialect, rule.code.as_str().into()),
        };
        tallies.count(event.realm, at, metric);
    }
    tallies.write(transaction)
}

/// The narrowest postings that have every event the query asks for.
fn search_keys(realm: Realm, query: &EventQuery) -> SmallVec<[u64; 5]> {
    match (query.entities.first(), query.outcome) {
        (Some(&entity), _) => smallvec![posting::of_entity(entity)],
        (None, Some(outcome)) => smallvec![posting::of_outcome(realm, outcome)],
        (None, None) => Outcome::ALL.into_iter().map(|outcome| posting::of_outcome(realm, outcome)).collect(),
    }
}

fn read_label(row: &Row<'_>) -> Result<Option<LabelReport>, Error> {
    let Some(label) = row.get::<_, Option<String>>(4)? else { return Ok(None) };
    let label = serde_json::from_str(&label).map_err(|_| Error::Damaged("label"))?;
    Ok(Some(LabelReport { label, at: Timestamp::from_millis(row.get(5)?), notes: row.get(6)? }))
}
