-- step: a
SELECT 1;
-- step: a again
SELECT 1;