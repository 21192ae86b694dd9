//! Tenants, users, keys, rules, lists and the audit log: what people configure.
//!
//! Requests read it from [`Control`], an immutable snapshot; the store swaps the snapshot before a change returns.
//! Every change goes through [`Store::change`], which writes it and its line of the audit log as one transaction. Only
//! [`Lists`] are kept beside the snapshot, because they may be long.

mod api_key;
mod audit;
mod custom_rules;
mod enrollments;
mod event_ref;
mod finding;
mod id;
mod keyri_services;
mod lists;
mod once;
mod overrides;
mod registration;
mod reputation;
pub(crate) mod reviews;
pub(crate) mod short_id;
mod signals;
mod slug;
mod snapshot;
mod tenant;
#[cfg(test)]
mod tests;
mod text_enum;
mod trust;
mod user;
mod velocity_rules;
pub(crate) mod webhooks;

use std::{path::Path, str::FromStr};

use portcullis_domain::{Dialect, TenantId, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior, types::Type};

pub use self::{
    api_key::{ApiKey, KeyRecord, NewApiKey, Scope, Scopes},
    audit::{Actor, AuditRecord, AuditVerdict, verify_audit_beside},
    custom_rules::{MOST_CUSTOM_RULES, NewRule, RuleChange, StoredRule},
    enrollments::{Enrollment, EnrollmentId, Person},
    event_ref::{AssessmentId, ReviewId, VerificationId},
    finding::{Decided, Finding},
    id::{IdError, KeyId, ListEntryId, UserId},
    keyri_services::{
        KeyriLimits, KeyriRisk, KeyriRiskRule, KeyriRule, KeyriService, KeyriServiceId, MOST_KEYRI_SERVICES,
    },
    lists::{
        List, ListEntry, ListFilter, ListHits, ListKind, ListValue, ListValueError, Lists, NewListEntry,
        listed_user,
    },
    once::{Once, Render, Repeatable},
    overrides::Layers,
    registration::{Registered, Registration},
    reputation::{ReputationChange, ReputationEdits},
    reviews::{Review, ReviewStatus},
    short_id::{BlockId, RuleId},
    signals::{
        Labels, MOST_SIGNALS_OF_ACCOUNT, NewSignal, Severity, Signal, SignalContent, SignalFilter, SignalId,
        SignalKeys, SignalStatus,
    },
    slug::{Slug, SlugError},
    snapshot::Control,
    tenant::{Settings, Tenant, TenantChange, TenantStatus},
    trust::{MOST_TRUST_VERSIONS, TrustVersion},
    user::{AdminPut, LastAdmin, Login, NewUser, Role, User, UserChange, UserStatus},
    velocity_rules::{
        Enforcement, MOST_VELOCITY_RULES, OnExceed, VelocityCheckId, VelocityRule, VelocityRuleChange,
        VelocityRuleId, VelocityScope, VelocityTerms,
    },
    webhooks::{
        AttemptVerdict, DELIVERIES_MS, DeliveryState, DueWebhook, MOST_WEBHOOKS, MessageId, NewWebhook,
        OLD_SECRET_MS, WEBHOOK_ATTEMPTS, Webhook, WebhookAttempt, WebhookChange, WebhookDelivery, WebhookId,
        WebhookRequest, WebhookSecret, WebhookType,
    },
};
use self::{audit::Entry, text_enum::text_enum};
pub(crate) use self::{
    lists::load_lists,
    once::forget_answers,
    signals::load_labels,
    snapshot::{load, reload},
    trust::learn,
    webhooks::Outbox,
};
pub use crate::sqlite::Usage;
use crate::{Error, OpenError, Store, sqlite};

/// One tenant's part of the configuration: nothing that is reached through it belongs to anybody else.
#[derive(Clone, Copy)]
pub struct Configuration<'a> {
    store: &'a Store,
    tenant: TenantId,
}

impl Configuration<'_> {
    /// How many events the tenant had judged through `dialect`, live and test together; the month is the clock's.
    pub async fn usage(&self, dialect: Dialect) -> Result<Usage, Error> {
        let (tenant, now) = (self.tenant, self.store.clock().now());
        self.store.read(move |connection| sqlite::usage(connection, tenant, dialect, now)).await
    }
}

impl Store {
    /// One tenant's part of the configuration.
    pub const fn configuration(&self, tenant: TenantId) -> Configuration<'_> {
        Configuration { store: self, tenant }
    }

    /// Answers when the database can be read, and no failure has ended writing.
    pub async fn check(&self) -> Result<(), Error> {
        self.backend.check()?;
        self.read(|connection| revision(connection).map(drop)).await
    }

    /// Makes a change and writes its line of the audit log, as one transaction. Without an entry nothing was changed.
    async fn change<T: Send + 'static>(
        &self,
        actor: &Actor,
        job: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<(T, Option<Entry>), Error> + Send + 'static,
    ) -> Result<T, Error> {
        let actor = actor.clone();
        let at = self.clock().now();
        self.write(move |tx| {
            let (value, entry) = job(tx, at)?;
            note(tx, &actor, entry, at)?;
            Ok(value)
        })
        .await
    }

    /// Takes up what another process, such as `portcullis admin`, changed. To be called every second or so.
    pub async fn notice_changes(&self) -> Result<bool, Error> {
        let changed = self.read(revision).await? != self.control().revision();
        if changed {
            self.reload().await?;
        }
        Ok(changed)
    }
}

/// Creates or resets a super admin as [`Store::put_admin`] does, while another process may have the store open; that
/// one takes it up with [`Store::notice_changes`].
pub fn put_admin_beside(
    data_dir: &Path,
    at: Timestamp,
    actor: &Actor,
    email: String,
    password_hash: &str,
) -> Result<AdminPut, OpenError> {
    let mut main = sqlite::open_main_beside(data_dir)?;
    let tx = main.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (outcome, entry) = user::put_admin(&tx, at, email, password_hash)?;
    note(&tx, actor, entry, at)?;
    tx.commit()?;
    Ok(outcome)
}

/// Writes a change's line of the audit log, and makes every process notice it.
fn note(tx: &Transaction<'_>, actor: &Actor, entry: Option<Entry>, at: Timestamp) -> Result<(), Error> {
    let Some(entry) = entry else { return Ok(()) };
    audit::append(tx, actor, entry, at)?;
    tx.execute("UPDATE revision SET value = value + 1", [])?;
    Ok(())
}

fn revision(connection: &Connection) -> Result<u64, Error> {
    let value: i64 = connection.query_row("SELECT value FROM revision", [], |row| row.get(0))?;
    Ok(value as u64)
}

/// A column that holds the text form of `T`.
fn parsed<T>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    row.get_ref(column)?.as_str()?.parse().map_err(|error: T::Err| unreadable(column, Type::Text, error))
}

fn unreadable(
    column: usize,
    stored: Type,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, stored, error.into())
}
