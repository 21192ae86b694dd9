//! `serve --quickstart`: a demo client with a key, and a call to try it with, printed at every start.

use std::fmt::Write as _;

use portcullis_api::{credential, password::Password};
use portcullis_domain::{Dialect, Mode, TenantId};
use portcullis_store::{Actor, Configuration, NewApiKey, NewUser, Role, Scopes, Slug, Store};

use crate::{
    app::{NewAdmin, random_password},
    failure::Failure,
};

const SLUG: &str = "demo";
const USER: &str = "admin@demo.example";
const KEY_NAME: &str = "quickstart";

/// What somebody needs to begin.
pub(crate) struct Welcome {
    client_password: Option<String>,
    key: String,
}

/// Makes the demo client and its admin when they are not there, and a key in place of the one of the last start: a key
/// is shown only once, so the old one may be lost.
pub(crate) async fn prepare(store: &Store) -> Result<Welcome, Failure> {
    let failed = |error| Failure::because("cannot make the demo client", error);
    let actor = Actor::machine("quickstart");
    let slug: Slug = SLUG.parse().map_err(|error| Failure::because("cannot make the demo client", error))?;
    let known = store.control().tenant_by_slug(SLUG).map(|tenant| tenant.id);
    let tenant = match known {
        Some(tenant) => tenant,
        None => store.create_tenant(&actor, "Demo".to_owned(), slug).await.map_err(failed)?.id,
    };
    let client = store.configuration(tenant);
    let client_password = make_user(store, &client, &actor, tenant).await?;
    for key in client.api_keys(None, 100).await.map_err(failed)? {
        if key.name == KEY_NAME && key.revoked_at.is_none() {
            client.revoke_api_key(&actor, key.id).await.map_err(failed)?;
        }
    }
    let made = credential::generate(Dialect::Ingest, Mode::Live)
        .map_err(|error| Failure::because("cannot make a key", error))?;
    let new = NewApiKey {
        name: KEY_NAME.to_owned(),
        dialect: Dialect::Ingest,
        mode: Mode::Live,
        prefix: made.prefix,
        sha256: made.sha256,
        scopes: Scopes::default(),
        allowed_ips: Vec::new(),
        expires_at: None,
    };
    client.create_api_key(&actor, new).await.map_err(failed)?;
    Ok(Welcome { client_password, key: made.key.expose().clone() })
}

async fn make_user(
    store: &Store,
    client: &Configuration<'_>,
    actor: &Actor,
    _tenant: TenantId,
) -> Result<Option<String>, Failure> {
    let failed = |error| Failure::because("cannot make the demo client's admin", error);
    if store.find_login(USER.to_owned()).await.map_err(failed)?.is_some() {
        return Ok(None);
    }
    let password = random_password()?;
    let typed = Password::new(password.expose().clone());
    let hash = tokio::task::spawn_blocking(move || typed.hash()).await;
    let hash = hash.map_err(|error| Failure::Failed(error.to_string()))?;
    let password_hash = hash.map_err(|error| Failure::because("cannot hash the password", error))?;
    let new = NewUser { email: USER.to_owned(), password_hash, role: Role::ClientAdmin };
    client.create_user(actor, new).await.map_err(failed)?;
    Ok(Some(password.expose().clone()))
}

impl Welcome {
    /// The text to print, for a server at `base`.
    pub(crate) fn text(&self, base: &str, admin: Option<&NewAdmin>) -> String {
        let mut text = format!(
            "\n  Portcullis        {base}\n  Consoles          {base}/client-admin and {base}/admin\n  API reference     {base}/docs\n"
        );
        // Writing to a string can not fail.
        let _ = match admin.map(|admin| (&admin.email, &admin.password)) {
            Some((email, Some(password))) => {
                writeln!(
                    text,
                    "  Super admin       {email}   password {} (shown this once)",
                    password.expose()
                )
            }
            Some((email, None)) => writeln!(text, "  Super admin       {email}   password as you set it"),
            None => writeln!(
                text,
                "  Super admin       as before; `portcullis admin create --email E` sets a password"
            ),
        };
        let _ = match &self.client_password {
            Some(password) => {
                writeln!(text, "  Demo client       {USER}   password {password} (shown this once)")
            }
            None => writeln!(text, "  Demo client       {USER}   password as before"),
        };
        let _ = writeln!(text, "  Demo API key      {} (in place of the one of the last start)", self.key);
        let _ = writeln!(
            text,
            "  Test traffic      `portcullis demo --url {base} --admin-email E` plays 30 days with attack waves"
        );
        let _ = write!(text, "\n  A first decision:\n\n{}\n", self.curl(base));
        text
    }

    fn curl(&self, base: &str) -> String {
        format!(
            r#"curl -s {base}/api/v1/events/ingest -H 'Content-Type: application/json' -H 'x-api-key: {}' -d '{{
  "type": "SIGNUP", "email": "jane@mailinator.com", "externalUserId": "user-1", "ip": "185.220.101.1",
  "device": {{"userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "screen": {{"width": 1920, "height": 1080, "pixelRatio": 1}}, "timezone": "Europe/Berlin", "language": "de-DE",
    "hardwareConcurrency": 8, "platform": "Win32", "clientFingerprint": "3f1c2a9be07d45c8"}},
  "behavior": {{"formStartedAt": 1, "formSubmittedAt": 900, "mousePath": [], "keystrokeCount": 0}}
}}'
"#,
            self.key
        )
    }
}
