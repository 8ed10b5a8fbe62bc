-- How tenants are served, and what operators did; what the columns mean is said in ../control/0005_tenant_life.sql.
ALTER TABLE tenants ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
  CHECK (state IN ('active', 'suspended', 'restoring', 'deleting'));
ALTER TABLE tenants ADD COLUMN state_reason TEXT;
ALTER TABLE tenants ADD COLUMN state_before TEXT;
ALTER TABLE tenants ADD COLUMN restored_at BIGINT;

CREATE TABLE audit (
  row_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     BIGINT NOT NULL,
  actor  TEXT NOT NULL,
  action TEXT NOT NULL,
  tenant TEXT,
  detail TEXT NOT NULL
);
