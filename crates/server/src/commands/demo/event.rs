//! What the demo sends: one call each, in the order of time.

use portcullis_domain::Timestamp;
use serde_json::Value;

/// The story that an event is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wave {
    /// People who do nothing wrong.
    Good,
    /// Many accounts made on few devices.
    AccountFarm,
    /// Leaked passwords tried from a hosting provider.
    CredentialStuffing,
    /// Accounts made with throw-away mailboxes.
    DisposableMail,
    /// Phones whose position jumps over continents.
    GpsSpoofing,
    /// Accounts that share devices and take money out.
    FraudRing,
}

impl Wave {
    /// Every story.
    pub(super) const ALL: [Self; 6] = [
        Self::Good,
        Self::AccountFarm,
        Self::CredentialStuffing,
        Self::DisposableMail,
        Self::GpsSpoofing,
        Self::FraudRing,
    ];

    /// For people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Good => "good traffic",
            Self::AccountFarm => "account farm",
            Self::CredentialStuffing => "credential stuffing",
            Self::DisposableMail => "disposable mail",
            Self::GpsSpoofing => "GPS spoofing",
            Self::FraudRing => "fraud ring",
        }
    }
}

/// The call that an event is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// Ingest.
    Ingest,
    /// Fraudsense, a session.
    Session,
    /// Fraudshield, a device.
    Device,
    /// Fraudshield, an action.
    Action,
}

impl Api {
    /// The path to post to.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Ingest => "/api/v1/events/ingest",
            Self::Session => "/v1/risk/score",
            Self::Device => "/v1/fraud/devices",
            Self::Action => "/v1/fraud/assess",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) at: Timestamp,
    pub(super) wave: Wave,
    pub(super) api: Api,
    /// The account; for a session, the phone.
    pub(super) user: String,
    pub(super) body: Value,
}
