-- How often what is counted happened in each hour since 1970 (UTC) of a realm. `metric` is a word, or a word and what it
-- is of, such as `rule.fired:rule_0vqkz1q3c7ab`. Counted in the transaction of what is counted.
CREATE TABLE tally (
    realm  INTEGER NOT NULL,
    metric TEXT    NOT NULL,
    hour   INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (realm, metric, hour)
) STRICT, WITHOUT ROWID;
