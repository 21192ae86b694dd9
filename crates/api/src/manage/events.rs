//! The event log: what was judged, newest first, and one event with its full explanation.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::{
    Check, CheckStatus, Dialect, Entity, EntityKind, EventId, EventType, Fact, Label, Mode, Outcome, Realm,
    facts::{Value, device, event as event_facts, ip},
};
use http::{HeaderMap, Uri};
use portcullis_domain as domain;
use portcullis_engine::{LearnedPoints, Plan, answered};
use portcullis_store::{ClientReport, DeviceId, StoredEvent, device_uuid};
use serde::Serialize;
use serde_json::{Map, Number};
use utoipa::ToSchema;

use super::{Page, Problems, event_query::EventParams, export};
use crate::{AppState, body::Params, caller::Member, csv::Format, error::Problem, keyri::risk::shown_code};

/// An event in the list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventSummary {
    /// The event's id.
    pub(super) id: String,
    /// When it was recorded.
    pub(super) at: String,
    /// The data set that it is in: live or test.
    #[schema(value_type = String, example = "live")]
    pub(super) mode: Mode,
    /// The API it came through.
    pub(super) dialect: &'static str,
    /// What happened.
    #[schema(value_type = String, example = "signup")]
    pub(super) r#type: EventType,
    /// What the caller was told to do.
    #[schema(value_type = String, example = "challenge")]
    pub(super) decision: Outcome,
    /// The score, on the dialect's scale.
    pub(super) score: i32,
    /// The score's band, in the dialect's words.
    pub(super) band: String,
    /// The codes of the rules that fired; of a keyri service's own rules the signal or the name.
    pub(super) fired: Vec<String>,
    /// The account.
    pub(super) user: Option<String>,
    /// The e-mail address.
    pub(super) email: Option<String>,
    /// The address.
    pub(super) ip: Option<String>,
    /// The address's country.
    pub(super) country_code: Option<String>,
    /// The address's city.
    pub(super) city: Option<String>,
    /// The device's hash.
    pub(super) device: Option<String>,
    /// The device's id, by which lists and fraudshield know it.
    #[schema(example = "dev_a1b2c3d4e5f6")]
    pub(super) device_id: Option<String>,
    /// The same device as keyri writes it.
    #[schema(example = "6c6d32ed-50b1-8a4f-9e0d-3c453429b3d5")]
    pub(super) device_uuid: Option<String>,
    /// desktop, mobile, tablet, bot or other.
    #[schema(example = "desktop")]
    pub(super) device_type: Option<String>,
    /// The browser.
    #[schema(example = "Firefox")]
    pub(super) browser: Option<String>,
    /// The operating system.
    #[schema(example = "Windows")]
    pub(super) os: Option<String>,
    /// What happened, in the caller's words, where the API has any.
    #[schema(example = "withdrawal")]
    pub(super) action: Option<String>,
    /// What the rules answered, where they decide and not the score: keyri's `riskSummary`.
    #[schema(example = "warn")]
    pub(super) answer: Option<String>,
    /// What became of it.
    pub(super) outcome: Option<OutcomeDetail>,
}

/// What became of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutcomeDetail {
    /// What was reported.
    #[schema(value_type = String, example = "CONFIRMED_FRAUD")]
    pub(super) outcome: Label,
    /// When.
    pub(super) at: String,
    /// The reporter's words.
    notes: Option<String>,
}

/// An event with all that its decision was made of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventDetail {
    #[serde(flatten)]
    summary: EventSummary,
    /// The decision that the score alone would have given, when a test address asked for another.
    #[schema(value_type = Option<String>)]
    assessed: Option<Outcome>,
    /// The policy it was judged by.
    policy: String,
    /// What would have been decided if nothing were only watched.
    #[schema(value_type = String, example = "challenge")]
    would: Outcome,
    /// Every rule and what became of it; the points of those that fired, those of `learned`, and `adjustment` add up to
    /// the score.
    checks: Vec<CheckDetail>,
    /// What labels taught of the rules that fired.
    learned: Vec<LearnedDetail>,
    /// What the ends of the scale, rounding, the client's own score, actions of rules, and that a single label changes no
    /// band make of the sum of points.
    #[schema(value_type = f64, example = 0)]
    adjustment: Number,
    /// The client's own id of the session.
    session: Option<String>,
    /// What the client's SDK reported of the session, oldest first, the first 100 batches.
    client_reports: Vec<ClientReportDetail>,
    /// Everything that was known, by name; what the caller said in words of its own as `metadata.…`.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    facts: Map<String, serde_json::Value>,
    /// What was not known, and why.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    missing: Map<String, serde_json::Value>,
    /// Looking up reference data, µs.
    enrich_us: u32,
    /// Running the rules, µs.
    evaluate_us: u32,
}

