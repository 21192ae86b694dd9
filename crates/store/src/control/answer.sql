-- The answers to requests with an idempotency key that are no events, sealed. `id` is made of the time, as that of an
-- event; `body` is the hash of what the key was sent with.
CREATE TABLE answer (
    id     INTEGER PRIMARY KEY,
    realm  INTEGER NOT NULL,
    key    BLOB    NOT NULL,
    body   BLOB    NOT NULL,
    answer BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX answer_by_key ON answer (realm, key);

-- What whoever is listed says against it.
ALTER TABLE list_entry ADD COLUMN appeal TEXT;
