-- How many events each tenant had judged through each dialect in each UTC calendar month (such as 202611), live and
-- test together. Counted in the transaction of the events.
CREATE TABLE usage (
    tenant  INTEGER NOT NULL,
    dialect INTEGER NOT NULL,
    month   INTEGER NOT NULL,
    calls   INTEGER NOT NULL,
    PRIMARY KEY (tenant, dialect, month)
) STRICT, WITHOUT ROWID;
