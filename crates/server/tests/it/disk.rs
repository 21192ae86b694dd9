//! Storage that fails under a running server: nothing is answered that is not recorded, what was recorded can be read,
//! and after the trouble all adds up.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use portcullis_domain::Stopwatch;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::process::{
    Call, Client, Server, Tenant, as_server, check_counts_with, event, prefixed, run, serve, text,
};

const DEVICES: u64 = 3;
const TOGETHER: u64 = 6;

/// A server, its tenant, and what it has answered.
struct Bench {
    client: Client,
    tenant: Tenant,
    /// Ids of the events that were answered with 200.
    answered: Vec<String>,
    sent: u64,
}

/// The id of the event when it is answered with a decision; else the answer must be the dialect's own 500.
async fn post(client: &mut Client, tenant: &Tenant, n: u64) -> Option<String> {
    let event = event("SIGNUP", &format!("e{n}"), n % 10, n % DEVICES, 1 + n % DEVICES);
    let answer = client.send(&Call::ingest(&tenant.key, &event)).await;
    if answer.status == 200 {
        return Some(text(&answer.json, "eventId"));
    }
    assert_eq!(answer.status, 500);
    let error = &answer.json["error"];
    assert_eq!(error["code"], "internal_error");
    assert!(!text(error, "requestId").is_empty());
    let message = text(error, "message");
    assert!(!message.contains("disk") && !message.contains("SQL"), "only the log tells that: {message}");
    None
}

impl Bench {
    async fn new(server: &Server) -> Self {
        let mut client = server.connect().await;
        let tenant = Tenant::create(&mut client, "disk").await;
        let mut bench = Self { client, tenant, answered: Vec::new(), sent: 0 };
        for _ in 0..30 {
            assert_eq!(bench.post().await, 200);
        }
        bench
    }

    /// Posts one event; the status of the answer.
    async fn post(&mut self) -> u16 {
        self.sent += 1;
        let answered = post(&mut self.client, &self.tenant, self.sent).await;
        let status = if answered.is_some() { 200 } else { 500 };
        self.answered.extend(answered);
        status
    }

    /// Posts until one fails.
    async fn post_until_refused(&mut self) {
        for _ in 0..2_000 {
            if self.post().await != 200 {
                return;
            }
        }
        panic!("nothing failed");
    }

    /// Posts over several connections until one event of each fails.
    async fn post_together_until_refused(&mut self, server: &Server) {
        let mut load = JoinSet::new();
        for number in 0..TOGETHER {
            let (mut client, tenant) = (server.connect().await, self.tenant.clone());
            let first = 1_000_000 * (number + 1);
            load.spawn(async move {
                let mut answered = Vec::new();
                for n in first..first + 2_000 {
                    match post(&mut client, &tenant, n).await {
                        Some(id) => answered.push(id),
                        None => return answered,
                    }
                }
                panic!("nothing failed")
            });
        }
        for answered in load.join_all().await {
            self.sent += answered.len() as u64 + 1;
            self.answered.extend(answered);
        }
    }

    async fn create_key(&mut self) -> u16 {
        let new = json!({ "name": "more", "dialect": "ingest", "mode": "live" });
        self.client.send(&Call::post("/api/v1/client/api-keys", &new).bearer(&self.tenant.admin)).await.status
    }

    /// Everything answered can be read, whatever writing does.
    async fn check_reads(&mut self) -> Vec<Value> {
        self.client.send(&Call::get("/healthz")).await.expect(200);
        for id in self.answered.iter().rev().take(20) {
            let call = Call::get(format!("/api/v1/events/{id}")).header("x-api-key", &self.tenant.key);
            self.client.send(&call).await.expect(200);
        }
        let log = self.tenant.list_events(&mut self.client).await;
        let ids: Vec<_> = log.iter().map(|event| text(event, "id")).collect();
        assert!(self.answered.iter().all(|id| ids.contains(id)), "an answered event is lost");
        log
    }

    async fn is_ready(&mut self) -> bool {
        self.client.send(&Call::get("/readyz")).await.status == 200
    }

