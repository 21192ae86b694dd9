//! More than the server will take: the rest is shed at once, what is let in succeeds, and it can still be looked at.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use portcullis_domain::Stopwatch;
use tokio::{task::JoinSet, time::sleep};

use crate::process::{Call, Client, Server, Tenant, event, serve};

const CONNECTIONS: u64 = 48;
const LOAD_FOR: Duration = Duration::from_millis(800);

/// Posts until told to stop; how many were let in, and how many shed.
async fn post(addr: SocketAddr, key: String, name: u64, stop: Arc<AtomicBool>) -> (usize, usize) {
    let mut client = Client::connect(addr).await.unwrap();
    let (mut taken, mut shed) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        let event = event("LOGIN", &format!("c{name}-{taken}-{shed}"), name, name % 7, 1 + name % 7);
        let call = Call::ingest(&key, &event).header("x-request-id", "mine");
        let answer = client.send(&call).await;
        if answer.status == 200 {
            taken += 1;
            continue;
        }
        assert_eq!(answer.status, 503, "{}", answer.json);
        assert_eq!(answer.header("retry-after"), "1");
        let error = &answer.json["error"];
        assert_eq!((&error["code"], &error["requestId"]), (&"overloaded".into(), &"mine".into()));
        shed += 1;
    }
    (taken, shed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_much_is_shed_with_503_and_nothing_else_suffers() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &["--max-in-flight", "4"]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "busy").await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut load = JoinSet::new();
    for name in 0..CONNECTIONS {
        load.spawn(post(server.addr, tenant.key.clone(), name, Arc::clone(&stop)));
    }
    let stopwatch = Stopwatch::start();
    let (mut looks, mut slowest) = (0, Duration::ZERO);
    while stopwatch.elapsed() < LOAD_FOR {
        for path in ["/healthz", "/readyz", "/metrics"] {
            let look = Stopwatch::start();
            client.send(&Call::get(path)).await.expect(200);
            slowest = slowest.max(look.elapsed());
            looks += 1;
        }
        sleep(Duration::from_millis(10)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let (taken, shed) =
        load.join_all().await.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("{taken} answered, {shed} shed; {looks} looks, the slowest took {slowest:?}");
    assert!(taken > 50 && shed > 50, "{taken} answered, {shed} shed");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");

    // What was let in is recorded, what was shed is not; and the storm leaves nothing behind.
    client.send(&Call::ingest(&tenant.key, &event("LOGIN", "after", 1, 1, 1))).await.expect(200);
    assert_eq!(tenant.list_events(&mut client).await.len(), taken + 1);
    assert_eq!(server.stop().await, Some(0));
}
