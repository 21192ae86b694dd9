-- What labels taught, apart for a tenant's live and test data: the newest version is in force. `json` is the form of the
-- engine's trust model.
CREATE TABLE trust_model (
    realm      INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    json       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    cause      TEXT    NOT NULL,
    PRIMARY KEY (realm, version)
) STRICT, WITHOUT ROWID;

-- What the event has taught: 1 that such is fraud, 2 that it is not, 3 both after each other.
ALTER TABLE event_label ADD COLUMN taught INTEGER NOT NULL DEFAULT 0;
