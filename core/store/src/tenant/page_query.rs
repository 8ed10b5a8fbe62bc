//! The statement that reads one page of items. Each filter has its way through an index that is in the order of the page
//! already, so that a page costs what it shows and not what the catalog holds; the tests below pin these ways.
//!
//! Two filters walk: titles (every item is looked at until the page is full), and times with many items since.

use plugpoint_sdk::model::CatalogId;

use super::categories::BRAND;
use super::items::ItemFilter;
use super::prepared::fold;
use crate::error::StoreError;
use crate::sql::{Connection, Value, values};
use crate::time::to_micros;

/// Up to so many items changed since a given time are sorted by sku; more are found by walking the catalog in that order.
const SORTED_ITEMS_MAX: i64 = 10_000;

/// When an item's content was committed.
const AT: &str = "coalesce(i.updated_at, (SELECT committed_at FROM imports WHERE row_id = i.source_import))";

/// A value that a query keeps until it runs.
enum Held {
    Int(i64),
    Text(String),
}

impl From<i64> for Held {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<String> for Held {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

/// There are few different texts, so that they stay prepared.
pub(super) struct PageQuery {
    pub(super) sql: String,
    values: Vec<Held>,
}

impl PageQuery {
    /// Columns: sku, body, hash, time. None if nothing can pass the filter.
    pub(super) fn build(
        tx: &Connection,
        catalog: &CatalogId,
        filter: &ItemFilter,
        after_sku: Option<&str>,
        limit: u32,
    ) -> Result<Option<Self>, StoreError> {
        const CATALOG: &str = "SELECT row_id FROM catalogs WHERE name = ?1";
        let catalog: Option<i64> = tx.query_opt(CATALOG, values![catalog.as_str()], |row| row.get(0))?;
        let Some(catalog) = catalog else { return Ok(None) };
        let seq = filter.updated_since.map(|since| seq_before(tx, to_micros(since))).transpose()?;
        let mut query = Self { sql: format!("SELECT i.sku, i.body, i.hash, {AT} FROM "), values: Vec::new() };
        let mut order = " ORDER BY i.sku";
        let ids = match (&filter.category, &filter.brand) {
            (Some(category), _) => Some(category_ids(tx, catalog, category)?),
            (None, Some(brand)) => Some(brand_ids(tx, catalog, brand)?),
            (None, None) => None,
        };
        if let Some(ids) = ids {
            order = match ids.len() {
                0 => return Ok(None),
                _ => " ORDER BY c.sku",
            };
            query.from_categories_of(&ids, after_sku);
        } else {
            let is_sparse = seq.map_or(Ok(false), |seq| changed_few(tx, catalog, seq))?;
            let (from, after) = match is_sparse {
                true => ("items i INDEXED BY items_seq", " WHERE i.sku > "),
                false => {
                    order = " ORDER BY s.sku";
                    query.sql.push_str("item_skus s CROSS JOIN items i ON i.row_id = s.item");
                    query.and(" WHERE s.catalog = ", catalog);
                    ("", " AND s.sku > ")
                }
            };
            query.sql.push_str(from);
            query.and(after, after_sku.unwrap_or_default().to_owned());
        }
        query.and(" AND i.catalog = ", catalog);
        query.restrict(filter, seq);
        query.sql.push_str(order);
        query.and(" LIMIT ", i64::from(limit));
        Ok(Some(query))
    }

    pub(super) fn values(&self) -> Vec<Value<'_>> {
        let values = self.values.iter().map(|held| match held {
            Held::Int(value) => Value::Int(*value),
            Held::Text(text) => Value::Text(text),
        });
        values.collect()
    }

    #[expect(clippy::wrong_self_convention, reason = "FROM is the clause of SQL")]
    fn from_categories_of(&mut self, ids: &[i64], after_sku: Option<&str>) {
        let after_sku = after_sku.unwrap_or_default().to_owned();
        if let [id] = ids {
            self.and("item_categories c CROSS JOIN items i ON i.row_id = c.item WHERE c.category = ", *id);
            self.and(" AND c.sku > ", after_sku);
            return;
        }
        // One code in several systems: an item may be in more than one of them.
        self.sql.push_str("(SELECT sku, min(item) AS item FROM item_categories WHERE category IN (");
        for (index, id) in ids.iter().enumerate() {
            self.and(if index == 0 { "" } else { "," }, *id);
        }
        self.and(") AND sku > ", after_sku);
        self.sql.push_str(" GROUP BY sku) c CROSS JOIN items i ON i.row_id = c.item WHERE TRUE");
    }

    fn restrict(&mut self, filter: &ItemFilter, seq: Option<i64>) {
        if let (Some(_), Some(brand)) = (&filter.category, &filter.brand) {
            self.and(" AND i.brand = ", brand.clone());
        }
        if let Some(prefix) = &filter.text_prefix {
            // Each title stands after a line feed.
            self.and(" AND 0 < instr(i.titles, ", format!("\n{}", fold(prefix)));
            self.sql.push(')');
        }
        if let (Some(since), Some(seq)) = (filter.updated_since, seq) {
            self.and(" AND i.seq > ", seq);
            self.and(&format!(" AND {AT} >= "), to_micros(since));
        }
    }

