//! `/v1/auth/*`: registering, logging in, and what an account is told of itself.

use http::Method;
use portcullis_testkit::{PASSWORD, TestApp};
use serde_json::{Value, json};

use super::support::{KEYS, REGISTER, STATS, account, error, names, registering, set, two_accounts};

fn company(email: &str, name: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "companyName": name })
}

#[tokio::test]
async fn registering_gives_all_that_the_first_call_needs() {
    let app = TestApp::new().await;
    let mut body = company(" Jane@ACME.example ", " Acme Bank ");
    body["source"] = json!("portal");
    let made = registering(&app, &body).send().await.expect_json(200);
    assert_eq!(names(&made), ["apiKey", "client", "token"]);
    let expected = json!({ "id": "acme-bank", "email": "jane@acme.example", "companyName": "Acme Bank" });
    assert_eq!(made["client"], expected);
    let key = made["apiKey"].as_str().unwrap();
    let digits = key.strip_prefix("fs_test_").unwrap();
    assert!(digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
    // The key works, and the token is an admin's.
    app.post("/api/v1/events/ingest", &json!({})).key(key).send().await.expect(400);
    let token = made["token"].as_str().unwrap();
    let me = app.get("/v1/auth/me").bearer(token).send().await.expect_json(200);
    assert_eq!((&me["role"], &me["tenant"]), (&json!("CLIENT_ADMIN"), &json!("acme-bank")));
    let keys = app.get(KEYS).bearer(token).send().await.expect_json(200);
    assert_eq!((&keys["keys"][0]["mode"], &keys["keys"][0]["status"]), (&json!("test"), &json!("active")));
    // The operator sees the client, and the log says who made it.
    app.get("/api/v1/admin/clients/acme-bank").bearer(&app.admin).send().await.expect(200);
    let log = app.get("/api/v1/client/audit").bearer(token).send().await.expect_json(200);
    let lines = log["items"].as_array().unwrap();
    let actions: Vec<_> = lines.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["api_key.create", "user.create", "client.create"]);
    assert!(lines.iter().all(|line| line["actor"]["name"] == "jane@acme.example"), "{log}");
}

#[tokio::test]
async fn companies_of_the_same_name_are_two_accounts() {
    let (app, acme, _other) = two_accounts().await;
    let second = account(&app, "ACME BANK!", "acme.test").await;
    let third = account(&app, "株式会社", "kk.example").await;
    assert_eq!((acme.id.as_str(), second.id.as_str()), ("acme-bank", "acme-bank-2"));
    assert_eq!(third.id, "client");
}

#[tokio::test]
async fn an_address_has_one_account() {
    let (app, acme, _other) = two_accounts().await;
    let again = registering(&app, &company("ADMIN@acme.example", "Else")).send().await;
    assert!(error(again, 400, "EMAIL_TAKEN")["fields"].is_null());
    app.get("/api/v1/admin/clients/else").bearer(&app.admin).send().await.expect(404);
    let root = registering(&app, &company("root@example.com", "Else")).send().await;
    error(root, 400, "EMAIL_TAKEN");
    // Nothing happened to the account that was there.
    app.get(STATS).bearer(&acme.token).send().await.expect(200);
    app.log_in("admin@acme.example", PASSWORD).await;
}

#[tokio::test]
async fn two_at_the_same_time_do_not_both_get_an_address() {
    let app = TestApp::new().await;
    let bodies: Vec<_> = (0..4).map(|n| company("jane@acme.example", &format!("Acme {n}"))).collect();
    let calls = bodies.iter().map(|body| registering(&app, body).send());
    let answers = futures_util::future::join_all(calls).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|&&status| status == 400).count(), 3, "{statuses:?}");
}

