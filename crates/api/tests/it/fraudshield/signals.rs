//! `/v1/fraud/signals`: reported, found, confirmed and dismissed.

use futures_util::future::join_all;
use portcullis_domain::Mode;
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{error, key, names, two_shops};

const SIGNALS: &str = "/v1/fraud/signals";

async fn report(app: &TestApp, key: &str, body: &Value) -> Value {
    app.post(SIGNALS, body).bearer(key).send().await.expect_json(201)
}

fn path_of(signal: &Value) -> String {
    format!("{SIGNALS}/{}", signal["id"].as_str().unwrap())
}

async fn decide(app: &TestApp, key: &str, signal: &Value, verb: &str) -> Answer {
    let path = format!("{}/{verb}", path_of(signal));
    app.post(&path, &json!({ "notes": "Bank said so" })).bearer(key).send().await
}

async fn page(app: &TestApp, key: &str, query: &str) -> Value {
    app.get(&format!("{SIGNALS}{query}")).bearer(key).send().await.expect_json(200)
}

async fn users(app: &TestApp, key: &str, query: &str) -> Vec<String> {
    let page = page(app, key, query).await;
    let users = page["data"].as_array().unwrap().iter().map(|signal| signal["user_id"].as_str().unwrap());
    users.map(str::to_owned).collect()
}

/// A login that the ingest dialect judges; gives its id.
async fn log_in(app: &TestApp, key: &str, user: &str, device: &str) -> String {
    let event = json!({ "type": "LOGIN", "email": format!("{user}@x.example"), "externalUserId": user,
                        "ip": "81.2.69.160", "device": { "clientFingerprint": device } });
    let answer = app.post("/api/v1/events/ingest", &event).key(key).send().await.expect_json(200);
    answer["eventId"].as_str().unwrap().to_owned()
}

/// What an event turned out to be, as its tenant's people see it.
async fn label(app: &TestApp, token: &str, event: &str) -> Value {
    let event = app.get(&format!("/api/v1/client/events/{event}")).bearer(token).send().await;
    event.expect_json(200)["outcome"]["outcome"].clone()
}

#[tokio::test]
async fn a_signal_shows_what_was_reported_and_decided() {
    let (app, acme, other) = two_shops().await;
    // What the seed sends.
    let details = json!({ "amount": 5000, "currency": "MAD", "transaction_id": "txn_123" });
    let body = json!({ "type": "chargeback", "user_id": "usr_123", "verification_id": "ver_abc123", "details": details });
    let made = report(&app, &acme.live, &body).await;
    let digits = made["id"].as_str().unwrap().strip_prefix("sig_").unwrap();
    assert!(digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    let mut expected = json!({
        "id": made["id"], "object": "fraud_signal", "type": "chargeback", "severity": "high", "status": "pending",
        "description": null, "user_id": "usr_123", "device_id": null, "ip_address": null,
        "verification_id": "ver_abc123", "details": details, "notes": null, "event_id": null,
        "created_at": "2026-01-05T10:00:00.000Z", "updated_at": "2026-01-05T10:00:00.000Z",
        "confirmed_at": null, "dismissed_at": null,
    });
    assert_eq!(made, expected);
    let shown = || async { app.get(&path_of(&made)).bearer(&acme.live).send().await.expect_json(200) };
    assert_eq!(shown().await, made);

    app.clock.advance(60_000);
    let confirmed = decide(&app, &acme.live, &made, "confirm").await.expect_json(200);
    expected["status"] = json!("confirmed");
    expected["notes"] = json!("Bank said so");
    expected["updated_at"] = json!("2026-01-05T10:01:00.000Z");
    expected["confirmed_at"] = json!("2026-01-05T10:01:00.000Z");
    assert_eq!(confirmed, expected);
    app.clock.advance(60_000);
    let path = format!("{}/confirm", path_of(&made));
    let again = app.post(&path, &json!({ "notes": "again" })).bearer(&acme.live).send().await;
    assert_eq!(again.expect_json(200), confirmed);
    let opposite =
        error(decide(&app, &acme.live, &made, "dismiss").await, 409, "conflict_error", "already_exists");
    assert_eq!(opposite["message"], "This signal was confirmed before.");
    assert_eq!(shown().await, confirmed);

    for foreign in [&acme.test, &other.live] {
        error(app.get(&path_of(&made)).bearer(foreign).send().await, 404, "not_found_error", "not_found");
        error(decide(&app, foreign, &made, "confirm").await, 404, "not_found_error", "not_found");
        assert!(users(&app, foreign, "").await.is_empty());
    }
    for nothing in ["sig_", "sig_000000000000", "blk_000000000000"] {
        let path = format!("{SIGNALS}/{nothing}");
        error(app.get(&path).bearer(&acme.live).send().await, 404, "not_found_error", "not_found");
    }
    let before = page(&app, &acme.live, "").await;
    let app = app.restarted().await;
    assert_eq!(page(&app, &acme.live, "").await, before);
    assert_eq!(names(&before), ["data", "has_more", "next_cursor", "object"]);
}

#[tokio::test]
async fn a_decision_needs_no_body() {
    let (app, acme, _other) = two_shops().await;
    for (verb, status) in [("confirm", "confirmed"), ("dismiss", "dismissed")] {
        let signal = report(&app, &acme.live, &json!({ "type": "bot" })).await;
        let path = format!("{}/{verb}", path_of(&signal));
        let decided = app.call(http::Method::POST, &path).bearer(&acme.live).send().await.expect_json(200);
        assert_eq!((&decided["status"], &decided["notes"]), (&json!(status), &Value::Null));
        assert_eq!(decided["dismissed_at"].is_null(), verb == "confirm");
        let signal = report(&app, &acme.live, &json!({ "type": "bot" })).await;
        let path = format!("{}/{verb}", path_of(&signal));
        for body in [json!({}), json!({ "notes": null }), json!({ "notes": " " }), json!({ "why": 7 })] {
            let decided = app.post(&path, &body).bearer(&acme.live).send().await.expect_json(200);
            assert_eq!((&decided["status"], &decided["notes"]), (&json!(status), &Value::Null));
        }
        for (notes, param) in
            [(json!(7), "notes"), (json!("n".repeat(1_001)), "notes"), (json!("a\u{0}"), "notes")]
        {
            let refused = app.post(&path, &json!({ "notes": notes })).bearer(&acme.live).send().await;
            assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], param);
        }
        let broken = app.call(http::Method::POST, &path).bearer(&acme.live).text("application/json", "{");
        error(broken.send().await, 400, "validation_error", "invalid_request");
        let xml = app.call(http::Method::POST, &path).bearer(&acme.live).text("text/xml", "<notes/>");
        error(xml.send().await, 415, "validation_error", "unsupported_media_type");
    }
}

