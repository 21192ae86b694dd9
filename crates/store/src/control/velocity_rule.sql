-- How often something may be attempted, as a tenant's people wrote it; for live and test data alike.
CREATE TABLE velocity_rule (
    id          TEXT    NOT NULL PRIMARY KEY,
    tenant      INTEGER NOT NULL REFERENCES tenant (id),
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    most        INTEGER NOT NULL CHECK (most > 0),
    window_ms   INTEGER NOT NULL CHECK (window_ms > 0),
    scope       TEXT    NOT NULL CHECK (scope IN ('user_id', 'ip_address', 'device_id')),
    on_exceed   TEXT    NOT NULL CHECK (on_exceed IN ('block', 'challenge', 'review', 'flag')),
    cooldown_ms INTEGER CHECK (cooldown_ms > 0),
    enforcement TEXT    NOT NULL CHECK (enforcement IN ('monitor', 'enforce')),
    enabled     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX velocity_rule_by_tenant ON velocity_rule (tenant, id);

-- The attempts at an action by one user, address or device of a realm, numbered without gaps; `key` is a keyed hash of all
-- four. A later attempt is never forgotten before an earlier one of the same key.
CREATE TABLE velocity_attempt (
    key       INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    PRIMARY KEY (key, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX velocity_attempt_to_forget ON velocity_attempt (forget_at);

-- Until when a rule goes on to hold after it was exceeded, by the same key.
CREATE TABLE velocity_cooldown (
    rule  TEXT    NOT NULL,
    key   INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (rule, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX velocity_cooldown_to_forget ON velocity_cooldown (until);
