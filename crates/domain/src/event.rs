//! Events: what a tenant's backend says happened, in one vocabulary for all dialects.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{Email, Place, Timestamp, facts::Details};
use std::net::IpAddr;

/// What happened. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum EventType {
    /// An account is being created.
    Signup = 1,
    /// An account is being entered.
    Login = 2,
    /// Money is being sent or received.
    Payment = 3,
    /// Money is being taken out of the product.
    Withdrawal = 4,
    /// Something by which the account is reached or protected is being changed.
    ProfileUpdate = 5,
    /// A session is looked at for no action in particular.
    Visit = 6,
    /// A device makes itself known.
    DeviceRegistration = 7,
    /// Somebody proves who they are.
    Verification = 8,
    /// Something is about to be done that velocity rules count.
    Attempt = 9,
}

impl EventType {
    /// Every type.
    pub const ALL: [Self; 9] = [
        Self::Signup,
        Self::Login,
        Self::Payment,
        Self::Withdrawal,
        Self::ProfileUpdate,
        Self::Visit,
        Self::DeviceRegistration,
        Self::Verification,
        Self::Attempt,
    ];

    /// The type with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&event_type| event_type as u8 == code)
    }

    /// Our word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Login => "login",
            Self::Payment => "payment",
            Self::Withdrawal => "withdrawal",
            Self::ProfileUpdate => "profile_update",
            Self::Visit => "visit",
            Self::DeviceRegistration => "device_registration",
            Self::Verification => "verification",
            Self::Attempt => "attempt",
        }
    }
}

/// A set of event types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventTypes(u32);

impl EventTypes {
    /// Every type there is and will be.
    pub const ALL: Self = Self(u32::MAX);

    /// The set of just this type.
    pub const fn only(event_type: EventType) -> Self {
        Self(1 << event_type as u32)
    }

    /// The set with one type more.
    #[must_use]
    pub const fn and(self, event_type: EventType) -> Self {
        Self(self.0 | 1 << event_type as u32)
    }

    /// The set with one type less.
    #[must_use]
    pub const fn without(self, event_type: EventType) -> Self {
        Self(self.0 & !(1 << event_type as u32))
    }

    /// Whether the set has this type.
    pub const fn contains(self, event_type: EventType) -> bool {
        self.0 & (1 << event_type as u32) != 0
    }
}

/// Whose public API an event came through. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Dialect {
    /// ALLOW / CHALLENGE / BLOCK for signup and login.
    Ingest = 1,
    /// Devices, duplicates, velocity, custom rules.
    Fraudshield = 2,
    /// Encrypted client payload, trust score.
    Keyri = 3,
    /// Blacklists, flags, reports.
    Signet = 4,
    /// Mobile device risk.
    Fraudsense = 5,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 5] = [Self::Ingest, Self::Fraudshield, Self::Keyri, Self::Signet, Self::Fraudsense];

    /// The dialect with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&dialect| dialect as u8 == code)
    }

    /// Its name in paths, keys and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Fraudshield => "fraudshield",
            Self::Keyri => "keyri",
            Self::Signet => "signet",
            Self::Fraudsense => "fraudsense",
        }
    }
}

/// Something to be judged, as one tenant's backend tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The API it came through.
    pub dialect: Dialect,
    /// What happened.
    pub event_type: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// The tenant's own id of the account.
    pub user: Option<CompactString>,
    /// The e-mail address given.
    pub email: Option<Email>,
    /// The end user's address.
    pub ip: Option<IpAddr>,
    /// What the client says of its device.
    pub device: Option<Device>,
    /// How the form was filled in.
    pub behavior: Option<Behavior>,
    /// The client's own id of the session; only together with a device.
    pub session: Option<CompactString>,
    /// What the client's sensors measured.
    pub sensors: Option<Box<Sensors>>,
    /// What the client concluded itself.
    pub claims: Option<Claims>,
    /// What only some dialects tell.
    pub more: Option<Box<More>>,
}

/// What only some dialects tell of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct More {
    /// The telephone number given, in the form in which equals are equal.
    pub phone: Option<CompactString>,
    /// The number of an identity document, in the form in which equals are equal.
    pub document: Option<CompactString>,
    /// What is being attempted, in the tenant's words.
    pub action: Option<CompactString>,
    /// The amount of money that is moved.
    pub amount: Option<f64>,
    /// The currency of that amount.
    pub currency: Option<CompactString>,
    /// How long the tenant has known the account, days, by its word.
    pub user_age_days: Option<i64>,
    /// How many verifications the account went through, by the tenant's word.
    pub user_verifications: Option<i64>,
    /// What the tenant says of the event in words of its own, as rules read it: names begin with `metadata.`.
    pub metadata: Details,
}

