//! Starting the server under test and the baseline, each a process of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::sleep,
};

const ADMIN: &str = "bench@example.com";
const OWNER: &str = "owner@example.com";
const PASSWORD: &str = "Bench-Pass-1";

/// A process that serves on `address`; killed when dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// A live ingest key; empty for the baseline.
    pub key: String,
    child: Child,
}

impl Server {
    /// Starts Portcullis on a data directory.
    pub async fn portcullis(binary: &Path, data_dir: &Path) -> Self {
        let address = free_address();
        let mut child = Command::new(binary)
            .args(["serve", "--quickstart", "--no-tls", "--log-level", "warn"])
            .arg("--data-dir")
            .arg(data_dir)
            .args(["--listen", &address.to_string()])
            .args(reference_data())
            .env("PORTCULLIS_ADMIN_EMAIL", ADMIN)
            .env("PORTCULLIS_ADMIN_PASSWORD", PASSWORD)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server's binary; build it with cargo build --release");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut key = None;
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(at) = line.find("pi_live_") {
                key = line[at..].split_whitespace().next().map(str::to_owned);
                break;
            }
        }
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        wait_for(address).await;
        lift_limits(address).await;
        Self { address, key: key.expect("the server prints a key"), child }
    }

    /// Starts the baseline, which answers every request with `answer`.
    pub async fn baseline(answer: &Path) -> Self {
        let address = free_address();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--serve-baseline", &address.to_string(), "--answer"])
            .arg(answer)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        wait_for(address).await;
        Self { address, key: String::new(), child }
    }

    /// Resident memory in MiB.
    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1_024.0
    }

    /// Asks it to leave, and waits until it has.
    pub async fn stop(mut self) {
        let pid = self.child.id().unwrap().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
        self.child.wait().await.unwrap();
    }

    /// Kills it.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Sets the demo client's limit of calls as high as it goes.
async fn lift_limits(address: SocketAddr) {
    let admin = log_in(address, ADMIN).await;
    let limit = r#"{"requestsPer15Min":10000000}"#;
    let client = call(address, "PATCH", "/api/v1/admin/clients/demo", &admin, limit).await;
    assert_eq!(client["requestsPer15Min"], 10_000_000);
}

/// A service of the demo client for the keyri dialect, with the private key that is shown once.
pub async fn keyri_service(address: SocketAddr) -> Value {
    let admin = log_in(address, ADMIN).await;
    let user = format!(r#"{{"email":"{OWNER}","password":"{PASSWORD}","role":"CLIENT_ADMIN"}}"#);
    call(address, "POST", "/api/v1/admin/clients/demo/users", &admin, &user).await;
    let owner = log_in(address, OWNER).await;
    call(address, "POST", "/api/v1/client/keyri-services", &owner, r#"{"name":"bench"}"#).await
}

/// The platform's public key, with which clients of the keyri dialect agree.
pub async fn platform_key(address: SocketAddr) -> String {
    let answer = call(address, "GET", "/v1/client/public-key", "", "").await;
    answer["publicKey"].as_str().unwrap().to_owned()
}

/// The header of a session.
async fn log_in(address: SocketAddr, email: &str) -> String {
    let login = format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#);
    let session = call(address, "POST", "/v1/auth/login", "", &login).await;
    format!("Authorization: Bearer {}\r\n", session["token"].as_str().unwrap())
}

async fn call(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Value {
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    serde_json::from_slice(&exchange(address, request.as_bytes()).await).unwrap()
}

/// The body of the answer to one complete request.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = String::from_utf8(request.to_vec()).unwrap();
    let request = request.replacen("Host: bench", "Host: bench\r\nConnection: close", 1);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    answer.split_off(head + 4)
}

fn reference_data() -> Vec<PathBuf> {
    let dir = PathBuf::from("portcullis-data/reference");
    if dir.exists() { vec!["--reference-data".into(), dir] } else { Vec::new() }
}

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

async fn wait_for(address: SocketAddr) {
    for _ in 0..2_000 {
        if TcpStream::connect(address).await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("nothing listens on {address}");
}

/// The size of a directory's files in bytes.
pub fn bytes_in(dir: &Path) -> u64 {
    let size = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().metadata().unwrap().len();
    std::fs::read_dir(dir).unwrap().map(size).sum()
}
