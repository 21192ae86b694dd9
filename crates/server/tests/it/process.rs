//! The real binary as a child process, and clients that speak HTTP/1 to it over connections they keep.

use std::{
    collections::HashSet,
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use portcullis_domain::Stopwatch;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::within;

pub(crate) const ADMIN: &str = "root@example.com";
pub(crate) const PASSWORD: &str = "SecurePass1!";

/// Until a process is ready or gone, on the busiest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The binary with these arguments and nothing from our environment but `PATH`.
pub(crate) fn portcullis<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    prefixed(&[], args)
}

/// The same, started by another program, such as `nsenter`.
pub(crate) fn prefixed<S: AsRef<OsStr>>(prefix: &[String], args: impl IntoIterator<Item = S>) -> Command {
    let binary = env!("CARGO_BIN_EXE_portcullis").to_owned();
    let mut words = prefix.iter().chain([&binary]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).args(args).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// `serve` on a port of its own, with a known super admin, plain HTTP only.
pub(crate) fn serve(data_dir: &Path, more: &[&str]) -> Command {
    as_server(portcullis([] as [&str; 0]), data_dir, more)
}

/// Makes `command` one that [`Server::start`] can start.
pub(crate) fn as_server(mut command: Command, data_dir: &Path, more: &[&str]) -> Command {
    command.args(["serve", "--listen=127.0.0.1:0", "--no-tls", "--data-dir"]).arg(data_dir).args(more);
    command.env("PORTCULLIS_ADMIN_EMAIL", ADMIN).env("PORTCULLIS_ADMIN_PASSWORD", PASSWORD);
    command
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `command` to its end, with `stdin` to read.
pub(crate) fn run(command: &mut Command, stdin: &str) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever ends early does not read it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    pub(crate) addr: SocketAddr,
    /// From starting the process to its ready line.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts the server and waits for its ready line; fails the test with its log when there is none.
    pub(crate) fn start(mut command: Command) -> Self {
        let stopwatch = Stopwatch::start();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let (found, ready) = mpsc::channel();
        let reader = {
            let log = Arc::clone(&log);
            thread::spawn(move || read_log(stderr, &log, &found))
        };
        let addr = ready.recv_timeout(PATIENCE);
        let ready_after = stopwatch.elapsed();
        let mut server =
            Self { child, log, reader: Some(reader), addr: ([127, 0, 0, 1], 0).into(), ready_after };
        let Ok(addr) = addr else { panic!("it did not become ready:\n{}", server.end_of_log()) };
        server.addr = addr;
        server
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// SIGKILL, at once.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, without waiting.
    pub(crate) fn ask_to_leave(&self) {
        let sent = Command::new("kill").args(["-s", "TERM", &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// SIGTERM; its exit code, or none when a signal ended it.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        self.ask_to_leave();
        self.exit_code().await
    }

    /// Waits for its end.
    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        let stopwatch = Stopwatch::start();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(stopwatch.elapsed() < PATIENCE, "it does not end:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn end_of_log(&mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.log()
    }

    pub(crate) async fn connect(&self) -> Client {
        Client::connect(self.addr).await.expect("it accepts connections")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let log = self.end_of_log();
        if thread::panicking() {
            eprintln!("--- the server's log\n{log}---");
        }
    }
}

/// Keeps all that the server logs, and tells the address when it comes by.
fn read_log(mut stderr: BufReader<impl Read>, log: &Mutex<String>, ready: &mpsc::Sender<SocketAddr>) {
    let mut line = String::new();
    while matches!(stderr.read_line(&mut line), Ok(1..)) {
        log.lock().unwrap().push_str(&line);
        if let Some((_, rest)) = line.split_once("portcullis is ready http=http://") {
            let addr = rest.split_whitespace().next().unwrap().parse().unwrap();
            let _ = ready.send(addr);
        }
        line.clear();
    }
}

/// One connection, used again for each call.
pub(crate) struct Client(SendRequest<Full<Bytes>>);

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body as JSON; null when it is none.
    pub(crate) json: Value,
}

/// A call in the making.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn post(path: impl Into<String>, body: &Value) -> Self {
        Self { method: Method::POST, ..Self::get(path) }.json(body)
    }

    pub(crate) fn patch(path: impl Into<String>, body: &Value) -> Self {
        Self { method: Method::PATCH, ..Self::get(path) }.json(body)
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::DELETE, ..Self::get(path) }
    }

    /// A scoring call.
    pub(crate) fn ingest(key: &str, event: &Value) -> Self {
        Self::post("/api/v1/events/ingest", event).header("x-api-key", key)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    fn json(self, body: &Value) -> Self {
        Self { body: body.to_string().into(), ..self }.header("content-type", "application/json")
    }
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr) -> std::io::Result<Self> {
        let stream = within(TcpStream::connect(addr)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) =
            within(http1::handshake(TokioIo::new(stream))).await.map_err(std::io::Error::other)?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// The answer, or how the connection ended instead.
    pub(crate) async fn try_send(&mut self, call: &Call) -> hyper::Result<Answer> {
        let mut request = Request::builder().method(&call.method).uri(&call.path).header("host", "test");
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(call.body.clone())).unwrap();
        within(async {
            self.0.ready().await?;
            let (head, body) = self.0.send_request(request).await?.into_parts();
            let bytes = body.collect().await?.to_bytes();
            let json = serde_json::from_slice(&bytes).unwrap_or_default();
            Ok(Answer { status: head.status.as_u16(), headers: head.headers, json })
        })
        .await
    }

    pub(crate) async fn send(&mut self, call: &Call) -> Answer {
        self.try_send(call).await.expect("an answer")
    }
}

