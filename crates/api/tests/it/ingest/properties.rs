//! What holds for every request: no answer is our fault, unknown fields mean nothing, the same story is the same story.

use std::sync::OnceLock;

use portcullis_testkit::TestApp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::support::{INGEST, Random, any_event, check_answer, ingest, now_ms, two_clients};

/// One server for all cases of a test.
struct World {
    runtime: Runtime,
    app: TestApp,
    acme: String,
    other: String,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (app, acme, other) = runtime.block_on(two_clients());
        World { runtime, app, acme, other }
    })
}

/// Names that the contract has, so that arbitrary values land where they matter, and some that it has not.
const NAMES: &[&str] = &[
    "type",
    "email",
    "externalUserId",
    "ip",
    "device",
    "behavior",
    "userAgent",
    "screen",
    "width",
    "height",
    "pixelRatio",
    "timezone",
    "language",
    "webglVendor",
    "webglRenderer",
    "hardwareConcurrency",
    "deviceMemory",
    "platform",
    "clientFingerprint",
    "formStartedAt",
    "formSubmittedAt",
    "mousePath",
    "keystrokeCount",
    "x",
    "y",
    "t",
    "outcome",
    "notes",
    "__proto__",
    "",
];

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,30}".prop_map(Value::from),
        prop::sample::select(vec![
            "SIGNUP",
            "LOGIN",
            "8.8.8.8",
            "::1",
            "10.0.0.1, 81.2.69.142",
            "jane@example.com",
            "test+block@x.example",
            "Europe/Berlin",
            "Win32",
            "CONFIRMED_FRAUD",
        ])
        .prop_map(Value::from),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 48, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            object(inner).prop_map(Value::from),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let name = prop_oneof![prop::sample::select(NAMES).prop_map(str::to_owned), ".{0,8}"];
    prop::collection::btree_map(name, value, 0..8).prop_map(|map| map.into_iter().collect())
}

/// A valid request in which some fields have arbitrary values.
fn nearly_valid() -> impl Strategy<Value = Value> {
    (any::<String>(), prop::collection::vec((prop::sample::select(NAMES), any_json()), 0..4)).prop_map(
        |(seed, changes)| {
            let mut body = any_event(&mut Random::seeded(&seed), super::support::START_MS);
            for (name, value) in changes {
                for part in ["/device/screen", "/device", "/behavior", ""] {
                    if let Some(Value::Object(fields)) = body.pointer_mut(part)
                        && (fields.contains_key(name) || part.is_empty())
                    {
                        fields.insert(name.to_owned(), value);
                        break;
                    }
                }
            }
            body
        },
    )
}

