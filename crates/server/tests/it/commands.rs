//! The commands beside `serve`, on an empty directory and beside a running server; and what `serve` refuses.

use std::{
    fs,
    os::unix::fs::{FileExt as _, PermissionsExt as _},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use portcullis_domain::Stopwatch;
use serde_json::Value;
use tokio::time::sleep;

use crate::process::{
    ADMIN, Call, Client, Ended, PASSWORD, Server, Tenant, event, log_in, portcullis, run, serve, text,
};

const NEW_PASSWORD: &str = "AnotherPass2";

fn create_admin(data_dir: &Path, email: &str, password: &str) -> Ended {
    let dir = data_dir.to_str().unwrap();
    run(&mut portcullis(["admin", "create", "--email", email, "--data-dir", dir]), &format!("{password}\n"))
}

fn copy(command: &str, file: &Path, data_dir: &Path) -> Ended {
    let (file, dir) = (file.to_str().unwrap(), data_dir.to_str().unwrap());
    run(&mut portcullis([command, file, "--data-dir", dir]), "")
}

/// It failed with exit code 1 and one line that has all of `words`.
#[track_caller]
fn assert_refused(ended: &Ended, words: &[&str]) {
    assert_eq!((ended.code, ended.err.lines().count(), ended.out.as_str()), (Some(1), 1, ""), "{ended:?}");
    for word in words {
        assert!(ended.err.contains(word), "no `{word}` in {ended:?}");
    }
}

#[tokio::test]
async fn admin_create_on_an_empty_directory_makes_the_first_admin() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let ended = create_admin(&data, "Boss@Example.com", PASSWORD);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("Created the super admin Boss@example.com"), "{ended:?}");
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o077, 0, "nobody else may look");

    let server = Server::start(serve(&data, &[]));
    let mut client = server.connect().await;
    log_in(&mut client, "boss@example.com", PASSWORD).await.expect(200);
    log_in(&mut client, ADMIN, PASSWORD).await.expect(401);
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn admin_create_is_taken_up_by_the_running_server_and_a_reset_ends_sessions() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &[]));
    let mut client = server.connect().await;

    assert_eq!(create_admin(dir.path(), "second@example.com", PASSWORD).code, Some(0));
    let stopwatch = Stopwatch::start();
    // Logging in reads the database itself; that the token is good needs the server to have noticed.
    let token = text(&log_in(&mut client, "second@example.com", PASSWORD).await.expect(200), "token");
    let clients = Call::get("/api/v1/admin/clients").bearer(&token);
    while client.send(&clients).await.status != 200 {
        assert!(stopwatch.elapsed() < Duration::from_secs(3), "not noticed");
        sleep(Duration::from_millis(50)).await;
    }

    let ended = create_admin(dir.path(), "second@example.com", NEW_PASSWORD);
    assert!(ended.code == Some(0) && ended.err.contains("has a new password"), "{ended:?}");
    let stopwatch = Stopwatch::start();
    while client.send(&clients).await.status != 401 {
        assert!(stopwatch.elapsed() < Duration::from_secs(3), "the old session goes on");
        sleep(Duration::from_millis(50)).await;
    }
    log_in(&mut client, "second@example.com", PASSWORD).await.expect(401);
    let token = text(&log_in(&mut client, "second@example.com", NEW_PASSWORD).await.expect(200), "token");
    client.send(&Call::get("/api/v1/admin/clients").bearer(&token)).await.expect(200);
    assert_eq!(server.stop().await, Some(0));
}

#[test]
fn weak_passwords_and_wrong_addresses_are_refused_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    for (email, password, why) in [
        (ADMIN, "Short1", "the password must have at least 8 characters"),
        (
            ADMIN,
            "alllowercase1",
            "the password must have an upper-case letter, a lower-case letter and a digit",
        ),
        (ADMIN, "", "the password must have at least 8 characters"),
        ("nobody", PASSWORD, "the e-mail "),
    ] {
        let ended = create_admin(&data, email, password);
        assert_refused(&ended, &[why]);
        assert!(password.is_empty() || !ended.err.contains(password), "{ended:?}");
    }
    assert!(!data.exists());
}

