//! Which events are asked for, and the page that answers: of the event log, of users and of devices.

use domain::{Dialect, Email, Entity, EntityKey, EntityKind, EventId, Mode, Realm, Timestamp};
use http::{HeaderMap, Uri};
use portcullis_domain as domain;
use portcullis_store::{DeviceId, EventQuery, RealmStore, StoredEvent};
use serde::Deserialize;
use smallvec::{SmallVec, smallvec};
use utoipa::IntoParams;

use super::checked_limit;
use crate::{AppState, caller::Member, csv::Format, error::Problem};

/// The most rows of a page of CSV, and how many they are when nothing is said.
const LARGEST_EXPORT: u32 = 1_000;
const LONGEST_WORD: usize = 256;

/// Which events. Of users and devices these are the newest of each.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParams {
    /// How many, 1 to 200; 50 when left out. As CSV 1 to 1,000, and 1,000 when left out.
    pub(super) limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub(super) after: Option<String>,
    /// Only events of this type: signup or login, in any case.
    pub(super) r#type: Option<String>,
    /// Only events with this decision: allow, flag, challenge, review or block, in any case.
    pub(super) decision: Option<String>,
    /// Only events of this account.
    pub(super) user: Option<String>,
    /// Only events of this device: its id, UUID or hash, or the client's fingerprint.
    pub(super) device: Option<String>,
    /// Only events from this address; for IPv6, from its /64.
    pub(super) ip: Option<String>,
    /// Only events of this e-mail address, whatever alias of its mailbox was typed.
    pub(super) email: Option<String>,
    /// Only events that came through this API: ingest, fraudshield, keyri, signet or fraudsense.
    pub(super) dialect: Option<String>,
    /// Only events that the caller named so, letter by letter: keyri's `eventType`.
    pub(super) action: Option<String>,
    /// Only events that were answered with this word: keyri's `riskSummary`.
    pub(super) answer: Option<String>,
    /// Only events that this rule fired on: its code, or the signal or name of a keyri service's own rule.
    pub(super) signal: Option<String>,
    /// Only events recorded at or after this time, RFC 3339.
    pub(super) from: Option<String>,
    /// Only events recorded before this time, RFC 3339.
    pub(super) to: Option<String>,
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    pub(super) mode: Option<Mode>,
    /// json, or csv; json when left out, unless the header `Accept` asks for `text/csv`.
    #[param(value_type = Option<String>)]
    pub(super) format: Option<Format>,
}

/// A page of events.
pub(super) struct Found {
    pub(super) store: RealmStore,
    pub(super) realm: Realm,
    pub(super) events: Vec<StoredEvent>,
    pub(super) next_cursor: Option<String>,
}

impl Found {
    /// Where the next page of what was asked for at `uri` is.
    pub(super) fn next_page(&self, uri: &Uri) -> Option<String> {
        Some(with_cursor(uri, self.next_cursor.as_ref()?))
    }
}

impl EventParams {
    /// In what form the answer is wanted.
    pub(super) fn format(&self, headers: &HeaderMap) -> Format {
        Format::of(self.format, headers)
    }

    /// The events; only the newest of each entity of a kind when one is given.
    pub(super) async fn find(
        self,
        state: &AppState,
        member: &Member,
        format: Format,
        newest_of: Option<EntityKind>,
    ) -> Result<Found, Problem> {
        let realm = Realm { tenant: member.tenant.id, mode: self.mode.unwrap_or(Mode::Live) };
        let limit = match format {
            Format::Json => checked_limit(self.limit)?,
            Format::Csv => checked_export(self.limit)?,
        };
        let scope = self.scope(realm, newest_of);
        let scope: Vec<&str> = scope.iter().map(String::as_str).collect();
        let before = state.cursors.position(&scope, self.after.as_deref())?;
        let query = EventQuery { before, newest_of, ..self.query(state, realm, limit).await? };
        let store = state.store.of(realm);
        let (events, next) = store.list_events(query).await?;
        let next_cursor = next.map(|next: EventId| state.cursors.issue(&scope, &next.to_string()));
        Ok(Found { store, realm, events, next_cursor })
    }

    /// Everything that a cursor is bound to.
    fn scope(&self, realm: Realm, newest_of: Option<EntityKind>) -> Vec<String> {
        let filters = [
            &self.r#type,
            &self.decision,
            &self.user,
            &self.device,
            &self.ip,
            &self.email,
            &self.dialect,
            &self.action,
            &self.answer,
            &self.signal,
            &self.from,
            &self.to,
        ];
        let filters = filters.into_iter().map(|filter| format!("{filter:?}"));
        let list = format!("events {newest_of:?}");
        [list, realm.code().to_string()].into_iter().chain(filters).collect()
    }

