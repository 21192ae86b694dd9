//! Users of the consoles and of the management API.

use portcullis_domain::{TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Value, json};

use super::{Actor, Configuration, Entry, text_enum};
use crate::{Error, Store, UserId};

/// Somebody who may log in.
#[derive(Clone, Debug)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its e-mail address, in lower case.
    pub email: String,
    /// What it may do.
    pub role: Role,
    /// Whose; `None` for a super admin only.
    pub tenant: Option<TenantId>,
    /// Whether it may log in.
    pub status: UserStatus,
    /// Tokens with another version are void.
    pub token_version: u32,
    /// When it was created.
    pub created_at: Timestamp,
}

impl User {
    /// Whether it may log in.
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }
}

text_enum! {
    /// What a user may do.
    Role: "role" {
        /// Everything about tenants and the installation's defaults, and nothing inside a tenant.
        SuperAdmin = "SUPER_ADMIN",
        /// Everything inside its own tenant.
        ClientAdmin = "CLIENT_ADMIN",
        /// Reads, and resolves reviews, signals, labels and list entries.
        Analyst = "ANALYST",
        /// Reads.
        Viewer = "VIEWER",
    }
}

text_enum! {
    /// Whether a user may log in.
    UserStatus: "user status" {
        /// It may.
        Active = "active",
        /// It may not, and its tokens are void.
        Disabled = "disabled",
    }
}

/// A user to be created inside a tenant. The address must be in lower case.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Its e-mail address.
    pub email: String,
    /// Its argon2id hash in PHC form.
    pub password_hash: String,
    /// Any role but [`Role::SuperAdmin`].
    pub role: Role,
}

/// What to change of a user; `None` is left as it is. Each of these ends the user's sessions.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// The hash of another password.
    pub password_hash: Option<String>,
    /// Another role, but not [`Role::SuperAdmin`].
    pub role: Option<Role>,
    /// Another status.
    pub status: Option<UserStatus>,
}

/// Whether a change may leave a tenant without an admin who may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastAdmin {
    /// It may: whoever runs the installation can make another.
    MayGo,
    /// It may not; [`Error::LastAdmin`].
    MustStay,
}

/// A user and what its password is checked against.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user.
    pub user: User,
    /// The argon2id hash in PHC form.
    pub password_hash: String,
}

/// What [`Store::put_admin`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminPut {
    /// There is a new super admin.
    Created,
    /// The super admin was there; the password is new and the account active.
    Reset,
}

impl Store {
    /// Creates a super admin, or gives the one with this address another password and ends its sessions. A tenant's
    /// user with this address is [`Error::Exists`].
    pub async fn put_admin(
        &self,
        actor: &Actor,
        email: String,
        password_hash: String,
    ) -> Result<AdminPut, Error> {
        self.change(actor, move |tx, at| put_admin(tx, at, email, &password_hash)).await
    }

    /// The user with this address (in lower case) and the hash of its password.
    pub async fn find_login(&self, email: String) -> Result<Option<Login>, Error> {
        self.read(move |connection| find_by_email(connection, &email)).await
    }
}

/// What [`Store::put_admin`] does, for a process that has no store open.
pub(super) fn put_admin(
    tx: &Transaction<'_>,
    at: Timestamp,
    email: String,
    password_hash: &str,
) -> Result<(AdminPut, Option<Entry>), Error> {
    match find_by_email(tx, &email)? {
        Some(Login { user, .. }) if user.role == Role::SuperAdmin => {
            let mut after = user.clone();
            after.status = UserStatus::Active;
            after.token_version += 1;
            put(tx, &after, Some(password_hash))?;
            Ok((AdminPut::Reset, Some(changed(&user, &after, true))))
        }
        Some(_) => Err(Error::Exists("client user with this e-mail")),
        None => {
            let user = User {
                id: UserId::fresh(at)?,
                email,
                role: Role::SuperAdmin,
                tenant: None,
                status: UserStatus::Active,
                token_version: 1,
                created_at: at,
            };
            insert(tx, &user, password_hash)?;
            Ok((AdminPut::Created, Some(created(&user))))
        }
    }
}

impl Configuration<'_> {
    /// Up to `limit` users in the order of their creation, beginning after `after`.
    pub async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, Error> {
        let tenant = self.tenant;
        let after = after.map_or_else(String::new, |id| id.to_string());
        self.store
            .read(move |connection| {
                let mut statement = connection
                    .prepare_cached(&format!("{SELECT} WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?"))?;
                let rows = statement.query_map(params![tenant.0, after, limit], from_row)?;
                Ok(rows.map(|row| row.map(|login| login.user)).collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Creates a user; [`Error::Exists`] when the address is taken, by whomever.
    pub async fn create_user(&self, actor: &Actor, new: NewUser) -> Result<User, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, at| {
                let (user, entry) = create(tx, at, tenant, new)?;
                Ok((user, Some(entry)))
            })
            .await
    }

    /// Changes one of the tenant's users and ends its sessions.
    pub async fn update_user(
        &self,
        actor: &Actor,
        id: UserId,
        change: UserChange,
        last: LastAdmin,
    ) -> Result<User, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, _| {
                let before = find(tx, tenant, id)?.ok_or(Error::NotFound("user"))?;
                let mut user = before.clone();
                user.role = change.role.unwrap_or(user.role);
                user.status = change.status.unwrap_or(user.status);
                let password_changes = change.password_hash.is_some();
                if !password_changes && user.role == before.role && user.status == before.status {
                    return Ok((user, None));
                }
                user.token_version += 1;
                put(tx, &user, change.password_hash.as_deref())?;
                check_admins(tx, &before, last)?;
                let entry = changed(&before, &user, password_changes);
                Ok((user, Some(entry)))
            })
            .await
    }

    /// Removes one of the tenant's users, whose sessions end; what it did stays under its name. [`Error::NotFound`] when
    /// there is none.
    pub async fn remove_user(&self, actor: &Actor, id: UserId, last: LastAdmin) -> Result<(), Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, _| {
                let user = find(tx, tenant, id)?.ok_or(Error::NotFound("user"))?;
                tx.execute("DELETE FROM user WHERE id = ?", [id.to_string()])?;
                check_admins(tx, &user, last)?;
                Ok(((), Some(removed(&user))))
            })
            .await
    }
}

