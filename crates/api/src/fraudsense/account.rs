//! An account: a tenant, as its own people see it.

use portcullis_store::{Tenant, TenantStatus, User};
use serde::Serialize;
use utoipa::ToSchema;

/// The account of somebody who just logged in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    /// Its id: the client's slug.
    #[schema(example = "acme-bank")]
    id: String,
    /// The address of the user who is logged in.
    #[schema(example = "jane@acme.example")]
    email: String,
    /// Its name for people.
    #[schema(example = "Acme Bank")]
    company_name: String,
}

impl Account {
    pub(crate) fn new(tenant: &Tenant, user: &User) -> Self {
        Self { id: tenant.slug.clone(), email: user.email.clone(), company_name: tenant.name.clone() }
    }
}

/// All about an account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountProfile {
    #[serde(flatten)]
    account: Account,
    /// When it was made.
    created_at: String,
    /// Whether it is served: active or suspended.
    #[schema(value_type = String, example = "active")]
    status: TenantStatus,
}

impl AccountProfile {
    pub(crate) fn new(tenant: &Tenant, user: &User) -> Self {
        Self {
            account: Account::new(tenant, user),
            created_at: tenant.created_at.to_string(),
            status: tenant.status,
        }
    }
}
