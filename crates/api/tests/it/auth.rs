//! `/v1/auth/*`: logging in, tokens, and what is done to both.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use portcullis_testkit::{Answer, PASSWORD, TestApp};
use serde_json::{Value, json};

async fn log_in(app: &TestApp, email: &str, password: &str, from: &str) -> Answer {
    app.post("/v1/auth/login", &json!({ "email": email, "password": password })).from(from).send().await
}

async fn me(app: &TestApp, token: &str) -> Answer {
    app.get("/v1/auth/me").bearer(token).from("192.0.2.99").send().await
}

#[tokio::test]
async fn logging_in_gives_a_token_and_who_one_is() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let answer = log_in(&app, " Admin@ACME.example ", PASSWORD, "192.0.2.1").await.expect_json(200);
    assert_eq!((&answer["tokenType"], &answer["expiresIn"]), (&json!("Bearer"), &json!(86_400)));
    let user = &answer["user"];
    assert_eq!(user["email"], "admin@acme.example");
    assert_eq!((&user["role"], &user["tenant"]), (&json!("CLIENT_ADMIN"), &json!("acme")));
    let me_now = me(&app, answer["token"].as_str().unwrap()).await.expect_json(200);
    for field in ["id", "email", "role", "tenant"] {
        assert_eq!(me_now[field], user[field]);
    }
    let root = me(&app, &app.admin).await.expect_json(200);
    assert_eq!((&root["role"], &root["tenant"]), (&json!("SUPER_ADMIN"), &Value::Null));
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_look_the_same() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let mut bodies = Vec::new();
    for (email, password) in [
        ("admin@acme.example", "WrongPass1!"),
        ("nobody@acme.example", PASSWORD),
        ("no address at all", PASSWORD),
        ("", ""),
    ] {
        let answer = log_in(&app, email, password, "192.0.2.1").await.expect(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        let mut body = answer.json();
        body["request_id"].take();
        bodies.push(body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn the_sixth_failure_in_15_minutes_is_refused_even_with_the_right_password() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    app.tenant("other").await;
    for attempt in 0..5 {
        // Each from another address: the account is what is counted.
        let from = format!("192.0.2.{attempt}");
        log_in(&app, "admin@acme.example", "WrongPass1!", &from).await.expect(401);
        app.clock.advance(1_000);
    }
    let refused = log_in(&app, "ADMIN@acme.example", PASSWORD, "192.0.2.77").await.expect(429);
    assert_eq!(refused.header("retry-after"), "895");
    log_in(&app, "admin@other.example", PASSWORD, "192.0.2.77").await.expect(200);
    app.clock.advance(895_000);
    log_in(&app, "admin@acme.example", PASSWORD, "192.0.2.77").await.expect(200);
}

#[tokio::test]
async fn unknown_accounts_are_refused_alike() {
    let app = TestApp::new().await;
    for _ in 0..5 {
        log_in(&app, "nobody@acme.example", PASSWORD, "192.0.2.1").await.expect(401);
    }
    log_in(&app, "nobody@acme.example", PASSWORD, "192.0.2.1").await.expect(429);
}

#[tokio::test]
async fn failures_at_the_same_time_can_not_pass_together() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let calls = (0..12).map(|_| log_in(&app, "admin@acme.example", "WrongPass1!", "192.0.2.1"));
    let answers = futures_util::future::join_all(calls).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|&&status| status == 401).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|&&status| status == 429).count(), 7, "{statuses:?}");
}

#[tokio::test]
async fn an_address_may_call_30_times_a_minute() {
    let app = TestApp::new().await;
    for _ in 0..30 {
        app.get("/v1/auth/me").from("192.0.2.1").send().await.expect(401);
    }
    let refused = log_in(&app, "root@example.com", PASSWORD, "192.0.2.1").await.expect(429);
    assert_eq!(refused.header("retry-after"), "60");
    // Another address is not concerned, and neither can this one pretend to be another.
    log_in(&app, "root@example.com", PASSWORD, "192.0.2.2").await.expect(200);
    let body = json!({ "email": "root@example.com", "password": PASSWORD });
    let forged = app.post("/v1/auth/login", &body).from("192.0.2.1").header("x-forwarded-for", "1.1.1.1");
    forged.send().await.expect(429);
    let proxied = app.post("/v1/auth/login", &body).from("10.0.0.1").header("x-forwarded-for", "192.0.2.1");
    proxied.send().await.expect(429);
    app.clock.advance(60_000);
    log_in(&app, "root@example.com", PASSWORD, "192.0.2.1").await.expect(200);
}

