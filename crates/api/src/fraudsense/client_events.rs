//! `POST /v1/events`: what the SDK reports of a session between scores, kept for people to read.

use axum::{Json as Answer, body::Body, extract::State};
use domain::{Entity, EntityKind, Timestamp};
use http::{HeaderMap, StatusCode};
use portcullis_domain as domain;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;

use super::{
    FraudsenseError,
    auth::FraudsenseCaller,
    checks::Checks,
    error::{ErrorBody, FieldError},
};
use crate::{
    AppState,
    body::{self, Object},
    failure::Failure,
};

/// The most events of a batch.
const MOST_EVENTS: usize = 500;
/// The longest type of an event, characters.
const LONGEST_TYPE: usize = 64;
/// The latest time there can be, ms since 1970.
const LATEST_MS: f64 = Timestamp::MAX.as_millis() as f64;

/// What happened in a session.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseEvents)]
pub(crate) struct EventsRequest {
    /// The device's stable fingerprint, 1 to 256 characters.
    #[schema(required = true, nullable = false, example = "fs_a3f9b2c1d4e5")]
    device_id: Option<String>,
    /// Your id of the session, 1 to 256 characters.
    #[schema(required = true, nullable = false, example = "sess_20260411_7f3a")]
    session_id: Option<String>,
    /// 1 to 500 events.
    #[schema(required = true, nullable = false, value_type = Vec<EventRequest>)]
    events: Option<Vec<Object<EventRequest>>>,
}

/// Something that happened.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudsenseEvent)]
pub(crate) struct EventRequest {
    /// What, in 1 to 64 characters.
    #[schema(required = true, nullable = false, example = "screen_change")]
    r#type: Option<String>,
    /// When: ms since 1970, or an ISO time.
    #[schema(required = true, nullable = false, value_type = TimeSchema, example = 1_775_883_600_000_i64)]
    ts: Option<Time>,
    /// What else is to be said.
    #[schema(value_type = Option<std::collections::HashMap<String, Value>>)]
    data: Option<Map<String, Value>>,
}

/// A time as it was sent: ms since 1970, or a text.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Time {
    Millis(Number),
    Text(String),
}

/// A time: ms since 1970, or an ISO time.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = FraudsenseTime)]
#[allow(dead_code, reason = "only describes what `Time` reads")]
pub(crate) enum TimeSchema {
    /// Milliseconds since 1970.
    Millis(i64),
    /// An ISO time.
    Text(String),
}

/// How many events were kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudsenseAccepted)]
pub(crate) struct Accepted {
    /// All that were sent.
    #[schema(example = 12)]
    accepted: usize,
}

/// A batch as it is kept.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    device_id: String,
    #[serde(skip)]
    session_id: String,
    events: Vec<ReportedEvent>,
}

#[derive(Debug, Serialize)]
struct ReportedEvent {
    r#type: String,
    ts: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Map<String, Value>>,
}

/// Report what happened in a session
///
/// The SDK sends these between scores. They are kept for 30 days beside the session's scores, for people to read; they
/// change no score and are not billed.
#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "fraudsense",
    request_body = EventsRequest,
    responses(
        (status = 202, description = "Kept", body = Accepted),
        (status = 400, description = "Not well-formed JSON, or fields are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The account is suspended, or the key may not do this", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "More than 1,000 calls of the key in 15 minutes", body = ErrorBody),
    ),
    security(("fraudsense_key" = []))
)]
pub(crate) async fn report_events(
    State(state): State<AppState>,
    FraudsenseCaller(caller): FraudsenseCaller,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Answer<Accepted>), FraudsenseError> {
    let bytes = body::read(&headers, body, body::LIMIT_BYTES).await?;
    let report = check(body::parse(&bytes)?).map_err(FraudsenseError::Invalid)?;
    let json = serde_json::to_string(&report).map_err(|_| Failure::Internal)?;
    let accepted = report.events.len();
    let session = Entity::new(EntityKind::Session, report.session_id);
    let session = state.assessor.entity_key(caller.realm(), &session);
    state.store.of(caller.realm()).add_client_report(session, json).await?;
    Ok((StatusCode::ACCEPTED, Answer(Accepted { accepted })))
}

