//! Webhooks against a real store in a temporary directory.

mod configuration;
mod delivery;
mod forgetting;

use std::sync::atomic::Ordering;

use super::{
    super::tests::{Fixture, admin},
    *,
};

fn new_webhook(types: &[WebhookType]) -> NewWebhook {
    NewWebhook {
        url: "https://example.com/hook".to_owned(),
        description: "why".to_owned(),
        types: types.to_vec(),
        enabled: true,
    }
}

impl Fixture {
    async fn webhook(&self, tenant: TenantId, types: &[WebhookType]) -> WebhookId {
        self.store.configuration(tenant).create_webhook(&admin(), new_webhook(types)).await.unwrap().0.id
    }

    /// Announces something of this kind, as whoever records it does.
    async fn announce(&self, tenant: TenantId, kind: WebhookType, subject: &'static str) {
        let (outbox, control) = (self.store.backend.outbox.clone(), self.store.control());
        let (realm, at) = (Realm { tenant, mode: Mode::Live }, self.now());
        self.store
            .write(move |tx| {
                let data = json!({ "who": "jane@example.com" });
                let announcement = Announcement { realm, kind, subject, data: &data };
                outbox.announce(tx, &control, &announcement, at)
            })
            .await
            .unwrap();
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.0.load(Ordering::SeqCst))
    }

    fn set(&self, at: Timestamp) {
        self.clock.0.store(at.as_millis(), Ordering::SeqCst);
    }

    async fn due(&self) -> Vec<DueWebhook> {
        self.store.due_webhooks(10).await.unwrap()
    }

    async fn deliveries(&self, tenant: TenantId, webhook: WebhookId) -> Vec<WebhookDelivery> {
        self.store.configuration(tenant).webhook_deliveries(webhook, None, 100).await.unwrap()
    }

    async fn note(&self, due: DueWebhook, status: u16, verdict: AttemptVerdict) {
        let DueWebhook { webhook, message, .. } = due;
        let attempt = WebhookAttempt {
            webhook,
            message,
            at: self.now(),
            duration_ms: 5,
            status: Some(status),
            verdict,
        };
        self.store.note_webhook_attempts(vec![attempt]).await.unwrap();
    }

    async fn count(&self, table: &'static str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.store
            .read(move |connection| Ok(connection.query_row(&sql, [], |row| row.get(0))?))
            .await
            .unwrap()
    }
}

fn failed() -> AttemptVerdict {
    AttemptVerdict::Failed("answered 500".to_owned())
}