    /// All is there, once, and new events count it right. `unsure` is how many more there may be than were answered.
    async fn check_after_restart(mut self, server: &Server, unsure: usize) {
        self.client = server.connect().await;
        let mut log = self.check_reads().await;
        let more = log.len() - self.answered.len();
        eprintln!("{} answered, {} sent, {more} recorded without an answer", self.answered.len(), self.sent);
        assert!(more <= unsure, "{more} more than were answered");
        for n in 0..DEVICES {
            let probe = event("SIGNUP", &format!("probe-{n}"), 100 + n, n, 1 + n);
            check_counts_with(&mut self.client, &self.tenant, &mut log, &probe).await;
        }
        assert_eq!(self.create_key().await, 201);
        assert!(self.is_ready().await);
    }
}

/// Whether this machine has what the test needs; says so when not.
fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("NOT TESTED: `{tool}` is not installed");
    }
    found
}

/// Sets the largest file that the server may write; more fails with EFBIG.
fn limit_files(server: &Server, bytes: &str) {
    let mut set = Command::new("prlimit");
    set.args(["--pid", &server.id().to_string(), &format!("--fsize={bytes}:")]);
    let ended = run(&mut set, "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_write_that_fails_stops_all_writing_until_a_restart() {
    if !has("prlimit") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // Else the signal that comes with EFBIG would end the process.
    let prefix = ["sh", "-c", r#"trap "" XFSZ; exec "$0" "$@""#].map(str::to_owned);
    let start = || Server::start(as_server(prefixed(&prefix, [] as [&str; 0]), dir.path(), &[]));
    let server = start();
    let mut bench = Bench::new(&server).await;
    let log_bytes = fs::metadata(dir.path().join("portcullis.db-wal")).unwrap().len();
    limit_files(&server, &(log_bytes + 100_000).to_string());
    bench.post_until_refused().await;
    for _ in 0..5 {
        assert_eq!(bench.post().await, 500, "once it fails it is not tried again");
    }
    assert_eq!(bench.create_key().await, 500);
    bench.check_reads().await;
    assert!(!bench.is_ready().await, "nobody should send it work");
    limit_files(&server, "unlimited");
    assert_eq!(bench.post().await, 500, "what is in the file is unsure until it is read anew");
    assert_eq!(bench.create_key().await, 500);
    drop(server);

    let server = start();
    bench.check_after_restart(&server, 1).await;
    assert_eq!(server.stop().await, Some(0));
}

/// A small file system that only processes which enter it can see.
struct SmallDisk {
    keeper: Child,
    dir: PathBuf,
    user_namespace: bool,
}

impl SmallDisk {
    /// None, and why on standard error, where that is not allowed.
    fn mount(dir: &Path, size: &str) -> Option<Self> {
        for user_namespace in [false, true] {
            let mut command = Command::new("unshare");
            command.arg("--mount").args(user_namespace.then_some("--map-root-user"));
            let mount = format!("mount -t tmpfs -o size={size} tmpfs \"$0\" && echo mounted && exec cat");
            command.args(["sh", "-c", &mount]).arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
            let Ok(mut keeper) = command.spawn() else { break };
            let mut line = String::new();
            BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
            if line == "mounted\n" {
                return Some(Self { keeper, dir: dir.to_owned(), user_namespace });
            }
            keeper.wait().unwrap();
        }
        eprintln!("NOT TESTED: this user may not mount a small file system (`unshare --mount`)");
        None
    }

    fn server(&self) -> Server {
        let target = format!("--target={}", self.keeper.id());
        let mut prefix = vec!["nsenter".to_owned(), target, "--mount".to_owned()];
        if self.user_namespace {
            prefix.extend(["--user".to_owned(), "--preserve-credentials".to_owned()]);
        }
        let options = ["--flush-after-events", "20"];
        Server::start(as_server(prefixed(&prefix, [] as [&str; 0]), &self.dir.join("data"), &options))
    }

    /// The same place, as we can reach it.
    fn seen_from_here(&self, file: &str) -> PathBuf {
        let dir = self.dir.strip_prefix("/").unwrap();
        PathBuf::from(format!("/proc/{}/root", self.keeper.id())).join(dir).join(file)
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut filler = fs::File::create(self.seen_from_here("filler")).unwrap();
        for size in [1 << 20, 1 << 12] {
            let block = vec![7; size];
            while filler.write_all(&block).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.seen_from_here("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_events_keeps_reading_and_resumes_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(dir.path(), "16m") else { return };
    let server = disk.server();
    let mut bench = Bench::new(&server).await;
    for _ in 0..2 {
        disk.fill();
        bench.post_until_refused().await;
        for _ in 0..5 {
            assert_eq!(bench.post().await, 500);
        }
        assert_eq!(bench.create_key().await, 500);
        let log = bench.check_reads().await;
        assert_eq!(log.len(), bench.answered.len(), "of what was refused, nothing is recorded");

        disk.make_room();
        let stopwatch = Stopwatch::start();
        while bench.post().await != 200 {
            assert!(stopwatch.elapsed() < Duration::from_secs(5), "it does not resume");
            sleep(Duration::from_millis(20)).await;
        }
        println!("resumed after {:?}", stopwatch.elapsed());
        assert_eq!(bench.create_key().await, 201);
        for _ in 0..50 {
            assert_eq!(bench.post().await, 200);
        }
    }
    disk.fill();
    bench.post_until_refused().await;
    drop(server);
    disk.make_room();
    let server = disk.server();
    bench.check_after_restart(&server, 0).await;
    assert_eq!(server.stop().await, Some(0));
}

/// Makes the `nth` sync from now fail with EIO, as a dying disk does. None, and why, where that is not allowed.
fn fail_sync(server: &Server, nth: u64, log: &Path) -> Option<Child> {
    if !has("strace") {
        return None;
    }
    let calls = "fsync,fdatasync,sync_file_range";
    let mut tracer = Command::new("strace");
    tracer.args([
        "-f",
        "-e",
        &format!("trace={calls}"),
        "-e",
        &format!("inject={calls}:error=EIO:when={nth}"),
    ]);
    tracer.arg("-o").arg(log).args(["-p", &server.id().to_string()]).stderr(Stdio::piped());
    let mut tracer = tracer.spawn().unwrap();
    let mut said = BufReader::new(tracer.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    if line.contains("attached") {
        return Some(tracer);
    }
    tracer.wait().unwrap();
    eprintln!("NOT TESTED: strace may not attach here: {line}");
    None
}

#[tokio::test]
async fn after_a_failed_sync_nothing_is_answered_until_a_restart() {
    for (nth, flush_after) in [(1, "200000"), (3, "1"), (8, "5"), (20, "200000")] {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(serve(&dir.path().join("data"), &["--flush-after-events", flush_after]));
        let mut bench = Bench::new(&server).await;
        let Some(mut tracer) = fail_sync(&server, nth, &dir.path().join("strace.log")) else { return };
        bench.post_together_until_refused(&server).await;
        for _ in 0..5 {
            assert_eq!(bench.post().await, 500, "no second sync may pretend that the first one worked");
        }
        assert_eq!(bench.create_key().await, 500);
        bench.check_reads().await;
        assert!(!bench.is_ready().await, "nobody should send it work");
        let leaves_in_order = nth == 20;
        if leaves_in_order {
            assert_eq!(server.stop().await, Some(0));
        } else {
            drop(server);
        }
        tracer.wait().unwrap();

        let server = Server::start(serve(&dir.path().join("data"), &[]));
        if leaves_in_order {
            let again = events_taken_up(&server);
            assert!(again <= TOGETHER, "history was written, yet {again} events are read again");
        }
        // The batch whose sync failed may have reached the disk all the same.
        bench.check_after_restart(&server, TOGETHER as usize).await;
        assert_eq!(server.stop().await, Some(0));
    }
}

/// How many events history was behind at the start, by the server's log.
fn events_taken_up(server: &Server) -> u64 {
    let log = server.log();
    let line = log.lines().find(|line| line.contains("took up the events"));
    let count = line.and_then(|line| line.split_once("events=")?.1.split_whitespace().next());
    count.map_or(0, |count| count.parse().unwrap())
}
