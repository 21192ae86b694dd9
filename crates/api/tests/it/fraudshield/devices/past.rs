//! A device's history, and who was seen on it.

use serde_json::{Value, json};

use super::super::{
    support::error,
    world::{ASSESS, DEVICES, HOME, VPN, laptop, post, register, text, world},
};

#[tokio::test]
async fn a_device_shows_what_happened_on_it_newest_first() {
    let (app, acme, other) = world().await;
    let device = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    app.clock.advance(1_000);
    let vpn = register(&app, &acme.live, &laptop("A"), "u2", VPN).await;
    app.clock.advance(1_000);
    let payment =
        json!({ "user_id": "u1", "event_type": "payment", "device_id": device["id"], "ip_address": HOME });
    post(&app, &acme.live, ASSESS, &payment).await;
    let path = format!("{DEVICES}/{}/history", text(&device, "id"));
    let history = app.get(&path).bearer(&acme.live).send().await.expect_json(200);
    let item = |event: &Value, kind: &str, at: &str, user: &str, ip: &str, score: i64| {
        let is_vpn = ip == VPN;
        json!({
            "event_id": event, "type": kind, "created_at": at, "user_id": user, "ip_address": ip,
            "country": if is_vpn { json!("MA") } else { Value::Null }, "risk_score": score,
            "risk_level": if is_vpn { "medium" } else { "low" },
            "decision": if is_vpn { "challenge" } else { "allow" },
        })
    };
    let expected = json!({
        "object": "list", "device_id": device["id"], "has_more": false, "next_cursor": null,
        "data": [
            item(&history["data"][0]["event_id"], "payment", "2026-01-05T10:00:02.000Z", "u1", HOME, 50),
            item(&vpn["event_id"], "device_registration", "2026-01-05T10:00:01.000Z", "u2", VPN, 250),
            item(&device["event_id"], "device_registration", "2026-01-05T10:00:00.000Z", "u1", HOME, 50),
        ],
    });
    assert_eq!(history, expected);
    // Page by page.
    let first = app.get(&format!("{path}?limit=2")).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!(
        (&first["has_more"], &first["data"]),
        (&json!(true), &json!(expected["data"].as_array().unwrap()[..2]))
    );
    let next = format!("{path}?limit=2&starting_after={}", text(&first, "next_cursor"));
    let rest = app.get(&next).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!(
        (&rest["has_more"], &rest["data"]),
        (&json!(false), &json!(expected["data"].as_array().unwrap()[2..]))
    );
    for (query, param) in [("?limit=0", "limit"), ("?starting_after=x", "starting_after")] {
        let refused = app.get(&format!("{path}{query}")).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], param);
    }
    for foreign in [&acme.test, &other.live] {
        app.get(&path).bearer(foreign).send().await.expect(404);
    }
    // A read shows the event in which the device itself was seen; the payment only named it.
    let shown = app.get(&format!("{DEVICES}/{}", text(&device, "id"))).bearer(&acme.live).send().await;
    let shown = shown.expect_json(200);
    assert_eq!((&shown["event_id"], &shown["times_seen"]), (&vpn["event_id"], &json!(2)));
}

#[tokio::test]
async fn a_device_shows_its_accounts_in_the_order_in_which_they_came() {
    let (app, acme, other) = world().await;
    let device = register(&app, &acme.live, &laptop("A"), "u2", HOME).await;
    for user in ["u1", "u2"] {
        app.clock.advance(1_000);
        register(&app, &acme.live, &laptop("A"), user, HOME).await;
    }
    let path = format!("{DEVICES}/{}/linked-accounts", text(&device, "id"));
    let expected = json!({
        "device_id": device["id"], "linked_accounts": 2,
        "accounts": [
            { "user_id": "u2", "first_seen": "2026-01-05T10:00:00.000Z", "last_seen": "2026-01-05T10:00:02.000Z", "times_seen": 2 },
            { "user_id": "u1", "first_seen": "2026-01-05T10:00:01.000Z", "last_seen": "2026-01-05T10:00:01.000Z", "times_seen": 1 },
        ],
    });
    assert_eq!(app.get(&path).bearer(&acme.live).send().await.expect_json(200), expected);
    app.get(&path).bearer(&other.live).send().await.expect(404);
    let app = app.restarted().await;
    assert_eq!(app.get(&path).bearer(&acme.live).send().await.expect_json(200), expected);
}
