//! Rows of new items that wait to be written by one statement. Used by the changeset.
//!
//! What waits here is not in the database yet: whoever asks that for rows says [`flush`](Added::flush) before.

use super::changeset::{ItemHead, line_of};
use super::prepared::PreparedItem;
use super::texts::{Place, Texts};
use crate::error::StoreError;
use crate::sql::{Connection, values};

/// What all rows of a transaction have in common.
#[derive(Clone, Copy)]
pub(super) struct Common {
    pub(super) catalog: i64,
    pub(super) updated_at: Option<i64>,
    pub(super) import: Option<i64>,
}

/// Rows to come, their texts one behind the other: one buffer serves all.
pub(super) struct Added {
    common: Common,
    /// Rows that are written at once.
    rows_max: usize,
    /// Their texts, if that is less.
    bytes_max: usize,
    rows: Vec<New>,
    texts: Texts,
}

/// A row, but for its texts and what all have in common.
struct New {
    id: i64,
    seq: i64,
    line: Option<i64>,
    hash: [u8; 16],
    sku: Place,
    brand: Option<Place>,
    categories: Place,
    titles: Place,
    body: Place,
}

impl Added {
    pub(super) fn new(common: Common, rows_max: usize, bytes_max: usize) -> Self {
        Self { common, rows_max, bytes_max, rows: Vec::new(), texts: Texts::default() }
    }

    pub(super) fn add(&mut self, tx: &Connection, head: &ItemHead, item: &PreparedItem) -> Result<(), StoreError> {
        let row = New {
            id: head.id,
            seq: head.seq,
            line: line_of(item),
            hash: item.hash,
            sku: self.texts.keep(&item.sku),
            brand: item.brand.as_deref().map(|brand| self.texts.keep(brand)),
            categories: self.texts.keep(&head.categories),
            titles: self.texts.keep(&item.titles_folded),
            body: self.texts.keep(&item.body),
        };
        self.rows.push(row);
        let may_wait = self.rows.len() < self.rows_max && self.texts.bytes() < self.bytes_max;
        if may_wait { Ok(()) } else { self.flush(tx) }
    }

    /// Whether the row of a sku waits.
    pub(super) fn has(&self, sku: &str) -> bool {
        self.rows.iter().any(|row| self.texts.get(row.sku) == sku)
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self, tx: &Connection) -> Result<(), StoreError> {
        const COLUMNS: &str =
            "items (row_id, catalog, sku, seq, added_seq, updated_at, source_import, source_line, hash, brand,
            categories, titles, body)";
        if self.rows.is_empty() {
            return Ok(());
        }
        let Common { catalog, updated_at, import } = self.common;
        let text = |place| self.texts.get(place);
        let rows = self.rows.iter().map(|row| {
            let brand = row.brand.map(text);
            let (sku, categories, titles, body) =
                (text(row.sku), text(row.categories), text(row.titles), text(row.body));
            *values![
                row.id, catalog, sku, row.seq, row.seq, updated_at, import, row.line, &row.hash, brand, categories,
                titles, body
            ]
        });
        tx.insert_all(COLUMNS, &rows.collect::<Vec<_>>())?;
        self.rows.clear();
        self.texts.clear(self.bytes_max);
        Ok(())
    }
}
