//! The envelope that a customer's backend passes on unread: `encryptedB64Payload`.

use serde_json::{Map, Value};

use super::{
    cipher::{MOBILE_BYTES, TAG_BYTES, Terms, WEB_BYTES},
    encoding,
    error::{EnvelopeError, malformed},
    private_key::PrivateKey,
    public_key::PublicKey,
};

/// The field of the request.
const FIELD: &str = "encryptedB64Payload";
/// More salt than any client sends.
const MAX_SALT_BYTES: usize = 64;

/// Names of a member, the one of today first, each with what it is called in an error.
type Names = &'static [(&'static str, &'static str)];

const KEY: Names = &[
    ("clientEncryptionKey", "encryptedB64Payload.clientEncryptionKey"),
    ("publicKey", "encryptedB64Payload.publicKey"),
    ("publicEncryptionKey", "encryptedB64Payload.publicEncryptionKey"),
];
const CIPHERTEXT: Names = &[
    ("ciphertext", "encryptedB64Payload.ciphertext"),
    ("encryptedPayload", "encryptedB64Payload.encryptedPayload"),
];
const SALT: Names = &[("salt", "encryptedB64Payload.salt")];
const IV: Names = &[("iv", "encryptedB64Payload.iv")];

/// An envelope that was read and not opened.
pub(crate) struct Envelope {
    client_key: PublicKey,
    ciphertext: Vec<u8>,
    salt: Vec<u8>,
    iv: Vec<u8>,
}

/// What was in an envelope.
pub(crate) struct Opened {
    /// The JSON that the client wrote. It is UTF-8, or else was Latin-1, as a browser's `btoa` makes of it.
    pub(crate) text: String,
    /// What to remember, so that the same envelope is known when it comes again. It stays the same however the
    /// envelope is written, and whatever of it can be changed without the key. An envelope is fresh for at most 10
    /// minutes, so that is the least to remember it for; one without a time never becomes stale.
    pub(crate) fingerprint: [u8; 32],
}

impl Envelope {
    /// Reads base64 of a JSON object `{clientEncryptionKey, ciphertext, salt, iv}`, each base64 in turn. Older clients
    /// name the key `publicKey` or `publicEncryptionKey`, mobile ones the ciphertext `encryptedPayload`. Other members
    /// do not matter.
    pub(crate) fn parse(text: &str) -> Result<Self, EnvelopeError> {
        let json = encoding::decode(text).ok_or(malformed(FIELD, encoding::EXPECTED))?;
        let members = serde_json::from_slice(&json);
        let members: Map<String, Value> =
            members.map_err(|_| malformed(FIELD, "must be base64 of a JSON object"))?;
        let (key, key_field) = member(&members, KEY)?;
        Ok(Self {
            client_key: PublicKey::parse(key, key_field)?,
            ciphertext: bytes(&members, CIPHERTEXT, |n| n >= TAG_BYTES, "must be at least 16 bytes")?,
            salt: bytes(&members, SALT, |n| (1..=MAX_SALT_BYTES).contains(&n), "must be 1 to 64 bytes")?,
            iv: bytes(&members, IV, |n| [WEB_BYTES, MOBILE_BYTES].contains(&n), "must be 16 or 12 bytes")?,
        })
    }

    /// Opens it with the platform's key or, when that fails, with the customer's.
    pub(crate) fn open(
        &self,
        platform: &PrivateKey,
        customer: Option<&PrivateKey>,
    ) -> Result<Opened, EnvelopeError> {
        let plaintext = [Some(platform), customer].into_iter().flatten().find_map(|key| self.decrypt(key));
        let plaintext = plaintext.ok_or(EnvelopeError::Refused)?;
        Ok(Opened { text: text(plaintext), fingerprint: self.fingerprint() })
    }

    fn decrypt(&self, ours: &PrivateKey) -> Option<Vec<u8>> {
        let terms = Terms { ours, theirs: self.client_key, salt: &self.salt, iv: &self.iv };
        terms.decrypt(&self.ciphertext)
    }

    /// Of the ciphertext with its tag alone. The mirrored point agrees on the same key, and so does a salt with zeros
    /// behind it, but nobody without the key changes a ciphertext.
    fn fingerprint(&self) -> [u8; 32] {
        blake3::derive_key("portcullis 2026-11 keyri envelope replay", &self.ciphertext)
    }
}

/// The first member of these names that is there, and what it is called in an error.
fn member(members: &Map<String, Value>, names: Names) -> Result<(&str, &'static str), EnvelopeError> {
    let present = |(name, field): &(&str, &'static str)| {
        members.get(*name).filter(|value| !value.is_null()).map(|value| (value, *field))
    };
    let (value, field) = names.iter().find_map(present).ok_or(malformed(names[0].1, "is missing"))?;
    let text = value.as_str().ok_or(malformed(field, "must be a string"))?;
    Ok((text, field))
}

