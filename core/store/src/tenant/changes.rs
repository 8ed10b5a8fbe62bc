//! The feed of changes: every sku once, at its latest change. It tells states, not events: who reads it from where he
//! stopped ends with the same items as the catalog, whatever happened in between.

use plugpoint_sdk::model::CatalogId;
use plugpoint_sdk::model::timestamp::Timestamp;

use super::TenantDb;
use crate::error::StoreError;
use crate::sql::values;
use crate::time::from_micros;

/// How a sku differs from what a reader of the feed knew at `since`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was added (perhaps not for the first time).
    Added,
    /// It was changed.
    Changed,
    /// It is gone.
    Removed,
}

/// One sku's latest change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its place in the feed; unique within the tenant, growing.
    pub seq: u64,
    /// The item.
    pub sku: String,
    /// What became of it.
    pub kind: ChangeKind,
    /// When it was committed.
    pub at: Timestamp,
}

impl TenantDb {
    /// Changes above `since` in the order of `seq`; from the beginning with 0. Empty also if there is no such catalog.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn changes(&self, catalog: &CatalogId, since: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        const SELECT: &str = "SELECT i.seq, i.sku, i.added_seq > ?2,
                coalesce(i.updated_at, (SELECT committed_at FROM imports WHERE row_id = i.source_import))
            FROM catalogs c CROSS JOIN items i INDEXED BY items_seq ON i.catalog = c.row_id
            WHERE c.name = ?1 AND i.seq > ?2
            UNION ALL
            SELECT r.seq, r.sku, NULL, r.at
            FROM catalogs c CROSS JOIN removed r INDEXED BY removed_seq ON r.catalog = c.row_id
            WHERE c.name = ?1 AND r.seq > ?2
            ORDER BY 1 LIMIT ?3";
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        self.db.read("read changes", |connection| {
            connection.query(SELECT, values![catalog.as_str(), since, limit], |row| {
                let kind = match row.get::<Option<bool>>(2)? {
                    Some(true) => ChangeKind::Added,
                    Some(false) => ChangeKind::Changed,
                    None => ChangeKind::Removed,
                };
                let (seq, at): (i64, i64) = (row.get(0)?, row.get(3)?);
                Ok(Change { seq: seq.unsigned_abs(), sku: row.get(1)?, kind, at: from_micros(at) })
            })
        })
    }
}
