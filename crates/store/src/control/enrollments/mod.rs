//! Enrollments: the people that a tenant told us of, and which listed devices and addresses are theirs.

mod rows;
#[cfg(test)]
mod tests;
mod ties;

use domain::{EntityKey, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::rows::Rows;
use super::{Actor, Entry, Once, Repeatable, SignalId, audit, short_id::short_id};
use crate::{Error, RealmStore};

short_id!(
    /// The id of an enrollment inside.
    EnrollmentId,
    "enr_"
);

impl EnrollmentId {
    /// As the integer the store keeps; fits an `i64`.
    const fn as_u64(self) -> u64 {
        self.0
    }

    const fn from_u64(raw: u64) -> Self {
        Self(raw)
    }
}

/// Somebody to enroll: personal data, kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The tenant's own id of the account, as the tenant spells it; found in any case.
    pub user: String,
    /// The person's name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// What kind of holder it is, such as `user`.
    pub entity_type: String,
    /// Whatever the tenant added.
    pub metadata: Map<String, Value>,
    /// The public key of the person's identifier, Ed25519.
    pub public_key: [u8; 32],
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(***)")
    }
}

/// Somebody who was enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// Who.
    pub person: Person,
    /// The last signal that does not flag the person any more, because somebody took the flag off.
    pub unflagged_upto: Option<SignalId>,
    /// When.
    pub created_at: Timestamp,
}

impl RealmStore {
    /// Enrolls a person, with a line of the audit log; durable when this returns. [`Error::Exists`] when the account is
    /// enrolled already. With `request` the first call does it, and the next ones get its answer.
    pub async fn enroll_person(
        &self,
        actor: &Actor,
        person: Person,
        request: Option<Repeatable<Enrollment>>,
    ) -> Result<Once<Enrollment>, Error> {
        let (realm, at, actor) = (self.realm, self.backend.clock.now(), actor.clone());
        let (rows, sealer) = (self.enrollment_rows()?, self.backend.answer_sealer.clone());
        self.backend
            .write(move |tx| {
                let enroll = || {
                    let enrollment = rows.insert(tx, person, at, &actor.id())?;
                    audit::append(tx, &actor, line(realm, &enrollment), at)?;
                    Ok(enrollment)
                };
                match request {
                    Some(request) => request.answer(tx, &sealer, realm, at, enroll),
                    None => enroll().map(Once::Now),
                }
            })
            .await
    }

    /// The enrollment of the account with this id, in any case; [`Error::NotFound`] when there is none.
    pub async fn enrollment(&self, user: &str) -> Result<Enrollment, Error> {
        let (rows, user) = (self.enrollment_rows()?, user.to_owned());
        let found = self.backend.read(move |connection| rows.find(connection, &user)).await?;
        found.ok_or(Error::NotFound("enrollment"))
    }

    /// The enrollment of each of these accounts, as far as they are enrolled.
    pub async fn enrollments(&self, users: Vec<String>) -> Result<Vec<Option<Enrollment>>, Error> {
        let rows = self.enrollment_rows()?;
        self.backend
            .read(move |connection| users.iter().map(|user| rows.find(connection, user)).collect())
            .await
    }

    /// Takes the flag off a person until they are reported again. `user` is the key of their signals.
    pub async fn unflag(&self, actor: &Actor, person: EnrollmentId, user: EntityKey) -> Result<(), Error> {
        let (realm, at, actor) = (self.realm, self.backend.clock.now(), actor.clone());
        self.backend
            .write(move |tx| {
                if rows::unflag(tx, realm, person, user)? {
                    let target = person.to_string();
                    let entry =
                        Entry { before: None, after: None, ..empty_line("enrollment.unflag", realm, target) };
                    audit::append(tx, &actor, entry, at)?;
                }
                Ok(())
            })
            .await
    }

    fn enrollment_rows(&self) -> Result<Rows, Error> {
        Rows::new(&self.backend.key, self.realm)
    }
}

/// For the audit log, which keeps things for ever: without who it is.
fn line(realm: Realm, enrollment: &Enrollment) -> Entry {
    let after = json!({ "mode": realm.mode, "entityType": enrollment.person.entity_type });
    Entry { after: Some(after), ..empty_line("enrollment.create", realm, enrollment.id.to_string()) }
}

const fn empty_line(action: &'static str, realm: Realm, target: String) -> Entry {
    Entry { action, tenant: Some(realm.tenant), target, before: None, after: None }
}

/// Finds the enrollment again inside of a change.
fn get(tx: &Transaction<'_>, realm: Realm, id: EnrollmentId) -> Result<(), Error> {
    rows::check(tx, realm, id)
}
