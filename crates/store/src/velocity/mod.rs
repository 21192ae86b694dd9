//! Counting attempts at an action, and refusing those beyond what a tenant's velocity rules allow.
//!
//! An attempt is judged inside the transaction of its event, on the one writing connection, so attempts are judged one
//! after another, each durable before its answer: of any number of simultaneous ones a limit of 3 allows exactly 3.

mod cooldown;
mod trail;

use std::sync::Arc;

use domain::{Entity, EntityHasher, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::Transaction;

use self::trail::Trail;
use crate::{
    Error, Store,
    control::{Control, Enforcement, OnExceed, VelocityCheckId, VelocityRule, VelocityScope},
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
    counts: bool,
}

impl TriggeredRule {
    /// Whether it counts, and does not only watch.
    pub const fn counts(&self) -> bool {
        self.counts
    }

    /// Whether it refuses the attempt.
    pub fn blocks(&self) -> bool {
        self.counts() && self.rule.terms.on_exceed == OnExceed::Block
    }

    /// Whether it would refuse the attempt if it were enforced.
    pub fn would_block(&self) -> bool {
        !self.counts() && self.rule.terms.on_exceed == OnExceed::Block
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

/// Judges an attempt by the tenant's rules, without counting it yet.
///
/// A rule looks at attempts at its action by the same user, address or device, whichever its scope is; attempts at
/// another action, in another realm, or without a value for that scope are nothing to it. It is exceeded when its
/// window, the time span `(now − window, now]`, is full already; then its cooldown starts, during which it holds
/// although the window has room. An attempt that is refused is not counted, and does not lengthen a cooldown that runs.
pub(crate) fn judge(
    tx: &Transaction<'_>,
    hasher: &EntityHasher,
    control: &Control,
    realm: Realm,
    check: &VelocityCheck,
    clock: Timestamp,
) -> Result<Judged, Error> {
    let of_action = control.velocity_rules(realm.tenant).iter();
    let rules: Vec<_> = of_action.filter(|rule| rule.terms.action == check.action).cloned().collect();
    let key = |(scope, value): &(VelocityScope, String)| {
        // With the length no two pairs of action and value are the same text.
        let name = format!("{}:{}:{value}", check.action.len(), check.action);
        (*scope, hasher.key(realm, &Entity::new(scope.kind(), name)))
    };
    let read = check.subjects.iter().map(key).map(|(scope, key)| Trail::read(tx, scope, key));
    let mut trails = read.collect::<Result<Vec<_>, _>>()?;
    let now = now(clock, &trails);
    trails.iter_mut().try_for_each(|trail| trail.drop_after(tx, now))?;
    let usual = control.tenant(realm.tenant).map(|tenant| tenant.settings.enforcement).unwrap_or_default();
    let judgment = Judgment { tx, now, trails: &trails, rules: &rules, usual };
    let (triggered, cooldowns) = judgment.triggered()?;
    let refusing = triggered.iter().filter(|triggered| triggered.blocks());
    let retry_after_ms = refusing.map(|triggered| triggered.holds_for_ms).max();
    let outcome = VelocityOutcome {
        id: VelocityCheckId::fresh(now, None)?,
        allowed: retry_after_ms.is_none(),
        would_block: triggered.iter().any(TriggeredRule::would_block),
        retry_after_s: retry_after_ms.map(|millis| (millis + 999) / 1_000),
        triggered,
        counts: Vec::new(),
    };
    Ok(Judged { outcome, now, trails, rules, cooldowns, window_ms: check.window_ms })
}

/// The clock's time, but not a little before the newest of the attempts.
fn now(clock: Timestamp, trails: &[Trail]) -> Timestamp {
    let newest =
        trails.iter().filter_map(Trail::newest_at).filter(|at| at.millis_since(clock) <= STEP_BACK_MS);
    newest.fold(clock, Timestamp::max)
}

/// An attempt that was judged and not yet written.
pub(crate) struct Judged {
    /// What becomes of it, its counts not taken yet.
    pub(crate) outcome: VelocityOutcome,
    now: Timestamp,
    trails: Vec<Trail>,
    /// Every rule for the action.
    rules: Vec<Arc<VelocityRule>>,
    /// The rules whose cooldown starts, each with the key that it is for.
    cooldowns: Vec<(Arc<VelocityRule>, i64)>,
    window_ms: Option<i64>,
}

impl Judged {
    /// Writes what becomes of the attempt: it is counted when it `may_be_made`, which more than the rules may decide.
    pub(crate) fn write(
        mut self,
        tx: &Transaction<'_>,
        tallies: &mut Tallies,
        realm: Realm,
        may_be_made: bool,
    ) -> Result<VelocityOutcome, Error> {
        for (rule, key) in &self.cooldowns {
            cooldown::start(tx, rule, *key, self.now)?;
        }
        if may_be_made && self.outcome.allowed {
            self.count_attempt(tx)?;
        }
        self.tally(tallies, realm);
        trail::forget(tx, self.now, FORGET_AT_ONCE)?;
        cooldown::forget(tx, self.now, FORGET_AT_ONCE)?;
        let counts = self.counts(tx)?;
        Ok(VelocityOutcome { counts, ..self.outcome })
    }

    /// Rules that are switched off keep their attempts too: they may be switched on again.
    fn count_attempt(&mut self, tx: &Transaction<'_>) -> Result<(), Error> {
        for trail in &mut self.trails {
            let of_scope = self.rules.iter().filter(|rule| rule.terms.scope == trail.scope);
            let windows = of_scope.map(|rule| rule.terms.window_ms).chain(self.window_ms);
            trail.add(tx, self.now, windows.fold(KEEP_MS, i64::max))?;
        }
        Ok(())
    }

    /// For analytics.
    fn tally(&self, tallies: &mut Tallies, realm: Realm) {
        let mut count = |metric| tallies.count(realm, self.now, metric);
        if !self.outcome.triggered.is_empty() {
            count(Metric::VelocityExceeded);
        }
        for triggered in &self.outcome.triggered {
            let id = triggered.rule.id;
            count(Metric::rule(RuleFigure::Fired, id));
            if triggered.blocks() {
                count(Metric::rule(RuleFigure::Blocked, id));
            }
            if triggered.would_block() {
                count(Metric::rule(RuleFigure::WouldBlock, id));
            }
        }
    }

    fn counts(&self, tx: &Transaction<'_>) -> Result<Vec<(VelocityScope, u64)>, Error> {
        let window_ms = self.window_ms.unwrap_or(COUNTED_MS);
        let count = |trail: &Trail| Ok((trail.scope, trail.count(tx, window_ms, self.now)?));
        self.trails.iter().map(count).collect()
    }
}

/// All that an attempt is judged by.
struct Judgment<'a> {
    tx: &'a Transaction<'a>,
    now: Timestamp,
    trails: &'a [Trail],
    rules: &'a [Arc<VelocityRule>],
    /// Whether rules act that do not say.
    usual: Enforcement,
}

impl Judgment<'_> {
    /// The rules that it is beyond, and those of them whose cooldown starts.
    #[allow(clippy::type_complexity, reason = "the two part ways at once")]
    fn triggered(&self) -> Result<(Vec<TriggeredRule>, Vec<(Arc<VelocityRule>, i64)>), Error> {
        let (mut triggered, mut cooldowns) = (Vec::new(), Vec::new());
        for rule in self.rules.iter().filter(|rule| rule.terms.enabled) {
            let trail = self.trails.iter().find(|trail| trail.scope == rule.terms.scope);
            if let Some(trail) = trail
                && let Some((beyond, starts_cooldown)) = self.judge(rule, trail)?
            {
                if starts_cooldown {
                    cooldowns.push((Arc::clone(rule), trail.key));
                }
                triggered.push(beyond);
            }
        }
        Ok((triggered, cooldowns))
    }

    /// Whether the attempt is beyond this rule, and if so, whether that starts its cooldown: not when one runs.
    fn judge(&self, rule: &Arc<VelocityRule>, trail: &Trail) -> Result<Option<(TriggeredRule, bool)>, Error> {
        let terms = &rule.terms;
        let full_for_ms = trail.full_for_ms(self.tx, terms.limit, terms.window_ms, self.now)?;
        let running_ms = cooldown::remaining_ms(self.tx, rule, trail.key, self.now)?;
        if full_for_ms == 0 && running_ms == 0 {
            return Ok(None);
        }
        let starts_cooldown = running_ms == 0;
        let cooldown_ms = if starts_cooldown { terms.cooldown_ms.unwrap_or(0) } else { running_ms };
        let attempts = trail.count(self.tx, terms.window_ms, self.now)? + 1;
        let holds_for_ms = cooldown_ms.max(full_for_ms);
        let counts = terms.enforcement.unwrap_or(self.usual) == Enforcement::Enforce;
        Ok(Some((TriggeredRule { rule: Arc::clone(rule), attempts, holds_for_ms, counts }, starts_cooldown)))
    }
}
