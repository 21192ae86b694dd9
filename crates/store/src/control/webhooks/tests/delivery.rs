//! From the announcement to the last attempt.

use super::*;

#[tokio::test]
async fn those_who_subscribe_are_told_and_nobody_else() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let both = f.webhook(acme, &[WebhookType::DeviceBlocked, WebhookType::RuleTriggered]).await;
    let rules = f.webhook(acme, &[WebhookType::RuleTriggered]).await;
    let off = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    let change = WebhookChange { enabled: Some(false), ..WebhookChange::default() };
    f.store.configuration(acme).update_webhook(&admin(), off, change).await.unwrap();
    let theirs = f.webhook(other, &[WebhookType::DeviceBlocked]).await;

    f.announce(acme, WebhookType::DeviceBlocked, "blk_1").await;
    f.announce(acme, WebhookType::ReviewOpened, "rev_1").await;
    assert_eq!(f.count("webhook_message").await, 1, "nobody subscribes to the other");
    let due = f.due().await;
    assert_eq!(due.iter().map(|due| due.webhook).collect::<Vec<_>>(), [both]);
    for (tenant, webhook) in [(acme, rules), (acme, off), (other, theirs)] {
        assert!(f.deliveries(tenant, webhook).await.is_empty());
    }

    let request = f.store.webhook_request(due[0]).await.unwrap().unwrap();
    assert_eq!((request.url.as_str(), request.secrets.len()), ("https://example.com/hook", 1));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let expected = json!({
        "id": due[0].message.to_string(), "type": "fraud.device.blocked",
        "created_at": "1970-01-01T00:00:00.000Z", "livemode": true, "data": { "who": "jane@example.com" },
    });
    assert_eq!(body, expected);
    let delivery = WebhookDelivery {
        message: due[0].message,
        kind: WebhookType::DeviceBlocked,
        subject: "blk_1".to_owned(),
        mode: Mode::Live,
        state: DeliveryState::Pending,
        attempts: 0,
        created_at: f.now(),
        next_at: Some(f.now()),
        last_at: None,
        last_status: None,
        last_error: None,
        last_duration_ms: None,
        ended_at: None,
    };
    assert_eq!(f.deliveries(acme, both).await, [delivery]);
}

#[tokio::test]
async fn nothing_is_told_of_what_was_not_written() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    let (outbox, control) = (f.store.backend.outbox.clone(), f.store.control());
    let result: Result<(), Error> = f
        .store
        .write(move |tx| {
            let realm = Realm { tenant: acme, mode: Mode::Test };
            let kind = WebhookType::DeviceBlocked;
            let announcement = Announcement { realm, kind, subject: "blk_1", data: &Value::Null };
            outbox.announce(tx, &control, &announcement, Timestamp::from_millis(0))?;
            Err(Error::NotFound("device"))
        })
        .await;
    assert!(result.is_err());
    assert_eq!((f.count("webhook_message").await, f.count("webhook_delivery").await), (0, 0));
}