fn check(request: EventsRequest) -> Result<Report, Vec<FieldError>> {
    let mut checks = Checks::default();
    let device_id = checks.id("deviceId", request.device_id);
    let session_id = checks.id("sessionId", request.session_id);
    let events = check_events(request.events, &mut checks);
    checks.pass(Report { device_id, session_id, events })
}

fn check_events(sent: Option<Vec<Object<EventRequest>>>, checks: &mut Checks) -> Vec<ReportedEvent> {
    match sent {
        Some(sent) if (1..=MOST_EVENTS).contains(&sent.len()) => {
            let indexed = sent.into_iter().enumerate();
            return indexed.map(|(index, Object(event))| check_event(index, event, checks)).collect();
        }
        Some(_) => checks.complain("events", format!("must have 1 to {MOST_EVENTS} items")),
        None => checks.miss("events"),
    }
    Vec::new()
}

fn check_event(index: usize, event: EventRequest, checks: &mut Checks) -> ReportedEvent {
    let field = format!("events[{index}].type");
    let r#type = checks.short(&field, event.r#type, LONGEST_TYPE).unwrap_or_else(|| {
        checks.miss(&field);
        String::new()
    });
    let field = format!("events[{index}].ts");
    match &event.ts {
        Some(time) if time.is_time() => {}
        Some(_) => checks.complain(&field, "must be ms since 1970 or an ISO time"),
        None => checks.miss(&field),
    }
    ReportedEvent { r#type, ts: event.ts, data: event.data }
}

impl Time {
    fn is_time(&self) -> bool {
        match self {
            Self::Millis(millis) => millis.as_f64().is_some_and(|millis| (0.0..=LATEST_MS).contains(&millis)),
            Self::Text(text) => text.parse::<Timestamp>().is_ok(),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(millis) => Ok(Self::Millis(millis)),
            Value::String(text) => Ok(Self::Text(text)),
            _ => Err(D::Error::custom("must be ms since 1970 or an ISO time")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(request: Value) -> Vec<FieldError> {
        check(serde_json::from_value(request).unwrap()).err().unwrap_or_default()
    }

    #[test]
    fn a_batch_is_kept_as_it_was_said() {
        let events = json!([
            { "type": " tap ", "ts": 1_775_883_600_000_i64, "data": { "x": 1.5, "deep": [null] }, "more": 7 },
            { "type": "paste", "ts": "2026-04-11T05:00:00Z", "data": null },
        ]);
        let request = json!({ "deviceId": "d", "sessionId": "s", "events": events });
        let report = check(serde_json::from_value(request).unwrap()).unwrap();
        let kept = json!({ "deviceId": "d", "events": [
            { "type": "tap", "ts": 1_775_883_600_000_i64, "data": { "x": 1.5, "deep": [null] } },
            { "type": "paste", "ts": "2026-04-11T05:00:00Z" },
        ] });
        assert_eq!((serde_json::to_value(&report).unwrap(), report.session_id.as_str()), (kept, "s"));
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let missing = ["deviceId", "sessionId", "events"].map(FieldError::missing);
        assert_eq!(fields(json!({})), missing);
        let events = json!([{}, { "type": "t".repeat(65), "ts": "yesterday" }, { "type": "t", "ts": -1 }]);
        let when = "must be ms since 1970 or an ISO time";
        let wrong = [
            FieldError::missing("events[0].type"),
            FieldError::missing("events[0].ts"),
            FieldError::invalid("events[1].type", "must have at most 64 characters"),
            FieldError::invalid("events[1].ts", when),
            FieldError::invalid("events[2].ts", when),
        ];
        assert_eq!(fields(json!({ "deviceId": "d", "sessionId": "s", "events": events })), wrong);
    }

    #[test]
    fn a_batch_has_one_to_five_hundred_events() {
        for (count, is_fine) in [(0, false), (1, true), (500, true), (501, false)] {
            let events = vec![json!({ "type": "t", "ts": 0 }); count];
            let request = json!({ "deviceId": "d", "sessionId": "s", "events": events });
            assert_eq!(fields(request).is_empty(), is_fine, "{count}");
        }
    }
}
