//! `GET` and `POST /v1/fraud/blocklist`, and `DELETE`.

use serde_json::{Value, json};

use super::support::{BLOCKLIST, add, block, error, is_blocked, names, page, path_of, two_shops, values};

#[tokio::test]
async fn an_entry_shows_what_it_was_made_with() {
    let (app, acme, other) = two_shops().await;
    let body = json!({
        "type": "ip", "value": " 192.0.2.7/24 ", "reason": " confirmed_fraud ", "expires_in": "30d",
        "id": "blk_mine", "color": [7],
    });
    let made = add(&app, &acme.live, &body).send().await.expect_json(201);
    let expected = json!({
        "object": "blocklist_entry", "id": made["id"], "type": "ip", "value": "192.0.2.0/24",
        "reason": "confirmed_fraud", "active": true, "appeal_note": null, "created_by": made["created_by"],
        "created_at": "2026-01-05T10:00:00.000Z", "expires_at": "2026-02-04T10:00:00.000Z",
    });
    assert_eq!(made, expected);
    let digits = made["id"].as_str().unwrap().strip_prefix("blk_").unwrap();
    assert!(digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    assert!(made["created_by"].as_str().unwrap().starts_with("key_"));
    let listed = page(&app, &acme.live, "").await;
    assert_eq!(listed, json!({ "object": "list", "data": [made], "has_more": false, "next_cursor": null }));
    assert!(values(&app, &other.live, "").await.is_empty());

    // What the seed sends.
    let permanent =
        json!({ "type": "device", "value": "dev_1", "reason": "confirmed_fraud", "expires_in": null });
    let made = add(&app, &acme.live, &permanent).send().await.expect_json(201);
    assert_eq!((&made["expires_at"], &made["reason"]), (&Value::Null, &json!("confirmed_fraud")));
    let least = add(&app, &acme.live, &json!({ "type": "email", "value": "a@x.example" })).send().await;
    assert_eq!(least.expect_json(201)["reason"], Value::Null);
}

#[tokio::test]
async fn values_are_normalized_and_once_on_the_list() {
    let (app, acme, other) = two_shops().await;
    for (kind, given, shown) in [
        ("device", " D-1\t", "D-1"),
        ("ip", "::ffff:198.51.100.7", "198.51.100.7"),
        ("ip", "2001:DB8:0:0::/64", "2001:db8::/64"),
        ("email", " Jane@Bücher.Example", "jane@xn--bcher-kva.example"),
        ("phone", "+212 (612) 34-56-78", "+212612345678"),
        ("document", " ab-123 456", "AB123456"),
        ("user", " Cust-7", "Cust-7"),
    ] {
        let made = block(&app, &acme.live, kind, given).await;
        assert_eq!((&made["type"], &made["value"]), (&json!(kind), &json!(shown)));
        for again in [given, shown] {
            let body = json!({ "type": kind, "value": again });
            let refused =
                error(add(&app, &acme.live, &body).send().await, 409, "conflict_error", "already_exists");
            assert_eq!(refused["message"], "This is on the blocklist already.");
            assert!(is_blocked(&app, &acme.live, kind, again).await);
        }
        for key in [&acme.test, &other.live] {
            assert!(!is_blocked(&app, key, kind, shown).await);
            block(&app, key, kind, shown).await;
        }
    }
}

#[tokio::test]
async fn an_entry_blocks_as_long_as_it_says() {
    let (app, acme, _other) = two_shops().await;
    for (user, until, millis) in [
        ("s", json!({ "expires_in": "90s" }), 90_000),
        ("m", json!({ "expires_in": "15m" }), 900_000),
        ("h", json!({ "expires_in": "1h" }), 3_600_000),
        ("d", json!({ "expires_in": "1d" }), 86_400_000),
        ("n", json!({ "expires_in": 7_200 }), 7_200_000),
        ("t", json!({ "expires_at": "@" }), 60_000),
    ] {
        let mut body = json!({ "type": "user", "value": user });
        body.as_object_mut().unwrap().extend(until.as_object().unwrap().clone());
        if body["expires_at"] == "@" {
            body["expires_at"] = json!(app.store.clock().now().plus_millis(millis).to_string());
        }
        let first = add(&app, &acme.live, &body).send().await.expect_json(201);
        app.clock.advance(millis - 1);
        assert!(is_blocked(&app, &acme.live, "user", user).await, "{body}");
        app.clock.advance(1);
        assert!(!is_blocked(&app, &acme.live, "user", user).await, "{body}");
        let listed = page(&app, &acme.live, "?limit=1").await;
        assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["active"]), (&first["id"], &json!(false)));
        // An expired entry is no duplicate, and makes room.
        let second = block(&app, &acme.live, "user", user).await;
        assert_eq!((&second["expires_at"], second["id"] == first["id"]), (&Value::Null, false));
        let gone = app.delete(&path_of(&first)).bearer(&acme.live).send().await;
        error(gone, 404, "not_found_error", "not_found");
        app.clock.advance(1);
    }
}

#[tokio::test]
async fn what_is_removed_does_not_block_any_more() {
    let (app, acme, other) = two_shops().await;
    let entry = block(&app, &acme.live, "ip", "203.0.113.0/24").await;
    let theirs = block(&app, &other.live, "ip", "203.0.113.0/24").await;
    let path = path_of(&entry);
    for foreign in [&acme.test, &other.live, &other.test] {
        let refused = app.delete(&path).bearer(foreign).send().await;
        error(refused, 404, "not_found_error", "not_found");
    }
    let removed = app.delete(&path).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!(removed, json!({ "object": "blocklist_entry", "id": entry["id"], "deleted": true }));
    assert!(!is_blocked(&app, &acme.live, "ip", "203.0.113.9").await);
    error(app.delete(&path).bearer(&acme.live).send().await, 404, "not_found_error", "not_found");
    assert!(is_blocked(&app, &other.live, "ip", "203.0.113.9").await);
    assert_eq!(page(&app, &other.live, "").await["data"], json!([theirs]));
    block(&app, &acme.live, "ip", "203.0.113.0/24").await;
}

#[tokio::test]
async fn the_list_can_be_narrowed_to_a_type() {
    let (app, acme, _other) = two_shops().await;
    for kind in ["device", "user", "document"] {
        for value in ["1", "2"] {
            app.clock.advance(1);
            block(&app, &acme.live, kind, &format!("{kind}{value}")).await;
        }
    }
    assert_eq!(values(&app, &acme.live, "?type=device").await, ["device2", "device1"]);
    assert_eq!(values(&app, &acme.live, "?type=document&color=red").await, ["DOCUMENT2", "DOCUMENT1"]);
    assert!(values(&app, &acme.live, "?type=phone").await.is_empty());
    assert!(values(&app, &acme.test, "?type=device").await.is_empty());
    for query in ["?type=fax", "?type=", "?type=IP"] {
        let refused = app.get(&format!("{BLOCKLIST}{query}")).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], "type");
    }
}

#[tokio::test]
async fn entries_outlive_a_restart() {
    let (app, acme, _other) = two_shops().await;
    block(&app, &acme.live, "phone", "+212612345678").await;
    let entry = block(&app, &acme.live, "document", "AB123456").await;
    let before = page(&app, &acme.live, "").await;
    assert_eq!(names(&before), ["data", "has_more", "next_cursor", "object"]);
    let app = app.restarted().await;
    assert_eq!(page(&app, &acme.live, "").await, before);
    assert!(is_blocked(&app, &acme.live, "phone", "+212 612 345678").await);
    app.delete(&path_of(&entry)).bearer(&acme.live).send().await.expect(200);
}
