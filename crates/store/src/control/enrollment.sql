-- People that a tenant enrolled, apart for its live and its test data. `user` is a keyed hash of the person's id; `body` is
-- sealed: the id, name and address, and what the tenant added. Signals up to `unflagged_upto` flag the person no more.
CREATE TABLE enrollment (
    id             INTEGER PRIMARY KEY,
    realm          INTEGER NOT NULL,
    user           INTEGER NOT NULL,
    body           BLOB    NOT NULL,
    unflagged_upto INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL,
    created_by     TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX enrollment_by_user ON enrollment (realm, user);

-- Listed devices and addresses that the tenant said are an enrolled person's.
CREATE TABLE enrollment_entry (
    entry      TEXT    NOT NULL PRIMARY KEY REFERENCES list_entry (id) ON DELETE CASCADE,
    enrollment INTEGER NOT NULL REFERENCES enrollment (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX enrollment_entry_by_enrollment ON enrollment_entry (enrollment);

-- A report that its reporter took back counts no more; what was decided of it stays.
ALTER TABLE signal ADD COLUMN withdrawn_at INTEGER;

CREATE INDEX signal_by_device ON signal (realm, device) WHERE device IS NOT NULL;
CREATE INDEX signal_by_fingerprint ON signal (realm, fingerprint) WHERE fingerprint IS NOT NULL;
