//! The dialect's catalogue of signals: code, points, category, severity and condition, a row each.

use portcullis_domain::{Category, EventTypes, RuleAction};
use portcullis_engine::{ProfileRule, Signal, signals};
use serde::Serialize;
use utoipa::ToSchema;

/// A row of the catalogue.
#[derive(Debug)]
pub(super) struct Flag {
    /// The dialect's code; permanent.
    pub(super) code: &'static str,
    /// Our signal.
    pub(super) signal: &'static Signal,
    pub(super) group: Group,
    pub(super) severity: Severity,
    /// When it fires.
    pub(super) condition: &'static str,
}

/// What a signal looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FraudsenseCategory)]
pub(crate) enum Group {
    /// The device itself.
    Device,
    /// Where it is.
    Location,
    /// How it is connected.
    Network,
    /// What the person does with it.
    Behavior,
    /// What surrounds it.
    Environment,
    /// Something that takes points off.
    Trust,
    /// One of your lists.
    List,
    /// A rule of your own.
    Rule,
    /// The catalogue does not have it.
    Unknown,
}

/// How bad a signal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FraudsenseSeverity)]
pub(crate) enum Severity {
    /// Enough for a higher level by itself.
    Critical,
    /// Bad.
    High,
    /// Suspicious together with others.
    Medium,
    /// Good.
    Trust,
    /// The catalogue does not have it.
    None,
}

impl Group {
    /// What its points are multiplied as; trust and lists always count as they are.
    const fn category(self) -> Option<Category> {
        match self {
            Self::Device => Some(Category::Device),
            Self::Location => Some(Category::Location),
            Self::Network => Some(Category::Network),
            Self::Behavior => Some(Category::Behavior),
            Self::Environment => Some(Category::Environment),
            Self::Trust | Self::List | Self::Rule | Self::Unknown => None,
        }
    }
}

impl Severity {
    /// How bad a rule of the account's own is: as bad as what it does.
    pub(super) const fn of_action(action: RuleAction) -> Self {
        match action {
            RuleAction::Block => Self::Critical,
            RuleAction::Review => Self::High,
            RuleAction::Challenge | RuleAction::Flag => Self::Medium,
            RuleAction::Allow => Self::Trust,
        }
    }
}

/// The row with this code, unless it is of a list, of which a client can know nothing.
pub(super) fn claimable(code: &str) -> Option<&'static Flag> {
    find(code).filter(|flag| flag.group != Group::List)
}

/// The row with this code.
pub(super) fn find(code: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.code == code)
}

macro_rules! catalog {
    ($( $family:ident $signal:ident, $code:literal, $points:literal, $group:ident, $severity:ident, $condition:literal; )+) => {
        /// Every row.
        pub(super) static FLAGS: &[Flag] = &[$(
            Flag {
                code: $code,
                signal: &signals::$family::$signal::SIGNAL,
                group: Group::$group,
                severity: Severity::$severity,
                condition: $condition,
            },
        )+];

        /// The same rows, in the same order, as the engine takes them.
        pub(super) static RULES: &[ProfileRule] = &[$(
            ProfileRule {
                signal: &signals::$family::$signal::SIGNAL,
                code: $code,
                label: $condition,
                points: $points,
                applies_to: EventTypes::ALL,
                enabled: true,
                category: Group::$group.category(),
                soft: false,
            },
        )+];
    };
}

