//! `POST /v1/fraud/synthetic/analyze`.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{error, key, two_shops};

const ANALYZE: &str = "/v1/fraud/synthetic/analyze";

fn person(first_name: &str, document: &str) -> Value {
    json!({
        "first_name": first_name, "last_name": "El Fassi", "date_of_birth": "1991-04-17",
        "document_number": document,
    })
}

async fn analyze(app: &TestApp, key: &str, body: &Value) -> Value {
    app.post(ANALYZE, body).bearer(key).send().await.expect_json(200)
}

#[tokio::test]
async fn an_ordinary_person_is_none() {
    let (app, acme, _other) = two_shops().await;
    for _ in 0..2 {
        let answer = analyze(&app, &acme.live, &person("Amina", "AB123456")).await;
        let expected = json!({
            "object": "synthetic_analysis", "id": answer["id"], "is_synthetic": false, "confidence": 0.0,
            "risk_score": 0, "risk_level": "low", "signals": [],
        });
        assert_eq!(answer, expected);
        assert!(answer["id"].as_str().unwrap().starts_with("syn_"));
    }
}

#[tokio::test]
async fn one_document_of_several_persons_is_noticed_in_its_data_set_only() {
    let (app, acme, other) = two_shops().await;
    analyze(&app, &acme.live, &person("Amina", "AB123456")).await;
    assert_eq!(analyze(&app, &acme.live, &person(" AMINA ", "ab 123-456")).await["risk_score"], 0);
    let second = analyze(&app, &acme.live, &person("Karim", "AB123456")).await;
    assert_eq!((&second["risk_score"], &second["risk_level"]), (&json!(450), &json!("medium")));
    assert_eq!(second["signals"], json!(["document_of_another_person"]));
    for key in [&acme.test, &other.live, &other.test] {
        assert_eq!(analyze(&app, key, &person("Karim", "AB123456")).await["risk_score"], 0);
    }
    for name in ["Salma", "Youssef"] {
        analyze(&app, &acme.live, &person(name, "AB123456")).await;
    }
    let app = app.restarted().await;
    let last = analyze(&app, &acme.live, &person("Nadia", "AB123456")).await;
    let expected = json!({
        "object": "synthetic_analysis", "id": last["id"], "is_synthetic": true, "confidence": 0.7,
        "risk_score": 700, "risk_level": "high",
        "signals": ["document_of_another_person", "document_of_many_persons"],
    });
    assert_eq!(last, expected);
}

#[tokio::test]
async fn users_mailboxes_and_phones_are_linked_to_persons() {
    let (app, acme, _other) = two_shops().await;
    let with = |name: &str, document: &str| {
        let mut body = person(name, document);
        body["user_id"] = json!("usr_1");
        body["email"] = json!("Family@x.example");
        body["phone"] = json!("+212 612-345678");
        body
    };
    analyze(&app, &acme.live, &with("Amina", "A1")).await;
    let second = analyze(&app, &acme.live, &with("Karim", "A2")).await;
    assert_eq!(second["signals"], json!(["user_is_several_persons"]));
    let third = analyze(&app, &acme.live, &with("Salma", "A3")).await;
    let expected = json!(["user_is_several_persons", "email_of_many_persons", "phone_of_many_persons"]);
    assert_eq!((&third["signals"], &third["risk_level"]), (&expected, &json!("high")));
    // Without a document nothing is linked.
    let mut nobody = with("Nadia", "A4");
    nobody.as_object_mut().unwrap().remove("document_number");
    nobody["user_id"] = json!("usr_2");
    analyze(&app, &acme.live, &nobody).await;
    nobody["first_name"] = json!("Omar");
    let answer = analyze(&app, &acme.live, &nobody).await;
    assert_eq!(answer["signals"], json!(["email_of_many_persons", "phone_of_many_persons"]));
}

#[tokio::test]
async fn made_up_claims_are_noticed() {
    let (app, acme, _other) = two_shops().await;
    let body = json!({
        "first_name": "Test", "last_name": "asdfgh", "date_of_birth": "1900-01-01", "document_number": "000000",
    });
    let answer = analyze(&app, &acme.live, &body).await;
    let expected = [
        "impossible_age",
        "placeholder_birth_date",
        "placeholder_name",
        "keyboard_pattern",
        "no_vowels",
        "repeated_document_number",
    ];
    let signals: Vec<_> = answer["signals"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(signals.iter().all(|signal| expected.contains(signal)), "{signals:?}");
    assert_eq!((&answer["risk_score"], &answer["risk_level"]), (&json!(1_000), &json!("critical")));
    assert_eq!((&answer["is_synthetic"], &answer["confidence"]), (&json!(true), &json!(1.0)));
    let mut future = person("Amina", "B1");
    future["date_of_birth"] = json!("2999-01-01");
    assert_eq!(analyze(&app, &acme.live, &future).await["signals"], json!(["born_in_future"]));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    for (param, value, code) in [
        ("first_name", json!(null), "invalid_parameter"),
        ("last_name", json!(" "), "invalid_parameter"),
        ("last_name", json!("x".repeat(257)), "invalid_parameter"),
        ("date_of_birth", json!("17.04.1991"), "invalid_parameter"),
        ("date_of_birth", json!("1991-02-30"), "invalid_parameter"),
        ("document_number", json!("!"), "invalid_parameter"),
        ("email", json!("nobody"), "invalid_parameter"),
        ("phone", json!("0612345678"), "invalid_parameter"),
        ("user_id", json!(7), "invalid_parameter"),
    ] {
        let mut body = person("Amina", "A1");
        body[param] = value;
        let answer = app.post(ANALYZE, &body).bearer(&acme.live).send().await;
        assert_eq!(error(answer, 400, "validation_error", code)["param"], param);
    }
    for param in ["first_name", "last_name", "date_of_birth"] {
        let mut body = person("Amina", "A1");
        body.as_object_mut().unwrap().remove(param);
        let answer = app.post(ANALYZE, &body).bearer(&acme.live).send().await;
        assert_eq!(error(answer, 400, "validation_error", "missing_parameter")["param"], param);
    }
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    let answer = app.post(ANALYZE, &person("Amina", "A1")).bearer(&reader).send().await;
    error(answer, 403, "authorization_error", "forbidden");
}
