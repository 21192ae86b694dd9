//! `/fraud/v1/blacklist`: users on the block list.

use std::collections::HashMap;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use portcullis_store::{List, ListEntry, ListFilter, ListKind, Person};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    SignetError,
    answer::{Message, Success, answer, done, time},
    auth::{SignetReader, SignetWriter, partner_id},
    error::{Errors, FieldError},
    flag,
    request::{Checker, LONGEST_REASON, Post, Query, user_id},
    standing::enrolled,
};
use crate::{AppState, failure::Failure};

const LARGEST_PAGE: u64 = 100;

/// Whom to blacklist. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetBlacklisting)]
pub(crate) struct Blacklisting {
    /// The enrolled user, a UUID.
    #[schema(required, example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: Option<String>,
    /// Why, in 1 to 500 characters. It is in the audit log, so it should name nobody.
    #[schema(required, example = "Suspicious payment activity")]
    reason: Option<String>,
}

/// Whether a user is blacklisted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetBlacklistStatus)]
pub(crate) struct BlacklistStatus {
    /// Whether the user is.
    is_blacklisted: bool,
    /// Why; null when not.
    #[schema(example = "Suspicious payment activity")]
    reason: Option<String>,
    /// Since when; null when not.
    #[schema(example = "2026-01-15T10:30:00Z")]
    blacklisted_at: Option<String>,
}

/// A blacklisted user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetBlacklisted)]
pub(crate) struct BlacklistEntry {
    /// The user.
    #[schema(example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: String,
    /// Why.
    #[schema(example = "Suspicious payment activity")]
    reason: Option<String>,
    /// Since when.
    #[schema(example = "2026-01-15T10:30:00Z")]
    blacklisted_at: String,
    /// Whose list it is.
    #[schema(example = "your-partner-id")]
    partner_id: String,
    /// Who it is; null for a user that was blocked through another API and is not enrolled.
    user_details: Option<UserDetails>,
}

/// Who a user is, by the enrollment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetUserDetails)]
pub(crate) struct UserDetails {
    /// The name.
    #[schema(example = "John Doe")]
    name: String,
    /// The e-mail address.
    #[schema(example = "john@example.com")]
    email: String,
    /// What kind of holder it is.
    #[schema(example = "user")]
    entity_type: String,
}

impl From<Person> for UserDetails {
    fn from(person: Person) -> Self {
        Self { name: person.name, email: person.email, entity_type: person.entity_type }
    }
}

/// Which part of the list; all of it when left out.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartParams {
    /// The most users, 1 to 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// How many of the newest to leave out.
    #[param(value_type = Option<u32>)]
    offset: Option<String>,
}

/// Blacklist a user
///
/// Puts an enrolled user on the block list that every API of this server looks at: refused from the next request on.
/// Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/fraud/v1/blacklist", tag = "signet", security(("signet_key" = [])),
    request_body = Blacklisting,
    responses((status = 200, description = "Blacklisted", body = Success<Message>), Errors))]
pub(crate) async fn blacklist_user(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    request: Post<Blacklisting>,
) -> Result<Answer<Success<Message>>, SignetError> {
    let mut checker = Checker::default();
    let user = checker.user_id(request.body.user_id.as_deref());
    let reason = checker.text("reason", request.body.reason.as_deref(), LONGEST_REASON);
    checker.done()?;
    let (Some(user), Some(reason)) = (user, reason) else { return Err(Failure::Internal.into()) };
    let person = enrolled(&state, caller.realm(), &user).await?.person;
    let value = flag::checked("userId", ListKind::User, &person.user).map_err(SignetError::field)?;
    let new = flag::entry(&caller, List::Block, value, reason);
    let added = state.store.configuration(caller.tenant).add_list_entry(&actor, new).await;
    added.map_err(|error| {
        flag::told(error, || SignetError::Exists("already_blacklisted", "User is already blacklisted"))
    })?;
    let partner = partner_id(&state, &caller)?;
    Ok(done(format!("User blacklisted successfully. Partner ID: {partner}")))
}

/// Check whether a user is blacklisted
///
/// Changes nothing, whatever the method says; a body is ignored. Needs the scope `fraud:read`.
#[utoipa::path(patch, path = "/fraud/v1/blacklist/{id}", tag = "signet", security(("signet_key" = [])),
    params(("id" = String, Path, description = "The enrolled user, a UUID")),
    responses((status = 200, description = "Whether the user is", body = Success<BlacklistStatus>), Errors))]
