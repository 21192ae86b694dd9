//! A small profile and arbitrary facts for this crate's tests.

use portcullis_domain::facts::{
    Bool, Float, Int, Key, Text, behavior, device, email, ip, links, lists, location, session, user, velocity,
};
use portcullis_domain::{Dialect, EventType, EventTypes, Facts, Limits, Outcome};
use proptest::prelude::*;

use crate::signals;
use crate::{Profile, ProfileBand, ProfileRule, Signal};

pub(crate) static PROFILE: Profile = Profile {
    dialect: Dialect::Ingest,
    bands: &[
        ProfileBand { name: "LOW", max: Some(79), outcome: Outcome::Allow },
        ProfileBand { name: "MIDDLE", max: Some(119), outcome: Outcome::Challenge },
        ProfileBand { name: "HIGH", max: None, outcome: Outcome::Block },
    ],
    limits: Limits {
        signups_per_ip_1h: 5,
        signups_per_device_1h: 2,
        accounts_per_ip: 3,
        accounts_per_device: 1,
        min_completion_ms: 3_000,
        ..Limits::USUAL
    },
    max_score: None,
    factors: &[],
    custom_percent: 10,
    labels: &[],
    scale: None,
    monitors: false,
    rules: &[
        rule(&signals::links::device_reused::SIGNAL, "DEVICE", 60, EventTypes::ALL),
        rule(&signals::email::disposable::SIGNAL, "MAIL", 30, EventTypes::ALL),
        rule(&signals::ip::tor_exit::SIGNAL, "TOR", 60, EventTypes::ALL),
        rule(&signals::velocity::signups_per_ip::SIGNAL, "RATE", 40, EventTypes::only(EventType::Signup)),
        rule(&signals::device::missing_signals::SIGNAL, "MISSING", 20, EventTypes::ALL),
        rule(&signals::account::new_device::SIGNAL, "NEW", 20, EventTypes::only(EventType::Login)),
        rule(&signals::account::known_device::SIGNAL, "KNOWN", -5, EventTypes::only(EventType::Login)),
    ],
};

pub(crate) const fn rule(
    signal: &'static Signal,
    code: &'static str,
    points: i32,
    applies_to: EventTypes,
) -> ProfileRule {
    ProfileRule {
        signal,
        code,
        label: "A rule",
        points,
        applies_to,
        enabled: true,
        category: None,
        soft: false,
    }
}

const BOOLS: [Key<Bool>; 25] = [
    ip::IS_PRIVATE,
    ip::IS_TOR,
    ip::IS_HIGH_RISK_ASN,
    ip::IS_VPN,
    ip::IS_PROXY,
    ip::IS_DATACENTER,
    device::IS_SENT,
    device::IS_BOT_AGENT,
    device::IS_NEW,
    device::IS_EMULATOR,
    device::IS_ROOTED,
    device::HAS_HOOK_TOOL,
    device::IS_CLOUD_PHONE,
    device::IS_APP_TAMPERED,
    device::IS_SCREEN_SHARED,
    device::HAS_SIM,
    device::IS_VPN_ACTIVE,
    email::IS_DISPOSABLE,
    behavior::IS_SENT,
    behavior::MOUSE_IS_ORDERED,
    behavior::MOUSE_PATH_REPLAYED,
    behavior::CLIPBOARD_CHANGED,
    user::IS_KNOWN,
    user::KNOWS_DEVICE,
    user::KNOWS_COUNTRY,
];

const INTS: [Key<Int>; 16] = [
    ip::UTC_OFFSET_MIN,
    device::UTC_OFFSET_MIN,
    device::HARDWARE_CONCURRENCY,
    behavior::COMPLETION_MS,
    behavior::SUBMITTED_AHEAD_MS,
    behavior::KEYSTROKES,
    behavior::MOUSE_POINTS,
    links::USERS_ON_DEVICE,
    links::USERS_ON_IP,
    links::USERS_ON_MAILBOX,
    velocity::SIGNUPS_PER_IP_1H,
    velocity::SIGNUPS_PER_DEVICE_1H,
    velocity::USERS_PER_IP_10M,
    session::HOUR,
    session::SUBMISSIONS_1M,
    location::UTC_OFFSET_MIN,
];

pub(crate) const FLOATS: [Key<Float>; 20] = [
    device::SCREEN_WIDTH,
    device::SCREEN_HEIGHT,
    device::PIXEL_RATIO,
    device::UPTIME_S,
    device::MIN_BRIGHTNESS,
    device::PORTRAIT_RATIO,
    device::MOVEMENT,
    device::CHARGING_RATIO,
    device::NETWORK_CHANGES_PER_MIN,
    behavior::MOUSE_STRAIGHTNESS,
    behavior::MOUSE_SPEED_VARIATION,
    behavior::MOUSE_INTERVAL_VARIATION,
    behavior::TYPING_WPM,
    behavior::TOUCH_VARIANCE_MS,
    user::TRAVEL_SPEED_KMH,
    user::TRAVEL_DISTANCE_KM,
    location::ENTROPY,
    location::IP_DISTANCE_KM,
    location::TRAVEL_DISTANCE_KM,
    location::TRAVEL_SPEED_KMH,
];

const TEXTS: [Key<Text>; 6] = [
    device::CLIENT_FINGERPRINT,
    device::USER_AGENT,
    device::OS,
    device::TYPE,
    device::PLATFORM,
    device::WEBGL_RENDERER,
];

/// What of an event is on a list.
const LISTS: [Key<Text>; 2] = [lists::BLOCKED, lists::WATCHED];

/// Facts of which each that a signal reads is missing or has a likely or a wild value.
pub(crate) fn any_facts() -> impl Strategy<Value = Facts> {
    let int = prop_oneof![Just(0), 1_i64..12, -800_i64..4_000, any::<i64>()];
    let float = prop_oneof![Just(0.0), 0.0..2.0, 0.0..3_000.0, any::<f64>(), Just(f64::NAN)];
    let text = prop_oneof![
        Just(String::new()),
        "(Windows|Mac OS X|iOS|Android|Linux|MacIntel|Win32|iPhone|desktop|mobile|HeadlessChrome)",
        "(Google SwiftShader|Apple GPU|ANGLE \\(NVIDIA, GeForce Direct3D11\\))",
        ".{0,20}",
    ];
    let kinds = "|user|ip email|user device ip email";
    (
        prop::collection::vec(prop::option::of(any::<bool>()), BOOLS.len()),
        prop::collection::vec(prop::option::of(int), INTS.len()),
        prop::collection::vec(prop::option::of(float), FLOATS.len()),
        prop::collection::vec(prop::option::of(text), TEXTS.len()),
        prop::collection::vec(prop::option::of(kinds), LISTS.len()),
    )
        .prop_map(|(bools, ints, floats, texts, lists)| {
            let mut facts = Facts::unknown();
            for (key, value) in BOOLS.into_iter().zip(bools) {
                if let Some(value) = value {
                    facts.set(key, value);
                }
            }
            for (key, value) in INTS.into_iter().zip(ints) {
                if let Some(value) = value {
                    facts.set(key, value);
                }
            }
            for (key, value) in FLOATS.into_iter().zip(floats) {
                if let Some(value) = value {
                    facts.set(key, value);
                }
            }
            for (key, value) in TEXTS.into_iter().chain(LISTS).zip(texts.into_iter().chain(lists)) {
                if let Some(value) = value {
                    facts.set(key, value);
                }
            }
            facts
        })
}
