-- step: A
SELECT 1;