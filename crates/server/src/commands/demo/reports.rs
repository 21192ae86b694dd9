//! What the tenant finds out afterward and tells: outcomes of events, and signals that it confirms or dismisses.

use http::Method;
use serde_json::{Value, json};

use super::{
    client::{Client, Credential},
    event::{Api, Event, Wave},
    stage::{Stage, call, text},
    summary::Verdict,
};
use crate::failure::Failure;

/// The most outcomes of events, and the most signals.
const MOST: usize = 24;

/// What may be told of later.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// Ids of ingest's events, and whether they were fraud.
    outcomes: Vec<(String, bool)>,
    /// Accounts of the ring, with the assessment of what they did.
    signals: Vec<(String, String)>,
    seen: usize,
}

/// What was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) outcomes: usize,
    pub(super) confirmed: usize,
    pub(super) dismissed: usize,
}

impl Reports {
    /// Remembers an event that may be reported: every fifth attack of ingest, good ones that were stopped, and what
    /// the ring did.
    pub(super) fn note(&mut self, event: &Event, verdict: Verdict, answer: &Value) {
        let id = |field: &str| answer[field].as_str().map(ToOwned::to_owned);
        let is_fraud = event.wave != Wave::Good;
        match event.api {
            Api::Ingest => {
                self.seen += usize::from(is_fraud);
                let is_worth = if is_fraud { self.seen % 5 == 1 } else { verdict.stops() };
                if is_worth && self.outcomes.len() < MOST {
                    self.outcomes.extend(id("eventId").map(|id| (id, is_fraud)));
                }
            }
            Api::Action if is_fraud && self.signals.len() < MOST => {
                self.signals.extend(id("id").map(|id| (event.user.clone(), id)));
            }
            Api::Action | Api::Session | Api::Device => {}
        }
    }

    /// Tells all of it. Of the signals three in five are confirmed, one is dismissed, and one waits for a decision.
    pub(super) async fn tell(self, client: &mut Client, stage: &Stage) -> Result<Told, Failure> {
        let mut told = Told::default();
        for (id, is_fraud) in self.outcomes {
            let path = format!("/api/v1/events/{id}/outcome");
            let outcome = if is_fraud { "CONFIRMED_FRAUD" } else { "FALSE_POSITIVE" };
            let body = json!({ "outcome": outcome, "notes": "told by the demo" });
            client.expect(call(Method::POST, &path, stage.credential(Api::Ingest), &body)).await?;
            told.outcomes += 1;
        }
        let key = stage.credential(Api::Action);
        for (index, (user, assessment)) in self.signals.into_iter().enumerate() {
            let decision = match index % 5 {
                0..=2 => Some("confirm"),
                3 => Some("dismiss"),
                _ => None,
            };
            signal(client, key, &user, &assessment, decision).await?;
            told.confirmed += usize::from(decision == Some("confirm"));
            told.dismissed += usize::from(decision == Some("dismiss"));
        }
        Ok(told)
    }
}

async fn signal(
    client: &mut Client,
    key: &Credential,
    user: &str,
    assessment: &str,
    decision: Option<&str>,
) -> Result<(), Failure> {
    let body = json!({
        "type": "multi_accounting", "user_id": user, "verification_id": assessment,
        "description": "One of several accounts that take turns on a device",
    });
    let made = client.expect(call(Method::POST, "/v1/fraud/signals", key, &body)).await?;
    if let Some(decision) = decision {
        let path = format!("/v1/fraud/signals/{}/{decision}", text(&made, "id")?);
        client.expect(call(Method::POST, &path, key, &json!({ "notes": "told by the demo" }))).await?;
    }
    Ok(())
}
