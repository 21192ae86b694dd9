//! Golden cases: `fixtures/dialects/keyri/<case>/`, each a request, the event that it becomes, and the response.
//!
//! - `request.json` is `{client, claims, body}`: what a client that is `web` or `mobile` seals, and what the backend sends
//!   around it, over the body of [`Shop::body`]; members that are null are left out. A case whose body has an envelope of
//!   its own sends that.
//! - `before.json`, where there is one, is a list of `{change, again, thenWaitMs}`: requests sent before it, by the same
//!   device. `change` is a merge patch (RFC 7386) over `request.json`; with `again` the very envelope of the case is sent.
//! - `setup.json`, where there is one, has the service's `risk`, `rules` and entries of the client's `lists`.
//! - `event.json` is the event as it was understood: its facts by name, as the management API shows them.
//! - `response.json` is `{status, body}`; of an encrypted one also what it says when it is `opened`.
//! - `world.json`, beside the cases, has the reputation lists that all of them are judged by.
//!
//! Another client has the same traffic, which must not be felt. Ids, keys and hashes are shown as placeholders, measures to
//! six digits. `UPDATE_FIXTURES=1` writes what is found in place of comparing it; read every line of the difference before
//! you keep it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use portcullis_testkit::{Answer, KeyriClient, PASSWORD, TestApp};
use serde_json::{Map, Value, json};

use super::support::{Shop, list};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/dialects/keyri")
}

macro_rules! cases {
    ($($name:ident)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                prove(&folder().join(stringify!($name))).await;
            }
        )+

        #[test]
        fn every_case_is_proven() {
            let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
            let cases: BTreeSet<_> = entries
                .filter(|path| path.is_dir())
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
            assert_eq!(cases, BTreeSet::from([$(stringify!($name).to_owned()),+]));
        }
    };
}

cases! {
    app_login
    blocked_mailbox
    changes
    encrypted_answer
    envelope_again
    metadata_of_the_client
    no_address
    own_word
    payload_missing
    payload_wrong
    sample_of_the_contract
    service_unknown
    visitor
    web_signup
}

struct Client<'a> {
    shop: Shop<'a>,
    device: KeyriClient,
}

async fn prove(case: &Path) {
    let app = TestApp::new().await;
    for (name, items) in read(&folder().join("world.json")).unwrap().as_object().unwrap() {
        list(&app, name, items.clone()).await;
    }
    let request = read(&case.join("request.json")).unwrap();
    let mut clients = Vec::new();
    for slug in ["other", "acme"] {
        let shop = Shop::of(&app, slug).await;
        let device = match request["client"].as_str() {
            Some("mobile") => KeyriClient::mobile(&shop.platform),
            _ => shop.web(),
        };
        clients.push(Client { shop, device });
    }
    let [other, acme] = &clients[..] else { panic!("two clients") };
    if let Some(setup) = read(&case.join("setup.json")) {
        for (name, change) in setup.as_object().unwrap() {
            if name == "lists" {
                for entry in change.as_array().unwrap() {
                    let call = app.post("/api/v1/client/lists", entry).bearer(&acme.shop.tenant.admin);
                    call.send().await.expect(201);
                }
            } else {
                acme.shop.put(&format!("/{name}"), change).await;
            }
        }
    }
    let before = read(&case.join("before.json")).unwrap_or(json!([]));
    let waits: i64 = before.as_array().unwrap().iter().map(|step| step["thenWaitMs"].as_i64().unwrap()).sum();
    let bodies = [other, acme].map(|client| client.body(&request, waits));
    for step in before.as_array().unwrap() {
        let mut earlier = request.clone();
        merge(&mut earlier, &step["change"]);
        for (client, body) in [other, acme].into_iter().zip(&bodies) {
            let again = step["again"] == true;
            let body = if again { body.clone() } else { client.body(&earlier, 0) };
            client.shop.post(&body).await.expect(200);
        }
        app.clock.advance(step["thenWaitMs"].as_i64().unwrap());
    }
    other.shop.post(&bodies[0]).await;
    let answer = acme.shop.post(&bodies[1]).await;
    assert_eq!(answer.header("content-type"), "application/json");
    acme.compare(case, &answer).await;
}

