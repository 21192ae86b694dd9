//! `POST /vc/v1/enroll`.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::support::{JANE, USER, about, data, enroll, enrolled, error, names, two_partners, wrong_fields};

const ENROLL: &str = "/vc/v1/enroll";

#[tokio::test]
async fn an_enrolled_user_has_an_identifier_of_their_own() {
    let (app, acme, other) = two_partners().await;
    let (ours, theirs) = (enroll(&app, &acme.live, USER).await, enroll(&app, &other.live, USER).await);
    assert_eq!(names(&ours), ["did", "publicKey", "userId"]);
    assert_eq!(ours["userId"], USER);
    let did = ours["did"].as_str().unwrap();
    assert!(did.starts_with("did:key:z6Mk") && did.len() == 56, "{did}");
    assert_eq!(ours["publicKey"].as_str().unwrap().len(), 44);
    let all = [&ours, &theirs, &enroll(&app, &acme.live, JANE).await, &enroll(&app, &acme.test, USER).await]
        .map(|enrolled| enrolled["did"].as_str().unwrap().to_owned());
    assert_eq!(std::collections::BTreeSet::from(all).len(), 4);
}

#[tokio::test]
async fn an_id_is_made_when_none_is_given_and_any_case_finds_it() {
    let (app, acme, _other) = two_partners().await;
    let body =
        json!({ "name": "Jane", "email": "jane@example.com", "metadata": { "tier": "gold" }, "more": 1 });
    let made = data(app.post(ENROLL, &body).bearer(&acme.live).send().await, 201);
    let user = made["userId"].as_str().unwrap();
    let checked = json!({ "userId": user.to_uppercase() });
    let answer = app.post("/fraud/v1/check-user", &checked).bearer(&acme.live).send().await;
    assert_eq!(data(answer, 200)["hasReports"], false);
}

#[tokio::test]
async fn nobody_is_enrolled_twice() {
    let (app, acme, _other) = two_partners().await;
    let body = json!({ "userId": USER, "name": "John", "email": "john@example.com" });
    let calls = join_all((0..6).map(|_| app.post(ENROLL, &body).bearer(&acme.live).send())).await;
    let made = calls.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in calls.into_iter().filter(|answer| answer.status != 201) {
        error(answer, 409, "conflict", "already_enrolled");
    }
    let upper = json!({ "userId": USER.to_uppercase(), "name": "John", "email": "john@example.com" });
    error(app.post(ENROLL, &upper).bearer(&acme.live).send().await, 409, "conflict", "already_enrolled");
}

#[tokio::test]
async fn a_retry_gets_the_first_answer() {
    let (app, acme, _other) = two_partners().await;
    let send = |name: &str, key: &'static str| {
        let body = json!({ "name": name, "email": "john@example.com" });
        app.post(ENROLL, &body).bearer(&acme.live).header("idempotency-key", key).send()
    };
    let first = send("John", "0123456789").await.expect(201);
    let again = send("John", "0123456789").await.expect(201);
    assert_eq!(first.json(), again.json());
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    error(send("Jane", "0123456789").await, 409, "conflict", "idempotency_conflict");
    assert_eq!(wrong_fields(send("John", "short").await), ["Idempotency-Key"]);
    assert_ne!(send("John", "another-key").await.json(), first.json());
}

#[tokio::test]
async fn wrong_input_names_its_fields() {
    let (app, acme, _other) = two_partners().await;
    let good = json!({ "userId": USER, "name": "John", "email": "john@example.com" });
    let cases: [(Value, &[&str]); 7] = [
        (json!({}), &["name", "email"]),
        (json!({ "userId": "42" }), &["userId", "name", "email"]),
        (json!({ "name": " ", "email": "john" }), &["name", "email"]),
        (json!({ "name": "x".repeat(201) }), &["name"]),
        (json!({ "entityType": "" }), &["entityType"]),
        (json!({ "metadata": [] }), &["metadata"]),
        (json!({ "metadata": { "text": "x".repeat(17_000) } }), &["metadata"]),
    ];
    for (index, (change, expected)) in cases.into_iter().enumerate() {
        let mut body = if index < 3 { json!({}) } else { good.clone() };
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = app.post(ENROLL, &body).bearer(&acme.live).send().await;
        assert_eq!(wrong_fields(answer), expected, "{body}");
    }
}

#[tokio::test]
async fn the_registry_outlives_a_restart_and_is_kept_sealed() {
    let (app, acme, _other) = enrolled().await;
    let app = app.restarted().await;
    assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], false);
    for file in std::fs::read_dir(app.data_dir()).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        for text in [USER, "john@example.com", "John Doe"] {
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{}", path.display());
        }
    }
}
