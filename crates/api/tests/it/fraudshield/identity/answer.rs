//! What a verification answers, and what it may be asked with.

use serde_json::{Value, json};

use super::{
    super::{
        support::{error, key, names},
        world::{HOME, VPN, laptop, register, text, with, world},
    },
    call, fraud, picture, send, verify,
};

#[tokio::test]
async fn the_call_of_the_guide_is_answered_as_the_guide_says() {
    let (app, acme, _other) = world().await;
    let answer = verify(&app, &acme.live, &call(1)).await;
    let skipped = json!({ "status": "skipped", "reason": "This installation has no provider for it" });
    let expected = json!({
        "id": answer["id"], "object": "identity.verification", "status": "passed", "risk_score": 0,
        "risk_level": "low", "user_id": null, "country": "MA", "document_type": null, "livemode": true,
        "review_id": null, "created_at": "2026-01-05T10:00:00.000Z",
        "checks": {
            "ocr": skipped, "face_match": skipped, "liveness": skipped,
            "fraud": {
                "status": "passed", "risk_score": 0, "duplicate_detected": false, "device_risk": "unknown",
                "signals": ["normal_velocity"], "would_block": false, "triggered_rules": [], "duplicates": [],
                "method": "perceptual_hash",
            },
        },
    });
    assert_eq!(answer, expected);
    assert!(text(&answer, "id").starts_with("ver_"));
}

#[tokio::test]
async fn the_sample_of_the_guide_comes_to_150_on_a_known_device() {
    let (app, acme, _other) = world().await;
    let device = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    let known = json!({
        "user_id": "u1", "device_id": device["id"], "ip_address": VPN, "document_type": "national_id",
        "email": "jane@example.com", "phone": "+212612345678", "document_number": "BE123456",
        "selfie": picture(9, 0), "document_back": picture(2, 0),
    });
    let answer = verify(&app, &acme.live, &with(call(1), known)).await;
    let fraud = &answer["checks"]["fraud"];
    assert_eq!(
        (&fraud["status"], &fraud["risk_score"]),
        (&json!("passed"), &json!(150)),
        "200 - 50: {fraud}"
    );
    assert_eq!((&fraud["device_risk"], &fraud["duplicate_detected"]), (&json!("low"), &json!(false)));
    assert_eq!(fraud["signals"], json!(["vpn_detected", "known_device", "normal_velocity"]));
    assert_eq!((&answer["user_id"], &answer["document_type"]), (&json!("u1"), &json!("national_id")));
    // At home it is the guide's list of signals, word for word.
    let other = json!({ "user_id": "u1", "device_id": device["id"], "ip_address": HOME });
    let fraud = super::fraud(&app, &acme.live, &with(call(7), other)).await;
    assert_eq!(fraud["signals"], json!(["known_device", "normal_velocity"]));
}

#[tokio::test]
async fn a_device_that_was_never_seen_is_new() {
    let (app, acme, _other) = world().await;
    let body = with(call(1), json!({ "user_id": "u1", "fingerprint": laptop("A"), "ip_address": HOME }));
    let first = fraud(&app, &acme.live, &body).await;
    assert_eq!(
        (&first["signals"], &first["risk_score"]),
        (&json!(["new_device", "normal_velocity"]), &json!(50))
    );
    let again = fraud(&app, &acme.live, &body).await;
    assert_eq!(
        (&again["signals"], &again["risk_score"]),
        (&json!(["known_device", "normal_velocity"]), &json!(0))
    );
    // Risk of the device alone: an emulator and a third account, whatever the address is.
    for (user, level) in [("u2", "medium"), ("u3", "medium")] {
        let emulator = with(laptop("B"), json!({ "is_emulator": true }));
        let number = user.as_bytes()[1] as usize;
        let body = with(call(number), json!({ "user_id": user, "fingerprint": emulator, "ip_address": VPN }));
        assert_eq!(fraud(&app, &acme.live, &body).await["device_risk"], level);
    }
}

#[tokio::test]
async fn only_the_checks_that_were_asked_for_are_answered() {
    let (app, acme, _other) = world().await;
    for (checks, expected) in [
        (json!(["fraud"]), &["fraud"][..]),
        (json!(["ocr", "liveness"]), &["liveness", "ocr"]),
        (json!(["fraud", "ocr", "fraud"]), &["fraud", "ocr"]),
        (Value::Null, &["face_match", "fraud", "liveness", "ocr"]),
    ] {
        let answer =
            verify(&app, &acme.live, &with(call(1), json!({ "checks": checks, "user_id": "u1" }))).await;
        assert_eq!(names(&answer["checks"]), expected);
        let is_checked = expected.contains(&"fraud");
        assert_eq!(answer["risk_score"].is_null(), !is_checked);
        assert_eq!(answer["status"], if is_checked { "passed" } else { "review" }, "nothing was checked");
    }
    let test = verify(&app, &acme.test, &call(1)).await;
    assert_eq!((&test["livemode"], &test["country"]), (&json!(false), &json!("MA")));
}

