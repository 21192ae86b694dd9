//! The stored form of a decision.
//!
//! What an event adds to history (its touch) is a column of its own, because history is rebuilt from it alone; this is
//! everything else. The version byte comes first: a new form gets a new number, and old ones stay readable for ever.

use std::sync::Arc;

use domain::{
    Assessment, Check, CheckStatus, Decision, Dialect, Email, EventId, Facts, Label, Outcome, Policy,
    PolicyId, Realm, Subject, Timestamp, Timings, facts::Details, varint,
};
use portcullis_domain as domain;
use smallvec::SmallVec;

use crate::{Error, history::Touch, keys::Sealer};

/// The form without labels, and without device and session of the subject.
const FIRST_VERSION: u8 = 1;
/// The first form with what would have been done.
const WITH_WOULD: u8 = 3;
const VERSION: u8 = 3;
const DAMAGED: Error = Error::Damaged("event");
const NOT_FORCED: u8 = u8::MAX;

/// An event as it was recorded.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub realm: Realm,
    /// What it added to history.
    pub touch: Touch,
    /// What was known, concluded and answered.
    pub decision: Decision,
    /// The policy it was judged by.
    pub policy: Arc<Policy>,
    /// What turned out to be true, when that was reported.
    pub label: Option<LabelReport>,
}

impl StoredEvent {
    /// When it was recorded.
    pub fn recorded_at(&self) -> Timestamp {
        self.id.recorded_at()
    }
}

/// A report of what turned out to be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelReport {
    /// What turned out to be true.
    pub label: Label,
    /// When it was reported.
    pub at: Timestamp,
    /// The reporter's words.
    pub notes: Option<String>,
}

