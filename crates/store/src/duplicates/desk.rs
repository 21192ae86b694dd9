//! What finds and enrolls in one realm, within a transaction of its caller.

use domain::{Entity, EntityHasher, EntityKind, Realm, Secret, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{
    DUPLICATE_SEARCH_MS, DuplicateId, DuplicateMatch, DuplicateReport, DuplicateSearch, FoundDuplicates,
    MatchId, Sample, SampleKind, Verification,
    id::EnrollmentId,
    pieces,
    search::{Search, read_user},
};
use crate::{
    Error,
    control::listed_user,
    keys::{MasterKey, Sealer},
};

/// The keys that one realm's enrolled samples are hashed and sealed with.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(super) realm: Realm,
    pub(super) key: Secret<[u8; 32]>,
    hasher: EntityHasher,
    pub(super) users: Sealer,
    reports: Sealer,
}

/// What is kept of a search, as JSON, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    kinds: Vec<SampleKind>,
    user: Option<String>,
    enrolled_as: Option<String>,
    matches: Vec<DuplicateMatch>,
    compared: usize,
    is_complete: bool,
}

impl Desk {
    pub(crate) fn new(key: &MasterKey, realm: Realm) -> Result<Self, Error> {
        Ok(Self {
            realm,
            key: key.subkey("enrolled samples"),
            hasher: key.entity_hasher(),
            users: key.sealer("enrolled users")?,
            reports: key.sealer("duplicate searches")?,
        })
    }

    /// What earlier verifications came with too.
    pub(crate) fn find(
        &self,
        connection: &Connection,
        verification: &Verification,
        differing_bits: u32,
    ) -> Result<FoundDuplicates, Error> {
        Search::new(self, connection, verification, differing_bits).run()
    }

    /// Makes samples known to later searches. What the verification enrolled before stays as it is, and samples of one
    /// without an id are not enrolled.
    pub(crate) fn enroll(
        &self,
        tx: &Transaction<'_>,
        verification: &Verification,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(id) = &verification.id else { return Ok(()) };
        verification
            .samples
            .iter()
            .try_for_each(|sample| self.enroll_sample(tx, id, verification.user.as_deref(), sample, now))
    }

