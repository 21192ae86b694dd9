//! API keys: a client's own, and any client's for super admins.
//!
//! Revoking is instant and can be repeated: a key that is revoked already gives 204 again.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::{Dialect, Mode, Secret, Timestamp};
use http::StatusCode;
use ipnet::IpNet;
use portcullis_domain as domain;
use portcullis_store::{Actor, ApiKey, KeyId, NewApiKey, Scope, Scopes, Tenant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Page, PageParams, Problems, checked_expiry, checked_name, client, keep_error};
use crate::{
    AppState,
    body::{Json, Params},
    caller::{Member, SuperAdmin, TenantAdmin},
    credential, cursor,
    error::{FieldError, Kind, Problem},
};

/// Live keys that a client may have; every request carries the whole set in memory.
const MOST_LIVE_KEYS: usize = 1_000;
const MOST_NETWORKS: usize = 100;

/// A key as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(crate) struct KeyView {
    /// Its id.
    id: String,
    /// Its name for people.
    name: String,
    /// The key itself, which is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The beginning of the key.
    #[schema(example = "pi_live_3fa9")]
    prefix: String,
    /// The API it was made for; it works in every one.
    #[schema(value_type = String, example = "ingest")]
    dialect: Dialect,
    /// The data it works on: test or live.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// What it may be used for.
    #[schema(value_type = Vec<String>, example = json!(["ingest"]))]
    scopes: Vec<Scope>,
    /// Where it may be used from; anywhere when empty.
    allowed_ips: Vec<String>,
    /// When it was made.
    created_at: String,
    /// From when on it does not work; it works until it is revoked when null.
    expires_at: Option<String>,
    /// When it was last used.
    last_used_at: Option<String>,
    /// Whether it works: active, revoked or expired.
    #[schema(example = "active")]
    status: &'static str,
}

impl KeyView {
    fn new(key: ApiKey, now: Timestamp) -> Self {
        Self {
            status: status(&key, now),
            id: key.id.to_string(),
            name: key.name,
            key: None,
            prefix: key.prefix,
            dialect: key.dialect,
            mode: key.mode,
            scopes: key.scopes.list(),
            allowed_ips: key.allowed_ips.iter().map(|network| shown(*network)).collect(),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|at| at.to_string()),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// Whether a key works at `now`: active, revoked or expired.
pub(crate) fn status(key: &ApiKey, now: Timestamp) -> &'static str {
    match key.expires_at {
        _ if key.revoked_at.is_some() => "revoked",
        Some(end) if end <= now => "expired",
        _ => "active",
    }
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewKey {
    /// Its name for people.
    #[schema(example = "production backend")]
    name: String,
    /// The API it is for: ingest, fraudshield, keyri, signet or fraudsense.
    #[schema(value_type = String, example = "ingest")]
    dialect: Dialect,
    /// The data it works on: test or live.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// What it may be used for: fraud:read, fraud:write, identity:*, ingest; all when left out.
    #[schema(value_type = Option<Vec<String>>)]
    scopes: Option<Vec<Scope>>,
    /// Addresses and networks it may be used from; anywhere when left out.
    allowed_ips: Option<Vec<String>>,
    /// From when on it does not work, RFC 3339; it works until it is revoked when left out.
    #[schema(example = "2030-01-31T09:30:00Z")]
    expires_at: Option<String>,
}

/// Makes a key for a client.
#[utoipa::path(post, path = "/api/v1/admin/clients/{slug}/api-keys", tag = "api-keys", security(("token" = [])),
    params(("slug" = String, Path)), request_body = NewKey, responses((status = 201, description = "Created", body = KeyView), Problems))]
pub(crate) async fn create_key_of_client(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Path(slug): Path<String>,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, Answer<KeyView>), Problem> {
    let tenant = client(&state, &slug)?;
    create(&state, &tenant, &admin.actor, new).await
}

/// Lists a client's keys, newest first.
#[utoipa::path(get, path = "/api/v1/admin/clients/{slug}/api-keys", tag = "api-keys", security(("token" = [])),
    params(("slug" = String, Path), PageParams), responses((status = 200, description = "One page", body = Page<KeyView>), Problems))]
pub(crate) async fn list_keys_of_client(
    State(state): State<AppState>,
    _admin: SuperAdmin,
    Path(slug): Path<String>,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<KeyView>>, Problem> {
    let tenant = client(&state, &slug)?;
    list(&state, &tenant, &params).await
}

/// Revokes a client's key, at once.
#[utoipa::path(delete, path = "/api/v1/admin/clients/{slug}/api-keys/{id}", tag = "api-keys",
    security(("token" = [])), params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "Revoked"), Problems))]
pub(crate) async fn revoke_key_of_client(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Path((slug, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let tenant = client(&state, &slug)?;
    revoke(&state, &tenant, &admin.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a key of one's own.
#[utoipa::path(post, path = "/api/v1/client/api-keys", tag = "api-keys", security(("token" = [])),
    request_body = NewKey, responses((status = 201, description = "Created", body = KeyView), Problems))]
pub(crate) async fn create_own_key(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, Answer<KeyView>), Problem> {
    create(&state, &admin.tenant, &admin.actor, new).await
}

/// Lists one's own keys, newest first.
#[utoipa::path(get, path = "/api/v1/client/api-keys", tag = "api-keys", security(("token" = [])),
    params(PageParams), responses((status = 200, description = "One page", body = Page<KeyView>), Problems))]
