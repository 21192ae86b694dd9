-- What verifications left behind to recognize it by: an image's file and print, or a document's number. `exact` is a
-- keyed hash of the realm, the kind, and the file or number; `bits` is what the picture looks like, and missing of one
-- that is too plain to compare; `person` is a keyed hash of the user's id, which is sealed in `sealed`.
CREATE TABLE enrolled (
    id           INTEGER PRIMARY KEY,
    realm        INTEGER NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('face', 'document', 'document_number')),
    exact        BLOB    NOT NULL CHECK (length(exact) = 16),
    bits         BLOB    CHECK (length(bits) = 32),
    verification TEXT    NOT NULL,
    person       INTEGER,
    sealed       BLOB,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX enrolled_by_exact ON enrolled (exact, id);
CREATE UNIQUE INDEX enrolled_once ON enrolled (verification, exact);

-- Where to look for prints that are nearly the same: `slot` is one piece of a print, with its kind and its place.
CREATE TABLE enrolled_piece (
    realm INTEGER NOT NULL,
    slot  INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    PRIMARY KEY (realm, slot, id)
) STRICT, WITHOUT ROWID;

-- What a search for duplicates found, sealed; forgotten after 30 days.
CREATE TABLE duplicate_search (
    id    INTEGER PRIMARY KEY,
    realm INTEGER NOT NULL,
    found BLOB    NOT NULL
) STRICT;

-- Which person goes with which document, user, mailbox and phone, and the other way round: keyed hashes of realm, kind
-- and value.
CREATE TABLE identity_link (
    one   BLOB NOT NULL CHECK (length(one) = 16),
    other BLOB NOT NULL CHECK (length(other) = 16),
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
