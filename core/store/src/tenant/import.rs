//! The transaction of one import: items, record and findings become visible together, or not at all.
//!
//! Called by the import's own thread, one record at a time, in the document's order. Its memory is bounded: a page cache of
//! fixed size that spills into the WAL, four bits per item, twelve more per item of a new catalog, links and skus by the ten
//! thousand, and towards a server the rows of one batch.

use plugpoint_sdk::desk::{ImportCounts, ImportStatus};
use plugpoint_sdk::model::{CatalogId, Finding, ImportMode, Item, Parts, PatchOp};

use super::TenantDb;
use super::changeset::{Changeset, Patched, Upserted};
use super::imports::{ImportRecord, insert_record, next_row};
use super::lease;
use super::prepared::PreparedItem;
use super::quota;
use super::recall::{self, Recall, Remembering, RowId};
use crate::error::{StoreError, StoreErrorKind};
use crate::fingerprint::Fingerprint;
use crate::pool::Lent;
use crate::sql::Connection;
use crate::time::to_micros;

/// How long a checkpoint waits for readers before it leaves the rest to the next one.
const CHECKPOINT_WAIT: std::time::Duration = std::time::Duration::from_millis(100);

/// A running import. Dropping it undoes everything.
pub struct ImportTx<'a> {
    owner: &'a TenantDb,
    connection: Lent<'a>,
    changes: Changeset,
    remembering: Option<Remembering>,
    mode: ImportMode,
    /// Items of all catalogs, and of this one, before the transaction.
    items_before: (u64, u64),
    import_row: i64,
    /// The lease under which it began, where several nodes share the database.
    epoch: Option<i64>,
    /// Some errors end SQLite's transaction; what came after would be committed row by row.
    is_broken: bool,
}

impl TenantDb {
    /// Opens the transaction of an import and takes the write lock until it ends. In mode `replace`, what no record names is
    /// removed by the commit; `merge` and `delete` differ in what the caller calls, not here.
    ///
    /// # Errors
    /// `Busy` when another writer does not end in time; `Full`, `Io`.
    pub fn begin_import(&self, catalog: &CatalogId, mode: ImportMode) -> Result<ImportTx<'_>, StoreError> {
        // Before it waits for others: a lease that comes later is not this import's.
        let epoch = self.epoch();
        let begin = || {
            let connection = self.db.begin_write()?;
            // It would otherwise run within the commit, before the caller can be told.
            connection.checkpoint_in_commits(false)?;
            let import_row = next_row(&connection)?;
            let changes = Changeset::begin(&connection, catalog, Some(import_row), None, to_micros((self.clock)()))?;
            let items_before = (quota::total(&connection)?, changes.items_before(&connection)?);
            let (owner, remembering, is_broken) = (self, None, false);
            Ok(ImportTx { owner, connection, changes, remembering, mode, items_before, import_row, epoch, is_broken })
        };
        begin().map_err(|error: StoreError| error.during("begin an import", self.db.subject()))
    }

    /// Moves what imports have written from the WAL into the database file, and cuts the WAL back. The import's thread calls
    /// this after it has told the world of the commit: it costs about as much as writing the items, and nothing depends on
    /// it. True if it was done to the end; a reader or a writer in the way leaves the rest to the next one.
    ///
    /// # Errors
    /// `Full`, `Io`, `Corrupt`.
    pub fn checkpoint(&self) -> Result<bool, StoreError> {
        let done = self.db.checkpoint(CHECKPOINT_WAIT);
        done.map_err(|error| error.during("move the WAL into the database", self.db.subject()))
    }
}

