-- How a tenant is served: 'active'; 'suspended', for a reason that the operator gives; 'restoring' and 'deleting' while a command
-- puts another state in its place or takes it away. state_before is what a restore that is given up goes back to.
ALTER TABLE tenants ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
  CHECK (state IN ('active', 'suspended', 'restoring', 'deleting'));
ALTER TABLE tenants ADD COLUMN state_reason TEXT;
ALTER TABLE tenants ADD COLUMN state_before TEXT;
-- When it was restored last: what waits in its spool then came past the server.
ALTER TABLE tenants ADD COLUMN restored_at INTEGER;

-- What operators did by command line, and which tenant it was about; it outlives the tenant and holds none of its data.
CREATE TABLE audit (
  row_id INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,
  action TEXT NOT NULL,
  tenant TEXT,
  detail TEXT NOT NULL
) STRICT;