    fn and(&mut self, sql: &str, value: impl Into<Held>) {
        self.sql.push_str(sql);
        self.sql.push('?');
        self.values.push(value.into());
    }
}

/// A `seq` at or below which nothing was committed at `since` or later: times grow with `seq`.
fn seq_before(tx: &Connection, since: i64) -> Result<i64, StoreError> {
    const SELECT: &str =
        "SELECT last_seq FROM imports WHERE committed_at < ?1 ORDER BY committed_at DESC, row_id DESC LIMIT 1";
    Ok(tx.query_opt(SELECT, values![since], |row| row.get(0))?.unwrap_or(0))
}

fn changed_few(tx: &Connection, catalog: i64, seq: i64) -> Result<bool, StoreError> {
    const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM items WHERE catalog = ?1 AND seq > ?2 LIMIT ?3) few";
    let count: i64 = tx.query_one(COUNT, values![catalog, seq, SORTED_ITEMS_MAX], |row| row.get(0))?;
    Ok(count < SORTED_ITEMS_MAX)
}

fn category_ids(tx: &Connection, catalog: i64, category: &str) -> Result<Vec<i64>, StoreError> {
    // The empty system is that of brands.
    const SELECT: &str = "SELECT row_id FROM categories
        WHERE catalog = ?1 AND code = ?2 AND system > '' UNION SELECT row_id FROM categories WHERE catalog = ?1 AND system || ':' || code = ?2
        AND system > ''";
    tx.query(SELECT, values![catalog, category], |row| row.get(0))
}

fn brand_ids(tx: &Connection, catalog: i64, brand: &str) -> Result<Vec<i64>, StoreError> {
    const SELECT: &str = "SELECT row_id FROM categories WHERE catalog = ?1 AND code = ?2 AND system = ?3";
    tx.query(SELECT, values![catalog, brand, BRAND], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use plugpoint_sdk::model::timestamp::Timestamp;

    use super::*;
    use crate::sql::Row;

    /// How SQLite goes about the page of a filter, without the lookup of an import's time.
    fn plan(filter: &ItemFilter) -> String {
        let tx = Connection::Sqlite(rusqlite::Connection::open_in_memory().unwrap());
        tx.execute_batch(include_str!("../../migrations/tenant/0001_catalogs.sql")).unwrap();
        tx.execute_batch(include_str!("../../migrations/tenant/0003_brands.sql")).unwrap();
        tx.execute_batch(include_str!("../../migrations/tenant/0005_skus.sql")).unwrap();
        tx.execute_batch(
            "INSERT INTO catalogs VALUES (1, 'main', 0, 0, 0, 0);
            INSERT INTO categories VALUES (1, 1, 'a', 'x'), (2, 1, 'b', 'x'), (3, 1, '', 'x')",
        )
        .unwrap();
        let catalog = CatalogId::from_str("main").unwrap();
        let query = PageQuery::build(&tx, &catalog, filter, Some("A"), 10).unwrap().unwrap();
        let explain = format!("EXPLAIN QUERY PLAN {}", query.sql);
        let detail = |row: &Row<'_>| row.get::<String>(3);
        let lines = tx.query(&explain, &query.values(), detail).unwrap();
        let of_the_page = |line: &String| !line.contains("SCALAR SUBQUERY") && !line.contains("imports");
        lines.into_iter().filter(of_the_page).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn pages_come_in_order_from_an_index() {
        const IN_ORDER: &str =
            "SEARCH s USING PRIMARY KEY (catalog=? AND sku>?); SEARCH i USING INTEGER PRIMARY KEY (rowid=?)";
        let none = ItemFilter::default;
        let text = |text: &str| Some(text.to_owned());
        let cases = [
            (none(), IN_ORDER),
            (ItemFilter { text_prefix: text("x"), ..none() }, IN_ORDER),
            (
                ItemFilter { brand: text("x"), ..none() },
                "SEARCH c USING PRIMARY KEY (category=? AND sku>?); SEARCH i USING INTEGER PRIMARY KEY (rowid=?)",
            ),
            (
                ItemFilter { category: text("a:x"), brand: text("x"), ..none() },
                "SEARCH c USING PRIMARY KEY (category=? AND sku>?); SEARCH i USING INTEGER PRIMARY KEY (rowid=?)",
            ),
            (
                ItemFilter { category: text("x"), ..none() },
                "CO-ROUTINE c; SEARCH item_categories USING PRIMARY KEY (category=? AND sku>?); USE TEMP B-TREE FOR GROUP BY; \
                SCAN c; SEARCH i USING INTEGER PRIMARY KEY (rowid=?); USE TEMP B-TREE FOR ORDER BY",
            ),
            (
                ItemFilter { updated_since: Some(Timestamp::default()), ..none() },
                "SEARCH i USING INDEX items_seq (catalog=? AND seq>?); USE TEMP B-TREE FOR ORDER BY",
            ),
        ];
        for (filter, expected) in cases {
            assert_eq!(plan(&filter), expected, "{filter:?}");
        }
    }
}
