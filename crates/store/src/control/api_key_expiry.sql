-- From when on a key does not work; for ever when null.
ALTER TABLE api_key ADD COLUMN expires_at INTEGER;
