//! Keyri services against a real store in a temporary directory.

use std::sync::Arc;

use domain::Dialect;
use serde_json::json;

use super::{
    super::{
        Scopes,
        tests::{Fixture, admin},
    },
    *,
};

fn new_key(seed: u8, mode: Mode) -> NewApiKey {
    NewApiKey {
        name: format!("shop {seed}"),
        dialect: Dialect::Keyri,
        mode,
        prefix: "ky_live_0000".to_owned(),
        sha256: [seed; 32],
        scopes: Scopes::ALL,
        allowed_ips: Vec::new(),
        expires_at: None,
    }
}

impl Fixture {
    async fn service(&self, tenant: TenantId, seed: u8) -> KeyriService {
        let key = format!("public {seed}");
        let of = self.store.configuration(tenant);
        of.create_keyri_service(&admin(), key, new_key(seed, Mode::Live)).await.unwrap()
    }
}

#[tokio::test]
async fn a_service_is_found_by_its_key_until_it_is_deleted() {
    let f = Fixture::new();
    let (acme, other) = (f.tenant("acme").await, f.tenant("other").await);
    let service = f.service(acme, 1).await;
    assert_eq!(
        f.store.control().keyri_service("public 1").map(|found| (**found).clone()),
        Some(service.clone())
    );
    assert!(
        f.store
            .control()
            .key(&[1; 32], Timestamp::from_millis(0))
            .is_some_and(|key| key.id == service.api_key)
    );
    assert!(f.store.control().keyri_services(other).is_empty());

    let f = f.reopen().await;
    assert_eq!(**f.store.control().keyri_services(acme)[0], service);
    let of_other = f.store.configuration(other);
    let missing = of_other.delete_keyri_service(&admin(), service.id).await;
    assert!(matches!(missing, Err(Error::NotFound(_))));
    f.store.configuration(acme).delete_keyri_service(&admin(), service.id).await.unwrap();
    assert!(f.store.control().keyri_service("public 1").is_none());
    assert!(f.store.control().key(&[1; 32], Timestamp::from_millis(0)).is_none());
}

#[tokio::test]
async fn changes_are_in_force_and_in_the_audit_log() {
    let f = Fixture::new();
    let acme = f.tenant("acme").await;
    let service = f.service(acme, 1).await;
    let of_acme = f.store.configuration(acme);
    let rule = KeyriRule {
        rule: "abroad".to_owned(),
        conditions: json!({ "threat.is_tor": true }),
        condition: "ip.is_tor = true".to_owned(),
        outcome: "deny".to_owned(),
        signal: Some("abroad".to_owned()),
        enabled: true,
        strength: 2,
    };
    of_acme.set_keyri_rules(&admin(), service.id, vec![rule.clone()]).await.unwrap();
    let edit = |risk: &KeyriRisk| {
        let limits = KeyriLimits { accounts_per_device: Some(9), ..risk.limits };
        Ok::<_, ()>(KeyriRisk { limits, ..risk.clone() })
    };
    of_acme.edit_keyri_risk(&admin(), service.id, edit).await.unwrap().unwrap();
    of_acme.edit_keyri_risk(&admin(), service.id, edit).await.unwrap().unwrap();
    assert_eq!(of_acme.edit_keyri_risk(&admin(), service.id, |_| Err(7)).await.unwrap(), Err(7));
    let changed = Arc::clone(f.store.control().keyri_service("public 1").unwrap());
    assert_eq!((changed.rules.as_slice(), changed.risk.limits.accounts_per_device), (&[rule][..], Some(9)));

    let lines = of_acme.audit(None, 9).await.unwrap();
    let actions: Vec<_> = lines.iter().map(|line| line.action.as_str()).collect();
    let expected = ["keyri_service.risk", "keyri_service.rules", "keyri_service.create", "api_key.create"];
    assert_eq!(actions[..4], expected);
}
