//! Sends what waits in the outbox to webhooks: several at a time, at least once each.
//!
//! An attempt is written down after it was made. One that is under way when the process dies is made again, with the same
//! `webhook-id`.

mod client;
mod sign;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use portcullis_domain::Stopwatch;
use portcullis_store::{AttemptVerdict, DueWebhook, Error, MessageId, Store, WebhookAttempt, WebhookId};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{self, MissedTickBehavior, timeout},
};

pub use self::client::{Client, Resolve, Resolving, SendError};
use crate::drain::Drain;

/// How often the outbox is looked at while nothing is under way.
const PERIOD: Duration = Duration::from_secs(1);

/// Attempts under way at a time.
const MOST: usize = 64;
/// Attempts under way at a time to one webhook.
const MOST_EACH: u32 = 8;
/// The part of [`MOST`] that is only for webhooks with no attempt under way, so that slow ones leave room for the others.
const RESERVED: usize = MOST / 2;

/// How long attempts that are under way may hold up the end of the process.
const LEAVING: Duration = Duration::from_secs(5);

/// Sends what is due, and keeps track of the attempts that are under way.
#[derive(Debug)]
pub struct Dispatcher {
    store: Store,
    client: Client,
    attempts: JoinSet<Option<WebhookAttempt>>,
    under_way: HashMap<Id, DueWebhook>,
    /// Attempts that are over and not written down yet: they are not made again until they are.
    over: Vec<(Id, Option<WebhookAttempt>)>,
}

impl Dispatcher {
    /// Sends what waits in `store` with `client`.
    pub fn new(store: Store, client: Client) -> Self {
        Self { store, client, attempts: JoinSet::new(), under_way: HashMap::new(), over: Vec::new() }
    }

    /// Works until the process leaves or the store closes.
    pub async fn run(mut self, drain: Drain) {
        let mut interval = time::interval(PERIOD);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = drain.started() => break,
                _ = interval.tick() => {}
                Some(ended) = self.attempts.join_next_with_id() => self.take(ended),
            }
            match self.round().await {
                Ok(()) => {}
                Err(Error::Closed) => return,
                Err(error) => {
                    tracing::error!(%error, "webhooks wait");
                    // Not at once again, however many attempts end.
                    interval.tick().await;
                }
            }
        }
        // What is still under way then is sent again by the next process.
        let _ = timeout(LEAVING, self.settle_under_way()).await;
    }

    /// Makes every attempt that is due, those that become due meanwhile too, and waits for their end.
    pub async fn settle(&mut self) -> Result<(), Error> {
        loop {
            self.round().await?;
            if self.under_way.is_empty() {
                return Ok(());
            }
            self.settle_under_way().await?;
        }
    }

    async fn settle_under_way(&mut self) -> Result<(), Error> {
        while let Some(ended) = self.attempts.join_next_with_id().await {
            self.take(ended);
        }
        self.write_down().await
    }

    /// Writes down what is over, and begins what is due.
    async fn round(&mut self) -> Result<(), Error> {
        while let Some(ended) = self.attempts.try_join_next_with_id() {
            self.take(ended);
        }
        self.write_down().await?;
        if self.under_way.len() >= MOST {
            return Ok(());
        }
        let due = self.store.due_webhooks(MOST_EACH).await?;
        let under_way = self.under_way.values().map(|due| (due.webhook, due.message)).collect();
        for due in choose(due, &under_way) {
            let attempt = attempt(self.store.clone(), self.client.clone(), due);
            self.under_way.insert(self.attempts.spawn(attempt).id(), due);
        }
        Ok(())
    }

    fn take(&mut self, ended: Result<(Id, Option<WebhookAttempt>), JoinError>) {
        self.over.push(ended.unwrap_or_else(|error| {
            tracing::error!(%error, "an attempt to reach a webhook broke off");
            (error.id(), None)
        }));
    }

    async fn write_down(&mut self) -> Result<(), Error> {
        let attempts: Vec<_> = self.over.iter().filter_map(|(_, attempt)| attempt.clone()).collect();
        if !attempts.is_empty() {
            self.store.note_webhook_attempts(attempts).await?;
        }
        for (id, _) in self.over.drain(..) {
            self.under_way.remove(&id);
        }
        Ok(())
    }
}

