-- step: a
-- only: sqlite
SELECT 1;
