-- Nonces of password digests, in a schema of their own; what the columns mean is said in ../nonces/.

CREATE TABLE nonces (
  key_id     TEXT COLLATE "C" NOT NULL,
  nonce_hash BYTEA NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (key_id, nonce_hash)
);

CREATE INDEX nonces_expiry ON nonces (expires_at);

CREATE TABLE nonce_counts (
  key_id TEXT COLLATE "C" PRIMARY KEY,
  held   BIGINT NOT NULL
);

CREATE FUNCTION nonce_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO nonce_counts (key_id, held) VALUES (NEW.key_id, 1)
    ON CONFLICT (key_id) DO UPDATE SET held = nonce_counts.held + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER nonce_added AFTER INSERT ON nonces FOR EACH ROW EXECUTE FUNCTION nonce_added();

CREATE FUNCTION nonce_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE nonce_counts SET held = held - 1 WHERE key_id = OLD.key_id;
  DELETE FROM nonce_counts WHERE key_id = OLD.key_id AND held <= 0;
  RETURN NULL;
END $$;
CREATE TRIGGER nonce_removed AFTER DELETE ON nonces FOR EACH ROW EXECUTE FUNCTION nonce_removed();
