//! The control plane against a real store in a temporary directory.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use portcullis_domain::{Clock, Dialect, Mode, Overrides, Timestamp, policy::LimitOverrides};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::Options;

/// Stands still until a test moves it.
#[derive(Debug, Default)]
pub(super) struct FakeClock(pub(super) AtomicI64);

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub(super) struct Fixture {
    pub(super) store: Store,
    pub(super) clock: Arc<FakeClock>,
    pub(super) dir: TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(FakeClock::default()));
        let store = Store::open(Options::new(dir.path(), clock.clone())).unwrap();
        Self { store, clock, dir }
    }

    pub(super) async fn tenant(&self, slug: &str) -> TenantId {
        let slug = slug.parse().unwrap();
        self.store.create_tenant(&admin(), "Name".to_owned(), slug).await.unwrap().id
    }

    pub(super) async fn reopen(self) -> Self {
        self.store.close().await.unwrap();
        drop(self.store);
        let store = Store::open(Options::new(self.dir.path(), self.clock.clone())).unwrap();
        Self { store, ..self }
    }
}

pub(super) fn admin() -> Actor {
    Actor::machine("test")
}

fn new_key(sha256: [u8; 32]) -> NewApiKey {
    NewApiKey {
        name: "main".to_owned(),
        dialect: Dialect::Ingest,
        mode: Mode::Live,
        prefix: "pi_live_abcd".to_owned(),
        sha256,
        scopes: Scopes::only([Scope::Ingest]),
        allowed_ips: vec!["10.0.0.0/8".parse().unwrap()],
        expires_at: None,
    }
}

fn new_user(email: &str) -> NewUser {
    NewUser { email: email.to_owned(), password_hash: "$argon2id$x".to_owned(), role: Role::ClientAdmin }
}

