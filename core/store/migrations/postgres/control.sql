-- Tenants and their credentials, in a schema of their own; what the columns mean is said in ../control/.

CREATE TABLE tenants (
  tenant       TEXT COLLATE "C" PRIMARY KEY,
  customer     TEXT,
  profile_toml TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  candidate    TEXT
);

CREATE TABLE credentials (
  key_id        TEXT COLLATE "C" PRIMARY KEY,
  tenant        TEXT COLLATE "C" NOT NULL REFERENCES tenants (tenant),
  secret_hash   TEXT NOT NULL,
  created_at    BIGINT NOT NULL,
  sealed_secret BYTEA
);

CREATE INDEX credentials_tenant ON credentials (tenant);
