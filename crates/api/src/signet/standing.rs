//! How an enrolled person stands: what was reported of them, and whether they are flagged.

use domain::{Entity, EntityKey, EntityKind, Realm};
use portcullis_domain as domain;
use portcullis_pipeline::Priority;
use portcullis_store::{
    Enrollment, Error, List, ListHits, ListKind, Severity, Signal, SignalStatus, listed_user,
};

use super::SignetError;
use crate::AppState;

/// The kind of signal that a report by another person is; all other signals about an account are reports of fraud.
pub(super) const USER_REPORT: &str = "user_report";

/// How many reports that stand flag a user of a partner that did not say otherwise.
pub(crate) const USER_FLAG_THRESHOLD: u32 = 1;

/// The person with this id; fails when nobody of that id is enrolled with the partner.
pub(super) async fn enrolled(state: &AppState, realm: Realm, user: &str) -> Result<Enrollment, SignetError> {
    state.store.of(realm).enrollment(user).await.map_err(|error| match error {
        Error::NotFound(_) => SignetError::NotEnrolled,
        error => error.into(),
    })
}

/// The key of the person's signals and events.
pub(super) fn key_of(state: &AppState, realm: Realm, user: &str) -> EntityKey {
    state.assessor.entity_key(realm, &Entity::new(EntityKind::User, user))
}

/// An enrolled person, and all that was ever reported of them, newest first.
pub(super) struct Standing {
    pub(super) enrollment: Enrollment,
    signals: Vec<Signal>,
    lists: ListHits,
    /// How many reports that stand flag the person.
    flag_threshold: usize,
}

impl Standing {
    pub(super) async fn of(state: &AppState, realm: Realm, user: &str) -> Result<Self, SignetError> {
        let enrollment = enrolled(state, realm, user).await?;
        let user = &enrollment.person.user;
        let signals = state.store.of(realm).signals_of_account(key_of(state, realm, user)).await?;
        let listed = listed_user(user);
        let lists = state.store.lists().find(realm, &[(ListKind::User, &*listed)], None, state.clock.now());
        let control = state.store.control();
        let threshold = control.tenant(realm.tenant).and_then(|tenant| tenant.settings.user_flag_threshold);
        let flag_threshold = threshold.unwrap_or(USER_FLAG_THRESHOLD) as usize;
        Ok(Self { enrollment, signals, lists, flag_threshold })
    }

    /// Reports by other people, newest first; also those that count no more.
    pub(super) fn all_reports(&self) -> impl Iterator<Item = &Signal> {
        self.signals.iter().filter(|signal| signal.kind == USER_REPORT)
    }

    /// Those that stand.
    pub(super) fn reports(&self) -> impl Iterator<Item = &Signal> {
        self.all_reports().filter(|signal| signal.counts())
    }

    /// Reports of fraud that stand, newest first, whichever API they came through.
    pub(super) fn frauds(&self) -> impl Iterator<Item = &Signal> {
        self.signals.iter().filter(|signal| signal.kind != USER_REPORT && signal.counts())
    }

    /// Whether the person is on the watch list, was reported often enough, or was reported for fraud; what came before
    /// the flag was last taken off counts, but does not flag again.
    pub(super) fn is_flagged(&self) -> bool {
        let upto = self.enrollment.unflagged_upto;
        let is_news = |signal: &Signal| upto.is_none_or(|upto| signal.id > upto);
        self.is_on(List::Watch)
            || self.frauds().any(is_news)
            || self.reports().any(is_news) && self.reports().count() >= self.flag_threshold
    }

    /// Whether the person, not a device or address of theirs, is on this list.
    pub(super) const fn is_on(&self, list: List) -> bool {
        self.lists.has(list, ListKind::User)
    }
}

/// How urgent a report of fraud is, whichever API it came through.
pub(super) const fn priority_of(signal: &Signal) -> Priority {
    match signal.severity {
        Severity::Low => Priority::Low,
        Severity::Medium => Priority::Medium,
        Severity::High | Severity::Critical => Priority::High,
    }
}

/// What is told of a report: that it stands, or why it does not.
pub(super) const fn status_of(signal: &Signal) -> &'static str {
    match (signal.withdrawn_at, signal.status) {
        (Some(_), _) => "removed",
        (None, SignalStatus::Dismissed) => "dismissed",
        (None, SignalStatus::Pending | SignalStatus::Confirmed) => "active",
    }
}
