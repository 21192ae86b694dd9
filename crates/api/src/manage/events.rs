//! The event log: what was judged, newest first, and one event with its full explanation.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{
    Check, CheckStatus, Dialect, Entity, EntityKind, EventId, EventType, Fact, Label, Mode, Outcome, Realm,
    Timestamp,
    facts::{Value, device, ip},
};
use portcullis_domain as domain;
use portcullis_engine::{LearnedPoints, Plan};
use portcullis_store::{ClientReport, DeviceId, EventQuery, StoredEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number};
use utoipa::{IntoParams, ToSchema};

use super::{Page, Problems, checked_limit};
use crate::{AppState, body::Params, caller::Member, error::Problem};

/// Which events.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParams {
    /// How many, 1 to 200; 50 when left out.
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    after: Option<String>,
    /// Only events of this type: signup or login, in any case.
    r#type: Option<String>,
    /// Only events with this decision: allow, flag, challenge, review or block, in any case.
    decision: Option<String>,
    /// Only events of this account.
    user: Option<String>,
    /// Only events of this device: its id or hash, or the client's fingerprint.
    device: Option<String>,
    /// Only events from this address; for IPv6, from its /64.
    ip: Option<String>,
    /// Only events recorded at or after this time, RFC 3339.
    from: Option<String>,
    /// Only events recorded before this time, RFC 3339.
    to: Option<String>,
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

/// An event in the list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventSummary {
    /// The event's id.
    id: String,
    /// When it was recorded.
    at: String,
    /// The API it came through.
    dialect: &'static str,
    /// What happened.
    #[schema(value_type = String, example = "signup")]
    r#type: EventType,
    /// What the caller was told to do.
    #[schema(value_type = String, example = "challenge")]
    decision: Outcome,
    /// The score, on the dialect's scale.
    score: i32,
    /// The score's band, in the dialect's words.
    band: String,
    /// The codes of the rules that fired.
    fired: Vec<String>,
    /// The account.
    user: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// The address.
    ip: Option<String>,
    /// The address's country.
    country_code: Option<String>,
    /// The device's hash.
    device: Option<String>,
    /// The device's id, by which lists and fraudshield know it.
    #[schema(example = "dev_a1b2c3d4e5f6")]
    device_id: Option<String>,
    /// What became of it.
    outcome: Option<OutcomeDetail>,
}

