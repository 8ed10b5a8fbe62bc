-- What operators call tenants, to choose them by: `canary`.
CREATE TABLE tenant_tags (
  tenant  TEXT NOT NULL REFERENCES tenants (tenant) ON DELETE CASCADE,
  tag     TEXT NOT NULL,
  PRIMARY KEY (tenant, tag)
);

-- Who may look after the platform over HTTP, and with which rights.
CREATE TABLE operators (
  name        TEXT PRIMARY KEY,
  role        TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  key_id      TEXT NOT NULL UNIQUE,
  secret_hash TEXT NOT NULL,
  created_at  BIGINT NOT NULL
);

-- Runs of `plugpoint migrate`. Times in microseconds; `seen_at` is when the run last wrote how far it is.
CREATE TABLE fleet_runs (
  id          TEXT PRIMARY KEY,
  by_whom     TEXT NOT NULL,
  structure   BIGINT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'abandoned')),
  started_at  BIGINT NOT NULL,
  seen_at     BIGINT NOT NULL,
  checked     BIGINT NOT NULL,
  up_to_date  BIGINT NOT NULL,
  migrated    BIGINT NOT NULL,
  failed      BIGINT NOT NULL,
  remaining   BIGINT NOT NULL
);

-- What became of each tenant that a run brought up to date, or tried to.
CREATE TABLE fleet_outcomes (
  run        TEXT NOT NULL REFERENCES fleet_runs (id) ON DELETE CASCADE,
  tenant     TEXT NOT NULL,
  structure  BIGINT,
  steps      TEXT NOT NULL,
  took_ms    BIGINT NOT NULL,
  error      TEXT,
  PRIMARY KEY (run, tenant)
);
