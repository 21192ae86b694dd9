//! SIGKILL under load: what was answered is there, nothing is there twice, and every count equals a recount.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::process::{Answer, Call, Client, Dice, Server, Tenant, check_counts_with, event, serve, text};

const ROUNDS: u64 = 20;
const CLIENTS: u64 = 8;

/// How often history is written to disk meanwhile: after almost each event, in mid-round, never.
const FLUSH_AFTER: [&str; 4] = ["1", "40", "300", "200000"];

/// Few enough that they meet again and again, and that distinct counts are exact.
const USERS: u64 = 400;
const DEVICES: u64 = 6;
const IPS: u64 = 5;

/// The promise for a restart.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// A request that was sent.
#[derive(Clone, Debug)]
struct Sent {
    marker: String,
    event: Value,
    idempotency_key: Option<String>,
    /// What was answered, if anything was.
    answer: Option<Value>,
}

impl Sent {
    fn call(&self, key: &str) -> Call {
        let call = Call::ingest(key, &self.event);
        match &self.idempotency_key {
            Some(idempotency_key) => call.header("idempotency-key", idempotency_key),
            None => call,
        }
    }
}

/// Posts one event after the other until the connection breaks.
async fn post_until_killed(addr: SocketAddr, key: String, name: String, mut dice: Dice) -> Vec<Sent> {
    let mut sent = Vec::new();
    let Ok(mut client) = Client::connect(addr).await else { return sent };
    loop {
        let marker = format!("{name}-{}", sent.len());
        let event_type = if dice.between(0, 3) == 0 { "SIGNUP" } else { "LOGIN" };
        let (user, device, ip) =
            (dice.between(0, USERS), dice.between(0, DEVICES), 100 + dice.between(0, IPS));
        let event = event(event_type, &marker, user, device, ip);
        let idempotency_key = (dice.between(0, 2) == 0).then(|| format!("once-{marker}"));
        let mut request = Sent { marker, event, idempotency_key, answer: None };
        let answer = client.try_send(&request.call(&key)).await.ok();
        let is_killed = answer.is_none();
        request.answer = answer.map(|answer| answer.expect(200));
        sent.push(request);
        if is_killed {
            return sent;
        }
    }
}

