-- Who and what a tenant blocks or watches, apart for its live and its test data. `value` is in the form that look-ups
-- use; `expires_at` is null for an entry that stays.
CREATE TABLE list_entry (
    id         TEXT    NOT NULL PRIMARY KEY,
    realm      INTEGER NOT NULL,
    list       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    reason     TEXT,
    author     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX list_entry_by_realm ON list_entry (realm, id);
CREATE INDEX list_entry_by_value ON list_entry (realm, list, kind, value);
