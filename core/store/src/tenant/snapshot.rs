//! One state of a catalog for as long as somebody holds it: a read transaction on a connection of its own.
//!
//! Used by exports. Imports go on meanwhile and are not seen. But what they commit stays in the write-ahead log until the
//! snapshot is dropped, so whoever takes one has to bound how long it is held.

use std::ops::ControlFlow;
use std::sync::Arc;

use plugpoint_sdk::model::CatalogId;

use super::TenantDb;
use super::items::{CatalogRow, read_catalog};
use crate::door::Door;
use crate::error::StoreError;
use crate::sql::{Connection, values};

/// A catalog as it was when the snapshot was taken.
pub struct CatalogSnapshot {
    connection: Connection,
    subject: String,
    row_id: i64,
    /// Closed after the connection.
    _door: Arc<Door>,
    /// The catalog.
    pub catalog: CatalogRow,
}

/// One item of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotItem {
    /// Its number.
    pub sku: String,
    /// Canonical JSON, one object.
    pub body: String,
}

impl TenantDb {
    /// The state of a catalog at this moment; none if there is no such catalog.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn snapshot(&self, catalog: &CatalogId) -> Result<Option<CatalogSnapshot>, StoreError> {
        let subject = self.db.subject().to_owned();
        let taken = || {
            let door = self.door()?;
            let connection = self.db.own_reader()?;
            connection.begin_read()?;
            // The first read settles which state the transaction sees.
            const SELECT: &str =
                "SELECT name, item_count, created_at, updated_at, last_seq, row_id FROM catalogs WHERE name = ?1";
            let row =
                connection.query_opt(SELECT, values![catalog.as_str()], |row| Ok((read_catalog(row)?, row.get(5)?)));
            let Some((catalog, row_id)) = row? else { return Ok(None) };
            Ok(Some((connection, catalog, row_id, door)))
        };
        let taken: Result<_, StoreError> = taken();
        let taken = taken.map_err(|error| error.during("take a snapshot", self.db.subject()))?;
        Ok(taken.map(|(connection, catalog, row_id, door)| CatalogSnapshot {
            connection,
            subject,
            row_id,
            _door: door,
            catalog,
        }))
    }
}

impl CatalogSnapshot {
    /// Items in the order of their sku (by bytes), those after `after`: as many as are needed for `bytes_min` bytes, at most
    /// `limit`. None at the end.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn items(&self, after: &str, limit: u32, bytes_min: usize) -> Result<Vec<SnapshotItem>, StoreError> {
        const SELECT: &str = "SELECT s.sku, i.body FROM item_skus s CROSS JOIN items i ON i.row_id = s.item
            WHERE s.catalog = ?1 AND s.sku > ?2 ORDER BY s.sku LIMIT ?3";
        let read = || {
            let (mut items, mut bytes) = (Vec::new(), 0);
            self.connection.visit(SELECT, values![self.row_id, after, limit], |row| {
                let item = SnapshotItem { sku: row.get(0)?, body: row.get(1)? };
                bytes += item.body.len();
                items.push(item);
                Ok(if bytes < bytes_min { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?;
            Ok(items)
        };
        read().map_err(|error: StoreError| error.during("read a snapshot", &self.subject))
    }
}
