//! What the platform itself has: its key pair, which follows from the installation's secret, and `GET
//! /v1/client/public-key`.

use axum::{Json as Answer, extract::State};
use domain::Secret;
use portcullis_domain as domain;
use portcullis_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::envelope::PrivateKey;
use crate::AppState;

/// The platform's secrets; none of them is stored.
pub(crate) struct Platform {
    /// What clients encrypt to, and answers are signed with.
    pub(super) key: PrivateKey,
    /// What ids that are told to tenants are computed with.
    pub(super) ids: Secret<[u8; 32]>,
    public_key: String,
}

impl Platform {
    /// Derives the secrets.
    pub(crate) fn new(store: &Store) -> Self {
        let key = PrivateKey::from_seed(store.subkey("keyri platform").expose());
        let public_key = key.public_key().to_base64();
        Self { key, ids: store.subkey("keyri ids"), public_key }
    }
}

/// The key that clients encrypt to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicKeyAnswer {
    /// SubjectPublicKeyInfo (DER) of a point on P-256, base64.
    #[schema(
        example = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEt2QJU/EJ5rnKj9y7X+L35v+M34lAmxV5w8a/zGBlDu8vZ99K7dFatBsnjJjSQ1wfi+FhoI7RIF7QGl40XqzeEw=="
    )]
    public_key: String,
}

/// Show the platform's public key
///
/// What web pages and apps encrypt to, and what the signature of an encrypted answer is checked with. It is no secret, and
/// stays the same as long as the installation's secret does.
#[utoipa::path(get, path = "/v1/client/public-key", tag = "keyri",
    responses((status = 200, description = "The key", body = PublicKeyAnswer)))]
pub(crate) async fn show_public_key(State(state): State<AppState>) -> Answer<PublicKeyAnswer> {
    Answer(PublicKeyAnswer { public_key: state.keyri.public_key.clone() })
}
