//! Secrets are nowhere: not in the data directory, and not in any answer after the first.

use std::path::Path;

use portcullis_testkit::{PASSWORD, TestApp};

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn keys_and_passwords_are_not_in_the_data_directory() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    app.delete(&format!("/api/v1/client/api-keys/{}", acme.key_id))
        .bearer(&acme.admin)
        .send()
        .await
        .expect(204);
    app.store.persist_key_use().await.unwrap();
    let random = |key: &str| key.rsplit('_').next().unwrap()[8..].to_owned();
    let secrets =
        [random(&acme.key), random(&other.key), PASSWORD.to_owned(), app.admin.clone(), acme.admin.clone()];
    let files = files(app.data_dir());
    assert!(files.iter().any(|(_, bytes)| bytes.windows(4).any(|window| window == b"acme")), "they are read");
    for (path, bytes) in files {
        for secret in &secrets {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{path} holds a secret");
        }
    }
}

#[tokio::test]
async fn no_later_answer_has_a_key_or_password() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    for (path, token) in [
        ("/api/v1/client/api-keys", &acme.admin),
        ("/api/v1/client/audit", &acme.admin),
        ("/api/v1/admin/audit?limit=200", &app.admin),
        ("/api/v1/admin/clients/acme/api-keys", &app.admin),
        ("/api/v1/admin/clients/acme/users", &app.admin),
    ] {
        let text = app.get(path).bearer(token).send().await.expect(200).text();
        for secret in [acme.key.as_str(), PASSWORD, "argon2", "sha256"] {
            assert!(!text.contains(secret), "{path} shows {secret}");
        }
    }
}
