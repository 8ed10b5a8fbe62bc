-- Sessions of browsers; what the columns mean is said in ../nonces/0002_sessions.sql.
CREATE TABLE sessions (
  token_hash  BYTEA PRIMARY KEY,
  key_id      TEXT COLLATE "C" NOT NULL,
  secret_hash BYTEA NOT NULL,
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL
);

CREATE INDEX sessions_key ON sessions (key_id, created_at);
CREATE INDEX sessions_expiry ON sessions (expires_at);
