//! The management API: JSON over a bearer token, problem documents, signed cursors, and no unknown fields.

pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod clients;
pub(crate) mod custom_rules;
pub(crate) mod directory;
mod event_query;
pub(crate) mod events;
mod export;
pub(crate) mod feed;
pub(crate) mod keyri_services;
pub(crate) mod lists;
pub(crate) mod reputation;
pub(crate) mod reviews;
mod rule_mode;
pub(crate) mod rules;
pub(crate) mod settings;
pub(crate) mod signals;
pub(crate) mod team;
pub(crate) mod trust;
pub(crate) mod users;
pub(crate) mod velocity_rules;
pub(crate) mod webhooks;

use std::{collections::BTreeMap, sync::Arc};

use portcullis_domain::Timestamp;
use portcullis_store::Tenant;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{
    IntoParams, IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

use crate::{
    AppState,
    error::{FieldError, Kind, Problem},
};

/// The most items on a page.
const LARGEST_PAGE: u32 = 200;
const USUAL_PAGE: u32 = 50;
const LONGEST_NAME: usize = 100;
const LONGEST_NOTE: usize = 500;
const LONGEST_TEXT: usize = 1_000;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many items, 1 to 200; 50 when left out.
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub(crate) after: Option<String>,
}

impl PageParams {
    /// The number of items that were asked for.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        checked_limit(self.limit)
    }
}

/// The number of items on a page that was asked for with `limit`.
pub(crate) fn checked_limit(limit: Option<u32>) -> Result<u32, Problem> {
    let limit = limit.unwrap_or(USUAL_PAGE);
    if (1..=LARGEST_PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::field("limit", format!("must be from 1 to {LARGEST_PAGE}")))
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// For the parameter `after`, to get the next page; null on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// The problems that any management request may get.
pub(crate) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let schema = Ref::from_schema_name("Problem");
        Kind::ALL
            .into_iter()
            .filter(|kind| !matches!(kind, Kind::MethodNotAllowed | Kind::Suspended))
            .map(|kind| {
                let (status, _, title) = kind.describe();
                let content = ContentBuilder::new().schema(Some(schema.clone())).build();
                let response =
                    ResponseBuilder::new().description(title).content("application/problem+json", content);
                (status.as_u16().to_string(), response.build().into())
            })
            .collect()
    }
}

/// A name for people: not empty, not too long, one line.
pub(crate) fn checked_name(pointer: &str, text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
        let message = format!("must have 1 to {LONGEST_NAME} characters, and no control characters");
        return Err(FieldError::new(pointer, message));
    }
    Ok(text.to_owned())
}

/// When something ends, which may be left out: a time in the future, in the field `expiresAt`.
pub(crate) fn checked_expiry(text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, FieldError> {
    let Some(text) = text else { return Ok(None) };
    let wrong = |message| FieldError::new("/expiresAt", message);
    let at = text.parse().map_err(|_| wrong("must be an RFC 3339 time, such as 2026-01-31T09:30:00Z"))?;
    if at > now { Ok(Some(at)) } else { Err(wrong("must be in the future")) }
}

/// A sentence for people, which may be left out; none is as good as an empty one. What is wrong with it is told as the
/// end of a sentence that begins with the field.
pub(crate) fn checked_note(text: Option<&str>) -> Result<Option<String>, String> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > LONGEST_NOTE || text.chars().any(char::is_control) {
        return Err(format!("must have at most {LONGEST_NOTE} characters, and no control characters"));
    }
    Ok(Some(text.to_owned()))
}

/// A few lines for people, under the same terms.
pub(crate) fn checked_text(text: Option<&str>) -> Result<Option<String>, String> {
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > LONGEST_TEXT || text.chars().any(is_odd) {
        return Err(format!(
            "must have at most {LONGEST_TEXT} characters, and no control characters but line breaks"
        ));
    }
    Ok(Some(text.to_owned()))
}

/// Sorts results into values and complaints: all complaints are told at once.
pub(crate) fn keep_error<T, E>(result: Result<T, E>, errors: &mut Vec<E>) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}

/// The client with this slug.
fn client(state: &AppState, slug: &str) -> Result<Arc<Tenant>, Problem> {
    state.store.control().tenant_by_slug(slug).cloned().ok_or_else(Problem::not_found)
}

/// Tells `null` (`Some(None)`) from a field that is left out (`None`).
pub(crate) fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
