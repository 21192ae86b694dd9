//! `/v1/keys`: an account's API keys, whichever API they were made for.

use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, State},
};
use domain::{Dialect, Mode, Timestamp};
use http::HeaderMap;
use portcullis_domain as domain;
use portcullis_store::{ApiKey, Configuration, Scopes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    FraudsenseError,
    auth::{AccountAdmin, AccountCaller},
    error::{ErrorBody, FieldError},
};
use crate::{
    AppState,
    body::{self, LIMIT_BYTES},
    manage::{api_keys, checked_name, keep_error},
};

/// Keys that are read from the store at a time.
const PAGE: u32 = 200;

/// A key as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseKey)]
pub(crate) struct KeyView {
    /// Its id.
    id: String,
    /// Its name for people.
    #[schema(example = "Production Key")]
    name: String,
    /// The beginning of the key.
    #[schema(example = "fs_test_eb9d")]
    prefix: String,
    /// The data it works on: test or live.
    #[schema(value_type = String, example = "test")]
    mode: Mode,
    /// When it was made.
    created_at: String,
    /// When it was last used; null when never.
    last_used_at: Option<String>,
    /// Whether it works: active, revoked or expired.
    #[schema(example = "active")]
    status: &'static str,
}

impl KeyView {
    fn new(key: ApiKey, now: Timestamp) -> Self {
        Self {
            id: key.id.to_string(),
            status: api_keys::status(&key, now),
            name: key.name,
            prefix: key.prefix,
            mode: key.mode,
            created_at: key.created_at.to_string(),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// Every key of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudsenseKeys)]
pub(crate) struct KeyList {
    /// Newest first.
    keys: Vec<KeyView>,
}

/// List the account's keys
///
/// All of them, newest first; revoked ones stay in the list.
#[utoipa::path(get, path = "/v1/keys", tag = "fraudsense", security(("token" = [])), responses(
    (status = 200, description = "The keys", body = KeyList),
    (status = 401, description = "No valid token", body = ErrorBody),
    (status = 403, description = "The account is suspended", body = ErrorBody),
    (status = 429, description = "More than 1,000 calls of the account in 15 minutes", body = ErrorBody),
))]
pub(crate) async fn list_keys(
    State(state): State<AppState>,
    caller: AccountCaller,
) -> Result<Answer<KeyList>, FraudsenseError> {
    let keys = all_keys(state.store.configuration(caller.tenant.id)).await?;
    let now = state.clock.now();
    Ok(Answer(KeyList { keys: keys.into_iter().map(|key| KeyView::new(key, now)).collect() }))
}

async fn all_keys(account: Configuration<'_>) -> Result<Vec<ApiKey>, portcullis_store::Error> {
    let mut keys: Vec<ApiKey> = Vec::new();
    loop {
        let page = account.api_keys(keys.last().map(|last| last.id), PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        keys.extend(page);
        if is_last {
            return Ok(keys);
        }
    }
}

/// A key to be made. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudsenseNewKey)]
pub(crate) struct NewKey {
    /// Its name for people.
    #[schema(value_type = String, example = "Production Key")]
    name: Option<String>,
    /// The data it works on: test, unless it is live.
    #[schema(example = "live")]
    mode: Option<String>,
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseMadeKey)]
pub(crate) struct MadeKey {
    /// Its id.
    id: String,
    /// Its name for people.
    #[schema(example = "Production Key")]
    name: String,
    /// The key itself, which is shown this once.
    #[schema(example = "fs_test_eb9d00476517470a95f6a6566e5deaf4")]
    key: String,
    /// The beginning of the key.
    #[schema(example = "fs_test_eb9d")]
    prefix: String,
    /// The data it works on: test or live.
    #[schema(value_type = String, example = "test")]
    mode: Mode,
    /// When it was made.
    created_at: String,
    /// Whether it works: it does.
    #[schema(example = "active")]
    status: &'static str,
}

/// Make a key
///
/// Needs the role CLIENT_ADMIN. The key works from now on, on test data unless `mode` is `live`.
#[utoipa::path(post, path = "/v1/keys", tag = "fraudsense", security(("token" = [])), request_body = NewKey, responses(
    (status = 200, description = "The key is made", body = MadeKey),
    (status = 400, description = "Not well-formed JSON, or fields are missing or wrong", body = ErrorBody),
    (status = 401, description = "No valid token", body = ErrorBody),
    (status = 403, description = "The role may not do this, or the account is suspended", body = ErrorBody),
    (status = 409, description = "There are 1,000 active keys already", body = ErrorBody),
    (status = 413, description = "More than 256 KiB", body = ErrorBody),
    (status = 415, description = "Not JSON", body = ErrorBody),
    (status = 429, description = "More than 1,000 calls of the account in 15 minutes", body = ErrorBody),
))]
pub(crate) async fn create_key(
    State(state): State<AppState>,
    admin: AccountAdmin,
    headers: HeaderMap,
    body: Body,
) -> Result<Answer<MadeKey>, FraudsenseError> {
    let new: NewKey = body::parse(&body::read(&headers, body, LIMIT_BYTES).await?)?;
    let (name, mode) = check(new).map_err(FraudsenseError::Invalid)?;
    let (kept, key) = api_keys::generate(name, Dialect::Fraudsense, mode, Scopes::ALL, Vec::new())?;
    let made = api_keys::keep(&state, &admin.tenant, &admin.actor, kept).await?;
    Ok(Answer(MadeKey {
        id: made.id.to_string(),
        status: api_keys::status(&made, state.clock.now()),
        name: made.name,
        key: key.expose().clone(),
        prefix: made.prefix,
        mode: made.mode,
        created_at: made.created_at.to_string(),
    }))
}

/// The key's name and mode; all complaints are told at once.
fn check(new: NewKey) -> Result<(String, Mode), Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = new.name.ok_or_else(|| FieldError::missing("name"));
    let name = name.and_then(|name| checked_name("name", &name).map_err(FieldError::from));
    let name = keep_error(name, &mut errors);
    let mode = match new.mode.as_deref() {
        None | Some("test") => Ok(Mode::Test),
        Some("live") => Ok(Mode::Live),
        Some(_) => Err(FieldError::invalid("mode", "must be test or live")),
    };
    let mode = keep_error(mode, &mut errors);
    name.zip(mode).ok_or(errors)
}

/// A key that was just revoked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudsenseRevokedKey)]
pub(crate) struct RevokedKey {
    /// Its id.
    id: String,
    /// Whether it works: it does not.
    #[schema(example = "revoked")]
    status: &'static str,
}

/// Revoke a key
///
/// Needs the role CLIENT_ADMIN. No call that comes after the answer can use the key; revoking it again is no error.
#[utoipa::path(delete, path = "/v1/keys/{id}", tag = "fraudsense", security(("token" = [])),
    params(("id" = String, Path, description = "The key's id")), responses(
    (status = 200, description = "The key is revoked", body = RevokedKey),
    (status = 401, description = "No valid token", body = ErrorBody),
    (status = 403, description = "The role may not do this, or the account is suspended", body = ErrorBody),
    (status = 404, description = "The account has no such key", body = ErrorBody),
    (status = 429, description = "More than 1,000 calls of the account in 15 minutes", body = ErrorBody),
))]
pub(crate) async fn revoke_key(
    State(state): State<AppState>,
    admin: AccountAdmin,
    Path(id): Path<String>,
) -> Result<Answer<RevokedKey>, FraudsenseError> {
    api_keys::revoke(&state, &admin.tenant, &admin.actor, &id).await?;
    Ok(Answer(RevokedKey { id, status: "revoked" }))
}