fn send(body: &Value) -> (u16, Value) {
    let World { runtime, app, acme, .. } = world();
    let answer = runtime.block_on(ingest(app, acme, body).send());
    (answer.status.as_u16(), answer.json())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_body_is_our_fault(body in prop_oneof![any_json(), object(leaf()).prop_map(Value::from), nearly_valid()]) {
        let (status, answer) = send(&body);
        match status {
            200 => check_answer(&answer),
            400 => prop_assert!(answer["error"]["code"].is_string()),
            status => prop_assert!(false, "{status}: {answer}"),
        }
    }

    #[test]
    fn no_bytes_are_our_fault(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..2_000) {
        let World { runtime, app, acme, .. } = world();
        let whole = any_event(&mut Random::seeded("cut"), super::support::START_MS).to_string();
        let mut text = whole.as_bytes()[..cut.min(whole.len())].to_vec();
        text.extend(&bytes);
        for text in [bytes, text] {
            let call = app.call(http::Method::POST, INGEST).key(acme).text("application/json", text);
            let status = runtime.block_on(call.send()).status.as_u16();
            prop_assert!(status == 200 || status == 400, "{}", status);
        }
    }

    #[test]
    fn no_report_is_our_fault(body in any_json(), id in prop_oneof!["cm[0-9a-z]{13}", "[a-zA-Z0-9._~-]{1,40}"]) {
        let World { runtime, app, acme, .. } = world();
        let path = format!("/api/v1/events/{id}/outcome");
        let status = runtime.block_on(app.post(&path, &body).key(acme).send()).status.as_u16();
        prop_assert!(status == 400 || status == 404, "{}", status);
        let status = runtime.block_on(app.get(&format!("/api/v1/events/{id}")).key(acme).send()).status.as_u16();
        prop_assert_eq!(status, 404);
    }

    #[test]
    fn unknown_fields_and_the_order_of_fields_change_nothing(seed: String, extra in any_json(), name in "[a-z]{1,6}_") {
        let World { runtime, app, acme, other } = world();
        let plain = any_event(&mut Random::seeded(&seed), now_ms(app));
        let mut more = plain.clone();
        for part in ["", "/device", "/device/screen", "/behavior", "/behavior/mousePath/0"] {
            if let Some(Value::Object(fields)) = more.pointer_mut(part) {
                fields.insert(name.clone(), extra.clone());
            }
        }
        // Each client sees the same stories in the same order: one with, one without the extra fields.
        let answers = runtime.block_on(async {
            let first = ingest(app, acme, &plain).send().await.expect_json(200);
            let call = app.call(http::Method::POST, INGEST).key(other);
            let second = call.text("application/json", reversed(&more)).send().await.expect_json(200);
            [first, second]
        });
        let [first, second] = answers.map(|mut answer| {
            answer["eventId"].take();
            answer["derivedSignals"]["device"]["deviceHash"].take();
            answer["derivedSignals"]["email"]["normalizedHash"].take();
            answer["derivedSignals"]["linkage"].take();
            answer["derivedSignals"]["device"]["isNew"].take();
            answer["derivedSignals"]["device"]["firstSeenAt"].take();
            let checks = answer["allChecks"].take();
            let checks = checks.as_array().unwrap().iter().filter(|check| !of_history(check)).cloned();
            json!([answer["derivedSignals"], checks.collect::<Vec<_>>()])
        });
        prop_assert_eq!(first, second);
    }
}

/// Whether a check is about what happened before, which the other tests of this module add to.
fn of_history(check: &Value) -> bool {
    let code = check["code"].as_str().unwrap();
    let history = [
        "DEVICE_REUSED",
        "IP_REUSED",
        "VELOCITY_IP",
        "VELOCITY_DEVICE",
        "EMAIL_ALIAS_REUSED",
        "NEW_DEVICE",
        "NEW_COUNTRY",
        "IMPOSSIBLE_TRAVEL",
        "LOGIN_SPRAY",
        "ROBOTIC_MOUSE",
    ];
    history.contains(&code)
}

/// The same JSON with the fields of every object in reverse order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields =
                fields.iter().rev().map(|(name, value)| format!("{}:{}", json!(name), reversed(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        value => value.to_string(),
    }
}

#[tokio::test]
async fn the_same_story_is_judged_the_same_on_another_day_and_server() {
    let mut tellings = Vec::new();
    for hours in [0, 24 * 3] {
        let (app, acme, other) = two_clients().await;
        app.clock.advance(hours * 3_600_000);
        let mut random = Random::seeded("story");
        let mut answers = Vec::new();
        for _ in 0..150 {
            let body = any_event(&mut random, now_ms(&app));
            for key in [&acme, &other] {
                let mut answer = ingest(&app, key, &body).send().await.expect_json(200);
                check_answer(&answer);
                answer["eventId"].take();
                answer["derivedSignals"]["device"]["deviceHash"].take();
                answer["derivedSignals"]["device"]["firstSeenAt"].take();
                answer["derivedSignals"]["email"]["normalizedHash"].take();
                answers.push(answer);
            }
            app.clock.advance(random.below(600_000) as i64);
        }
        assert!(answers.chunks(2).all(|pair| pair[0] == pair[1]), "clients do not feel each other");
        tellings.push(answers);
    }
    assert_eq!(tellings[0], tellings[1]);
}