/// What a client's SDK reported at one time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ClientReportDetail {
    /// When it arrived.
    at: String,
    /// As it was said.
    report: serde_json::Value,
}

/// A rule and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CheckDetail {
    /// The dialect's code.
    code: String,
    /// The dialect's label.
    label: String,
    /// Our permanent code of the signal.
    signal: String,
    /// Fired, quiet, unknown, disabled, or shadow.
    #[schema(example = "fired")]
    status: &'static str,
    /// What it adds when it fires.
    weight: i32,
    /// What it added to this score: the weight, by the factor of its category in such events.
    #[schema(value_type = f64, example = 15)]
    points: Number,
    /// What was seen.
    detail: Option<String>,
}

/// What labels taught of a rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LearnedDetail {
    /// The dialect's code.
    code: String,
    /// The dialect's label.
    label: String,
    /// What that added to this score.
    #[schema(value_type = f64, example = 12.5)]
    points: Number,
    /// How many labeled events the rule had fired on.
    labels: u32,
}

/// List events
///
/// Newest first. A page may be short although there are more: go on while there is a `nextCursor`, or as CSV while there is
/// a `Link`.
#[utoipa::path(
    get,
    path = "/api/v1/client/events",
    tag = "events",
    params(EventParams),
    responses((status = 200, description = "One page; as CSV where that is wanted", body = Page<EventSummary>), Problems),
    security(("token" = []))
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    member: Member,
    uri: Uri,
    headers: HeaderMap,
    Params(params): Params<EventParams>,
) -> Result<Response, Problem> {
    let format = params.format(&headers);
    let found = params.find(&state, &member, format, None).await?;
    let items: Vec<_> = found.events.iter().map(EventSummary::from).collect();
    Ok(match format {
        Format::Json => Json(Page { items, next_cursor: found.next_cursor }).into_response(),
        Format::Csv => export::events(&items).into_response("events", found.next_page(&uri).as_deref()),
    })
}

/// Look an event up
///
/// With everything that was known, every rule that was looked at, and what each added to the score.
#[utoipa::path(
    get,
    path = "/api/v1/client/events/{id}",
    tag = "events",
    params(("id" = String, Path, description = "The event's id")),
    responses((status = 200, description = "The event", body = EventDetail), Problems),
    security(("token" = []))
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Json<EventDetail>, Problem> {
    let id: EventId = id.parse().map_err(|_| Problem::not_found())?;
    for mode in [Mode::Live, Mode::Test] {
        let realm = Realm { tenant: member.tenant.id, mode };
        if let Some(event) = state.store.of(realm).find_event(id).await? {
            let reports = client_reports(&state, &event).await?;
            return EventDetail::of(&event, reports).map(Json);
        }
    }
    Err(Problem::not_found())
}

impl From<&StoredEvent> for EventSummary {
    fn from(event: &StoredEvent) -> Self {
        let decision = &event.decision;
        let rules = &event.policy.rules;
        let fired = decision.assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
        let text = |key| decision.facts.known(key).map(str::to_owned);
        let hash = decision.facts.known(device::HASH);
        let is_keyri = decision.dialect == Dialect::Keyri;
        Self {
            id: event.id.to_string(),
            at: decision.at.to_string(),
            mode: event.realm.mode,
            dialect: Dialect::name(decision.dialect),
            r#type: decision.event_type,
            decision: decision.outcome(),
            score: decision.assessment.score,
            band: event
                .policy
                .bands
                .get(usize::from(decision.assessment.band))
                .map_or_else(String::new, |band| band.name.clone()),
            fired: fired.filter_map(|check| Some(shown_code(rules.get(usize::from(check.rule))?))).collect(),
            user: decision.subject.user.as_ref().map(ToString::to_string),
            email: decision.subject.email.as_ref().map(ToString::to_string),
            ip: text(ip::ADDRESS),
            country_code: text(ip::COUNTRY_CODE),
            city: text(ip::CITY),
            device: text(device::HASH),
            device_id: hash.and_then(DeviceId::of_hash).map(|id| id.to_string()),
            device_uuid: hash.filter(|_| is_keyri).and_then(device_uuid).map(String::from),
            device_type: text(device::TYPE),
            browser: text(device::BROWSER),
            os: text(device::OS),
            action: text(event_facts::ACTION),
            answer: answered(&event.policy, &decision.assessment.checks).map(str::to_owned),
            outcome: event.label.as_ref().map(|report| OutcomeDetail {
                outcome: report.label,
                at: report.at.to_string(),
                notes: report.notes.clone(),
            }),
        }
    }
}