#[rustfmt::skip]
catalog! {
    device emulator,              "EMULATOR_DETECTED",       40,  Device,      Critical, "Device is running in an emulator or simulator";
    session replayed,             "REPLAY_ATTACK",           40,  Behavior,    Critical, "Same sessionId submitted more than 3 times in 60 seconds";
    device hook_tool,             "HOOK_TOOL_DETECTED",      35,  Device,      Critical, "Frida, Xposed, or Cydia detected on device";
    device cloud_phone,           "CLOUD_PHONE_DETECTED",    35,  Device,      Critical, "Virtual cloud phone environment detected";
    device app_tampered,          "APP_TAMPERED",            35,  Device,      Critical, "App signature mismatch — possible repackaging";
    location gps_velocity,        "GPS_IMPOSSIBLE_VELOCITY", 30,  Location,    Critical, "Travel speed exceeds 900 km/h — GPS spoofing";
    device rooted,                "ROOT_JAILBREAK",          30,  Device,      High,     "Device has been rooted or jailbroken";
    device screen_shared,         "SCREEN_SHARING",          30,  Behavior,    High,     "Screen broadcast or remote control active";
    device short_uptime,          "SHORT_UPTIME",            25,  Device,      High,     "Device uptime under 5 minutes — possible reset";
    device always_charging,       "BATTERY_ALWAYS_CHARGING", 25,  Environment, High,     "Charging ratio over 95% during session";
    location never_changes,       "LOCATION_NEVER_CHANGES",  20,  Location,    High,     "Location entropy under 0.1 — fixed farm";
    device no_movement,           "ZERO_MOVEMENT",           20,  Environment, High,     "Accelerometer variance under 0.05";
    behavior uniform_touch,       "TOUCH_TOO_UNIFORM",       20,  Behavior,    High,     "Touch speed variance under 5ms — scripted input";
    device no_sim,                "NO_SIM_CARD",             20,  Device,      High,     "No SIM card detected in device";
    device suspected_reset,       "SUSPECTED_RESET",         20,  Device,      High,     "Uptime under 60 seconds — repeated resets";
    device always_portrait,       "ALWAYS_PORTRAIT",         15,  Environment, Medium,   "Portrait orientation ratio over 99%";
    location gps_timezone_mismatch, "TIMEZONE_GPS_MISMATCH", 15,  Location,    Medium,   "Timezone offset over 2 hours from GPS location";
    behavior fast_typing,         "ABNORMAL_TYPING_SPEED",   15,  Behavior,    Medium,   "Typing speed over 200 WPM";
    network hyper_switching,      "NETWORK_HYPER_SWITCHING", 15,  Network,     Medium,   "More than 5 network type changes per minute";
    session odd_hour,             "ODD_HOUR_SESSION",        10,  Behavior,    Medium,   "Session started between 1AM and 5AM";
    network vpn,                  "VPN_DETECTED",            10,  Network,     Medium,   "VPN or proxy interface active";
    behavior clipboard_used,      "COPY_PASTE_DETECTED",     10,  Behavior,    Medium,   "Clipboard change detected on form field";
    device max_brightness,        "MAX_BRIGHTNESS_ALWAYS",   10,  Environment, Medium,   "Screen brightness above 95% throughout session";
    location ip_far_from_gps,     "IP_GPS_MISMATCH",         15,  Location,    Medium,   "IP location over 100km from GPS location";
    ip proxy,                     "IP_PROXY",                10,  Network,     Medium,   "IP is a known proxy";
    ip datacenter,                "IP_DATACENTER",           10,  Network,     Medium,   "IP is a cloud/datacenter IP";
    device natural_movement,      "NATURAL_MOVEMENT",        -10, Trust,       Trust,    "Accelerometer variance over 0.3";
    device has_sim,               "HAS_SIM_CARD",            -5,  Trust,       Trust,    "SIM card present in device";
    device normal_battery,        "NORMAL_BATTERY_CYCLE",    -5,  Trust,       Trust,    "Normal mix of charge and discharge observed";
    location realistic,           "REALISTIC_LOCATION",      -5,  Trust,       Trust,    "Location entropy between 0.2 and 0.9";
    device normal_uptime,         "NORMAL_UPTIME",           -5,  Trust,       Trust,    "Device uptime over 1 hour";
    lists blocked,                "BLOCKLISTED",             100, List,        Critical, "On your block list";
    lists watched,                "WATCHLISTED",             20,  List,        High,     "On your watch list";
    lists allowed,                "ALLOWLISTED",          -1_000, List,        Trust,    "On your allow list";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract's tables (seed 004, R4.34 to R4.61), and what our server adds to them (G4.6, D6, D11).
    const CONTRACT: [(&str, i32); 34] = [
        ("EMULATOR_DETECTED", 40),
        ("REPLAY_ATTACK", 40),
        ("HOOK_TOOL_DETECTED", 35),
        ("CLOUD_PHONE_DETECTED", 35),
        ("APP_TAMPERED", 35),
        ("GPS_IMPOSSIBLE_VELOCITY", 30),
        ("ROOT_JAILBREAK", 30),
        ("SCREEN_SHARING", 30),
        ("SHORT_UPTIME", 25),
        ("BATTERY_ALWAYS_CHARGING", 25),
        ("LOCATION_NEVER_CHANGES", 20),
        ("ZERO_MOVEMENT", 20),
        ("TOUCH_TOO_UNIFORM", 20),
        ("NO_SIM_CARD", 20),
        ("SUSPECTED_RESET", 20),
        ("ALWAYS_PORTRAIT", 15),
        ("TIMEZONE_GPS_MISMATCH", 15),
        ("ABNORMAL_TYPING_SPEED", 15),
        ("NETWORK_HYPER_SWITCHING", 15),
        ("ODD_HOUR_SESSION", 10),
        ("VPN_DETECTED", 10),
        ("COPY_PASTE_DETECTED", 10),
        ("MAX_BRIGHTNESS_ALWAYS", 10),
        ("IP_GPS_MISMATCH", 15),
        ("IP_PROXY", 10),
        ("IP_DATACENTER", 10),
        ("NATURAL_MOVEMENT", -10),
        ("HAS_SIM_CARD", -5),
        ("NORMAL_BATTERY_CYCLE", -5),
        ("REALISTIC_LOCATION", -5),
        ("NORMAL_UPTIME", -5),
        ("BLOCKLISTED", 100),
        ("WATCHLISTED", 20),
        ("ALLOWLISTED", -1_000),
    ];

    #[test]
    fn has_every_row_of_the_contract_once() {
        let rows: Vec<_> = RULES.iter().map(|rule| (rule.code, rule.points)).collect();
        assert_eq!(rows, CONTRACT);
    }

    #[test]
    fn codes_and_signals_are_each_used_once() {
        for (index, flag) in FLAGS.iter().enumerate() {
            let others = &FLAGS[index + 1..];
            assert!(others.iter().all(|other| other.code != flag.code), "{}", flag.code);
            assert!(others.iter().all(|other| other.signal.code != flag.signal.code), "{}", flag.code);
            assert!(signals::find(flag.signal.code).is_some(), "{}", flag.code);
            assert_eq!(find(flag.code).unwrap().code, RULES[index].code);
        }
        assert!(find("emulator_detected").is_none());
    }

    #[test]
    fn clients_can_not_put_themselves_on_a_list() {
        for code in ["BLOCKLISTED", "WATCHLISTED", "ALLOWLISTED"] {
            assert!(find(code).is_some() && claimable(code).is_none(), "{code}");
        }
        assert!(claimable("HAS_SIM_CARD").is_some());
    }

    #[test]
    fn an_allow_entry_outweighs_everything_else() {
        let worst: i32 = RULES.iter().map(|rule| rule.points.max(0)).sum();
        let blocked = 100;
        assert!((worst - blocked) * 3 / 2 < 1_000);
    }

    #[test]
    fn what_takes_points_off_is_trust_and_never_multiplied() {
        for (flag, rule) in FLAGS.iter().zip(RULES) {
            assert!(rule.points < 0 || flag.group != Group::Trust, "{}", flag.code);
            assert_eq!(rule.points < 0, flag.severity == Severity::Trust, "{}", flag.code);
            let is_plain = matches!(flag.group, Group::Trust | Group::List);
            assert_eq!(rule.category.is_none(), is_plain, "{}", flag.code);
        }
    }
}
