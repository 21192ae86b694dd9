//! A decision as the SDK reads it.

use domain::{Decision, EventId};
use engine::Plan;
use portcullis_domain as domain;
use portcullis_engine as engine;
use portcullis_store::DeviceRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    device_history::DeviceHistory,
    flags::{self, Flag},
    ip_intelligence::IpIntelligence,
    labels::{Label, labels},
    level::{Level, event_label, recommendation},
    normalize::Words,
};

/// A scored session of a device.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseScore)]
pub(crate) struct ScoreResponse<'a> {
    /// As it was sent.
    #[schema(example = "fs_a3f9b2c1d4e5")]
    device_id: &'a str,
    /// As it was sent.
    #[schema(example = "sess_20260411_7f3a")]
    session_id: &'a str,
    /// As it was sent, in upper case; null when none was.
    #[schema(example = "PAYMENT")]
    event_type: Option<&'a str>,
    /// The same for people.
    #[schema(example = "Payment transaction")]
    event_label: &'static str,
    /// 0 to 100.
    #[schema(example = 63)]
    risk_score: i32,
    /// The score's level.
    risk_level: Level,
    /// What to do: ALLOW, STEP_UP, BLOCK or BLOCK_AND_FLAG, and what that means for this event.
    #[schema(example = "BLOCK - Hold payment for review")]
    recommendation: &'static str,
    /// Why the score is high; CLEAN alone when no label applies.
    risk_labels: Vec<Label<'a>>,
    /// What the SDK said fired.
    triggered_flags: Vec<Flag<'a>>,
    /// What the server saw beside that.
    server_flags: Vec<Flag<'a>>,
    /// What is known of the address.
    ip_intelligence: IpIntelligence<'a>,
    /// What is known of the device, this session included.
    device_history: DeviceHistory,
    /// When it was scored.
    #[schema(example = "2026-04-11T05:00:00.000Z")]
    scored_at: String,
    /// The event's id with this server.
    #[schema(example = "cm0k8z3v1q9a2b4")]
    event_id: String,
}

impl<'a> ScoreResponse<'a> {
    /// The answer for a decision made by `plan`, of a device with this record.
    pub(super) fn new(
        id: EventId,
        decision: &'a Decision,
        plan: &'a Plan,
        device: Option<&DeviceRecord>,
        words: &'a Words,
    ) -> Self {
        let (assessment, policy) = (&decision.assessment, plan.policy());
        let level = Level::of_band(assessment.band);
        Self {
            device_id: decision.subject.device.as_deref().unwrap_or_default(),
            session_id: decision.subject.session.as_deref().unwrap_or_default(),
            event_type: words.event_type.as_deref(),
            event_label: event_label(decision.event_type),
            risk_score: assessment.score,
            risk_level: level,
            recommendation: recommendation(decision.event_type, level),
            risk_labels: labels(policy, assessment.labels),
            triggered_flags: flags::sent(&words.flags, decision, policy),
            server_flags: flags::seen(decision, plan),
            ip_intelligence: IpIntelligence::new(&decision.facts, &policy.limits),
            device_history: DeviceHistory::of(device),
            scored_at: decision.at.to_string(),
            event_id: id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Dialect, EventType, Facts, Overrides, PolicyId, RuleOverride, Subject, Timestamp, Timings,
        facts::{client, device},
    };
    use serde_json::{Value, json};

    use super::*;
    use crate::fraudsense::profile::PROFILE;

    const FIELDS: [&str; 14] = [
        "deviceId",
        "sessionId",
        "eventType",
        "eventLabel",
        "riskScore",
        "riskLevel",
        "recommendation",
        "riskLabels",
        "triggeredFlags",
        "serverFlags",
        "ipIntelligence",
        "deviceHistory",
        "scoredAt",
        "eventId",
    ];

    fn answer(facts: Facts, event_type: EventType, flags: &[&str], tenant: &Overrides) -> String {
        let plan = Plan::compile(PROFILE.policy(&Overrides::default(), tenant)).unwrap();
        let decision = Decision {
            dialect: Dialect::Fraudsense,
            event_type,
            at: Timestamp::from_millis(0),
            subject: Subject { device: Some("d".into()), session: Some("s".into()), ..Subject::default() },
            assessment: engine::evaluate(&facts, event_type, &plan),
            facts: Box::new(facts),
            policy: PolicyId(0),
            forced: None,
            timings: Timings::default(),
        };
        let flags = flags.iter().map(|&flag| flag.to_owned()).collect();
        let words = Words { event_type: Some("PAYMENT".to_owned()), flags };
        let id = EventId::from_u64(0);
        serde_json::to_string(&ScoreResponse::new(id, &decision, &plan, None, &words)).unwrap()
    }

    fn read(facts: Facts, flags: &[&str]) -> Value {
        serde_json::from_str(&answer(facts, EventType::Payment, flags, &Overrides::default())).unwrap()
    }

    #[test]
    fn has_the_contracts_fields_in_its_order() {
        let text = answer(Facts::unknown(), EventType::Payment, &[], &Overrides::default());
        let places: Vec<_> = FIELDS.iter().map(|field| text.find(&format!("\"{field}\":"))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read.as_object().unwrap().len(), FIELDS.len());
        assert_eq!(
            (&read["riskLevel"], &read["scoredAt"]),
            (&json!("LOW"), &json!("1970-01-01T00:00:00.000Z"))
        );
        assert_eq!(read["recommendation"], "ALLOW - Proceed with payment");
    }

    #[test]
    fn a_flag_is_in_the_list_of_who_saw_it_first() {
        let mut facts = Facts::unknown();
        facts.set(device::IS_EMULATOR, true);
        facts.set(device::IS_ROOTED, true);
        facts.set(client::SIGNALS, "device.emulator ");
        let answer = read(facts, &["EMULATOR_DETECTED", "NEW_ONE"]);
        let sent = json!([
            {
                "code": "EMULATOR_DETECTED", "points": 40, "category": "device", "severity": "critical",
                "description": "Device is running in an emulator or simulator", "source": "sdk",
            },
            {
                "code": "NEW_ONE", "points": 0, "category": "unknown", "severity": "none",
                "description": "Not in the catalogue", "source": "sdk",
            },
        ]);
        assert_eq!(answer["triggeredFlags"], sent);
        let [seen] = answer["serverFlags"].as_array().unwrap().as_slice() else { panic!("{answer}") };
        assert_eq!((&seen["code"], &seen["points"]), (&json!("ROOT_JAILBREAK"), &json!(30)));
        assert_eq!((&seen["severity"], &seen["source"]), (&json!("high"), &json!("server")));
        assert!(seen["description"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!((&answer["riskScore"], &answer["riskLevel"]), (&json!(70), &json!("HIGH")));
    }

    #[test]
    fn a_flag_that_is_switched_off_is_told_and_does_not_count() {
        let mut facts = Facts::unknown();
        facts.set(device::IS_ROOTED, true);
        facts.set(client::SIGNALS, "device.emulator ");
        let off = RuleOverride { enabled: Some(false), ..RuleOverride::default() };
        let rules = ["EMULATOR_DETECTED", "ROOT_JAILBREAK"].map(|code| (code.to_owned(), off));
        let tenant = Overrides { rules: rules.into(), ..Overrides::default() };
        let answer = answer(facts, EventType::Payment, &["EMULATOR_DETECTED"], &tenant);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((&answer["riskScore"], &answer["serverFlags"]), (&json!(0), &json!([])));
        let flag = &answer["triggeredFlags"][0];
        assert_eq!((&flag["code"], &flag["points"]), (&json!("EMULATOR_DETECTED"), &json!(0)));
    }
}