#[tokio::test]
async fn a_backup_under_load_is_restored_elsewhere_with_all_that_was_answered_before() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(serve(&data, &["--flush-after-events", "50"]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "copied").await;
    let mut before = Vec::new();
    for index in 0..200 {
        let event = event("LOGIN", &format!("before-{index}"), index % 20, index % 3, 1 + index % 3);
        before.push(client.send(&Call::ingest(&tenant.key, &event)).await.expect(200));
    }
    let (done, key, mut other) =
        (Arc::new(AtomicBool::new(false)), tenant.key.clone(), server.connect().await);
    let load = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut during = 0;
            while !done.load(Ordering::Relaxed) {
                let event =
                    event("LOGIN", &format!("during-{during}"), during % 20, during % 3, 1 + during % 3);
                other.send(&Call::ingest(&key, &event)).await.expect(200);
                during += 1;
            }
            during
        }
    });
    let file = dir.path().join("copy.db");
    let (to, from) = (file.clone(), data.clone());
    let ended = tokio::task::spawn_blocking(move || copy("backup", &to, &from)).await.unwrap();
    done.store(true, Ordering::Relaxed);
    assert!(load.await.unwrap() > 0, "there was load");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let key_file = dir.path().join("copy.db.key");
    for file in [&file, &key_file] {
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others may read {}", file.display());
    }

    let restored = dir.path().join("restored");
    let stopwatch = Stopwatch::start();
    let ended = copy("restore", &file, &restored);
    println!("restored in {:?}", stopwatch.elapsed());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(fs::metadata(&restored).unwrap().permissions().mode() & 0o077, 0, "nobody else may look");
    let copied = Server::start(serve(&restored, &[]));
    let mut client = copied.connect().await;
    for answer in &before {
        let path = format!("/api/v1/events/{}", text(answer, "eventId"));
        let found = client.send(&Call::get(path).header("x-api-key", &tenant.key)).await.expect(200);
        assert_eq!(found["derivedSignals"], answer["derivedSignals"]);
    }
    check_copied_counts(&mut client, &tenant).await;
    assert_eq!(copied.stop().await, Some(0));

    // Nothing that is there is ever written over.
    let bytes = fs::read(&file).unwrap();
    assert_refused(&copy("backup", &file, &data), &["copy.db", "exists already"]);
    assert_refused(&copy("restore", &file, &restored), &["portcullis.db", "exists already"]);
    let other = dir.path().join("other.db");
    fs::write(dir.path().join("other.db.key"), "keep me").unwrap();
    assert_refused(&copy("backup", &other, &data), &["other.db.key", "exists already"]);
    assert!(!other.exists() && fs::read(&file).unwrap() == bytes);
    assert_eq!(server.stop().await, Some(0));
}

/// The log is a prefix: all from before, and of those during it the first ones; and a new event counts them all.
async fn check_copied_counts(client: &mut Client, tenant: &Tenant) {
    let log = tenant.list_events(client).await;
    let during = log.iter().filter(|event| text(event, "email").starts_with("during-")).count();
    assert_eq!(log.len(), 200 + during);
    for index in 0..during {
        let email = format!("during-{index}@example.com");
        assert!(log.iter().any(|event| event["email"] == *email), "a hole at {email}");
    }
    let probe =
        client.send(&Call::ingest(&tenant.key, &event("LOGIN", "probe", 999, 0, 1))).await.expect(200);
    let device = &probe["derivedSignals"]["device"]["deviceHash"];
    let mut users: Vec<_> =
        log.iter().filter(|event| &event["device"] == device).map(|event| text(event, "user")).collect();
    users.sort_unstable();
    users.dedup();
    assert_eq!(probe["derivedSignals"]["linkage"]["accountsOnDevice"], users.len() + 1);
}

/// A data directory with one event, its server gone; and that event's id and key.
async fn some_data(data: &Path) -> (Tenant, String) {
    let server = Server::start(serve(data, &[]));
    let mut client = server.connect().await;
    let tenant = Tenant::create(&mut client, "some").await;
    let answer = client.send(&Call::ingest(&tenant.key, &event("LOGIN", "one", 1, 1, 1))).await.expect(200);
    assert_eq!(server.stop().await, Some(0));
    (tenant, text(&answer, "eventId"))
}

fn refused_start(data: &Path) -> Ended {
    run(&mut serve(data, &["--log-level", "off"]), "")
}

