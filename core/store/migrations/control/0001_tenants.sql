-- Tenants and their credentials. Times are microseconds since 1970 in UTC.

CREATE TABLE tenants (
  tenant       TEXT PRIMARY KEY,
  customer     TEXT,
  profile_toml TEXT NOT NULL,
  created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A secret is kept only as its argon2id hash (PHC string).
CREATE TABLE credentials (
  key_id      TEXT PRIMARY KEY,
  tenant      TEXT NOT NULL REFERENCES tenants (tenant),
  secret_hash TEXT NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX credentials_tenant ON credentials (tenant);
