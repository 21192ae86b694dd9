//! One event's way from what the caller said to a durable decision.

use std::sync::Arc;

use compact_str::CompactString;
use domain::{
    Decision, Entity, EntityHasher, EntityKey, EntityKind, Event, EventId, Fact, Outcome, Realm, Stopwatch,
    Subject, Timestamp, Timings,
};
use intel::Intel;
use portcullis_domain as domain;
use portcullis_engine::{self as engine, Plan, Profile};
use portcullis_intel as intel;
use portcullis_store::{
    self as store, Answer, Companions, Conclusion, DeviceClue, DeviceId, DuplicateSearch, Found, Idempotency,
    Metric, Recorded, Store, Submission, Trace, VelocityCheck,
};

use crate::{
    arrivals::{Arrivals, Waiting},
    enrich::Enriched,
    follow_up::follow_up,
    history_facts::{add_history, add_labels},
    latencies::Latencies,
    lists::{add_lists, add_lists_of_device},
    plans::{Plans, Variant},
    sighting::sighting,
};

/// Judges events: holds what that needs and nothing of any one event.
#[derive(Debug)]
pub struct Assessor {
    pub(crate) store: Store,
    intel: Arc<Intel>,
    pub(crate) hasher: EntityHasher,
    pub(crate) plans: Plans,
    arrivals: Arc<Arrivals>,
    latencies: Latencies,
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
    /// When, if the caller said so: look-ups, history and figures count at that time, not at the clock's.
    pub stated_at: Option<Timestamp>,
    /// The outcome that a test value asks for, whatever the score.
    pub forced: Option<Outcome>,
    /// The caller's promise that a repetition is the same event.
    pub idempotency: Option<Idempotency>,
    /// Writes the answer to be kept for repetitions; without it they are told the event.
    pub answer: Option<AnswerWriter>,
    /// The device that the caller names, unless it tells what the device looks like.
    pub device_id: Option<DeviceId>,
    /// What is attempted, when velocity rules are to judge that.
    pub attempt: Option<VelocityCheck>,
    /// What a verification came with.
    pub verification: Option<DuplicateSearch>,
    /// What it leaves behind for the next one of the same device and account.
    pub trace: Option<Trace>,
    /// What changes the tenant's policy for this event.
    pub variant: Option<Variant>,
    /// Tells what the API shows of the event, where rules ask for that.
    pub show: Option<Show>,
}

impl Request {
    /// An event that is judged by this profile, and nothing more.
    pub const fn new(realm: Realm, profile: &'static Profile, event: Event) -> Self {
        Self {
            realm,
            profile,
            event,
            stated_at: None,
            forced: None,
            idempotency: None,
            answer: None,
            device_id: None,
            attempt: None,
            verification: None,
            trace: None,
            variant: None,
            show: None,
        }
    }
}

/// Writes the answer to an event from what was decided and found out.
pub struct AnswerWriter(pub WriteAnswer);
/// Its function.
pub type WriteAnswer = Box<dyn FnOnce(EventId, &Decision, &Plan, &Found) -> Vec<u8> + Send>;

impl std::fmt::Debug for AnswerWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnswerWriter")
    }
}

/// Tells what an API shows of an event, by the names that rules have for it.
pub struct Show(pub TellShown);
/// Its function: given the event as it would be decided if nobody asked, what was found out, and names. What depends on
/// the decision itself is not to be told.
pub type TellShown =
    Box<dyn FnOnce(&Decision, &Plan, &Found, &[Box<str>]) -> Vec<(String, domain::facts::Value)> + Send>;

impl std::fmt::Debug for Show {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Show")
    }
}

