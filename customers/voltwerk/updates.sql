-- What Voltwerk's field staff keep beside the catalog: which lengths of a cable lie cut in which depot. Read by their reports, straight
-- from the tenant's database.

-- step: 2026-09-cuts Cut lengths in the depots
CREATE TABLE x_voltwerk_cuts (
  sku    TEXT NOT NULL,
  depot  TEXT NOT NULL,
  metres BIGINT NOT NULL,
  PRIMARY KEY (sku, depot)
);

-- step: 2026-11-reserved How much of a length is promised to somebody
-- (the expanding half: whoever does not know the column goes on)
ALTER TABLE x_voltwerk_cuts ADD COLUMN reserved BIGINT;
UPDATE x_voltwerk_cuts SET reserved = 0;
CREATE INDEX x_voltwerk_cuts_depot ON x_voltwerk_cuts (depot);