impl ImportTx<'_> {
    /// Takes an item whole.
    ///
    /// # Errors
    /// `Full`, `Io`, `Corrupt`; the transaction is of no use then.
    pub fn upsert(&mut self, item: &PreparedItem) -> Result<Upserted, StoreError> {
        self.upsert_record(item, None)
    }

    /// Says which skus come next. Nothing depends on it but how often a server is asked.
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert).
    pub fn expect<'s>(&mut self, skus: impl Iterator<Item = &'s str>) -> Result<(), StoreError> {
        self.run("look for items", |changes, tx| changes.expect(tx, skus))
    }

    /// The same; `record` is the fingerprint of the bytes that the item was read from, if they can be remembered.
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert).
    pub fn upsert_record(&mut self, item: &PreparedItem, record: Option<&Fingerprint>) -> Result<Upserted, StoreError> {
        let (upserted, row) = self.run("import an item", |changes, tx| changes.upsert(tx, item))?;
        match record {
            // Which of two records counts depends on both.
            _ if upserted == Upserted::Duplicate => self.forget()?,
            Some(record) => self.remember(record, row)?,
            None => {}
        }
        Ok(upserted)
    }

    /// Remembers from here on what is read, for the next import that reads as `how` says. To be called before the first record.
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert).
    pub fn remember_as(&mut self, how: Fingerprint) -> Result<(), StoreError> {
        let begin = |changes: &mut Changeset, tx: &Connection| Remembering::begin(tx, changes.catalog(), how);
        self.remembering = Some(self.run("remember an import", begin)?);
        Ok(())
    }

    /// Whether the catalog is as it was when `recall` was asked for; it stays so but for what this transaction does.
    #[must_use]
    pub fn holds(&self, recall: Recall) -> bool {
        self.changes.holds(recall)
    }

    /// Takes a record whose bytes were recalled: the item in this row is what it says. False if this transaction has touched the row
    /// before; then the record has to be read.
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert).
    pub fn confirm(&mut self, row: RowId, record: &Fingerprint) -> Result<bool, StoreError> {
        if !self.changes.confirm(row) {
            return Ok(false);
        }
        self.remember(record, row)?;
        Ok(true)
    }

    fn remember(&mut self, record: &Fingerprint, row: RowId) -> Result<(), StoreError> {
        let Some(mut remembering) = self.remembering.take() else { return Ok(()) };
        self.run("remember a record", |_, tx| remembering.add(tx, record, row))?;
        self.remembering = Some(remembering);
        Ok(())
    }

    /// What was read does not tell alone what is stored.
    fn forget(&mut self) -> Result<(), StoreError> {
        match self.remembering.take() {
            Some(_) => self.run("forget an import", |changes, tx| recall::forget(tx, changes.catalog())),
            None => Ok(()),
        }
    }

    /// Takes an item whole but for the parts `keeps`, which stay as they are where the item is there, and `merges`, which are laid
    /// over its own.
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert).
    pub fn complete(&mut self, item: Item, line: u64, keeps: Parts, merges: Parts) -> Result<Upserted, StoreError> {
        self.forget()?;
        self.run("complete an item", |changes, tx| changes.complete(tx, item, line, (keeps, merges)))
    }

    /// Changes a part of an item. `is_record`: the document has a record of its own for it, which names the item.
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert).
    pub fn patch(&mut self, sku: &str, ops: &[PatchOp], is_record: bool) -> Result<Patched, StoreError> {
        self.forget()?;
        self.run("change a part of an item", |changes, tx| changes.patch(tx, sku, ops, is_record))
    }

    /// Removes an item. False if it is not there.
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert).
    pub fn delete(&mut self, sku: &str) -> Result<bool, StoreError> {
        self.forget()?;
        self.run("remove an item", |changes, tx| changes.delete(tx, sku))
    }

    /// The document names this sku, though its record was rejected: `replace` leaves the item as it is.
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert).
    pub fn keep(&mut self, sku: &str) -> Result<(), StoreError> {
        self.run("keep an item", |changes, tx| changes.keep(tx, sku))
    }

    /// Items added, changed, unchanged and removed so far; what `replace` removes comes with the commit. Read, accepted and
    /// rejected are 0.
    #[must_use]
    pub fn counts(&self) -> ImportCounts {
        self.changes.counts()
    }

    /// Ends an import early that goes far beyond what the tenant may have; the commit holds it to the bound exactly.
    ///
    /// # Errors
    /// `OverQuota`.
    pub fn within_quota(&self) -> Result<(), StoreError> {
        let (total, catalog) = self.items_before;
        let catalog = (self.mode == ImportMode::Replace).then_some(catalog);
        let held = quota::hold_early(total, catalog, self.changes.counts(), self.owner.items_max());
        held.map_err(|error| error.during("import an item", self.owner.db.subject()))
    }

    /// Makes everything durable and visible at once: items, `record` and findings. Of the record, `status`, `findings_count`
    /// and the counts of items are set here. Returns all counts as stored.
    ///
    /// # Errors
    /// `AlreadyExists` if an import of this id, or of this catalog and idempotency key, is there; `OverQuota`; `Busy` if another node
    /// runs the tenant's imports by now; else as for
    /// [`upsert`](Self::upsert). Nothing has changed then.
    pub fn commit(
        mut self,
        record: &ImportRecord,
        findings: &mut dyn Iterator<Item = Finding>,
    ) -> Result<ImportCounts, StoreError> {
        let remembering = self.remembering.take();
        let (mode, import_row, clock) = (self.mode, self.import_row, to_micros((self.owner.clock)()));
        let (total_before, items_max) = (self.items_before.0, self.owner.items_max());
        let (node, epoch) = (self.owner.db.node(), self.epoch);
        let counts = self.run("commit an import", |changes, tx| {
            if mode == ImportMode::Replace {
                changes.sweep(tx)?;
            }
            let now = Changeset::commit_time(tx, clock)?;
            changes.finish(tx, now)?;
            quota::hold(total_before, changes.counts(), items_max)?;
            match remembering {
                Some(remembering) => remembering.finish(tx, changes.catalog_seq())?,
                // It would never hold again.
                None if changes.is_effective() => recall::forget(tx, changes.catalog())?,
                None => {}
            }
            let items = changes.counts();
            let (read, accepted, rejected) = (record.counts.read, record.counts.accepted, record.counts.rejected);
            let counts = ImportCounts { read, accepted, rejected, ..items };
            let record = ImportRecord { status: ImportStatus::Succeeded, counts, ..record.clone() };
            insert_record(tx, import_row, &record, Some((now, changes.last_seq())), findings)?;
            lease::hold(tx, node, epoch)?;
            tx.commit()?;
            Ok(counts)
        })?;
        self.owner.db.has_committed();
        self.owner.moved();
        Ok(counts)
    }

    fn run<T>(
        &mut self,
        operation: &'static str,
        work: impl FnOnce(&mut Changeset, &Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let subject = self.owner.db.subject();
        if self.is_broken {
            let cause = "the transaction has failed before";
            return Err(StoreError::of(StoreErrorKind::Internal, cause).during(operation, subject));
        }
        let done = work(&mut self.changes, &self.connection);
        self.is_broken = done.is_err();
        done.map_err(|error| error.during(operation, subject))
    }
}

/// The lent connection rolls an open transaction back when it returns to its pool.
impl Drop for ImportTx<'_> {
    fn drop(&mut self) {
        // Small writes do not call `checkpoint`; SQLite's own threshold serves them. It cannot fail: no I/O.
        let _ = self.connection.checkpoint_in_commits(true);
    }
}
