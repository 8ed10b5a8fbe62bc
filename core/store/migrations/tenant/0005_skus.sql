-- Where the item of a sku is, in a tree of its own instead of an index: an import of a new catalog can gather what belongs here and write
-- it in the tree's order at its end. An index takes each row where it comes, and skus come in no order.
CREATE TABLE item_skus (
  catalog INTEGER NOT NULL,
  sku     TEXT NOT NULL,
  item    INTEGER NOT NULL,
  PRIMARY KEY (catalog, sku)
) STRICT, WITHOUT ROWID;

INSERT INTO item_skus (catalog, sku, item) SELECT catalog, sku, row_id FROM items ORDER BY catalog, sku;

DROP INDEX items_sku;