#[tokio::test]
async fn tenants_are_in_the_snapshot_when_created() {
    let f = Fixture::new();
    let id = f.tenant("acme").await;
    let control = f.store.control();
    assert_eq!(control.tenant_by_slug("acme").unwrap().id, id);
    let again = f.store.create_tenant(&admin(), "Other".to_owned(), "acme".parse().unwrap()).await;
    assert!(matches!(again, Err(Error::Exists(_))));
    let change = TenantChange {
        status: Some(TenantStatus::Suspended),
        rate_limit_per_minute: Some(Some(7)),
        requests_per_15_min: Some(Some(5_000_000)),
        analytics_per_minute: Some(Some(9)),
        enforcement: Some(Enforcement::Monitor),
        user_flag_threshold: Some(Some(3)),
        ..TenantChange::default()
    };
    f.store.update_tenant(&admin(), "acme", change).await.unwrap();
    let f = f.reopen().await;
    let tenant = f.store.control().tenant(id).cloned().unwrap();
    assert_eq!((tenant.name.as_str(), tenant.status), ("Name", TenantStatus::Suspended));
    let settings = Settings {
        rate_limit_per_minute: Some(7),
        requests_per_15_min: Some(5_000_000),
        analytics_per_minute: Some(9),
        enforcement: Enforcement::Monitor,
        user_flag_threshold: Some(3),
    };
    assert_eq!(tenant.settings, settings);
    let change = TenantChange { requests_per_15_min: Some(None), ..TenantChange::default() };
    let tenant = f.store.update_tenant(&admin(), "acme", change).await.unwrap();
    assert_eq!(tenant.settings, Settings { requests_per_15_min: None, ..settings });
    let line = f.store.audit(None, 1).await.unwrap().remove(0);
    assert_eq!(line.before.unwrap()["requestsPer15Min"], json!(5_000_000));
    assert_eq!(line.after.unwrap()["requestsPer15Min"], json!(null));
    let missing = f.store.update_tenant(&admin(), "nobody", TenantChange::default()).await;
    assert!(matches!(missing, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_revoked_key_is_gone_when_the_call_returns() {
    let f = Fixture::new();
    let (ours, theirs) = (f.tenant("ours").await, f.tenant("theirs").await);
    let key = f.store.configuration(ours).create_api_key(&admin(), new_key([1; 32])).await.unwrap();
    let control = f.store.control();
    let record = control.key(&[1; 32], Timestamp::from_millis(0)).unwrap();
    assert_eq!((record.tenant, record.id), (ours, key.id));
    assert!(record.scopes.contains(Scope::Ingest) && !record.scopes.contains(Scope::FraudRead));
    assert!(control.key(&[2; 32], Timestamp::from_millis(0)).is_none());

    let foreign = f.store.configuration(theirs).revoke_api_key(&admin(), key.id).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))));
    assert!(f.store.control().key(&[1; 32], Timestamp::from_millis(0)).is_some());

    f.store.configuration(ours).revoke_api_key(&admin(), key.id).await.unwrap();
    assert!(f.store.control().key(&[1; 32], Timestamp::from_millis(0)).is_none());
    f.store.configuration(ours).revoke_api_key(&admin(), key.id).await.unwrap();
    let listed = f.store.configuration(ours).api_keys(None, 10).await.unwrap();
    assert!(listed[0].revoked_at.is_some());
    assert!(f.store.configuration(theirs).api_keys(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_time_of_use_outlives_changes_and_restarts() {
    let f = Fixture::new();
    let tenant = f.tenant("acme").await;
    f.store.configuration(tenant).create_api_key(&admin(), new_key([1; 32])).await.unwrap();
    let old_snapshot = f.store.control();
    f.tenant("other").await;
    // A request that began before the change uses the key through the old snapshot.
    let used = Timestamp::from_millis(1_000);
    old_snapshot.key(&[1; 32], Timestamp::from_millis(0)).unwrap().touch(used);
    let listed = f.store.configuration(tenant).api_keys(None, 10).await.unwrap();
    assert_eq!(listed[0].last_used_at, Some(used));
    let revision = f.store.control().revision();
    f.store.persist_key_use().await.unwrap();
    assert_eq!(f.store.control().revision(), revision, "use is no change");
    let f = f.reopen().await;
    assert_eq!(
        f.store.control().key(&[1; 32], Timestamp::from_millis(0)).unwrap().last_used_at(),
        Some(used)
    );
}

#[tokio::test]
async fn keys_page_newest_first() {
    let f = Fixture::new();
    let tenant = f.tenant("acme").await;
    for index in 0..5 {
        f.clock.0.fetch_add(1, Ordering::SeqCst);
        f.store.configuration(tenant).create_api_key(&admin(), new_key([index; 32])).await.unwrap();
    }
    let first = f.store.configuration(tenant).api_keys(None, 3).await.unwrap();
    let rest = f.store.configuration(tenant).api_keys(Some(first[2].id), 3).await.unwrap();
    let times: Vec<_> = first.iter().chain(&rest).map(|key| key.created_at).collect();
    assert_eq!(times.len(), 5);
    assert!(times.is_sorted_by(|a, b| a > b));
}

#[tokio::test]
async fn an_address_belongs_to_one_user_of_one_tenant() {
    let f = Fixture::new();
    let (ours, theirs) = (f.tenant("ours").await, f.tenant("theirs").await);
    let user = f.store.configuration(ours).create_user(&admin(), new_user("a@x.org")).await.unwrap();
    let again = f.store.configuration(theirs).create_user(&admin(), new_user("a@x.org")).await;
    assert!(matches!(again, Err(Error::Exists(_))));
    let admin_again = f.store.put_admin(&admin(), "a@x.org".to_owned(), "h".to_owned()).await;
    assert!(matches!(admin_again, Err(Error::Exists(_))));
    let change = UserChange { status: Some(UserStatus::Disabled), ..UserChange::default() };
    let foreign =
        f.store.configuration(theirs).update_user(&admin(), user.id, change.clone(), LastAdmin::MayGo).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))));
    let disabled =
        f.store.configuration(ours).update_user(&admin(), user.id, change, LastAdmin::MayGo).await.unwrap();
    assert!(disabled.token_version > user.token_version);
    assert!(!f.store.control().user(user.id).unwrap().is_active());
    assert_eq!(f.store.configuration(ours).users(None, 10).await.unwrap().len(), 1);
    assert_eq!(f.store.find_login("a@x.org".to_owned()).await.unwrap().unwrap().password_hash, "$argon2id$x");
}

