//! Visits of browsers in envelopes, each sealed with a key of its own, as backends pass them on.

use std::net::SocketAddr;

use portcullis_domain::{Clock as _, SystemClock};
use portcullis_testkit::KeyriClient;
use serde_json::{Value, json};

use crate::{
    server::{keyri_service, platform_key},
    traffic::Random,
};

const BROWSERS: u64 = 5_000;
const EVENTS: [&str; 4] = ["visit", "login", "login", "purchase"];

/// Makes request bodies of about 2 KB; one visit of twenty is another user's than the browser's own.
pub struct Browsers {
    random: Random,
    clients: Vec<KeyriClient>,
    service: Value,
    is_encrypted: bool,
}

impl Browsers {
    /// Browsers that nobody has seen yet, and a service of the server for them.
    pub async fn new(server: SocketAddr, is_encrypted: bool) -> Self {
        let platform = platform_key(server).await;
        let clients = (0..BROWSERS).map(|_| KeyriClient::web(&platform)).collect();
        Self { random: Random(1), clients, service: keyri_service(server).await, is_encrypted }
    }

    /// The next request's body.
    pub fn body(&mut self) -> String {
        let browser = self.random.below(BROWSERS);
        let user = if self.random.below(20) == 0 { self.random.below(BROWSERS) } else { browser };
        let event = EVENTS[self.random.below(4) as usize];
        let envelope = self.clients[browser as usize].envelope(SystemClock.now(), claims(browser));
        let mut body = json!({
            "encryptedB64Payload": envelope,
            "userId": format!("user-{user}"),
            "eventType": event,
            "metadata": { "cart": self.random.below(500), "currency": "EUR" },
            "ipAddress": format!("84.160.{}.{}", browser / 250, 1 + browser % 250),
            "headers": { "accept-language": "de-DE,de;q=0.9", "user-agent": AGENT },
            "Service_Encryption_Key": self.service["serviceEncryptionKey"],
        });
        if !self.is_encrypted {
            body["Service_Decryption_Key"] = self.service["serviceDecryptionKey"].clone();
        }
        body.to_string()
    }
}

const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

fn claims(browser: u64) -> Value {
    let mut own = Random(browser);
    json!({
        "deviceHash": format!("{:016x}{:016x}", own.next(), own.next()),
        "deviceParams": {
            "screenResolution": format!("{}x1080", 1_280 + own.below(20) * 32),
            "colorDepth": "24",
            "timezone": "Europe/Berlin",
            "platform": "Win32",
            "languages": "de-DE",
            "hardwareConcurrency": (2 + own.below(8) * 2).to_string(),
            "canvas": format!("{:016x}", own.next()),
            "fonts": format!("{:016x}", own.next()),
        },
    })
}