#[tokio::test]
async fn a_missing_wrong_or_damaged_key_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    some_data(&data).await;
    let file = dir.path().join("copy.db");
    assert_eq!(copy("backup", &file, &data).code, Some(0));
    let (key_copy, restored) = (dir.path().join("copy.db.key"), dir.path().join("restored"));
    let right = fs::read_to_string(&key_copy).unwrap();
    let wrong = right.chars().rev().collect::<String>().trim().to_owned();

    fs::remove_file(&key_copy).unwrap();
    assert_refused(&copy("restore", &file, &restored), &["copy.db.key"]);
    for bad in ["not a key", "", &right[..40], &wrong] {
        fs::write(&key_copy, bad).unwrap();
        assert_refused(&copy("restore", &file, &restored), &["copy.db.key", "key"]);
        assert!(!restored.join("portcullis.db").exists() && !restored.join("master.key").exists(), "{bad}");
    }
    fs::write(&key_copy, &right).unwrap();
    assert_eq!(copy("restore", &file, &restored).code, Some(0), "after all that it still can be restored");

    let key = restored.join("master.key");
    for bad in ["not a key", "", &wrong] {
        fs::write(&key, bad).unwrap();
        assert_refused(&refused_start(&restored), &["master.key", "key"]);
    }
    fs::remove_file(&key).unwrap();
    assert_refused(&refused_start(&restored), &["master.key is missing"]);
    assert!(!key.exists(), "none is made up");
    fs::write(&key, &right).unwrap();
    assert_eq!(Server::start(serve(&restored, &[])).stop().await, Some(0));
}

#[tokio::test]
async fn a_second_server_on_the_same_data_and_newer_data_are_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &[]));
    let place = dir.path().display().to_string();
    assert_refused(&refused_start(dir.path()), &["another portcullis works on", &place]);
    server.connect().await.send(&Call::get("/readyz")).await.expect(200);
    assert_eq!(server.stop().await, Some(0));

    // `user_version` is at byte 60 of an SQLite file.
    let main = fs::File::options().write(true).open(dir.path().join("portcullis.db")).unwrap();
    main.write_all_at(&99_u32.to_be_bytes(), 60).unwrap();
    let words = ["newer portcullis", "schema 99"];
    assert_refused(&refused_start(dir.path()), &words);
    assert_refused(&create_admin(dir.path(), ADMIN, PASSWORD), &words);
    let file = dir.path().join("copy.db");
    if copy("backup", &file, dir.path()).code == Some(0) {
        assert_refused(&copy("restore", &file, &dir.path().join("restored")), &words);
    }
}

#[tokio::test]
async fn a_port_in_use_is_refused_in_words_and_no_password_told_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(&dir.path().join("one"), &[]));
    let (addr, data) = (server.addr.to_string(), dir.path().join("two"));
    let mut other = portcullis(["serve", "--no-tls", "--log-level=off", "--listen", &addr, "--data-dir"]);
    assert_refused(&run(other.arg(&data), ""), &["cannot listen on", &addr, "--listen"]);
    assert_eq!(server.stop().await, Some(0));

    let mut command = serve(&data, &[]);
    command.env_remove("PORTCULLIS_ADMIN_EMAIL").env_remove("PORTCULLIS_ADMIN_PASSWORD");
    let server = Server::start(command);
    let (email, password) = told_password(&server).await;
    log_in(&mut server.connect().await, &email, &password).await.expect(200);
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn the_first_admin_is_as_the_environment_says_and_a_weak_one_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (name, value, why) in [
        ("PORTCULLIS_ADMIN_PASSWORD", "weak", "PORTCULLIS_ADMIN_PASSWORD must have at least 8 characters"),
        ("PORTCULLIS_ADMIN_EMAIL", "nobody", "PORTCULLIS_ADMIN_EMAIL "),
    ] {
        let ended = run(serve(dir.path(), &["--log-level=off"]).env(name, value), "");
        assert_eq!((ended.code, ended.err.lines().count()), (Some(3), 1), "{ended:?}");
        assert!(ended.err.contains(why) && !ended.err.contains("weak"), "{ended:?}");
    }
    let server = Server::start(serve(dir.path(), &[]));
    let mut client = server.connect().await;
    log_in(&mut client, ADMIN, PASSWORD).await.expect(200);
    assert!(!server.log().contains(PASSWORD), "{}", server.log());
    assert_eq!(server.stop().await, Some(0));

    // Later starts do not touch the admin that is there.
    let mut command = serve(dir.path(), &[]);
    command.env("PORTCULLIS_ADMIN_PASSWORD", NEW_PASSWORD);
    let server = Server::start(command);
    let mut client = server.connect().await;
    log_in(&mut client, ADMIN, PASSWORD).await.expect(200);
    log_in(&mut client, ADMIN, NEW_PASSWORD).await.expect(401);
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn without_credentials_a_password_is_made_up_and_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = serve(dir.path(), &[]);
        command.env_remove("PORTCULLIS_ADMIN_EMAIL").env_remove("PORTCULLIS_ADMIN_PASSWORD");
        Server::start(command)
    };
    let server = start();
    let (email, password) = told_password(&server).await;
    log_in(&mut server.connect().await, &email, &password).await.expect(200);
    assert_eq!(server.stop().await, Some(0));

    let server = start();
    log_in(&mut server.connect().await, &email, &password).await.expect(200);
    assert!(!server.log().contains("assword"), "{}", server.log());
    assert_eq!(server.stop().await, Some(0));
}

