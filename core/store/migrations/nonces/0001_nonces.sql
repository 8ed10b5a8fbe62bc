-- Nonces of password digests that were right, for as long as their tokens could be taken again. Times are microseconds since 1970
-- in UTC. A nonce is kept as a hash, which has the same size whatever the client sends.
CREATE TABLE nonces (
  key_id     TEXT NOT NULL,
  nonce_hash BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (key_id, nonce_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonces_expiry ON nonces (expires_at);

-- How many nonces each credential has: counted as they come and go, because counting them takes longer with every one.
CREATE TABLE nonce_counts (
  key_id TEXT PRIMARY KEY,
  held   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER nonce_added AFTER INSERT ON nonces BEGIN
  INSERT INTO nonce_counts (key_id, held) VALUES (NEW.key_id, 1) ON CONFLICT DO UPDATE SET held = held + 1;
END;

CREATE TRIGGER nonce_removed AFTER DELETE ON nonces BEGIN
  UPDATE nonce_counts SET held = held - 1 WHERE key_id = OLD.key_id;
  DELETE FROM nonce_counts WHERE key_id = OLD.key_id AND held <= 0;
END;