#[tokio::test]
async fn the_list_can_be_narrowed_and_paged() {
    let (app, acme, _other) = two_shops().await;
    for (user, kind) in
        [("u1", "chargeback"), ("u2", "bot"), ("u3", "chargeback"), ("u4", "gift_card"), ("u1", "bot")]
    {
        let signal = report(&app, &acme.live, &json!({ "type": kind, "user_id": user })).await;
        match user {
            "u2" => drop(decide(&app, &acme.live, &signal, "confirm").await.expect(200)),
            "u3" => drop(decide(&app, &acme.live, &signal, "dismiss").await.expect(200)),
            _ => {}
        }
    }
    for (query, expected) in [
        ("", &["u1", "u4", "u3", "u2", "u1"][..]),
        ("?status=pending", &["u1", "u4", "u1"]),
        ("?status=confirmed", &["u2"]),
        ("?status=dismissed", &["u3"]),
        ("?severity=high", &["u3", "u1"]),
        ("?severity=critical", &[]),
        ("?type=bot", &["u1", "u2"]),
        ("?type=gift_card&severity=medium", &["u4"]),
        ("?user_id=u1", &["u1", "u1"]),
        ("?user_id=u1&type=bot&status=pending", &["u1"]),
        ("?user_id=nobody&color=red", &[]),
    ] {
        assert_eq!(users(&app, &acme.live, query).await, expected, "{query}");
    }
    let first = page(&app, &acme.live, "?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(first["data"][1]["id"], cursor);
    assert_eq!(users(&app, &acme.live, &format!("?limit=2&starting_after={cursor}")).await, ["u3", "u2"]);
    let newer = page(&app, &acme.live, &format!("?limit=1&ending_before={cursor}")).await;
    assert_eq!((&newer["data"][0]["user_id"], &newer["has_more"]), (&json!("u1"), &json!(false)));
    for (query, param) in [
        ("?status=open", "status"),
        ("?severity=huge", "severity"),
        ("?type=two words", "type"),
        ("?type=", "type"),
        ("?user_id=", "user_id"),
        ("?limit=0", "limit"),
        ("?starting_after=blk_000000000000", "starting_after"),
    ] {
        let refused =
            app.get(&format!("{SIGNALS}{}", query.replace(' ', "%20"))).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], param, "{query}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    let good = json!({ "type": "chargeback" });
    let refused = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        app.post(SIGNALS, &body).bearer(&acme.live).send()
    };
    for (field, value) in [
        ("type", json!("")),
        ("type", json!("two words")),
        ("type", json!("x".repeat(65))),
        ("type", json!(7)),
        ("severity", json!("HIGH")),
        ("severity", json!(1)),
        ("user_id", json!("u".repeat(257))),
        ("user_id", json!("a\u{0}b")),
        ("user_id", json!({})),
        ("device_id", json!("d".repeat(257))),
        ("verification_id", json!(["v"])),
        ("ip_address", json!("10.0.0.0/8")),
        ("description", json!("d".repeat(1_001))),
        ("details", json!("text")),
        ("details", json!([1])),
        ("details", json!({ "x": "y".repeat(16 * 1_024) })),
    ] {
        let refused = refused(field, value).await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], field);
    }
    let missing = app.post(SIGNALS, &json!({ "user_id": "u" })).bearer(&acme.live).send().await;
    assert_eq!(error(missing, 400, "validation_error", "missing_parameter")["param"], "type");
    let several = json!({ "type": "", "severity": "x", "ip_address": "y" });
    let several = app.post(SIGNALS, &several).bearer(&acme.live).send().await;
    let message = error(several, 400, "validation_error", "invalid_parameter")["message"].to_string();
    for word in ["type", "severity", "ip_address"] {
        assert!(message.contains(word), "{message}");
    }
    assert!(users(&app, &acme.live, "").await.is_empty());
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    page(&app, &reader, "").await;
    let refused = app.post(SIGNALS, &good).bearer(&reader).send().await;
    error(refused, 403, "authorization_error", "forbidden");
}

