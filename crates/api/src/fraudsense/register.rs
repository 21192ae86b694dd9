//! `POST /v1/auth/register`: an account for whoever asks, with a key to try it.

use axum::{Json as Answer, body::Body, extract::State};
use domain::{Dialect, Email, Mode};
use http::HeaderMap;
use portcullis_domain as domain;
use portcullis_store::{Actor, Registered, Scopes, Slug};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Account, FraudsenseError,
    error::{ErrorBody, FieldError},
};
use crate::{
    AppState, Registration,
    body::{self, LIMIT_BYTES},
    caller::ClientAddress,
    failure::Failure,
    manage::{api_keys, checked_name, keep_error},
    password::Password,
    request_id,
};

/// What an account's first key is called.
const FIRST_KEY: &str = "First key";

/// An account to be made. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewAccount {
    /// The address to log in with.
    #[schema(value_type = String, example = "jane@acme.example")]
    email: Option<String>,
    /// At least 8 characters, among them an upper-case letter, a lower-case letter and a digit; at most 128 bytes.
    #[schema(value_type = String, format = Password)]
    password: Option<Password>,
    /// The company's name.
    #[schema(value_type = String, example = "Acme Bank")]
    company_name: Option<String>,
}

/// What a registration gives: all that the first call needs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Welcome {
    /// To be sent as `Authorization: Bearer …` to the endpoints of the account; valid for 24 hours.
    token: String,
    /// A test key, which is shown this once.
    #[schema(example = "fs_test_eb9d00476517470a95f6a6566e5deaf4")]
    api_key: String,
    /// The account.
    client: Account,
}

/// Make an account
///
/// The answer has a token for the account's first user, its admin, and a first API key that works on test data.
#[utoipa::path(post, path = "/v1/auth/register", tag = "fraudsense", request_body = NewAccount, responses(
    (status = 200, description = "The account is made", body = Welcome),
    (status = 400, description = "Not well-formed JSON, fields are missing or wrong, or the email is taken", body = ErrorBody),
    (status = 403, description = "The operator makes the accounts", body = ErrorBody),
    (status = 413, description = "More than 256 KiB", body = ErrorBody),
    (status = 415, description = "Not JSON", body = ErrorBody),
    (status = 429, description = "More than 30 calls a minute from one address", body = ErrorBody),
    (status = 500, description = "Our mistake", body = ErrorBody),
    (status = 503, description = "Too many people are registering right now", body = ErrorBody),
))]
pub(crate) async fn register(
    State(state): State<AppState>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Answer<Welcome>, FraudsenseError> {
    let now = state.clock.now();
    state.logins.count_call(from, now)?;
    if state.registration == Registration::Closed {
        return Err(FraudsenseError::RegistrationClosed);
    }
    let new: NewAccount = body::parse(&body::read(&headers, body, LIMIT_BYTES).await?)?;
    let Wanted { email, password, company_name } = check(new).map_err(FraudsenseError::Invalid)?;
    let actor = Actor::newcomer(email.clone(), request_id::current(), from);
    let (kept, key) =
        api_keys::generate(FIRST_KEY.to_owned(), Dialect::Fraudsense, Mode::Test, Scopes::ALL, Vec::new())?;
    let registration = portcullis_store::Registration {
        slug: Slug::of_name(&company_name),
        name: company_name,
        email,
        password_hash: state.passwords.hash(password).await?,
        key: kept,
    };
    let Registered { tenant, user, .. } =
        state.store.register(&actor, registration).await.map_err(|error| match error {
            portcullis_store::Error::Exists(_) => FraudsenseError::EmailTaken,
            error => error.into(),
        })?;
    let token = state.tokens.issue(&user, now).ok_or(Failure::Internal)?;
    Ok(Answer(Welcome { token, api_key: key.expose().clone(), client: Account::new(&tenant, &user) }))
}

/// A new account that can be made, if the address is free.
struct Wanted {
    email: String,
    password: Password,
    company_name: String,
}

/// All complaints are told at once.
fn check(new: NewAccount) -> Result<Wanted, Vec<FieldError>> {
    let mut errors = Vec::new();
    let email = present("email", new.email, &mut errors).and_then(|email| {
        let email = Email::parse(&email).map_err(|error| FieldError::invalid("email", error.to_string()));
        keep_error(email, &mut errors)
    });
    let password = present("password", new.password, &mut errors).and_then(|password| {
        let checked = password.check().map_err(|reason| FieldError::invalid("password", reason));
        keep_error(checked, &mut errors).map(|()| password)
    });
    let company_name = present("companyName", new.company_name, &mut errors).and_then(|name| {
        keep_error(checked_name("companyName", &name).map_err(FieldError::from), &mut errors)
    });
    match (email, password, company_name) {
        (Some(email), Some(password), Some(company_name)) => {
            Ok(Wanted { email: email.to_lowercase().into(), password, company_name })
        }
        _ => Err(errors),
    }
}

fn present<T>(field: &str, value: Option<T>, errors: &mut Vec<FieldError>) -> Option<T> {
    keep_error(value.ok_or_else(|| FieldError::missing(field)), errors)
}
