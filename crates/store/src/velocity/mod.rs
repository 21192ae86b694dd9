//! Counting attempts at an action, and refusing those beyond what a tenant's velocity rules allow.
//!
//! A check is one transaction on the one writing connection, so checks are judged one after another, each durable
//! before its answer: of any number of simultaneous ones a limit of 3 allows exactly 3.

mod cooldown;
mod trail;

use std::sync::Arc;

use domain::{Entity, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::Transaction;

use self::trail::Trail;
use crate::{
    Error, RealmStore, Store,
    control::{Enforcement, OnExceed, Once, Repeatable, VelocityCheckId, VelocityRule, VelocityScope},
    tally::{Metric, RuleFigure, Tallies},
};

/// Attempts are kept for a day, or for the longest window that is asked of them.
const KEEP_MS: i64 = 24 * 60 * 60 * 1_000;
/// The counts in the answer are of that window when the caller names none.
const COUNTED_MS: i64 = KEEP_MS;
/// How many old rows a check takes along. It adds at most four.
const FORGET_AT_ONCE: usize = 16;
/// A clock that went back further was wrong before, and is believed.
const STEP_BACK_MS: i64 = 60_000;

/// An attempt that is about to be made.
#[derive(Clone)]
pub struct VelocityCheck {
    /// At what.
    pub action: String,
    /// Who makes it, from where: at most one of each scope, in the form in which equals are equal.
    pub subjects: Vec<(VelocityScope, String)>,
    /// Over which window to tell the counts, ms; 24 hours when `None`.
    pub window_ms: Option<i64>,
}

impl std::fmt::Debug for VelocityCheck {
    /// Personal data: only the action is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VelocityCheck({})", self.action)
    }
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VelocityOutcome {
    /// A name for this answer.
    pub id: VelocityCheckId,
    /// Whether it may be made; it was counted if so.
    pub allowed: bool,
    /// Whether it might not be made if the rules that are only monitored were enforced.
    pub would_block: bool,
    /// When it may be tried again, whole seconds from now, rounded up; only when it was refused.
    pub retry_after_s: Option<i64>,
    /// The rules that it is beyond, in the order of their creation.
    pub triggered: Vec<TriggeredRule>,
    /// How many attempts the window has now, by scope; this one included if it was counted.
    pub counts: Vec<(VelocityScope, u64)>,
}

/// A rule that an attempt is beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggeredRule {
    /// Which.
    pub rule: Arc<VelocityRule>,
    /// How many attempts its window would have with this one.
    pub attempts: u64,
    /// How long it goes on to hold, ms: the longer of its cooldown and of the time for which its window stays full.
    pub holds_for_ms: i64,
}

impl TriggeredRule {
    /// Whether it refuses the attempt.
    pub fn blocks(&self) -> bool {
        self.is(Enforcement::Enforce)
    }

    /// Whether it would refuse the attempt if it were enforced.
    pub fn would_block(&self) -> bool {
        self.is(Enforcement::Monitor)
    }

    fn is(&self, enforcement: Enforcement) -> bool {
        let terms = &self.rule.terms;
        terms.on_exceed == OnExceed::Block && terms.enforcement == enforcement
    }
}

impl Store {
    /// Forgets attempts that left every window that was asked for, and cooldowns that are over; returns how many. Checks
    /// do the same in passing, so this is to be called only now and then.
    pub async fn forget_old_attempts(&self) -> Result<usize, Error> {
        const AT_ONCE: usize = 1_000;
        let mut forgotten = 0;
        loop {
            let now = self.clock().now();
            let job = move |tx: &Transaction<'_>| {
                Ok((trail::forget(tx, now, AT_ONCE)?, cooldown::forget(tx, now, AT_ONCE)?))
            };
            let (attempts, cooldowns) = self.write(job).await?;
            forgotten += attempts + cooldowns;
            if attempts.max(cooldowns) < AT_ONCE {
                return Ok(forgotten);
            }
        }
    }
}

impl RealmStore {
    /// Counts an attempt, unless an enforced rule of the tenant refuses it, as one step that is durable when this
    /// returns.
    ///
    /// A rule looks at attempts at its action by the same user, address or device, whichever its scope is; attempts at
    /// another action, in another realm, or without a value for that scope are nothing to it. It is exceeded when its
    /// window, the time span `(now − window, now]`, is full already; then its cooldown starts, during which it holds
    /// although the window has room. An attempt that is refused is not counted, and does not lengthen a cooldown that
    /// runs.
    pub async fn check_velocity(&self, check: VelocityCheck) -> Result<VelocityOutcome, Error> {
        let judge = self.judge(&check);
        self.backend.write(judge).await
    }

    /// The same for a request that may be repeated: the first call is judged, and the next ones get its answer and are
    /// not counted. [`Error::IdempotencyConflict`] when the key was used with another body.
    pub async fn check_velocity_once(
        &self,
        check: VelocityCheck,
        request: Repeatable<VelocityOutcome>,
    ) -> Result<Once<VelocityOutcome>, Error> {
        let (judge, realm) = (self.judge(&check), self.realm);
        let (sealer, clock) = (self.backend.answer_sealer.clone(), self.backend.clock.clone());
        let job = move |tx: &Transaction<'_>| request.answer(tx, &sealer, realm, clock.now(), || judge(tx));
        self.backend.write(job).await
    }

