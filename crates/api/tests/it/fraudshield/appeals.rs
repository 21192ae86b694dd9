//! `POST /v1/fraud/blocklist/{id}/appeal`.

use serde_json::{Value, json};

use super::support::{block, error, is_blocked, page, path_of, two_shops};

#[tokio::test]
async fn a_note_stays_with_the_entry_which_goes_on_to_block() {
    let (app, acme, other) = two_shops().await;
    let entry = block(&app, &acme.live, "user", "u1").await;
    let path = format!("{}/appeal", path_of(&entry));
    let note = json!({ "note": " Says it was her brother ", "more": 7 });
    for foreign in [&acme.test, &other.live] {
        let refused = app.post(&path, &note).bearer(foreign).send().await;
        error(refused, 404, "not_found_error", "not_found");
    }
    let noted = app.post(&path, &note).bearer(&acme.live).send().await.expect_json(200);
    let mut expected = entry.clone();
    expected["appeal_note"] = json!("Says it was her brother");
    assert_eq!(noted, expected);
    assert_eq!(page(&app, &acme.live, "").await["data"][0], noted);
    assert!(is_blocked(&app, &acme.live, "user", "u1").await);
    // The people who decide see it too, and the log does not.
    let lists = app.get("/api/v1/client/lists").bearer(&acme.tenant.viewer).send().await.expect_json(200);
    assert_eq!(lists["items"][0]["appeal"], "Says it was her brother");
    let log =
        app.get("/api/v1/client/audit?limit=1").bearer(&acme.tenant.viewer).send().await.expect_json(200);
    assert_eq!(log["items"][0]["action"], "list.appeal");
    assert_eq!(log["items"][0]["after"]["isAppealed"], true);
    assert!(!log.to_string().contains("brother"));

    for nothing in [json!({ "note": null }), json!({}), json!({ "note": " " })] {
        app.post(&path, &note).bearer(&acme.live).send().await.expect(200);
        let cleared = app.post(&path, &nothing).bearer(&acme.live).send().await.expect_json(200);
        assert_eq!(cleared["appeal_note"], Value::Null);
    }
    app.delete(&path_of(&entry)).bearer(&acme.live).send().await.expect(200);
    error(app.post(&path, &note).bearer(&acme.live).send().await, 404, "not_found_error", "not_found");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    let entry = block(&app, &acme.live, "user", "u1").await;
    let path = format!("{}/appeal", path_of(&entry));
    for note in [json!("n".repeat(501)), json!("two\nlines"), json!(7), json!(["n"])] {
        let refused = app.post(&path, &json!({ "note": note })).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], "note");
    }
}
