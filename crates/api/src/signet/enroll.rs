//! `POST /vc/v1/enroll`: the registry of people that the rest of the dialect is about.

use axum::{extract::State, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::Email;
use http::StatusCode;
use portcullis_domain as domain;
use portcullis_store::{Enrollment, Error, Once, Person, Repeatable};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    SignetError,
    answer::{Success, json, repeatable},
    auth::SignetEnroller,
    did::{did, public_key},
    error::{Errors, FieldError},
    request::{Checker, Post},
};
use crate::{AppState, failure::Failure};

const LONGEST_NAME: usize = 200;
const LONGEST_TYPE: usize = 64;
const MOST_METADATA_BYTES: usize = 16 * 1_024;
/// What kind of holder somebody is who is not said to be another.
const USUAL_TYPE: &str = "user";

/// Whom to enroll. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetEnrollment)]
pub(crate) struct EnrollRequest {
    /// Your id of the user, a UUID; made when left out.
    #[schema(example = "550e8400-e29b-41d4-a716-446655440000")]
    pub(super) user_id: Option<String>,
    /// What kind of holder it is, in 1 to 64 characters; `user` when left out.
    #[schema(example = "user")]
    pub(super) entity_type: Option<String>,
    /// The name, in 1 to 200 characters; kept sealed, like the address.
    #[schema(required, example = "John Doe")]
    pub(super) name: Option<String>,
    /// The e-mail address.
    #[schema(required, example = "john@example.com")]
    pub(super) email: Option<String>,
    /// Anything else, an object of at most 16 KiB.
    #[schema(value_type = Option<Object>)]
    pub(super) metadata: Option<Map<String, Value>>,
}

/// Somebody who was enrolled.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetEnrolled)]
pub(crate) struct Enrolled {
    /// The user's id, as it was given or made.
    #[schema(example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: String,
    /// The user's decentralized identifier.
    #[schema(example = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")]
    did: String,
    /// The identifier's Ed25519 public key, 32 bytes in base64.
    #[schema(example = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    public_key: String,
}

impl From<&Person> for Enrolled {
    fn from(person: &Person) -> Self {
        Self {
            user_id: person.user.clone(),
            did: did(&person.public_key),
            public_key: STANDARD.encode(person.public_key),
        }
    }
}

/// Enroll a user
///
/// The calls that name a user are for enrolled ones only, in the data set of the key. Needs the scope `identity:*`. With
/// the header `Idempotency-Key` a retry within 24 hours gets the first answer again, with the header
/// `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/vc/v1/enroll", tag = "signet", security(("signet_key" = [])),
    request_body = EnrollRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses((status = 201, description = "Enrolled", body = Success<Enrolled>), Errors))]
pub(crate) async fn enroll_user(
    State(state): State<AppState>,
    SignetEnroller { caller, actor }: SignetEnroller,
    request: Post<EnrollRequest>,
) -> Result<Response, SignetError> {
    let realm = caller.realm();
    let mut person = request.body.check()?;
    person.public_key = public_key(&state, realm, &person.user)?;
    let request = request.idempotency.map(|idempotency| Repeatable {
        idempotency,
        render: Box::new(|made: &Enrollment| json(Enrolled::from(&made.person))),
    });
    let enrolled = state.store.of(realm).enroll_person(&actor, person, request).await;
    let enrolled = enrolled.map_err(|error| match error {
        Error::Exists(_) => SignetError::Exists("already_enrolled", "User is already enrolled"),
        error => error.into(),
    });
    Ok(match enrolled? {
        Once::Now(made) => repeatable(StatusCode::CREATED, json(Enrolled::from(&made.person)), false),
        Once::Before(answer) => repeatable(StatusCode::CREATED, answer, true),
    })
}

impl EnrollRequest {
    /// Who it is, but for the public key; all complaints are told at once.
    pub(super) fn check(self) -> Result<Person, SignetError> {
        let mut checker = Checker::default();
        let user = match self.user_id.as_deref() {
            Some(user) => checker.user_id(Some(user)),
            None => Some(fresh_user_id()?),
        };
        let name = checker.text("name", self.name.as_deref(), LONGEST_NAME);
        let email = checker.required("email", self.email.as_deref()).map(checked_email);
        let email = email.and_then(|email| checker.keep(email));
        let entity_type = self.entity_type.as_deref().unwrap_or(USUAL_TYPE);
        let entity_type = checker.text("entityType", Some(entity_type), LONGEST_TYPE);
        let metadata = checker.keep(checked_metadata(self.metadata));
        checker.done()?;
        let (Some(user), Some(name), Some(email)) = (user, name, email) else {
            return Err(Failure::Internal.into());
        };
        Ok(Person {
            user,
            name,
            email,
            entity_type: entity_type.unwrap_or_default(),
            metadata: metadata.unwrap_or_default(),
            public_key: [0; 32],
        })
    }
}

fn checked_email(text: &str) -> Result<String, FieldError> {
    let email = Email::parse(text).map_err(|error| FieldError::invalid("email", error.to_string()))?;
    Ok(email.to_string())
}

fn checked_metadata(metadata: Option<Map<String, Value>>) -> Result<Map<String, Value>, FieldError> {
    let metadata = metadata.unwrap_or_default();
    let bytes = serde_json::to_vec(&metadata).map_or(usize::MAX, |json| json.len());
    if bytes > MOST_METADATA_BYTES {
        let message = format!("must have at most {MOST_METADATA_BYTES} bytes as JSON");
        return Err(FieldError::invalid("metadata", message));
    }
    Ok(metadata)
}

/// A random UUID, version 4.
fn fresh_user_id() -> Result<String, SignetError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system has no randomness to give");
        Failure::Internal
    })?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signet::request::user_id;

    #[test]
    fn made_ids_are_random_uuids() {
        let (one, other) = (fresh_user_id().unwrap(), fresh_user_id().unwrap());
        assert_ne!(one, other);
        assert_eq!(user_id("userId", &one).unwrap(), one);
        assert_eq!(&one[14..15], "4");
        assert!(["8", "9", "a", "b"].contains(&&one[19..20]));
    }
}
