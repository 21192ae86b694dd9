//! The tokens of logged-in users: signed, short, and void as soon as the user's `token_version` moves on.
//!
//! A token says who, not what: role and tenant are looked up for each request, so a change of either acts at once.

use domain::{Secret, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use portcullis_domain as domain;
use portcullis_store::{Control, User, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a token is valid: 24 hours.
pub(crate) const LIFETIME_S: i64 = 24 * 60 * 60;
const ISSUER: &str = "portcullis";
const AUDIENCE: &str = "portcullis-management";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    ver: u32,
}

/// Makes and reads tokens.
pub(crate) struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Tokens {
    /// With the installation's own secret, so a token of one installation is nothing in another.
    pub(crate) fn new(secret: &Secret<[u8; 32]>) -> Self {
        // The server chooses the algorithm; what a token's header asks for is only compared with it.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would ask the machine's clock; `read` asks ours.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(secret.expose()),
            decoding: DecodingKey::from_secret(secret.expose()),
            validation,
        }
    }

    /// A token for `user`; `None` when signing fails.
    pub(crate) fn issue(&self, user: &User, now: Timestamp) -> Option<String> {
        let iat = now.as_millis().div_euclid(1_000);
        let claims = Claims {
            sub: user.id.to_string(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat,
            exp: iat + LIFETIME_S,
            ver: user.token_version,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).ok()
    }

    /// The user whose valid token this is.
    pub(crate) fn read(&self, token: &str, control: &Control, now: Timestamp) -> Option<Arc<User>> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        let is_current = now.as_millis().div_euclid(1_000) < claims.exp;
        let user = control.user(claims.sub.parse::<UserId>().ok()?)?;
        (is_current && user.is_active() && user.token_version == claims.ver).then(|| Arc::clone(user))
    }
}