#[tokio::test]
async fn an_ipv6_network_is_one_address() {
    let app = TestApp::new().await;
    for host in 0..30 {
        app.get("/v1/auth/me").from(&format!("2001:db8:1:1::{host:x}")).send().await.expect(401);
    }
    app.get("/v1/auth/me").from("2001:db8:1:1:ffff::1").send().await.expect(429);
    app.get("/v1/auth/me").from("2001:db8:1:2::1").send().await.expect(401);
}

#[tokio::test]
async fn tokens_end_after_24_hours() {
    let app = TestApp::new().await;
    app.clock.advance(86_400_000 - 1_000);
    me(&app, &app.admin).await.expect(200);
    app.clock.advance(1_000);
    me(&app, &app.admin).await.expect(401);
}

#[tokio::test]
async fn tampered_and_foreign_tokens_are_refused() {
    let app = TestApp::new().await;
    let elsewhere = TestApp::new().await;
    let now = 1_767_607_200;
    let claims = payload(&app.admin);
    assert_eq!(claims["iat"], now);
    let secret = app.store.subkey("jwt");
    let with = |change: Value| {
        let mut claims = claims.clone();
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        claims
    };
    let sign = |algorithm, key: &[u8], claims: &Value| {
        jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key)).unwrap()
    };
    let own = |change: Value| sign(Algorithm::HS256, secret.expose(), &with(change));
    me(&app, &own(json!({}))).await.expect(200);

    let [header, body, signature] = <[&str; 3]>::try_from(app.admin.split('.').collect::<Vec<_>>()).unwrap();
    let unsigned = |algorithm: &str| {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": algorithm, "typ": "JWT" }).to_string());
        format!("{header}.{body}.")
    };
    let other_body = URL_SAFE_NO_PAD.encode(with(json!({ "exp": now + 999_999 })).to_string());
    let mut flipped = signature.to_owned().into_bytes();
    flipped[3] = if flipped[3] == b'A' { b'B' } else { b'A' };
    let attacks = [
        ("nothing", String::new()),
        ("not a token", "a.b.c".to_owned()),
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("no signature", format!("{header}.{body}.")),
        ("flipped signature", format!("{header}.{body}.{}", String::from_utf8(flipped).unwrap())),
        ("other body", format!("{header}.{other_body}.{signature}")),
        ("HS384", sign(Algorithm::HS384, secret.expose(), &claims)),
        ("HS512", sign(Algorithm::HS512, secret.expose(), &claims)),
        ("empty secret", sign(Algorithm::HS256, b"", &claims)),
        ("guessed secret", sign(Algorithm::HS256, b"secret", &claims)),
        ("other installation", elsewhere.admin.clone()),
        ("expired", own(json!({ "exp": now }))),
        ("no expiry", own(json!({ "exp": null }))),
        ("other issuer", own(json!({ "iss": "somebody" }))),
        ("no issuer", own(json!({ "iss": null }))),
        ("other audience", own(json!({ "aud": "somebody" }))),
        ("no audience", own(json!({ "aud": null }))),
        ("unknown user", own(json!({ "sub": format!("usr_{}", "0".repeat(26)) }))),
        ("no user", own(json!({ "sub": null }))),
        ("old version", own(json!({ "ver": 0 }))),
        ("no version", own(json!({ "ver": null }))),
    ];
    for (attack, token) in attacks {
        // Not `/v1/auth/me`, which would be throttled.
        let answer = app.get("/api/v1/admin/clients").bearer(&token).send().await;
        assert_eq!(answer.status, 401, "{attack}: {}", answer.text());
    }
    app.get("/api/v1/admin/clients").header("authorization", &app.admin).send().await.expect(401);
    app.get("/api/v1/admin/clients").key(&app.admin).send().await.expect(401);
}

fn payload(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

#[tokio::test]
async fn a_reset_of_the_admin_ends_its_sessions() {
    let app = TestApp::new().await;
    let hash = portcullis_api::password::Password::new("Another1pass".to_owned()).hash().unwrap();
    let machine = portcullis_store::Actor::machine("admin create");
    app.store.put_admin(&machine, "root@example.com".to_owned(), hash).await.unwrap();
    me(&app, &app.admin).await.expect(401);
    log_in(&app, "root@example.com", PASSWORD, "192.0.2.1").await.expect(401);
    log_in(&app, "root@example.com", "Another1pass", "192.0.2.1").await.expect(200);
}
