-- Processes that share this database, and when each was last heard of, in microseconds of the server's clock.
CREATE TABLE nodes (
  id         TEXT PRIMARY KEY,
  address    TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL
);

-- Which spool it is that all of them have to share: what lies in its folder as well.
CREATE TABLE spool (
  only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
  id       TEXT NOT NULL
);
