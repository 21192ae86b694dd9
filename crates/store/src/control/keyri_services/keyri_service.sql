-- Services of the keyri dialect. The private half of the key is not kept. `risk` and `rules` are JSON, as their owner
-- changed them.
CREATE TABLE keyri_service (
    id             TEXT    NOT NULL PRIMARY KEY,
    tenant         INTEGER NOT NULL REFERENCES tenant (id),
    mode           TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    encryption_key TEXT    NOT NULL UNIQUE,
    api_key        TEXT    NOT NULL REFERENCES api_key (id),
    risk           TEXT    NOT NULL,
    rules          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX keyri_service_by_tenant ON keyri_service (tenant, id);
