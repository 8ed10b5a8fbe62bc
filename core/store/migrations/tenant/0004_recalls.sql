-- What the last import of a catalog read, so that the next one need not read the same bytes again. It holds while the catalog is as
-- that import left it. how is the fingerprint of everything that decides what becomes of a record's bytes.
CREATE TABLE recalls (
  catalog  INTEGER PRIMARY KEY,
  how      BLOB NOT NULL,
  last_seq INTEGER NOT NULL -- the catalog's, after that import
) STRICT;

-- Blocks of entries in the document's order: 16 bytes, the fingerprint of a record; 8 bytes, little endian, the row it is in.
CREATE TABLE recalled (
  row_id  INTEGER PRIMARY KEY,
  catalog INTEGER NOT NULL,
  n       INTEGER NOT NULL, -- from 0
  entries BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX recalled_n ON recalled (catalog, n);
