//! The binary itself: its setting, and what is left when it is killed.

use serde_json::{Value, json};

use super::*;
use crate::process::{Call, Client as HttpClient, Server as Process, Tenant, serve, text};

const WEBHOOKS: &str = "/api/v1/client/webhooks";

async fn newest(client: &mut HttpClient, tenant: &Tenant, webhook: &str) -> Value {
    let log = Call::get(format!("{WEBHOOKS}/{webhook}/deliveries")).bearer(&tenant.admin);
    client.send(&log).await.expect(200)["items"][0].clone()
}

#[tokio::test]
async fn a_message_that_was_under_way_when_the_process_was_killed_is_sent_again() {
    let receiver = Receiver::start([Reply::Held]);
    let dir = tempfile::tempdir().unwrap();
    let mut server = Process::start(serve(dir.path(), &["--webhook-allow-private"]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "acme").await;
    let new = json!({ "url": receiver.url(), "types": ["fraud.device.blocked"] });
    let made = client.send(&Call::post(WEBHOOKS, &new).bearer(&tenant.admin)).await.expect(201);
    let webhook = text(&made, "id");
    let test = Call::post(format!("{WEBHOOKS}/{webhook}/test"), &Value::Null).bearer(&tenant.admin);
    let message = text(&client.send(&test).await.expect(202), "id");
    receiver.arrival().await;
    server.kill();

    let server = Process::start(serve(dir.path(), &["--webhook-allow-private"]));
    receiver.arrival().await;
    let received = receiver.received();
    assert!(received.iter().all(|one| one.header("webhook-id") == message));
    assert_eq!((received.len(), &received[0].body), (2, &received[1].body));
    let mut client = server.connect().await;
    within(async {
        while newest(&mut client, &tenant, &webhook).await["state"] != "delivered" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(newest(&mut client, &tenant, &webhook).await["attempts"], 1, "that of the second process");
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn without_the_setting_only_https_on_the_public_internet_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(serve(dir.path(), &[]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "acme").await;
    for url in ["http://example.com/", "https://127.0.0.1/", "https://[::1]/"] {
        let new = json!({ "url": url, "types": ["fraud.device.blocked"] });
        let refused = client.send(&Call::post(WEBHOOKS, &new).bearer(&tenant.admin)).await.expect(400);
        assert_eq!(refused["errors"][0]["pointer"], "/url");
    }
    assert_eq!(server.stop().await, Some(0));
}
