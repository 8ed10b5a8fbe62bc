-- Catalogs of one tenant. Times are microseconds since 1970 in UTC.

-- seq counts changed rows over all catalogs of the tenant. A number is given once, and becomes visible with its commit.
CREATE TABLE meta (
  only_row       INTEGER PRIMARY KEY CHECK (only_row = 1),
  next_seq       INTEGER NOT NULL,
  last_commit_at INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 1, 0);

CREATE TABLE catalogs (
  row_id     INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  item_count INTEGER NOT NULL,
  last_seq   INTEGER NOT NULL
) STRICT;

-- updated_at is NULL for a row that an import wrote: its time is the commit time of that import, which nobody knows while
-- the row is written, and which a reader who asks "what changed since" must not be told too early.
-- body comes last: SQLite reads the columns before it without touching its overflow pages.
CREATE TABLE items (
  row_id        INTEGER PRIMARY KEY,
  catalog       INTEGER NOT NULL,
  sku           TEXT NOT NULL,
  seq           INTEGER NOT NULL,
  added_seq     INTEGER NOT NULL,
  updated_at    INTEGER,
  source_import INTEGER,
  source_line   INTEGER,
  hash          BLOB NOT NULL,
  brand         TEXT,
  categories    TEXT NOT NULL, -- row ids of its categories, ascending, "3,17"
  titles        TEXT NOT NULL, -- folded titles, each after a line feed
  body          TEXT NOT NULL  -- canonical JSON
) STRICT;
CREATE UNIQUE INDEX items_sku ON items (catalog, sku);
CREATE UNIQUE INDEX items_seq ON items (catalog, seq);
CREATE INDEX items_brand ON items (catalog, brand, sku) WHERE brand IS NOT NULL;

CREATE TABLE categories (
  row_id  INTEGER PRIMARY KEY,
  catalog INTEGER NOT NULL,
  system  TEXT NOT NULL,
  code    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX categories_code ON categories (catalog, code, system);
CREATE INDEX categories_full ON categories (catalog, system || ':' || code);

-- In the order of a page: one category's items by sku.
CREATE TABLE item_categories (
  category INTEGER NOT NULL,
  sku      TEXT NOT NULL,
  item     INTEGER NOT NULL,
  PRIMARY KEY (category, sku)
) STRICT, WITHOUT ROWID;

-- What is gone, for the feed of changes. An item that comes back loses its row here.
CREATE TABLE removed (
  catalog INTEGER NOT NULL,
  sku     TEXT NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (catalog, sku)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX removed_seq ON removed (catalog, seq);

-- Finished imports. catalog is the name: a failed import makes no catalog. committed_at and last_seq are set for those
-- that succeeded; items refer to such rows, so these two outlive the record.
CREATE TABLE imports (
  row_id          INTEGER PRIMARY KEY,
  id              BLOB NOT NULL UNIQUE,
  catalog         TEXT NOT NULL,
  idempotency_key TEXT,
  committed_at    INTEGER,
  last_seq        INTEGER,
  record          TEXT NOT NULL -- JSON
) STRICT;
CREATE UNIQUE INDEX imports_key ON imports (catalog, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX imports_catalog ON imports (catalog, id);
CREATE INDEX imports_committed ON imports (committed_at) WHERE committed_at IS NOT NULL;

CREATE TABLE findings (
  import  INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  finding TEXT NOT NULL, -- JSON
  PRIMARY KEY (import, n)
) STRICT, WITHOUT ROWID;