impl Answer {
    /// The body, when the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.json);
        self.json
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A client of the server, with what its people hold.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) slug: String,
    /// The token of the super admin.
    pub(crate) root: String,
    /// The token of its `CLIENT_ADMIN`.
    pub(crate) admin: String,
    /// A live key.
    pub(crate) key: String,
    pub(crate) key_id: String,
}

/// A token of this user.
pub(crate) async fn log_in(client: &mut Client, email: &str, password: &str) -> Answer {
    client.send(&Call::post("/v1/auth/login", &json!({ "email": email, "password": password }))).await
}

pub(crate) fn text(json: &Value, field: &str) -> String {
    json[field].as_str().unwrap_or_else(|| panic!("no {field} in {json}")).to_owned()
}

impl Tenant {
    /// A new one, with a user and a key.
    pub(crate) async fn create(client: &mut Client, slug: &str) -> Self {
        let root = text(&log_in(client, ADMIN, PASSWORD).await.expect(200), "token");
        let new = json!({ "name": slug, "slug": slug });
        client.send(&Call::post("/api/v1/admin/clients", &new).bearer(&root)).await.expect(201);
        let email = format!("admin@{slug}.example");
        let user = json!({ "email": email, "password": PASSWORD, "role": "CLIENT_ADMIN" });
        let path = format!("/api/v1/admin/clients/{slug}/users");
        client.send(&Call::post(path, &user).bearer(&root)).await.expect(201);
        let admin = text(&log_in(client, &email, PASSWORD).await.expect(200), "token");
        let mut tenant =
            Self { slug: slug.to_owned(), root, admin, key: String::new(), key_id: String::new() };
        (tenant.key, tenant.key_id) = tenant.new_key(client).await;
        tenant
    }

    /// Another live key, and its id.
    pub(crate) async fn new_key(&self, client: &mut Client) -> (String, String) {
        let new = json!({ "name": "main", "dialect": "ingest", "mode": "live" });
        let made =
            client.send(&Call::post("/api/v1/client/api-keys", &new).bearer(&self.admin)).await.expect(201);
        (text(&made, "key"), text(&made, "id"))
    }

    /// Every event in the log, newest first.
    pub(crate) async fn list_events(&self, client: &mut Client) -> Vec<Value> {
        let mut events = Vec::new();
        let mut path = "/api/v1/client/events?limit=200".to_owned();
        loop {
            let mut page = client.send(&Call::get(path).bearer(&self.admin)).await.expect(200);
            events.append(page["items"].as_array_mut().unwrap());
            let Some(next) = page["nextCursor"].as_str() else { return events };
            path = format!("/api/v1/client/events?limit=200&after={next}");
        }
    }
}

/// A signup or login that can be told from all others by its `marker`, which becomes its e-mail address.
pub(crate) fn event(event_type: &str, marker: &str, user: u64, device: u64, ip: u64) -> Value {
    json!({
        "type": event_type,
        "email": format!("{marker}@example.com"),
        "externalUserId": format!("user-{user}"),
        "ip": format!("81.2.69.{ip}"),
        "device": { "userAgent": "Mozilla/5.0 (X11; Linux x86_64)", "clientFingerprint": format!("fp-{device}") },
        "behavior": { "formStartedAt": 1_000, "formSubmittedAt": 9_000, "mousePath": [], "keystrokeCount": 12 },
    })
}

/// Posts `event`; what it is told of its device, address and account must be what `log` and the event itself add up to.
/// Adds it to `log` and returns the answer.
pub(crate) async fn check_counts_with(
    client: &mut Client,
    tenant: &Tenant,
    log: &mut Vec<Value>,
    event: &Value,
) -> Value {
    let answer = client.send(&Call::ingest(&tenant.key, event)).await.expect(200);
    let path = format!("/api/v1/client/events/{}", text(&answer, "eventId"));
    log.push(client.send(&Call::get(path).bearer(&tenant.admin)).await.expect(200));
    let this = &log[log.len() - 1];
    let same = |field: &'static str| log.iter().filter(move |event| event[field] == this[field]);
    let distinct = |field, of| same(field).map(|event| text(event, of)).collect::<HashSet<_>>().len();
    let signups = |field| same(field).filter(|event| event["type"] == "signup").count();
    let recounted = json!({
        "accountsOnDevice": distinct("device", "user"),
        "accountsOnIp": distinct("ip", "user"),
        "devicesForAccount": distinct("user", "device"),
        "ipsForAccount": distinct("user", "ip"),
        "signupsFromIpLastHour": signups("ip"),
        "signupsFromDeviceLastHour": signups("device"),
    });
    assert_eq!(answer["derivedSignals"]["linkage"], recounted, "{event}");
    answer
}

/// Numbers that look random and are the same each time (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `from..to`.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }
}
