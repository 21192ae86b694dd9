//! A client's users: for super admins, and for the client's own admins.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::Email;
use http::StatusCode;
use portcullis_domain as domain;
use portcullis_store::{LastAdmin, NewUser, Role, User, UserChange, UserId, UserStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Page, PageParams, Problems, client, keep_error};
use crate::{
    AppState,
    body::{Json, Params},
    caller::SuperAdmin,
    cursor,
    error::{FieldError, Problem},
    password::Password,
};

/// A client's user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    /// Its id.
    id: String,
    /// Its e-mail address, in lower case.
    email: String,
    /// What it may do: CLIENT_ADMIN, ANALYST or VIEWER.
    #[schema(value_type = String, example = "CLIENT_ADMIN")]
    role: Role,
    /// The client's slug.
    tenant: String,
    /// Whether it may log in: active or disabled.
    #[schema(value_type = String, example = "active")]
    status: UserStatus,
    /// When it was created.
    created_at: String,
}

impl UserView {
    fn new(user: &User, slug: &str) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.clone(),
            role: user.role,
            tenant: slug.to_owned(),
            status: user.status,
            created_at: user.created_at.to_string(),
        }
    }
}

/// A user to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser)]
pub(crate) struct NewUserBody {
    /// The address to log in with.
    #[schema(example = "jane@example.com")]
    email: String,
    /// At least 8 characters, among them an upper-case letter, a lower-case letter and a digit; at most 128 bytes.
    #[schema(value_type = String, format = Password)]
    password: Password,
    /// CLIENT_ADMIN, ANALYST or VIEWER.
    #[schema(value_type = String, example = "CLIENT_ADMIN")]
    role: Role,
}

/// Creates a user of a client.
#[utoipa::path(post, path = "/api/v1/admin/clients/{slug}/users", tag = "users", security(("token" = [])),
    params(("slug" = String, Path)), request_body = NewUserBody, responses((status = 201, description = "Created", body = UserView), Problems))]
pub(crate) async fn create_user(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Path(slug): Path<String>,
    Json(new): Json<NewUserBody>,
) -> Result<(StatusCode, Answer<UserView>), Problem> {
    let tenant = client(&state, &slug)?;
    let new = new.check(&state).await?;
    let user = state.store.configuration(tenant.id).create_user(&admin.actor, new).await?;
    Ok((StatusCode::CREATED, Answer(UserView::new(&user, &slug))))
}

impl NewUserBody {
    /// The user, if it can be made; all complaints are told at once.
    pub(super) async fn check(self, state: &AppState) -> Result<NewUser, Problem> {
        let mut errors = Vec::new();
        let email = Email::parse(&self.email).map_err(|error| FieldError::new("/email", error.to_string()));
        let email = keep_error(email, &mut errors);
        keep_error(checked_password(&self.password), &mut errors);
        keep_error(checked_role(self.role), &mut errors);
        let (Some(email), []) = (email, errors.as_slice()) else { return Err(Problem::invalid(errors)) };
        let password_hash = state.passwords.hash(self.password).await?;
        Ok(NewUser { email: email.to_lowercase().into(), password_hash, role: self.role })
    }
}

/// Lists a client's users, oldest first.
#[utoipa::path(get, path = "/api/v1/admin/clients/{slug}/users", tag = "users", security(("token" = [])),
    params(("slug" = String, Path), PageParams), responses((status = 200, description = "One page", body = Page<UserView>), Problems))]
pub(crate) async fn list_users(
    State(state): State<AppState>,
    _admin: SuperAdmin,
    Path(slug): Path<String>,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<UserView>>, Problem> {
    let tenant = client(&state, &slug)?;
    let limit = params.limit()?;
    let scope = ["users", slug.as_str()];
    let after = state.cursors.position::<UserId>(&scope, params.after.as_deref())?;
    let found = state.store.configuration(tenant.id).users(after, limit + 1).await?;
    let (users, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.id.to_string()));
    let items = users.iter().map(|user| UserView::new(user, &slug)).collect();
    Ok(Answer(Page { items, next_cursor }))
}

/// What to change of a user; what is left out stays. Any change ends the user's sessions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPatch {
    /// Another password.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Password>,
    /// Another role: CLIENT_ADMIN, ANALYST or VIEWER.
    #[schema(value_type = Option<String>, example = "VIEWER")]
    role: Option<Role>,
    /// `disabled` refuses its log-in and its tokens at once; `active` takes that back.
    #[schema(value_type = Option<String>, example = "disabled")]
    status: Option<UserStatus>,
}

/// Changes a user of a client.
#[utoipa::path(patch, path = "/api/v1/admin/clients/{slug}/users/{id}", tag = "users", security(("token" = [])),
    params(("slug" = String, Path), ("id" = String, Path)),
    request_body = UserPatch, responses((status = 200, description = "The user as it is now", body = UserView), Problems))]
pub(crate) async fn update_user(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Path((slug, id)): Path<(String, String)>,
    Json(patch): Json<UserPatch>,
) -> Result<Answer<UserView>, Problem> {
    let tenant = client(&state, &slug)?;
    let (id, change) = (parse_id(&id)?, patch.check(&state).await?);
    let configuration = state.store.configuration(tenant.id);
    let user = configuration.update_user(&admin.actor, id, change, LastAdmin::MayGo).await?;
    Ok(Answer(UserView::new(&user, &slug)))
}

impl UserPatch {
    /// The change, if it can be made; all complaints are told at once.
    pub(super) async fn check(self, state: &AppState) -> Result<UserChange, Problem> {
        let mut errors = Vec::new();
        if let Some(password) = &self.password {
            keep_error(checked_password(password), &mut errors);
        }
        if let Some(role) = self.role {
            keep_error(checked_role(role), &mut errors);
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let password_hash = match self.password {
            Some(password) => Some(state.passwords.hash(password).await?),
            None => None,
        };
        Ok(UserChange { password_hash, role: self.role, status: self.status })
    }
}

/// Removes a user of a client. Its sessions end; what it did stays in the audit log under its name.
#[utoipa::path(delete, path = "/api/v1/admin/clients/{slug}/users/{id}", tag = "users", security(("token" = [])),
    params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "Removed"), Problems))]
pub(crate) async fn remove_user(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Path((slug, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let tenant = client(&state, &slug)?;
    let configuration = state.store.configuration(tenant.id);
    configuration.remove_user(&admin.actor, parse_id(&id)?, LastAdmin::MayGo).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The id of a user; what is none is nobody's.
pub(super) fn parse_id(text: &str) -> Result<UserId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

fn checked_password(password: &Password) -> Result<(), FieldError> {
    password.check().map_err(|reason| FieldError::new("/password", reason))
}

/// A super admin belongs to no client, so none can be made here.
fn checked_role(role: Role) -> Result<(), FieldError> {
    match role {
        Role::ClientAdmin | Role::Analyst | Role::Viewer => Ok(()),
        Role::SuperAdmin => Err(FieldError::new("/role", "must be CLIENT_ADMIN, ANALYST or VIEWER")),
    }
}
