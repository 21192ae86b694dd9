//! The whole server without a socket: a real store in a temporary directory, and the real router.

use std::{path::Path, sync::Arc};

use axum::Router;
use http::Method;
use portcullis_api::{AppState, Readiness, Registration, Setup, password::Password};
use portcullis_intel::{Intel, Sources};
use portcullis_store::{Actor, Options, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Call, FakeClock};

/// Everybody's password.
pub const PASSWORD: &str = "SecurePass1!";
/// The super admin's address.
const ADMIN: &str = "root@example.com";

/// A server with one super admin and no tenants.
#[derive(Debug)]
pub struct TestApp {
    /// Its clock.
    pub clock: FakeClock,
    /// Its data.
    pub store: Store,
    /// Its switch for `/readyz`; on.
    pub readiness: Readiness,
    /// A super admin's token; valid for 24 hours of the clock.
    pub admin: String,
    router: Router,
    dir: TempDir,
}

/// A tenant with a user of each role and a live key.
#[derive(Clone, Debug)]
pub struct TestTenant {
    /// Its slug.
    pub slug: String,
    /// The token of its `CLIENT_ADMIN`, `admin@<slug>.example`.
    pub admin: String,
    /// The token of its `ANALYST`, `analyst@<slug>.example`.
    pub analyst: String,
    /// The token of its `VIEWER`, `viewer@<slug>.example`.
    pub viewer: String,
    /// A live ingest key.
    pub key: String,
    /// That key's id.
    pub key_id: String,
}

impl TestApp {
    /// A fresh server that trusts the proxies in 10.0.0.0/8.
    pub async fn new() -> Self {
        Self::with(Registration::Open).await
    }

    /// The same where only the super admin makes accounts.
    pub async fn closed_to_registration() -> Self {
        Self::with(Registration::Closed).await
    }

    async fn with(registration: Registration) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut app = Self::open(dir, FakeClock::default(), registration);
        let hash = Password::new(PASSWORD.to_owned()).hash().expect("a hash");
        app.store.put_admin(&Actor::machine("test"), ADMIN.to_owned(), hash).await.expect("an admin");
        app.admin = app.log_in(ADMIN, PASSWORD).await;
        app
    }

    /// The same server after it was stopped and started again; tokens and keys stay valid.
    pub async fn restarted(self) -> Self {
        let Self { clock, store, readiness: _, admin, router, dir } = self;
        store.close().await.expect("the store closes");
        drop((store, router));
        Self { admin, ..Self::open(dir, clock, Registration::Open) }
    }

    fn open(dir: TempDir, clock: FakeClock, registration: Registration) -> Self {
        let store = Store::open(Options::new(dir.path(), clock.shared())).expect("a store");
        let readiness = Readiness::default();
        readiness.set(true);
        let state = AppState::new(Setup {
            store: store.clone(),
            intel: Arc::new(Intel::load(&Sources::default()).expect("reference data")),
            trusted_proxies: vec!["10.0.0.0/8".parse().expect("a network")],
            registration,
            webhook_allow_private: false,
            readiness: readiness.clone(),
            render_metrics: Arc::new(|| "up 1\n".to_owned()),
        });
        Self { clock, store, readiness, admin: String::new(), router: portcullis_api::router(state), dir }
    }

    /// A tenant with a user of each role and a live key.
    pub async fn tenant(&self, slug: &str) -> TestTenant {
        let client = json!({ "name": slug.to_uppercase(), "slug": slug });
        self.post("/api/v1/admin/clients", &client).bearer(&self.admin).send().await.expect(201);
        let mut tokens = Vec::new();
        for (name, role) in [("admin", "CLIENT_ADMIN"), ("analyst", "ANALYST"), ("viewer", "VIEWER")] {
            let email = format!("{name}@{slug}.example");
            let user = json!({ "email": email, "password": PASSWORD, "role": role });
            let path = format!("/api/v1/admin/clients/{slug}/users");
            self.post(&path, &user).bearer(&self.admin).send().await.expect(201);
            tokens.push(self.log_in(&email, PASSWORD).await);
        }
        let [admin, analyst, viewer] = <[String; 3]>::try_from(tokens).expect("three tokens");
        let key = json!({ "name": "main", "dialect": "ingest", "mode": "live" });
        let key = self.post("/api/v1/client/api-keys", &key).bearer(&admin).send().await.expect_json(201);
        let text = |field: &str| key[field].as_str().expect("a text").to_owned();
        TestTenant { slug: slug.to_owned(), admin, analyst, viewer, key: text("key"), key_id: text("id") }
    }

    /// A token of this user. The call comes from an address of its own, so that only tests of the limit meet it.
    pub async fn log_in(&self, email: &str, password: &str) -> String {
        let body = json!({ "email": email, "password": password });
        let peer =
            format!("2001:db8:{:x}::1", email.bytes().fold(0u16, |sum, b| sum.rotate_left(3) ^ u16::from(b)));
        let answer = self.post("/v1/auth/login", &body).from(&peer).send().await.expect_json(200);
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// A request without a body.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// A request with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call(Method::POST, path).json(body)
    }

    /// A request with a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Call {
        self.call(Method::PUT, path).json(body)
    }

    /// A request with a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Call {
        self.call(Method::PATCH, path).json(body)
    }

    /// A request without a body.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// Any request.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.router.clone(), method, path)
    }

    /// Where its data is.
    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }
}
