//! The answer in clear.

use domain::{CheckStatus, Decision, EventId, Timestamp, facts::ip};
use intel::Intel;
use portcullis_domain as domain;
use portcullis_engine::{Plan, answered};
use portcullis_intel as intel;
use portcullis_store::{Found, FoundTrace};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    identity::device_id,
    instance::{Instance, instance},
    portrait::{Change, Painted},
    profile::{ALLOW, BLOCKLISTED, KNOWN_DEVICE, PROFILE, SCALE},
    risk::OWN_SIGNAL,
};

const HOUR_MS: f64 = 3_600_000.0;

/// What was found out and what to do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeyriAnswer)]
pub(crate) struct ClientAnswer {
    /// What the service's settings come to: `allow`, `warn`, `deny`, or a word of its own rules.
    #[schema(example = "warn")]
    risk_summary: String,
    /// The address, as it was sent.
    #[schema(example = "102.45.67.89")]
    ip_address: Option<String>,
    /// Where it is.
    ip_location_data: Location,
    /// Who it is about; of a visitor without an account the device's id.
    user_id: Option<String>,
    /// The device's id: the same whenever it is known again.
    #[schema(example = "6c6d32ed-50b1-8a4f-9e0d-3c453429b3d5")]
    device_id: Option<String>,
    /// What all browsers of a machine have in common: base64 of 32 bytes.
    wag_id: String,
    /// What fired.
    #[schema(example = json!(["new_device"]))]
    signals: Vec<String>,
    /// From 0 to 1; higher is better.
    #[schema(example = 0.97)]
    trust_score: f64,
    /// What of the account or the device differs from the last time.
    changes: Vec<ChangeView>,
    /// What happened, as it was sent.
    #[serde(rename = "event_type")]
    #[schema(example = "login")]
    event_type: String,
    /// Since when the service knows the device, hours.
    #[schema(example = 157.3)]
    device_age: f64,
    /// Since when any service knows it, hours.
    #[schema(example = 168.6)]
    global_device_age: f64,
    /// When it was judged, ms since 1970.
    timestamp: i64,
    /// The same.
    #[serde(rename = "timeStamp")]
    time_stamp: i64,
    /// The key by which the client signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_public_signature_key: Option<String>,
    /// What rules may look at, and more.
    #[schema(value_type = Object)]
    instance: Value,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyriLocation)]
struct Location {
    #[schema(example = "Dallas")]
    city: Option<String>,
    #[schema(example = "Texas")]
    region: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "US")]
    country: Option<String>,
    /// The abbreviation in use there at that time.
    #[schema(example = "CDT")]
    time_zone: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyriChange)]
struct ChangeView {
    /// `user` or `device`.
    scope: &'static str,
    /// Which attribute.
    #[schema(example = "country_code")]
    attribute: String,
    /// What it was.
    #[schema(value_type = Object)]
    from: Value,
    /// What it is.
    #[schema(value_type = Object)]
    to: Value,
}

/// What an answer is made of.
pub(super) struct Judged<'a> {
    pub(super) id: EventId,
    pub(super) decision: &'a Decision,
    pub(super) plan: &'a Plan,
    pub(super) found: &'a Found,
    pub(super) trace: &'a FoundTrace,
    /// The device's picture and the account's.
    pub(super) painted: &'a [Painted; 2],
    pub(super) intel: &'a Intel,
}

/// What of the request is told back.
pub(super) struct Echo {
    pub(super) event_type: String,
    pub(super) ip_address: Option<String>,
    pub(super) metadata: Value,
    pub(super) wag_id: String,
    pub(super) signature_key: Option<String>,
}

/// How long a device is known, hours.
#[derive(Clone, Copy)]
pub(super) struct Ages {
    pub(super) here: f64,
    pub(super) everywhere: f64,
}

impl Ages {
    fn of(judged: &Judged<'_>) -> Self {
        let now = judged.decision.at;
        let hours = |since: Timestamp| now.millis_since(since).max(0) as f64 / HOUR_MS;
        let here = judged.trace.device.as_ref().map_or(0.0, |device| hours(device.first_seen));
        Self { here, everywhere: hours(judged.trace.everywhere_since).max(here) }
    }
}

