//! The tenant that the demo plays in: its admin, its keys, and what it wrote for itself.

use http::Method;
use portcullis_domain::Secret;
use serde_json::{Value, json};

use super::{
    client::{Call, Client, Credential},
    event::Api,
};
use crate::{app::random_password, failure::Failure};

/// A tenant ready for traffic.
pub(super) struct Stage {
    pub(super) email: String,
    pub(super) password: Secret<String>,
    keys: Vec<Key>,
    admin: Credential,
}

struct Key {
    id: String,
    credential: Credential,
}

/// A super admin's e-mail address and password.
pub(super) struct Login<'a> {
    pub(super) email: &'a str,
    pub(super) password: &'a Secret<String>,
}

/// What the tenant wants of its keys, in the order of [`Stage::credential`].
const DIALECTS: [&str; 3] = ["ingest", "fraudsense", "fraudshield"];

impl Stage {
    /// Makes the tenant, or takes the one of an earlier run, whose admin gets a new password.
    pub(super) async fn set(client: &mut Client, login: Login<'_>, slug: &str) -> Result<Self, Failure> {
        let root = log_in(client, login).await?;
        let new = json!({ "name": "Demo traffic", "slug": slug });
        let is_new = make(client, "/api/v1/admin/clients", &root, &new).await?.is_some();
        // The demo's day is a second long.
        let limits = json!({ "rateLimitPerMinute": 1_000_000, "requestsPer15Min": 10_000_000 });
        let path = format!("/api/v1/admin/clients/{slug}");
        client.expect(call(Method::PATCH, &path, &root, &limits)).await?;

        let (email, password) = (format!("admin@{slug}.example"), random_password()?);
        set_user(client, &root, slug, &email, &password).await?;
        let admin = log_in(client, Login { email: &email, password: &password }).await?;
        let keys = make_keys(client, &admin).await?;
        let stage = Self { email, password, keys, admin };
        if is_new {
            stage.furnish(client).await?;
        }
        Ok(stage)
    }

    /// What proves that a call of this kind is the tenant's.
    pub(super) fn credential(&self, api: Api) -> &Credential {
        let place = match api {
            Api::Ingest => 0,
            Api::Session => 1,
            Api::Device | Api::Action => 2,
        };
        &self.keys[place].credential
    }

    /// Rules and lists of the tenant's own.
    async fn furnish(&self, client: &mut Client) -> Result<(), Failure> {
        let settings = json!({ "enforcement": "enforce" });
        client.expect(call(Method::PUT, "/api/v1/client/settings", &self.admin, &settings)).await?;
        for rule in custom_rules() {
            client.expect(call(Method::POST, "/api/v1/client/custom-rules", &self.admin, &rule)).await?;
        }
        for entry in list_entries() {
            client.expect(call(Method::POST, "/api/v1/client/lists", &self.admin, &entry)).await?;
        }
        let key = self.credential(Api::Action);
        client.expect(call(Method::POST, "/v1/fraud/velocity/rules", key, &velocity_rule())).await?;
        Ok(())
    }

    /// Revokes the demo's keys: nobody else knows them.
    pub(super) async fn clear(&self, client: &mut Client) -> Result<(), Failure> {
        for key in &self.keys {
            let path = format!("/api/v1/client/api-keys/{}", key.id);
            client.expect(call(Method::DELETE, &path, &self.admin, &Value::Null)).await?;
        }
        Ok(())
    }
}

/// A call that is about no time but now.
pub(super) fn call<'a>(
    method: Method,
    path: &'a str,
    credential: &'a Credential,
    body: &'a Value,
) -> Call<'a> {
    Call { method, path, credential, event_time: None, body }
}

