-- Events that a person is to decide about, by the event's id; `notes` are the sealed words of whoever did.
CREATE TABLE review (
    event       INTEGER PRIMARY KEY,
    realm       INTEGER NOT NULL,
    status      TEXT    NOT NULL,
    opened_at   INTEGER NOT NULL,
    resolved_at INTEGER,
    resolved_by TEXT,
    notes       BLOB
) STRICT;

CREATE INDEX review_by_realm ON review (realm, event);
CREATE INDEX review_by_status ON review (realm, status, event);