impl Client<'_> {
    /// The body of the request, sealed at a time that is so many milliseconds ahead.
    fn body(&self, request: &Value, ahead_ms: i64) -> Value {
        let envelope = self.device.envelope(self.shop.now().plus_millis(ahead_ms), request["claims"].clone());
        let mut body = self.shop.body(&envelope, "u1", "login");
        merge(&mut body, &request["body"]);
        body
    }

    async fn compare(&self, case: &Path, answer: &Answer) {
        let mut found = json!({ "status": answer.status.as_u16(), "body": answer.json() });
        let is_sealed = found["body"].get("ciphertext").is_some();
        let told = if is_sealed { self.shop.open(&found["body"]) } else { found["body"].clone() };
        let mut names = Names::of(&told);
        if is_sealed {
            names.hide(&self.shop.platform, "<the platform's key>");
            for member in ["ciphertext", "salt", "iv", "apiCiphertextSignature"] {
                names.hide(found["body"][member].as_str().unwrap(), &format!("<{member}>"));
            }
            found["opened"] = told.clone();
        }
        compare(&case.join("response.json"), &names, &found);
        if answer.status == 200 {
            let path = format!("/api/v1/client/events/{}", told["instance"]["uuid"].as_str().unwrap());
            // Tokens do not last as long as some stories.
            let viewer = format!("viewer@{}.example", self.shop.tenant.slug);
            let token = self.shop.app.log_in(&viewer, PASSWORD).await;
            let call = self.shop.app.get(&path).bearer(&token);
            let event = call.send().await.expect_json(200);
            for (name, placeholder) in KEYED {
                if let Some(hash) = event["facts"][name].as_str() {
                    names.hide(hash, placeholder);
                }
            }
            let members = ["type", "action", "user", "email", "decision", "answer", "facts"];
            let shown: Map<_, _> =
                members.map(|name| (name.to_owned(), event[name].clone())).into_iter().collect();
            compare(&case.join("event.json"), &names, &Value::Object(shown));
        }
    }
}

const KEYED: [(&str, &str); 3] = [
    ("device.hash", "<device hash>"),
    ("device.client_fingerprint", "<keyed hash>"),
    ("email.normalized_hash", "<keyed hash>"),
];

/// What differs from run to run, and what is shown in its place.
struct Names(Vec<(String, String)>);

impl Names {
    fn of(answer: &Value) -> Self {
        let mut names = Self(Vec::new());
        for (pointer, placeholder) in [
            ("/instance/uuid", "<event id>"),
            ("/deviceId", "<device id>"),
            ("/wagId", "<wag id>"),
            ("/clientPublicSignatureKey", "<the client's key>"),
            ("/requestId", "<request id>"),
        ] {
            if let Some(text) = answer.pointer(pointer).and_then(Value::as_str) {
                names.hide(text, placeholder);
            }
        }
        names
    }

    fn hide(&mut self, text: &str, placeholder: &str) {
        self.0.push((text.to_owned(), placeholder.to_owned()));
    }

    /// With placeholders also in the names of members.
    fn apply(&self, value: &Value) -> Value {
        let mut text = value.to_string();
        for (name, placeholder) in &self.0 {
            text = text.replace(name, placeholder);
        }
        let mut value = serde_json::from_str(&text).unwrap();
        round(&mut value);
        value
    }
}

fn round(value: &mut Value) {
    match value {
        Value::Object(object) => object.values_mut().for_each(round),
        Value::Array(array) => array.iter_mut().for_each(round),
        Value::Number(number) if number.is_f64() => {
            *value = json!((number.as_f64().unwrap() * 1e6).round() / 1e6);
        }
        _ => {}
    }
}

fn compare(path: &Path, names: &Names, found: &Value) {
    let found = names.apply(found);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(path, format!("{found:#}\n")).unwrap();
        return;
    }
    let expected = read(path).unwrap_or_else(|| panic!("{} is missing", path.display()));
    assert_eq!(format!("{found:#}"), format!("{expected:#}"), "{}", path.display());
}

fn read(path: &Path) -> Option<Value> {
    let text = fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        if !patch.is_null() {
            target.clone_from(patch);
        }
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let members = target.as_object_mut().unwrap();
    for (name, change) in patch {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}
