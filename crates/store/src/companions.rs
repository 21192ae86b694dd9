//! What an event brings along that has tables of its own: read before the event is decided, written with it.

use compact_str::CompactString;
use domain::{Decision, EntityHasher, EntityKey, EntityKind, EventId, Outcome, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::Transaction;

use crate::{
    DeviceClue, DeviceRecord, DeviceUser, DuplicateSearch, Error, FoundDuplicates, ReviewId, SeenDevice,
    VelocityCheck, VelocityOutcome, VelocityScope, Verification, VerificationId,
    control::Control,
    devices::{self, Resolved},
    duplicates::Desk,
    history::Touch,
    keys::{MasterKey, Sealer},
    tally::Tallies,
    traces::{FoundTrace, MetTrace, Trace},
    velocity::{self, Judged},
};

/// What an event brings along beside its entities.
#[derive(Debug, Default)]
pub struct Companions {
    /// Which device it is about, when that is to be looked up; the touch then names none.
    pub device: Option<DeviceClue>,
    /// What is attempted.
    pub attempt: Option<VelocityCheck>,
    /// What a verification came with, to be looked for among earlier ones and then enrolled.
    pub verification: Option<DuplicateSearch>,
    /// What it leaves behind for the next one of the same device and account.
    pub trace: Option<Trace>,
    /// Whether deciding may ask who was seen on the device.
    pub is_curious: bool,
}

/// What was found out with an event, beside the decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// What became of the device's sessions in the event's dialect, this one included; only for events of a session.
    pub sessions: Option<DeviceRecord>,
    /// The device, this event counted; only when it was looked up and is known.
    pub device: Option<SeenDevice>,
    /// Who was seen on that device, in the order in which they came.
    pub users: Vec<DeviceUser>,
    /// What became of the attempt.
    pub attempt: Option<VelocityOutcome>,
    /// What earlier verifications came with too.
    pub duplicates: Option<FoundDuplicates>,
    /// Whether a person is asked to look at it.
    pub review: Option<ReviewId>,
    /// What earlier events left behind.
    pub trace: Option<FoundTrace>,
}

/// What deciding an event may know of its companions.
#[derive(Default)]
pub(crate) struct Met {
    pub(crate) device: Option<Resolved>,
    pub(crate) attempt: Option<Judged>,
    pub(crate) verification: Option<(Verification, FoundDuplicates)>,
    pub(crate) trace: Option<MetTrace>,
    /// Who was seen on the device before, when that was asked for.
    pub(crate) users: Vec<DeviceUser>,
}

/// What that is found out with.
pub(crate) struct Means<'a> {
    pub(crate) tx: &'a Transaction<'a>,
    pub(crate) hasher: &'a EntityHasher,
    pub(crate) control: &'a Control,
    pub(crate) device_sealer: &'a Sealer,
    pub(crate) key: &'a MasterKey,
    pub(crate) realm: Realm,
}

impl Means<'_> {
    /// Finds out what deciding the event needs, and adds the device to what it touches. The device of an attempt counts
    /// by its id, unless the caller gave one of its own.
    pub(crate) fn meet(
        &self,
        companions: Companions,
        touch: &mut Touch,
        now: Timestamp,
    ) -> Result<Met, Error> {
        let user = touch.key(EntityKind::User);
        let device = match companions.device {
            Some(clue) => devices::resolve(self.tx, self.hasher, self.realm, clue, user, now)?,
            None => None,
        };
        if let Some(resolved) = &device {
            let entity = domain::Entity::new(EntityKind::Device, resolved.device.hash.clone());
            touch.entities.push((EntityKind::Device, self.hasher.key(self.realm, &entity)));
        }
        let judge = |mut check: VelocityCheck| {
            let is_named = check.subjects.iter().any(|(scope, _)| *scope == VelocityScope::DeviceId);
            if let (false, Some(resolved)) = (is_named, &device) {
                check.subjects.push((VelocityScope::DeviceId, resolved.device.id.to_string()));
            }
            velocity::judge(self.tx, self.hasher, self.control, self.realm, &check, now)
        };
        let attempt = companions.attempt.map(judge).transpose()?;
        let verification = match companions.verification {
            Some(DuplicateSearch { verification, differing_bits, .. }) => {
                let found = self.desk()?.find(self.tx, &verification, differing_bits)?;
                Some((verification, found))
            }
            None => None,
        };
        let seen = device.as_ref().map(|resolved| &resolved.device);
        let meet = |trace: Trace| trace.meet(self.tx, self.realm, seen, user, now);
        let trace = companions.trace.map(meet).transpose()?;
        let users = match &device {
            Some(resolved) if companions.is_curious => {
                resolved.users(self.tx, self.device_sealer, self.realm)?
            }
            _ => Vec::new(),
        };
        Ok(Met { device, attempt, verification, trace, users })
    }

    /// Writes what the event brought along, once it was decided.
    pub(crate) fn write(
        &self,
        met: Met,
        touch: &Touch,
        decision: &Decision,
        (event, at): (EventId, Timestamp),
        tallies: &mut Tallies,
    ) -> Result<Found, Error> {
        let mut found = Found::default();
        if let Some(trace) = met.trace {
            let seen = met.device.as_ref().map(|resolved| &resolved.device);
            let user = touch.key(EntityKind::User);
            found.trace = Some(trace.write(self.tx, self.realm, seen, user, decision, (event, at))?);
        }
        if let Some(resolved) = met.device {
            let user: Option<(EntityKey, &CompactString)> =
                touch.key(EntityKind::User).zip(decision.subject.user.as_ref());
            let user = user.map(|(key, id)| (key, id.as_str()));
            resolved.write(self.tx, self.device_sealer, self.realm, user, (event, at))?;
            found.users = resolved.users(self.tx, self.device_sealer, self.realm)?;
            found.device = Some(resolved.device);
        }
        if let Some(judged) = met.attempt {
            found.attempt =
                Some(judged.write(self.tx, tallies, self.realm, decision.outcome() != Outcome::Block)?);
        }
        if let Some((mut verification, duplicates)) = met.verification {
            verification.id = Some(VerificationId::of(event).to_string());
            self.desk()?.enroll(self.tx, &verification, at)?;
            found.duplicates = Some(duplicates);
        }
        Ok(found)
    }

    fn desk(&self) -> Result<Desk, Error> {
        Desk::new(self.key, self.realm)
    }
}
