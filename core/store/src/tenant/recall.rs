//! What the last import of a catalog read: the fingerprint of each record's bytes, and the row that the record is stored in.
//!
//! Whoever brings the same bytes again in the same way would store what is stored already, so they need not be read. That holds
//! while nothing else has changed the catalog: its `last_seq` says so, looked at within the next import's own transaction.
//! Written with the items of an import, in one transaction; a record that was rejected, or warned of, or occurs twice is not in it.

use plugpoint_sdk::model::CatalogId;

use super::TenantDb;
use crate::error::{StoreError, StoreErrorKind};
use crate::fingerprint::Fingerprint;
use crate::sql::{Connection, values};

/// The row of an item, as long as nothing changes the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowId(pub(super) i64);

/// What an import of a catalog may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recall {
    pub(super) catalog: i64,
    pub(super) last_seq: i64,
}

const ENTRY_BYTES: usize = 24;

/// Entries of one block: 60 KiB, whatever the catalog's size.
const BLOCK_ENTRIES: usize = 2560;

impl TenantDb {
    /// What the last import of a catalog read, if it read as `how` says, and nothing has changed the catalog since.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn recall(&self, catalog: &CatalogId, how: &Fingerprint) -> Result<Option<Recall>, StoreError> {
        const SELECT: &str = "SELECT c.row_id, c.last_seq FROM catalogs c
            JOIN recalls r ON r.catalog = c.row_id AND r.last_seq = c.last_seq WHERE c.name = ?1 AND r.how = ?2";
        self.db.read("look for what an import may recall", |connection| {
            connection.query_opt(SELECT, values![catalog.as_str(), how], |row| {
                Ok(Recall { catalog: row.get(0)?, last_seq: row.get(1)? })
            })
        })
    }

    /// One block of entries, in the document's order, `n` from 0; empty behind the last. All of them are of one import if the next
    /// import's transaction [`holds`](super::ImportTx::holds) on to `recall`.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn recalled(&self, recall: Recall, n: u32) -> Result<Vec<(Fingerprint, RowId)>, StoreError> {
        const SELECT: &str = "SELECT entries FROM recalled WHERE catalog = ?1 AND n = ?2";
        self.db.read("recall an import", |connection| {
            let entries: Option<Vec<u8>> =
                connection.query_opt(SELECT, values![recall.catalog, n], |row| row.get(0))?;
            entries.as_deref().map_or(Ok(Vec::new()), entries_of)
        })
    }
}

fn entries_of(block: &[u8]) -> Result<Vec<(Fingerprint, RowId)>, StoreError> {
    let (entries, rest) = block.as_chunks::<ENTRY_BYTES>();
    if !rest.is_empty() {
        return Err(StoreError::of(StoreErrorKind::Corrupt, "a block of recalled records has a wrong length"));
    }
    Ok(entries.iter().map(entry_of).collect())
}

fn entry_of(entry: &[u8; ENTRY_BYTES]) -> (Fingerprint, RowId) {
    let (mut fingerprint, mut row) = ([0; 16], [0; 8]);
    fingerprint.copy_from_slice(&entry[..16]);
    row.copy_from_slice(&entry[16..]);
    (fingerprint, RowId(i64::from_le_bytes(row)))
}

/// What the running import reads, on its way into the database.
pub(super) struct Remembering {
    catalog: i64,
    how: Fingerprint,
    block: Vec<u8>,
    blocks: u32,
}

impl Remembering {
    /// Begins in place of what was remembered of the catalog.
    pub(super) fn begin(tx: &Connection, catalog: i64, how: Fingerprint) -> Result<Self, StoreError> {
        forget(tx, catalog)?;
        Ok(Self { catalog, how, block: Vec::with_capacity(BLOCK_ENTRIES * ENTRY_BYTES), blocks: 0 })
    }

    pub(super) fn add(&mut self, tx: &Connection, record: &Fingerprint, row: RowId) -> Result<(), StoreError> {
        self.block.extend_from_slice(record);
        self.block.extend_from_slice(&row.0.to_le_bytes());
        if self.block.len() < BLOCK_ENTRIES * ENTRY_BYTES { Ok(()) } else { self.write(tx) }
    }

    /// The catalog's number after this import makes it valid.
    pub(super) fn finish(mut self, tx: &Connection, last_seq: i64) -> Result<(), StoreError> {
        const HEAD: &str = "INSERT INTO recalls (catalog, how, last_seq) VALUES (?1, ?2, ?3)";
        if !self.block.is_empty() {
            self.write(tx)?;
        }
        if self.blocks == 0 {
            return Ok(());
        }
        tx.execute(HEAD, values![self.catalog, &self.how, last_seq])?;
        Ok(())
    }

    fn write(&mut self, tx: &Connection) -> Result<(), StoreError> {
        const BLOCK: &str = "INSERT INTO recalled (catalog, n, entries) VALUES (?1, ?2, ?3)";
        tx.execute(BLOCK, values![self.catalog, self.blocks, &self.block])?;
        self.blocks += 1;
        self.block.clear();
        Ok(())
    }
}

/// Removes what is remembered of a catalog.
pub(super) fn forget(tx: &Connection, catalog: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM recalls WHERE catalog = ?1", values![catalog])?;
    tx.execute("DELETE FROM recalled WHERE catalog = ?1", values![catalog])?;
    Ok(())
}