/// Makes keys and revokes most of them until the connection breaks; those that must work, and those that must not.
async fn change_keys_until_killed(addr: SocketAddr, token: String) -> (Vec<String>, Vec<String>) {
    let (mut live, mut revoked) = (Vec::new(), Vec::new());
    let Ok(mut client) = Client::connect(addr).await else { return (live, revoked) };
    let new = json!({ "name": "more", "dialect": "ingest", "mode": "live" });
    loop {
        let create = Call::post("/api/v1/client/api-keys", &new).bearer(&token);
        let Ok(answer) = client.try_send(&create).await else { return (live, revoked) };
        let made = answer.expect(201);
        if live.len() * 3 <= revoked.len() {
            live.push(text(&made, "key"));
            continue;
        }
        let revoke = Call::delete(format!("/api/v1/client/api-keys/{}", text(&made, "id"))).bearer(&token);
        let Ok(answer) = client.try_send(&revoke).await else { return (live, revoked) };
        answer.expect(204);
        revoked.push(text(&made, "key"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_is_lost_or_doubled_when_it_is_killed_again_and_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(0x5eed);
    let mut server = Server::start(serve(dir.path(), &["--flush-after-events", FLUSH_AFTER[0]]));
    let tenant = Tenant::create(&mut server.connect().await, "kill9").await;
    let mut known = Known::default();
    let mut ready_after = Vec::new();
    for round in 0..ROUNDS {
        let mut load = JoinSet::new();
        for client in 0..CLIENTS {
            let name = format!("r{round}-c{client}");
            load.spawn(post_until_killed(server.addr, tenant.key.clone(), name, Dice(dice.next())));
        }
        let changes = tokio::spawn(change_keys_until_killed(server.addr, tenant.admin.clone()));
        sleep(Duration::from_millis(dice.between(50, 400))).await;
        server.kill();
        let (live, revoked) = changes.await.unwrap();
        let sent = load.join_all().await.into_iter().flatten().collect::<Vec<_>>();

        let flush_after = FLUSH_AFTER[round as usize % FLUSH_AFTER.len()];
        let options = ["--flush-after-events", flush_after];
        if round % 4 == 3 {
            kill_while_starting(serve(dir.path(), &options), dice.between(0, 400)).await;
        }
        server = Server::start(serve(dir.path(), &options));
        ready_after.push(server.ready_after);
        let mut client = server.connect().await;
        check_answers(&mut client, &tenant, &sent).await;
        known.keys_changed += live.len() + revoked.len();
        check_keys(&mut client, &live, &revoked).await;
        check_idempotency(&mut client, &tenant, &sent, &mut known).await;
        let log = tenant.list_events(&mut client).await;
        known.check_log(&log, sent);
        check_counts(&mut client, &tenant, &log, round, &mut known).await;
    }
    let events = tenant.list_events(&mut server.connect().await).await.len();
    assert_eq!(server.stop().await, Some(0));
    ready_after.sort();
    let (median, worst) = (ready_after[ready_after.len() / 2], ready_after[ready_after.len() - 1]);
    println!(
        "{ROUNDS} kills, {events} events, {} answered, {} unanswered of which {} recorded, {} keys; ready after {median:?} (median), {worst:?} (worst)",
        known.answered.len(),
        known.unanswered,
        known.unanswered_recorded,
        known.keys_changed,
    );
    assert!(median < READY_WITHIN, "{ready_after:?}");
    assert!(
        known.unanswered > 0 && known.answered.len() > 500 && known.keys_changed > 20,
        "it was under load"
    );
}

/// A confirmed key works, and a key whose revocation was confirmed does not.
async fn check_keys(client: &mut Client, live: &[String], revoked: &[String]) {
    let call = |key: &String| Call::get("/api/v1/events/none").header("x-api-key", key);
    for key in live {
        client.send(&call(key)).await.expect(404);
    }
    for key in revoked {
        client.send(&call(key)).await.expect(401);
    }
}

/// A start that is not let finish either.
async fn kill_while_starting(mut command: std::process::Command, after_ms: u64) {
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    sleep(Duration::from_millis(after_ms)).await;
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What must be in the log after any number of rounds.
#[derive(Default)]
struct Known {
    /// Ids of answered events, by marker.
    answered: HashMap<String, String>,
    unanswered: usize,
    /// Confirmed creations and revocations of keys.
    keys_changed: usize,
    unanswered_recorded: usize,
    /// Markers of unanswered events, which may be there once or not at all.
    open: HashSet<String>,
}

impl Known {
    fn answer(&mut self, marker: &str, answer: &Value) {
        let id = text(answer, "eventId");
        let before = self.answered.insert(marker.to_owned(), id.clone());
        assert!(before.is_none_or(|before| before == id), "{marker} has two ids");
    }

    /// Every answered event once, every other at most once, and nothing else.
    fn check_log(&mut self, log: &[Value], sent: Vec<Sent>) {
        for request in sent {
            match &request.answer {
                Some(answer) => self.answer(&request.marker, answer),
                None if request.idempotency_key.is_none() => {
                    self.unanswered += 1;
                    self.open.insert(request.marker);
                }
                None => self.unanswered += 1,
            }
        }
        let mut ids = HashSet::new();
        let mut markers = HashMap::new();
        for event in log {
            assert!(ids.insert(text(event, "id")), "listed twice: {event}");
            let marker = text(event, "email").replace("@example.com", "");
            let before = markers.insert(marker, text(event, "id"));
            assert_eq!(before, None, "recorded twice: {event}");
        }
        for (marker, id) in &self.answered {
            assert_eq!(markers.remove(marker).as_ref(), Some(id), "{marker} is lost");
        }
        let found: HashSet<_> = markers.into_keys().collect();
        assert!(found.is_subset(&self.open), "nobody sent {:?}", found.difference(&self.open));
        self.unanswered_recorded = found.len();
    }
}

/// What was answered is told again, word for word.
async fn check_answers(client: &mut Client, tenant: &Tenant, sent: &[Sent]) {
    for request in sent {
        let Some(answer) = &request.answer else { continue };
        let path = format!("/api/v1/events/{}", text(answer, "eventId"));
        let found = client.send(&Call::get(path).header("x-api-key", &tenant.key)).await.expect(200);
        for (field, value) in answer.as_object().unwrap() {
            assert_eq!(&found[field], value, "{field} of {}", request.marker);
        }
    }
}

/// A repetition of an answered request gets its answer; one of an unanswered request becomes an event once.
async fn check_idempotency(client: &mut Client, tenant: &Tenant, sent: &[Sent], known: &mut Known) {
    for request in sent.iter().filter(|request| request.idempotency_key.is_some()) {
        let again = client.send(&request.call(&tenant.key)).await;
        if let Some(answer) = &request.answer {
            assert_eq!(again.header("idempotent-replayed"), "true");
            assert_eq!(&again.expect(200), answer);
            continue;
        }
        let first = again.expect(200);
        let repeated: Answer = client.send(&request.call(&tenant.key)).await;
        assert_eq!(repeated.header("idempotent-replayed"), "true");
        assert_eq!(repeated.expect(200), first);
        known.answer(&request.marker, &first);
    }
}

/// Every device, address and some accounts are looked at with a new event.
async fn check_counts(client: &mut Client, tenant: &Tenant, log: &[Value], round: u64, known: &mut Known) {
    let mut log = log.to_vec();
    for index in 0..DEVICES.max(IPS) {
        let marker = format!("probe-{round}-{index}");
        let (user, device, ip) = (index * 7 + round, index % DEVICES, 100 + index % IPS);
        let probe = event("SIGNUP", &marker, user, device, ip);
        let answer = check_counts_with(client, tenant, &mut log, &probe).await;
        known.answer(&marker, &answer);
    }
}
