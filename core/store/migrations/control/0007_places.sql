-- Where a tenant's database is, if not where the platform has the others: the address, sealed with the key of the data folder, for it
-- holds a password; and a hash of server, database and schema, so that no two tenants have the same.
CREATE TABLE places (
  tenant  TEXT PRIMARY KEY,
  address BLOB NOT NULL,
  spot    BLOB NOT NULL UNIQUE
) STRICT;

-- Tenants that are moved: 'copying' from where they are to the other place, or 'kept', the other place being where they were. No address
-- of the other place: it is the platform's own.
CREATE TABLE moves (
  tenant TEXT PRIMARY KEY,
  phase  TEXT NOT NULL CHECK (phase IN ('copying', 'kept')),
  other  BLOB
) STRICT;
