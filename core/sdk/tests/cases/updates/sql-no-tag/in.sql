-- step:
SELECT 1;