fn custom_rules() -> [Value; 2] {
    [
        json!({
            "name": "Login from a hosting provider",
            "description": "People do not log in from servers",
            "condition": "event.type = 'login' AND ip.is_datacenter",
            "action": "challenge", "scoreAdjustment": 400,
        }),
        json!({
            "name": "Throw-away mailbox in a hurry",
            "description": "A throw-away mailbox, typed in faster than a person types",
            "condition": "event.type = 'signup' AND email.is_disposable AND behavior.completion_ms < 5000",
            "action": "challenge", "scoreAdjustment": 200,
        }),
    ]
}

fn velocity_rule() -> Value {
    json!({
        "name": "Withdrawals from one address", "action": "withdrawal", "scope": "ip_address",
        "limit": 3, "window": "1h", "on_exceed": "block", "cooldown": "30m", "enforcement": "enforce",
    })
}

fn list_entries() -> [Value; 3] {
    let entry = |list: &str, kind: &str, value: &str, reason: &str| json!({ "list": list, "kind": kind, "value": value, "reason": reason, "mode": "test" });
    [
        entry("block", "ip", "198.51.100.0/24", "Made for the demo: a network that nobody comes from"),
        entry("watch", "user", "user-0003", "Made for the demo: a customer whose payment was charged back"),
        entry("allow", "user", "user-0001", "Made for the demo: the office"),
    ]
}

async fn log_in(client: &mut Client, login: Login<'_>) -> Result<Credential, Failure> {
    let body = json!({ "email": login.email, "password": login.password.expose() });
    let session = client.expect(call(Method::POST, "/v1/auth/login", &Credential::None, &body)).await?;
    Ok(Credential::Bearer(text(&session, "token")?))
}

/// Makes something, unless it is there.
async fn make(
    client: &mut Client,
    path: &str,
    root: &Credential,
    body: &Value,
) -> Result<Option<Value>, Failure> {
    const CONFLICT: u16 = 409;
    let answer = client.send(call(Method::POST, path, root, body)).await?;
    if answer.status == CONFLICT { Ok(None) } else { answer.served(path).map(Some) }
}

async fn set_user(
    client: &mut Client,
    root: &Credential,
    slug: &str,
    email: &str,
    password: &Secret<String>,
) -> Result<(), Failure> {
    let users = format!("/api/v1/admin/clients/{slug}/users");
    let new = json!({ "email": email, "password": password.expose(), "role": "CLIENT_ADMIN" });
    if make(client, &users, root, &new).await?.is_some() {
        return Ok(());
    }
    let known = client.expect(call(Method::GET, &users, root, &Value::Null)).await?;
    let mut known = known["items"].as_array().into_iter().flatten();
    let ours = known.find(|user| user["email"] == email);
    let ours = ours.ok_or_else(|| Failure::Failed(format!("{email} is a user of another client")))?;
    let path = format!("{users}/{}", text(ours, "id")?);
    let change = json!({ "password": password.expose(), "role": "CLIENT_ADMIN", "status": "active" });
    client.expect(call(Method::PATCH, &path, root, &change)).await?;
    Ok(())
}

async fn make_keys(client: &mut Client, admin: &Credential) -> Result<Vec<Key>, Failure> {
    let mut keys = Vec::new();
    for dialect in DIALECTS {
        let new =
            json!({ "name": format!("portcullis demo, {dialect}"), "dialect": dialect, "mode": "test" });
        let made = client.expect(call(Method::POST, "/api/v1/client/api-keys", admin, &new)).await?;
        let key = text(&made, "key")?;
        let credential = match dialect {
            "ingest" => Credential::Key("x-api-key", key),
            "fraudsense" => Credential::Key("x-fraudsense-key", key),
            _ => Credential::Bearer(key),
        };
        keys.push(Key { id: text(&made, "id")?, credential });
    }
    Ok(keys)
}

/// A text of an answer that must have it.
pub(super) fn text(json: &Value, field: &str) -> Result<String, Failure> {
    let text = json[field].as_str().map(ToOwned::to_owned);
    text.ok_or_else(|| Failure::Failed(format!("the server's answer has no {field}; is it a Portcullis?")))
}
