-- What was reported as fraud, and what it turned out to be. `body` and `notes` are sealed: whom and what it is about in the
-- reporter's words, and the words of whoever decided. `user`, `device` and `fingerprint` are keyed hashes; the last one is
-- of the device that an event would have named so itself. `event` is the event that the decision labeled.
CREATE TABLE signal (
    id          INTEGER PRIMARY KEY,
    realm       INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    user        INTEGER,
    device      INTEGER,
    fingerprint INTEGER,
    body        BLOB    NOT NULL,
    notes       BLOB,
    event       INTEGER REFERENCES event (id),
    created_at  INTEGER NOT NULL,
    created_by  TEXT    NOT NULL,
    decided_at  INTEGER,
    decided_by  TEXT
) STRICT;

CREATE INDEX signal_by_realm ON signal (realm, id);
CREATE INDEX signal_by_status ON signal (realm, status, id);
CREATE INDEX signal_by_user ON signal (realm, user, id) WHERE user IS NOT NULL;