/// What the client says of its device; every value is the client's word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Device {
    /// The `User-Agent` header.
    pub user_agent: Option<CompactString>,
    /// The screen's size.
    pub screen: Option<Screen>,
    /// IANA time-zone name.
    pub timezone: Option<CompactString>,
    /// BCP 47 language tag.
    pub language: Option<CompactString>,
    /// WebGL's unmasked vendor.
    pub webgl_vendor: Option<CompactString>,
    /// WebGL's unmasked renderer.
    pub webgl_renderer: Option<CompactString>,
    /// Logical processors.
    pub hardware_concurrency: Option<i64>,
    /// Memory in GiB, as coarsely as browsers tell it.
    pub memory_gib: Option<f64>,
    /// `navigator.platform`.
    pub platform: Option<CompactString>,
    /// The visitor id that a fingerprint library computed.
    pub client_fingerprint: Option<CompactString>,
    /// What is compared when a device is to be known again, beyond all that.
    pub identity: Option<Box<IdentityHints>>,
}

/// What tells devices apart and nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdentityHints {
    /// An id that the client's code or operating system gave the device.
    pub device_id: Option<CompactString>,
    /// A hash of what the device draws on a canvas.
    pub canvas_hash: Option<CompactString>,
    /// A hash of what it renders by WebGL.
    pub webgl_hash: Option<CompactString>,
    /// A hash of the audio that it renders.
    pub audio_hash: Option<CompactString>,
    /// The fonts that it has, or a hash of them.
    pub fonts: Option<CompactString>,
    /// How many fingers its screen tells apart.
    pub touch_points: Option<u32>,
    /// The device's model, as its maker calls it.
    pub model: Option<CompactString>,
}

/// What an app's SDK measured on a mobile device; every value is the client's word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sensors {
    /// The device's model, as its maker calls it.
    pub model: Option<CompactString>,
    /// The operating system and its version.
    pub os: Option<CompactString>,
    /// It is an emulator or simulator.
    pub is_emulator: Option<bool>,
    /// It is rooted or jailbroken.
    pub is_rooted: Option<bool>,
    /// A hooking tool such as Frida, Xposed or Cydia is on it.
    pub has_hook_tool: Option<bool>,
    /// It is a virtual phone in a data center.
    pub is_cloud_phone: Option<bool>,
    /// The app's signature is not its maker's.
    pub is_app_tampered: Option<bool>,
    /// The screen is broadcast or controlled from afar.
    pub is_screen_shared: Option<bool>,
    /// The app can be debugged.
    pub is_debuggable: Option<bool>,
    /// Apps are on it that change other apps.
    pub has_dangerous_apps: Option<bool>,
    /// Packages are on it that are known to do harm.
    pub has_malicious_packages: Option<bool>,
    /// There is a SIM in it.
    pub has_sim: Option<bool>,
    /// Since it was started, s.
    pub uptime_s: Option<f64>,
    /// The screen's lowest brightness in the session, 0 to 1.
    pub min_brightness: Option<f64>,
    /// The part of the session in which it was held upright, 0 to 1.
    pub portrait_ratio: Option<f64>,
    /// The variance of the accelerometer's readings, in g².
    pub movement: Option<f64>,
    /// The part of the session in which the battery was charging, 0 to 1.
    pub charging_ratio: Option<f64>,
    /// Changes of the type of network a minute.
    pub network_changes_per_min: Option<f64>,
    /// A VPN or proxy interface is up.
    pub is_vpn_active: Option<bool>,
    /// Words typed a minute.
    pub typing_wpm: Option<f64>,
    /// The variance of the times between touches, ms.
    pub touch_variance_ms: Option<f64>,
    /// The clipboard changed while a form was being filled in.
    pub clipboard_changed: Option<bool>,
    /// The hour of the day in which the session began, by the device's clock, 0 to 23.
    pub session_hour: Option<i64>,
    /// Where it says it is.
    pub position: Option<Place>,
    /// How much its positions in the session differ, 0 (one place) to 1.
    pub location_entropy: Option<f64>,
    /// The offset of its clock from UTC, minutes, when no name of a time zone was sent.
    pub utc_offset_min: Option<i64>,
}

/// What a client concluded itself. Apart from the trust that the dialect's contract grants, it can only add to a score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// The codes of our signals that it says fired, each followed by a space.
    pub signals: CompactString,
    /// Its own score, on the dialect's scale.
    pub score: Option<i64>,
}

/// A screen's size in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Screen {
    /// Pixels across.
    pub width: Option<f64>,
    /// Pixels down.
    pub height: Option<f64>,
    /// Device pixels per CSS pixel.
    pub pixel_ratio: Option<f64>,
}

/// How a form was filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behavior {
    /// When the form was shown, by the client's clock.
    pub form_started_at: Option<Timestamp>,
    /// When it was sent, by the client's clock.
    pub form_submitted_at: Option<Timestamp>,
    /// Sampled pointer positions, oldest first, at most [`MAX_MOUSE_POINTS`]; `None` when the client sent no list.
    pub mouse_path: Option<Vec<MousePoint>>,
    /// How many points the client sent, those cut off included.
    pub mouse_points_sent: u32,
    /// Keys pressed.
    pub keystroke_count: Option<i64>,
}

/// The longest mouse path that is looked at.
pub const MAX_MOUSE_POINTS: usize = 300;

/// A pointer position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MousePoint {
    /// CSS pixels from the left.
    pub x: f64,
    /// CSS pixels from the top.
    pub y: f64,
    /// Milliseconds since the page started.
    pub t_ms: f64,
}