/// Appends the stored form of `decision`.
pub(crate) fn encode(
    decision: &Decision,
    id: EventId,
    sealer: &Sealer,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let assessment = &decision.assessment;
    out.push(VERSION);
    out.push(decision.dialect as u8);
    out.extend_from_slice(&decision.policy.0.to_le_bytes());
    varint::put_signed(out, i64::from(assessment.score));
    out.push(assessment.band);
    out.push(assessment.outcome as u8);
    out.push(assessment.would as u8);
    out.push(decision.forced.map_or(NOT_FORCED, |outcome| outcome as u8));
    encode_checks(&assessment.checks, out);
    varint::put(out, u64::from(assessment.labels));
    varint::put(out, u64::from(decision.timings.enrich_us));
    varint::put(out, u64::from(decision.timings.evaluate_us));
    let mut sealed = encode_personal(&decision.subject, decision.facts.details());
    sealer.seal(id, &mut sealed)?;
    varint::put_bytes(out, &sealed);
    decision.facts.encode(out);
    Ok(())
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode(
    touch: &Touch,
    id: EventId,
    sealer: &Sealer,
    mut bytes: &[u8],
) -> Result<Decision, Error> {
    let bytes = &mut bytes;
    let version = varint::take_byte(bytes)?;
    if !(FIRST_VERSION..=VERSION).contains(&version) {
        return Err(DAMAGED);
    }
    let dialect = Dialect::from_code(varint::take_byte(bytes)?).ok_or(DAMAGED)?;
    let policy = PolicyId(u64::from_le_bytes(varint::take_array(bytes)?));
    let score = i32::try_from(varint::take_signed(bytes)?).map_err(|_| DAMAGED)?;
    let band = varint::take_byte(bytes)?;
    let outcome = take_outcome(bytes)?;
    let would = if version < WITH_WOULD { outcome } else { take_outcome(bytes)? };
    let forced = match varint::take_byte(bytes)? {
        NOT_FORCED => None,
        code => Some(Outcome::from_code(code).ok_or(DAMAGED)?),
    };
    let checks = decode_checks(bytes)?;
    let labels = if version == FIRST_VERSION { 0 } else { take_u32(bytes)? };
    let timings = Timings { enrich_us: take_u32(bytes)?, evaluate_us: take_u32(bytes)? };
    let (subject, details) = decode_personal(&sealer.open(id, varint::take_bytes(bytes)?)?)?;
    let mut facts = Box::new(Facts::decode(bytes).map_err(|_| DAMAGED)?);
    facts.set_details(details);
    Ok(Decision {
        dialect,
        event_type: touch.event_type,
        at: touch.at.unwrap_or(id.recorded_at()),
        subject,
        facts,
        policy,
        assessment: Assessment { score, band, outcome, would, checks, labels },
        forced,
        timings,
    })
}

fn take_outcome(bytes: &mut &[u8]) -> Result<Outcome, Error> {
    Outcome::from_code(varint::take_byte(bytes)?).ok_or(DAMAGED)
}

fn take_u32(bytes: &mut &[u8]) -> Result<u32, Error> {
    u32::try_from(varint::take(bytes)?).map_err(|_| DAMAGED)
}

/// Rules are listed in the policy's order, so the step from one to the next is mostly 1 and fits a byte with the status.
fn encode_checks(checks: &[Check], out: &mut Vec<u8>) {
    varint::put(out, checks.len() as u64);
    let mut previous = 0;
    for check in checks {
        varint::put(out, u64::from(check.rule.wrapping_sub(previous)) << 3 | check.status as u64);
        previous = check.rule;
    }
}

fn decode_checks(bytes: &mut &[u8]) -> Result<SmallVec<[Check; 24]>, Error> {
    let mut rule = 0u16;
    (0..varint::take_length(bytes)?)
        .map(|_| {
            let packed = varint::take(bytes)?;
            rule = rule.wrapping_add((packed >> 3) as u16);
            Ok(Check { rule, status: CheckStatus::from_code((packed & 7) as u8).ok_or(DAMAGED)? })
        })
        .collect()
}

/// What is sealed. Details follow the subject where there are any.
fn encode_personal(subject: &Subject, details: &Details) -> Vec<u8> {
    let email = subject.email.as_ref().map(ToString::to_string);
    let mut out = Vec::with_capacity(128);
    put_optional(&mut out, subject.user.as_deref());
    // Most tenants use the address as the account's id.
    if email.is_some() && email.as_deref() == subject.user.as_deref() {
        out.push(2);
    } else {
        put_optional(&mut out, email.as_deref());
    }
    // Most events have none of these.
    if subject.device.is_some() || subject.session.is_some() || !details.is_empty() {
        put_optional(&mut out, subject.device.as_deref());
        put_optional(&mut out, subject.session.as_deref());
    }
    if !details.is_empty() {
        details.encode(&mut out);
    }
    out
}

fn decode_personal(mut bytes: &[u8]) -> Result<(Subject, Details), Error> {
    let bytes = &mut bytes;
    let user = take_optional(bytes)?;
    let email = if bytes.first() == Some(&2) {
        *bytes = &bytes[1..];
        user
    } else {
        take_optional(bytes)?
    };
    let email = email.map(|text| Email::parse(text).map_err(|_| DAMAGED)).transpose()?;
    let (device, session) =
        if bytes.is_empty() { (None, None) } else { (take_optional(bytes)?, take_optional(bytes)?) };
    let subject = Subject {
        user: user.map(Into::into),
        email,
        device: device.map(Into::into),
        session: session.map(Into::into),
    };
    let details = if bytes.is_empty() { Details::none() } else { Details::decode(bytes)? };
    Ok((subject, details))
}

fn put_optional(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    if let Some(text) = text {
        varint::put_bytes(out, text.as_bytes());
    }
}

fn take_optional<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a str>, Error> {
    match varint::take_byte(bytes)? {
        0 => Ok(None),
        1 => std::str::from_utf8(varint::take_bytes(bytes)?).map(Some).map_err(|_| DAMAGED),
        _ => Err(DAMAGED),
    }
}

#[cfg(test)]
mod tests {
    use domain::{EventType, facts};

    use super::*;
    use crate::keys::MasterKey;

    fn decision(user: Option<&str>, email: Option<&str>) -> Decision {
        let mut facts = Facts::unknown();
        facts.set(facts::ip::ADDRESS, "81.2.69.142");
        facts.set(facts::device::IS_NEW, true);
        let statuses =
            [CheckStatus::Fired, CheckStatus::Quiet, CheckStatus::Disabled, CheckStatus::ShadowFired];
        let checks =
            (0u16..).step_by(20).zip(statuses).map(|(rule, status)| Check { rule, status }).collect();
        Decision {
            dialect: Dialect::Ingest,
            event_type: EventType::Login,
            at: Timestamp::from_millis(1_700_000_000_000),
            subject: Subject {
                user: user.map(Into::into),
                email: email.map(|text| Email::parse(text).unwrap()),
                device: email.map(Into::into),
                session: user.map(Into::into),
            },
            facts: Box::new(facts),
            policy: PolicyId(77),
            assessment: Assessment {
                score: -3,
                band: 1,
                outcome: Outcome::Challenge,
                would: Outcome::Review,
                checks,
                labels: 5,
            },
            forced: Some(Outcome::Block),
            timings: Timings { enrich_us: 300, evaluate_us: 4 },
        }
    }

    #[test]
    fn what_was_recorded_before_anything_was_only_watched_was_done() {
        let dir = tempfile::tempdir().unwrap();
        let sealer = MasterKey::load(dir.path(), true).unwrap().sealer("test").unwrap();
        let id = EventId::first_at(Timestamp::from_millis(1_700_000_000_000));
        let mut decision = decision(Some("u1"), None);
        let mut out = Vec::new();
        encode(&decision, id, &sealer, &mut out).unwrap();
        // The form before had one byte less: after version, dialect, policy, score, band and outcome.
        out[0] = WITH_WOULD - 1;
        assert_eq!(out.remove(13), Outcome::Review as u8);
        let touch = Touch {
            event_type: decision.event_type,
            at: Some(decision.at),
            entities: SmallVec::new(),
            place: None,
            position: None,
            verdict: None,
        };
        decision.assessment.would = decision.assessment.outcome;
        assert_eq!(decode(&touch, id, &sealer, &out).unwrap(), decision);
    }

    #[test]
    fn decisions_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let sealer = MasterKey::load(dir.path(), true).unwrap().sealer("test").unwrap();
        let id = EventId::first_at(Timestamp::from_millis(1_700_000_000_000));
        let address = "Jane@example.com";
        for (user, email) in
            [(None, None), (Some("u1"), None), (Some("u1"), Some(address)), (Some(address), Some(address))]
        {
            let mut decision = decision(user, email);
            if email.is_none() {
                let detail = |text: &str| facts::Value::Text(text.into());
                decision.facts.set_details([("metadata.name", detail("Jane"))].into_iter().collect());
            }
            let mut out = Vec::new();
            encode(&decision, id, &sealer, &mut out).unwrap();
            assert!(
                !["Jane", "meta"].iter().any(|text| out.windows(4).any(|window| window == text.as_bytes())),
                "personal data is sealed"
            );
            let touch = Touch {
                event_type: decision.event_type,
                at: Some(decision.at),
                entities: SmallVec::new(),
                place: None,
                position: None,
                verdict: None,
            };
            assert_eq!(decode(&touch, id, &sealer, &out).unwrap(), decision);
            for cut in 0..out.len() {
                assert!(decode(&touch, id, &sealer, &out[..cut]).is_err());
            }
        }
    }
}
