-- Which node runs the tenant's imports, until when by the server's clock (microseconds), and how often that has changed hands.
CREATE TABLE import_lease (
  only_row   BIGINT PRIMARY KEY CHECK (only_row = 1),
  node       TEXT,
  epoch      BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
INSERT INTO import_lease VALUES (1, NULL, 0, 0);

-- Imports that have not ended: how far the running one is, and which of them somebody wants to end. Millionths of the document.
CREATE TABLE import_progress (
  id           BYTEA PRIMARY KEY,
  started_at   BIGINT,
  read         BIGINT NOT NULL DEFAULT 0,
  accepted     BIGINT NOT NULL DEFAULT 0,
  rejected     BIGINT NOT NULL DEFAULT 0,
  share        BIGINT NOT NULL DEFAULT 0,
  is_cancelled BIGINT NOT NULL DEFAULT 0 CHECK (is_cancelled IN (0, 1))
);
