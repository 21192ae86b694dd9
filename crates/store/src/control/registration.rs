//! Registering: a tenant, its first user and its first key, all or nothing.

use super::{Actor, ApiKey, NewApiKey, NewUser, Role, Slug, Tenant, User, api_key, note, tenant, user};
use crate::{Error, Store};

/// A tenant to be made by somebody who becomes its admin. The address must be in lower case.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The tenant's name for people.
    pub name: String,
    /// The slug it would like; when that is taken, it gets a number.
    pub slug: Slug,
    /// The admin's e-mail address.
    pub email: String,
    /// The argon2id hash of the admin's password in PHC form.
    pub password_hash: String,
    /// The first key.
    pub key: NewApiKey,
}

/// What a registration made.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The tenant.
    pub tenant: Tenant,
    /// Its admin.
    pub user: User,
    /// Its first key.
    pub key: ApiKey,
}

impl Store {
    /// Makes a tenant, its [`Role::ClientAdmin`] and its key as one transaction, each with a line of the audit log that
    /// names the new user as who did it. [`Error::Exists`] when the e-mail address is taken, and only then.
    pub async fn register(&self, actor: &Actor, new: Registration) -> Result<Registered, Error> {
        let actor = actor.clone();
        let at = self.clock().now();
        self.write(move |tx| {
            let slug = tenant::free_slug(tx, new.slug)?;
            let (tenant, tenant_entry) = tenant::create(tx, at, new.name, &slug)?;
            let admin =
                NewUser { email: new.email, password_hash: new.password_hash, role: Role::ClientAdmin };
            let (user, user_entry) = user::create(tx, at, tenant.id, admin)?;
            let actor = actor.become_user(&user);
            let (key, key_entry) = api_key::create(tx, at, tenant.id, new.key, &actor.id())?;
            for entry in [tenant_entry, user_entry, key_entry] {
                note(tx, &actor, Some(entry), at)?;
            }
            Ok(Registered { tenant, user, key })
        })
        .await
    }
}
