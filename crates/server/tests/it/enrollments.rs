//! `serve --enrollments`: people who are enrolled at every start.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::process::{ADMIN, Call, Client, PASSWORD, Server, log_in, run, serve, text};

const USER: &str = "550e8400-e29b-41d4-a716-446655440000";

fn start(dir: &Path, people: &Value) -> Server {
    let file = dir.join("people.json");
    fs::write(&file, people.to_string()).unwrap();
    Server::start(serve(&dir.join("data"), &["--enrollments", file.to_str().unwrap()]))
}

fn person(partner: &str, user: &str, name: &str) -> Value {
    json!({ "partnerId": partner, "userId": user, "name": name, "email": "john@example.com" })
}

/// A new key of this partner.
async fn key(client: &mut Client, partner: &str) -> String {
    let root = text(&log_in(client, ADMIN, PASSWORD).await.expect(200), "token");
    let new = json!({ "name": "backend", "dialect": "signet", "mode": "live" });
    let path = format!("/api/v1/admin/clients/{partner}/api-keys");
    text(&client.send(&Call::post(path, &new).bearer(&root)).await.expect(201), "key")
}

#[tokio::test]
async fn people_of_the_file_are_enrolled_once_also_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let people = json!([person("acme", USER, "John Doe"), person("acme", &USER.to_uppercase(), "Twice")]);
    let mut server = start(dir.path(), &people);
    assert!(!server.log().contains("John") && !server.log().contains("john@"), "{}", server.log());
    let client = &mut server.connect().await;
    let key_of_acme = key(client, "acme").await;
    let blacklist = json!({ "userId": USER, "reason": "r" });
    client.send(&Call::post("/fraud/v1/blacklist", &blacklist).bearer(&key_of_acme)).await.expect(200);
    server.kill();

    // What a person was enrolled with stays, and the new one is added.
    let more = json!([person("acme", USER, "Somebody Else"), person("other", USER, "Jane Doe")]);
    let server = start(dir.path(), &more);
    let client = &mut server.connect().await;
    let listed = client.send(&Call::get("/fraud/v1/blacklist").bearer(&key_of_acme)).await.expect(200);
    let details = json!({ "name": "John Doe", "email": "john@example.com", "entityType": "user" });
    assert_eq!(listed["data"][0]["userDetails"], details);
    let key_of_other = key(client, "other").await;
    let about = json!({ "userId": USER });
    let status =
        client.send(&Call::post("/fraud/v1/check-user", &about).bearer(&key_of_other)).await.expect(200);
    assert_eq!(status["data"]["isFlagged"], false);
    assert_eq!(server.stop().await, Some(0));
}

#[test]
fn a_file_that_is_missing_or_wrong_is_told_in_one_line_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (dir.path().join("people.json"), dir.path().join("data"));
    let refused = || run(&mut serve(&data, &["--enrollments", file.to_str().unwrap()]), "");
    let is_told = |words: &str| {
        let ended = refused();
        assert_eq!((ended.code, ended.err.lines().count()), (Some(3), 1), "{ended:?}");
        assert!(ended.err.contains("people.json: ") && ended.err.contains(words), "{ended:?}");
    };
    is_told("No such file");
    for (json, words) in [
        (json!({}), "expected a sequence"),
        (json!([person("acme", "7", "John")]), "[0]: userId must be a UUID"),
        (json!([person("acme", USER, "J"), person("a b", USER, "J")]), "[1]: partnerId"),
    ] {
        fs::write(&file, json.to_string()).unwrap();
        is_told(words);
    }
    assert!(!data.exists());
}
