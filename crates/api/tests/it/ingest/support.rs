//! Tenants that cost little, a person that nothing is wrong with, and what every answer must hold.

use portcullis_testkit::{Answer, Call, TestApp};
use serde_json::{Map, Value, json};

pub(super) const INGEST: &str = "/api/v1/events/ingest";

/// When [`TestApp`]'s clock starts, ms since 1970.
pub(super) const START_MS: i64 = 1_767_607_200_000;

pub(super) const WINDOWS_CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// What the app's clock shows, ms since 1970.
pub(super) fn now_ms(app: &TestApp) -> i64 {
    app.store.clock().now().as_millis()
}

/// A client without users; its live key.
pub(super) async fn client(app: &TestApp, slug: &str) -> String {
    let body = json!({ "name": slug, "slug": slug });
    app.post("/api/v1/admin/clients", &body).bearer(&app.admin).send().await.expect(201);
    key(app, slug, "live").await
}

/// A new key of a client.
pub(super) async fn key(app: &TestApp, slug: &str, mode: &str) -> String {
    key_and_id(app, slug, mode).await.0
}

/// A new key of a client, and its id.
pub(super) async fn key_and_id(app: &TestApp, slug: &str, mode: &str) -> (String, String) {
    let body = json!({ "name": "main", "dialect": "ingest", "mode": mode });
    let path = format!("/api/v1/admin/clients/{slug}/api-keys");
    let made = app.post(&path, &body).bearer(&app.admin).send().await.expect_json(201);
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    (text("key"), text("id"))
}

/// An app with two clients, and their live keys.
pub(super) async fn two_clients() -> (TestApp, String, String) {
    let app = TestApp::new().await;
    let (acme, other) = (client(&app, "acme").await, client(&app, "other").await);
    (app, acme, other)
}

pub(super) fn ingest(app: &TestApp, key: &str, body: &Value) -> Call {
    app.post(INGEST, body).key(key)
}

/// Sends an event that must be judged, and checks what every answer must hold.
pub(super) async fn judge(app: &TestApp, key: &str, body: &Value) -> Value {
    let answer = ingest(app, key, body).send().await.expect_json(200);
    check_answer(&answer);
    answer
}

/// The codes of the rules that fired, in order.
pub(super) fn fired(answer: &Value) -> Vec<&str> {
    answer["triggeredRules"].as_array().unwrap().iter().map(|rule| rule["code"].as_str().unwrap()).collect()
}

/// The entry of `allChecks` with this code.
pub(super) fn check<'a>(answer: &'a Value, code: &str) -> &'a Value {
    answer["allChecks"].as_array().unwrap().iter().find(|check| check["code"] == code).unwrap()
}

/// The score is the sum of what fired and never below zero, `triggeredRules` is exactly the FIRED part of `allChecks`,
/// every check has one of three statuses, and the band goes with the decision (R0.22 to R0.25).
pub(super) fn check_answer(answer: &Value) {
    let fields: Vec<_> = answer.as_object().unwrap().keys().filter(|key| *key != "forced").collect();
    let all =
        ["allChecks", "decision", "derivedSignals", "eventId", "riskBand", "riskScore", "triggeredRules"];
    assert_eq!(fields, all);
    let checks = answer["allChecks"].as_array().unwrap();
    let mut sum = 0;
    let mut firing = Vec::new();
    for check in checks {
        match check["status"].as_str().unwrap() {
            "FIRED" => {
                sum += check["weight"].as_i64().unwrap();
                firing.push(json!({
                    "code": check["code"], "label": check["label"], "weight": check["weight"],
                }));
                assert!(check["detail"].is_string(), "{check}");
            }
            "PASS" | "DISABLED" => {}
            status => panic!("{status}"),
        }
    }
    assert_eq!(answer["triggeredRules"], json!(firing));
    assert_eq!(answer["riskScore"], sum.max(0));
    let decision = match answer["riskBand"].as_str().unwrap() {
        "ALLOW" => "ALLOW",
        "MONITOR" => "CHALLENGE",
        "BLOCK" => "BLOCK",
        band => panic!("{band}"),
    };
    assert_eq!(answer["decision"], decision);
    assert!(answer["eventId"].as_str().unwrap().starts_with("cm"));
    for part in ["ip", "device", "behavior", "email", "linkage"] {
        assert!(answer["derivedSignals"][part].is_object());
    }
}

