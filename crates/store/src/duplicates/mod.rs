//! Finding images and document numbers again that another verification, perhaps another user's, came with.
//!
//! A search and what it enrolls are one transaction on the one writing connection: of two simultaneous verifications
//! with the same document, the second finds the first.

mod desk;
mod id;
mod identity;
mod pieces;
mod search;
#[cfg(test)]
mod tests;

use domain::Timestamp;
use portcullis_domain as domain;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};

pub(crate) use self::desk::Desk;
pub use self::{
    id::{AnalysisId, DuplicateId, MatchId},
    identity::{IdentityClaim, IdentityFacts, MOST_LINKED},
    pieces::MOST_DIFFERING_BITS,
};
use crate::{
    Error, RealmStore, Store,
    control::{ListValue, Once, Repeatable},
};

/// The most matches that a search gives.
pub const MOST_MATCHES: usize = 100;
/// How long the result of a search is kept: 30 days.
pub const DUPLICATE_SEARCH_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// What an image shows. Images of different kinds are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageKind {
    /// Somebody's face.
    Face = 0,
    /// An identity document.
    Document = 1,
}

/// What can be found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleKind {
    /// An image of a face.
    Face,
    /// An image of a document.
    Document,
    /// A document's number.
    DocumentNumber,
}

impl SampleKind {
    /// How it is spelled.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Document => "document",
            Self::DocumentNumber => "document_number",
        }
    }
}

/// One thing that a verification came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sample {
    /// An image.
    Image {
        /// Of what.
        kind: ImageKind,
        /// SHA-256 of the file.
        digest: [u8; 32],
        /// What the picture looks like; `None` when it is too plain to be compared.
        bits: Option<[u8; 32]>,
    },
    /// A document's number, a value of the kind that lists have.
    DocumentNumber(ListValue),
}

impl Sample {
    /// What it is.
    pub const fn kind(&self) -> SampleKind {
        match self {
            Self::Image { kind: ImageKind::Face, .. } => SampleKind::Face,
            Self::Image { kind: ImageKind::Document, .. } => SampleKind::Document,
            Self::DocumentNumber(_) => SampleKind::DocumentNumber,
        }
    }
}

/// A verification, and what it came with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Its id, if it has one yet. What it enrolled itself is no duplicate of it.
    pub id: Option<String>,
    /// Whose it is, if that was told.
    pub user: Option<String>,
    /// What it came with.
    pub samples: Vec<Sample>,
}

impl std::fmt::Debug for Verification {
    /// Personal data: only the id is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verification({:?}, {} samples)", self.id, self.samples.len())
    }
}

/// Something that an earlier verification came with too.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateMatch {
    /// Names what was enrolled.
    #[serde(with = "number")]
    pub id: MatchId,
    /// What it is.
    pub kind: SampleKind,
    /// The earlier verification.
    pub verification: String,
    /// Whose it was, if that was told.
    pub user: Option<String>,
    /// Whether it is known to be the same user's.
    pub same_user: bool,
    /// In how many bits the pictures differ; 0 for the same file or number.
    pub differing_bits: u32,
    /// When it was enrolled.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for DuplicateMatch {
    /// Personal data: the user is not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DuplicateMatch({:?}, {:?}, {})", self.kind, self.verification, self.differing_bits)
    }
}

