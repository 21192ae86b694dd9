//! SIGTERM under load: every request that was taken is answered, and what was answered is there at the next start.

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use portcullis_domain::Stopwatch;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::process::{Call, Client, Server, Tenant, event, serve, text};

const CLIENTS: u64 = 16;
/// Of each client: together some 400 requests a second.
const PERIOD: Duration = Duration::from_millis(40);

#[derive(Default)]
struct Seen {
    answered: HashSet<String>,
    /// How requests failed on connections that were open.
    failed: Vec<String>,
    told_to_close: usize,
}

/// Posts at a steady pace until nobody listens any more; opens a new connection when told to.
async fn post(addr: SocketAddr, key: String, name: u64) -> Seen {
    let mut seen = Seen::default();
    let mut pace = interval(PERIOD);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for connection in 0.. {
        // Refused: the listener is closed.
        let Ok(mut client) = Client::connect(addr).await else { break };
        for number in 0.. {
            pace.tick().await;
            let event = event("LOGIN", &format!("c{name}-{connection}-{number}"), name, name, 1 + name);
            match client.try_send(&Call::ingest(&key, &event)).await {
                Ok(answer) if answer.status == 200 => {
                    seen.answered.insert(text(&answer.json, "eventId"));
                    if answer.header("connection") == "close" {
                        seen.told_to_close += 1;
                        break;
                    }
                }
                Ok(answer) => seen.failed.push(format!("{} {}", answer.status, answer.json)),
                // The kernel had connected us, and the listener was closed before it was told.
                Err(_) if connection > 0 && number == 0 => return seen,
                Err(error) => {
                    seen.failed.push(format!("c{name}-{connection}-{number}: {error:?}"));
                    return seen;
                }
            }
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_fails_no_request_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(serve(dir.path(), &["--flush-after-events", "100"]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "leaving").await;
    client.send(&Call::get("/readyz")).await.expect(200);
    let mut load = JoinSet::new();
    for name in 0..CLIENTS {
        load.spawn(post(server.addr, tenant.key.clone(), name));
    }
    sleep(Duration::from_secs(1)).await;
    let stopwatch = Stopwatch::start();
    server.ask_to_leave();
    // A load balancer that asks over its open connection is told, until that is closed.
    let last = loop {
        let answer =
            client.try_send(&Call::get("/readyz")).await.expect("it is told before the connection is closed");
        if answer.header("connection") == "close" {
            break answer;
        }
        assert!(matches!(answer.status, 200 | 503), "{}", answer.status);
    };
    // A request that was in hand when the signal came still saw the server ready.
    assert!(
        last.status == 200 || (last.status, &last.json["ready"]) == (503, &false.into()),
        "{}",
        last.status
    );
    let code = server.exit_code().await;
    let left_after = stopwatch.elapsed();
    let seen = load.join_all().await;
    let failed: Vec<_> = seen.iter().flat_map(|seen| &seen.failed).collect();
    let answered: HashSet<_> = seen.iter().flat_map(|seen| &seen.answered).collect();
    let told_to_close: usize = seen.iter().map(|seen| seen.told_to_close).sum();
    println!("{} answered, {told_to_close} told to close, gone after {left_after:?}", answered.len());
    assert_eq!(failed, [] as [&String; 0]);
    assert_eq!(code, Some(0));
    assert!(answered.len() > 100 && told_to_close > 0, "it was under load");
    assert!(server.log().contains("portcullis has stopped"), "{}", server.log());

    let server = Server::start(serve(dir.path(), &[]));
    let log = tenant.list_events(&mut server.connect().await).await;
    let found: HashSet<_> = log.iter().map(|event| text(event, "id")).collect();
    assert_eq!(found.len(), log.len());
    assert!(answered.iter().all(|id| found.contains(*id)), "an answered event is lost");
    assert_eq!(server.stop().await, Some(0));
}
