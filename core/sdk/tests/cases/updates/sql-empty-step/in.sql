-- step: a
-- step: b
SELECT 1;