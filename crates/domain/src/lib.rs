//! The vocabulary every other crate speaks: tenants, events, entities, facts, policies and decisions.
//!
//! Nothing here does I/O or knows a dialect, a database or a reference table.

pub mod clock;
pub mod decision;
pub mod email;
pub mod entity;
pub mod event;
pub mod facts;
pub mod id;
pub mod ip;
pub mod label;
pub mod outcome;
pub mod place;
pub mod policy;
pub mod secret;
pub mod tenant;
pub mod varint;

pub use clock::{Clock, SharedClock, Stopwatch, SystemClock, Timestamp};
pub use decision::{Assessment, Check, CheckStatus, Decision, Subject, Timings};
pub use email::Email;
pub use entity::{Entity, EntityHasher, EntityKey, EntityKind};
pub use event::{
    Behavior, Claims, Device, Dialect, Event, EventType, EventTypes, IdentityHints, More, MousePoint, Screen,
    Sensors,
};
pub use facts::{Fact, Facts, Missing};
pub use id::EventId;
pub use label::Label;
pub use outcome::Outcome;
pub use place::Place;
pub use policy::{
    Category, Condition, CustomRule, Factor, Learned, LearnedRule, Limits, Overrides, Policy, PolicyId,
    PolicyLabel, PolicyRule, RuleAction, RuleMode, RuleOverride,
};
pub use secret::Secret;
pub use tenant::{Mode, Realm, TenantId};
