//! Categories of one catalog: each (system, code) is one row, items refer to it by number. Used by the changeset alone.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;

/// Row ids remembered within a transaction; when there are more, all are forgotten and looked up again.
const REMEMBERED_MAX: usize = 16_384;

pub(super) struct Categories {
    catalog: i64,
    remembered: HashMap<(String, String), i64>,
}

impl Categories {
    pub(super) fn new(catalog: i64) -> Self {
        Self { catalog, remembered: HashMap::new() }
    }

    /// Row ids, ascending and each once; makes those that are new.
    pub(super) fn ids(&mut self, tx: &Connection, categories: &[(String, String)]) -> Result<Vec<i64>, StoreError> {
        let mut ids = Vec::with_capacity(categories.len());
        for category in categories {
            let id = match self.remembered.get(category) {
                Some(id) => *id,
                None => self.look_up(tx, category)?,
            };
            ids.push(id);
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    fn look_up(&mut self, tx: &Connection, category: &(String, String)) -> Result<i64, StoreError> {
        const SELECT: &str = "SELECT row_id FROM categories WHERE catalog = ?1 AND system = ?2 AND code = ?3";
        const INSERT: &str = "INSERT INTO categories (catalog, system, code) VALUES (?1, ?2, ?3)";
        let key = params![self.catalog, category.0, category.1];
        let known = tx.prepare_cached(SELECT)?.query_row(key, |row| row.get(0)).optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                tx.prepare_cached(INSERT)?.execute(key)?;
                tx.last_insert_rowid()
            }
        };
        if self.remembered.len() >= REMEMBERED_MAX {
            self.remembered.clear();
        }
        self.remembered.insert(category.clone(), id);
        Ok(id)
    }
}

/// Row ids as an item's row keeps them.
pub(super) fn joined(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

pub(super) fn link(tx: &Connection, category: i64, sku: &str, item: i64) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO item_categories (category, sku, item) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(INSERT)?.execute(params![category, sku, item])?;
    Ok(())
}

/// Takes an item out of the categories that [`joined`] wrote into its row.
pub(super) fn unlink(tx: &Connection, categories: &str, sku: &str) -> Result<(), StoreError> {
    const DELETE: &str = "DELETE FROM item_categories WHERE category = ?1 AND sku = ?2";
    for category in categories.split(',').filter(|id| !id.is_empty()) {
        // SQLite reads the digits as the number that they are.
        tx.prepare_cached(DELETE)?.execute([category, sku])?;
    }
    Ok(())
}