fn registration(name: &str, email: &str, key: u8) -> Registration {
    Registration {
        name: name.to_owned(),
        slug: Slug::of_name(name),
        email: email.to_owned(),
        password_hash: "$argon2id$x".to_owned(),
        key: new_key([key; 32]),
    }
}

#[tokio::test]
async fn registering_makes_a_tenant_its_admin_and_its_key() {
    let f = Fixture::new();
    let visitor = Actor::newcomer("a@x.org".to_owned(), "req_1".to_owned(), [192, 0, 2, 1].into());
    let made = f.store.register(&visitor, registration("Acme Bank", "a@x.org", 1)).await.unwrap();
    let control = f.store.control();
    assert_eq!((made.tenant.slug.as_str(), made.tenant.name.as_str()), ("acme-bank", "Acme Bank"));
    assert_eq!((made.user.role, made.user.tenant), (Role::ClientAdmin, Some(made.tenant.id)));
    assert_eq!(control.tenant_by_slug("acme-bank").unwrap().id, made.tenant.id);
    assert!(control.user(made.user.id).unwrap().is_active());
    let key = control.key(&[1; 32], Timestamp::from_millis(0)).unwrap();
    assert_eq!((key.id, key.tenant), (made.key.id, made.tenant.id));
    assert!(f.store.find_login("a@x.org".to_owned()).await.unwrap().is_some());

    let lines = f.store.configuration(made.tenant.id).audit(None, 10).await.unwrap();
    let actions: Vec<_> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["api_key.create", "user.create", "client.create"]);
    for line in &lines {
        assert_eq!((&line.actor, line.actor_name.as_str()), (&made.user.id.to_string(), "a@x.org"));
        assert_eq!((line.role.as_str(), line.request_id.as_str()), ("CLIENT_ADMIN", "req_1"));
        assert_eq!(line.peer_ip, "192.0.2.1");
    }
    assert_eq!(f.store.verify_audit().await.unwrap(), AuditVerdict::Whole(3));
}

#[tokio::test]
async fn a_taken_address_registers_nothing_and_a_taken_slug_gets_a_number() {
    let f = Fixture::new();
    f.tenant("acme").await;
    let visitor = admin();
    let register = |name, email, key| f.store.register(&visitor, registration(name, email, key));
    assert_eq!(register("Acme", "a@x.org", 1).await.unwrap().tenant.slug, "acme-2");
    let revision = f.store.control().revision();
    assert!(matches!(register("New", "a@x.org", 2).await, Err(Error::Exists(_))));
    let control = f.store.control();
    assert_eq!(control.revision(), revision);
    assert!(
        control.tenant_by_slug("new").is_none() && control.key(&[2; 32], Timestamp::from_millis(0)).is_none()
    );
    assert_eq!(register("ACME!", "b@x.org", 3).await.unwrap().tenant.slug, "acme-3");
    assert_eq!(register("Acme.Other", "c@x.org", 4).await.unwrap().tenant.slug, "acme-other");
}

#[tokio::test]
async fn an_admin_is_created_once_and_then_reset() {
    let f = Fixture::new();
    assert!(!f.store.control().has_admin());
    let machine = admin();
    let put = |hash: &str| f.store.put_admin(&machine, "root@x.org".to_owned(), hash.to_owned());
    assert_eq!(put("one").await.unwrap(), AdminPut::Created);
    assert!(f.store.control().has_admin());
    let before = f.store.find_login("root@x.org".to_owned()).await.unwrap().unwrap();
    assert_eq!(put("two").await.unwrap(), AdminPut::Reset);
    let after = f.store.find_login("root@x.org".to_owned()).await.unwrap().unwrap();
    assert_eq!(after.password_hash, "two");
    assert!(after.user.token_version > before.user.token_version);
}