/// Which of the due ones to begin with, in their order.
fn choose(due: Vec<DueWebhook>, under_way: &HashSet<(WebhookId, MessageId)>) -> Vec<DueWebhook> {
    let mut chosen = Vec::new();
    for due in due {
        let busy = under_way.len() + chosen.len();
        // Those under way are the first ones of their webhook.
        let room = if due.rank == 0 { MOST } else { MOST - RESERVED };
        if busy < room && !under_way.contains(&(due.webhook, due.message)) {
            chosen.push(due);
        }
    }
    chosen
}

/// Makes one attempt; `None` when there is nothing to send any more.
async fn attempt(store: Store, client: Client, due: DueWebhook) -> Option<WebhookAttempt> {
    let (at, stopwatch) = (store.clock().now(), Stopwatch::start());
    let (status, verdict) = match store.webhook_request(due).await {
        Ok(None) | Err(Error::Closed) => return None,
        Ok(Some(request)) => {
            let headers = sign::headers(&due.message.to_string(), at, &request.body, &request.secrets);
            judge(client.post(&request.url, &headers, request.body).await)
        }
        Err(error) => {
            tracing::error!(%error, webhook = %due.webhook, "a message to a webhook can not be read");
            (None, AttemptVerdict::Failed("the message can not be read".to_owned()))
        }
    };
    let duration_ms = u32::try_from(stopwatch.elapsed().as_millis()).unwrap_or(u32::MAX);
    Some(WebhookAttempt { webhook: due.webhook, message: due.message, at, duration_ms, status, verdict })
}

fn judge(answer: Result<u16, SendError>) -> (Option<u16>, AttemptVerdict) {
    let (result, verdict) = match answer {
        Ok(200..=299) => ("delivered", AttemptVerdict::Delivered),
        Ok(410) => ("failed", AttemptVerdict::Gone),
        Ok(status @ 300..=399) => {
            ("failed", AttemptVerdict::Failed(format!("answered {status}: redirects are not followed")))
        }
        Ok(status) => ("failed", AttemptVerdict::Failed(format!("answered {status}"))),
        Err(error) if error.is_refusal() => ("refused", AttemptVerdict::Failed(error.to_string())),
        Err(error) => ("failed", AttemptVerdict::Failed(error.to_string())),
    };
    metrics::counter!("portcullis_webhook_attempts_total", "result" => result).increment(1);
    (answer.ok(), verdict)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Timestamp;

    use super::*;

    fn due(webhook: usize, rank: u32) -> DueWebhook {
        DueWebhook {
            webhook: format!("whk_{webhook:012}").parse().unwrap(),
            message: format!("msg_{rank:012}").parse().unwrap(),
            rank,
            due_at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn half_of_the_room_is_for_those_with_nothing_under_way() {
        let busy = || (0..10).flat_map(|rank| (0..8).map(move |webhook| due(webhook, rank)));
        let chosen = choose(busy().collect(), &HashSet::new());
        assert_eq!(chosen.len(), 32);
        let under_way: HashSet<_> = chosen.iter().map(|due| (due.webhook, due.message)).collect();
        assert!(choose(busy().collect(), &under_way).is_empty());

        let many = (0..100).map(|webhook| due(webhook, 0)).collect();
        let chosen = choose(many, &under_way);
        assert_eq!((chosen.len(), chosen[0].webhook), (32, due(8, 0).webhook));
    }

    #[test]
    fn only_2xx_is_success_and_410_is_the_end() {
        for (status, delivered) in [(199, false), (200, true), (204, true), (299, true), (300, false)] {
            let (told, verdict) = judge(Ok(status));
            assert_eq!((told, verdict == AttemptVerdict::Delivered), (Some(status), delivered));
        }
        assert_eq!(judge(Ok(410)).1, AttemptVerdict::Gone);
        assert_eq!(judge(Err(SendError::TooSlow)).0, None);
    }
}
