//! What may be sent, and how what may not is refused: always 4xx, in the dialect's envelope, naming the field.

use http::Method;
use portcullis_testkit::{Answer, Call, TestApp};
use serde_json::{Value, json};

use super::support::{
    INGEST, START_MS, check, fired, ingest, judge, login, mouse_path, now_ms, signup, timeless, two_clients,
    with,
};

const JSON: &str = "application/json";
const DAY_MS: i64 = 86_400_000;

fn raw(app: &TestApp, key: &str, text: impl Into<Vec<u8>>) -> Call {
    app.call(Method::POST, INGEST).key(key).text(JSON, text.into())
}

/// Checks the envelope (G0.1), and returns the code and the names of the fields.
fn refusal(answer: &Answer) -> (String, Vec<String>) {
    assert_eq!(answer.header("content-type"), JSON);
    let body = answer.json();
    let error = &body["error"];
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    assert_eq!(error["requestId"], answer.header("x-request-id"));
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    let fields = error["fields"].as_array().map_or(&[][..], Vec::as_slice);
    let names = fields.iter().map(|field| {
        assert!(field["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        field["field"].as_str().unwrap().to_owned()
    });
    (error["code"].as_str().unwrap().to_owned(), names.collect())
}

#[tokio::test]
async fn every_field_that_is_missing_or_wrong_is_named() {
    let (app, acme, other) = two_clients().await;
    let plain = signup("jane");
    let cases = [
        (json!({}), vec!["type", "ip"]),
        (json!({ "type": null, "ip": null }), vec!["type", "ip"]),
        (with(plain.clone(), &[("/type", Value::Null)]), vec!["type"]),
        (with(plain.clone(), &[("/type", json!("signup"))]), vec!["type"]),
        (with(plain.clone(), &[("/type", json!("PAYMENT"))]), vec!["type"]),
        (with(plain.clone(), &[("/type", json!(""))]), vec!["type"]),
        (with(plain.clone(), &[("/email", Value::Null)]), vec!["email"]),
        (with(plain.clone(), &[("/email", json!("jane"))]), vec!["email"]),
        (with(plain.clone(), &[("/email", json!(""))]), vec!["email"]),
        (with(login("jane"), &[("/email", json!("jane"))]), vec!["email"]),
        (with(plain.clone(), &[("/ip", Value::Null)]), vec!["ip"]),
        (with(plain.clone(), &[("/ip", json!("localhost"))]), vec!["ip"]),
        (with(plain.clone(), &[("/externalUserId", json!("u".repeat(257)))]), vec!["externalUserId"]),
        (json!({ "type": "X", "email": "x", "ip": "x" }), vec!["type", "email", "ip"]),
    ];
    for (body, fields) in cases {
        for key in [&acme, &other] {
            let answer = ingest(&app, key, &body).send().await.expect(400);
            let expected = fields.iter().map(|&field| field.to_owned()).collect();
            assert_eq!(refusal(&answer), ("validation_failed".to_owned(), expected), "{body}");
        }
    }
}

#[tokio::test]
async fn every_wrong_type_is_named() {
    let (app, acme, _other) = two_clients().await;
    let text = json!("text");
    let number = json!(7);
    let yes = json!(true);
    let list = json!([1, 2]);
    let object = json!({ "a": 1 });
    let texts = [
        "/type",
        "/email",
        "/externalUserId",
        "/ip",
        "/device/userAgent",
        "/device/timezone",
        "/device/language",
        "/device/webglVendor",
        "/device/webglRenderer",
        "/device/platform",
        "/device/clientFingerprint",
    ];
    let numbers = [
        "/device/screen/width",
        "/device/screen/height",
        "/device/screen/pixelRatio",
        "/device/hardwareConcurrency",
        "/device/deviceMemory",
        "/behavior/formStartedAt",
        "/behavior/formSubmittedAt",
        "/behavior/keystrokeCount",
    ];
    let objects = ["/device", "/device/screen", "/behavior"];
    let lists = ["/behavior/mousePath"];
    let tables: [(&[&str], [&Value; 4]); 4] = [
        (&texts, [&number, &yes, &list, &object]),
        (&numbers, [&text, &yes, &list, &object]),
        (&objects, [&text, &number, &yes, &list]),
        (&lists, [&text, &number, &yes, &object]),
    ];
    for (pointers, wrong) in tables {
        for pointer in pointers {
            for wrong in wrong {
                let body = with(signup("jane"), &[(pointer, wrong.clone())]);
                let answer = ingest(&app, &acme, &body).send().await.expect(400);
                let named = pointer[1..].replace('/', ".");
                assert_eq!(refusal(&answer), ("validation_failed".to_owned(), vec![named]), "{wrong}");
            }
        }
    }
    for (point, named) in [
        (json!(7), "behavior.mousePath[1]"),
        (json!({ "x": 1, "y": 2 }), "behavior.mousePath[1].t"),
        (json!({ "x": 1, "y": "2", "t": 3 }), "behavior.mousePath[1].y"),
        (json!({ "x": null, "y": 2, "t": 3 }), "behavior.mousePath[1].x"),
        (json!(null), "behavior.mousePath[1]"),
    ] {
        let path = json!([{ "x": 1, "y": 2, "t": 3 }, point]);
        let body = with(signup("jane"), &[("/behavior/mousePath", path)]);
        let answer = ingest(&app, &acme, &body).send().await.expect(400);
        assert_eq!(refusal(&answer).1, [named]);
    }
}

#[tokio::test]
async fn only_objects_are_objects() {
    let (app, acme, _other) = two_clients().await;
    // Fields in their order, without names, are not what the contract says.
    let point = [json!([1, 2, 3])];
    for body in [
        json!(["LOGIN", "jane@example.com", "jane", "203.0.113.7", null, null]),
        json!([]),
        json!("LOGIN"),
        json!(7),
        json!(null),
        with(login("jane"), &[("/device/screen", json!([1920, 1080, 1]))]),
        with(login("jane"), &[("/behavior", json!([1, 2, [], 3]))]),
        with(login("jane"), &[("/behavior/mousePath", json!(point))]),
    ] {
        let answer = ingest(&app, &acme, &body).send().await;
        assert_eq!(answer.status.as_u16(), 400, "{body}");
        refusal(&answer);
    }
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let (app, acme, _other) = two_clients().await;
    let at_behavior = |json: &str| format!(r#"{{"type":"LOGIN","ip":"203.0.113.7","behavior":{json}}}"#);
    let at_ip = |text: &str| format!(r#"{{"type":"LOGIN","ip":"{text}"}}"#);
    let cases: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"   ".to_vec(),
        b"{".to_vec(),
        b"nonsense".to_vec(),
        b"{'type':'LOGIN'}".to_vec(),
        br#"{"type":"LOGIN","ip":"203.0.113.7"}}"#.to_vec(),
        br#"{"type":"LOGIN","ip":"203.0.113.7"} {}"#.to_vec(),
        br#"{"type":"LOGIN","ip":"203.0.113.7",}"#.to_vec(),
        "\u{feff}{}".into(),
        b"{\"type\":\"\xff\"}".to_vec(),
        b"{\"type\":\"LOGIN\0\"}".to_vec(),
        at_ip(r"\ud800").into(),
        at_ip(r"\udc00\ud800").into(),
        at_ip(r"\x41").into(),
        at_behavior(r#"{"keystrokeCount":NaN}"#).into(),
        at_behavior(r#"{"keystrokeCount":Infinity}"#).into(),
        at_behavior(r#"{"keystrokeCount":1e400}"#).into(),
        at_behavior(r#"{"keystrokeCount":-1e400}"#).into(),
        at_behavior(r#"{"keystrokeCount":01}"#).into(),
        at_behavior(r#"{"keystrokeCount":+1}"#).into(),
        at_behavior(r#"{"mousePath":[{"x":1,"y":2,"t":1e999}]}"#).into(),
    ];
    for text in cases {
        let shown = String::from_utf8_lossy(&text).into_owned();
        let answer = raw(&app, &acme, text).send().await.expect(400);
        assert_eq!(refusal(&answer), ("malformed_json".to_owned(), vec![]), "{shown}");
    }
}

#[tokio::test]
async fn a_field_said_twice_is_refused() {
    let (app, acme, _other) = two_clients().await;
    for (text, named) in [
        (r#"{"type":"LOGIN","ip":"203.0.113.7","ip":"203.0.113.8"}"#, "ip is given twice"),
        (r#"{"type":"LOGIN","type":"LOGIN","ip":"203.0.113.7"}"#, "type is given twice"),
        (
            r#"{"type":"LOGIN","ip":"203.0.113.7","device":{"platform":"a","platform":"b"}}"#,
            "device.platform is given twice",
        ),
        (r#"{"type":"LOGIN","ip":"203.0.113.7","device":{},"device":null}"#, "device is given twice"),
    ] {
        let answer = raw(&app, &acme, text).send().await.expect(400);
        assert_eq!(refusal(&answer).0, "validation_failed");
        assert!(answer.text().contains(named), "{}", answer.text());
    }
}

#[tokio::test]
async fn depth_is_no_danger() {
    let (app, acme, _other) = two_clients().await;
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        for text in [
            deep.clone(),
            open.repeat(10_000),
            format!(r#"{{"type":{deep},"ip":"203.0.113.7"}}"#),
            format!(r#"{{"type":"LOGIN","ip":"203.0.113.7","behavior":{{"mousePath":{deep}}}}}"#),
            format!(r#"{{"type":"LOGIN","ip":"203.0.113.7","unknown":{deep}}}"#),
        ] {
            let answer = raw(&app, &acme, text).send().await.expect(400);
            refusal(&answer);
        }
    }
    let keys: Vec<String> = (0..20_000).map(|index| format!(r#""k{index}":1"#)).collect();
    let many = format!(r#"{{"type":"LOGIN","ip":"203.0.113.7",{}}}"#, keys.join(","));
    raw(&app, &acme, many).send().await.expect(200);
}

#[tokio::test]
async fn bodies_have_a_limit_and_a_type() {
    let (app, acme, _other) = two_clients().await;
    let text = login("jane").to_string();
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    raw(&app, &acme, padded(256 * 1024)).send().await.expect(200);
    let answer = raw(&app, &acme, padded(256 * 1024 + 1)).send().await.expect(413);
    assert_eq!(refusal(&answer), ("payload_too_large".to_owned(), vec![]));
    let post = || app.call(Method::POST, INGEST).key(&acme);
    for call in [
        post(),
        post().text("text/plain", text.clone()),
        post().text("application/x-www-form-urlencoded", "type=LOGIN&ip=203.0.113.7"),
        post().text("multipart/form-data; boundary=x", text.clone()),
        post().text("application/jsonp", text.clone()),
        post().text("", text.clone()),
    ] {
        let answer = call.send().await.expect(415);
        assert_eq!(refusal(&answer), ("unsupported_media_type".to_owned(), vec![]));
    }
    for content_type in [JSON, "application/json; charset=utf-8", "Application/JSON"] {
        post().text(content_type, text.clone()).send().await.expect(200);
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_not_there() {
    let (app, acme, _other) = two_clients().await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = app.call(method, INGEST).key(&acme).send().await.expect(405);
        assert_eq!(refusal(&answer), ("method_not_allowed".to_owned(), vec![]));
        assert!(answer.header("allow").contains("POST"));
    }
    for path in
        ["/api/v1/events/", "/api/v1/events/ingest/", "/api/v1/events/a/b", "/api/v1/events/x/outcome/y"]
    {
        let answer = app.post(path, &login("jane")).key(&acme).send().await.expect(404);
        assert_eq!(refusal(&answer), ("not_found".to_owned(), vec![]), "{path}");
    }
}

#[tokio::test]
async fn null_is_absent_and_what_is_unknown_is_ignored() {
    let (app, acme, other) = two_clients().await;
    let bare = json!({ "type": "LOGIN", "ip": "203.0.113.7" });
    let nulls = with(bare.clone(), &[]);
    let mut nulls = nulls.as_object().unwrap().clone();
    for field in ["email", "externalUserId", "device", "behavior"] {
        nulls.insert(field.to_owned(), Value::Null);
    }
    let mut more = bare.clone();
    more["fraudSignals"] = json!({ "deep": [[[{}]]] });
    more["password"] = json!("Tr0ub4dor&3");
    let plain = judge(&app, &acme, &bare).await;
    for (key, body) in [(&acme, Value::Object(nulls)), (&acme, more), (&other, bare)] {
        let answer = judge(&app, key, &body).await;
        assert_eq!(answer["allChecks"], plain["allChecks"]);
        assert_eq!(answer["derivedSignals"], plain["derivedSignals"]);
    }
    let empty = json!({ "type": "LOGIN", "ip": "203.0.113.7", "device": {}, "behavior": {} });
    let inner_nulls = json!({
        "type": "LOGIN", "ip": "203.0.113.7",
        "device": { "userAgent": null, "screen": null, "deviceMemory": null, "clientFingerprint": null },
        "behavior": { "formStartedAt": null, "mousePath": null, "keystrokeCount": null },
    });
    let (first, second) = (judge(&app, &acme, &empty).await, judge(&app, &acme, &inner_nulls).await);
    assert_eq!(first["derivedSignals"], second["derivedSignals"]);
    assert_eq!(first["allChecks"], second["allChecks"]);
}

#[tokio::test]
async fn mouse_paths_are_cut_to_three_hundred_points() {
    let (app, acme, _other) = two_clients().await;
    for (sent, kept, is_cut) in
        [(0, 0, false), (1, 1, false), (300, 300, false), (301, 300, true), (5_000, 300, true)]
    {
        let hand = mouse_path("long");
        let hand = hand.as_array().unwrap();
        let path: Vec<Value> = (0..sent)
            .map(|index| {
                with(hand[index % hand.len()].clone(), &[("/t", json!(1_000 + 57 * index + index % 5))])
            })
            .collect();
        let body = with(login("jane"), &[("/behavior/mousePath", json!(path))]);
        let behavior = judge(&app, &acme, &body).await["derivedSignals"]["behavior"].clone();
        assert_eq!(
            (&behavior["mousePoints"], &behavior["mousePathTruncated"]),
            (&json!(kept), &json!(is_cut))
        );
    }
    // A point that is cut off is not looked at, whatever it is.
    let mut path = vec![json!({ "x": 1, "y": 2, "t": 3 }); 300];
    path.push(json!("no point"));
    judge(&app, &acme, &with(login("jane"), &[("/behavior/mousePath", json!(path))])).await;
}

#[tokio::test]
async fn numbers_may_be_odd() {
    let (app, acme, _other) = two_clients().await;
    for number in
        [json!(0), json!(-1), json!(0.5), json!(1e308), json!(-1e308), json!(5e-324), json!(u64::MAX)]
    {
        let mut body = signup("jane");
        body["device"]["deviceMemory"] = number.clone();
        body["device"]["screen"] = json!({ "width": number, "height": number, "pixelRatio": number });
        body["behavior"]["formStartedAt"] = number.clone();
        judge(&app, &acme, &body).await;
        body["behavior"]["formSubmittedAt"] = number.clone();
        judge(&app, &acme, &body).await;
        let mut far = Vec::new();
        for index in 0..20 {
            let x = if index % 2 == 0 { number.clone() } else { json!(index) };
            far.push(json!({ "x": x, "y": number, "t": index }));
        }
        body["behavior"]["mousePath"] = json!(far);
        let answer = judge(&app, &acme, &body).await;
        let read = app.get(&format!("/api/v1/events/{}", answer["eventId"].as_str().unwrap()));
        let read = read.key(&acme).send().await.expect_json(200);
        assert_eq!(read["derivedSignals"], answer["derivedSignals"], "{number}");
    }
}

#[tokio::test]
async fn counts_are_whole_numbers() {
    let (app, acme, _other) = two_clients().await;
    for place in ["/device/hardwareConcurrency", "/behavior/keystrokeCount"] {
        for count in [json!(0), json!(8), json!(8.0), json!(1e15), json!(null)] {
            judge(&app, &acme, &with(signup("jane"), &[(place, count)])).await;
        }
        for wrong in [json!(-1), json!(0.5), json!(-1e308), json!(true)] {
            let body = with(signup("jane"), &[(place, wrong)]);
            let refused = ingest(&app, &acme, &body).send().await.expect_json(400);
            assert_eq!(refused["error"]["fields"][0]["field"], place[1..].replace('/', "."));
        }
    }
}

#[tokio::test]
async fn clocks_may_be_far_off() {
    let (app, acme, _other) = two_clients().await;
    for (started, submitted, expected) in [
        (START_MS - 9_000, START_MS, vec![]),
        (0, 9_000, vec![]),
        (-9_000, 0, vec![]),
        (START_MS - 400 * DAY_MS, START_MS - 399 * DAY_MS, vec![]),
        (START_MS, START_MS + 300_000, vec![]),
        (START_MS, START_MS + 300_001, vec!["CLOCK_TAMPERED"]),
        (START_MS, 253_402_300_799_999, vec!["CLOCK_TAMPERED"]),
        (i64::MIN, i64::MAX, vec!["CLOCK_TAMPERED"]),
        (i64::MAX, i64::MIN, vec!["CLOCK_TAMPERED"]),
        (START_MS, START_MS - 1, vec!["CLOCK_TAMPERED"]),
        (START_MS, START_MS, vec!["FAST_COMPLETION"]),
        (START_MS - 3_000, START_MS, vec![]),
        (START_MS - 2_999, START_MS, vec!["FAST_COMPLETION"]),
    ] {
        app.clock.advance(7_200_000);
        let shift = now_ms(&app) - START_MS;
        let moved = |time: i64| time.saturating_add(shift);
        let body = with(
            signup("jane"),
            &[
                ("/behavior/formStartedAt", json!(moved(started))),
                ("/behavior/formSubmittedAt", json!(moved(submitted))),
            ],
        );
        let answer = judge(&app, &acme, &body).await;
        assert_eq!(fired(&answer), expected, "{started} {submitted}");
    }
    // Paths whose times run backward.
    let mut path = mouse_path("jane");
    path.as_array_mut().unwrap().swap(3, 9);
    app.clock.advance(7_200_000);
    let body = with(signup("jane"), &[("/behavior/mousePath", path)]);
    assert_eq!(fired(&judge(&app, &acme, &body).await), ["CLOCK_TAMPERED"]);
}

#[tokio::test]
async fn texts_may_be_huge() {
    let (app, acme, _other) = two_clients().await;
    let huge = "ä".repeat(10_000);
    let mut body = signup("jane");
    for field in ["userAgent", "timezone", "language", "webglVendor", "webglRenderer", "platform"] {
        body["device"][field] = json!(huge);
    }
    body["device"]["clientFingerprint"] = json!(format!("a{huge}"));
    let first = judge(&app, &acme, &body).await;
    assert_eq!(first["derivedSignals"]["device"]["isNew"], true);
    assert_eq!(judge(&app, &acme, &body).await["derivedSignals"]["device"]["isNew"], false);
    // An id of 256 bytes is the longest.
    let longest = with(signup("jane"), &[("/externalUserId", json!("ü".repeat(128)))]);
    judge(&app, &acme, &longest).await;
    let body = with(signup("jane"), &[("/externalUserId", json!("ü".repeat(129)))]);
    ingest(&app, &acme, &body).send().await.expect(400);
}

#[tokio::test]
async fn an_account_is_the_callers_id_or_the_address() {
    let (app, acme, other) = two_clients().await;
    // With one device, the number of accounts on it tells which are the same.
    let accounts = async |key: &str, email: Value, id: Value| {
        let mut body = login("x");
        body["email"] = email;
        body["externalUserId"] = id;
        judge(&app, key, &body).await["derivedSignals"]["linkage"]["accountsOnDevice"].clone()
    };
    for (email, id, count) in [
        (json!("Jane@Example.com"), Value::Null, 1),
        (json!("jane@example.com"), json!(""), 1),
        (json!("jane@EXAMPLE.com "), json!("  "), 1),
        (json!("jane@example.com"), json!("JANE@example.com"), 1),
        (Value::Null, json!("jane@example.com"), 1),
        (json!("jane@example.com"), json!("cust-7"), 2),
        (json!("other@example.com"), json!("cust-7"), 2),
        (json!("other@example.com"), json!(" cust-7 "), 2),
        (Value::Null, json!("cust-7"), 2),
        (Value::Null, json!("CUST-7"), 3),
        (json!("jane+x@example.com"), Value::Null, 4),
        (Value::Null, Value::Null, 4),
    ] {
        assert_eq!(accounts(&acme, email.clone(), id.clone()).await, count, "{email} {id}");
    }
    assert_eq!(accounts(&other, json!("jane@example.com"), Value::Null).await, 1);
}

#[tokio::test]
async fn a_device_is_its_fingerprint_or_what_is_stable_about_it() {
    let (app, acme, other) = two_clients().await;
    let hash = async |key: &str, changes: &[(&str, Value)]| {
        let body = with(login("jane"), changes);
        judge(&app, key, &body).await["derivedSignals"]["device"]["deviceHash"].clone()
    };
    let named = hash(&acme, &[]).await;
    assert!(named.is_string());
    // The fingerprint alone names the device.
    assert_eq!(hash(&acme, &[("/device/platform", json!("Linux x86_64"))]).await, named);
    assert_ne!(hash(&acme, &[("/device/clientFingerprint", json!("another"))]).await, named);
    assert_ne!(hash(&other, &[]).await, named, "a hash means nothing to another client");
    // Without one, stable attributes do; a browser's next version is the same device.
    let nameless = ("/device/clientFingerprint", Value::Null);
    let stable = hash(&acme, std::slice::from_ref(&nameless)).await;
    assert!(stable.is_string() && stable != named);
    assert_eq!(hash(&acme, &[("/device/clientFingerprint", json!(" "))]).await, stable);
    let updated = super::support::WINDOWS_CHROME.replace("142", "143");
    assert_eq!(hash(&acme, &[nameless.clone(), ("/device/userAgent", json!(updated))]).await, stable);
    assert_eq!(hash(&acme, &[nameless.clone(), ("/device/language", json!("en"))]).await, stable);
    assert_ne!(hash(&acme, &[nameless.clone(), ("/device/hardwareConcurrency", json!(16))]).await, stable);
    // What is too little to tell devices apart by names none.
    assert_eq!(
        hash(&acme, &[("/device", json!({ "platform": "Win32", "timezone": "UTC" }))]).await,
        Value::Null
    );
}

#[tokio::test]
async fn browsers_without_webgl_or_memory_are_fine() {
    let (app, acme, _other) = two_clients().await;
    let body = with(
        signup("jane"),
        &[
            ("/device/webglVendor", Value::Null),
            ("/device/webglRenderer", Value::Null),
            ("/device/deviceMemory", Value::Null),
        ],
    );
    let answer = judge(&app, &acme, &body).await;
    assert_eq!(answer["riskScore"], 0);
    assert_eq!(answer["derivedSignals"]["device"]["isSoftwareRenderer"], Value::Null);
    // A phone: no keys, no pointer.
    let mut phone = signup("joe");
    phone["device"]["userAgent"] = json!(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
    );
    phone["device"]["platform"] = json!("iPhone");
    phone["device"]["webglVendor"] = json!("Apple Inc.");
    phone["device"]["webglRenderer"] = json!("Apple GPU");
    phone["device"]["screen"] = json!({ "width": 393, "height": 852, "pixelRatio": 3 });
    phone["behavior"]["mousePath"] = json!([]);
    phone["behavior"]["keystrokeCount"] = json!(0);
    assert_eq!(judge(&app, &acme, &phone).await["riskScore"], 0);
}

#[tokio::test]
async fn rules_that_lack_data_pass() {
    let (app, acme, _other) = two_clients().await;
    let answer = judge(&app, &acme, &json!({ "type": "LOGIN", "ip": "203.0.113.7" })).await;
    assert_eq!(fired(&answer), ["MISSING_SIGNALS"]);
    let statuses = answer["allChecks"].as_array().unwrap();
    assert!(statuses.iter().all(|check| check["status"] != "SKIPPED"));
    assert_eq!(check(&answer, "NEW_DEVICE")["status"], "PASS");
    let fingerprintless = with(signup("jane"), &[("/device/clientFingerprint", Value::Null)]);
    assert_eq!(fired(&judge(&app, &acme, &fingerprintless).await), ["MISSING_SIGNALS"]);
}

#[tokio::test]
async fn every_refusal_has_a_request_id_of_its_own() {
    let (app, acme, _other) = two_clients().await;
    let first = ingest(&app, &acme, &json!({})).send().await.expect(400);
    let second = ingest(&app, &acme, &json!({})).send().await.expect(400);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!(timeless(&first), timeless(&second));
    let named = ingest(&app, &acme, &json!({})).header("x-request-id", "mine-1").send().await.expect(400);
    assert_eq!(named.json()["error"]["requestId"], "mine-1");
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_records_nothing() {
    let (app, acme, _other) = two_clients().await;
    let event = judge(&app, &acme, &login("jane")).await;
    app.store.close().await.unwrap();
    let outcome = format!("/api/v1/events/{}/outcome", event["eventId"].as_str().unwrap());
    let report = json!({ "outcome": "CONFIRMED_FRAUD" });
    for call in [ingest(&app, &acme, &login("jane")), app.post(&outcome, &report).key(&acme)] {
        let answer = call.send().await.expect(503);
        assert_eq!(refusal(&answer), ("unavailable".to_owned(), vec![]));
        assert_eq!(answer.header("retry-after"), "5");
    }
}
