//! The declarations. Slots are permanent, because stored decisions are written slot by slot: only ever append.

use super::{Bool, Definition, FactType, Float, Int, Key, Text};

macro_rules! facts {
    ($( $family:ident { $( $slot:literal $const:ident: $kind:ident, $name:literal, $unit:literal, $doc:literal; )+ } )+) => {
        $(
            #[doc = concat!("Facts of the family `", stringify!($family), "`.")]
            pub mod $family {
                use super::*;
                $( #[doc = $doc] pub const $const: Key<$kind> = Key::new($slot); )+
            }
        )+

        const DECLARED: &[(usize, Definition)] = &[
            $( $( ($slot, Definition { name: $name, kind: <$kind as FactType>::KIND, unit: $unit, doc: $doc }), )+ )+
        ];
    };
}

/// How many facts there are.
pub const COUNT: usize = DECLARED.len();

/// Every declaration, by slot.
pub static ALL: [Definition; COUNT] = by_slot();

/// Puts the declarations in the order of their slots; does not compile when slots are not 0, 1, 2, … each once.
const fn by_slot() -> [Definition; COUNT] {
    const HOLE: Definition = Definition { name: "", kind: super::Kind::Bool, unit: "", doc: "" };
    let mut table = [HOLE; COUNT];
    let mut index = 0;
    while index < COUNT {
        let (slot, definition) = &DECLARED[index];
        assert!(table[*slot].name.is_empty(), "two facts share a slot");
        table[*slot] = Definition {
            name: definition.name,
            kind: definition.kind,
            unit: definition.unit,
            doc: definition.doc,
        };
        index += 1;
    }
    table
}

facts! {
    ip {
        0 ADDRESS: Text, "ip.address", "", "The end user's address, as the caller gave it, in canonical form.";
        1 IS_PRIVATE: Bool, "ip.is_private", "", "Whether the address is in a private or reserved range; no table is asked about such an address.";
        2 COUNTRY_CODE: Text, "ip.country_code", "ISO 3166-1 alpha-2", "The country the address is in.";
        3 COUNTRY: Text, "ip.country", "", "The English name of that country.";
        4 REGION: Text, "ip.region", "", "The first-level region the address is in.";
        5 CITY: Text, "ip.city", "", "The city the address is in.";
        6 LATITUDE: Float, "ip.latitude", "degrees", "The latitude of that city.";
        7 LONGITUDE: Float, "ip.longitude", "degrees", "The longitude of that city.";
        8 TIMEZONE: Text, "ip.timezone", "IANA name", "The time zone at those coordinates.";
        9 UTC_OFFSET_MIN: Int, "ip.utc_offset_min", "minutes", "That zone's offset from UTC at the time of the event.";
        10 ASN: Int, "ip.asn", "", "The number of the autonomous system that announces the address.";
        11 AS_ORG: Text, "ip.as_org", "", "The organization that runs that system.";
        12 IS_TOR: Bool, "ip.is_tor", "", "Whether the address is a Tor exit.";
        13 IS_VPN: Bool, "ip.is_vpn", "", "Whether the address belongs to a VPN provider.";
        14 VPN_PROVIDER: Text, "ip.vpn_provider", "", "The name of that VPN provider.";
        15 IS_PROXY: Bool, "ip.is_proxy", "", "Whether the address is an open or commercial proxy.";
        16 IS_DATACENTER: Bool, "ip.is_datacenter", "", "Whether the address belongs to a hosting provider.";
        158 CONTINENT_CODE: Text, "ip.continent_code", "", "The continent of that country: AF, AN, AS, EU, NA, OC or SA.";
        17 IS_HIGH_RISK_ASN: Bool, "ip.is_high_risk_asn", "", "Whether the operator listed the autonomous system as high-risk.";
    }
    device {
        18 IS_SENT: Bool, "device.is_sent", "", "Whether the caller sent anything of the device.";
        19 HASH: Text, "device.hash", "", "The device's keyed hash: from the client's fingerprint when there is one, else from stable attributes.";
        20 CLIENT_FINGERPRINT: Text, "device.client_fingerprint", "", "The keyed hash of the visitor id that the client's fingerprint library computed.";
        21 USER_AGENT: Text, "device.user_agent", "", "The user agent.";
        22 BROWSER: Text, "device.browser", "", "The browser's family, from the user agent.";
        23 BROWSER_MAJOR: Int, "device.browser_major", "", "The browser's major version, from the user agent.";
        24 OS: Text, "device.os", "", "The operating system's family, from the user agent.";
        25 TYPE: Text, "device.type", "", "desktop, mobile, tablet, bot or other, from the user agent.";
        26 IS_BOT_AGENT: Bool, "device.is_bot_agent", "", "Whether the user agent names a crawler, a script library or an automation tool.";
        27 PLATFORM: Text, "device.platform", "", "The browser's `navigator.platform`.";
        28 LANGUAGE: Text, "device.language", "BCP 47", "The browser's language.";
        29 TIMEZONE: Text, "device.timezone", "IANA name", "The device's time zone.";
        30 UTC_OFFSET_MIN: Int, "device.utc_offset_min", "minutes", "That zone's offset from UTC at the time of the event; not found when the name is no time zone.";
        31 SCREEN_WIDTH: Float, "device.screen_width", "CSS px", "The screen's width.";
        32 SCREEN_HEIGHT: Float, "device.screen_height", "CSS px", "The screen's height.";
        33 PIXEL_RATIO: Float, "device.pixel_ratio", "", "Device pixels per CSS pixel.";
        34 HARDWARE_CONCURRENCY: Int, "device.hardware_concurrency", "", "Logical processors.";
        35 MEMORY_GIB: Float, "device.memory_gib", "GiB", "Memory, as coarsely as browsers tell it.";
        36 WEBGL_VENDOR: Text, "device.webgl_vendor", "", "WebGL's unmasked vendor.";
        37 WEBGL_RENDERER: Text, "device.webgl_renderer", "", "WebGL's unmasked renderer.";
        38 IS_NEW: Bool, "device.is_new", "", "Whether the device was never seen before this event.";
        39 FIRST_SEEN_MS: Int, "device.first_seen_ms", "ms since 1970", "When the device was first seen.";
        74 MODEL: Text, "device.model", "", "The device's model, as its maker calls it.";
        75 IS_EMULATOR: Bool, "device.is_emulator", "", "Whether the device is an emulator or simulator: by the client's word, else by what its user agent, platform and graphics say.";
        76 IS_ROOTED: Bool, "device.is_rooted", "", "Whether the device is rooted or jailbroken, by the client's word.";
        77 HAS_HOOK_TOOL: Bool, "device.has_hook_tool", "", "Whether a hooking tool such as Frida, Xposed or Cydia is on the device, by the client's word.";
        78 IS_CLOUD_PHONE: Bool, "device.is_cloud_phone", "", "Whether the device is a virtual phone in a data center, by the client's word.";
        79 IS_APP_TAMPERED: Bool, "device.is_app_tampered", "", "Whether the app's signature is not its maker's, by the client's word.";
        80 IS_SCREEN_SHARED: Bool, "device.is_screen_shared", "", "Whether the screen is broadcast or controlled from afar, by the client's word.";
        81 HAS_SIM: Bool, "device.has_sim", "", "Whether there is a SIM in the device, by the client's word.";
        82 UPTIME_S: Float, "device.uptime_s", "s", "How long ago the device was started.";
        83 MIN_BRIGHTNESS: Float, "device.min_brightness", "0–1", "The screen's lowest brightness in the session.";
        84 PORTRAIT_RATIO: Float, "device.portrait_ratio", "0–1", "The part of the session in which the device was held upright.";
        85 MOVEMENT: Float, "device.movement", "g²", "The variance of the accelerometer's readings.";
        86 CHARGING_RATIO: Float, "device.charging_ratio", "0–1", "The part of the session in which the battery was charging.";
        87 NETWORK_CHANGES_PER_MIN: Float, "device.network_changes_per_min", "1/min", "Changes of the type of network.";
        88 IS_VPN_ACTIVE: Bool, "device.is_vpn_active", "", "Whether a VPN or proxy interface is up on the device, by the client's word.";
        109 TIMES_SEEN: Int, "device.times_seen", "", "How often the device was registered, this time included.";
        122 IS_DEBUGGABLE: Bool, "device.is_debuggable", "", "Whether the app can be debugged, by the client's word.";
        123 HAS_DANGEROUS_APPS: Bool, "device.has_dangerous_apps", "", "Whether apps are on the device that change other apps, by the client's word.";
        124 HAS_MALICIOUS_PACKAGES: Bool, "device.has_malicious_packages", "", "Whether packages are on the device that are known to do harm, by the client's word.";
        131 REPORTS: Int, "device.reports", "", "Signals of fraud about the device that were not dismissed.";
        110 MATCH_CONFIDENCE: Float, "device.match_confidence", "0–1", "How sure it is that this is the known device it was taken for; not applicable for a new one.";
    }
    email {
        40 DOMAIN: Text, "email.domain", "", "The address's domain, lower-case ASCII.";
        41 IS_DISPOSABLE: Bool, "email.is_disposable", "", "Whether the domain, or a domain above it, gives out throw-away mailboxes.";
        42 IS_RELAY: Bool, "email.is_relay", "", "Whether the domain forwards to a hidden mailbox of a real person.";
        43 IS_FREE: Bool, "email.is_free", "", "Whether the domain is a free mail provider.";
        44 IS_ROLE: Bool, "email.is_role", "", "Whether the local part is a role such as info or admin.";
        45 NORMALIZED_HASH: Text, "email.normalized_hash", "", "The keyed hash of the mailbox behind all its aliases.";
    }
    behavior {
        46 IS_SENT: Bool, "behavior.is_sent", "", "Whether the caller sent how the form was filled in.";
        47 COMPLETION_MS: Int, "behavior.completion_ms", "ms", "From showing the form to sending it, by the client's clock; negative when sent before shown.";
        48 SUBMITTED_AHEAD_MS: Int, "behavior.submitted_ahead_ms", "ms", "How far the client's time of sending lies after the time of the event; negative when before.";
        49 KEYSTROKES: Int, "behavior.keystrokes", "", "Keys pressed.";
        50 KEYS_PER_SECOND: Float, "behavior.keys_per_second", "1/s", "Keys pressed per second of filling in.";
        51 MOUSE_POINTS: Int, "behavior.mouse_points", "", "Pointer positions looked at.";
        52 MOUSE_POINTS_CUT: Int, "behavior.mouse_points_cut", "", "Pointer positions sent beyond the 300 that are looked at.";
        53 MOUSE_STRAIGHTNESS: Float, "behavior.mouse_straightness", "0–1", "Distance from the path's first to its last point over the path's length; missing when the pointer did not move.";
        54 MOUSE_MEAN_SPEED: Float, "behavior.mouse_mean_speed", "px/s", "The path's length over its duration.";
        55 MOUSE_SPEED_VARIATION: Float, "behavior.mouse_speed_variation", "", "Standard deviation over mean of the speeds between neighboring points.";
        56 MOUSE_INTERVAL_VARIATION: Float, "behavior.mouse_interval_variation", "", "Standard deviation over mean of the times between neighboring points.";
        57 MOUSE_MIN_INTERVAL_MS: Float, "behavior.mouse_min_interval_ms", "ms", "The shortest time between neighboring points.";
        58 MOUSE_IS_ORDERED: Bool, "behavior.mouse_is_ordered", "", "Whether no point is earlier than the one before it.";
        89 TYPING_WPM: Float, "behavior.typing_wpm", "words/min", "How fast was typed.";
        90 TOUCH_VARIANCE_MS: Float, "behavior.touch_variance_ms", "ms", "The variance of the times between touches.";
        91 CLIPBOARD_CHANGED: Bool, "behavior.clipboard_changed", "", "Whether the clipboard changed while a form was being filled in.";
        59 MOUSE_PATH_REPLAYED: Bool, "behavior.mouse_path_replayed", "", "Whether exactly this path was seen before from another user.";
    }
    user {
        60 IS_KNOWN: Bool, "user.is_known", "", "Whether the account was seen before this event.";
        61 KNOWS_DEVICE: Bool, "user.knows_device", "", "Whether the account was seen on this device before this event.";
        62 KNOWS_COUNTRY: Bool, "user.knows_country", "", "Whether the account was seen in this country before; missing for an account that was never seen in any.";
        63 TRAVEL_SPEED_KMH: Float, "user.travel_speed_kmh", "km/h", "Great-circle distance from the account's last place over the time since; not applicable when either end hides its place.";
        107 AGE_DAYS: Int, "user.age_days", "days", "Whole days since the account was first seen.";
        111 VERIFICATION_COUNT: Int, "user.verification_count", "", "Verifications of the account, this one included; the caller's number when it sends one.";
        112 FRAUD_LABELS: Int, "user.fraud_labels", "", "Signals about the account that were confirmed as fraud.";
        113 CLEARED_LABELS: Int, "user.cleared_labels", "", "Signals about the account that were dismissed.";
        128 REPORTS: Int, "user.reports", "", "Reports by other people about the account that stand: neither removed nor dismissed.";
        129 FRAUD_PRIORITY: Text, "user.fraud_priority", "", "How urgent the gravest report of fraud by the account is that stands: high, medium or low.";
        130 IS_FLAGGED: Bool, "user.is_flagged", "", "Whether the account is flagged: it is on the watch list, or was reported since it was last unflagged.";
        64 TRAVEL_DISTANCE_KM: Float, "user.travel_distance_km", "km", "Great-circle distance from the account's last place.";
    }
    links {
        65 USERS_ON_DEVICE: Int, "links.users_on_device", "", "Accounts ever seen on the device, this one included.";
        66 USERS_ON_IP: Int, "links.users_on_ip", "", "Accounts ever seen on the address (IPv6: its /64), this one included.";
        126 SIGNUP_USERS_ON_DEVICE: Int, "links.signup_users_on_device", "", "Accounts ever created on the device, this one included.";
        67 USERS_ON_MAILBOX: Int, "links.users_on_mailbox", "", "Accounts ever seen with an alias of this mailbox, this one included.";
        68 DEVICES_OF_USER: Int, "links.devices_of_user", "", "Devices the account was ever seen on, this one included.";
        69 IPS_OF_USER: Int, "links.ips_of_user", "", "Addresses the account was ever seen on, this one included.";
        156 IPS_ON_DEVICE: Int, "links.ips_on_device", "", "Addresses the device was ever seen on, this one included; told only of events whose client seals what it sends.";
        157 DEVICES_ON_IP: Int, "links.devices_on_ip", "", "Devices ever seen on the address (IPv6: its /64), this one included; told only of such events.";
    }
    velocity {
        70 SIGNUPS_PER_IP_1H: Int, "velocity.signups_per_ip_1h", "", "Signups from the address in the last 60 minutes, this event included.";
        71 SIGNUPS_PER_DEVICE_1H: Int, "velocity.signups_per_device_1h", "", "Signups from the device in the last 60 minutes, this event included.";
        108 DAILY_COUNT: Int, "velocity.daily_count", "", "Events of the account in the last 24 hours, this one included; of the device where there is no account.";
        72 USERS_PER_IP_10M: Int, "velocity.users_per_ip_10m", "", "Accounts that logged in from the address in the last 10 minutes, this one included.";
        127 EVENTS_10S: Int, "velocity.events_10s", "", "Events of the account, or of the device if that has more, in the last 10 seconds, this one included.";
        114 EXCEEDED: Text, "velocity.exceeded", "", "The velocity rules that count and that the attempt is beyond, by id, separated by spaces; empty when there is none.";
        120 CONSEQUENCE: Text, "velocity.consequence", "", "The strictest that these rules ask for: block, review, challenge or flag.";
        121 WATCHED_CONSEQUENCE: Text, "velocity.watched_consequence", "", "The same of the velocity rules that only watch.";
    }
    history {
        132 DEVICE_EVENTS_10M: Int, "history.device_events_10m", "", "Events on the device in the last 10 minutes, this one included; told only of events whose client seals what it sends, as all of this family.";
        133 DEVICE_EVENTS_1H: Int, "history.device_events_1h", "", "Events on the device in the last 60 minutes, this one included; told only of events whose client seals what it sends, as all of this family.";
        134 DEVICE_EVENTS_24H: Int, "history.device_events_24h", "", "Events on the device in the last 24 hours, this one included; told only of events whose client seals what it sends, as all of this family.";
        135 DEVICE_EVENTS_ALL: Int, "history.device_events_all", "", "Events on the device ever, this one included; told only of events whose client seals what it sends, as all of this family.";
        136 DEVICE_DENIALS_10M: Int, "history.device_denials_10m", "", "Events on the device that were refused in the last 10 minutes, this one not among them.";
        137 DEVICE_DENIALS_1H: Int, "history.device_denials_1h", "", "Events on the device that were refused in the last 60 minutes, this one not among them.";
        138 DEVICE_DENIALS_24H: Int, "history.device_denials_24h", "", "Events on the device that were refused in the last 24 hours, this one not among them.";
        139 DEVICE_DENIALS_ALL: Int, "history.device_denials_all", "", "Events on the device that were refused ever, this one not among them.";
        140 IP_EVENTS_10M: Int, "history.ip_events_10m", "", "Events from the address (IPv6: its /64) in the last 10 minutes, this one included; told only of events whose client seals what it sends, as all of this family.";
        141 IP_EVENTS_1H: Int, "history.ip_events_1h", "", "Events from the address (IPv6: its /64) in the last 60 minutes, this one included; told only of events whose client seals what it sends, as all of this family.";
        142 IP_EVENTS_24H: Int, "history.ip_events_24h", "", "Events from the address (IPv6: its /64) in the last 24 hours, this one included; told only of events whose client seals what it sends, as all of this family.";
        143 IP_EVENTS_ALL: Int, "history.ip_events_all", "", "Events from the address (IPv6: its /64) ever, this one included; told only of events whose client seals what it sends, as all of this family.";
        144 IP_DENIALS_10M: Int, "history.ip_denials_10m", "", "Events from the address (IPv6: its /64) that were refused in the last 10 minutes, this one not among them.";
        145 IP_DENIALS_1H: Int, "history.ip_denials_1h", "", "Events from the address (IPv6: its /64) that were refused in the last 60 minutes, this one not among them.";
        146 IP_DENIALS_24H: Int, "history.ip_denials_24h", "", "Events from the address (IPv6: its /64) that were refused in the last 24 hours, this one not among them.";
        147 IP_DENIALS_ALL: Int, "history.ip_denials_all", "", "Events from the address (IPv6: its /64) that were refused ever, this one not among them.";
        148 USER_EVENTS_10M: Int, "history.user_events_10m", "", "Events of the account in the last 10 minutes, this one included; told only of events whose client seals what it sends, as all of this family.";
        149 USER_EVENTS_1H: Int, "history.user_events_1h", "", "Events of the account in the last 60 minutes, this one included; told only of events whose client seals what it sends, as all of this family.";
        150 USER_EVENTS_24H: Int, "history.user_events_24h", "", "Events of the account in the last 24 hours, this one included; told only of events whose client seals what it sends, as all of this family.";
        151 USER_EVENTS_ALL: Int, "history.user_events_all", "", "Events of the account ever, this one included; told only of events whose client seals what it sends, as all of this family.";
        152 USER_DENIALS_10M: Int, "history.user_denials_10m", "", "Events of the account that were refused in the last 10 minutes, this one not among them.";
        153 USER_DENIALS_1H: Int, "history.user_denials_1h", "", "Events of the account that were refused in the last 60 minutes, this one not among them.";
        154 USER_DENIALS_24H: Int, "history.user_denials_24h", "", "Events of the account that were refused in the last 24 hours, this one not among them.";
        155 USER_DENIALS_ALL: Int, "history.user_denials_all", "", "Events of the account that were refused ever, this one not among them.";
    }
    event {
        73 TYPE: Text, "event.type", "", "What happened: signup, login, payment, withdrawal, profile_update, visit, device_registration, verification or attempt.";
        115 ACTION: Text, "event.action", "", "What is attempted, in the caller's words.";
    }
    transaction {
        116 AMOUNT: Float, "transaction.amount", "", "The amount of money that is moved, in its currency.";
        117 CURRENCY: Text, "transaction.currency", "", "The currency of that amount, as the caller names it, in upper case.";
    }
    duplicates {
        118 DOCUMENT: Int, "duplicates.document", "", "Other accounts that were verified with the same document, by its number or its image.";
        119 FACE: Int, "duplicates.face", "", "Other accounts that were verified with the same picture of a face.";
    }
    session {
        92 HOUR: Int, "session.hour", "0–23", "The hour of the day in which the session began, by the device's clock.";
        93 SUBMISSIONS_1M: Int, "session.submissions_1m", "", "Events with this session id in the last 60 seconds, this one included.";
    }
    location {
        94 LATITUDE: Float, "location.latitude", "degrees", "The latitude of the position that the device tells.";
        95 LONGITUDE: Float, "location.longitude", "degrees", "The longitude of that position.";
        96 TIMEZONE: Text, "location.timezone", "IANA name", "The time zone at that position.";
        97 UTC_OFFSET_MIN: Int, "location.utc_offset_min", "minutes", "That zone's offset from UTC at the time of the event.";
        98 ENTROPY: Float, "location.entropy", "0–1", "How much the device's positions in the session differ.";
        99 IP_DISTANCE_KM: Float, "location.ip_distance_km", "km", "Great-circle distance from that position to the city of the address.";
        100 TRAVEL_DISTANCE_KM: Float, "location.travel_distance_km", "km", "Great-circle distance from the device's last position.";
        101 TRAVEL_SPEED_KMH: Float, "location.travel_speed_kmh", "km/h", "That distance over the time since.";
    }
    client {
        102 SIGNALS: Text, "client.signals", "", "The signals that the client's SDK says fired, by our codes, each followed by a space.";
        125 IS_REPLAYED: Bool, "client.is_replayed", "", "Whether what the client sealed came before, or is older than five minutes; missing where clients seal nothing.";
        103 SCORE: Int, "client.score", "", "The client's own score, on the dialect's scale: the least that its part of the score comes to.";
    }
    lists {
        104 BLOCKED: Text, "lists.blocked", "", "What of the event is on the block list: user, device, ip, email, separated by spaces; empty when nothing is.";
        105 WATCHED: Text, "lists.watched", "", "What of the event is on the watch list, likewise.";
        106 ALLOWED: Text, "lists.allowed", "", "What of the event is on the allow list, likewise.";
    }
}