#[tokio::test]
async fn severity_is_what_is_usual_unless_said() {
    let (app, acme, _other) = two_shops().await;
    for (kind, said, severity) in [
        ("chargeback", Value::Null, "high"),
        ("identity_theft", Value::Null, "critical"),
        ("promo_abuse", Value::Null, "low"),
        ("gift_card", Value::Null, "medium"),
        ("chargeback", json!("low"), "low"),
    ] {
        let made = report(&app, &acme.live, &json!({ "type": kind, "severity": said })).await;
        assert_eq!(made["severity"], severity, "{kind}");
    }
}

#[tokio::test]
async fn a_repeated_report_gets_the_first_answer() {
    let (app, acme, other) = two_shops().await;
    let send = |key: &str, kind: &str| {
        let call = app.post(SIGNALS, &json!({ "type": kind, "user_id": "u1" })).bearer(key);
        call.header("idempotency-key", "chargeback-20481").send()
    };
    let first = send(&acme.live, "chargeback").await.expect(201);
    decide(&app, &acme.live, &first.json(), "confirm").await.expect(200);
    let again = send(&acme.live, "chargeback").await.expect(201);
    assert_eq!((again.text(), again.header("idempotent-replayed")), (first.text(), "true"));
    let conflict = send(&acme.live, "bot").await;
    error(conflict, 409, "idempotency_error", "idempotency_key_conflict");
    for key in [&acme.test, &other.live] {
        assert_eq!(send(key, "chargeback").await.expect(201).header("idempotent-replayed"), "");
    }
    let app = app.restarted().await;
    assert_eq!(users(&app, &acme.live, "").await, ["u1"]);
}

