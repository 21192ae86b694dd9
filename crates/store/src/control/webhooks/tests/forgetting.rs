//! What is kept, and for how long.

use super::*;

#[tokio::test]
async fn deliveries_are_forgotten_30_days_after_their_end_and_pending_ones_are_not() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let first = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    let second = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    f.announce(acme, WebhookType::DeviceBlocked, "blk_1").await;
    let due = f.due().await;
    assert_eq!(due[0].webhook, first);
    f.note(due[0], 200, AttemptVerdict::Delivered).await;
    f.set(Timestamp::from_millis(DELIVERIES_MS - 1));
    assert_eq!(f.store.forget_old_webhook_deliveries().await.unwrap(), 0);
    f.set(Timestamp::from_millis(DELIVERIES_MS));
    assert_eq!(f.store.forget_old_webhook_deliveries().await.unwrap(), 1);
    assert!(f.deliveries(acme, first).await.is_empty());
    assert_eq!(f.deliveries(acme, second).await.len(), 1);
    assert_eq!(f.count("webhook_message").await, 1, "the second one still needs it");

    f.note(f.due().await[0], 200, AttemptVerdict::Delivered).await;
    f.set(Timestamp::from_millis(2 * DELIVERIES_MS));
    assert_eq!(f.store.forget_old_webhook_deliveries().await.unwrap(), 1);
    assert_eq!(f.count("webhook_message").await, 0);
}

#[tokio::test]
async fn those_of_a_deleted_webhook_are_never_sent_and_soon_forgotten() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let (gone, kept) = (
        f.webhook(acme, &[WebhookType::DeviceBlocked]).await,
        f.webhook(acme, &[WebhookType::DeviceBlocked]).await,
    );
    let (outbox, at) = (f.store.backend.outbox.clone(), f.now());
    let many = move |tx: &Transaction<'_>| {
        let realm = Realm { tenant: acme, mode: Mode::Live };
        let announcement = Announcement { realm, kind: WebhookType::Test, subject: "", data: &Value::Null };
        (0..1_100).try_for_each(|_| outbox.post(tx, &[gone], &announcement, at).map(drop))
    };
    f.store.write(many).await.unwrap();
    f.announce(acme, WebhookType::DeviceBlocked, "blk_1").await;
    f.store.configuration(acme).delete_webhook(&admin(), gone).await.unwrap();
    assert!(f.due().await.iter().all(|due| due.webhook == kept));
    assert_eq!(f.store.forget_old_webhook_deliveries().await.unwrap(), 1_101);
    assert_eq!((f.count("webhook_message").await, f.count("webhook_delivery").await), (1, 1));
}

#[tokio::test]
async fn pending_deliveries_outlive_a_restart() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    f.announce(acme, WebhookType::DeviceBlocked, "blk_1").await;
    let due = f.due().await;
    let before = f.store.webhook_request(due[0]).await.unwrap().unwrap();
    let f = f.reopen().await;
    assert_eq!(f.due().await, due);
    let after = f.store.webhook_request(due[0]).await.unwrap().unwrap();
    assert_eq!(after.body, before.body, "byte for byte");
}

#[tokio::test]
async fn the_log_is_paged_newest_first() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let webhook = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    for subject in ["a", "b", "c"] {
        f.announce(acme, WebhookType::DeviceBlocked, subject).await;
    }
    let of_acme = f.store.configuration(acme);
    let page = of_acme.webhook_deliveries(webhook, None, 2).await.unwrap();
    assert_eq!(page.iter().map(|log| log.subject.as_str()).collect::<Vec<_>>(), ["c", "b"]);
    let rest = of_acme.webhook_deliveries(webhook, Some(page[1].message), 2).await.unwrap();
    assert_eq!(rest.iter().map(|log| log.subject.as_str()).collect::<Vec<_>>(), ["a"]);
}
