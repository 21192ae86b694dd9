-- What a client's SDK reported of a session between judgments, as it said it; `body` is sealed JSON.
CREATE TABLE client_event (
    id      INTEGER PRIMARY KEY,
    realm   INTEGER NOT NULL,
    session INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    body    BLOB    NOT NULL
) STRICT;

CREATE INDEX client_event_by_session ON client_event (realm, session, id);
CREATE INDEX client_event_by_time ON client_event (at);
