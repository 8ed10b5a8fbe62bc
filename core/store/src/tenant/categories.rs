//! Categories of one catalog: each (system, code) is one row, items refer to it by number; so is each brand, under a system that no
//! category can have. Used by the changeset, and by the query of a page.
//!
//! What belongs to which is a tree of its own, in the order of pages. The rows of an import come in any order, so they are gathered
//! and written in the tree's: that costs a fraction of writing each where it comes.

use std::fmt::Write as _;

use hashbrown::HashMap;

use super::prepared::PreparedItem;
use super::texts::{Place, Texts};
use crate::error::StoreError;
use crate::sql::{Connection, ROWS_AT_ONCE, values};

/// Row ids remembered within a transaction; when there are more, all are forgotten and looked up again.
const REMEMBERED_MAX: usize = 16_384;

/// The system of brands: categories have none that is empty.
pub(super) const BRAND: &str = "";

/// Links that wait to be written in their order; each takes about 40 bytes.
const WAITING_MAX: usize = 32_768;

pub(super) struct Categories {
    catalog: i64,
    remembered: HashMap<(String, String), i64>,
    brands: HashMap<String, i64>,
    /// Links that go before those that wait are written; on a server alone.
    unlinked: Vec<Link>,
    /// Links that are not written yet.
    waiting: Vec<Link>,
    skus: Texts,
}

/// An item in a category.
struct Link {
    category: i64,
    sku: Place,
    item: i64,
}

impl Categories {
    pub(super) fn new(catalog: i64) -> Self {
        Self {
            catalog,
            remembered: HashMap::new(),
            brands: HashMap::new(),
            unlinked: Vec::new(),
            waiting: Vec::new(),
            skus: Texts::default(),
        }
    }

    /// Row ids of an item's categories and its brand, ascending and each once; makes those that are new.
    pub(super) fn ids(&mut self, tx: &Connection, item: &PreparedItem) -> Result<Vec<i64>, StoreError> {
        let mut ids = Vec::with_capacity(item.categories.len() + 1);
        for category in &item.categories {
            let id = match self.remembered.get(category) {
                Some(id) => *id,
                None => {
                    let id = self.look_up(tx, &category.0, &category.1)?;
                    remember(&mut self.remembered, category.clone(), id)
                }
            };
            ids.push(id);
        }
        if let Some(brand) = &item.brand {
            let id = match self.brands.get(brand) {
                Some(id) => *id,
                None => {
                    let id = self.look_up(tx, BRAND, brand)?;
                    remember(&mut self.brands, brand.clone(), id)
                }
            };
            ids.push(id);
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    fn look_up(&self, tx: &Connection, system: &str, code: &str) -> Result<i64, StoreError> {
        const SELECT: &str = "SELECT row_id FROM categories WHERE catalog = ?1 AND system = ?2 AND code = ?3";
        const INSERT: &str = "INSERT INTO categories (catalog, system, code) VALUES (?1, ?2, ?3) RETURNING row_id";
        let key = values![self.catalog, system, code];
        match tx.query_opt(SELECT, key, |row| row.get(0))? {
            Some(id) => Ok(id),
            None => tx.query_one(INSERT, key, |row| row.get(0)),
        }
    }

    /// Puts an item into categories in which it is not.
    pub(super) fn link(&mut self, tx: &Connection, ids: &[i64], sku: &str, item: i64) -> Result<(), StoreError> {
        // What is in none leaves nothing here, for nothing would ever write it.
        if ids.is_empty() {
            return Ok(());
        }
        let sku = self.skus.keep(sku);
        self.waiting.extend(ids.iter().map(|&category| Link { category, sku, item }));
        self.flush_many(tx)
    }

    fn flush_many(&mut self, tx: &Connection) -> Result<(), StoreError> {
        if self.waiting.len() + self.unlinked.len() < WAITING_MAX { Ok(()) } else { self.flush(tx) }
    }

    /// Takes an item that this transaction has linked to nothing yet out of the categories that [`joined`] wrote into its row: many
    /// such go at once.
    pub(super) fn unlink_later(&mut self, tx: &Connection, categories: &str, sku: &str) -> Result<(), StoreError> {
        if tx.postgres().is_none() {
            return self.unlink(tx, categories, sku);
        }
        if categories.is_empty() {
            return Ok(());
        }
        let sku = self.skus.keep(sku);
        self.unlinked.extend(split(categories).map(|category| Link { category, sku, item: 0 }));
        self.flush_many(tx)
    }

    /// Takes an item out of the categories that [`joined`] wrote into its row.
    pub(super) fn unlink(&mut self, tx: &Connection, categories: &str, sku: &str) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM item_categories WHERE category = ?1 AND sku = ?2";
        self.flush(tx)?;
        for category in split(categories) {
            tx.execute(DELETE, values![category, sku])?;
        }
        Ok(())
    }

    /// Writes the links that wait.
    pub(super) fn flush(&mut self, tx: &Connection) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM item_categories c USING staged_links s
            WHERE c.category = s.category AND c.sku = s.sku; TRUNCATE staged_links";
        let text = |place| self.skus.get(place);
        if !self.unlinked.is_empty() {
            let rows = self.unlinked.iter().map(|Link { category, sku, .. }| *values![category, text(*sku)]);
            tx.insert_all("staged_links (category, sku)", &rows.collect::<Vec<_>>())?;
            tx.execute_batch(DELETE)?;
            self.unlinked.clear();
        }
        // As the tree is ordered.
        self.waiting.sort_unstable_by(|a, b| (a.category, text(a.sku)).cmp(&(b.category, text(b.sku))));
        for links in self.waiting.chunks(ROWS_AT_ONCE) {
            let rows = links.iter().map(|Link { category, sku, item }| *values![category, text(*sku), item]);
            tx.insert_all("item_categories (category, sku, item)", &rows.collect::<Vec<_>>())?;
        }
        self.waiting.clear();
        self.skus.clear(32 * WAITING_MAX);
        Ok(())
    }
}

