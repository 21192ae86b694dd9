-- The truth: events and what belongs to them. History is computed from here.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- One row per event, appended in the order of ids. No index: looking up by anything but the id goes through
-- the postings in the history file.
CREATE TABLE event (
    id      INTEGER PRIMARY KEY,
    realm   INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    touch   BLOB NOT NULL,
    body    BLOB NOT NULL
) STRICT;

CREATE TABLE event_label (
    event INTEGER PRIMARY KEY REFERENCES event (id),
    label TEXT NOT NULL,
    at    INTEGER NOT NULL,
    notes TEXT
) STRICT;

CREATE TABLE idempotency (
    realm INTEGER NOT NULL,
    key   BLOB NOT NULL,
    body  BLOB NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (realm, key)
) STRICT, WITHOUT ROWID;

-- Every policy that an event was judged by, by the hash of its content.
CREATE TABLE policy (
    id   INTEGER PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;

-- For forgetting the oldest keys.
CREATE INDEX idempotency_event ON idempotency (event);