#[tokio::test]
async fn what_is_wrong_is_named_all_at_once() {
    let app = TestApp::new().await;
    let fine = company("jane@acme.example", "Acme");
    let with = |field: &str, value: Value| {
        let mut body = fine.clone();
        if value.is_null() {
            body.as_object_mut().unwrap().remove(field);
        } else {
            body[field] = value;
        }
        body
    };
    let cases = [
        (json!({}), "MISSING_FIELD", vec!["email", "password", "companyName"]),
        (with("email", Value::Null), "MISSING_FIELD", vec!["email"]),
        (with("password", Value::Null), "MISSING_FIELD", vec!["password"]),
        (with("companyName", Value::Null), "MISSING_FIELD", vec!["companyName"]),
        (
            json!({ "email": null, "password": "x", "companyName": "A" }),
            "MISSING_FIELD",
            vec!["email", "password"],
        ),
        (with("email", json!("nobody")), "INVALID_FIELD", vec!["email"]),
        (with("email", json!(7)), "INVALID_FIELD", vec!["email"]),
        (with("companyName", json!(["Acme"])), "INVALID_FIELD", vec!["companyName"]),
        (with("companyName", json!(" ")), "INVALID_FIELD", vec!["companyName"]),
        (with("companyName", json!("x".repeat(101))), "INVALID_FIELD", vec!["companyName"]),
        (with("password", json!({})), "INVALID_FIELD", vec!["password"]),
        (with("password", json!("Short1")), "INVALID_FIELD", vec!["password"]),
        (with("password", json!("securepass1!")), "INVALID_FIELD", vec!["password"]),
        (with("password", json!("SECUREPASS1!")), "INVALID_FIELD", vec!["password"]),
        (with("password", json!("SecurePass!")), "INVALID_FIELD", vec!["password"]),
        (json!([1]), "INVALID_FIELD", vec!["body"]),
    ];
    for (body, code, expected) in cases {
        let told = error(registering(&app, &body).send().await, 400, code);
        let fields: Vec<_> = told["fields"].as_array().unwrap().iter().collect();
        let named: Vec<_> = fields.iter().map(|field| field["field"].as_str().unwrap()).collect();
        assert_eq!(named, expected, "{body}");
        for field in fields {
            assert_eq!(names(field), ["field", "message"]);
            assert!(told["message"].as_str().unwrap().contains(field["field"].as_str().unwrap()));
        }
    }
    let missing = registering(&app, &with("email", Value::Null)).send().await.json();
    assert_eq!(missing["message"], "email is required");
}

