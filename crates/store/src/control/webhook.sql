-- Where a tenant wants to be told of what happens, as its people wrote it; for live and test data alike. `types` is a JSON
-- list.
CREATE TABLE webhook (
    id          TEXT    NOT NULL PRIMARY KEY,
    tenant      INTEGER NOT NULL REFERENCES tenant (id),
    url         TEXT    NOT NULL,
    description TEXT    NOT NULL,
    types       TEXT    NOT NULL,
    enabled     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_by_tenant ON webhook (tenant, id);

-- What the messages to a webhook are signed with, sealed under `id`, which is made of the time; the newest one has no
-- `until`.
CREATE TABLE webhook_secret (
    id      INTEGER PRIMARY KEY,
    webhook TEXT    NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    secret  BLOB    NOT NULL,
    until   INTEGER
) STRICT;

CREATE INDEX webhook_secret_by_webhook ON webhook_secret (webhook);

-- Messages to webhooks. `id` is made of the time; `body` is sealed under it.
CREATE TABLE webhook_message (
    id         INTEGER PRIMARY KEY,
    realm      INTEGER NOT NULL,
    type       TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Each message to each webhook: written with what it tells of, and kept for 30 days after its end.
CREATE TABLE webhook_delivery (
    webhook     TEXT    NOT NULL,
    message     INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts    INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    last_at     INTEGER,
    last_status INTEGER,
    last_error  TEXT,
    duration_ms INTEGER,
    ended_at    INTEGER,
    PRIMARY KEY (webhook, message)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, next_at, message) WHERE state = 'pending';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX webhook_delivery_by_message ON webhook_delivery (message);