/// What became of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutcomeDetail {
    /// What was reported.
    #[schema(value_type = String, example = "CONFIRMED_FRAUD")]
    outcome: Label,
    /// When.
    at: String,
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
/// Newest first. A page may be short although there are more: go on while there is a `nextCursor`.
#[utoipa::path(
    get,
    path = "/api/v1/client/events",
    tag = "events",
    params(EventParams),
    responses((status = 200, description = "One page", body = Page<EventSummary>), Problems),
    security(("token" = []))
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    member: Member,
    Params(mut params): Params<EventParams>,
) -> Result<Json<Page<EventSummary>>, Problem> {
    let realm = Realm { tenant: member.tenant.id, mode: params.mode.unwrap_or(Mode::Live) };
    let limit = checked_limit(params.limit)?;
    let scope = params.scope(realm);
    let scope: Vec<&str> = scope.iter().map(String::as_str).collect();
    let store = state.store.of(realm);
    if let Some(Ok(id)) = params.device.as_deref().map(str::parse::<DeviceId>)
        && let Some((device, _)) = store.device(id).await?
    {
        params.device = Some(device.hash.into());
    }
    let before = state.cursors.position(&scope, params.after.as_deref())?;
    let mut query = params.query(&state, realm, limit)?;
    query.before = before;
    let (mut events, mut next) = store.list_events(query.clone()).await?;
    // A text that names no device hash may be what the client called the device.
    if events.is_empty() && next.is_none() && before.is_none() && params.device.is_some() {
        query.entities = params.entities(&state, realm, true)?;
        (events, next) = store.list_events(query).await?;
    }
    let items = events.iter().map(EventSummary::from).collect();
    Ok(Json(Page { items, next_cursor: next.map(|next| state.cursors.issue(&scope, &next.to_string())) }))
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

impl EventParams {
    /// Everything that a cursor is bound to.
    fn scope(&self, realm: Realm) -> Vec<String> {
        let filters =
            [&self.r#type, &self.decision, &self.user, &self.device, &self.ip, &self.from, &self.to];
        let filters = filters.into_iter().map(|filter| format!("{filter:?}"));
        ["events".to_owned(), realm.code().to_string()].into_iter().chain(filters).collect()
    }

    fn query(&self, state: &AppState, realm: Realm, limit: u32) -> Result<EventQuery, Problem> {
        Ok(EventQuery {
            event_type: word(
                "type",
                self.r#type.as_deref(),
                "must be signup, login, payment, withdrawal, profile_update, visit, device_registration, \
                 verification or attempt",
            )?,
            outcome: word(
                "decision",
                self.decision.as_deref(),
                "must be allow, flag, challenge, review or block",
            )?,
            from: time("from", self.from.as_deref())?,
            to: time("to", self.to.as_deref())?,
            entities: self.entities(state, realm, false)?,
            ..EventQuery::newest(limit as usize)
        })
    }

    fn entities(
        &self,
        state: &AppState,
        realm: Realm,
        device_by_fingerprint: bool,
    ) -> Result<smallvec::SmallVec<[domain::EntityKey; 3]>, Problem> {
        let user = self.user.as_deref().map(|user| Entity::new(EntityKind::User, user));
        let device = self.device.as_deref().map(|device| {
            let by_fingerprint = || state.assessor.device_hash_of_fingerprint(realm, device);
            let hash = if device_by_fingerprint { by_fingerprint() } else { device.into() };
            Entity::new(EntityKind::Device, hash)
        });
        let ip = self.ip.as_deref().map(|text| {
            let address = domain::ip::parse_client_ip(text)
                .ok_or_else(|| Problem::field("ip", "must be an address"))?;
            let network = domain::ip::visitor_network(address);
            Ok::<_, Problem>(Entity::new(EntityKind::Ip, network.to_string()))
        });
        let entities = [user, device, ip.transpose()?].into_iter().flatten();
        Ok(entities.map(|entity| state.assessor.entity_key(realm, &entity)).collect())
    }
}

/// Reads a word as our vocabulary spells it, in lower case.
fn word<T: for<'de> Deserialize<'de>>(
    pointer: &str,
    text: Option<&str>,
    message: &'static str,
) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let value = serde_json::Value::String(text.to_ascii_lowercase());
    serde_json::from_value(value).map(Some).map_err(|_| Problem::field(pointer, message))
}

fn time(pointer: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| Problem::field(pointer, "must be an RFC 3339 time, such as 2026-01-31T09:30:00Z"))
}

impl From<&StoredEvent> for EventSummary {
    fn from(event: &StoredEvent) -> Self {
        let decision = &event.decision;
        let rules = &event.policy.rules;
        let fired = decision.assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
        let text = |key| decision.facts.known(key).map(str::to_owned);
        Self {
            id: event.id.to_string(),
            at: decision.at.to_string(),
            dialect: Dialect::name(decision.dialect),
            r#type: decision.event_type,
            decision: decision.outcome(),
            score: decision.assessment.score,
            band: event
                .policy
                .bands
                .get(usize::from(decision.assessment.band))
                .map_or_else(String::new, |band| band.name.clone()),
            fired: fired.filter_map(|check| Some(rules.get(usize::from(check.rule))?.code.clone())).collect(),
            user: decision.subject.user.as_ref().map(ToString::to_string),
            email: decision.subject.email.as_ref().map(ToString::to_string),
            ip: text(ip::ADDRESS),
            country_code: text(ip::COUNTRY_CODE),
            device: text(device::HASH),
            device_id: decision
                .facts
                .known(device::HASH)
                .and_then(DeviceId::of_hash)
                .map(|id| id.to_string()),
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