/// The bytes of a member, if `fits` takes their number; `problem` says what it must be.
fn bytes(
    members: &Map<String, Value>,
    names: Names,
    fits: fn(usize) -> bool,
    problem: &'static str,
) -> Result<Vec<u8>, EnvelopeError> {
    let (text, field) = member(members, names)?;
    let bytes = encoding::decode(text).ok_or(malformed(field, encoding::EXPECTED))?;
    if fits(bytes.len()) { Ok(bytes) } else { Err(malformed(field, problem)) }
}

/// In Latin-1 every byte is the character of its number.
fn text(plaintext: Vec<u8>) -> String {
    String::from_utf8(plaintext)
        .unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn platform() -> PrivateKey {
        PrivateKey::from_seed(&[1; 32])
    }

    fn client() -> PrivateKey {
        PrivateKey::from_seed(&[2; 32])
    }

    /// The members of an envelope to `platform` with salt and nonce of so many bytes.
    fn members(bytes: usize, text: &[u8]) -> Value {
        let (salt, iv) = (vec![3; bytes], vec![4; bytes]);
        let client = client();
        let terms = Terms { ours: &client, theirs: platform().public_key(), salt: &salt, iv: &iv };
        json!({
            "clientEncryptionKey": client.public_key().to_base64(),
            "ciphertext": encoding::encode(&terms.encrypt(text).unwrap()),
            "salt": encoding::encode(&salt),
            "iv": encoding::encode(&iv),
        })
    }

    fn wrap(members: &Value) -> String {
        encoding::encode(members.to_string().as_bytes())
    }

    fn open(members: &Value) -> Result<Opened, EnvelopeError> {
        Envelope::parse(&wrap(members))?.open(&platform(), None)
    }

    fn renamed(mut members: Value, from: &str, to: &str) -> Value {
        let value = members[from].take();
        members.as_object_mut().unwrap().remove(from);
        members[to] = value;
        members
    }

    #[test]
    fn every_name_of_a_member_is_known() {
        let web = members(16, b"{}");
        for to in ["clientEncryptionKey", "publicKey", "publicEncryptionKey"] {
            assert_eq!(open(&renamed(web.clone(), "clientEncryptionKey", to)).unwrap().text, "{}", "{to}");
        }
        let mobile = renamed(members(12, b"{}"), "ciphertext", "encryptedPayload");
        assert_eq!(open(&mobile).unwrap().text, "{}");
    }

    #[test]
    fn other_members_do_not_matter_and_null_is_absent() {
        let mut web = members(16, b"{}");
        web["version"] = json!({"deep": [1, 2]});
        web["publicKey"] = json!("not looked at");
        assert_eq!(open(&web).unwrap().text, "{}");
        let mut mobile = renamed(members(12, b"{}"), "ciphertext", "encryptedPayload");
        mobile["ciphertext"] = Value::Null;
        assert_eq!(open(&mobile).unwrap().text, "{}");
    }

    #[test]
    fn what_can_not_be_read_names_the_field() {
        let with = |name: &str, value: Value| {
            let mut members = members(16, b"{}");
            if name == "encryptedPayload" {
                members["ciphertext"] = Value::Null;
            }
            members[name] = value;
            open(&members).map(|opened| opened.text).unwrap_err().to_string()
        };
        let of = |bytes: usize| json!(encoding::encode(&vec![1; bytes]));
        let table = [
            ("clientEncryptionKey", Value::Null, "encryptedB64Payload.clientEncryptionKey is missing"),
            (
                "clientEncryptionKey",
                of(65),
                "encryptedB64Payload.clientEncryptionKey must be a public key on P-256",
            ),
            ("ciphertext", Value::Null, "encryptedB64Payload.ciphertext is missing"),
            ("ciphertext", of(15), "encryptedB64Payload.ciphertext must be at least 16 bytes"),
            ("ciphertext", json!("*"), "encryptedB64Payload.ciphertext must be base64"),
            ("salt", json!(7), "encryptedB64Payload.salt must be a string"),
            ("salt", of(0), "encryptedB64Payload.salt must be 1 to 64 bytes"),
            ("salt", of(65), "encryptedB64Payload.salt must be 1 to 64 bytes"),
            ("encryptedPayload", of(15), "encryptedB64Payload.encryptedPayload must be at least 16 bytes"),
            ("iv", of(13), "encryptedB64Payload.iv must be 16 or 12 bytes"),
            ("iv", json!([]), "encryptedB64Payload.iv must be a string"),
        ];
        for (name, value, message) in table {
            assert_eq!(with(name, value.clone()), message, "{name} {value}");
        }
    }

    #[test]
    fn what_is_no_envelope_names_the_request_s_field() {
        let table = [
            ("*", "encryptedB64Payload must be base64"),
            ("", "encryptedB64Payload must be base64 of a JSON object"),
            ("W10=", "encryptedB64Payload must be base64 of a JSON object"),
            ("e30=", "encryptedB64Payload.clientEncryptionKey is missing"),
        ];
        for (text, message) in table {
            assert_eq!(Envelope::parse(text).map(|_| ()).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn the_customer_s_key_is_tried_after_the_platform_s() {
        let envelope = Envelope::parse(&wrap(&members(16, b"{}"))).unwrap();
        let (right, wrong) = (platform(), PrivateKey::from_seed(&[9; 32]));
        for (platform, customer) in [(&right, None), (&right, Some(&wrong)), (&wrong, Some(&right))] {
            assert_eq!(envelope.open(platform, customer).unwrap().text, "{}");
        }
        for customer in [None, Some(&wrong)] {
            assert_eq!(envelope.open(&wrong, customer).map(|_| ()), Err(EnvelopeError::Refused));
        }
    }

    #[test]
    fn latin_1_is_read_where_it_is_no_utf_8() {
        assert_eq!(open(&members(16, "Zürich".as_bytes())).unwrap().text, "Zürich");
        assert_eq!(open(&members(16, b"Z\xfcrich")).unwrap().text, "Zürich");
    }

    #[test]
    fn the_fingerprint_outlives_every_rewriting() {
        let first = members(16, b"{}");
        let fingerprint = open(&first).unwrap().fingerprint;
        let with = |name: &str, bytes: &[u8]| {
            let mut members = first.clone();
            members[name] = json!(encoding::encode(bytes));
            open(&members).unwrap().fingerprint
        };
        let point = client().public_key().to_point();
        let compressed = [&[2 + point[64] % 2], &point[1..33]].concat();
        let mirrored = [&[3 - point[64] % 2], &point[1..33]].concat();
        assert_eq!(with("clientEncryptionKey", &compressed), fingerprint);
        assert_eq!(with("clientEncryptionKey", &mirrored), fingerprint);
        assert_eq!(with("salt", &[&[3; 16][..], &[0]].concat()), fingerprint);
        assert_eq!(
            open(&renamed(first.clone(), "ciphertext", "encryptedPayload")).unwrap().fingerprint,
            fingerprint
        );
        assert_ne!(open(&members(12, b"{}")).unwrap().fingerprint, fingerprint);
        assert_ne!(open(&members(16, b"{ }")).unwrap().fingerprint, fingerprint);
    }

    /// An envelope with its `bit`th bit of ciphertext, salt and nonce turned over, or one bit of the client's key.
    fn with_flipped_bit(bytes: usize, bit: usize) -> Result<Opened, EnvelopeError> {
        let mut members = members(bytes, b"{\"userId\":\"u1\"}");
        let names = ["ciphertext", "salt", "iv", "clientEncryptionKey"];
        let mut parts = names.map(|name| encoding::decode(members[name].as_str().unwrap()).unwrap());
        let mut position = bit % parts.iter().map(|part| part.len() * 8).sum::<usize>();
        for part in &mut parts {
            if position < part.len() * 8 {
                part[position / 8] ^= 1 << (position % 8);
                break;
            }
            position -= part.len() * 8;
        }
        for (name, part) in names.iter().zip(&parts) {
            members[*name] = json!(encoding::encode(part));
        }
        open(&members)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn what_was_written_is_read(text in "\\PC{0,60}", web: bool) {
            let opened = open(&members(if web { 16 } else { 12 }, text.as_bytes())).unwrap();
            prop_assert_eq!(opened.text, text);
        }

        #[test]
        fn any_flipped_bit_is_refused(bit: usize, web: bool) {
            let bytes = if web { 16 } else { 12 };
            prop_assert!(with_flipped_bit(bytes, bit).is_err());
        }

        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Envelope::parse(&String::from_utf8_lossy(&bytes));
            let _ = Envelope::parse(&encoding::encode(&bytes));
        }

        #[test]
        fn an_envelope_of_noise_is_refused(
            ciphertext in proptest::collection::vec(any::<u8>(), 16..64),
            salt: [u8; 16],
            iv: [u8; 16],
        ) {
            let members = json!({
                "clientEncryptionKey": client().public_key().to_base64(),
                "ciphertext": encoding::encode(&ciphertext),
                "salt": encoding::encode(&salt),
                "iv": encoding::encode(&iv),
            });
            prop_assert_eq!(open(&members).map(|_| ()), Err(EnvelopeError::Refused));
        }
    }
}