#[tokio::test]
async fn overrides_are_kept_per_layer_and_refused_edits_change_nothing() {
    let f = Fixture::new();
    let (ours, theirs) = (f.tenant("ours").await, f.tenant("theirs").await);
    let limits = LimitOverrides { accounts_per_ip: Some(9), ..LimitOverrides::default() };
    let wanted = Overrides { limits, ..Overrides::default() };
    let edited = wanted.clone();
    let layers = f
        .store
        .configuration(ours)
        .edit_overrides(&admin(), Dialect::Ingest, move |layers| {
            assert_eq!(layers.tenant, Overrides::default());
            Ok::<_, ()>(edited)
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!((layers.tenant.clone(), layers.global), (wanted, Overrides::default()));
    let revision = f.store.control().revision();
    let refused = f.store.edit_global_overrides(&admin(), Dialect::Ingest, |_| Err("no")).await.unwrap();
    assert_eq!(refused.unwrap_err(), "no");
    assert_eq!(f.store.control().revision(), revision);
    let f = f.reopen().await;
    let control = f.store.control();
    assert_eq!(**control.tenant_overrides(ours, Dialect::Ingest).unwrap(), layers.tenant);
    assert!(control.tenant_overrides(theirs, Dialect::Ingest).is_none());
    assert!(control.global_overrides(Dialect::Ingest).is_none());
}

#[tokio::test]
async fn reputation_edits_count_their_versions() {
    let f = Fixture::new();
    for expected in 1..=3 {
        let change = move |before: Option<&serde_json::Value>| {
            assert_eq!(before.is_some(), expected > 1);
            Ok::<_, ()>(ReputationChange { edits: json!({ "n": expected }), summary: json!({}) })
        };
        let edits = f.store.edit_reputation(&admin(), "tor-exits", change).await.unwrap().unwrap();
        assert_eq!(edits.version, expected);
    }
    let f = f.reopen().await;
    let control = f.store.control();
    let (name, edits) = control.reputation_lists().next().unwrap();
    assert_eq!((name, edits.version, &edits.edits), ("tor-exits", 3, &json!({ "n": 3 })));
    assert!(control.reputation("vpn-networks").is_none());
}

#[tokio::test]
async fn every_change_is_in_the_log_of_its_tenant_only() {
    let f = Fixture::new();
    let (ours, theirs) = (f.tenant("ours").await, f.tenant("theirs").await);
    let key = f.store.configuration(ours).create_api_key(&admin(), new_key([1; 32])).await.unwrap();
    f.store.configuration(ours).revoke_api_key(&admin(), key.id).await.unwrap();
    f.store.configuration(ours).revoke_api_key(&admin(), key.id).await.unwrap();
    let actions = |records: Vec<AuditRecord>| records.into_iter().map(|r| r.action).collect::<Vec<_>>();
    let of_ours = f.store.configuration(ours).audit(None, 10).await.unwrap();
    assert_eq!(of_ours[0].target, key.id.to_string());
    assert_eq!(actions(of_ours), ["api_key.revoke", "api_key.create", "client.create"]);
    assert_eq!(actions(f.store.configuration(theirs).audit(None, 10).await.unwrap()), ["client.create"]);
    let all = f.store.audit(None, 3).await.unwrap();
    let rest = f.store.audit(Some(all[2].id), 3).await.unwrap();
    assert_eq!((all.len(), rest.len()), (3, 1));
}

#[tokio::test]
async fn an_altered_log_is_noticed() {
    let f = Fixture::new();
    for slug in ["a", "b", "c"] {
        f.tenant(slug).await;
    }
    assert_eq!(f.store.verify_audit().await.unwrap(), AuditVerdict::Whole(3));
    let append_only = f.store.write(|tx| Ok(tx.execute("DELETE FROM audit WHERE id = 2", [])?)).await;
    assert!(append_only.is_err());
    let forge = |tx: &Transaction<'_>| {
        tx.execute_batch(
            "DROP TRIGGER audit_is_never_updated; UPDATE audit SET actor_name = 'x' WHERE id = 2;",
        )?;
        Ok(())
    };
    f.store.write(forge).await.unwrap();
    assert_eq!(f.store.verify_audit().await.unwrap(), AuditVerdict::Broken(2));
}