    /// What a check does in its transaction.
    fn judge(
        &self,
        check: &VelocityCheck,
    ) -> impl FnOnce(&Transaction<'_>) -> Result<VelocityOutcome, Error> + Send + use<> {
        let control = self.backend.control();
        let of_action = control.velocity_rules(self.realm.tenant).iter();
        let rules: Vec<_> = of_action.filter(|rule| rule.terms.action == check.action).cloned().collect();
        let hasher = self.backend.key.entity_hasher();
        let key = |(scope, value): &(VelocityScope, String)| {
            // With the length no two pairs of action and value are the same text.
            let name = format!("{}:{}:{value}", check.action.len(), check.action);
            (*scope, hasher.key(self.realm, &Entity::new(scope.kind(), name)))
        };
        let keys: Vec<_> = check.subjects.iter().map(key).collect();
        let (realm, window_ms, clock) = (self.realm, check.window_ms, self.backend.clock.clone());
        move |tx| {
            let read = keys.into_iter().map(|(scope, key)| Trail::read(tx, scope, key));
            let trails = read.collect::<Result<Vec<_>, _>>()?;
            // The clock is asked in here, so that later checks never have an earlier time.
            let now = now(clock.now(), &trails);
            Judgment { tx, realm, now, trails, rules, window_ms }.make()
        }
    }
}

/// The clock's time, but not a little before the newest of the attempts.
fn now(clock: Timestamp, trails: &[Trail]) -> Timestamp {
    let newest =
        trails.iter().filter_map(Trail::newest_at).filter(|at| at.millis_since(clock) <= STEP_BACK_MS);
    newest.fold(clock, Timestamp::max)
}

/// All that an attempt is judged by.
struct Judgment<'a> {
    tx: &'a Transaction<'a>,
    realm: Realm,
    now: Timestamp,
    trails: Vec<Trail>,
    /// Every rule for the action.
    rules: Vec<Arc<VelocityRule>>,
    window_ms: Option<i64>,
}

impl Judgment<'_> {
    fn make(mut self) -> Result<VelocityOutcome, Error> {
        self.trails.iter_mut().try_for_each(|trail| trail.drop_after(self.tx, self.now))?;
        let triggered = self.triggered()?;
        let refusing = triggered.iter().filter(|triggered| triggered.blocks());
        let retry_after_ms = refusing.map(|triggered| triggered.holds_for_ms).max();
        if retry_after_ms.is_none() {
            self.count_attempt()?;
        }
        self.tally(&triggered)?;
        trail::forget(self.tx, self.now, FORGET_AT_ONCE)?;
        cooldown::forget(self.tx, self.now, FORGET_AT_ONCE)?;
        Ok(VelocityOutcome {
            id: VelocityCheckId::fresh(self.now, None)?,
            allowed: retry_after_ms.is_none(),
            would_block: triggered.iter().any(TriggeredRule::would_block),
            retry_after_s: retry_after_ms.map(|millis| (millis + 999) / 1_000),
            triggered,
            counts: self.counts()?,
        })
    }

    fn triggered(&self) -> Result<Vec<TriggeredRule>, Error> {
        let enabled = self.rules.iter().filter(|rule| rule.terms.enabled);
        let with_trails = enabled.filter_map(|rule| {
            self.trails.iter().find(|trail| trail.scope == rule.terms.scope).map(|trail| (rule, trail))
        });
        with_trails.filter_map(|(rule, trail)| self.judge(rule, trail).transpose()).collect()
    }

    /// Whether the attempt is beyond this rule; starts its cooldown when it is and none runs.
    fn judge(&self, rule: &Arc<VelocityRule>, trail: &Trail) -> Result<Option<TriggeredRule>, Error> {
        let terms = &rule.terms;
        let full_for_ms = trail.full_for_ms(self.tx, terms.limit, terms.window_ms, self.now)?;
        let mut cooldown_ms = cooldown::remaining_ms(self.tx, rule, trail.key, self.now)?;
        if full_for_ms == 0 && cooldown_ms == 0 {
            return Ok(None);
        }
        if cooldown_ms == 0 {
            cooldown_ms = cooldown::start(self.tx, rule, trail.key, self.now)?;
        }
        let attempts = trail.count(self.tx, terms.window_ms, self.now)? + 1;
        let holds_for_ms = cooldown_ms.max(full_for_ms);
        Ok(Some(TriggeredRule { rule: Arc::clone(rule), attempts, holds_for_ms }))
    }

    /// Rules that are switched off keep their attempts too: they may be switched on again.
    fn count_attempt(&mut self) -> Result<(), Error> {
        for trail in &mut self.trails {
            let of_scope = self.rules.iter().filter(|rule| rule.terms.scope == trail.scope);
            let windows = of_scope.map(|rule| rule.terms.window_ms).chain(self.window_ms);
            trail.add(self.tx, self.now, windows.fold(KEEP_MS, i64::max))?;
        }
        Ok(())
    }

    /// For analytics.
    fn tally(&self, triggered: &[TriggeredRule]) -> Result<(), Error> {
        let mut tallies = Tallies::default();
        let mut count = |metric| tallies.count(self.realm, self.now, metric);
        if !triggered.is_empty() {
            count(Metric::VelocityExceeded);
        }
        for triggered in triggered {
            let id = triggered.rule.id;
            count(Metric::rule(RuleFigure::Fired, id));
            if triggered.blocks() {
                count(Metric::rule(RuleFigure::Blocked, id));
            }
            if triggered.would_block() {
                count(Metric::rule(RuleFigure::WouldBlock, id));
            }
        }
        tallies.write(self.tx)
    }

    fn counts(&self) -> Result<Vec<(VelocityScope, u64)>, Error> {
        let window_ms = self.window_ms.unwrap_or(COUNTED_MS);
        let count = |trail: &Trail| Ok((trail.scope, trail.count(self.tx, window_ms, self.now)?));
        self.trails.iter().map(count).collect()
    }
}
