//! The rows of `enrollment`.

use domain::{Entity, EntityHasher, EntityKey, EntityKind, EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{Enrollment, EnrollmentId, Person, SignalId};
use crate::{
    Error,
    keys::{MasterKey, Sealer},
};

const DAMAGED: Error = Error::Damaged("enrollment");

/// One realm's enrollments.
pub(super) struct Rows {
    realm: Realm,
    hasher: EntityHasher,
    seal: Sealer,
}

impl Rows {
    pub(super) fn new(key: &MasterKey, realm: Realm) -> Result<Self, Error> {
        Ok(Self { realm, hasher: key.entity_hasher(), seal: key.sealer("enrollments")? })
    }

    /// The same for every way to write the id.
    fn key(&self, user: &str) -> i64 {
        let user = Entity::new(EntityKind::User, user.to_ascii_lowercase());
        self.hasher.key(self.realm, &user).as_u64() as i64
    }

    pub(super) fn insert(
        &self,
        tx: &Transaction<'_>,
        person: Person,
        at: Timestamp,
        author: &str,
    ) -> Result<Enrollment, Error> {
        let user = self.key(&person.user);
        let mut known = tx.prepare_cached("SELECT 1 FROM enrollment WHERE realm = ? AND user = ?")?;
        if known.exists((self.realm.code() as i64, user))? {
            return Err(Error::Exists("enrollment"));
        }
        let last: Option<i64> = tx.query_row("SELECT max(id) FROM enrollment", [], |row| row.get(0))?;
        let id = EnrollmentId::fresh(at, last.map(|last| EnrollmentId::from_u64(last as u64)))?;
        let mut body = serde_json::to_vec(&person).map_err(|error| Error::Failed(error.to_string()))?;
        self.seal.seal(EventId::from_u64(id.as_u64()), &mut body)?;
        tx.execute(
            "INSERT INTO enrollment (id, realm, user, body, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)",
            params![id.as_u64() as i64, self.realm.code() as i64, user, body, at.as_millis(), author],
        )?;
        Ok(Enrollment { id, person, unflagged_upto: None, created_at: at })
    }

    pub(super) fn find(&self, connection: &Connection, user: &str) -> Result<Option<Enrollment>, Error> {
        let sql =
            "SELECT id, body, unflagged_upto, created_at FROM main.enrollment WHERE realm = ? AND user = ?";
        let mut find = connection.prepare_cached(sql)?;
        let found: Option<(i64, Vec<u8>, i64, i64)> =
            find.query_row((self.realm.code() as i64, self.key(user)), |row| row.try_into()).optional()?;
        let Some((id, sealed, unflagged_upto, created_at)) = found else { return Ok(None) };
        let body = self.seal.open(EventId::from_u64(id as u64), &sealed)?;
        Ok(Some(Enrollment {
            id: EnrollmentId::from_u64(id as u64),
            person: serde_json::from_slice(&body).map_err(|_| DAMAGED)?,
            unflagged_upto: (unflagged_upto > 0).then(|| SignalId::from_u64(unflagged_upto as u64)),
            created_at: Timestamp::from_millis(created_at),
        }))
    }
}

/// Notes that no signal so far flags the person any more; `false` when none did.
pub(super) fn unflag(
    tx: &Transaction<'_>,
    realm: Realm,
    person: EnrollmentId,
    user: EntityKey,
) -> Result<bool, Error> {
    check(tx, realm, person)?;
    let sql = "UPDATE enrollment SET unflagged_upto = newest.id
         FROM (SELECT max(id) AS id FROM signal WHERE realm = ?2 AND user = ?3) AS newest
         WHERE enrollment.id = ?1 AND newest.id > unflagged_upto";
    let changed = tx.execute(sql, (person.as_u64() as i64, realm.code() as i64, user.as_u64() as i64))?;
    Ok(changed > 0)
}

/// [`Error::NotFound`] when the realm has no such enrollment.
pub(super) fn check(tx: &Transaction<'_>, realm: Realm, id: EnrollmentId) -> Result<(), Error> {
    let mut find = tx.prepare_cached("SELECT 1 FROM enrollment WHERE id = ? AND realm = ?")?;
    let is_known = find.exists((id.as_u64() as i64, realm.code() as i64))?;
    is_known.then_some(()).ok_or(Error::NotFound("enrollment"))
}
