//! The time that the client says it was, its signature, and whether that is long ago.

use std::fmt;

use portcullis_domain::Timestamp;
use serde::{Deserialize, Deserializer, de};

use super::{
    encoding,
    error::{EnvelopeError, malformed},
    public_key::PublicKey,
    signature,
};

/// How far the claimed time may be from ours, either way: 5 minutes (G2.5).
const TOLERANCE_MS: i64 = 5 * 60 * 1_000;
/// Numbers below are seconds, others milliseconds: it is the year 5138 in seconds, 1973 in milliseconds.
const FIRST_MILLIS: i64 = 100_000_000_000;
/// Web clients write milliseconds twice over, as one string; a single number has at most 15 digits.
const MAX_DIGITS: usize = 15;

/// `timestamp` as it was sent, which is what the signature is over. Web clients send a string, mobile ones may send a
/// number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimestampText(pub(crate) String);

impl<'de> Deserialize<'de> for TimestampText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = TimestampText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a whole number")
            }

            fn visit_str<E>(self, text: &str) -> Result<TimestampText, E> {
                Ok(TimestampText(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<TimestampText, E> {
                Ok(TimestampText(number.to_string()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The time that a client claims to have made its envelope at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClaimedTime(pub(crate) Timestamp);

/// How a claimed time lies to ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// At most 5 minutes away.
    Fresh,
    /// More than 5 minutes ago, or ahead: whoever could claim the future could replay for as long.
    Stale,
}

impl ClaimedTime {
    /// Reads milliseconds or seconds since the Unix epoch, written once or twice over.
    pub(crate) fn parse(text: &str) -> Result<Self, EnvelopeError> {
        let problem =
            malformed("timestamp", "must be milliseconds or seconds since 1970, once or twice over");
        let (first, second) = text.split_at_checked(text.len() / 2).ok_or(problem)?;
        let digits = if text.len() > MAX_DIGITS && first == second { first } else { text };
        if digits.len() > MAX_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(problem);
        }
        let number: i64 = digits.parse().map_err(|_| problem)?;
        let millis = if number < FIRST_MILLIS { number * 1_000 } else { number };
        if millis > Timestamp::MAX.as_millis() {
            return Err(problem);
        }
        Ok(Self(Timestamp::from_millis(millis)))
    }

    /// Whether it is near enough to `now`.
    pub(crate) fn freshness(self, now: Timestamp) -> Freshness {
        let distance = now.millis_since(self.0).unsigned_abs();
        if distance > TOLERANCE_MS.unsigned_abs() { Freshness::Stale } else { Freshness::Fresh }
    }
}

/// The members of a plaintext that a signed timestamp is made of, as they were sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SignedTimestamp<'a> {
    /// `timestamp`, exactly as sent: the bytes that are signed.
    pub(crate) timestamp: Option<&'a str>,
    /// `timestampSignature`, base64.
    pub(crate) signature: Option<&'a str>,
    /// `clientSigningKey`: made for this envelope by web clients.
    pub(crate) signing_key: Option<&'a str>,
    /// `cryptoCookie`: the key that stays on the device; mobile clients sign with it.
    pub(crate) crypto_cookie: Option<&'a str>,
}

impl SignedTimestamp<'_> {
    /// The key that the signature is by, `None` when there is no signature, refused when it is forged.
    pub(crate) fn verify(self) -> Result<Option<PublicKey>, EnvelopeError> {
        let Some(signature) = self.signature else { return Ok(None) };
        let timestamp = self.timestamp.ok_or(malformed("timestamp", "is missing, but was signed"))?;
        let key = match (self.signing_key, self.crypto_cookie) {
            (Some(key), _) => PublicKey::parse(key, "clientSigningKey")?,
            (None, Some(key)) => PublicKey::parse(key, "cryptoCookie")?,
            (None, None) => {
                return Err(malformed("clientSigningKey", "is missing, but the timestamp is signed"));
            }
        };
        let field = "timestampSignature";
        let signature = encoding::decode(signature).ok_or(malformed(field, encoding::EXPECTED))?;
        signature::verify(key, timestamp.as_bytes(), &signature)?;
        Ok(Some(key))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::keyri::envelope::PrivateKey;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn both_units_are_read_once_and_twice_over() {
        for text in ["1700000000000", "17000000000001700000000000", "1700000000", "17000000001700000000"] {
            assert_eq!(ClaimedTime::parse(text), Ok(ClaimedTime(NOW)), "{text}");
        }
        assert_eq!(ClaimedTime::parse("0"), Ok(ClaimedTime(Timestamp::from_millis(0))));
        assert_eq!(ClaimedTime::parse("253402300799999"), Ok(ClaimedTime(Timestamp::MAX)));
    }

    #[test]
    fn what_is_no_time_names_the_field() {
        let halves_differ = "17000000000001700000000001";
        let table = [
            "",
            "-1",
            "+1",
            "1.5",
            " 1",
            "now",
            halves_differ,
            "253402300800000",
            "9999999999999998",
            "é",
            "1é",
        ];
        for text in table {
            let error = ClaimedTime::parse(text).unwrap_err();
            assert!(matches!(error, EnvelopeError::Malformed { field: "timestamp", .. }), "{text}");
        }
    }

    #[test]
    fn a_time_is_stale_after_5_minutes_either_way() {
        let at = |ms: i64| ClaimedTime(NOW.plus_millis(ms)).freshness(NOW);
        for (ms, freshness) in [
            (0, Freshness::Fresh),
            (-300_000, Freshness::Fresh),
            (-300_001, Freshness::Stale),
            (300_000, Freshness::Fresh),
            (300_001, Freshness::Stale),
        ] {
            assert_eq!(at(ms), freshness, "{ms} ms");
        }
        assert_eq!(ClaimedTime(Timestamp::MAX).freshness(Timestamp::from_millis(i64::MIN)), Freshness::Stale);
    }

    #[test]
    fn a_number_is_taken_as_its_digits() {
        let read = |json: &str| serde_json::from_str::<TimestampText>(json).map(|text| text.0);
        assert_eq!(read("1700000000").unwrap(), "1700000000");
        assert_eq!(read("\"17000000001700000000\"").unwrap(), "17000000001700000000");
        for json in ["-1", "1.5", "true", "[]", "null"] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    fn sign(key: &PrivateKey, text: &str) -> String {
        encoding::encode(signature::sign(key, text.as_bytes()).unwrap().as_ref())
    }

    #[test]
    fn the_signing_key_goes_before_the_cookie() {
        let (signer, cookie) = (PrivateKey::from_seed(&[1; 32]), PrivateKey::from_seed(&[2; 32]));
        let (signer_text, cookie_text) = (signer.public_key().to_base64(), cookie.public_key().to_base64());
        let signature = sign(&signer, "1700000000");
        let web = SignedTimestamp {
            timestamp: Some("1700000000"),
            signature: Some(&signature),
            signing_key: Some(&signer_text),
            crypto_cookie: Some(&cookie_text),
        };
        assert_eq!(web.verify(), Ok(Some(signer.public_key())));
        let by_other = SignedTimestamp { signing_key: None, ..web };
        assert_eq!(by_other.verify(), Err(EnvelopeError::Refused));
        let signature = sign(&cookie, "1700000000");
        let mobile = SignedTimestamp { signature: Some(&signature), ..by_other };
        assert_eq!(mobile.verify(), Ok(Some(cookie.public_key())));
    }

    #[test]
    fn a_signature_is_optional_but_must_hold() {
        let key = PrivateKey::from_seed(&[1; 32]);
        let (key_text, signature) = (key.public_key().to_base64(), sign(&key, "1700000000"));
        assert_eq!(SignedTimestamp { timestamp: Some("1"), ..SignedTimestamp::default() }.verify(), Ok(None));
        let signed = SignedTimestamp {
            timestamp: Some("1700000000"),
            signature: Some(&signature),
            signing_key: Some(&key_text),
            crypto_cookie: None,
        };
        let table = [
            (SignedTimestamp { timestamp: Some("1700000001"), ..signed }, "The payload"),
            (SignedTimestamp { timestamp: Some("1700000000 "), ..signed }, "The payload"),
            (SignedTimestamp { signature: Some("AAAA"), ..signed }, "The payload"),
            (SignedTimestamp { timestamp: None, ..signed }, "timestamp is missing"),
            (SignedTimestamp { signature: Some("*"), ..signed }, "timestampSignature must be base64"),
            (
                SignedTimestamp { signing_key: Some("test"), ..signed },
                "clientSigningKey must be a public key",
            ),
            (
                SignedTimestamp { signing_key: None, crypto_cookie: Some("test"), ..signed },
                "cryptoCookie must be",
            ),
            (SignedTimestamp { signing_key: None, ..signed }, "clientSigningKey is missing"),
        ];
        for (signed, message) in table {
            let error = signed.verify().unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC{0,30}|[0-9]{0,40}") {
            let _ = ClaimedTime::parse(&text);
        }

        #[test]
        fn a_client_of_our_time_is_understood(millis in 1_000_000_000_000..4_000_000_000_000_i64) {
            let time = |text: String| ClaimedTime::parse(&text).unwrap().0.as_millis();
            prop_assert_eq!(time(millis.to_string()), millis);
            prop_assert_eq!(time(millis.to_string().repeat(2)), millis);
            let seconds = millis / 1_000;
            prop_assert_eq!(time(seconds.to_string()), seconds * 1_000);
        }
    }
}