fn remember<K: Eq + std::hash::Hash>(remembered: &mut HashMap<K, i64>, key: K, id: i64) -> i64 {
    if remembered.len() >= REMEMBERED_MAX {
        remembered.clear();
    }
    remembered.insert(key, id);
    id
}

fn split(joined: &str) -> impl Iterator<Item = i64> {
    joined.split(',').filter_map(|id| id.parse().ok())
}

/// Row ids as an item's row keeps them.
pub(super) fn joined(ids: &[i64]) -> String {
    let mut joined = String::with_capacity(8 * ids.len());
    for id in ids {
        if !joined.is_empty() {
            joined.push(',');
        }
        // Writing to a string cannot fail.
        let _ = write!(joined, "{id}");
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_no_category_takes_no_memory() {
        let tx = before_brands();
        let mut categories = Categories::new(1);
        for number in 0..1_000_i64 {
            categories.link(&tx, &[], &format!("S{number}"), number).unwrap();
        }
        assert_eq!(categories.skus.bytes(), 0);
        categories.link(&tx, &[1, 2], "S1", 1).unwrap();
        assert_eq!(categories.skus.bytes(), 2);
    }

    fn before_brands() -> Connection {
        let tx = Connection::Sqlite(rusqlite::Connection::open_in_memory().unwrap());
        tx.execute_batch(include_str!("../../migrations/tenant/0001_catalogs.sql")).unwrap();
        tx
    }

    fn brands(tx: &Connection) {
        tx.execute_batch(include_str!("../../migrations/tenant/0003_brands.sql")).unwrap();
    }

    fn links(tx: &Connection) -> Vec<(String, String, String)> {
        let sql = "SELECT c.system, c.code, l.sku FROM item_categories l JOIN categories c ON c.row_id = l.category ORDER BY 1, 2, 3";
        tx.query(sql, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    }

    fn item(categories: &[(&str, &str)], brand: Option<&str>) -> PreparedItem {
        PreparedItem {
            sku: String::new(),
            body: String::new(),
            hash: [0; 16],
            brand: brand.map(str::to_owned),
            titles_folded: String::new(),
            categories: categories.iter().map(|(system, code)| ((*system).to_owned(), (*code).to_owned())).collect(),
            line: 0,
        }
    }

    #[test]
    fn the_brands_of_an_older_database_become_rows_that_an_item_can_leave_again() {
        let tx = before_brands();
        tx.execute_batch(
            "INSERT INTO categories VALUES (4, 1, 'etim', 'x'), (9, 2, 'etim', 'x');
            INSERT INTO items VALUES (1, 1, 'A', 1, 1, 0, NULL, NULL, x'00', 'Bosch', '4', '', ''),
                (2, 1, 'B', 2, 2, 0, NULL, NULL, x'00', 'Bosch', '', '', ''), (3, 1, 'C', 3, 3, 0, NULL, NULL, x'00', NULL, '4', '', ''),
                (4, 2, 'A', 4, 4, 0, NULL, NULL, x'00', 'Bosch', '9', '', '');
            INSERT INTO item_categories VALUES (4, 'A', 1), (4, 'C', 3), (9, 'A', 4)",
        )
        .unwrap();
        brands(&tx);
        let of = |id: i64| -> String {
            tx.query_one("SELECT categories FROM items WHERE row_id = ?1", values![id], |row| row.get(0)).unwrap()
        };
        assert_eq!([of(1), of(2), of(3), of(4)], ["4,10", "10", "4", "9,11"]);
        let mut categories = Categories::new(1);
        assert_eq!(categories.ids(&tx, &item(&[("etim", "x")], Some("Bosch"))).unwrap(), [4, 10]);
        for (id, sku) in [(1, "A"), (2, "B"), (3, "C")] {
            categories.unlink(&tx, &of(id), sku).unwrap();
        }
        assert_eq!(links(&tx).len(), 2, "those of the other catalog");
    }

    #[test]
    fn links_in_any_order_and_number_are_written_once_each() {
        for count in [1, 63, 64, 65, WAITING_MAX + 3] {
            let tx = before_brands();
            brands(&tx);
            let mut categories = Categories::new(1);
            let ids = categories.ids(&tx, &item(&[], Some("Bosch"))).unwrap();
            for number in 0..count {
                let scattered = number.wrapping_mul(0x9E37_79B9) % 0x1_0000_0000;
                categories.link(&tx, &ids, &format!("{scattered:08X}"), 1).unwrap();
            }
            assert!(categories.waiting.len() < WAITING_MAX);
            categories.flush(&tx).unwrap();
            assert_eq!(links(&tx).len(), count);
        }
    }

    #[test]
    fn whoever_takes_an_item_out_sees_what_was_put_in_before() {
        let tx = before_brands();
        brands(&tx);
        let mut categories = Categories::new(1);
        let ids = categories.ids(&tx, &item(&[("etim", "x")], Some("x"))).unwrap();
        assert_eq!(ids.len(), 2, "a brand is no category of the same name");
        categories.link(&tx, &ids, "A", 1).unwrap();
        categories.unlink(&tx, &joined(&ids[..1]), "A").unwrap();
        assert_eq!(links(&tx), [(BRAND.to_owned(), "x".to_owned(), "A".to_owned())]);
    }
}
