//! The cryptography of the dialect: keys, the client's envelope, its signed timestamp, and the encrypted answer.
//!
//! Contract: G2.1 to G2.8, D20, D21. One construction serves both directions: ECDH on P-256, HKDF-SHA256 with the
//! salt of the message and no info, AES-256-GCM with the tag at the end and no associated data. Web clients send salt
//! and nonce of 16 bytes, mobile ones of 12. Nothing here reads a clock, a store or a request.

mod answer;
mod cipher;
mod encoding;
mod error;
mod fuzz;
mod payload;
mod private_key;
mod public_key;
mod service_keys;
mod signature;
mod timestamp;

#[cfg(test)]
mod clients;
#[cfg(test)]
mod vectors;

pub use self::fuzz::read_anything;
pub(crate) use self::{
    answer::EncryptedAnswer,
    error::EnvelopeError,
    payload::{Envelope, Opened},
    private_key::{PrivateKey, PrivateKeyText},
    public_key::PublicKey,
    service_keys::ServiceKeys,
    timestamp::{ClaimedTime, Freshness, SignedTimestamp, TimestampText},
};