#[tokio::test]
async fn a_delivery_is_tried_seven_times_at_growing_intervals() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let webhook = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    f.announce(acme, WebhookType::DeviceBlocked, "blk_1").await;
    for (attempts, minutes) in (1..).zip([1, 5, 30, 120, 720, 1_440]) {
        let due = f.due().await[0];
        f.note(due, 500, failed()).await;
        let log = f.deliveries(acme, webhook).await.remove(0);
        let next_at = log.next_at.unwrap();
        let pause = next_at.millis_since(f.now());
        assert!((minutes * 60_000..=minutes * 66_000).contains(&pause), "{attempts}: {pause}");
        assert_eq!((log.state, log.attempts, log.last_status), (DeliveryState::Pending, attempts, Some(500)));
        assert_eq!(log.last_error.as_deref(), Some("answered 500"));
        f.set(next_at.plus_millis(-1));
        assert!(f.due().await.is_empty(), "too early");
        f.set(next_at);
        assert_eq!(f.due().await.len(), 1);
    }
    f.note(f.due().await[0], 500, failed()).await;
    assert!(f.due().await.is_empty());
    let log = f.deliveries(acme, webhook).await.remove(0);
    assert_eq!((log.state, log.attempts, log.next_at), (DeliveryState::Failed, 7, None));
    assert_eq!(log.ended_at, Some(f.now()));

    let again = f.store.configuration(acme).resend_webhook(webhook, log.message).await.unwrap();
    assert_eq!((again.state, again.attempts, again.ended_at), (DeliveryState::Pending, 0, None));
    let due = f.due().await[0];
    assert_eq!(due.message, log.message, "the same message");
    f.note(due, 204, AttemptVerdict::Delivered).await;
    let log = f.deliveries(acme, webhook).await.remove(0);
    assert_eq!((log.state, log.attempts, log.last_error), (DeliveryState::Delivered, 1, None));
    assert_eq!((log.last_status, log.last_duration_ms), (Some(204), Some(5)));
    assert!(f.store.webhook_request(due).await.unwrap().is_none());
}

#[tokio::test]
async fn a_receiver_that_is_gone_switches_its_webhook_off() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let webhook = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    f.announce(acme, WebhookType::DeviceBlocked, "blk_1").await;
    f.announce(acme, WebhookType::DeviceBlocked, "blk_2").await;
    let due = f.due().await;
    f.note(due[0], 410, AttemptVerdict::Gone).await;
    assert!(!f.store.control().webhooks(acme)[0].enabled);
    assert!(f.due().await.is_empty());
    assert!(f.store.webhook_request(due[1]).await.unwrap().is_none());
    let states: Vec<_> = f.deliveries(acme, webhook).await.into_iter().map(|log| log.state).collect();
    assert_eq!(states, [DeliveryState::Pending, DeliveryState::Failed], "newest first");
    let line = f.store.configuration(acme).audit(None, 1).await.unwrap().remove(0);
    assert_eq!((line.action.as_str(), line.target), ("webhook.update", webhook.to_string()));
    assert_eq!(line.after.unwrap()["because"], "410 Gone");

    // What waited is sent once it is switched on again.
    let change = WebhookChange { enabled: Some(true), ..WebhookChange::default() };
    f.store.configuration(acme).update_webhook(&admin(), webhook, change).await.unwrap();
    assert_eq!(f.due().await.iter().map(|due| due.message).collect::<Vec<_>>(), [due[1].message]);
}

#[tokio::test]
async fn every_webhook_comes_before_the_second_message_of_any() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let busy = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    let quiet = f.webhook(other, &[WebhookType::DeviceBlocked]).await;
    for _ in 0..3 {
        f.announce(acme, WebhookType::DeviceBlocked, "blk_1").await;
    }
    f.announce(other, WebhookType::DeviceBlocked, "blk_2").await;
    let due = f.store.due_webhooks(2).await.unwrap();
    let order: Vec<_> = due.iter().map(|due| (due.webhook, due.rank)).collect();
    assert_eq!(order, [(busy, 0), (quiet, 0), (busy, 1)]);
    assert!(due[0].message < due[2].message, "oldest first");
}

#[tokio::test]
async fn the_due_ones_are_found_without_a_scan() {
    let f = Fixture::new();
    let plan: Vec<String> = f
        .store
        .read(|connection| {
            let sql = "EXPLAIN QUERY PLAN SELECT min(webhook) FROM webhook_delivery
                       WHERE state = 'pending' AND webhook > 'whk_1'";
            let mut statement = connection.prepare(sql)?;
            Ok(statement.query_map([], |row| row.get(3))?.collect::<Result<_, _>>()?)
        })
        .await
        .unwrap();
    assert!(plan[0].contains("SEARCH") && plan[0].contains("webhook_delivery_due"), "{plan:?}");
}
