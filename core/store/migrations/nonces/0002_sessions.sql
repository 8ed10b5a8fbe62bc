-- Sessions of browsers: who logged in with which credential, and until when that holds. Times are microseconds since 1970 in UTC. The
-- token itself is with the browser alone; here is its hash. `secret_hash` is a hash of the credential's own, which tells whether it is
-- still the same.
CREATE TABLE sessions (
  token_hash  BLOB PRIMARY KEY,
  key_id      TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_key ON sessions (key_id, created_at);
CREATE INDEX sessions_expiry ON sessions (expires_at);
