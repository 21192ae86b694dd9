//! One event's way from what the caller said to a durable decision.

use std::sync::Arc;

use compact_str::CompactString;
use domain::{
    Decision, Entity, EntityHasher, EntityKey, EntityKind, Event, EventId, Fact, Outcome, Realm, Stopwatch,
    Subject, Timings,
};
use intel::Intel;
use portcullis_domain as domain;
use portcullis_engine::{self as engine, Plan, Profile};
use portcullis_intel as intel;
use portcullis_store::{self as store, DeviceRecord, Idempotency, Recorded, Store, Submission};

use crate::{
    enrich::{Enriched, device_hash_of_fingerprint},
    history_facts::add_history,
    lists::add_lists,
    plans::Plans,
};

/// Judges events: holds what that needs and nothing of any one event.
#[derive(Debug)]
pub struct Assessor {
    store: Store,
    intel: Arc<Intel>,
    hasher: EntityHasher,
    plans: Plans,
}

/// An event to be judged.
#[derive(Debug)]
pub struct Request {
    /// Whose data it is about.
    pub realm: Realm,
    /// The codes, points and scale it is judged by.
    pub profile: &'static Profile,
    /// What happened.
    pub event: Event,
    /// The outcome that a test value asks for, whatever the score.
    pub forced: Option<Outcome>,
    /// The caller's promise that a repetition is the same event.
    pub idempotency: Option<Idempotency>,
}

/// What became of a request.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly all are the large one, and it is moved only once")]
pub enum Assessed {
    /// It was judged now; the decision is durable.
    Now {
        /// The event's id.
        id: EventId,
        /// What was decided.
        decision: Decision,
        /// The policy it was judged by, ready to explain the decision.
        plan: Arc<Plan>,
        /// What became of the device's sessions, this one included; only for events of a session.
        device: Option<Box<DeviceRecord>>,
    },
    /// The same request was judged before, as this event.
    Before(EventId),
}

/// Why an event could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// Storage failed; nothing was recorded.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The tenant's policy can not be run.
    #[error(transparent)]
    Plan(#[from] engine::PlanError),
}

impl Assessor {
    /// Judges with the history in `store` and the reference data in `intel`.
    pub fn new(store: Store, intel: Arc<Intel>) -> Self {
        let hasher = store.entity_hasher();
        Self { store, intel, hasher, plans: Plans::default() }
    }

    /// Enriches the event, then reads its entities' history, evaluates and records it as one step.
    pub async fn assess(&self, request: Request) -> Result<Assessed, AssessError> {
        let Request { realm, profile, event, forced, idempotency } = request;
        let plan = self.plans.of(&self.store.control(), realm, profile)?;
        let stopwatch = Stopwatch::start();
        let now = self.store.clock().now();
        let Enriched { mut facts, touch, place } =
            Enriched::of(&event, realm, now, &self.intel, &self.hasher);
        add_lists(&mut facts, &event, realm, self.store.lists(), now);
        let enrich_us = stopwatch.elapsed_us();
        let submission = Submission { touch, policy_json: Arc::clone(plan.json()), idempotency };

        let (dialect, event_type) = (event.dialect, event.event_type);
        let subject = subject(event);
        let judge = Arc::clone(&plan);
        let decide = move |history: &store::History<'_>| {
            let stopwatch = Stopwatch::start();
            add_history(&mut facts, history, place);
            let assessment = engine::evaluate(&facts, event_type, &judge);
            let timings = Timings { enrich_us, evaluate_us: stopwatch.elapsed_us() };
            let (at, policy) = (history.at(), judge.id());
            Decision { dialect, event_type, at, subject, facts, policy, assessment, forced, timings }
        };
        Ok(match self.store.of(realm).transact(submission, decide).await? {
            Recorded::Now { id, decision, device } => Assessed::Now { id, decision, plan, device },
            Recorded::Before(id) => Assessed::Before(id),
        })
    }

    /// The policy that a tenant's next live event of this profile is judged by.
    pub fn plan(
        &self,
        tenant: domain::TenantId,
        profile: &'static Profile,
    ) -> Result<Arc<Plan>, engine::PlanError> {
        self.plans.of(&self.store.control(), Realm { tenant, mode: domain::Mode::Live }, profile)
    }

    /// The key under which an entity's events are found.
    pub fn entity_key(&self, realm: Realm, entity: &Entity) -> EntityKey {
        self.hasher.key(realm, entity)
    }

    /// The key of the device that a client calls by this fingerprint.
    pub fn device_key_of_fingerprint(&self, realm: Realm, fingerprint: &str) -> EntityKey {
        let hash = self.device_hash_of_fingerprint(realm, fingerprint);
        self.entity_key(realm, &Entity::new(EntityKind::Device, hash))
    }

    /// The hash of the device that a client calls by this fingerprint.
    pub fn device_hash_of_fingerprint(&self, realm: Realm, fingerprint: &str) -> CompactString {
        device_hash_of_fingerprint(&self.hasher, realm, fingerprint)
    }
}

/// What of an event is personal. The client's id of the device is kept only with a session, whose dialect tells it back.
fn subject(event: Event) -> Subject {
    let Event { user, email, device, session, .. } = event;
    let device = device.and_then(|device| device.client_fingerprint).filter(|_| session.is_some());
    Subject { user, email, device, session }
}

/// Whether a place is known well enough to be compared with another: an address that hides behind a relay has none.
pub(crate) fn hides_place(facts: &domain::Facts) -> bool {
    use domain::facts::ip;
    [ip::IS_TOR, ip::IS_VPN, ip::IS_PROXY].iter().any(|&key| facts.get(key) == Fact::Known(true))
}
