//! What is found, and how it is told.

use portcullis_domain::Clock as _;
use serde_json::json;

use super::{
    super::support::{error, two_shops},
    call, picture, search, verifications,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[tokio::test]
async fn the_sample_of_the_guide_is_answered_as_both_documents_say() {
    let (app, acme, _other) = two_shops().await;
    let sample = json!({ "type": "face", "image": picture(1, 0), "threshold": 0.85 });
    let nothing = search(&app, &acme.live, &sample).await;
    let expected = json!({
        "object": "duplicate_search", "id": nothing["id"], "type": "face", "matches_found": false,
        "duplicates_found": false, "match_count": 0, "complete": true, "method": "perceptual_hash",
        "threshold": 0.85, "verification_id": null, "matches": [],
    });
    assert_eq!(nothing, expected);
    assert!(nothing["id"].as_str().unwrap().starts_with("dup_"));
    // That it was searched for does not make it known.
    assert_eq!(search(&app, &acme.live, &sample).await["match_count"], 0);

    let mut first = sample.clone();
    (first["verification_id"], first["user_id"]) = (json!("ver_abc"), json!("usr_1"));
    let enrolled = search(&app, &acme.live, &first).await;
    assert_eq!((&enrolled["match_count"], &enrolled["verification_id"]), (&json!(0), &json!("ver_abc")));
    let enrolled_at = app.clock.now().to_string();
    app.clock.advance(DAY_MS);

    let mut second = sample.clone();
    (second["image"], second["user_id"]) = (json!(picture(1, 30)), json!("usr_2"));
    let found = search(&app, &acme.live, &second).await;
    let id = found["matches"][0]["id"].clone();
    let expected = json!({
        "object": "duplicate_search", "id": found["id"], "type": "face", "matches_found": true,
        "duplicates_found": true, "match_count": 1, "complete": true, "method": "perceptual_hash",
        "threshold": 0.85, "verification_id": found["verification_id"], "matches": [{
            "id": id, "verification_id": "ver_abc", "user_id": "usr_1", "same_user": false, "type": "face",
            "similarity": found["matches"][0]["similarity"], "created_at": enrolled_at,
        }],
    });
    assert_eq!(found, expected);
    assert!(id.as_str().unwrap().starts_with("match_"));
    assert!(found["verification_id"].as_str().unwrap().starts_with("ver_"), "it was enrolled by its user");
    assert!(found["matches"][0]["similarity"].as_f64().unwrap() > 0.9);

    // The first user again: both are found, the own one is marked, and the very same file is 1.
    let mut again = sample.clone();
    again["user_id"] = json!("usr_1");
    let found = search(&app, &acme.live, &again).await;
    let told = |index: usize| {
        let found = &found["matches"][index];
        (found["user_id"].as_str().unwrap(), found["same_user"].as_bool().unwrap())
    };
    let similarity = found["matches"][0]["similarity"].as_f64().unwrap();
    assert!((similarity - 1.0).abs() < f64::EPSILON);
    let mut both = [told(0), told(1)];
    both.sort_unstable();
    assert_eq!(both, [("usr_1", true), ("usr_2", false)]);
}

#[tokio::test]
async fn a_verification_is_no_duplicate_of_itself() {
    let (app, acme, _other) = two_shops().await;
    let body = json!({ "document_number": "AB 123-456", "verification_id": "ver_1" });
    for _ in 0..2 {
        assert_eq!(search(&app, &acme.live, &body).await["match_count"], 0);
    }
    let other = json!({ "document_number": "ab123456", "verification_id": "ver_2" });
    assert_eq!(verifications(&search(&app, &acme.live, &other).await), ["ver_1"]);
}

#[tokio::test]
async fn the_other_form_searches_for_all_at_once() {
    let (app, acme, _other) = two_shops().await;
    let key = &acme.live;
    let enroll = async |body| drop(search(&app, key, &body).await);
    enroll(json!({ "document_image": picture(1, 0), "verification_id": "ver_document" })).await;
    enroll(json!({ "face_image": picture(2, 0), "verification_id": "ver_face" })).await;
    enroll(json!({ "document_number": "X-1", "verification_id": "ver_number", "user_id": "usr_9" })).await;
    // A face is no document.
    enroll(json!({ "face_image": picture(1, 0), "verification_id": "ver_swapped" })).await;
    let all = json!({
        "document_number": "x1", "document_image": picture(1, 0), "face_image": picture(2, 0), "color": "red",
    });
    let found = search(&app, key, &all).await;
    assert_eq!((&found["type"], &found["match_count"]), (&json!("mixed"), &json!(3)));
    let mut told: Vec<_> = found["matches"].as_array().unwrap().iter().collect();
    told.sort_by_key(|found| found["type"].as_str());
    let told: Vec<_> =
        told.iter().map(|found| format!("{}: {}", found["type"], found["verification_id"])).collect();
    let expected =
        [r#""document": "ver_document""#, r#""document_number": "ver_number""#, r#""face": "ver_face""#];
    assert_eq!(told, expected);
    let found = search(&app, key, &json!({ "document_number": "X1" })).await;
    assert_eq!(
        (&found["type"], &found["matches"][0]["type"]),
        (&json!("document"), &json!("document_number"))
    );
}

#[tokio::test]
async fn tenants_and_data_sets_are_apart() {
    let (app, acme, other) = two_shops().await;
    let mut body = json!({ "type": "document", "image": picture(3, 0), "document_number": "X1" });
    body["verification_id"] = json!("ver_acme");
    let first = search(&app, &acme.live, &body).await;
    body["verification_id"] = json!("ver_other");
    for key in [&acme.test, &other.live, &other.test] {
        assert_eq!(search(&app, key, &body).await["match_count"], 0);
        let path = format!("/v1/fraud/duplicates/{}", first["id"].as_str().unwrap());
        error(app.get(&path).bearer(key).send().await, 404, "not_found_error", "not_found");
    }
    assert_eq!(verifications(&search(&app, &acme.live, &body).await), ["ver_acme", "ver_acme"]);
}

#[tokio::test]
async fn the_threshold_decides_what_is_a_match() {
    let (app, acme, _other) = two_shops().await;
    let mut body = json!({ "type": "document", "image": picture(4, 0), "verification_id": "ver_1" });
    search(&app, &acme.live, &body).await;
    body = json!({ "type": "document", "image": picture(5, 0) });
    for threshold in [json!(0), json!(0.5), json!(0.8), json!(1), json!(null)] {
        body["threshold"] = threshold.clone();
        let found = search(&app, &acme.live, &body).await;
        assert_eq!(found["match_count"], 0, "{threshold}");
        let used = threshold.as_f64().map_or(0.85, |threshold| threshold.max(0.8));
        assert!((found["threshold"].as_f64().unwrap() - used).abs() < 1e-9);
    }
}

#[tokio::test]
async fn a_group_tells_its_verifications_and_what_they_come_to() {
    let (app, acme, _other) = two_shops().await;
    let key = &acme.live;
    let mut body = json!({ "type": "document", "image": picture(6, 0), "document_number": "X1" });
    (body["verification_id"], body["user_id"]) = (json!("ver_1"), json!("usr_1"));
    search(&app, key, &body).await;
    let enrolled_at = app.clock.now().to_string();
    app.clock.advance(1_000);
    (body["verification_id"], body["user_id"]) = (json!("ver_2"), json!("usr_2"));
    let found = search(&app, key, &body).await;
    let path = format!("/v1/fraud/duplicates/{}", found["id"].as_str().unwrap());
    let group = app.get(&path).bearer(key).send().await.expect_json(200);
    let types = group["verifications"][0]["types"].clone();
    let expected = json!({
        "object": "duplicate_cluster", "id": found["id"], "type": "document", "method": "perceptual_hash",
        "verifications": [{
            "verification_id": "ver_1", "user_id": "usr_1", "similarity": 1.0, "types": types,
            "created_at": enrolled_at,
        }],
        "risk_assessment": {
            "risk_level": "high", "risk_score": 650, "distinct_users": 2,
            "reasons": ["document_of_another_user", "document_number_of_another_user"],
        },
        "created_at": app.clock.now().to_string(),
    });
    assert_eq!(group, expected);
    assert_eq!(types.as_array().unwrap().len(), 2);
    let app = app.restarted().await;
    app.clock.advance(30 * DAY_MS - 1);
    assert_eq!(app.get(&path).bearer(key).send().await.expect_json(200), group);
    app.clock.advance(1);
    error(app.get(&path).bearer(key).send().await, 404, "not_found_error", "not_found");
    for id in ["nonsense", "dup_", "dup_000000000001", "match_000000000001"] {
        let answer = app.get(&format!("/v1/fraud/duplicates/{id}")).bearer(key).send().await;
        error(answer, 404, "not_found_error", "not_found");
    }
}

#[tokio::test]
async fn a_retry_gets_the_first_answer_again() {
    let (app, acme, other) = two_shops().await;
    let body = json!({ "type": "face", "image": picture(7, 0), "user_id": "usr_1" });
    let mut other_body = body.clone();
    other_body["user_id"] = json!("usr_2");
    let once =
        async |key: &str, body| call(&app, key, body).header("idempotency-key", "0123456789").send().await;
    let first = once(&acme.live, &body).await.expect(200);
    let again = once(&acme.live, &body).await.expect(200);
    assert_eq!((again.text(), again.header("idempotent-replayed")), (first.text(), "true"));
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(once(&other.live, &body).await.expect(200).header("idempotent-replayed"), "");
    error(once(&acme.live, &other_body).await, 409, "idempotency_error", "idempotency_key_conflict");
    assert_eq!(search(&app, &acme.live, &other_body).await["match_count"], 1, "it was enrolled once");
}
