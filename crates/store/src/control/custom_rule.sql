-- Rules that a tenant's people wrote, for its events of every dialect. A changed rule has a higher version; what it was
-- before is in the audit log and in the policies of the events that it judged.
CREATE TABLE custom_rule (
    id          TEXT    NOT NULL PRIMARY KEY,
    tenant      INTEGER NOT NULL REFERENCES tenant (id),
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    condition   TEXT    NOT NULL,
    action      TEXT    NOT NULL CHECK (action IN ('allow', 'flag', 'challenge', 'review', 'block')),
    points      INTEGER NOT NULL,
    enabled     INTEGER NOT NULL,
    mode        TEXT    NOT NULL CHECK (mode IN ('live', 'shadow')),
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX custom_rule_by_tenant ON custom_rule (tenant, id);
