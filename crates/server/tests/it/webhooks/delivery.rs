//! What arrives, and what happens when it does not.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use portcullis_store::DeliveryState;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;

/// HMAC-SHA256 as RFC 2104 describes it, for keys of 32 bytes.
fn hmac(key: &WebhookSecret, message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key.expose());
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

#[tokio::test]
async fn a_message_arrives_signed_in_both_ways() {
    let (site, receiver) = (Site::new().await, Receiver::start([]));
    let (webhook, old) = site.webhook(&receiver.url()).await;
    let new = site.store.configuration(site.tenant).rotate_webhook_secret(&actor(), webhook).await.unwrap();
    let message = site.post(webhook).await;
    site.dispatcher().settle().await.unwrap();

    let received = receiver.received().remove(0);
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    let expected = json!({
        "id": message, "type": "webhook.test", "created_at": "2026-01-05T10:00:00.000Z", "livemode": false,
        "data": { "webhook": webhook.to_string() },
    });
    assert_eq!(body, expected);
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(received.header("user-agent"), concat!("Portcullis/", env!("CARGO_PKG_VERSION")));
    assert_eq!(received.header("host"), receiver.addr.to_string());
    assert_eq!(received.header("webhook-id"), message);
    assert_eq!(received.header("webhook-timestamp"), "1767607200");
    assert_eq!(received.header("x-txcloud-timestamp"), "1767607200");
    let signed = [format!("{message}.1767607200.").as_bytes(), &received.body].concat();
    let of = |secret| format!("v1,{}", STANDARD.encode(hmac(secret, &signed)));
    assert_eq!(received.header("webhook-signature"), format!("{} {}", of(&new), of(&old)));
    let hex = hmac(&new, &received.body).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert_eq!(received.header("x-txcloud-signature"), hex);

    let log = site.log(webhook).await;
    assert_eq!((log.state, log.attempts, log.last_status), (DeliveryState::Delivered, 1, Some(200)));
    site.dispatcher().settle().await.unwrap();
    assert_eq!(receiver.received().len(), 1, "once");
}

#[tokio::test]
async fn what_fails_is_sent_again_seven_times_in_all_and_not_before_its_time() {
    let (site, receiver) =
        (Site::new().await, Receiver::start([500, 503, 404, 301, 429, 599, 500].map(Reply::Status)));
    let (webhook, _) = site.webhook(&receiver.url()).await;
    let message = site.post(webhook).await;
    let mut dispatcher = site.dispatcher();
    for (attempts, minutes) in (1..).zip([1, 5, 30, 120, 720, 1_440]) {
        dispatcher.settle().await.unwrap();
        let log = site.log(webhook).await;
        assert_eq!((log.state, log.attempts), (DeliveryState::Pending, attempts), "{log:?}");
        let next_at = log.next_at.unwrap();
        let pause = next_at.millis_since(site.now());
        assert!((minutes * 60_000..=minutes * 66_000).contains(&pause), "{attempts}: {pause}");
        site.clock.set(next_at.plus_millis(-1));
        dispatcher.settle().await.unwrap();
        assert_eq!(receiver.received().len(), attempts as usize, "too early");
        site.clock.set(next_at);
    }
    dispatcher.settle().await.unwrap();
    let log = site.log(webhook).await;
    assert_eq!((log.state, log.attempts, log.last_status), (DeliveryState::Failed, 7, Some(500)));
    site.clock.advance(1_000_000_000);
    dispatcher.settle().await.unwrap();

    let all = receiver.received();
    assert_eq!(all.len(), 7);
    assert!(all.iter().all(|one| one.header("webhook-id") == message && one.body == all[0].body));
    assert!(all[6].header("webhook-timestamp") > all[0].header("webhook-timestamp"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (site, trap) = (Site::new().await, Receiver::start([]));
    let receiver = Receiver::start([Reply::Redirect(trap.url())]);
    let (webhook, _) = site.webhook(&receiver.url()).await;
    site.post(webhook).await;
    site.dispatcher().settle().await.unwrap();
    let log = site.log(webhook).await;
    assert_eq!((log.state, log.last_status), (DeliveryState::Pending, Some(302)));
    assert_eq!(log.last_error.unwrap(), "answered 302: redirects are not followed");
    assert!(trap.received().is_empty());
}

#[tokio::test]
async fn a_410_switches_the_webhook_off() {
    let (site, receiver) = (Site::new().await, Receiver::start([Reply::Status(410)]));
    let (webhook, _) = site.webhook(&receiver.url()).await;
    site.post(webhook).await;
    site.dispatcher().settle().await.unwrap();
    assert!(!site.store.control().webhooks(site.tenant)[0].enabled);
    assert_eq!(site.log(webhook).await.state, DeliveryState::Failed);
    site.post(webhook).await;
    site.dispatcher().settle().await.unwrap();
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_given_up_in_time() {
    let (site, receiver) = (Site::new().await, Receiver::start([Reply::Held]));
    let (webhook, _) = site.webhook(&receiver.url()).await;
    site.post(webhook).await;
    let hasty = client(true).patient_for(Duration::from_millis(100));
    within(Dispatcher::new(site.store.clone(), hasty).settle()).await.unwrap();
    let log = site.log(webhook).await;
    assert_eq!((log.last_status, log.last_error.as_deref()), (None, Some("no answer in time")));
    assert_eq!(log.state, DeliveryState::Pending);
}

#[tokio::test]
async fn nobody_there_is_a_failure() {
    let (site, receiver) = (Site::new().await, Receiver::start([]));
    let free = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), None).unwrap();
    let url = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    let (webhook, _) = site.webhook(&url).await;
    site.post(webhook).await;
    site.dispatcher().settle().await.unwrap();
    assert_eq!(site.log(webhook).await.last_error.as_deref(), Some("no connection"));
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn an_answer_is_not_read_to_its_end() {
    let (site, receiver) = (Site::new().await, Receiver::start([Reply::Endless]));
    let (webhook, _) = site.webhook(&receiver.url()).await;
    site.post(webhook).await;
    within(site.dispatcher().settle()).await.unwrap();
    assert_eq!(site.log(webhook).await.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn what_was_not_sent_is_sent_after_a_restart() {
    let (site, receiver) = (Site::new().await, Receiver::start([Reply::Status(500)]));
    let (webhook, _) = site.webhook(&receiver.url()).await;
    let first = site.post(webhook).await;
    site.dispatcher().settle().await.unwrap();
    let second = site.post(webhook).await;
    let site = site.reopened().await;
    site.dispatcher().settle().await.unwrap();
    site.clock.advance(66_000);
    site.dispatcher().settle().await.unwrap();
    let ids: Vec<_> = receiver.received().iter().map(|one| one.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, [first.clone(), second, first]);
}
