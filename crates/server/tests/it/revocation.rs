//! Revoking and suspending: in force for the very next request on every open connection.

use std::time::Duration;

use portcullis_domain::Stopwatch;
use serde_json::json;
use tokio::time::sleep;

use crate::process::{Call, Client, Server, Tenant, event, log_in, serve, text};

const CONNECTIONS: usize = 24;

/// Connections over which the key has just been used.
async fn used_connections(server: &Server, call: &Call) -> Vec<Client> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut client = server.connect().await;
        client.send(call).await.expect(200);
        clients.push(client);
    }
    clients
}

#[tokio::test]
async fn a_revoked_key_is_refused_by_the_next_request_on_every_open_connection() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &[]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "keys").await;
    let (second_key, _) = tenant.new_key(&mut client).await;
    let call = Call::ingest(&tenant.key, &event("LOGIN", "a", 1, 1, 1));
    let mut clients = used_connections(&server, &call).await;

    let path = format!("/api/v1/client/api-keys/{}", tenant.key_id);
    client.send(&Call::delete(path).bearer(&tenant.admin)).await.expect(204);
    for client in &mut clients {
        let refused = client.send(&call).await.expect(401);
        assert_eq!(refused["error"]["code"], "unauthorized");
        let other_key = Call::ingest(&second_key, &event("LOGIN", "b", 1, 1, 1));
        client.send(&other_key).await.expect(200);
    }
    assert_eq!(server.stop().await, Some(0));
}

/// Nothing that was sent after the revocation was confirmed may pass, however busy the server is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_revoked_under_load_is_refused_from_that_moment() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &[]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "busy").await;
    let stopwatch = Stopwatch::start();
    let mut load = tokio::task::JoinSet::new();
    for index in 0..8 {
        let (mut client, stopwatch) = (server.connect().await, stopwatch);
        let call = Call::ingest(&tenant.key, &event("LOGIN", "a", index, index, 1));
        load.spawn(async move {
            let mut last_passed = Duration::ZERO;
            loop {
                let sent_at = stopwatch.elapsed();
                match client.send(&call).await.status {
                    200 => last_passed = sent_at,
                    401 => return last_passed,
                    status => panic!("{status}"),
                }
            }
        });
    }
    sleep(Duration::from_millis(150)).await;
    let path = format!("/api/v1/client/api-keys/{}", tenant.key_id);
    client.send(&Call::delete(path).bearer(&tenant.admin)).await.expect(204);
    let revoked_at = stopwatch.elapsed();
    for last_passed in load.join_all().await {
        assert!(last_passed > Duration::ZERO, "it was in use");
        assert!(last_passed < revoked_at, "sent at {last_passed:?}, revoked at {revoked_at:?}");
    }
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn a_suspended_client_is_told_403_at_once_and_let_in_again_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &[]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "paused").await;
    let other = {
        let key = json!({ "name": "x", "slug": "other" });
        client.send(&Call::post("/api/v1/admin/clients", &key).bearer(&tenant.root)).await.expect(201);
        let new = json!({ "name": "main", "dialect": "ingest", "mode": "live" });
        let made = Call::post("/api/v1/admin/clients/other/api-keys", &new).bearer(&tenant.root);
        text(&client.send(&made).await.expect(201), "key")
    };
    let call = Call::ingest(&tenant.key, &event("LOGIN", "a", 1, 1, 1));
    let mut clients = used_connections(&server, &call).await;
    let path = format!("/api/v1/admin/clients/{}", tenant.slug);
    let set = |status: &str| Call::patch(&path, &json!({ "status": status })).bearer(&tenant.root);

    client.send(&set("suspended")).await.expect(200);
    for open in &mut clients {
        let refused = open.send(&call).await.expect(403);
        assert_eq!(refused["error"]["code"], "tenant_suspended");
        open.send(&Call::get("/api/v1/client/events").bearer(&tenant.admin)).await.expect(403);
    }
    let untouched = Call::ingest(&other, &event("LOGIN", "a", 1, 1, 1));
    clients[0].send(&untouched).await.expect(200);
    log_in(&mut client, &format!("admin@{}.example", tenant.slug), crate::process::PASSWORD)
        .await
        .expect(403);

    client.send(&set("active")).await.expect(200);
    for open in &mut clients {
        open.send(&call).await.expect(200);
    }
    assert_eq!(server.stop().await, Some(0));
}
