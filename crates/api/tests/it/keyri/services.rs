//! Making, listing and deleting services.

use portcullis_testkit::TestApp;
use serde_json::json;

use super::support::{Shop, laptop};

#[tokio::test]
async fn secrets_are_shown_once_and_kept_nowhere() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    assert!(shop.text("id").starts_with("kys_"));
    assert_eq!(shop.text("serviceEncryptionKey").len(), 124);
    assert_eq!(shop.text("serviceDecryptionKey").len(), 184);
    assert!(shop.text("apiKey").starts_with("ky_live_"));
    shop.send(&shop.web(), laptop("h1"), "u1", "login").await;

    let list = |token: &str| app.get("/api/v1/client/keyri-services").bearer(token);
    let own = list(&shop.tenant.viewer).send().await.expect_json(200);
    let expected = json!({ "id": shop.text("id"), "name": "web shop", "mode": "live",
        "serviceEncryptionKey": shop.text("serviceEncryptionKey"), "createdAt": own["items"][0]["createdAt"] });
    assert_eq!(own["items"], json!([expected]));
    assert_eq!(list(&other.admin).send().await.expect_json(200)["items"], json!([]));

    app.store.close().await.unwrap();
    let secrets = [shop.text("serviceDecryptionKey"), shop.text("apiKey")];
    for entry in std::fs::read_dir(app.data_dir()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in secrets {
            // The public half is at the end of the private text.
            let secret = &secret.as_bytes()[..60];
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[tokio::test]
async fn a_deleted_service_is_unknown_at_once_and_only_its_owner_deletes_it() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let body = shop.body(&shop.web().envelope(shop.now(), laptop("h1")), "u1", "login");
    app.delete(&shop.path("")).bearer(&other.admin).send().await.expect(404);
    app.get(&shop.path("/risk")).bearer(&other.admin).send().await.expect(404);
    app.put(&shop.path("/rules"), &json!({ "rules": [] })).bearer(&other.admin).send().await.expect(404);
    shop.post(&body).await.expect(200);
    app.delete(&shop.path("")).bearer(&shop.tenant.admin).send().await.expect(204);
    shop.post(&body).await.expect(401);
    app.delete(&shop.path("")).bearer(&shop.tenant.admin).send().await.expect(404);
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    for (body, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "name": "a", "mode": "both" }), "/mode"),
        (json!({ "name": "a", "risk": 1 }), "/risk"),
    ] {
        let call = app.post("/api/v1/client/keyri-services", &body).bearer(&acme.admin);
        let answer = call.send().await.expect_json(400);
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{answer}");
    }
}
