-- Steps that have been done: the core's from this one on, and all of customers' update files, in their order. `digest` is BLAKE3 of the
-- text that was run. `contracts` says of a step of the core that releases which do not know it cannot serve the tenant any more.
CREATE TABLE steps_done (
  owner      TEXT NOT NULL,
  tag        TEXT NOT NULL,
  position   INTEGER NOT NULL,
  digest     BLOB NOT NULL,
  contracts  INTEGER NOT NULL DEFAULT 0 CHECK (contracts IN (0, 1)),
  done_at    INTEGER NOT NULL,
  took_us    INTEGER NOT NULL,
  PRIMARY KEY (owner, tag)
) STRICT, WITHOUT ROWID;
