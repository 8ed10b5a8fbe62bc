-- What operators call tenants, to choose them by: `canary`.
CREATE TABLE tenant_tags (
  tenant  TEXT NOT NULL REFERENCES tenants (tenant) ON DELETE CASCADE,
  tag     TEXT NOT NULL,
  PRIMARY KEY (tenant, tag)
) STRICT, WITHOUT ROWID;

-- Who may look after the platform over HTTP, and with which rights.
CREATE TABLE operators (
  name        TEXT PRIMARY KEY,
  role        TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  key_id      TEXT NOT NULL UNIQUE,
  secret_hash TEXT NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Runs of `plugpoint migrate`. Times in microseconds; `seen_at` is when the run last wrote how far it is.
CREATE TABLE fleet_runs (
  id          TEXT PRIMARY KEY,
  by_whom     TEXT NOT NULL,
  structure   INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'abandoned')),
  started_at  INTEGER NOT NULL,
  seen_at     INTEGER NOT NULL,
  checked     INTEGER NOT NULL,
  up_to_date  INTEGER NOT NULL,
  migrated    INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  remaining   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What became of each tenant that a run brought up to date, or tried to.
CREATE TABLE fleet_outcomes (
  run        TEXT NOT NULL REFERENCES fleet_runs (id) ON DELETE CASCADE,
  tenant     TEXT NOT NULL,
  structure  INTEGER,
  steps      TEXT NOT NULL,
  took_ms    INTEGER NOT NULL,
  error      TEXT,
  PRIMARY KEY (run, tenant)
) STRICT, WITHOUT ROWID;