impl EventDetail {
    fn of(event: &StoredEvent, client_reports: Vec<ClientReportDetail>) -> Result<Self, Problem> {
        let plan = Plan::compile(event.policy.as_ref().clone()).map_err(|error| {
            tracing::error!(%error, request.id = crate::request_id::current(), "the policy of a recorded event can not be run");
            Problem::internal()
        })?;
        let decision = &event.decision;
        let learned = plan.learned(&decision.facts, &decision.assessment.checks);
        let (mut facts, mut missing) = (Map::new(), Map::new());
        for (definition, fact) in decision.facts.iter() {
            match fact {
                Fact::Known(value) => facts.insert(definition.name.to_owned(), json_value(value)),
                Fact::Missing(reason) => {
                    missing.insert(definition.name.to_owned(), reason_name(*reason).into())
                }
            };
        }
        let details = decision.facts.details().iter();
        facts.extend(details.map(|(name, value)| (name.to_owned(), json_value(value))));
        Ok(Self {
            summary: EventSummary::from(event),
            assessed: decision.forced.map(|_| decision.assessment.outcome),
            policy: format!("{:016x}", decision.policy.0),
            would: decision.assessment.would,
            checks: checks(event, &plan),
            adjustment: number(adjustment(event, &plan, &learned)),
            learned: learned.iter().filter_map(|points| LearnedDetail::of(event, *points)).collect(),
            session: decision.subject.session.as_ref().map(ToString::to_string),
            client_reports,
            facts,
            missing,
            enrich_us: decision.timings.enrich_us,
            evaluate_us: decision.timings.evaluate_us,
        })
    }
}

async fn client_reports(state: &AppState, event: &StoredEvent) -> Result<Vec<ClientReportDetail>, Problem> {
    const MOST: usize = 100;
    let Some(session) = &event.decision.subject.session else { return Ok(Vec::new()) };
    let key = state.assessor.entity_key(event.realm, &Entity::new(EntityKind::Session, session.clone()));
    let reports = state.store.of(event.realm).client_reports(key, MOST).await?;
    let detail = |report: ClientReport| ClientReportDetail {
        at: report.at.to_string(),
        report: serde_json::from_str(&report.body).unwrap_or(serde_json::Value::String(report.body)),
    };
    Ok(reports.into_iter().map(detail).collect())
}

/// What a rule added to the score, in hundredths of a point.
fn hundredths(event: &StoredEvent, plan: &Plan, check: Check) -> i64 {
    let fired = check.status == CheckStatus::Fired;
    if fired { plan.hundredths(check.rule, event.decision.event_type) } else { 0 }
}

fn adjustment(event: &StoredEvent, plan: &Plan, learned: &[LearnedPoints]) -> i64 {
    let assessment = &event.decision.assessment;
    let sum: i64 = assessment.checks.iter().map(|&check| hundredths(event, plan, check)).sum();
    let learned: i64 = learned.iter().map(|points| points.hundredths).sum();
    i64::from(assessment.score) * 100 - sum - learned
}

impl LearnedDetail {
    fn of(event: &StoredEvent, points: LearnedPoints) -> Option<Self> {
        let rule = event.policy.rules.get(usize::from(points.rule))?;
        let LearnedPoints { hundredths, labels, .. } = points;
        Some(Self { code: rule.code.clone(), label: rule.label.clone(), points: number(hundredths), labels })
    }
}

/// A whole number without a point, as the weights are.
pub(super) fn number(hundredths: i64) -> Number {
    let whole = (hundredths % 100 == 0).then(|| Number::from(hundredths / 100));
    whole.or_else(|| Number::from_f64(hundredths as f64 / 100.0)).unwrap_or_else(|| Number::from(0))
}

fn checks(event: &StoredEvent, plan: &Plan) -> Vec<CheckDetail> {
    let decision = &event.decision;
    let checks = decision.assessment.checks.iter().filter_map(|&check| {
        let rule = event.policy.rules.get(usize::from(check.rule))?;
        Some(CheckDetail {
            code: rule.code.clone(),
            label: rule.label.clone(),
            signal: rule.signal.clone(),
            status: status_name(check.status),
            weight: rule.weight,
            points: number(hundredths(event, plan, check)),
            detail: plan.explain(check, &decision.facts),
        })
    });
    checks.collect()
}

fn json_value(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Text(value) => value.as_str().into(),
    }
}

const fn reason_name(reason: domain::Missing) -> &'static str {
    match reason {
        domain::Missing::NotSent => "not_sent",
        domain::Missing::NotFound => "not_found",
        domain::Missing::NotLoaded => "not_loaded",
        domain::Missing::NotApplicable => "not_applicable",
    }
}

const fn status_name(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Fired => "fired",
        CheckStatus::Quiet => "quiet",
        CheckStatus::Unknown => "unknown",
        CheckStatus::Disabled => "disabled",
        CheckStatus::ShadowFired => "shadow_fired",
        CheckStatus::ShadowQuiet => "shadow_quiet",
    }
}
