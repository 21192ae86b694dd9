//! Pages of a list: `limit`, `starting_after` and `ending_before`.

use serde_json::{Value, json};

use super::support::{BLOCKLIST, Shop, block, error, page, path_of, two_shops, values};

async fn filled(count: usize) -> (portcullis_testkit::TestApp, Shop, Shop, Vec<Value>) {
    let (app, acme, other) = two_shops().await;
    let mut entries = Vec::new();
    for index in 0..count {
        app.clock.advance(1);
        entries.push(block(&app, &acme.live, "user", &format!("u{index}")).await);
        app.clock.advance(1);
        block(&app, &other.live, "user", &format!("u{index}")).await;
        block(&app, &acme.test, "user", &format!("u{index}")).await;
    }
    entries.reverse();
    (app, acme, other, entries)
}

fn id(entry: &Value) -> &str {
    entry["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_page_has_twenty_entries_unless_told_otherwise() {
    let (app, acme, _other, entries) = filled(25).await;
    let first = page(&app, &acme.live, "").await;
    assert_eq!(first["data"].as_array().unwrap()[..], entries[..20]);
    assert_eq!((&first["has_more"], &first["next_cursor"]), (&json!(true), &entries[19]["id"]));
    let all = page(&app, &acme.live, "?limit=25").await;
    assert_eq!((&all["has_more"], &all["next_cursor"]), (&json!(false), &Value::Null));
    assert_eq!(values(&app, &acme.live, "?limit=100").await.len(), 25);
}

#[tokio::test]
async fn both_directions_walk_through_everything_once() {
    let (app, acme, _other, entries) = filled(7).await;
    let mut seen = Vec::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let page = page(&app, &acme.live, &query).await;
        seen.extend(page["data"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=3&starting_after={cursor}");
    }
    assert_eq!(seen, entries);

    let mut seen = Vec::new();
    let mut query = format!("?limit=2&ending_before={}", id(&entries[6]));
    loop {
        let page = page(&app, &acme.live, &query).await;
        seen.splice(..0, page["data"].as_array().unwrap().clone());
        assert_eq!(page["has_more"].as_bool().unwrap(), page["next_cursor"].is_string());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=2&ending_before={cursor}");
    }
    assert_eq!(seen, entries[..6]);
}

#[tokio::test]
async fn a_page_goes_on_from_an_entry_that_is_gone_or_foreign() {
    let (app, acme, other, entries) = filled(4).await;
    app.delete(&path_of(&entries[1])).bearer(&acme.live).send().await.expect(200);
    let after = format!("?starting_after={}", id(&entries[1]));
    assert_eq!(page(&app, &acme.live, &after).await["data"], json!(entries[2..]));
    let before = format!("?ending_before={}", id(&entries[1]));
    assert_eq!(page(&app, &acme.live, &before).await["data"], json!(entries[..1]));
    // An id is a place in time, and shows nothing of what is there.
    assert_eq!(values(&app, &other.live, &after).await, ["u1", "u0"]);
    let typed = format!("?type=email&starting_after={}", id(&entries[0]));
    assert!(values(&app, &acme.live, &typed).await.is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    let (one, two) = ("blk_000000000001", "blk_000000000002");
    for (query, param) in [
        ("limit=0".to_owned(), "limit"),
        ("limit=101".to_owned(), "limit"),
        ("limit=ten".to_owned(), "limit"),
        ("limit=".to_owned(), "limit"),
        ("limit=-1".to_owned(), "limit"),
        ("starting_after=".to_owned(), "starting_after"),
        ("starting_after=lst_01k7unpkdu4oahnel2bokk894c".to_owned(), "starting_after"),
        ("starting_after=blk_00000000000%C3%BC".to_owned(), "starting_after"),
        ("ending_before=blk_1".to_owned(), "ending_before"),
        (format!("starting_after={one}&ending_before={two}"), "ending_before"),
    ] {
        let refused = app.get(&format!("{BLOCKLIST}?{query}")).bearer(&acme.live).send().await;
        let told = error(refused, 400, "validation_error", "invalid_parameter");
        assert_eq!(told["param"], param, "{query}");
        assert!(told["message"].as_str().unwrap().starts_with(param), "{told}");
    }
    let refused = app.get(&format!("{BLOCKLIST}?limit=0&ending_before=x")).bearer(&acme.live).send().await;
    let told = error(refused, 400, "validation_error", "invalid_parameter");
    assert!(told["message"].as_str().unwrap().contains("; ending_before"), "all complaints are told: {told}");
}