/// `answer` apart from what differs from request to request.
pub(super) fn timeless(answer: &Answer) -> Value {
    let mut json = answer.json();
    json["error"]["requestId"].take();
    json
}

/// A sign-up that no rule minds: a person with their own device, at an address of which nothing can be known.
pub(super) fn signup(name: &str) -> Value {
    json!({
        "type": "SIGNUP",
        "email": format!("{name}@example.com"),
        "externalUserId": name,
        "ip": "203.0.113.7",
        "device": device(name),
        "behavior": behavior(name, START_MS),
    })
}

/// The same person logging in.
pub(super) fn login(name: &str) -> Value {
    let mut body = signup(name);
    body["type"] = json!("LOGIN");
    body
}

/// `body` with other values at these JSON pointers; null removes what is there.
pub(super) fn with(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            parent.remove(name);
        } else {
            parent.insert(name.to_owned(), value.clone());
        }
    }
    body
}

/// An ordinary Windows computer whose fingerprint is `name`.
pub(super) fn device(name: &str) -> Value {
    json!({
        "userAgent": WINDOWS_CHROME,
        "screen": { "width": 1920, "height": 1080, "pixelRatio": 1.25 },
        "timezone": "Europe/Berlin",
        "language": "de-DE",
        "webglVendor": "Google Inc. (Intel)",
        "webglRenderer":
            "ANGLE (Intel, Intel(R) UHD Graphics 620 Direct3D11 vs_5_0 ps_5_0, D3D11)",
        "hardwareConcurrency": 8,
        "deviceMemory": 8,
        "platform": "Win32",
        "clientFingerprint": format!("fingerprint-of-{name}"),
    })
}

/// Fourteen seconds of a person at a form that was sent at `sent_ms`.
pub(super) fn behavior(name: &str, sent_ms: i64) -> Value {
    json!({
        "formStartedAt": sent_ms - 14_000,
        "formSubmittedAt": sent_ms,
        "mousePath": mouse_path(name),
        "keystrokeCount": 31,
    })
}

/// The way a hand moved a pointer: an arc, slow at both ends, sampled unevenly. The same name gives the same path.
pub(super) fn mouse_path(name: &str) -> Value {
    let mut random = Random::seeded(name);
    let mut t = 400;
    let points: Vec<Value> = (0..24)
        .map(|step| {
            let way = f64::from(step) / 23.0;
            // The minimum-jerk course of a reach.
            let eased = way.powi(3) * (10.0 - 15.0 * way + 6.0 * way * way);
            let x = 120.0 + 560.0 * eased;
            let y = 480.0 - 300.0 * eased - 400.0 * way * (1.0 - way);
            t += 50 + random.below(23);
            json!({
                "x": x.round() + random.below(5) as f64, "y": y.round() + random.below(5) as f64, "t": t,
            })
        })
        .collect();
    points.into()
}

