//! Making, changing and deleting webhooks.

use super::*;

#[tokio::test]
async fn a_webhook_is_in_the_snapshot_when_it_was_made_and_gone_when_it_was_deleted() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let of_acme = f.store.configuration(acme);
    let new = new_webhook(&[WebhookType::DeviceBlocked]);
    let (made, secret) = of_acme.create_webhook(&admin(), new).await.unwrap();
    assert_ne!(secret.expose(), &[0; 32]);
    assert!(made.id.to_string().starts_with("whk_"));
    assert_eq!(f.store.control().webhooks(acme), [made.clone().into()]);
    assert!(f.store.control().webhooks(other).is_empty());

    f.set(Timestamp::from_millis(5_000));
    let change = WebhookChange { enabled: Some(false), ..WebhookChange::default() };
    let changed = of_acme.update_webhook(&admin(), made.id, change.clone()).await.unwrap();
    let expected = Webhook { enabled: false, updated_at: Timestamp::from_millis(5_000), ..made.clone() };
    assert_eq!(changed, expected);
    let revision = f.store.control().revision();
    of_acme.update_webhook(&admin(), made.id, change).await.unwrap();
    assert_eq!(f.store.control().revision(), revision, "nothing changed");
    let f = f.reopen().await;
    assert_eq!(f.store.control().webhooks(acme), [expected.into()]);

    let of_acme = f.store.configuration(acme);
    of_acme.delete_webhook(&admin(), made.id).await.unwrap();
    assert!(f.store.control().webhooks(acme).is_empty());
    assert!(matches!(of_acme.delete_webhook(&admin(), made.id).await, Err(Error::NotFound(_))));
    assert_eq!(f.count("webhook_secret").await, 0);
}

#[tokio::test]
async fn webhooks_of_another_tenant_are_not_there() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let id = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    let message = f.store.configuration(acme).test_webhook(id).await.unwrap();
    let foreign = f.store.configuration(other);
    let change = WebhookChange { enabled: Some(false), ..WebhookChange::default() };
    assert!(matches!(foreign.update_webhook(&admin(), id, change).await, Err(Error::NotFound(_))));
    assert!(matches!(foreign.rotate_webhook_secret(&admin(), id).await, Err(Error::NotFound(_))));
    assert!(matches!(foreign.test_webhook(id).await, Err(Error::NotFound(_))));
    assert!(matches!(foreign.webhook_deliveries(id, None, 10).await, Err(Error::NotFound(_))));
    assert!(matches!(foreign.resend_webhook(id, message).await, Err(Error::NotFound(_))));
    assert!(matches!(foreign.delete_webhook(&admin(), id).await, Err(Error::NotFound(_))));
    let mine = f.webhook(other, &[WebhookType::DeviceBlocked]).await;
    assert!(
        matches!(foreign.resend_webhook(mine, message).await, Err(Error::NotFound(_))),
        "not its message"
    );
}

#[tokio::test]
async fn there_are_at_most_twenty() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    for _ in 0..MOST_WEBHOOKS {
        f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    }
    let new = new_webhook(&[WebhookType::DeviceBlocked]);
    let error = f.store.configuration(acme).create_webhook(&admin(), new).await.unwrap_err();
    assert_eq!(error.to_string(), "there may be at most 20 webhooks");
    f.webhook(other, &[WebhookType::DeviceBlocked]).await;
}

#[tokio::test]
async fn every_change_is_in_the_audit_log_and_no_secret() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let of_acme = f.store.configuration(acme);
    let id = f.webhook(acme, &[WebhookType::DeviceBlocked]).await;
    of_acme.rotate_webhook_secret(&admin(), id).await.unwrap();
    let change = WebhookChange { url: Some("https://example.com/2".to_owned()), ..WebhookChange::default() };
    of_acme.update_webhook(&admin(), id, change).await.unwrap();
    of_acme.delete_webhook(&admin(), id).await.unwrap();
    let made = json!({ "url": "https://example.com/hook", "description": "why",
                       "types": ["fraud.device.blocked"], "enabled": true });
    let mut changed = made.clone();
    changed["url"] = "https://example.com/2".into();
    let log = of_acme.audit(None, 4).await.unwrap();
    for (line, (action, before, after)) in log.iter().zip([
        ("webhook.delete", Some(&changed), None),
        ("webhook.update", Some(&made), Some(&changed)),
        ("webhook.rotate_secret", None, None),
        ("webhook.create", None, Some(&made)),
    ]) {
        assert_eq!((line.action.as_str(), line.target.clone()), (action, id.to_string()));
        assert_eq!((line.before.as_ref(), line.after.as_ref()), (before, after), "{action}");
    }
}

#[tokio::test]
async fn a_replaced_secret_signs_for_one_more_day_and_no_earlier_one_does() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let of_acme = f.store.configuration(acme);
    let new = new_webhook(&[WebhookType::DeviceBlocked]);
    let (Webhook { id, .. }, first) = of_acme.create_webhook(&admin(), new).await.unwrap();
    of_acme.test_webhook(id).await.unwrap();
    let due = f.due().await[0];
    let secrets = async || {
        let request = f.store.webhook_request(due).await.unwrap().unwrap();
        request.secrets.iter().map(|secret| *secret.expose()).collect::<Vec<_>>()
    };
    assert_eq!(secrets().await, [*first.expose()]);
    let second = of_acme.rotate_webhook_secret(&admin(), id).await.unwrap();
    assert_eq!(secrets().await, [*second.expose(), *first.expose()]);
    f.set(Timestamp::from_millis(OLD_SECRET_MS - 1));
    assert_eq!(secrets().await.len(), 2);
    f.set(Timestamp::from_millis(OLD_SECRET_MS));
    assert_eq!(secrets().await, [*second.expose()]);
    let third = of_acme.rotate_webhook_secret(&admin(), id).await.unwrap();
    let fourth = of_acme.rotate_webhook_secret(&admin(), id).await.unwrap();
    assert_eq!(secrets().await, [*fourth.expose(), *third.expose()]);
    let f = f.reopen().await;
    let request = f.store.webhook_request(due).await.unwrap().unwrap();
    assert_eq!(request.secrets[0].expose(), fourth.expose(), "after a restart");
}

#[tokio::test]
async fn neither_secrets_nor_messages_are_in_the_file_in_clear() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let new = new_webhook(&[WebhookType::DeviceBlocked]);
    let (_, secret) = f.store.configuration(acme).create_webhook(&admin(), new).await.unwrap();
    f.announce(acme, WebhookType::DeviceBlocked, "blk_1").await;
    let columns: Vec<Vec<u8>> = f
        .store
        .read(|connection| {
            let mut all = connection
                .prepare("SELECT secret FROM webhook_secret UNION ALL SELECT body FROM webhook_message")?;
            Ok(all.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .await
        .unwrap();
    assert_eq!(columns.len(), 2);
    for column in columns {
        assert!(!column.windows(8).any(|part| part == &secret.expose()[..8] || part == b"jane@exa"));
    }
}