#[tokio::test]
async fn bodies_that_are_none_are_told_in_the_envelope() {
    let app = TestApp::new().await;
    let post =
        |content_type: &str, body: String| app.call(Method::POST, REGISTER).text(content_type, body).send();
    error(post("application/json", "{".to_owned()).await, 400, "MALFORMED_JSON");
    error(post("application/json", String::new()).await, 400, "MALFORMED_JSON");
    error(post("text/plain", "{}".to_owned()).await, 415, "UNSUPPORTED_MEDIA_TYPE");
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(256 * 1024));
    error(post("application/json", large).await, 413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn where_it_is_closed_nobody_registers() {
    let app = TestApp::closed_to_registration().await;
    let refused = registering(&app, &company("jane@acme.example", "Acme")).send().await;
    error(refused, 403, "REGISTRATION_CLOSED");
    app.get("/api/v1/admin/clients/acme").bearer(&app.admin).send().await.expect(404);
    // The operator still makes clients, and their users log in.
    app.tenant("acme").await;
}

#[tokio::test]
async fn logging_in_and_asking_who_one_is_tell_the_account() {
    let (app, acme, _other) = two_accounts().await;
    let credentials = json!({ "email": "admin@acme.example", "password": PASSWORD, "sdk": "1.1.0" });
    let session = app.post("/v1/auth/login", &credentials).send().await.expect_json(200);
    let client = json!({ "id": "acme-bank", "email": "admin@acme.example", "companyName": "Acme Bank" });
    assert_eq!(session["client"], client);
    let token = session["token"].as_str().unwrap();
    let me = app.get("/v1/auth/me").bearer(token).send().await.expect_json(200);
    assert_eq!(names(&me), ["client", "companyName", "email", "id", "role", "tenant"]);
    assert_eq!((&me["id"], &me["companyName"]), (&session["user"]["id"], &json!("Acme Bank")));
    let profile = json!({
        "id": "acme-bank", "email": "admin@acme.example", "companyName": "Acme Bank",
        "createdAt": "2026-01-05T10:00:00.000Z", "status": "active",
    });
    assert_eq!(me["client"], profile);
    app.get(STATS).bearer(&acme.token).send().await.expect(200);

    let root = json!({ "email": "root@example.com", "password": PASSWORD });
    let root = app.post("/v1/auth/login", &root).send().await.expect_json(200);
    assert_eq!((&root["client"], &root["user"]["role"]), (&Value::Null, &json!("SUPER_ADMIN")));
    let me = app.get("/v1/auth/me").bearer(&app.admin).send().await.expect_json(200);
    assert_eq!((&me["client"], &me["companyName"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn problems_of_the_shared_paths_have_the_members_of_both() {
    let (app, acme, _other) = two_accounts().await;
    set(&app, &acme, json!({ "status": "suspended" })).await;
    let login = |body: Value| app.post("/v1/auth/login", &body).send();
    let wrong = json!({ "email": "admin@other.example", "password": "WrongPass1!" });
    let suspended = json!({ "email": "admin@acme.example", "password": PASSWORD });
    for (answer, status, code, kind, phrase) in [
        (login(wrong).await, 401, "UNAUTHORIZED", "unauthenticated", "Unauthorized"),
        (login(suspended).await, 403, "ACCOUNT_SUSPENDED", "suspended", "Forbidden"),
        (login(json!({ "password": "x" })).await, 400, "MISSING_FIELD", "invalid", "Bad Request"),
        (login(json!({ "email": 7, "password": "x" })).await, 400, "INVALID_FIELD", "invalid", "Bad Request"),
        (app.get("/v1/auth/me").send().await, 401, "UNAUTHORIZED", "unauthenticated", "Unauthorized"),
        (app.get("/v1/auth/login").send().await, 405, "METHOD_NOT_ALLOWED", "method-not-allowed", {
            "Method Not Allowed"
        }),
    ] {
        let answer = answer.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let body = answer.json();
        assert_eq!(body["type"], format!("/problems/{kind}"));
        assert_eq!((&body["code"], &body["error"]), (&json!(code), &json!(phrase)), "{body}");
        assert_eq!(body["message"], body["detail"]);
    }
    let elsewhere = app.get("/api/v1/client/rules").send().await.expect_json(401);
    assert!(elsewhere["code"].is_null() && elsewhere["error"].is_null());
}

#[tokio::test]
async fn errors_that_no_handler_makes_are_in_the_envelope() {
    let app = TestApp::new().await;
    for (method, path, status, code) in [
        (Method::GET, "/v1/risk/nothing", 404, "NOT_FOUND"),
        (Method::GET, "/v1/events/nothing/at/all", 404, "NOT_FOUND"),
        (Method::GET, "/v1/keys/a/b", 404, "NOT_FOUND"),
        (Method::GET, "/v1/dashboard", 404, "NOT_FOUND"),
        (Method::GET, "/v1/auth/register/x", 404, "NOT_FOUND"),
        (Method::GET, REGISTER, 405, "METHOD_NOT_ALLOWED"),
        (Method::PUT, KEYS, 405, "METHOD_NOT_ALLOWED"),
        (Method::GET, "/v1/keys/key_1", 405, "METHOD_NOT_ALLOWED"),
        (Method::POST, STATS, 405, "METHOD_NOT_ALLOWED"),
    ] {
        error(app.call(method, path).send().await, status, code);
    }
    let elsewhere = app.get("/v1/keysmith").send().await.expect(404);
    assert_eq!(elsewhere.header("content-type"), "application/problem+json");
}
