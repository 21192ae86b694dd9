//! Which entry something is on, for callers who want to know more than that it is listed.

use domain::{Mode, Realm, Timestamp};
use ipnet::IpNet;
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension, params};

use super::{List, ListEntry, ListKind, ListValue, SELECT, from_row, value::Form};
use crate::{Configuration, Error};

impl Configuration<'_> {
    /// For each of `values` the entry that has it on `list` and has not expired; a network is listed when all of it
    /// is, and of several entries the narrowest is given.
    ///
    /// What is on no list costs as much as for an event; the rest one look-up in the database, and for an address one
    /// for each length of network that there can be.
    pub async fn find_listed(
        &self,
        mode: Mode,
        list: List,
        values: Vec<ListValue>,
    ) -> Result<Vec<Option<ListEntry>>, Error> {
        let realm = Realm { tenant: self.tenant, mode };
        let now = self.store.clock().now();
        let may_be_listed: Vec<bool> =
            values.iter().map(|value| self.may_be_listed(realm, list, value, now)).collect();
        if !may_be_listed.contains(&true) {
            return Ok(vec![None; values.len()]);
        }
        self.store
            .read(move |connection| {
                let both = values.iter().zip(may_be_listed);
                let find = |(value, may_be): (&ListValue, bool)| {
                    if may_be { find(connection, realm, list, value, now) } else { Ok(None) }
                };
                both.map(find).collect()
            })
            .await
    }

    /// Never false for a value that is; for a network it is true when a part of it is.
    fn may_be_listed(&self, realm: Realm, list: List, value: &ListValue, now: Timestamp) -> bool {
        let lists = self.store.lists();
        let hits = match &value.0 {
            Form::Text(kind, text) => lists.find(realm, &[(*kind, text)], None, now),
            Form::Network(network) => lists.find(realm, &[], Some(network.addr()), now),
        };
        hits.has(list, value.kind())
    }
}

fn find(
    connection: &Connection,
    realm: Realm,
    list: List,
    value: &ListValue,
    now: Timestamp,
) -> Result<Option<ListEntry>, Error> {
    let Form::Network(network) = &value.0 else {
        return find_exactly(connection, realm, list, value.kind(), &value.to_string(), now);
    };
    for length in (0..=network.prefix_len()).rev() {
        let Ok(wider) = IpNet::new(network.addr(), length) else { continue };
        let text = ListValue(Form::Network(wider.trunc())).to_string();
        let found = find_exactly(connection, realm, list, ListKind::Ip, &text, now)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn find_exactly(
    connection: &Connection,
    realm: Realm,
    list: List,
    kind: ListKind,
    text: &str,
    now: Timestamp,
) -> Result<Option<ListEntry>, Error> {
    let sql = format!("{SELECT} WHERE realm = ? AND list = ? AND kind = ? AND value = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let place = params![realm.code() as i64, list.as_str(), kind.as_str(), text];
    let found = statement.query_row(place, from_row).optional()?;
    Ok(found.filter(|entry| entry.holds(now)))
}
