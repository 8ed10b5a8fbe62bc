-- See the step of the same name for files.
CREATE TABLE steps_done (
  owner      TEXT NOT NULL,
  tag        TEXT NOT NULL,
  position   BIGINT NOT NULL,
  digest     BYTEA NOT NULL,
  contracts  BIGINT NOT NULL DEFAULT 0 CHECK (contracts IN (0, 1)),
  done_at    BIGINT NOT NULL,
  took_us    BIGINT NOT NULL,
  PRIMARY KEY (owner, tag)
);
