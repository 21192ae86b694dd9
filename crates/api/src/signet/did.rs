//! Identifiers of enrolled people: `did:key` of an Ed25519 key.
//!
//! The key pair is derived from the installation's secret, the realm and the user's id, so that nothing secret has to be
//! kept, and a restored backup has the same identifiers.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use domain::Realm;
use portcullis_domain as domain;

use super::SignetError;
use crate::{AppState, failure::Failure};

/// The code of an Ed25519 public key in the multicodec table, as a varint.
const ED25519_PUBLIC: [u8; 2] = [0xed, 0x01];

/// The public key of this user of `realm`.
pub(super) fn public_key(state: &AppState, realm: Realm, user: &str) -> Result<[u8; 32], SignetError> {
    let secret = state.store.subkey("identifiers of enrolled people");
    let mut hasher = blake3::Hasher::new_keyed(secret.expose());
    hasher.update(&realm.code().to_le_bytes());
    hasher.update(user.to_ascii_lowercase().as_bytes());
    let seed = zeroize::Zeroizing::new(*hasher.finalize().as_bytes());
    Ok(public_key_of(&seed).ok_or(Failure::Internal)?)
}

fn public_key_of(seed: &[u8; 32]) -> Option<[u8; 32]> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    pair.public_key().as_ref().try_into().ok()
}

/// The identifier of the holder of this key.
pub(super) fn did(public_key: &[u8; 32]) -> String {
    // `z` says base 58 in the alphabet of Bitcoin.
    format!("did:key:z{}", base58(&[&ED25519_PUBLIC[..], public_key].concat()))
}

/// Base 58 without leading zeros in `bytes`.
fn base58(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    // The least first.
    let mut digits: Vec<u8> = Vec::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    digits.iter().rev().map(|&digit| char::from(ALPHABET[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> [u8; 32] {
        *blake3::Hash::from_hex(hex).unwrap().as_bytes()
    }

    #[test]
    fn known_keys_have_their_known_identifiers() {
        // The first test of RFC 8032, section 7.1.
        let seed = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(public_key_of(&seed), Some(key));
        // The example of the did:key method's document.
        assert!(did(&key).starts_with("did:key:z6Mk"));
        assert_eq!(did(&key).len(), "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".len());
    }

    #[test]
    fn base_58_is_that_of_bitcoin() {
        // From the draft on the Base58 encoding scheme.
        assert_eq!(base58(b"Hello World!"), "2NEpo7TZRRrLZSi2U");
        assert_eq!(
            base58(b"The quick brown fox jumps over the lazy dog."),
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"
        );
    }
}
