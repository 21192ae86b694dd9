//! One list behind every door: an entry made at one is seen at the others and felt by the next request.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{block, check, is_blocked, page, path_of, two_shops, values};

const LISTS: &str = "/api/v1/client/lists";

/// The decision on a login from this device and address.
async fn ingest(app: &TestApp, key: &str, device: &str, ip: &str) -> Value {
    app.clock.advance(1_200_000);
    let event = json!({
        "type": "LOGIN", "email": "jane@example.com", "externalUserId": "cust-1", "ip": ip,
        "device": { "clientFingerprint": device },
    });
    app.post("/api/v1/events/ingest", &event).key(key).send().await.expect_json(200)["decision"].clone()
}

/// The level of a session on this device from this address.
async fn fraudsense(app: &TestApp, key: &str, device: &str, ip: &str) -> Value {
    app.clock.advance(1_200_000);
    let session = app.store.clock().now().to_string();
    let body = json!({ "deviceId": device, "sessionId": session, "eventType": "LOGIN" });
    let call = app.post("/v1/risk/score", &body).header("x-fraudsense-key", key).from(ip);
    call.send().await.expect_json(200)["riskLevel"].clone()
}

/// What both scoring dialects say.
async fn verdicts(app: &TestApp, key: &str, device: &str, ip: &str) -> [Value; 2] {
    [ingest(app, key, device, ip).await, fraudsense(app, key, device, ip).await]
}

#[tokio::test]
async fn what_is_blocked_here_is_felt_at_every_door() {
    let (app, acme, other) = two_shops().await;
    let (free, blocked) = ([json!("ALLOW"), json!("LOW")], [json!("BLOCK"), json!("CRITICAL")]);
    for (live, test, mode) in [(&acme.live, &acme.test, "live"), (&acme.test, &acme.live, "test")] {
        for (kind, value) in [("device", "dev-7"), ("ip", "198.51.100.0/24")] {
            assert_eq!(verdicts(&app, live, "dev-7", "198.51.100.9").await, free);
            let entry = block(&app, live, kind, value).await;
            assert_eq!(verdicts(&app, live, "dev-7", "198.51.100.9").await, blocked, "{mode} {kind}");
            for elsewhere in [test, &other.live, &other.test] {
                assert_eq!(verdicts(&app, elsewhere, "dev-7", "198.51.100.9").await, free);
            }
            let path = format!("{LISTS}?mode={mode}");
            let lists = app.get(&path).bearer(&acme.tenant.viewer).send().await.expect_json(200);
            let shown = &lists["items"][0];
            assert_eq!(
                (&shown["list"], &shown["kind"], &shown["value"]),
                (&json!("block"), &json!(kind), &json!(value))
            );
            assert_eq!((&shown["mode"], &shown["author"]), (&json!(mode), &entry["created_by"]));
            app.delete(&path_of(&entry)).bearer(live).send().await.expect(200);
            assert_eq!(verdicts(&app, live, "dev-7", "198.51.100.9").await, free);
        }
    }
}

#[tokio::test]
async fn what_people_list_is_seen_here() {
    let (app, acme, other) = two_shops().await;
    let list = |list: &str, kind: &str, value: &str, mode: &str| {
        let body = json!({ "list": list, "kind": kind, "value": value, "mode": mode, "reason": "by hand" });
        app.post(LISTS, &body).bearer(&acme.tenant.analyst)
    };
    for kind in ["allow", "watch"] {
        list(kind, "device", "dev-7", "live").send().await.expect(201);
    }
    assert!(values(&app, &acme.live, "").await.is_empty(), "only what blocks is on the blocklist");
    assert!(!is_blocked(&app, &acme.live, "device", "dev-7").await);

    let made = list("block", "document", "ab 1", "live").send().await.expect_json(201);
    list("block", "user", "cust-1", "test").send().await.expect(201);
    let seen = page(&app, &acme.live, "").await["data"][0].clone();
    assert_eq!(
        (&seen["type"], &seen["value"], &seen["reason"]),
        (&json!("document"), &json!("AB1"), &json!("by hand"))
    );
    assert_eq!((&seen["created_by"], &seen["created_at"]), (&made["author"], &made["createdAt"]));
    let found = check(&app, &acme.live, "document", "AB-1").await;
    assert_eq!((&found["blocked"], &found["results"][0]["id"]), (&json!(true), &seen["id"]));
    assert_eq!(values(&app, &acme.test, "").await, ["cust-1"]);
    assert!(values(&app, &other.live, "").await.is_empty());
    // A second entry is one too many at whichever door.
    list("block", "document", "AB1", "live").send().await.expect(409);
    // Unblocked here, it is gone there.
    app.delete(&path_of(&seen)).bearer(&acme.live).send().await.expect(200);
    let path = format!("{LISTS}/{}", made["id"].as_str().unwrap());
    app.get(&path).bearer(&acme.tenant.viewer).send().await.expect(404);

    // And the other way round.
    let here = block(&app, &acme.live, "phone", "+212612345678").await;
    let lists =
        app.get(&format!("{LISTS}?list=block")).bearer(&acme.tenant.viewer).send().await.expect_json(200);
    let path = format!("{LISTS}/{}", lists["items"][0]["id"].as_str().unwrap());
    app.delete(&path).bearer(&acme.tenant.analyst).send().await.expect(204);
    assert!(!is_blocked(&app, &acme.live, "phone", "+212612345678").await);
    app.delete(&path_of(&here)).bearer(&acme.live).send().await.expect(404);
}

#[tokio::test]
async fn entries_of_other_lists_can_not_be_removed_here() {
    let (app, acme, _other) = two_shops().await;
    let watch = json!({ "list": "watch", "kind": "user", "value": "u1" });
    app.post(LISTS, &watch).bearer(&acme.tenant.admin).send().await.expect(201);
    let tenant = app.store.control().tenant_by_slug("acme").unwrap().id;
    let configuration = app.store.configuration(tenant);
    let filter = portcullis_store::ListFilter::default();
    let entries = configuration.list_entries(portcullis_domain::Mode::Live, filter, None, 9).await.unwrap();
    let id = portcullis_store::BlockId::of(entries[0].id);
    app.delete(&format!("/v1/fraud/blocklist/{id}")).bearer(&acme.live).send().await.expect(404);
}
