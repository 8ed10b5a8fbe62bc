-- A brand becomes a row of categories, with an empty system, which no category has: one tree of items by category or brand, which an
-- import can write in its order, instead of an index that every row must enter where it belongs.
DROP INDEX items_brand;

INSERT INTO categories (catalog, system, code)
  SELECT catalog, '', brand FROM items WHERE brand IS NOT NULL GROUP BY catalog, brand;

INSERT INTO item_categories (category, sku, item)
  SELECT c.row_id, i.sku, i.row_id FROM items i JOIN categories c ON c.catalog = i.catalog AND c.system = '' AND c.code = i.brand;

-- Their row ids are higher than those of all categories, so the list stays ascending.
UPDATE items SET categories = CASE categories WHEN '' THEN '' ELSE categories || ',' END ||
  (SELECT c.row_id FROM categories c WHERE c.catalog = items.catalog AND c.system = '' AND c.code = items.brand)
  WHERE brand IS NOT NULL;