mod number {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::MatchId;

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(id: &MatchId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(id.number())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MatchId, D::Error> {
        i64::deserialize(deserializer).map(MatchId::from_number)
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundDuplicates {
    /// The most alike first, at most [`MOST_MATCHES`].
    pub matches: Vec<DuplicateMatch>,
    /// How many enrolled prints were compared.
    pub compared: usize,
    /// Whether everything alike was among them. Only when thousands are nearly the same it is not.
    pub is_complete: bool,
}

/// A search for duplicates that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct DuplicateReport {
    /// Its id.
    pub id: DuplicateId,
    /// When it was made.
    pub at: Timestamp,
    /// What was searched for.
    pub kinds: Vec<SampleKind>,
    /// Whose verification it was for, if that was told.
    pub user: Option<String>,
    /// The verification as which later searches find it, if it was enrolled.
    pub enrolled_as: Option<String>,
    /// What was found.
    pub found: FoundDuplicates,
}

impl std::fmt::Debug for DuplicateReport {
    /// Personal data: the users are not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DuplicateReport({:?}, {} matches)", self.id, self.found.matches.len())
    }
}

/// A search for duplicates.
#[derive(Clone, Debug)]
pub struct DuplicateSearch {
    /// What is looked for.
    pub verification: Verification,
    /// In how many bits pictures may differ, at most [`MOST_DIFFERING_BITS`].
    pub differing_bits: u32,
    /// Whether the samples are to be found by later searches; a verification without an id gets one then.
    pub enroll: bool,
}

impl RealmStore {
    /// What earlier verifications came with too, and nothing is kept of.
    pub async fn find_duplicates(
        &self,
        verification: Verification,
        differing_bits: u32,
    ) -> Result<FoundDuplicates, Error> {
        let desk = self.desk()?;
        self.backend.read(move |connection| desk.find(connection, &verification, differing_bits)).await
    }

    /// Makes what a verification came with known to later searches, once; durable when this returns.
    pub async fn enroll(&self, verification: Verification) -> Result<(), Error> {
        let (desk, clock) = (self.desk()?, self.backend.clock.clone());
        self.backend.write(move |tx| desk.enroll(tx, &verification, clock.now())).await
    }

    /// Searches, keeps the result for [`DUPLICATE_SEARCH_MS`], and enrolls if asked to, as one step that is durable when
    /// this returns.
    pub async fn search_duplicates(&self, search: DuplicateSearch) -> Result<DuplicateReport, Error> {
        let (desk, clock) = (self.desk()?, self.backend.clock.clone());
        self.backend.write(move |tx| desk.search(tx, search, clock.now())).await
    }

    /// The same for a request that may be repeated: the first call searches, and the next ones get its answer.
    /// [`Error::IdempotencyConflict`] when the key was used with another body.
    pub async fn search_duplicates_once(
        &self,
        search: DuplicateSearch,
        request: Repeatable<DuplicateReport>,
    ) -> Result<Once<DuplicateReport>, Error> {
        let (desk, realm) = (self.desk()?, self.realm);
        let (sealer, clock) = (self.backend.answer_sealer.clone(), self.backend.clock.clone());
        let job = move |tx: &Transaction<'_>| {
            let now = clock.now();
            request.answer(tx, &sealer, realm, now, || desk.search(tx, search, now))
        };
        self.backend.write(job).await
    }

    /// What a search found, when it is this realm's and not forgotten yet.
    pub async fn duplicate_report(&self, id: DuplicateId) -> Result<Option<DuplicateReport>, Error> {
        let (desk, now) = (self.desk()?, self.backend.clock.now());
        self.backend.read(move |connection| desk.report(connection, id, now)).await
    }

    /// What is known of the things that somebody claims to be; when a document is among them, they are linked from now
    /// on, durable when this returns.
    pub async fn link_identity(&self, claim: IdentityClaim) -> Result<(AnalysisId, IdentityFacts), Error> {
        let (desk, clock) = (self.desk()?, self.backend.clock.clone());
        let link =
            move |tx: &Transaction<'_>| Ok((AnalysisId::fresh(clock.now(), None)?, desk.link(tx, &claim)?));
        self.backend.write(link).await
    }

    /// What finds and enrolls in a transaction of its caller.
    pub(crate) fn desk(&self) -> Result<Desk, Error> {
        Desk::new(&self.backend.key, self.realm)
    }
}

impl Store {
    /// Forgets the results of searches that are older than [`DUPLICATE_SEARCH_MS`]; returns how many. To be called now
    /// and then.
    pub async fn forget_old_duplicate_searches(&self) -> Result<usize, Error> {
        const AT_ONCE: usize = 1_000;
        let oldest = DuplicateId::first_at(self.clock().now().plus_millis(-DUPLICATE_SEARCH_MS));
        let mut forgotten = 0;
        loop {
            let some = self.write(move |tx| desk::forget(tx, oldest, AT_ONCE)).await?;
            forgotten += some;
            if some < AT_ONCE {
                return Ok(forgotten);
            }
        }
    }
}