    /// What is asked of the event log. A device may be told by its id, UUID or hash, or as the client calls it.
    pub(super) async fn query(
        &self,
        state: &AppState,
        realm: Realm,
        limit: u32,
    ) -> Result<EventQuery, Problem> {
        let mut query = self.filters(state, realm, limit)?;
        let Some(device) = self.device.as_deref() else { return Ok(query) };
        let store = state.store.of(realm);
        let hash = named_device(&store, device).await?;
        let key_of = |hash| state.assessor.entity_key(realm, &Entity::new(EntityKind::Device, hash));
        let key = key_of(hash.into());
        // A text that names no device hash may be what the client called the device.
        let of_hash = EventQuery { entities: smallvec![key], ..EventQuery::newest(1) };
        let is_known = !store.list_events(of_hash).await?.0.is_empty();
        let by_fingerprint = || key_of(state.assessor.device_hash_of_fingerprint(realm, device));
        query.entities.push(if is_known { key } else { by_fingerprint() });
        Ok(query)
    }

    fn filters(&self, state: &AppState, realm: Realm, limit: u32) -> Result<EventQuery, Problem> {
        let dialects = "must be ingest, fraudshield, keyri, signet or fraudsense";
        Ok(EventQuery {
            event_type: word(
                "type",
                self.r#type.as_deref(),
                "must be signup, login, payment, withdrawal, profile_update, visit, device_registration, \
                 verification or attempt",
            )?,
            outcome: word(
                "decision",
                self.decision.as_deref(),
                "must be allow, flag, challenge, review or block",
            )?,
            dialect: word::<Dialect>("dialect", self.dialect.as_deref(), dialects)?,
            action: checked_word("action", self.action.as_deref())?,
            answer: checked_word("answer", self.answer.as_deref())?,
            fired: checked_word("signal", self.signal.as_deref())?,
            from: time("from", self.from.as_deref())?,
            to: time("to", self.to.as_deref())?,
            entities: self.entities(state, realm)?,
            ..EventQuery::newest(limit as usize)
        })
    }

    /// The keys of all but the device.
    fn entities(&self, state: &AppState, realm: Realm) -> Result<SmallVec<[EntityKey; 3]>, Problem> {
        let user = self.user.as_deref().map(|user| Entity::new(EntityKind::User, user));
        let ip = self.ip.as_deref().map(|text| {
            let address = domain::ip::parse_client_ip(text)
                .ok_or_else(|| Problem::field("ip", "must be an address"))?;
            let network = domain::ip::visitor_network(address);
            Ok::<_, Problem>(Entity::new(EntityKind::Ip, network.to_string()))
        });
        let mailbox = self.email.as_deref().map(|text| {
            let address = Email::parse(text).map_err(|error| Problem::field("email", error.to_string()))?;
            Ok::<_, Problem>(Entity::new(EntityKind::Mailbox, state.intel.email(&address).mailbox))
        });
        let entities = [user, ip.transpose()?, mailbox.transpose()?].into_iter().flatten();
        Ok(entities.map(|entity| state.assessor.entity_key(realm, &entity)).collect())
    }
}

/// The hash of the device when it is named by its id or UUID, else the text as it is.
async fn named_device(store: &RealmStore, text: &str) -> Result<String, Problem> {
    let hash = match text.parse::<DeviceId>() {
        Ok(id) => store.device(id).await?.map(|(device, _)| device.hash.into()),
        Err(_) => store.device_hash_of_uuid(text).await?,
    };
    Ok(hash.unwrap_or_else(|| text.to_owned()))
}

fn checked_export(limit: Option<u32>) -> Result<u32, Problem> {
    let limit = limit.unwrap_or(LARGEST_EXPORT);
    if (1..=LARGEST_EXPORT).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::field("limit", format!("must be from 1 to {LARGEST_EXPORT}")))
    }
}

fn checked_word(pointer: &str, text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = text else { return Ok(None) };
    if text.is_empty() || text.chars().count() > LONGEST_WORD {
        return Err(Problem::field(pointer, format!("must have 1 to {LONGEST_WORD} characters")));
    }
    Ok(Some(text.to_owned()))
}

/// Reads a word as our vocabulary spells it, in lower case.
fn word<T: for<'de> Deserialize<'de>>(
    pointer: &str,
    text: Option<&str>,
    message: &'static str,
) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let value = serde_json::Value::String(text.to_ascii_lowercase());
    serde_json::from_value(value).map(Some).map_err(|_| Problem::field(pointer, message))
}

fn time(pointer: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| Problem::field(pointer, "must be an RFC 3339 time, such as 2026-01-31T09:30:00Z"))
}

/// The address of the same list from `cursor` on.
fn with_cursor(uri: &Uri, cursor: &str) -> String {
    let before = uri.query().unwrap_or_default().split('&');
    let before = before.filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
    let query: Vec<_> = before.map(str::to_owned).chain([format!("after={cursor}")]).collect();
    format!("{}?{}", uri.path(), query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_for_as_this_one() {
        for (uri, next) in [
            ("/x?format=csv&user=a%26b&after=old", "/x?format=csv&user=a%26b&after=c"),
            ("/x?after=old", "/x?after=c"),
            ("/x", "/x?after=c"),
        ] {
            assert_eq!(with_cursor(&uri.parse().unwrap(), "c"), next);
        }
    }
}
