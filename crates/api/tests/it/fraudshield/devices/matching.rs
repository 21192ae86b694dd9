//! Which registrations are of one device.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::super::world::{HOME, chrome, laptop, phone, register, text, with, world};

/// The id of the device that tells this.
async fn id(app: &TestApp, key: &str, fingerprint: &Value, user: &str) -> String {
    text(&register(app, key, fingerprint, user, HOME).await, "id").to_owned()
}

#[tokio::test]
async fn the_same_fingerprint_is_the_same_device_in_one_data_set_only() {
    let (app, acme, other) = world().await;
    let first = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    app.clock.advance(86_400_000);
    let again = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    assert_eq!((&again["id"], &again["first_seen"]), (&first["id"], &first["first_seen"]));
    assert_eq!((&again["is_new"], &again["times_seen"]), (&json!(false), &json!(2)));
    for foreign in [&acme.test, &other.live, &other.test] {
        let device = register(&app, foreign, &laptop("A"), "u2", HOME).await;
        assert_eq!((&device["is_new"], &device["linked_users"]), (&json!(true), &json!(["u2"])));
        assert_ne!(device["id"], first["id"], "ids of different data sets can not be compared");
        let path = format!("/v1/fraud/devices/{}", text(&first, "id"));
        app.get(&path).bearer(foreign).send().await.expect(404);
    }
    let app = app.restarted().await;
    let again = register(&app, &acme.live, &laptop("A"), "u2", HOME).await;
    assert_eq!((&again["id"], &again["times_seen"]), (&first["id"], &json!(3)));
    assert_eq!(again["linked_users"], json!(["u1", "u2"]));
}

#[tokio::test]
async fn a_computer_may_be_updated_moved_and_set_to_another_language() {
    let (app, acme, _other) = world().await;
    let first = id(&app, &acme.live, &laptop("A"), "u1").await;
    for (change, user) in [
        (json!({ "user_agent": chrome(143) }), "u1"),
        (json!({ "user_agent": chrome(143), "timezone": "Europe/Paris", "language": "en-US" }), "u2"),
        (json!({ "user_agent": chrome(150) }), "u3"),
        (json!({ "user_agent": chrome(150), "screen_resolution": "1080x1920" }), "u1"),
    ] {
        assert_eq!(id(&app, &acme.live, &with(laptop("A"), change.clone()), user).await, first, "{change}");
    }
}

#[tokio::test]
async fn what_a_computer_does_not_change_makes_another_device() {
    let (app, acme, _other) = world().await;
    let mut ids = BTreeSet::from([id(&app, &acme.live, &laptop("A"), "u1").await]);
    for change in [
        json!({ "user_agent": chrome(141) }),
        json!({ "canvas_hash": "another" }),
        json!({ "webgl_hash": "another" }),
        json!({ "platform": "MacIntel" }),
        json!({ "user_agent": chrome(142).replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64") }),
    ] {
        let (changed, user) = (with(laptop("A"), change.clone()), format!("u{}", ids.len() + 1));
        assert!(ids.insert(id(&app, &acme.live, &changed, &user).await), "{change}");
    }
    // Of one account it is the same device whose drivers were updated, unless the system is another.
    let updated = with(laptop("A"), json!({ "canvas_hash": "drawn by a newer driver" }));
    assert!(ids.contains(&id(&app, &acme.live, &updated, "u1").await));
    let mac = with(updated, json!({ "platform": "MacIntel" }));
    assert!(ids.insert(id(&app, &acme.live, &mac, "u1").await));
}

#[tokio::test]
async fn stock_phones_are_told_apart_by_their_users() {
    let (app, acme, _other) = world().await;
    let mine = id(&app, &acme.live, &phone("fr-MA", "18.1"), "u1").await;
    let yours = id(&app, &acme.live, &phone("fr-MA", "18.2"), "u2").await;
    let theirs = id(&app, &acme.live, &phone("ar-MA", "18.1"), "u3").await;
    assert!(mine != yours && mine != theirs && yours != theirs);
    // Each is known again after an update, by its account.
    assert_eq!(id(&app, &acme.live, &phone("fr-MA", "18.3"), "u1").await, mine);
    assert_eq!(id(&app, &acme.live, &phone("fr-MA", "18.3"), "u2").await, yours);
    // An id in secure storage says more than looks, and more than accounts.
    let named = |id: &str| with(phone("fr-MA", "18.3"), json!({ "device_id": id }));
    let a = id(&app, &acme.live, &named("keychain-a"), "u5").await;
    let b = id(&app, &acme.live, &named("keychain-b"), "u6").await;
    assert_ne!(a, b);
    assert_eq!(id(&app, &acme.live, &named("keychain-a"), "u6").await, a);
}

#[tokio::test]
async fn identical_phones_of_two_users_are_never_one() {
    let (app, acme, _other) = world().await;
    let bare = json!({ "user_agent": phone("fr-MA", "18.1")["user_agent"], "platform": "iPhone", "language": "fr-MA" });
    let mine = id(&app, &acme.live, &bare, "u1").await;
    let yours = id(&app, &acme.live, &bare, "u2").await;
    assert_ne!(mine, yours, "nothing that they tell would tell them apart");
    assert_eq!(id(&app, &acme.live, &bare, "u1").await, mine);
    assert_eq!(id(&app, &acme.live, &bare, "u2").await, yours);
}

#[tokio::test]
async fn of_thirty_simultaneous_first_registrations_one_is_new() {
    let (app, acme, _other) = world().await;
    let users: Vec<_> = (0..30).map(|index| format!("u{index}")).collect();
    let fingerprint = laptop("A");
    let devices =
        join_all(users.iter().map(|user| register(&app, &acme.live, &fingerprint, user, HOME))).await;
    assert_eq!(devices.iter().filter(|device| device["is_new"] == true).count(), 1);
    assert!(devices.iter().all(|device| device["id"] == devices[0]["id"]));
    let times: BTreeSet<_> = devices.iter().map(|device| device["times_seen"].as_u64().unwrap()).collect();
    assert_eq!(times, (1..=30).collect());
    let accounts: BTreeSet<_> =
        devices.iter().map(|device| device["linked_accounts"].as_u64().unwrap()).collect();
    assert_eq!(accounts, (1..=30).collect());
}
