//! A shop whose pages seal what they know, and its backend.

use portcullis_domain::{Clock as _, Timestamp};
use portcullis_testkit::{Answer, Call, KeyriClient, TestApp, TestTenant, open_keyri_answer};
use serde_json::{Value, json};

/// A laptop, as a page sees it.
pub fn laptop(hash: &str) -> Value {
    json!({
        "deviceHash": hash,
        "deviceParams": {
            "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            "screenResolution": "1920x1080",
            "screenColorDepth": "24",
            "timezone": "America/Chicago",
            "languages": "[[\"en-US\"]]",
            "platform": "Win32",
            "gpuVendor": "Google Inc. (NVIDIA)",
            "gpuRenderer": "ANGLE (NVIDIA GeForce GTX 1660)",
            "hardwareConcurrency": "8",
            "fonts": "Arial,Calibri",
        },
    })
}

/// A phone, as an app sees it.
pub fn phone(hash: &str) -> Value {
    json!({
        "deviceHash": hash,
        "deviceInfo": {
            "rooted": false, "swizzle": false, "isDebuggable": false, "maliciousPackages": false,
            "dangerousApps": false, "tamperDetection": false, "emulator": false,
        },
        "userId": "ANON",
        "eventType": "login",
        "success": true,
    })
}

pub struct Shop<'a> {
    pub app: &'a TestApp,
    pub tenant: TestTenant,
    /// The service, as it was shown when it was made.
    pub service: Value,
    pub platform: String,
}

impl<'a> Shop<'a> {
    pub async fn of(app: &'a TestApp, slug: &str) -> Self {
        let tenant = app.tenant(slug).await;
        Self::with(app, tenant, &json!({ "name": "web shop" })).await
    }

    pub async fn with(app: &'a TestApp, tenant: TestTenant, new: &Value) -> Self {
        let made = app.post("/api/v1/client/keyri-services", new).bearer(&tenant.admin);
        let service = made.send().await.expect_json(201);
        let platform = app.get("/v1/client/public-key").send().await.expect_json(200);
        Self { app, tenant, service, platform: platform["publicKey"].as_str().unwrap().to_owned() }
    }

    pub fn text(&self, field: &str) -> &str {
        self.service[field].as_str().unwrap()
    }

    pub fn web(&self) -> KeyriClient {
        KeyriClient::web(&self.platform)
    }

    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// A body that asks for a clear answer.
    pub fn body(&self, envelope: &str, user: &str, event_type: &str) -> Value {
        json!({
            "encryptedB64Payload": envelope,
            "userId": user,
            "eventType": event_type,
            "metadata": { "cart": 3 },
            "ipAddress": "84.160.1.2",
            "headers": {},
            "Service_Encryption_Key": self.text("serviceEncryptionKey"),
            "Service_Decryption_Key": self.text("serviceDecryptionKey"),
        })
    }

    pub fn call(&self, body: &Value) -> Call {
        self.app.post("/v1/client", body)
    }

    pub async fn post(&self, body: &Value) -> Answer {
        self.call(body).send().await
    }

    /// Sends a fresh envelope of `client`, and gives the clear answer.
    pub async fn send(&self, client: &KeyriClient, claims: Value, user: &str, event_type: &str) -> Value {
        let envelope = client.envelope(self.now(), claims);
        self.post(&self.body(&envelope, user, event_type)).await.expect_json(200)
    }

    /// Opens an encrypted answer.
    pub fn open(&self, answer: &Value) -> Value {
        open_keyri_answer(self.text("serviceDecryptionKey"), &self.platform, answer)
    }

    pub fn path(&self, below: &str) -> String {
        format!("/api/v1/client/keyri-services/{}{below}", self.text("id"))
    }

    pub async fn put(&self, below: &str, body: &Value) -> Value {
        self.app.put(&self.path(below), body).bearer(&self.tenant.admin).send().await.expect_json(200)
    }
}

/// What the answer says fired.
pub fn signals(answer: &Value) -> Vec<&str> {
    answer["signals"].as_array().unwrap().iter().map(|signal| signal.as_str().unwrap()).collect()
}

/// Sets a reputation list.
pub async fn list(app: &TestApp, name: &str, items: Value) {
    let path = format!("/api/v1/admin/reputation/{name}");
    app.put(&path, &json!({ "items": items })).bearer(&app.admin).send().await.expect(200);
}
