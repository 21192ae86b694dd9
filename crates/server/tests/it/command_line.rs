//! The binary: exit codes, and a life from the ready line to SIGTERM.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

fn portcullis(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.args(args).env_clear().stdin(Stdio::null());
    command
}

fn output(args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = portcullis(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_bad_flag_is_exit_code_2_and_help_is_0() {
    let (code, out, err) = output(&["serve", "--lisen", "x"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("--lisen") && err.contains("--listen"), "{err}");
    let (code, out, err) = output(&["serve", "--listen", "nowhere"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("not an address with a port"), "{err}");
    let (code, out, err) = output(&["--help"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("portcullis admin create --email"), "{out}");
}

#[test]
fn a_bad_configuration_is_exit_code_3_and_one_line() {
    let (code, out, err) = output(&["serve", "--config", "/nowhere.toml"]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.starts_with("portcullis: /nowhere.toml: "), "{err}");
    let (code, _, err) = output(&["serve", "--log-level", "a=b=c", "--data-dir", "/dev/null/x"]);
    assert_eq!((code, err.lines().count()), (Some(3), 1), "{err}");
}

#[test]
fn what_can_not_be_done_is_exit_code_1_and_one_line() {
    let (code, out, err) = output(&["serve", "--log-level", "off", "--data-dir", "/dev/null/x"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.contains("/dev/null/x"), "{err}");
}

/// A running server, and the HTTP address from its ready line.
fn serve(data_dir: &std::path::Path) -> (Child, BufReader<ChildStderr>, String) {
    let data_dir = format!("--data-dir={}", data_dir.display());
    let args = ["serve", &data_dir, "--listen=127.0.0.1:0", "--tls-listen=127.0.0.1:0"];
    let mut child = portcullis(&args).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("portcullis is ready http=http://127.0.0.1:") {
        let told = std::mem::take(&mut line);
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended before it was ready: {told}");
    }
    assert!(line.contains(" https=https://127.0.0.1:"), "{line}");
    let (_, address) = line.split_once("http=http://").unwrap();
    let address = address.split_whitespace().next().unwrap().to_owned();
    (child, log, address)
}

fn send_signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn it_tells_that_it_is_ready_answers_and_leaves_with_0_at_sigterm() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, mut log, address) = serve(&dir.path().join("data"));
    for (path, expected) in
        [("/healthz", "HTTP/1.1 200"), ("/readyz", "HTTP/1.1 200"), ("/nowhere", "HTTP/1.1 404")]
    {
        let answer = get(&address, path);
        assert!(answer.starts_with(expected), "{path}: {answer}");
    }
    let metrics = get(&address, "/metrics");
    assert!(metrics.contains("\nprocess_resident_memory_bytes "), "{metrics}");
    send_signal(&child, "HUP");
    send_signal(&child, "TERM");
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("read the certificate again") && rest.contains("portcullis has stopped"), "{rest}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, mut log, address) = serve(dir.path());
    let mut waiting = TcpStream::connect(&address).unwrap();
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\nX: ").unwrap();
    send_signal(&child, "TERM");
    let mut line = String::new();
    while !line.contains("finishing the requests in hand") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "{line}");
    }
    send_signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
