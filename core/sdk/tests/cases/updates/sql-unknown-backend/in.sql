-- step: a
-- only: oracle
SELECT 1;