-- Where a tenant's database is, if not where the platform has the others: the address, sealed with the key of the data folder, for it
-- holds a password; and a hash of server, database and schema, so that no two tenants have the same.
CREATE TABLE places (
  tenant  TEXT PRIMARY KEY,
  address BLOB NOT NULL,
  spot    BLOB NOT NULL UNIQUE
) STRICT;
