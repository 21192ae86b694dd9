-- What is computed from the events: safe to delete, rebuilt when missing.

CREATE TABLE checkpoint (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    -- The data set this belongs to.
    instance TEXT NOT NULL,
    -- The last event that is in here.
    upto     INTEGER NOT NULL
) STRICT;

CREATE TABLE entity (
    id    INTEGER PRIMARY KEY,
    state BLOB NOT NULL
) STRICT;

-- Which events each entity has, and each outcome in a realm.
CREATE TABLE posting (
    key   INTEGER NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (key, event)
) STRICT, WITHOUT ROWID;