pub(crate) async fn list_own_keys(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<KeyView>>, Problem> {
    list(&state, &member.tenant, &params).await
}

/// Revokes a key of one's own, at once.
#[utoipa::path(delete, path = "/api/v1/client/api-keys/{id}", tag = "api-keys", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Revoked"), Problems))]
pub(crate) async fn revoke_own_key(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    revoke(&state, &admin.tenant, &admin.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn create(
    state: &AppState,
    tenant: &Tenant,
    actor: &Actor,
    new: NewKey,
) -> Result<(StatusCode, Answer<KeyView>), Problem> {
    let mut errors = Vec::new();
    let name = keep_error(checked_name("/name", &new.name), &mut errors);
    if new.scopes.as_ref().is_some_and(Vec::is_empty) {
        errors.push(FieldError::new("/scopes", "must name a scope, or be left out"));
    }
    let now = state.clock.now();
    let expires_at = keep_error(checked_expiry(new.expires_at.as_deref(), now), &mut errors).flatten();
    let allowed_ips = checked_networks(&new.allowed_ips.unwrap_or_default(), &mut errors);
    let (Some(name), []) = (name, errors.as_slice()) else { return Err(Problem::invalid(errors)) };
    let scopes = new.scopes.map_or(Scopes::ALL, Scopes::only);
    let (kept, key) = generate(name, new.dialect, new.mode, scopes, allowed_ips)?;
    let made = keep(state, tenant, actor, NewApiKey { expires_at, ..kept }).await?;
    let answer = KeyView { key: Some(key.expose().clone()), ..KeyView::new(made, now) };
    Ok((StatusCode::CREATED, Answer(answer)))
}

/// Makes a key: what is to be kept of it, and the key itself.
pub(crate) fn generate(
    name: String,
    dialect: Dialect,
    mode: Mode,
    scopes: Scopes,
    allowed_ips: Vec<IpNet>,
) -> Result<(NewApiKey, Secret<String>), Problem> {
    let made = credential::generate(dialect, mode).map_err(|error| {
        tracing::error!(%error, request.id = crate::request_id::current(), "no key could be made");
        Problem::internal()
    })?;
    let (prefix, sha256) = (made.prefix, made.sha256);
    Ok((NewApiKey { name, dialect, mode, prefix, sha256, scopes, allowed_ips, expires_at: None }, made.key))
}

/// Keeps a key, unless the client has as many as it may have.
pub(crate) async fn keep(
    state: &AppState,
    tenant: &Tenant,
    actor: &Actor,
    key: NewApiKey,
) -> Result<ApiKey, Problem> {
    check_room(state, tenant)?;
    Ok(state.store.configuration(tenant.id).create_api_key(actor, key).await?)
}

/// Refuses when the client has as many keys as it may have.
pub(crate) fn check_room(state: &AppState, tenant: &Tenant) -> Result<(), Problem> {
    if state.store.control().live_keys(tenant.id) >= MOST_LIVE_KEYS {
        let detail = format!("There are {MOST_LIVE_KEYS} live keys already; revoke some first.");
        return Err(Problem::new(Kind::Conflict, detail));
    }
    Ok(())
}

async fn list(
    state: &AppState,
    tenant: &Tenant,
    params: &PageParams,
) -> Result<Answer<Page<KeyView>>, Problem> {
    let limit = params.limit()?;
    let scope = ["api-keys", tenant.slug.as_str()];
    let after = state.cursors.position::<KeyId>(&scope, params.after.as_deref())?;
    let found = state.store.configuration(tenant.id).api_keys(after, limit + 1).await?;
    let (keys, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.id.to_string()));
    let now = state.clock.now();
    Ok(Answer(Page { items: keys.into_iter().map(|key| KeyView::new(key, now)).collect(), next_cursor }))
}

/// Revokes one of the client's keys, at once.
pub(crate) async fn revoke(
    state: &AppState,
    tenant: &Tenant,
    actor: &Actor,
    id: &str,
) -> Result<(), Problem> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    Ok(state.store.configuration(tenant.id).revoke_api_key(actor, id).await?)
}

fn checked_networks(texts: &[String], errors: &mut Vec<FieldError>) -> Vec<IpNet> {
    if texts.len() > MOST_NETWORKS {
        errors.push(FieldError::new("/allowedIps", format!("may have at most {MOST_NETWORKS} entries")));
        return Vec::new();
    }
    let parse = |(index, text): (usize, &String)| {
        let message = "must be an address or a network such as 192.0.2.0/24";
        let network = parse_network(text.trim());
        let network = network.ok_or_else(|| FieldError::new(format!("/allowedIps/{index}"), message));
        keep_error(network, errors)
    };
    texts.iter().enumerate().filter_map(parse).collect()
}

fn parse_network(text: &str) -> Option<IpNet> {
    let network = text.parse().ok().or_else(|| {
        let address: std::net::IpAddr = text.parse().ok()?;
        Some(IpNet::from(address.to_canonical()))
    });
    network.map(|network: IpNet| network.trunc())
}

/// A network of one address as that address.
fn shown(network: IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_come_out_as_they_are_written() {
        for (given, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7/24", "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8::/32", "2001:db8::/32"),
        ] {
            assert_eq!(shown(parse_network(given).unwrap()), expected);
        }
        assert_eq!(parse_network("example.com"), None);
        assert_eq!(parse_network("10.0.0.0/33"), None);
    }
}