/// The first super admin, as it is told once.
async fn told_password(server: &Server) -> (String, String) {
    let line = told(server, "Super admin ").await;
    let (email, rest) = line.trim().strip_prefix("Super admin ").unwrap().split_once(", password ").unwrap();
    (email.to_owned(), rest.split_whitespace().next().unwrap().to_owned())
}

/// The line that begins with `start`, which comes soon after the ready line.
async fn told(server: &Server, start: &str) -> String {
    told_until(server, start, "\n").await
}

/// What is told from `start` to `end`, without it.
async fn told_until(server: &Server, start: &str, end: &str) -> String {
    let stopwatch = Stopwatch::start();
    loop {
        let log = server.log();
        let found = log.find(start).map(|from| &log[from..]);
        if let Some((text, _)) = found.and_then(|text| text.split_once(end)) {
            return text.to_owned();
        }
        assert!(stopwatch.elapsed() < Duration::from_secs(10), "no `{start}` in {log}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// The command that quickstart prints.
async fn printed_curl(server: &Server) -> String {
    told_until(server, "curl -s ", "\n}'\n").await + "\n}'"
}

/// Runs it as a person would, and asks for the status as well.
fn run_in_shell(curl: &str) -> (String, Value) {
    let output = Command::new("sh").args(["-c", &format!("{curl} -w '\\n%{{http_code}}'")]).output().unwrap();
    let out = String::from_utf8(output.stdout.clone()).unwrap();
    let (body, status) = out.rsplit_once('\n').unwrap_or_else(|| panic!("curl said `{out}`: {output:?}"));
    (status.to_owned(), serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {out}")))
}

#[tokio::test]
async fn quickstart_prints_a_call_that_works_and_a_new_key_at_each_start() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(serve(dir.path(), &["--quickstart"]));
    let first = printed_curl(&server).await;
    let (status, answer) = run_in_shell(&first);
    assert_eq!(status, "200", "{answer}");
    assert!(["ALLOW", "CHALLENGE", "BLOCK"].contains(&text(&answer, "decision").as_str()), "{answer}");
    assert!(!answer["triggeredRules"].as_array().unwrap().is_empty(), "it shows something: {answer}");
    let line = told(&server, "Demo client ").await;
    let words: Vec<_> = line.split_whitespace().collect();
    let [_, _, email, "password", password, ..] = words[..] else { panic!("{line}") };
    let session = log_in(&mut server.connect().await, email, password).await.expect(200);
    assert_eq!(session["user"]["role"], "CLIENT_ADMIN");
    let base = format!("http://{}", server.addr);
    assert_eq!(server.stop().await, Some(0));

    let server = Server::start(serve(dir.path(), &["--quickstart"]));
    let second = printed_curl(&server).await;
    assert_eq!(run_in_shell(&second).0, "200");
    let old_key_here = first.replace(&base, &format!("http://{}", server.addr));
    assert_ne!(old_key_here, second, "a new key");
    let (status, answer) = run_in_shell(&old_key_here);
    assert_eq!((status.as_str(), &answer["error"]["code"]), ("401", &"unauthorized".into()));
    assert_eq!(server.stop().await, Some(0));
}