/// Creates a tenant's user; [`Error::Exists`] when the address is taken, by whomever.
pub(super) fn create(
    tx: &Transaction<'_>,
    at: Timestamp,
    tenant: TenantId,
    new: NewUser,
) -> Result<(User, Entry), Error> {
    if find_by_email(tx, &new.email)?.is_some() {
        return Err(Error::Exists("user with this e-mail"));
    }
    let user = User {
        id: UserId::fresh(at)?,
        email: new.email,
        role: new.role,
        tenant: Some(tenant),
        status: UserStatus::Active,
        token_version: 1,
        created_at: at,
    };
    insert(tx, &user, &new.password_hash)?;
    let entry = created(&user);
    Ok((user, entry))
}

/// Refuses what took away from `before` that it is the tenant's last admin who may log in.
fn check_admins(tx: &Transaction<'_>, before: &User, last: LastAdmin) -> Result<(), Error> {
    if last == LastAdmin::MayGo || before.role != Role::ClientAdmin || !before.is_active() {
        return Ok(());
    }
    let sql = "SELECT 1 FROM user WHERE tenant = ? AND role = ? AND status = ? LIMIT 1";
    let who = params![
        before.tenant.map(|tenant| tenant.0),
        Role::ClientAdmin.as_str(),
        UserStatus::Active.as_str()
    ];
    let left = tx.query_row(sql, who, |_| Ok(())).optional()?;
    left.ok_or(Error::LastAdmin)
}

fn created(user: &User) -> Entry {
    Entry {
        action: "user.create",
        tenant: user.tenant,
        target: user.id.to_string(),
        before: None,
        after: Some(shown(user)),
    }
}

fn changed(before: &User, after: &User, password_changed: bool) -> Entry {
    let mut shown_after = shown(after);
    if password_changed && let Some(fields) = shown_after.as_object_mut() {
        fields.insert("passwordChanged".to_owned(), Value::Bool(true));
    }
    Entry {
        action: "user.update",
        tenant: after.tenant,
        target: after.id.to_string(),
        before: Some(shown(before)),
        after: Some(shown_after),
    }
}

fn removed(user: &User) -> Entry {
    Entry {
        action: "user.delete",
        tenant: user.tenant,
        target: user.id.to_string(),
        before: Some(shown(user)),
        after: None,
    }
}

fn shown(user: &User) -> Value {
    json!({ "email": user.email, "role": user.role.as_str(), "status": user.status.as_str() })
}

fn insert(tx: &Transaction<'_>, user: &User, password_hash: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO user (id, email, password_hash, role, tenant, status, token_version, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            user.id.to_string(),
            user.email,
            password_hash,
            user.role.as_str(),
            user.tenant.map(|tenant| tenant.0),
            user.status.as_str(),
            user.token_version,
            user.created_at.as_millis(),
        ],
    )?;
    Ok(())
}

fn put(tx: &Transaction<'_>, user: &User, password_hash: Option<&str>) -> Result<(), Error> {
    tx.execute(
        "UPDATE user SET role = ?, status = ?, token_version = ?, password_hash = ifnull(?, password_hash)
         WHERE id = ?",
        params![
            user.role.as_str(),
            user.status.as_str(),
            user.token_version,
            password_hash,
            user.id.to_string()
        ],
    )?;
    Ok(())
}

const SELECT: &str =
    "SELECT id, email, role, tenant, status, token_version, created_at, password_hash FROM user";

fn find(connection: &Connection, tenant: TenantId, id: UserId) -> Result<Option<User>, Error> {
    let sql = format!("{SELECT} WHERE tenant = ? AND id = ?");
    let login = connection.query_row(&sql, params![tenant.0, id.to_string()], from_row).optional()?;
    Ok(login.map(|login| login.user))
}

fn find_by_email(connection: &Connection, email: &str) -> Result<Option<Login>, Error> {
    Ok(connection.query_row(&format!("{SELECT} WHERE email = ?"), [email], from_row).optional()?)
}

/// Every user.
pub(super) fn all(connection: &Connection) -> Result<Vec<User>, Error> {
    let mut statement = connection.prepare(SELECT)?;
    let users = statement.query_map([], from_row)?.map(|row| row.map(|login| login.user));
    Ok(users.collect::<Result<_, _>>()?)
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Login> {
    let user = User {
        id: super::parsed(row, 0)?,
        email: row.get(1)?,
        role: row.get(2)?,
        tenant: row.get::<_, Option<u32>>(3)?.map(TenantId),
        status: row.get(4)?,
        token_version: row.get(5)?,
        created_at: Timestamp::from_millis(row.get(6)?),
    };
    Ok(Login { user, password_hash: row.get(7)? })
}
