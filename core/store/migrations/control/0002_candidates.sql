-- The customer that is tried beside the tenant's own: the name of one that is loaded, or the path of a library.
ALTER TABLE tenants ADD COLUMN candidate TEXT;
