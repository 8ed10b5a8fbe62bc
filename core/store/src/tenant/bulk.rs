//! Rows of items on their way to a server, many at a time: each statement is a journey there and back, so it is asked for many skus at
//! once, and told of many rows. Used by the changeset, for servers alone; a file has no way to go.
//!
//! What waits here is not in the database yet: whoever asks that for rows says [`flush`](Bulk::flush) before.

use std::collections::HashMap;

use super::added::{Added, Common};
use super::changeset::{ItemHead, line_of, read_head};
use super::prepared::PreparedItem;
use crate::error::StoreError;
use crate::sql::{Connection, Row, values};

/// Rows that wait until they are written.
const WAITING_MAX: usize = 1_000;

/// Texts of new rows that wait, if that is less.
const WAITING_BYTES_MAX: usize = 1024 * 1024;

pub(super) struct Bulk {
    common: Common,
    known: HashMap<String, Option<ItemHead>>,
    added: Added,
    changed: Vec<Waiting>,
}

struct Waiting {
    head: ItemHead,
    item: PreparedItem,
}

impl Bulk {
    pub(super) fn new(common: Common) -> Self {
        Self {
            common,
            known: HashMap::new(),
            added: Added::new(common, WAITING_MAX, WAITING_BYTES_MAX),
            changed: Vec::new(),
        }
    }

    /// Asks for all of `skus` at once; what was asked for before is forgotten.
    pub(super) fn expect<'s>(
        &mut self,
        tx: &Connection,
        skus: impl Iterator<Item = &'s str>,
    ) -> Result<(), StoreError> {
        const SELECT: &str = "SELECT row_id, hash, seq, added_seq, categories, sku FROM items
            WHERE catalog = ?1 AND sku = ANY (string_to_array(?2, E'\\n'))";
        self.known.clear();
        // One that could not be told from two is asked for by itself.
        let plain: Vec<&str> = skus.filter(|sku| !sku.contains('\n')).collect();
        if plain.is_empty() {
            return Ok(());
        }
        self.flush(tx)?;
        self.known.extend(plain.iter().map(|sku| ((*sku).to_owned(), None)));
        let read = |row: &Row<'_>| Ok((row.get(5)?, Some(read_head(row)?)));
        self.known.extend(tx.query(SELECT, values![self.common.catalog, &plain.join("\n")], read)?);
        Ok(())
    }

    /// What is known of a sku; none if it was not asked for.
    pub(super) fn find(&self, sku: &str) -> Option<Option<ItemHead>> {
        self.known.get(sku).cloned()
    }

    /// Whether the row of a sku waits, or is not as it will be.
    pub(super) fn waits(&self, sku: &str) -> bool {
        self.added.has(sku) || self.changed.iter().any(|waiting| waiting.item.sku == sku)
    }

    pub(super) fn add(&mut self, tx: &Connection, head: ItemHead, item: &PreparedItem) -> Result<(), StoreError> {
        self.is_now(&head, item);
        self.added.add(tx, &head, item)
    }

    /// A row gets another content, for the first time in this transaction.
    pub(super) fn change(&mut self, tx: &Connection, head: ItemHead, item: &PreparedItem) -> Result<(), StoreError> {
        self.is_now(&head, item);
        self.changed.push(Waiting { head, item: item.clone() });
        if self.changed.len() < WAITING_MAX { Ok(()) } else { self.flush(tx) }
    }

    fn is_now(&mut self, head: &ItemHead, item: &PreparedItem) {
        if let Some(known) = self.known.get_mut(&item.sku) {
            *known = Some(head.clone());
        }
    }

    /// Forgets what is known of a sku that is changed otherwise.
    pub(super) fn forget(&mut self, sku: &str) {
        self.known.remove(sku);
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self, tx: &Connection) -> Result<(), StoreError> {
        const CHANGED: &str =
            "staged (row_id, seq, updated_at, source_import, source_line, hash, brand, categories, titles, body)";
        let Common { updated_at, import, .. } = self.common;
        self.added.flush(tx)?;
        if !self.changed.is_empty() {
            let rows = self.changed.iter().map(|Waiting { head, item }| {
                let (text, titles, body) = (&head.categories, &item.titles_folded, &item.body);
                let (line, brand) = (line_of(item), &item.brand);
                *values![head.id, head.seq, updated_at, import, line, &head.hash, brand, text, titles, body]
            });
            tx.insert_all(CHANGED, &rows.collect::<Vec<_>>())?;
            tx.execute_batch(UPDATE)?;
            self.changed.clear();
        }
        Ok(())
    }
}

/// Staged rows go where they belong; what was there leaves its old fingerprint.
const UPDATE: &str = "INSERT INTO before_image SELECT i.row_id, i.hash, i.seq, i.updated_at, i.source_import, i.source_line
        FROM items i JOIN staged s ON s.row_id = i.row_id;
    UPDATE items i SET seq = s.seq, updated_at = s.updated_at, source_import = s.source_import, source_line = s.source_line,
        hash = s.hash, brand = s.brand, categories = s.categories, titles = s.titles, body = s.body
        FROM staged s WHERE i.row_id = s.row_id;
    TRUNCATE staged";
