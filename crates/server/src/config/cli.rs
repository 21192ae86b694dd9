//! The command line: every command, and every setting with its default and its help.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, builder::BoolishValueParser, value_parser};
use ipnet::IpNet;

const EXAMPLES: &str = "\
Examples:
  portcullis serve
  portcullis serve --listen 0.0.0.0:8080 --tls-cert chain.pem --tls-key key.pem
  portcullis admin create --email you@example.com
  portcullis backup portcullis-2026-01-31.db
  portcullis verify
  portcullis demo --admin-email you@example.com

Every option of `serve` can also be given as PORTCULLIS_<OPTION> (PORTCULLIS_TLS_LISTEN for --tls-listen) or as a
key of the file that --config names (tls-listen = \"0.0.0.0:4301\"). Flags win over the environment, the environment
over the file.";

/// Real-time fraud decisions, self-hosted.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, about, after_help = EXAMPLES)]
pub struct Cli {
    /// TOML file with settings
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(Box<Settings>),
    /// Manage super admins
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Copy all data to FILE, while the server runs or not
    Backup(CopyArgs),
    /// Put the data of a backup into an empty data directory; the server must not run
    Restore(CopyArgs),
    /// Look for damage in the data, and for lines that were altered in the audit log, while the server runs or not
    Verify(DataArgs),
    /// Look at the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Fill a running server with weeks of test traffic and attack waves; the super admin's password is read from
    /// PORTCULLIS_ADMIN_PASSWORD, else from standard input
    Demo(DemoArgs),
    /// Look at the settings
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// What to do with super admins.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Create a super admin, or set the password of one; it is read from standard input
    Create(AdminArgs),
}

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Look whether a line was altered or taken out
    Verify(DataArgs),
}

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print each setting that `serve` would use, and where it comes from
    Show(Box<Settings>),
}

/// Whose account, and where.
#[derive(Debug, Args)]
pub struct AdminArgs {
    /// E-mail address to sign in with
    #[arg(long)]
    pub email: String,
    /// Directory with all data
    #[arg(long, value_name = "DIR", default_value = "./portcullis-data")]
    pub data_dir: PathBuf,
}

/// Which data.
#[derive(Debug, Args)]
pub struct DataArgs {
    /// Directory with all data
    #[arg(long, value_name = "DIR", default_value = "./portcullis-data")]
    pub data_dir: PathBuf,
}

/// Which data, and which copy of it.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The backup
    pub file: PathBuf,
    /// Directory with all data
    #[arg(long, value_name = "DIR", default_value = "./portcullis-data")]
    pub data_dir: PathBuf,
}

/// Which server, and how much of what.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The server
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// E-mail address of a super admin; PORTCULLIS_ADMIN_EMAIL when not given
    #[arg(long, value_name = "EMAIL")]
    pub admin_email: Option<String>,
    /// The same seed gives the same traffic
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Days, the last of which is yesterday (UTC)
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = value_parser!(u32).range(1..=365))]
    pub days: u32,
    /// Events in all, good and bad
    #[arg(long, value_name = "N", default_value_t = 3_000, value_parser = value_parser!(u32).range(20..=1_000_000))]
    pub events: u32,
    /// The client to fill, made when it is not there
    #[arg(long, value_name = "SLUG", default_value = "demo-traffic")]
    pub tenant: String,
}

/// The settings of `serve`.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// Directory with all data; made when it is not there
    #[arg(long, value_name = "DIR", default_value = "./portcullis-data")]
    pub data_dir: PathBuf,
    /// Address to serve HTTP on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = parse_address)]
    pub listen: SocketAddr,
    /// Address to serve HTTPS on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4301", value_parser = parse_address)]
    pub tls_listen: SocketAddr,
    /// Do not serve HTTPS
    #[arg(long, action = ArgAction::Set, value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    pub no_tls: bool,
    /// PEM file with the certificate chain; without it a self-signed one is kept in the data directory
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's private key
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Networks whose proxies may say who the client is (X-Forwarded-For)
    #[arg(long, value_name = "CIDR", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Form of the log on standard error
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub log_format: LogFormat,
    /// What to log: error, warn, info, debug, trace, or filters such as info,portcullis_store=debug
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: String,
    /// Requests in hand at a time; more are answered with 503
    #[arg(long, value_name = "N", default_value_t = 1_024, value_parser = value_parser!(u32).range(1..))]
    pub max_in_flight: u32,
    /// Connections at a time; more are closed at once
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
    /// Advanced: events after which their history is written out; a restart after a crash reads up to twice as many again
    #[arg(long, value_name = "N", default_value_t = 200_000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub flush_after_events: u32,
    /// Worker threads; one per core when not given
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1_024))]
    pub workers: Option<u16>,
    /// City database, .mmdb; a later one answers where an earlier one does not
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub city_db: Vec<PathBuf>,
    /// Network operator (ASN) database, .mmdb
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub asn_db: Vec<PathBuf>,
    /// List of Tor exits, one address or CIDR a line
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub tor_list: Vec<PathBuf>,
    /// List of VPN networks, one address or CIDR a line
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub vpn_list: Vec<PathBuf>,
    /// List of proxies, one address or CIDR a line
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub proxy_list: Vec<PathBuf>,
    /// List of hosting networks, one address, CIDR or ASN a line
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub datacenter_list: Vec<PathBuf>,
    /// Directory with the reference tables that `make data` fetches; `reference` in the data directory when not given
    #[arg(long, value_name = "DIR")]
    pub reference_data: Option<PathBuf>,
    /// Who may make an account with POST /v1/auth/register: anybody, or nobody but super admins by other means
    #[arg(long, value_enum, value_name = "WHO", default_value_t)]
    pub registration: Registration,
    /// JSON file with people to enroll for the signet API at every start, and their clients
    #[arg(long, value_name = "FILE")]
    pub enrollments: Option<PathBuf>,
    /// Let webhooks use plain HTTP and addresses that are not public, such as those of your own network
    #[arg(long, action = ArgAction::Set, value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    pub webhook_allow_private: bool,
    /// Make a demo client with a key, and print a call to try it with
    #[arg(long, action = ArgAction::Set, value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    pub quickstart: bool,
    /// Where to send traces, such as http://127.0.0.1:4318 (OpenTelemetry over HTTP); nowhere when not given
    #[arg(long, value_name = "URL")]
    pub otlp_endpoint: Option<String>,
}

impl Settings {
    /// What no single option can see.
    pub(super) fn check(&self) -> Result<(), String> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(_), None) => return Err("tls-cert is given without tls-key".into()),
            (None, Some(_)) => return Err("tls-key is given without tls-cert".into()),
            _ => {}
        }
        if self.otlp_endpoint.is_some() && !cfg!(feature = "otlp") {
            return Err("otlp-endpoint is given, but this binary was built without the feature `otlp`".into());
        }
        Ok(())
    }
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Anybody.
    #[default]
    Open,
    /// Super admins only.
    Closed,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

fn parse_address(text: &str) -> Result<SocketAddr, &'static str> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| "not an address with a port, such as 127.0.0.1:8080")
}

fn parse_network(text: &str) -> Result<IpNet, &'static str> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address.or_else(|_| text.parse()).map_err(|_| "not an address or network, such as 10.0.0.0/8")
}