pub(crate) async fn check_blacklist(
    State(state): State<AppState>,
    SignetReader(caller): SignetReader,
    Path(id): Path<String>,
) -> Result<Answer<Success<BlacklistStatus>>, SignetError> {
    let user = user_of_path(&id)?;
    let person = enrolled(&state, caller.realm(), &user).await?.person;
    let value = flag::checked("id", ListKind::User, &person.user).map_err(SignetError::field)?;
    let found = flag::find(&state, &caller, List::Block, value).await?;
    Ok(answer(BlacklistStatus {
        is_blacklisted: found.is_some(),
        blacklisted_at: found.as_ref().map(|entry| time(entry.created_at)),
        reason: found.and_then(|entry| entry.reason),
    }))
}

/// Take a user off the blacklist
///
/// From the next request on. Needs the scope `fraud:write`.
#[utoipa::path(delete, path = "/fraud/v1/blacklist/{id}", tag = "signet", security(("signet_key" = [])),
    params(("id" = String, Path, description = "The enrolled user, a UUID")),
    responses((status = 200, description = "Taken off", body = Success<Message>), Errors))]
pub(crate) async fn unblacklist_user(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    Path(id): Path<String>,
) -> Result<Answer<Success<Message>>, SignetError> {
    let user = user_of_path(&id)?;
    let person = enrolled(&state, caller.realm(), &user).await?.person;
    let value = flag::checked("id", ListKind::User, &person.user).map_err(SignetError::field)?;
    let absent = || SignetError::Absent("not_blacklisted", "User is not blacklisted");
    flag::remove(&state, (&caller, &actor), List::Block, value, absent).await?;
    Ok(done("User removed from blacklist successfully"))
}

/// List the blacklisted users
///
/// All of them, newest first, also those that were blocked through another API. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/fraud/v1/blacklist", tag = "signet", security(("signet_key" = [])),
    params(PartParams),
    responses((status = 200, description = "The users", body = Success<Vec<BlacklistEntry>>), Errors))]
pub(crate) async fn list_blacklist(
    State(state): State<AppState>,
    SignetReader(caller): SignetReader,
    Query(params): Query<PartParams>,
) -> Result<Answer<Success<Vec<BlacklistEntry>>>, SignetError> {
    let (limit, offset) = params.check()?;
    let (partner, now) = (partner_id(&state, &caller)?, state.clock.now());
    let filter = ListFilter { list: Some(List::Block), kind: Some(ListKind::User) };
    let configuration = state.store.configuration(caller.tenant);
    let entries = configuration.list_entries(caller.mode, filter, None, u32::MAX).await?;
    let holding = entries.into_iter().filter(|entry| entry.holds(now));
    let entries: Vec<ListEntry> = holding.skip(offset).take(limit).collect();
    let users: Vec<String> = entries.iter().map(|entry| entry.value.to_string()).collect();
    let people = state.store.of(caller.realm()).enrollments(users.clone()).await?;
    let mut people: HashMap<String, Person> = users
        .into_iter()
        .zip(people)
        .filter_map(|(user, enrollment)| Some((user, enrollment?.person)))
        .collect();
    let views = entries.into_iter().map(|entry| {
        let user_id = entry.value.to_string();
        BlacklistEntry {
            user_details: people.remove(&user_id).map(UserDetails::from),
            user_id,
            reason: entry.reason,
            blacklisted_at: time(entry.created_at),
            partner_id: partner.clone(),
        }
    });
    Ok(answer(views.collect()))
}

impl PartParams {
    /// How many, and after how many.
    fn check(&self) -> Result<(usize, usize), SignetError> {
        let mut checker = Checker::default();
        let number = |field, text: &Option<String>, most: u64, least: u64, expected| {
            let Some(text) = text else { return Ok(None) };
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            number.map(Some).ok_or_else(|| FieldError::invalid(field, expected))
        };
        let limit = number("limit", &self.limit, LARGEST_PAGE, 1, "must be from 1 to 100");
        let limit = checker.keep(limit).flatten();
        let offset = number("offset", &self.offset, u64::from(u32::MAX), 0, "must be 0 or more");
        let offset = checker.keep(offset).flatten();
        checker.done()?;
        Ok((limit.map_or(usize::MAX, |limit| limit as usize), offset.unwrap_or(0) as usize))
    }
}

fn user_of_path(id: &str) -> Result<String, SignetError> {
    user_id("id", id).map_err(SignetError::field)
}
