//! What is verified.

use domain::{Dialect, Event, EventType, More, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{DeviceId, ImageKind, ListKind, ListValue, Sample, VelocityCheck, Verification};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::fraudshield::{
    FraudshieldError,
    devices::{Fingerprint, FingerprintOrText},
    duplicates::images::Image,
    error::ParamError,
    normalize::Checker,
    velocity::{attempt, named_device},
};
use crate::text::cut;

/// What velocity rules call a verification.
pub(super) const ACTION: &str = "identity.verify";

/// Somebody who proves who they are. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldVerification)]
pub(crate) struct VerifyRequest {
    /// The front of the document, Base64: PNG, JPEG or WebP, at most 8 MiB.
    document_front: Option<String>,
    /// Its back.
    document_back: Option<String>,
    /// The country that issued it, ISO 3166-1 alpha-2.
    #[schema(example = "MA")]
    country: Option<String>,
    /// What kind of document it is, 1 to 64 characters.
    #[schema(example = "national_id")]
    document_type: Option<String>,
    /// What to check: ocr, face_match, liveness, fraud; all of them when left out.
    #[schema(example = json!(["ocr", "face_match", "liveness", "fraud"]))]
    checks: Option<Vec<String>>,
    /// sync (when left out) answers 200, async 201. The checks are made before the answer either way.
    #[schema(example = "sync")]
    mode: Option<String>,
    /// A picture of the person, Base64.
    selfie: Option<String>,
    /// The document's number.
    #[schema(example = "BE123456")]
    document_number: Option<String>,
    /// Who it is, 1 to 256 characters.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
    /// The device that is used: one of our ids, or the caller's own.
    device_id: Option<String>,
    /// What the device tells of itself, instead.
    #[schema(value_type = Option<Fingerprint>)]
    fingerprint: Option<FingerprintOrText>,
    /// The address that it calls from.
    ip_address: Option<String>,
    /// The person's e-mail address.
    email: Option<String>,
    /// The person's phone number, with its country's code.
    phone: Option<String>,
}

/// A check that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Ocr,
    FaceMatch,
    Liveness,
    Fraud,
}

impl Check {
    pub(super) const ALL: [Self; 4] = [Self::Ocr, Self::FaceMatch, Self::Liveness, Self::Fraud];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ocr => "ocr",
            Self::FaceMatch => "face_match",
            Self::Liveness => "liveness",
            Self::Fraud => "fraud",
        }
    }
}

/// What is asked, in our vocabulary.
pub(super) struct Asked {
    pub(super) event: Event,
    pub(super) device_id: Option<DeviceId>,
    pub(super) attempt: VelocityCheck,
    pub(super) images: Vec<Image>,
    pub(super) verification: Verification,
    pub(super) terms: Terms,
}

/// What the answer tells back.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) country: String,
    pub(super) document_type: Option<String>,
    pub(super) checks: Vec<Check>,
    pub(super) is_async: bool,
}

impl VerifyRequest {
    /// What it asks; all complaints are told at once.
    pub(super) fn check(self, now: Timestamp) -> Result<Asked, FraudshieldError> {
        let mut checker = Checker::default();
        let front = checker.keep(self.document_front.ok_or_else(|| ParamError::missing("document_front")));
        let country = checker.keep(checked_country(self.country.as_deref()));
        let checks = checker.keep(checked_checks(self.checks));
        let is_async = checker.keep(checked_mode(self.mode.as_deref()));
        let document_type = self.document_type.map(|text| checked_type(&text));
        let document_type = document_type.and_then(|text| checker.keep(text));
        let user = checker.id("user_id", self.user_id.as_deref());
        let ip = checker.ip("ip_address", self.ip_address.as_deref());
        let email = checker.email("email", self.email.as_deref());
        let given_id = checker.id("device_id", self.device_id.as_deref());
        let told = self.fingerprint.map(|sent| sent.check("fingerprint", &mut checker.errors));
        let phone = checker.number("phone", ListKind::Phone, self.phone.as_deref());
        let number = self.document_number.as_deref().map(checked_number);
        let number = number.and_then(|number| checker.keep(number));
        let (Some(front), Some(country), Some(checks), Some(is_async), true) =
            (front, country, checks, is_async, checker.errors.is_empty())
        else {
            return Err(FraudshieldError::Invalid(checker.errors));
        };
        let image = |param, kind, base64| Image { param, kind, base64 };
        let back = self.document_back.map(|back| image("document_back", ImageKind::Document, back));
        let selfie = self.selfie.map(|selfie| image("selfie", ImageKind::Face, selfie));
        let front = image("document_front", ImageKind::Document, front);
        let images = std::iter::once(front).chain(back).chain(selfie).collect();
        let attempt = attempt(ACTION.to_owned(), user.as_deref(), ip, given_id.as_deref(), None);
        let (device, device_id, sensors) = if let Some(told) = told {
            (Some(told.device), None, told.sensors)
        } else {
            let (device, id) = named_device(given_id);
            (device, id, None)
        };
        let document = number.as_ref().map(|number| number.to_string().into());
        let more = More { phone, document, action: Some(cut(ACTION)), ..More::default() };
        let verification = Verification {
            id: None,
            user: user.as_ref().map(ToString::to_string),
            samples: number.map(Sample::DocumentNumber).into_iter().collect(),
        };
        let event = Event {
            dialect: Dialect::Fraudshield,
            event_type: EventType::Verification,
            at: now,
            user,
            email,
            ip,
            device,
            behavior: None,
            session: None,
            sensors,
            claims: None,
            more: Some(Box::new(more)),
        };
        let terms = Terms { country, document_type, checks, is_async };
        Ok(Asked { event, device_id, attempt, images, verification, terms })
    }
}

fn checked_country(text: Option<&str>) -> Result<String, ParamError> {
    let text = text.ok_or_else(|| ParamError::missing("country"))?.trim().to_ascii_uppercase();
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let wrong = || ParamError::invalid("country", "must be a country's two letters, such as MA");
    is_code.then_some(text).ok_or_else(wrong)
}

fn checked_checks(names: Option<Vec<String>>) -> Result<Vec<Check>, ParamError> {
    let Some(names) = names else { return Ok(Check::ALL.to_vec()) };
    let wrong = || ParamError::invalid("checks", "must be some of ocr, face_match, liveness and fraud");
    let known = |name: &String| Check::ALL.into_iter().find(|check| check.name() == name).ok_or_else(wrong);
    let asked = names.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    if asked.is_empty() {
        return Err(wrong());
    }
    Ok(Check::ALL.into_iter().filter(|check| asked.contains(check)).collect())
}

fn checked_mode(text: Option<&str>) -> Result<bool, ParamError> {
    match text {
        None | Some("sync") => Ok(false),
        Some("async") => Ok(true),
        Some(_) => Err(ParamError::invalid("mode", "must be sync or async")),
    }
}

fn checked_type(text: &str) -> Result<String, ParamError> {
    let text = text.trim();
    let is_fine = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let wrong = || ParamError::invalid("document_type", "must have 1 to 64 characters");
    is_fine.then(|| text.to_owned()).ok_or_else(wrong)
}

fn checked_number(text: &str) -> Result<ListValue, ParamError> {
    let wrong =
        |error: portcullis_store::ListValueError| ParamError::invalid("document_number", error.to_string());
    ListValue::parse(ListKind::Document, text).map_err(wrong)
}