impl Show {
    /// Adds what the plan's rules ask for to the details.
    fn tell(self, decision: &mut Decision, plan: &Plan, history: &store::History<'_>) {
        let found = history.found(decision.subject.user.as_deref());
        let shown = (self.0)(decision, plan, &found, plan.shown());
        let sent = decision.facts.details().iter().map(|(name, value)| (name.to_owned(), value.clone()));
        let details = sent.chain(shown).collect();
        decision.facts.set_details(details);
    }
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
        /// What was found out beside that; only for events of a session and those that brought something along.
        found: Option<Box<Found>>,
    },
    /// The same request was judged before, as this event.
    Before(EventId),
    /// The same, and this was the answer.
    Answered(Vec<u8>),
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
        Self {
            store,
            intel,
            hasher,
            plans: Plans::default(),
            arrivals: Arc::default(),
            latencies: Latencies::default(),
        }
    }

    /// Enriches the event, then reads its entities' history, evaluates and records it as one step.
    pub async fn assess(&self, request: Request) -> Result<Assessed, AssessError> {
        let Request {
            realm,
            profile,
            event,
            stated_at,
            forced,
            idempotency,
            answer,
            device_id,
            attempt,
            verification,
            trace,
            variant,
            show,
        } = request;
        let stopwatch = Stopwatch::start();
        let plan = self.plans.of(&self.store.control(), realm, profile, variant)?;
        let now = stated_at.unwrap_or_else(|| self.store.clock().now());
        let Enriched { mut facts, mut touch, place } =
            Enriched::of(&event, realm, now, &self.intel, &self.hasher);
        touch.at = stated_at;
        add_lists(&mut facts, &event, realm, self.store.lists(), now);
        let enrich_us = stopwatch.elapsed_us();
        let device = match event.device.as_ref().filter(|device| device.identity.is_some()) {
            Some(sent) => {
                sighting(sent, event.user.as_deref(), &self.intel).map(Box::new).map(DeviceClue::Seen)
            }
            None => device_id.map(DeviceClue::Named),
        };
        let is_alone = device.is_none() && attempt.is_none() && verification.is_none() && trace.is_none();
        let show = show.filter(|_| !plan.shown().is_empty());
        let is_curious = show.is_some();
        let companions = Companions { device, attempt, verification, trace, is_curious };
        let companions = (!is_alone).then(|| Box::new(companions));
        let answer = answer.map(|writer| store_answer(writer, Arc::clone(&plan)));
        let policy_json = Arc::clone(plan.json());
        let submission = Submission { touch, policy_json, idempotency, answer, companions };

        let (dialect, event_type) = (event.dialect, event.event_type);
        let subject = subject(event);
        let judge = Arc::clone(&plan);
        let (lists, labels) = (Arc::clone(self.store.lists()), Arc::clone(self.store.labels()));
        let decide = move |history: &store::History<'_>| {
            let stopwatch = Stopwatch::start();
            if let Some(device) = history.device() {
                facts.set(domain::facts::device::HASH, device.hash.clone());
                add_lists_of_device(&mut facts, &device.hash, realm, &lists, now);
            }
            add_history(&mut facts, history, place);
            add_labels(&mut facts, history, realm, &labels);
            let assessment = engine::evaluate(&facts, event_type, &judge);
            let timings = Timings { enrich_us, evaluate_us: 0 };
            let (at, policy) = (history.at(), judge.id());
            let mut decision =
                Decision { dialect, event_type, at, subject, facts, policy, assessment, forced, timings };
            if let Some(show) = show {
                show.tell(&mut decision, &judge, history);
                decision.assessment = engine::evaluate(&decision.facts, event_type, &judge);
            }
            decision.timings.evaluate_us = stopwatch.elapsed_us();
            let follow_up = follow_up(&decision, &judge, history.attempt());
            Conclusion { decision, follow_up }
        };
        Ok(match self.store.of(realm).transact(submission, decide).await? {
            Recorded::Now { id, decision, found } => {
                self.latencies.note(realm, stopwatch.elapsed_us());
                self.arrivals.tell(realm);
                Assessed::Now { id, decision, plan, found }
            }
            Recorded::Before(id) => Assessed::Before(id),
            Recorded::Answered(answer) => Assessed::Answered(answer),
        })
    }

    /// Begins to wait for events of a realm; `None` when too many do already.
    pub fn wait_for_events(&self, realm: Realm) -> Option<Waiting> {
        self.arrivals.wait(realm)
    }

    /// Counts in the store how long the decisions since the last call took. To be called every minute or so.
    pub async fn write_latencies(&self) -> Result<(), store::Error> {
        let now = self.store.clock().now();
        let mut left = self.latencies.take().into_iter();
        while let Some((realm, counts)) = left.next() {
            let metrics = counts.iter().map(|(&within_us, &n)| (Metric::Latency(within_us), n)).collect();
            if let Err(error) = self.store.of(realm).tally(now, metrics).await {
                self.latencies.put_back(std::iter::once((realm, counts)).chain(left));
                return Err(error);
            }
        }
        Ok(())
    }

    /// The policy that a tenant's next live event of this profile is judged by.
    pub fn plan(
        &self,
        tenant: domain::TenantId,
        profile: &'static Profile,
    ) -> Result<Arc<Plan>, engine::PlanError> {
        self.plans.of(&self.store.control(), Realm { tenant, mode: domain::Mode::Live }, profile, None)
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
        self.hasher.fingerprint(realm, fingerprint)
    }
}

fn store_answer(writer: AnswerWriter, plan: Arc<Plan>) -> Answer {
    Answer(Box::new(move |recorded| match recorded {
        Recorded::Now { id, decision, found } => {
            let none = Found::default();
            (writer.0)(*id, decision, &plan, found.as_deref().unwrap_or(&none))
        }
        // Only what is recorded now is written.
        Recorded::Before(_) | Recorded::Answered(_) => Vec::new(),
    }))
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
