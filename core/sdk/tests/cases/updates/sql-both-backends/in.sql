-- what this is for

-- step: 1-stock  Stock of a shop 
CREATE TABLE x_a_s (n BIGINT);
--only:postgres
COMMENT ON TABLE x_a_s IS 'n';
-- both
INSERT INTO x_a_s VALUES (1)
-- step: 2
-- only: sqlite
SELECT 1;
-- only: postgres
SELECT 2;
