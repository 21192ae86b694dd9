//! A device in the dialect's words.

use domain::{
    Decision, Fact, Facts, Limits,
    facts::{Bool, Key, Text, device, ip, lists},
};
use portcullis_domain as domain;
use portcullis_engine::{Reading, Signal, signals};
use portcullis_store::{DeviceUser, SeenDevice};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fraudshield::level::Level;

/// A device, and what is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDevice)]
pub(crate) struct DeviceView {
    /// Its id.
    #[schema(example = "dev_a1b2c3d4e5f6")]
    pub(super) id: String,
    /// Always `device`.
    #[schema(example = "device")]
    object: &'static str,
    /// The risk of the event that it was last seen in, 0 to 1000.
    #[schema(example = 250)]
    risk_score: i32,
    /// That score's level.
    risk_level: Level,
    /// Whether it was never seen before.
    is_new: bool,
    /// When it was first seen.
    #[schema(example = "2024-12-01T08:00:00Z")]
    first_seen: String,
    /// When it was last seen.
    last_seen: String,
    /// How often it told its fingerprint; events that only name its id are not counted.
    #[schema(example = 47)]
    times_seen: u64,
    /// Whether it is on the blocklist now.
    pub(super) is_blocked: bool,
    /// Whether that event would have been blocked if nothing were only monitored, and was not.
    would_block: bool,
    /// What speaks against it; false where it is not known.
    signals: Signals,
    /// What is known of the address of that event.
    ip_analysis: IpAnalysis,
    /// The users seen on it, in the order in which they came, at most the 1,024 seen last.
    #[schema(example = json!(["usr_123", "usr_456"]))]
    linked_users: Vec<String>,
    /// How many they are.
    #[schema(example = 2)]
    linked_accounts: usize,
    /// Why it was taken for a known device; null for a new one, and in later reads.
    r#match: Option<MatchView>,
    /// The event that it was last seen in.
    #[schema(example = "cm0k8z3v1q9a2b4")]
    event_id: String,
}

/// What speaks against a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDeviceSignals)]
#[allow(clippy::struct_excessive_bools, reason = "the contract has them")]
struct Signals {
    /// A crawler, a script or an automated browser.
    is_bot: bool,
    /// An emulator or simulator.
    is_emulator: bool,
    /// Behind a VPN.
    is_vpn: bool,
    /// Behind a proxy.
    is_proxy: bool,
    /// At a Tor exit.
    is_tor: bool,
    /// At an address of a hosting provider.
    is_datacenter: bool,
    /// Its time zone does not fit the address.
    timezone_mismatch: bool,
}

/// What is known of an address; null is unknown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldIpAnalysis)]
#[allow(clippy::struct_excessive_bools, reason = "the contract has them")]
struct IpAnalysis {
    /// It.
    #[schema(example = "102.45.67.89")]
    ip: Option<String>,
    /// Its country, ISO 3166-1 alpha-2.
    #[schema(example = "MA")]
    country: Option<String>,
    /// Its city.
    #[schema(example = "Casablanca")]
    city: Option<String>,
    /// Who runs its network.
    #[schema(example = "Maroc Telecom")]
    isp: Option<String>,
    /// The number of that network.
    asn: Option<i64>,
    /// Whether it belongs to a VPN provider.
    is_vpn: bool,
    /// Which.
    #[schema(example = "NordVPN")]
    vpn_provider: Option<String>,
    /// Whether it is a proxy.
    is_proxy: bool,
    /// Whether it is a Tor exit.
    is_tor: bool,
    /// Whether it belongs to a hosting provider.
    is_datacenter: bool,
}

/// Why a device was taken for a known one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDeviceMatch)]
struct MatchView {
    /// How sure that is, 0 to 1.
    #[schema(example = 1.0)]
    confidence: f64,
    /// What agreed.
    #[schema(example = json!(["canvas", "webgl", "screen"]))]
    attributes: Vec<&'static str>,
}

impl DeviceView {
    /// The device after `decision`, the one of its last event.
    pub(super) fn new(
        device: &SeenDevice,
        users: &[DeviceUser],
        event_id: String,
        decision: &Decision,
    ) -> Self {
        let facts = &*decision.facts;
        let matched = device.matched.as_ref();
        Self {
            id: device.id.to_string(),
            object: "device",
            risk_score: decision.assessment.score,
            risk_level: Level::of(decision.assessment.score),
            is_new: device.is_new,
            first_seen: device.first_seen.to_string(),
            last_seen: device.last_seen.to_string(),
            times_seen: device.times_seen,
            is_blocked: is_listed(facts),
            would_block: would_block(decision),
            signals: Signals::of(facts),
            ip_analysis: IpAnalysis::of(facts),
            linked_users: users.iter().map(|user| user.user.to_string()).collect(),
            linked_accounts: users.len(),
            r#match: matched.map(|matched| MatchView {
                confidence: matched.confidence,
                attributes: matched.attributes.clone(),
            }),
            event_id,
        }
    }
}

/// Whether more would have been done than was, and that is blocking.
pub(in crate::fraudshield) fn would_block(decision: &Decision) -> bool {
    let blocks = |outcome| outcome == domain::Outcome::Block;
    blocks(decision.assessment.would) && !blocks(decision.outcome())
}

fn is_listed(facts: &Facts) -> bool {
    facts.known(lists::BLOCKED).is_some_and(|kinds| kinds.split(' ').any(|kind| kind == "device"))
}

impl Signals {
    fn of(facts: &Facts) -> Self {
        Self {
            is_bot: fires(&signals::device::headless::SIGNAL, facts),
            is_emulator: is(facts, device::IS_EMULATOR),
            is_vpn: fires(&signals::network::vpn::SIGNAL, facts),
            is_proxy: is(facts, ip::IS_PROXY),
            is_tor: is(facts, ip::IS_TOR),
            is_datacenter: is(facts, ip::IS_DATACENTER),
            timezone_mismatch: fires(&signals::location::timezone_mismatch::SIGNAL, facts),
        }
    }
}

fn fires(signal: &Signal, facts: &Facts) -> bool {
    (signal.evaluate)(facts, &Limits::USUAL) == Reading::Fired
}

fn is(facts: &Facts, key: Key<Bool>) -> bool {
    facts.get(key) == Fact::Known(true)
}

impl IpAnalysis {
    fn of(facts: &Facts) -> Self {
        let text = |key: Key<Text>| facts.known(key).map(str::to_owned);
        Self {
            ip: text(ip::ADDRESS),
            country: text(ip::COUNTRY_CODE),
            city: text(ip::CITY),
            isp: text(ip::AS_ORG),
            asn: facts.known(ip::ASN),
            is_vpn: is(facts, ip::IS_VPN),
            vpn_provider: text(ip::VPN_PROVIDER),
            is_proxy: is(facts, ip::IS_PROXY),
            is_tor: is(facts, ip::IS_TOR),
            is_datacenter: is(facts, ip::IS_DATACENTER),
        }
    }
}
