//! `portcullis demo` against the real server.

use portcullis_domain::Timestamp;
use serde_json::Value;

use crate::process::{ADMIN, Call, Client, Ended, PASSWORD, Server, log_in, portcullis, run, serve, text};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn demo(server: &Server, events_and_more: &[&str]) -> Ended {
    let url = format!("http://{}", server.addr);
    let mut command = portcullis(["demo", "--url", &url, "--days", "3", "--events"]);
    run(command.args(events_and_more).env("PORTCULLIS_ADMIN_EMAIL", ADMIN), &format!("{PASSWORD}\n"))
}

/// The rows of the table: events, allowed, challenged, review, blocked.
fn row(summary: &str, wave: &str) -> [u64; 5] {
    let row = summary.lines().find_map(|line| line.strip_prefix(wave)).unwrap();
    let cells: Vec<u64> = row.split_whitespace().take(5).map(|cell| cell.parse().unwrap()).collect();
    cells.try_into().unwrap()
}

fn stopped_percent(summary: &str, wave: &str) -> u64 {
    let [all, allowed, ..] = row(summary, wave);
    assert!(all > 0, "{summary}");
    (all - allowed) * 100 / all
}

/// What follows a word in the summary.
fn after<'a>(summary: &'a str, words: &str) -> &'a str {
    summary.split_once(words).unwrap().1.split_whitespace().next().unwrap()
}

async fn pages(client: &mut Client, token: &str, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = path.to_owned();
    loop {
        let mut page = client.send(&Call::get(next).bearer(token)).await.expect(200);
        items.append(page["items"].as_array_mut().unwrap());
        let Some(cursor) = page["nextCursor"].as_str() else { return items };
        next = format!("{path}&after={cursor}");
    }
}

#[tokio::test]
async fn attacks_are_stopped_more_often_than_people_and_the_days_are_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &[]));
    let ended = demo(&server, &["200"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("20 of 200 events, day 1 of 3"), "{ended:?}");
    let good = stopped_percent(&ended.out, "good traffic");
    assert!(good < 10, "{}", ended.out);
    for wave in ["account farm", "credential stuffing", "disposable mail", "GPS spoofing", "fraud ring"] {
        assert!(stopped_percent(&ended.out, wave) >= 50, "{wave}\n{}", ended.out);
    }

    let mut client = server.connect().await;
    let (email, password) = (after(&ended.out, "Log in"), after(&ended.out, "password"));
    let token = text(&log_in(&mut client, email, password).await.expect(200), "token");
    let events = pages(&mut client, &token, "/api/v1/client/events?mode=test&limit=200").await;
    let times: Vec<Timestamp> = events.iter().map(|event| text(event, "at").parse().unwrap()).collect();
    assert_eq!(events.len(), 200);
    assert!(times.is_sorted_by(|newer, older| newer >= older), "sent in the order of time");
    assert!(times[0].millis_since(times[199]) > DAY_MS);
    assert!(pages(&mut client, &token, "/api/v1/client/events?limit=50").await.is_empty(), "nothing is live");
    let keys = pages(&mut client, &token, "/api/v1/client/api-keys?limit=50").await;
    assert!(keys.len() == 3 && keys.iter().all(|key| key["status"] == "revoked"), "{keys:?}");
    let signals = pages(&mut client, &token, "/api/v1/client/signals?mode=test&limit=50").await;
    assert!(signals.iter().any(|signal| signal["status"] == "confirmed"), "{signals:?}");

    let again = demo(&server, &["40", "--seed", "2"]);
    assert_eq!(again.code, Some(0), "the tenant is there: {again:?}");
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn two_runs_on_two_servers_decide_alike() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(serve(dir.path(), &[]));
        let ended = demo(&server, &["200", "--seed", "7"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let (table, _) = ended.out.split_once("Console").unwrap();
        runs.push(table.to_owned());
        assert_eq!(server.stop().await, Some(0));
    }
    assert!(runs[0].contains("Decisions "), "{}", runs[0]);
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_wrong_password_or_address_is_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &[]));
    let url = format!("http://{}", server.addr);
    let refused = |url: &str, password: &str| {
        let mut command = portcullis(["demo", "--url", url, "--admin-email", ADMIN]);
        let ended = run(&mut command, &format!("{password}\n"));
        assert_eq!(
            (ended.code, ended.err.lines().count(), ended.out.as_str()),
            (Some(1), 1, ""),
            "{ended:?}"
        );
        ended.err
    };
    assert!(refused(&url, "WrongPass1!").contains("401"));
    assert!(refused("http://127.0.0.1:1", PASSWORD).contains("cannot connect to http://127.0.0.1:1"));
    assert!(refused("127.0.0.1:8080", PASSWORD).contains("must begin with http"));
    let nobody = run(&mut portcullis(["demo", "--url", &url]), "");
    assert_eq!((nobody.code, nobody.err.contains("--admin-email")), (Some(3), true), "{nobody:?}");
    assert_eq!(server.stop().await, Some(0));
}