#[tokio::test]
async fn a_retry_gets_the_first_answer() {
    let (app, acme, other) = world().await;
    let once = |key: &str, document: usize| {
        let call = app.post(super::VERIFY, &with(call(document), json!({ "user_id": "u1" }))).bearer(key);
        call.header("idempotency-key", "verification-1").send()
    };
    let first = once(&acme.live, 1).await.expect(200);
    let again = once(&acme.live, 1).await.expect(200);
    assert_eq!((again.text(), again.header("idempotent-replayed")), (first.text(), "true"));
    error(once(&acme.live, 2).await, 409, "idempotency_error", "idempotency_key_conflict");
    assert_eq!(once(&other.live, 2).await.expect(200).header("idempotent-replayed"), "");
    let found = fraud(&app, &acme.live, &with(call(1), json!({ "user_id": "u1" }))).await;
    assert_eq!(found["duplicates"].as_array().unwrap().len(), 1, "it was enrolled once");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = world().await;
    let (missing, invalid, image) = ("missing_parameter", "invalid_parameter", "invalid_document");
    for (change, code, param) in [
        (json!({ "document_front": null }), missing, "document_front"),
        (json!({ "document_front": 7 }), invalid, "document_front"),
        (json!({ "document_front": "!" }), image, "document_front"),
        (json!({ "document_front": "aGVsbG8=" }), image, "document_front"),
        (json!({ "document_back": "aGVsbG8=" }), image, "document_back"),
        (json!({ "selfie": "aGVsbG8=" }), image, "selfie"),
        (json!({ "country": null }), missing, "country"),
        (json!({ "country": "MAR" }), invalid, "country"),
        (json!({ "country": "" }), invalid, "country"),
        (json!({ "country": 212 }), invalid, "country"),
        (json!({ "checks": [] }), invalid, "checks"),
        (json!({ "checks": ["fraud", "magic"] }), invalid, "checks"),
        (json!({ "checks": "fraud" }), invalid, "checks"),
        (json!({ "document_type": "" }), invalid, "document_type"),
        (json!({ "document_type": "t".repeat(65) }), invalid, "document_type"),
        (json!({ "document_number": "--" }), invalid, "document_number"),
        (json!({ "user_id": "" }), invalid, "user_id"),
        (json!({ "device_id": "d".repeat(257) }), invalid, "device_id"),
        (json!({ "fingerprint": {} }), invalid, "fingerprint"),
        (json!({ "ip_address": "home" }), invalid, "ip_address"),
        (json!({ "email": "nobody" }), invalid, "email"),
        (json!({ "phone": "0612345678" }), invalid, "phone"),
    ] {
        let refused =
            send(&app, &acme.live, &with(call(1), change.clone())).await.expect_json(400)["error"].clone();
        assert_eq!(
            (&refused["type"], &refused["code"]),
            (&json!("validation_error"), &json!(code)),
            "{change}"
        );
        assert_eq!(refused["param"], param, "{change}");
    }
    let several = send(&app, &acme.live, &json!({ "email": "x" })).await;
    let several = error(several, 400, "validation_error", missing);
    for word in ["document_front", "country", "email"] {
        assert!(text(&several, "message").contains(word), "{several}");
    }
    let lower = verify(&app, &acme.live, &with(call(1), json!({ "country": " ma ", "odd": 7 }))).await;
    assert_eq!(lower["country"], "MA");
    for scopes in [json!(["fraud:read", "fraud:write"]), json!(["ingest"])] {
        let unable = key(&app, &acme.tenant, &json!({ "scopes": scopes })).await;
        error(send(&app, &unable, &call(1)).await, 403, "authorization_error", "forbidden");
    }
    let able = key(&app, &acme.tenant, &json!({ "scopes": ["identity:*"] })).await;
    assert_eq!(verify(&app, &able, &call(2)).await["status"], "passed");
}

#[tokio::test]
async fn async_answers_created_and_again_when_repeated() {
    let (app, acme, _other) = world().await;
    let body = with(call(1), json!({ "mode": "async", "user_id": "usr_1" }));
    let post = || {
        app.post("/v1/identity/verify", &body)
            .bearer(&acme.live)
            .header("idempotency-key", "verify-0001")
            .send()
    };
    let first = post().await.expect_json(201);
    assert_eq!((&first["object"], &first["status"]), (&json!("identity.verification"), &json!("passed")));
    let again = post().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.expect_json(201), first);
    verify(&app, &acme.live, &with(call(2), json!({ "mode": "sync" }))).await;
    for wrong in [json!("later"), json!(""), json!(7)] {
        let refused = send(&app, &acme.live, &with(call(3), json!({ "mode": wrong }))).await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], "mode");
    }
}
