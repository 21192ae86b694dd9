//! One search: the same files and numbers first, then prints that are nearly the same.

use std::{cmp::Reverse, collections::HashSet};

use domain::Timestamp;
use foldhash::fast::RandomState;
use portcullis_domain as domain;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _};

use super::{
    Desk, DuplicateMatch, FoundDuplicates, ImageKind, MOST_DIFFERING_BITS, MOST_MATCHES, MatchId, Sample,
    SampleKind, Verification,
    pieces::{distance, slots_within},
};
use crate::Error;

/// How many prints a piece is looked up for, the newest first. Pieces that more have in common tell little.
const MOST_OF_A_PIECE: usize = 512;
/// How many prints are compared.
const MOST_COMPARED: usize = 8_192;

pub(super) struct Search<'a> {
    desk: &'a Desk,
    connection: &'a Connection,
    verification: &'a Verification,
    differing_bits: u32,
    seen: HashSet<i64, RandomState>,
    hits: Vec<Hit>,
    compared: usize,
    is_complete: bool,
}

/// An enrolled sample that is alike; the most alike, and then the newest, sorts first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    differing_bits: u32,
    id: Reverse<i64>,
    kind: SampleKind,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        desk: &'a Desk,
        connection: &'a Connection,
        verification: &'a Verification,
        differing_bits: u32,
    ) -> Self {
        Self {
            desk,
            connection,
            verification,
            differing_bits: differing_bits.min(MOST_DIFFERING_BITS),
            seen: HashSet::default(),
            hits: Vec::new(),
            compared: 0,
            is_complete: true,
        }
    }

    pub(super) fn run(mut self) -> Result<FoundDuplicates, Error> {
        let verification = self.verification;
        for sample in &verification.samples {
            self.find_same(sample)?;
            if let Sample::Image { kind, bits: Some(bits), .. } = sample {
                self.find_alike(*kind, bits)?;
            }
        }
        self.hits.sort_unstable();
        self.hits.truncate(MOST_MATCHES);
        let matches = self.hits.iter().map(|hit| self.read(hit)).collect::<Result<_, _>>()?;
        Ok(FoundDuplicates { matches, compared: self.compared, is_complete: self.is_complete })
    }

    /// The same file or number.
    fn find_same(&mut self, sample: &Sample) -> Result<(), Error> {
        let find =
            "SELECT id FROM main.enrolled WHERE exact = ? AND verification IS NOT ? ORDER BY id DESC LIMIT ?";
        let mut find = self.connection.prepare_cached(find)?;
        let own = self.verification.id.as_deref();
        let mut rows = find.query((self.desk.exact(sample), own, MOST_MATCHES as i64 + 1))?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            self.seen.insert(id);
            self.hits.push(Hit { differing_bits: 0, id: Reverse(id), kind: sample.kind() });
            found += 1;
        }
        self.is_complete &= found <= MOST_MATCHES;
        Ok(())
    }

    /// Prints that are nearly the same.
    fn find_alike(&mut self, kind: ImageKind, bits: &[u8; 32]) -> Result<(), Error> {
        let look_up =
            "SELECT id FROM main.enrolled_piece WHERE realm = ? AND slot = ? ORDER BY id DESC LIMIT ?";
        let mut look_up = self.connection.prepare_cached(look_up)?;
        let compare = "SELECT bits FROM main.enrolled WHERE id = ? AND verification IS NOT ?";
        let mut compare = self.connection.prepare_cached(compare)?;
        let realm = self.desk.realm.code() as i64;
        for slot in slots_within(kind, bits, self.differing_bits) {
            let mut rows = look_up.query((realm, slot, MOST_OF_A_PIECE as i64 + 1))?;
            let mut found = 0;
            while let Some(row) = rows.next()? {
                found += 1;
                if found > MOST_OF_A_PIECE || self.compared >= MOST_COMPARED {
                    self.is_complete = false;
                    break;
                }
                let id = row.get(0)?;
                if self.seen.insert(id) {
                    self.compare(&mut compare, kind, bits, id)?;
                }
            }
        }
        Ok(())
    }

    fn compare(
        &mut self,
        compare: &mut CachedStatement<'_>,
        kind: ImageKind,
        bits: &[u8; 32],
        id: i64,
    ) -> Result<(), Error> {
        self.compared += 1;
        let own = self.verification.id.as_deref();
        let other: Option<[u8; 32]> = compare.query_row((id, own), |row| row.get(0)).optional()?;
        let differing_bits = other.map(|other| distance(bits, &other));
        if let Some(differing_bits) = differing_bits.filter(|differing| *differing <= self.differing_bits) {
            let kind = match kind {
                ImageKind::Face => SampleKind::Face,
                ImageKind::Document => SampleKind::Document,
            };
            self.hits.push(Hit { differing_bits, id: Reverse(id), kind });
        }
        Ok(())
    }

    fn read(&self, hit: &Hit) -> Result<DuplicateMatch, Error> {
        let find = "SELECT verification, person, sealed, created_at FROM main.enrolled WHERE id = ?";
        let mut find = self.connection.prepare_cached(find)?;
        let (verification, person, sealed, created_at) = find.query_row([hit.id.0], |row| {
            let sealed: Option<Vec<u8>> = row.get(2)?;
            Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?, sealed, row.get(3)?))
        })?;
        let id = MatchId::from_number(hit.id.0);
        let ours = self.verification.user.as_deref().map(|user| self.desk.person(user));
        Ok(DuplicateMatch {
            id,
            kind: hit.kind,
            verification,
            user: self.desk.user(id, sealed.as_deref())?,
            same_user: person.is_some() && person == ours,
            differing_bits: hit.differing_bits,
            created_at: Timestamp::from_millis(created_at),
        })
    }
}

pub(super) fn read_user(plain: &[u8]) -> Result<String, Error> {
    std::str::from_utf8(plain).map(str::to_owned).map_err(|_| Error::Damaged("enrolled user"))
}
