//! Who may log in for a client: for all of its own users to see, and for its admins to change.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use portcullis_store::{LastAdmin, Role, User, UserId, UserStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Page, PageParams, Problems,
    users::{NewUserBody, UserPatch, parse_id},
};
use crate::{
    AppState,
    body::{Json, Params},
    caller::{Member, TenantAdmin},
    cursor,
    error::Problem,
};

/// Somebody of one's own client.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Teammate {
    /// The user's id.
    id: String,
    /// The user's e-mail address.
    email: String,
    /// CLIENT_ADMIN, ANALYST or VIEWER.
    #[schema(value_type = String, example = "ANALYST")]
    role: Role,
    /// Whether the user may log in: active or disabled.
    #[schema(value_type = String, example = "active")]
    status: UserStatus,
    /// When the user was created.
    created_at: String,
}

/// Lists the users of one's own client, oldest first.
#[utoipa::path(get, path = "/api/v1/client/team", tag = "users", security(("token" = [])),
    params(PageParams), responses((status = 200, description = "One page", body = Page<Teammate>), Problems))]
pub(crate) async fn list_team(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<Teammate>>, Problem> {
    let limit = params.limit()?;
    let scope = ["team", member.tenant.slug.as_str()];
    let after = state.cursors.position::<UserId>(&scope, params.after.as_deref())?;
    let found = state.store.configuration(member.tenant.id).users(after, limit + 1).await?;
    let (users, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.id.to_string()));
    Ok(Answer(Page { items: users.into_iter().map(Teammate::from).collect(), next_cursor }))
}

impl From<User> for Teammate {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email,
            role: user.role,
            status: user.status,
            created_at: user.created_at.to_string(),
        }
    }
}

/// Adds somebody to one's own client. The address must not be anybody's yet; the password is to be handed over.
#[utoipa::path(post, path = "/api/v1/client/team", tag = "users", security(("token" = [])),
    request_body = NewUserBody, responses((status = 201, description = "Added", body = Teammate), Problems))]
pub(crate) async fn add_teammate(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(new): Json<NewUserBody>,
) -> Result<(StatusCode, Answer<Teammate>), Problem> {
    let new = new.check(&state).await?;
    let user = state.store.configuration(admin.tenant.id).create_user(&admin.actor, new).await?;
    Ok((StatusCode::CREATED, Answer(user.into())))
}

/// Changes somebody of one's own client. The last admin who may log in stays one.
#[utoipa::path(patch, path = "/api/v1/client/team/{id}", tag = "users", security(("token" = [])),
    params(("id" = String, Path)), request_body = UserPatch,
    responses((status = 200, description = "The user as it is now", body = Teammate), Problems))]
pub(crate) async fn change_teammate(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
    Json(patch): Json<UserPatch>,
) -> Result<Answer<Teammate>, Problem> {
    let (id, change) = (parse_id(&id)?, patch.check(&state).await?);
    let configuration = state.store.configuration(admin.tenant.id);
    let user = configuration.update_user(&admin.actor, id, change, LastAdmin::MustStay).await?;
    Ok(Answer(user.into()))
}

/// Removes somebody from one's own client. Its sessions end; what it did stays in the audit log under its name. The last
/// admin who may log in stays.
#[utoipa::path(delete, path = "/api/v1/client/team/{id}", tag = "users", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Removed"), Problems))]
pub(crate) async fn remove_teammate(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let configuration = state.store.configuration(admin.tenant.id);
    configuration.remove_user(&admin.actor, parse_id(&id)?, LastAdmin::MustStay).await?;
    Ok(StatusCode::NO_CONTENT)
}
