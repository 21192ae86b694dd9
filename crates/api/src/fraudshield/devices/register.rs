//! `POST /v1/fraud/devices`: a device makes itself known.

use axum::{extract::State, response::Response};
use domain::{Dialect, Event, EventType, Timestamp};
use portcullis_domain as domain;
use portcullis_pipeline::Request;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{fingerprint::Fingerprint, view::DeviceView};
use crate::{
    AppState,
    body::Object,
    event_time::{self, EventTime, When},
    fraudshield::{
        FraudshieldError,
        auth::FraudWriter,
        error::{ErrorBody, ParamError},
        judge::judge,
        normalize::Checker,
        profile::PROFILE,
        request::Post,
    },
};

/// A device that is used now. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldRegistration)]
pub(crate) struct RegisterRequest {
    /// What it tells of itself.
    #[schema(value_type = Fingerprint)]
    fingerprint: Option<Object<Fingerprint>>,
    /// The address that it calls from.
    #[schema(example = "102.45.67.89")]
    ip_address: Option<String>,
    /// Who uses it, 1 to 256 characters.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
    /// The session that it is used in, 1 to 256 characters.
    session_id: Option<String>,
}

impl RegisterRequest {
    /// The event that it is; all complaints are told at once.
    fn check(self, now: Timestamp) -> Result<Event, FraudshieldError> {
        let mut checker = Checker::default();
        let missing = |param| Err(ParamError::missing(param));
        let fingerprint = checker.keep(self.fingerprint.map_or_else(|| missing("fingerprint"), Ok));
        let told = fingerprint.map(|Object(sent)| sent.check("fingerprint", &mut checker.errors));
        let address = checker
            .keep(self.ip_address.as_deref().map_or_else(|| Err(ParamError::missing("ip_address")), Ok));
        let ip = checker.ip("ip_address", address);
        let user = checker.id("user_id", self.user_id.as_deref());
        checker.id("session_id", self.session_id.as_deref());
        match told {
            Some(told) if checker.errors.is_empty() => Ok(Event {
                dialect: Dialect::Fraudshield,
                event_type: EventType::DeviceRegistration,
                at: now,
                user,
                email: None,
                ip,
                device: Some(told.device),
                behavior: None,
                session: None,
                sensors: told.sensors,
                claims: None,
                more: None,
            }),
            _ => Err(FraudshieldError::Invalid(checker.errors)),
        }
    }
}

/// Register a device
///
/// Tells whether the device is known, its risk, and who else was seen on it. A device is known again when it tells
/// exactly what it told before, or when enough of that agrees: its canvas, graphics, fonts and screen on computers, an
/// id or the account on phones, whose looks millions share. A browser may be updated meanwhile, never go back. Needs the
/// scope `fraud:write`. With the header `Idempotency-Key` a retry within 24 hours gets the first answer again, with the
/// header `Idempotent-Replayed: true`, and is not counted.
#[utoipa::path(post, path = "/v1/fraud/devices", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = RegisterRequest,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours"),
        ("Portcullis-Event-Time" = Option<String>, Header, description = event_time::ABOUT),
    ),
    responses(
        (status = 200, description = "The device", body = DeviceView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 409, description = "The idempotency key was used with another body", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn register_device(
    State(state): State<AppState>,
    FraudWriter { caller, .. }: FraudWriter,
    event_time: EventTime,
    request: Post<RegisterRequest>,
) -> Result<Response, FraudshieldError> {
    let When { at, stated } = event_time.check(caller.mode, state.clock.now())?;
    let event = request.body.check(at)?;
    let idempotency = request.idempotency;
    let request = Request { stated_at: stated, idempotency, ..Request::new(caller.realm(), &PROFILE, event) };
    judge(&state, request, |id, decision, _, found| {
        let device = found.device.as_ref();
        device.map(|device| DeviceView::new(device, &found.users, id.to_string(), decision))
    })
    .await
}
