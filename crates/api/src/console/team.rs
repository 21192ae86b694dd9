//! Who may log in for a client, for all of its own users to see.

use axum::{Json as Answer, extract::State};
use portcullis_store::{Role, UserId, UserStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    body::Params,
    caller::Member,
    cursor,
    error::Problem,
    manage::{Page, PageParams, Problems},
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
    let items = users.into_iter().map(|user| Teammate {
        id: user.id.to_string(),
        email: user.email,
        role: user.role,
        status: user.status,
        created_at: user.created_at.to_string(),
    });
    Ok(Answer(Page { items: items.collect(), next_cursor }))
}
