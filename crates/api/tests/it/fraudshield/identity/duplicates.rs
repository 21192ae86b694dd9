//! Documents and pictures that came before.

use serde_json::{Value, json};

use super::{
    super::world::{text, with, world},
    call, fraud, picture, verify,
};

fn of(user: &str, document: usize, more: Value) -> Value {
    with(with(call(document), json!({ "user_id": user })), more)
}

#[tokio::test]
async fn another_users_document_picture_or_number_is_a_duplicate() {
    let (app, acme, other) = world().await;
    let selfie = json!({ "selfie": picture(11, 0), "document_number": "BE 123-456" });
    let first = verify(&app, &acme.live, &of("u1", 1, selfie.clone())).await;
    assert_eq!(first["status"], "passed");
    for (user, document, more, kind, signal) in [
        ("u2", 1, json!({}), "document", "duplicate_document"),
        ("u3", 3, json!({ "document_number": "be123456" }), "document_number", "duplicate_document"),
        ("u4", 4, json!({ "selfie": picture(11, 20) }), "face", "duplicate_face"),
        ("u5", 5, json!({ "document_back": picture(1, 20) }), "document", "duplicate_document"),
    ] {
        let answer = verify(&app, &acme.live, &of(user, document, more)).await;
        let found = &answer["checks"]["fraud"];
        assert_eq!(
            (&found["duplicate_detected"], &found["risk_score"]),
            (&json!(true), &json!(400)),
            "{user}: {found}"
        );
        assert_eq!((&answer["status"], &found["status"]), (&json!("review"), &json!("review")));
        assert_eq!(found["signals"], json!([signal, "normal_velocity"]), "{user}");
        let of_first: Vec<_> = found["duplicates"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|duplicate| duplicate["user_id"] == "u1")
            .collect();
        let expected =
            json!({ "verification_id": first["id"], "type": kind, "user_id": "u1", "same_user": false });
        assert_eq!(of_first, [&expected], "{user}");
    }
    // All of it at once, once.
    let both = fraud(&app, &acme.live, &of("u6", 1, selfie)).await;
    assert_eq!(
        (&both["risk_score"], &both["signals"]),
        (&json!(800), &json!(["duplicate_document", "duplicate_face", "normal_velocity"]))
    );
    for foreign in [&acme.test, &other.live] {
        assert_eq!(fraud(&app, foreign, &of("u2", 1, json!({}))).await["duplicate_detected"], false);
    }
}

#[tokio::test]
async fn the_same_users_own_documents_are_none() {
    let (app, acme, _other) = world().await;
    let more = json!({ "document_number": "BE123456", "selfie": picture(11, 0) });
    verify(&app, &acme.live, &of("u1", 1, more.clone())).await;
    let answer = verify(&app, &acme.live, &of("u1", 1, more)).await;
    let found = &answer["checks"]["fraud"];
    assert_eq!((&answer["status"], &found["duplicate_detected"]), (&json!("passed"), &json!(false)));
    let duplicates = found["duplicates"].as_array().unwrap();
    assert!(duplicates.len() == 3 && duplicates.iter().all(|found| found["same_user"] == true), "{found}");
    assert_eq!(found["signals"], json!(["normal_velocity"]));
}

#[tokio::test]
async fn unknown_users_are_others() {
    let (app, acme, _other) = world().await;
    verify(&app, &acme.live, &call(1)).await;
    let found = fraud(&app, &acme.live, &of("u1", 1, json!({}))).await;
    assert_eq!(found["duplicate_detected"], true);
    assert_eq!(found["duplicates"][0]["user_id"], Value::Null);
}

#[tokio::test]
async fn searches_and_verifications_find_each_other() {
    let (app, acme, _other) = world().await;
    let verified = verify(&app, &acme.live, &of("u1", 1, json!({}))).await;
    let search = json!({ "type": "document", "image": picture(1, 20), "threshold": 0.85 });
    let found =
        app.post("/v1/fraud/duplicates/search", &search).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!(found["matches"][0]["verification_id"], verified["id"]);
    let enroll =
        json!({ "type": "document", "image": picture(2, 0), "verification_id": "ver_mine", "user_id": "u9" });
    app.post("/v1/fraud/duplicates/search", &enroll).bearer(&acme.live).send().await.expect(200);
    let answer = verify(&app, &acme.live, &of("u1", 2, json!({}))).await;
    assert_eq!(answer["checks"]["fraud"]["duplicates"][0]["verification_id"], "ver_mine");
    // A signal can name the verification.
    let signal = json!({ "type": "document_fraud", "verification_id": answer["id"] });
    let signal = app.post("/v1/fraud/signals", &signal).bearer(&acme.live).send().await.expect_json(201);
    let path = format!("/v1/fraud/signals/{}/confirm", text(&signal, "id"));
    let confirmed = app.post(&path, &json!({})).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!(confirmed["event_id"], text(&answer, "id").replacen("ver_", "cm", 1));
}
