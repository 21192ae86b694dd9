//! What follows from a decision, in the transaction that records it: the review queue, the figures of rules, and messages
//! to webhooks.

use compact_str::CompactString;
use domain::{Decision, EventId, Outcome, Realm, RuleAction, Timestamp};
use portcullis_domain as domain;
use rusqlite::Transaction;
use serde_json::{Value, json};
use smallvec::SmallVec;

use crate::{
    Error, ReviewId, RuleId, VelocityOutcome, WebhookType,
    control::{Control, Outbox, reviews, webhooks::Announcement},
    tally::{CheckFigure, Metric, RuleFigure, Tallies},
};

/// A decision, and what follows from it.
#[derive(Debug)]
pub struct Conclusion {
    /// The decision.
    pub decision: Decision,
    /// What follows.
    pub follow_up: FollowUp,
}

/// What follows from a decision.
#[derive(Clone, Debug, Default)]
pub struct FollowUp {
    /// Whether a person is to look at it.
    pub review: bool,
    /// The tenant's own rules whose condition held.
    pub rules: SmallVec<[RuleHit; 1]>,
    /// The dialect's own checks that held.
    pub checks: SmallVec<[CheckHit; 8]>,
}

/// A check of the dialect that held.
#[derive(Clone, Debug)]
pub struct CheckHit {
    /// The dialect's code of it.
    pub code: CompactString,
    /// Whether its points count, and it does not only watch.
    pub counts: bool,
}

/// A rule of the tenant whose condition held.
#[derive(Clone, Debug)]
pub struct RuleHit {
    /// Which.
    pub id: RuleId,
    /// Its name for people.
    pub name: CompactString,
    /// What it asks for.
    pub action: RuleAction,
    /// Whether it counts, and does not only watch.
    pub counts: bool,
}

impl From<Decision> for Conclusion {
    /// Nothing follows.
    fn from(decision: Decision) -> Self {
        Self { decision, follow_up: FollowUp::default() }
    }
}

/// What writing that needs.
pub(crate) struct FollowUps<'a> {
    pub(crate) tx: &'a Transaction<'a>,
    pub(crate) outbox: &'a Outbox,
    pub(crate) control: &'a Control,
    pub(crate) tallies: &'a mut Tallies,
}

/// An event that was recorded.
pub(crate) struct Recorded<'a> {
    pub(crate) id: EventId,
    pub(crate) realm: Realm,
    pub(crate) at: Timestamp,
    pub(crate) decision: &'a Decision,
    /// What became of its attempt.
    pub(crate) attempt: Option<&'a VelocityOutcome>,
}

impl FollowUps<'_> {
    /// Writes what follows. Gives the review, if there is to be one.
    pub(crate) fn write(
        &mut self,
        event: &Recorded<'_>,
        follow_up: &FollowUp,
    ) -> Result<Option<ReviewId>, Error> {
        for hit in &follow_up.rules {
            self.count(event, hit);
        }
        for hit in &follow_up.checks {
            let figure = if hit.counts { CheckFigure::Fired } else { CheckFigure::Watched };
            let metric = Metric::Check(figure, event.decision.dialect, hit.code.clone());
            self.tallies.count(event.realm, event.at, metric);
        }
        let has_fired = follow_up.rules.iter().any(|hit| hit.counts);
        let is_beyond = event.attempt.is_some_and(|attempt| !attempt.triggered.is_empty());
        if has_fired || is_beyond {
            self.announce(event, WebhookType::RuleTriggered, &triggered(event, follow_up))?;
        }
        if !follow_up.review {
            return Ok(None);
        }
        let review = reviews::open(self.tx, event.realm, event.id, event.at)?;
        let mut data = about(event);
        data["review_id"] = json!(review.to_string());
        self.announce(event, WebhookType::ReviewOpened, &data)?;
        Ok(Some(review))
    }

    fn count(&mut self, event: &Recorded<'_>, hit: &RuleHit) {
        let mut count = |figure| self.tallies.count(event.realm, event.at, Metric::rule(figure, hit.id));
        count(RuleFigure::Fired);
        if hit.action == RuleAction::Block {
            let has_blocked = hit.counts && event.decision.outcome() == Outcome::Block;
            count(if has_blocked { RuleFigure::Blocked } else { RuleFigure::WouldBlock });
        }
    }

    fn announce(&self, event: &Recorded<'_>, kind: WebhookType, data: &Value) -> Result<(), Error> {
        let subject = event.id.to_string();
        let announcement = Announcement { realm: event.realm, kind, subject: &subject, data };
        // Sent from now on, whenever the event happened.
        self.outbox.announce(self.tx, self.control, &announcement, event.id.recorded_at())
    }
}

fn about(event: &Recorded<'_>) -> Value {
    let decision = event.decision;
    json!({
        "event_id": event.id.to_string(),
        "event_type": decision.event_type.name(),
        "user_id": decision.subject.user.as_deref(),
        "risk_score": decision.assessment.score,
        "decision": decision.outcome().name(),
        "would": decision.assessment.would.name(),
    })
}

fn triggered(event: &Recorded<'_>, follow_up: &FollowUp) -> Value {
    let custom = follow_up.rules.iter().map(|hit| {
        json!({
            "id": hit.id.to_string(),
            "name": hit.name.as_str(),
            "action": hit.action.name(),
            "monitored": !hit.counts,
        })
    });
    let velocity = event.attempt.into_iter().flat_map(|attempt| &attempt.triggered).map(|beyond| {
        json!({
            "id": beyond.rule.id.to_string(),
            "name": beyond.rule.terms.name,
            "action": beyond.rule.terms.on_exceed.as_str(),
            "monitored": !beyond.counts(),
        })
    });
    let mut data = about(event);
    data["rules"] = custom.chain(velocity).collect();
    data
}