#[tokio::test]
async fn a_decision_labels_the_event_that_the_signal_is_about() {
    let (app, acme, other) = two_shops().await;
    let (live, token) = (&acme.live, &acme.tenant.viewer);
    let theirs = log_in(&app, &other.live, "u1", "d1").await;
    let older = log_in(&app, live, "u1", "d1").await;
    app.clock.advance(1_000);
    let newest = log_in(&app, live, "u1", "d2").await;
    let signal = report(&app, live, &json!({ "type": "chargeback", "user_id": "u1" })).await;
    app.clock.advance(1_000);
    let later = log_in(&app, live, "u1", "d3").await;
    let confirmed = decide(&app, live, &signal, "confirm").await.expect_json(200);
    assert_eq!(confirmed["event_id"], newest);
    assert_eq!(label(&app, token, &newest).await, "CONFIRMED_FRAUD");
    // What is known stays, by whatever it became known.
    let signal = report(&app, live, &json!({ "type": "bot", "device_id": "d2" })).await;
    let dismissed = decide(&app, live, &signal, "dismiss").await.expect_json(200);
    assert_eq!(dismissed["event_id"], newest);
    assert_eq!(label(&app, token, &newest).await, "CONFIRMED_FRAUD");
    // By its device, as the client calls it.
    let signal = report(&app, live, &json!({ "type": "bot", "user_id": "nobody", "device_id": "d1" })).await;
    decide(&app, live, &signal, "dismiss").await.expect(200);
    assert_eq!(label(&app, token, &older).await, "FALSE_POSITIVE");
    // By one of the event's own ids.
    let verification = later.replacen("cm", "ver_", 1);
    let named = json!({ "type": "bot", "user_id": "u1", "verification_id": verification });
    let signal = report(&app, live, &named).await;
    let confirmed = decide(&app, live, &signal, "confirm").await.expect_json(200);
    assert_eq!(confirmed["event_id"], later);
    assert_eq!(label(&app, token, &later).await, "CONFIRMED_FRAUD");
    // Another tenant's event is none.
    let foreign = json!({ "type": "bot", "verification_id": theirs.replacen("cm", "ass_", 1) });
    let signal = report(&app, live, &foreign).await;
    assert_eq!(decide(&app, live, &signal, "confirm").await.expect_json(200)["event_id"], Value::Null);
    assert_eq!(label(&app, &other.tenant.viewer, &theirs).await, Value::Null);
}

#[tokio::test]
async fn a_decision_teaches_once() {
    let (app, acme, other) = two_shops().await;
    let rule = json!({ "name": "Any", "condition": "user.age_days >= 0 OR ip.is_tor = false", "action": "flag",
                       "score_adjustment": 100 });
    app.post("/v1/fraud/rules", &rule).bearer(&acme.live).send().await.expect(201);
    let taught = async |shop: &super::support::Shop| {
        let tenant = app.store.control().tenant_by_slug(&shop.tenant.slug).unwrap().id;
        app.store.configuration(tenant).trust_versions(Mode::Live, None, 10).await.unwrap().len()
    };
    for (user, verb, versions) in [("u1", "confirm", 1), ("u2", "dismiss", 2)] {
        log_in(&app, &acme.live, user, "d1").await;
        let signal = report(&app, &acme.live, &json!({ "type": "bot", "user_id": user })).await;
        let again = report(&app, &acme.live, &json!({ "type": "bot", "user_id": user })).await;
        for signal in [&signal, &signal, &again] {
            decide(&app, &acme.live, signal, verb).await.expect(200);
            assert_eq!(taught(&acme).await, versions);
        }
    }
    assert_eq!(taught(&other).await, 0);
    // The rule's figures say the same.
    let figures = app.get("/v1/fraud/analytics/rules").bearer(&acme.live).send().await.expect_json(200);
    let figure = |name: &str| figures["data"][0][name].clone();
    assert_eq!((figure("confirmed"), figure("dismissed")), (json!(1), json!(1)), "{figures}");
}

#[tokio::test]
async fn an_event_of_long_ago_is_not_what_a_signal_is_about() {
    const DAY_MS: i64 = 86_400_000;
    let (app, acme, _other) = two_shops().await;
    log_in(&app, &acme.live, "u1", "d1").await;
    app.clock.advance(90 * DAY_MS);
    for expected in [true, false] {
        let signal = report(&app, &acme.live, &json!({ "type": "chargeback", "user_id": "u1" })).await;
        let decided = decide(&app, &acme.live, &signal, "dismiss").await.expect_json(200);
        assert_eq!(decided["event_id"].is_string(), expected);
        app.clock.advance(1);
    }
}

#[tokio::test]
async fn of_simultaneous_decisions_one_stands() {
    let (app, acme, _other) = two_shops().await;
    let event = log_in(&app, &acme.live, "u1", "d1").await;
    let signal = report(&app, &acme.live, &json!({ "type": "chargeback", "user_id": "u1" })).await;
    let verbs = ["confirm", "dismiss"].into_iter().cycle().take(20);
    let answers = join_all(verbs.map(|verb| decide(&app, &acme.live, &signal, verb))).await;
    let stands = app.get(&path_of(&signal)).bearer(&acme.live).send().await.expect_json(200);
    let confirmed = stands["status"] == "confirmed";
    for (index, answer) in answers.into_iter().enumerate() {
        if confirmed == (index % 2 == 0) {
            assert_eq!(answer.expect_json(200), stands);
        } else {
            error(answer, 409, "conflict_error", "already_exists");
        }
    }
    let expected = if confirmed { "CONFIRMED_FRAUD" } else { "FALSE_POSITIVE" };
    assert_eq!(label(&app, &acme.tenant.viewer, &event).await, expected);
}
