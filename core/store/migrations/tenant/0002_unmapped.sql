-- What a document held that its reader does not know, by path; of finished imports.
CREATE TABLE unmapped (
  import INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  path   TEXT NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (import, n)
) STRICT, WITHOUT ROWID;
