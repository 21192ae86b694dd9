-- What clients sealed and sent, so that it is known when it comes again; forgotten after a day.
CREATE TABLE replay (
    realm INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (realm, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE INDEX replay_by_time ON replay (at);

-- Since when a device is known to anybody: the only data that tenants have in common. `name` is a keyed hash.
CREATE TABLE device_everywhere (
    name BLOB NOT NULL PRIMARY KEY,
    first_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a device (`kind` 2) or an account (1) looked like when a service saw it last, sealed under `event`.
CREATE TABLE portrait (
    service INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    key INTEGER NOT NULL,
    event INTEGER NOT NULL,
    picture BLOB NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    times_seen INTEGER NOT NULL,
    PRIMARY KEY (service, kind, key)
) STRICT, WITHOUT ROWID;

-- What the caller said of an event beside what is looked at, sealed under the event.
CREATE TABLE event_note (
    event INTEGER PRIMARY KEY,
    note BLOB NOT NULL
) STRICT;