/// A small repeatable source of numbers (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn seeded(seed: &str) -> Self {
        let fold = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(seed.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// One of these.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

/// The event as the management API shows it, to a user of the client.
pub(super) async fn detail(app: &TestApp, token: &str, answer: &Value) -> Value {
    let path = format!("/api/v1/client/events/{}", answer["eventId"].as_str().unwrap());
    app.get(&path).bearer(token).send().await.expect_json(200)
}

/// A user of a client; their token.
pub(super) async fn admin_of(app: &TestApp, slug: &str) -> String {
    let email = format!("admin@{slug}.example");
    let user = json!({ "email": email, "password": portcullis_testkit::PASSWORD, "role": "CLIENT_ADMIN" });
    let path = format!("/api/v1/admin/clients/{slug}/users");
    app.post(&path, &user).bearer(&app.admin).send().await.expect(201);
    app.log_in(&email, portcullis_testkit::PASSWORD).await
}

/// Changes a client's rules, thresholds or limits.
pub(super) async fn tune(app: &TestApp, token: &str, change: &Value) {
    app.put("/api/v1/client/rules", change).bearer(token).send().await.expect(200);
}

/// Adds items to a reputation list.
pub(crate) async fn list(app: &TestApp, name: &str, items: Value) {
    let path = format!("/api/v1/admin/reputation/{name}");
    app.patch(&path, &json!({ "add": items })).bearer(&app.admin).send().await.expect(200);
}

/// `object` without these keys.
pub(super) fn without(object: &Value, keys: &[&str]) -> Value {
    let kept = object.as_object().unwrap().iter().filter(|(key, _)| !keys.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
}

/// An event of a small world: a few accounts, devices and addresses, sent in more or less detail. The same seed gives
/// the same events.
pub(super) fn any_event(random: &mut Random, now_ms: i64) -> Value {
    const IPS: [&str; 10] = [
        "203.0.113.7",
        "10.1.2.3",
        "81.2.69.142",
        "8.8.8.8",
        "198.51.101.9",
        "203.0.114.7",
        "2001:db8:1:2::1",
        "2001:4860:4860::8888",
        "::ffff:8.8.4.4",
        "10.0.0.1, 81.2.69.160",
    ];
    const DOMAINS: [&str; 5] =
        ["example.com", "gmail.com", "mailinator.com", "x.mailinator.com", "icloud.com"];
    const AGENTS: [&str; 5] = [
        WINDOWS_CHROME,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "curl/8.5.0",
        "",
    ];
    const RENDERERS: [&str; 3] = ["ANGLE (Intel, Direct3D11)", "Google SwiftShader", "Apple GPU"];
    const ZONES: [&str; 4] = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Nowhere/Atall"];
    let name = format!("u{}", random.below(40));
    let mut body = signup(&name);
    body["type"] = json!(random.pick(&["SIGNUP", "LOGIN"]));
    body["ip"] = json!(random.pick(&IPS));
    let tag = random.pick(&["", "", "+a", "+b"]);
    body["email"] = json!(format!("{name}{tag}@{}", random.pick(&DOMAINS)));
    if random.below(3) == 0 {
        body["externalUserId"].take();
    }
    body["device"] = device(&format!("d{}", random.below(60)));
    body["device"]["userAgent"] = json!(random.pick(&AGENTS));
    body["device"]["webglRenderer"] = json!(random.pick(&RENDERERS));
    body["device"]["timezone"] = json!(random.pick(&ZONES));
    body["device"]["screen"]["width"] = json!(random.below(3_000));
    body["device"]["hardwareConcurrency"] = json!(random.below(40));
    body["device"]["deviceMemory"] = json!(random.below(1_000) as f64 / 7.0);
    let sent = now_ms + random.below(900_000) as i64 - 300_000;
    body["behavior"] = behavior(&format!("path {}", random.below(200)), sent);
    body["behavior"]["formStartedAt"] = json!(sent - random.below(20_000) as i64 + 500);
    body["behavior"]["keystrokeCount"] = json!(random.below(5) * 9);
    if random.below(4) == 0 {
        let step = random.below(90) + 1;
        let line = (0..random.below(30)).map(|t| json!({ "x": t * step, "y": t * 2, "t": t * 55 }));
        body["behavior"]["mousePath"] = line.collect();
    }
    for part in ["/device", "/device/clientFingerprint", "/device/userAgent", "/device/timezone", "/behavior"]
    {
        let (parent, name) = part.rsplit_once('/').unwrap_or_default();
        if random.below(8) == 0
            && let Some(Value::Object(parent)) = body.pointer_mut(parent)
        {
            parent.remove(name);
        }
    }
    body
}
