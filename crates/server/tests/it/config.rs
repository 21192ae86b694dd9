//! Configuration: who wins over whom, and what a mistake is told as.

use std::{ffi::OsString, fs, path::PathBuf};

use portcullis_server::{
    config::{Command, Config, Environment, Registration, Settings},
    failure::Failure,
};
use tempfile::TempDir;

/// A configuration file, and `--config` to name it.
fn file(text: &str) -> (TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.toml");
    fs::write(&path, text).unwrap();
    let flag = format!("--config={}", path.display());
    (dir, flag)
}

fn load(args: &[&str], environment: &[(&str, &str)]) -> Result<Config, Failure> {
    let args = ["portcullis"].iter().chain(args).map(OsString::from);
    let environment: Environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(args, &environment)
}

fn serve(args: &[&str], environment: &[(&str, &str)]) -> Settings {
    let args: Vec<_> = ["serve"].iter().chain(args).copied().collect();
    let Command::Serve(settings) = load(&args, environment).unwrap().command else {
        panic!("not the serve command")
    };
    *settings
}

/// The one line that a mistake in file or environment is told with.
fn mistake(args: &[&str], environment: &[(&str, &str)]) -> String {
    let args: Vec<_> = ["serve"].iter().chain(args).copied().collect();
    match load(&args, environment) {
        Err(Failure::Config(line)) => {
            assert!(!line.contains('\n'), "{line}");
            line
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_anything_it_serves_on_loopback() {
    let settings = serve(&[], &[]);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.tls_listen.to_string(), "127.0.0.1:4301");
    assert!(!settings.no_tls && settings.trusted_proxies.is_empty());
    assert_eq!((settings.max_in_flight, settings.workers), (1_024, None));
}

#[test]
fn registration_is_open_until_it_is_closed() {
    assert_eq!(serve(&[], &[]).registration, Registration::Open);
    let closed = serve(&[], &[("PORTCULLIS_REGISTRATION", "closed")]);
    assert_eq!(closed.registration, Registration::Closed);
    assert_eq!(serve(&["--registration", "closed"], &[]).registration, Registration::Closed);
    let line = mistake(&[], &[("PORTCULLIS_REGISTRATION", "maybe")]);
    assert!(line.contains("open, closed"), "{line}");
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults() {
    let (_dir, config) = file(
        "listen = '127.0.0.1:1'\nmax-in-flight = 1\nworkers = 1\ntrusted_proxies = ['10.0.0.0/8', '::1']\n",
    );
    let environment =
        [("PORTCULLIS_LISTEN", "127.0.0.1:2"), ("PORTCULLIS_MAX_IN_FLIGHT", "2"), ("PORTCULLIS_NO_TLS", "1")];
    let settings = serve(&[&config, "--listen", "localhost:3"], &environment);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:3");
    assert_eq!(settings.max_in_flight, 2);
    assert_eq!(settings.workers, Some(1));
    assert_eq!(settings.max_connections, 10_000);
    assert!(settings.no_tls);
    let proxies: Vec<_> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
}

#[test]
fn several_values_replace_several_values() {
    let (_dir, config) = file("city-db = ['a.mmdb', 'b.mmdb']\n");
    let environment = [("PORTCULLIS_CITY_DB", "c.mmdb, d.mmdb")];
    assert_eq!(serve(&[&config], &[]).city_db.len(), 2);
    assert_eq!(serve(&[&config], &environment).city_db, ["c.mmdb", "d.mmdb"].map(PathBuf::from));
    let flags = [&config, "--city-db", "e.mmdb", "--city-db=f.mmdb"];
    assert_eq!(serve(&flags, &environment).city_db, ["e.mmdb", "f.mmdb"].map(PathBuf::from));
}

#[test]
fn a_flag_can_take_back_what_the_environment_says() {
    assert!(!serve(&["--no-tls=false"], &[("PORTCULLIS_NO_TLS", "true")]).no_tls);
}

#[test]
fn the_environment_can_name_the_file() {
    let (_dir, config) = file("data-dir = '/srv/portcullis'\n");
    let path = config.trim_start_matches("--config=");
    let settings = serve(&[], &[("PORTCULLIS_CONFIG", path)]);
    assert_eq!(settings.data_dir.to_str(), Some("/srv/portcullis"));
}

#[test]
fn other_commands_take_the_data_directory_from_the_same_places() {
    let (_dir, config) = file("data-dir = '/srv/portcullis'\nlisten = '127.0.0.1:1'\n");
    let Command::Backup(args) = load(&[&config, "backup", "copy.db"], &[]).unwrap().command else {
        panic!("not the backup command")
    };
    assert_eq!(args.data_dir.to_str(), Some("/srv/portcullis"));
}

#[test]
fn an_unknown_key_is_told_with_its_line() {
    let (_dir, config) = file("# ours\nlisten = '127.0.0.1:1'\nlissen = 'x'\n");
    let line = mistake(&[&config], &[]);
    assert!(line.ends_with("p.toml:3: unknown key `lissen`"), "{line}");
}

#[test]
fn a_bad_value_is_told_with_its_place() {
    let (_dir, config) = file("\nlisten = 8080\n");
    let line = mistake(&[&config], &[]);
    assert!(line.contains("p.toml:2: invalid value '8080' for '--listen <ADDR>'"), "{line}");
    let line = mistake(&[], &[("PORTCULLIS_LOG_FORMAT", "xml")]);
    assert!(line.contains("PORTCULLIS_LOG_FORMAT: invalid value 'xml'"), "{line}");
    let (_dir, config) = file("listen = '127.0.0.1:1'\nlisten = [\n");
    assert!(mistake(&[&config], &[]).contains("p.toml:"), "broken TOML");
    let line = mistake(&["--config=/nowhere.toml"], &[]);
    assert!(line.starts_with("/nowhere.toml: "), "{line}");
}

#[test]
fn half_a_certificate_is_a_mistake() {
    assert_eq!(mistake(&["--tls-cert=a.pem"], &[]), "tls-cert is given without tls-key");
}

#[test]
fn the_first_admin_comes_from_the_environment_and_is_not_shown() {
    let environment =
        [("PORTCULLIS_ADMIN_EMAIL", "root@example.com"), ("PORTCULLIS_ADMIN_PASSWORD", "hunter2")];
    let config = load(&["serve"], &environment).unwrap();
    assert_eq!(config.first_admin.email.as_deref(), Some("root@example.com"));
    assert_eq!(config.first_admin.password.as_ref().unwrap().expose(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn config_show_tells_where_each_value_comes_from() {
    let (_dir, path) = file("workers = 3\n");
    let environment = [("PORTCULLIS_LISTEN", "127.0.0.1:2")];
    let shown = load(&[&path, "config", "show", "--no-tls"], &environment).unwrap().shown;
    let find = |key: &str| {
        let line = shown.iter().find(|line| line.key == key).unwrap();
        (line.value.as_str(), line.origin.as_str())
    };
    assert_eq!(find("listen"), ("127.0.0.1:2", "PORTCULLIS_LISTEN"));
    assert_eq!(find("no-tls"), ("true", "flag"));
    assert_eq!(find("max-in-flight"), ("1024", "default"));
    assert_eq!(find("workers").0, "3");
    assert!(find("workers").1.ends_with("p.toml:1"));
}
