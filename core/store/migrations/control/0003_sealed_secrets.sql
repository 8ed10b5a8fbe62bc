-- The secret itself, sealed with the key of the data folder (secrets.key): for credentials that were made for password digests.
ALTER TABLE credentials ADD COLUMN sealed_secret BLOB;
