-- Where tenants' databases are; what the columns mean is said in ../control/0007_places.sql.
CREATE TABLE places (
  tenant  TEXT COLLATE "C" PRIMARY KEY,
  address BYTEA NOT NULL,
  spot    BYTEA NOT NULL UNIQUE
);

CREATE TABLE moves (
  tenant TEXT COLLATE "C" PRIMARY KEY,
  phase  TEXT NOT NULL CHECK (phase IN ('copying', 'kept')),
  other  BYTEA
);
