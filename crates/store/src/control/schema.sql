-- What people configure. Times are milliseconds since the Unix epoch.

CREATE TABLE tenant (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    slug       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    status     TEXT    NOT NULL CHECK (status IN ('active', 'suspended')),
    created_at INTEGER NOT NULL
) STRICT;

-- One row per setting that differs from its default; the value is JSON.
CREATE TABLE setting (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    name   TEXT    NOT NULL,
    value  TEXT    NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

-- `email` is in lower case. Raising `token_version` ends every session of the user.
CREATE TABLE user (
    id            TEXT    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('SUPER_ADMIN', 'CLIENT_ADMIN', 'ANALYST', 'VIEWER')),
    tenant        INTEGER REFERENCES tenant (id),
    status        TEXT    NOT NULL CHECK (status IN ('active', 'disabled')),
    token_version INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    CHECK ((role = 'SUPER_ADMIN') = (tenant IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX user_by_tenant ON user (tenant, id);

-- Only the SHA-256 of a key is here. `scopes` and `allowed_ips` are JSON; null scopes are all scopes.
CREATE TABLE api_key (
    id           TEXT    NOT NULL PRIMARY KEY,
    tenant       INTEGER NOT NULL REFERENCES tenant (id),
    name         TEXT    NOT NULL,
    dialect      INTEGER NOT NULL,
    mode         TEXT    NOT NULL CHECK (mode IN ('live', 'test')),
    prefix       TEXT    NOT NULL,
    sha256       BLOB    NOT NULL UNIQUE CHECK (length(sha256) = 32),
    scopes       TEXT,
    allowed_ips  TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    created_by   TEXT    NOT NULL,
    revoked_at   INTEGER,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_key_by_tenant ON api_key (tenant, id);

-- Changes laid over a dialect's profile; `body` is the JSON of `domain::Overrides`.
CREATE TABLE global_overrides (
    dialect INTEGER NOT NULL PRIMARY KEY,
    body    TEXT    NOT NULL
) STRICT;

CREATE TABLE tenant_overrides (
    tenant  INTEGER NOT NULL REFERENCES tenant (id),
    dialect INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (tenant, dialect)
) STRICT, WITHOUT ROWID;

-- What was edited of a shipped reputation list; `edits` is JSON that only `intel` understands.
CREATE TABLE reputation_list (
    name       TEXT    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    edits      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- One row, counted up by every change, so that what was computed from an older configuration can be told.
CREATE TABLE revision (
    only  INTEGER NOT NULL PRIMARY KEY CHECK (only = 0),
    value INTEGER NOT NULL
) STRICT;

INSERT INTO revision (only, value) VALUES (0, 1);

-- Every change by a person. `hash` covers the row and the hash of the row before it, so that a row can not be
-- altered or taken out of the middle unnoticed.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    actor_name TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    tenant     INTEGER REFERENCES tenant (id),
    action     TEXT    NOT NULL,
    target     TEXT    NOT NULL,
    before     TEXT,
    after      TEXT,
    request_id TEXT    NOT NULL,
    peer_ip    TEXT    NOT NULL,
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_by_tenant ON audit (tenant, id);

CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
