-- Devices that are known again by what they tell of themselves.
CREATE TABLE device (
    realm INTEGER NOT NULL,
    id INTEGER NOT NULL,
    -- The name under which history is kept of it.
    hash TEXT NOT NULL,
    -- What it told last, in the form that the matcher writes.
    attributes BLOB NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    times_seen INTEGER NOT NULL,
    last_event INTEGER NOT NULL,
    PRIMARY KEY (realm, id)
) WITHOUT ROWID;

-- The index by which devices are found that are worth comparing.
CREATE TABLE device_key (
    realm INTEGER NOT NULL,
    key INTEGER NOT NULL,
    device INTEGER NOT NULL,
    PRIMARY KEY (realm, key, device)
) WITHOUT ROWID;

-- Who was seen on a device. The user's id is sealed with `event`, the first one that both were in.
CREATE TABLE device_user (
    realm INTEGER NOT NULL,
    device INTEGER NOT NULL,
    user INTEGER NOT NULL,
    event INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    last_seen INTEGER NOT NULL,
    times_seen INTEGER NOT NULL,
    PRIMARY KEY (realm, device, user)
) WITHOUT ROWID;