impl ClientAnswer {
    pub(super) fn new(judged: &Judged<'_>, echo: &Echo) -> Self {
        let decision = judged.decision;
        let Told { device_id, user_id, risk_summary, ages, signals } = Told::of(judged);
        let instance = show(judged, echo);
        let checks = &decision.assessment.checks;
        let fraud = judged.plan.fraud_probability(&decision.facts, decision.event_type, checks, SCALE);
        let [of_device, of_user] = judged.painted;
        let changes = changes("user", &of_user.changes).chain(changes("device", &of_device.changes));
        Self {
            risk_summary,
            ip_location_data: location(decision, judged.intel),
            user_id,
            device_id,
            signals,
            trust_score: 1.0 - fraud,
            changes: changes.collect(),
            device_age: ages.here,
            global_device_age: ages.everywhere,
            timestamp: decision.at.as_millis(),
            time_stamp: decision.at.as_millis(),
            instance,
            ip_address: echo.ip_address.clone(),
            wag_id: echo.wag_id.clone(),
            event_type: echo.event_type.clone(),
            client_public_signature_key: echo.signature_key.clone(),
        }
    }
}

/// What is told beside `instance`, and in it.
struct Told {
    device_id: Option<String>,
    user_id: Option<String>,
    risk_summary: String,
    ages: Ages,
    signals: Vec<String>,
}

impl Told {
    fn of(judged: &Judged<'_>) -> Self {
        let decision = judged.decision;
        let device_id = judged.found.device.as_ref().and_then(device_id);
        let user_id = decision.subject.user.as_ref().map(ToString::to_string).or_else(|| device_id.clone());
        let answered = answered(judged.plan.policy(), &decision.assessment.checks);
        let risk_summary = answered.unwrap_or(ALLOW).to_owned();
        let (ages, signals) = (Ages::of(judged), signals(decision, judged.plan));
        Self { device_id, user_id, risk_summary, ages, signals }
    }
}

/// Writes `instance`.
pub(super) fn show(judged: &Judged<'_>, echo: &Echo) -> Value {
    let told = Told::of(judged);
    instance(&Instance {
        judged,
        echo,
        ages: told.ages,
        signals: &told.signals,
        risk_summary: &told.risk_summary,
        user_id: told.user_id.as_deref(),
        device_id: told.device_id.as_deref(),
    })
}

fn changes(scope: &'static str, changes: &[Change]) -> impl Iterator<Item = ChangeView> {
    changes.iter().map(move |change| ChangeView {
        scope,
        attribute: change.attribute.clone(),
        from: change.from.clone(),
        to: change.to.clone(),
    })
}

/// What fired and speaks against the user, under the dialect's names and those of the service's own rules.
fn signals(decision: &Decision, plan: &Plan) -> Vec<String> {
    let fired = decision.assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
    let rules = fired.filter_map(|check| plan.policy().rules.get(usize::from(check.rule)));
    let mut signals: Vec<String> = Vec::new();
    for rule in rules {
        let name = match rule.custom {
            Some(_) if rule.code.starts_with(OWN_SIGNAL) => &rule.label,
            Some(_) => continue,
            None if rule.code == KNOWN_DEVICE || rule.soft => continue,
            // What is blocked has said so, when there is a name for it.
            None if rule.code == BLOCKLISTED
                && signals.iter().any(|signal| signal.starts_with("blocked_")) =>
            {
                continue;
            }
            None => &rule.code,
        };
        if !signals.contains(name) {
            signals.push(name.clone());
        }
    }
    debug_assert_eq!(plan.policy().dialect, PROFILE.dialect, "another dialect's plan");
    signals
}

fn location(decision: &Decision, intel: &Intel) -> Location {
    let text = |key| decision.facts.known(key).map(ToOwned::to_owned);
    let zone = decision.facts.known(ip::TIMEZONE);
    Location {
        city: text(ip::CITY),
        region: text(ip::REGION),
        country: text(ip::COUNTRY_CODE),
        time_zone: zone.and_then(|zone| intel.zone_abbreviation(zone, decision.at)).map(String::from),
    }
}

/// A value or null.
pub(super) fn or_null(value: Option<impl Serialize>) -> Value {
    value.map_or(Value::Null, |value| json!(value))
}