    fn enroll_sample(
        &self,
        tx: &Transaction<'_>,
        verification: &str,
        user: Option<&str>,
        sample: &Sample,
        now: Timestamp,
    ) -> Result<(), Error> {
        let exact = self.exact(sample);
        let known = "SELECT EXISTS (SELECT 1 FROM enrolled WHERE verification = ? AND exact = ?)";
        if tx.prepare_cached(known)?.query_row((verification, exact), |row| row.get(0))? {
            return Ok(());
        }
        let last: Option<i64> = tx.query_row("SELECT max(id) FROM enrolled", [], |row| row.get(0))?;
        let id = MatchId::fresh(now, last.map(MatchId::from_number))?;
        let mut sealed = user.map(|user| user.as_bytes().to_vec());
        if let Some(user) = &mut sealed {
            self.users.seal(id.seal(), user)?;
        }
        let bits = match sample {
            Sample::Image { bits, .. } => *bits,
            Sample::DocumentNumber(_) => None,
        };
        let insert =
            "INSERT INTO enrolled (id, realm, kind, exact, bits, verification, person, sealed, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        tx.prepare_cached(insert)?.execute(params![
            id.number(),
            self.realm.code() as i64,
            sample.kind().as_str(),
            exact,
            bits,
            verification,
            user.map(|user| self.person(user)),
            sealed,
            now.as_millis(),
        ])?;
        if let (Sample::Image { kind, .. }, Some(bits)) = (sample, bits) {
            let insert = "INSERT INTO enrolled_piece (realm, slot, id) VALUES (?, ?, ?)";
            let mut insert = tx.prepare_cached(insert)?;
            for slot in pieces::slots(*kind, &bits) {
                insert.execute((self.realm.code() as i64, slot, id.number()))?;
            }
        }
        Ok(())
    }

    /// Finds, enrolls if asked to, and keeps what was found.
    pub(super) fn search(
        &self,
        tx: &Transaction<'_>,
        search: DuplicateSearch,
        now: Timestamp,
    ) -> Result<DuplicateReport, Error> {
        let DuplicateSearch { mut verification, differing_bits, enroll } = search;
        let found = self.find(tx, &verification, differing_bits)?;
        if !enroll {
            verification.id = None;
            return self.keep(tx, verification, found, now);
        }
        if verification.id.is_none() {
            verification.id = Some(EnrollmentId::fresh(now, None)?.to_string());
        }
        self.enroll(tx, &verification, now)?;
        self.keep(tx, verification, found, now)
    }

    /// Keeps what was found, to be asked for by its id. A verification with an id is one that was enrolled.
    pub(crate) fn keep(
        &self,
        tx: &Transaction<'_>,
        verification: Verification,
        found: FoundDuplicates,
        now: Timestamp,
    ) -> Result<DuplicateReport, Error> {
        let last: Option<i64> = tx.query_row("SELECT max(id) FROM duplicate_search", [], |row| row.get(0))?;
        let id = DuplicateId::fresh(now, last.map(DuplicateId::from_number))?;
        let mut kinds: Vec<_> = verification.samples.iter().map(Sample::kind).collect();
        kinds.sort_unstable();
        let FoundDuplicates { matches, compared, is_complete } = found;
        let Verification { id: enrolled_as, user, .. } = verification;
        let kept = Kept { at: now, kinds, user, enrolled_as, matches, compared, is_complete };
        let mut sealed = serde_json::to_vec(&kept).map_err(|error| Error::Failed(error.to_string()))?;
        self.reports.seal(id.seal(), &mut sealed)?;
        let insert = "INSERT INTO duplicate_search (id, realm, found) VALUES (?, ?, ?)";
        tx.prepare_cached(insert)?.execute((id.number(), self.realm.code() as i64, sealed))?;
        Ok(kept.report(id))
    }

    pub(super) fn report(
        &self,
        connection: &Connection,
        id: DuplicateId,
        now: Timestamp,
    ) -> Result<Option<DuplicateReport>, Error> {
        let find = "SELECT found FROM main.duplicate_search WHERE id = ? AND realm = ?";
        let place = (id.number(), self.realm.code() as i64);
        let found: Option<Vec<u8>> =
            connection.prepare_cached(find)?.query_row(place, |row| row.get(0)).optional()?;
        let Some(sealed) = found else { return Ok(None) };
        let kept: Kept = serde_json::from_slice(&self.reports.open(id.seal(), &sealed)?)
            .map_err(|_| Error::Damaged("duplicate search"))?;
        let is_fresh = now.millis_since(kept.at) < DUPLICATE_SEARCH_MS;
        Ok(is_fresh.then(|| kept.report(id)))
    }

    /// What only the same file or number has, of the same kind in the same realm.
    pub(super) fn exact(&self, sample: &Sample) -> [u8; 16] {
        match sample {
            Sample::Image { digest, .. } => self.hash(sample.kind().as_str(), digest),
            Sample::DocumentNumber(number) => {
                self.hash(sample.kind().as_str(), number.to_string().as_bytes())
            }
        }
    }

    /// 128 keyed bits of a value.
    pub(super) fn hash(&self, kind: &str, value: &[u8]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(self.key.expose());
        // No kind has a zero byte.
        hasher.update(&self.realm.code().to_le_bytes()).update(kind.as_bytes()).update(&[0]).update(value);
        let mut half = [0; 16];
        half.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        half
    }

    pub(super) fn person(&self, user: &str) -> i64 {
        let user = Entity::new(EntityKind::User, &*listed_user(user));
        self.hasher.key(self.realm, &user).as_u64() as i64
    }

    pub(super) fn user(&self, id: MatchId, sealed: Option<&[u8]>) -> Result<Option<String>, Error> {
        sealed.map(|sealed| read_user(&self.users.open(id.seal(), sealed)?)).transpose()
    }
}

impl Kept {
    fn report(self, id: DuplicateId) -> DuplicateReport {
        let Self { at, kinds, user, enrolled_as, matches, compared, is_complete } = self;
        DuplicateReport {
            id,
            at,
            kinds,
            user,
            enrolled_as,
            found: FoundDuplicates { matches, compared, is_complete },
        }
    }
}

/// Forgets searches with a number below `oldest`, at most so many; returns how many.
pub(super) fn forget(tx: &Transaction<'_>, oldest: i64, at_once: usize) -> Result<usize, Error> {
    let sql = "DELETE FROM duplicate_search WHERE id IN
        (SELECT id FROM duplicate_search WHERE id < ? ORDER BY id LIMIT ?)";
    Ok(tx.prepare_cached(sql)?.execute((oldest, at_once as i64))?)
}
