//! Which person goes with which document, so that a made-up one is noticed by what does not fit.
//!
//! Nothing is kept but pairs of keyed hashes.

use rusqlite::Transaction;

use super::Desk;
use crate::{
    Error,
    control::{ListValue, listed_user},
};

/// Links beyond that are not counted.
pub const MOST_LINKED: u32 = 100;

/// Who somebody claims to be. Texts are in the form in which equals are equal.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityClaim {
    /// The name and the date of birth.
    pub person: String,
    /// The document's number.
    pub document: Option<ListValue>,
    /// The user's id.
    pub user: Option<String>,
    /// The mailbox.
    pub email: Option<ListValue>,
    /// The phone number.
    pub phone: Option<ListValue>,
}

impl std::fmt::Debug for IdentityClaim {
    /// Personal data: nothing is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityClaim(***)")
    }
}

/// What is known beside the claim, each at most [`MOST_LINKED`]; `None` for what was not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdentityFacts {
    /// Other persons that came with the same document's number.
    pub others_on_document: Option<u32>,
    /// Other documents that the same person came with.
    pub other_documents: Option<u32>,
    /// Other persons that the same user came as.
    pub others_on_user: Option<u32>,
    /// Other persons with the same mailbox.
    pub others_on_email: Option<u32>,
    /// Other persons with the same phone number.
    pub others_on_phone: Option<u32>,
}

impl Desk {
    /// Counts what is linked, and links the claim if it has a document.
    pub(super) fn link(&self, tx: &Transaction<'_>, claim: &IdentityClaim) -> Result<IdentityFacts, Error> {
        let person = self.hash("identity.person", claim.person.as_bytes());
        // A person's documents are linked to another hash of it, so that they are counted alone.
        let holder = self.hash("identity.holder", claim.person.as_bytes());
        let listed = |kind, value: &Option<ListValue>| {
            value.as_ref().map(|value| self.hash(kind, value.to_string().as_bytes()))
        };
        let document = listed("identity.document", &claim.document);
        let user = claim.user.as_ref();
        let user = user.map(|user| self.hash("identity.user", listed_user(user).as_bytes()));
        let email = listed("identity.email", &claim.email);
        let phone = listed("identity.phone", &claim.phone);
        let others = |one: Option<[u8; 16]>| one.map(|one| count(tx, &one, &person)).transpose();
        let facts = IdentityFacts {
            others_on_document: others(document)?,
            other_documents: document.map(|document| count(tx, &holder, &document)).transpose()?,
            others_on_user: others(user)?,
            others_on_email: others(email)?,
            others_on_phone: others(phone)?,
        };
        if let Some(document) = document {
            insert(tx, &holder, &document)?;
            [Some(document), user, email, phone]
                .into_iter()
                .flatten()
                .try_for_each(|one| insert(tx, &one, &person))?;
        }
        Ok(facts)
    }
}

fn count(tx: &Transaction<'_>, one: &[u8; 16], but: &[u8; 16]) -> Result<u32, Error> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM identity_link WHERE one = ? AND other <> ? LIMIT ?)";
    Ok(tx.prepare_cached(sql)?.query_row((one, but, MOST_LINKED), |row| row.get(0))?)
}

/// A link of something that many have already adds nothing that is counted.
fn insert(tx: &Transaction<'_>, one: &[u8; 16], other: &[u8; 16]) -> Result<(), Error> {
    if count(tx, one, other)? < MOST_LINKED {
        let sql = "INSERT OR IGNORE INTO identity_link (one, other) VALUES (?, ?)";
        tx.prepare_cached(sql)?.execute((one, other))?;
    }
    Ok(())
}
