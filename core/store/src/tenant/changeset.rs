//! What a transaction does to the rows of one catalog. Shared by imports and by edits of one item.
//!
//! The outcome of a transaction depends on the state before and the state after alone, never on the way between: an item
//! that is changed and changed back is unchanged, with its old `seq` and time. To that end rows that go are only marked
//! until [`Changeset::finish`], and a row that changes for the first time leaves its old fingerprint in a temporary table.

mod rows;

use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::model::{CatalogId, Finding, Item, ItemData, Parts, PatchOp, completed};

use super::added::{Added, Common};
use super::bitmap::Bitmap;
use super::bulk::Bulk;
use super::categories::Categories;
use super::prepared::PreparedItem;
use super::recall::{Recall, RowId};
use super::skus::{Found, Skus};
use super::tally::{Standing, Tally};
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::{Connection, ROWS_PER_STATEMENT, Row, values};

use rows::{body_of, head_of, heads_of};
pub(super) use rows::{line_of, read_head};

/// Texts of new rows that wait for a file.
const ADDED_BYTES_MAX: usize = 256 * 1024;

/// Rows looked at in one step of a sweep.
const SWEEP_ROWS: i64 = 1_000;

/// What became of an item that was handed in whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// It was not there.
    Added,
    /// It was there with other content.
    Changed,
    /// It was there as it is.
    Unchanged,
    /// The same transaction had handed in this sku before. This one counts now, the item is counted once.
    Duplicate,
}

/// What became of a partial change.
#[derive(Debug, Clone, PartialEq)]
pub enum Patched {
    /// The item is different now.
    Changed,
    /// The item has been so before.
    Unchanged,
    /// There is no such item.
    Unknown,
    /// The item would break its limits; it stays as it was.
    Invalid(Vec<Finding>),
}

/// What a row says of its item, without the content.
#[derive(Clone)]
pub(super) struct ItemHead {
    pub(super) id: i64,
    pub(super) hash: [u8; 16],
    pub(super) seq: i64,
    pub(super) added_seq: i64,
    /// Row ids, as [`joined`].
    pub(super) categories: String,
}

/// The rows of one catalog within one transaction.
pub(super) struct Changeset {
    catalog: i64,
    /// The number of the catalog's last change before this transaction.
    last_seq_before: i64,
    /// Every number above this one was given in this transaction.
    seq_before: i64,
    seq: i64,
    /// The highest row of all items: the next one that is added gets the number behind it.
    last_row: i64,
    /// The row that the running import will get.
    import: Option<i64>,
    /// The time of rows that no import writes.
    updated_at: Option<i64>,
    upserted: Bitmap,
    patched: Bitmap,
    kept: Bitmap,
    gone: Bitmap,
    tally: Tally,
    categories: Categories,
    skus: Skus,
    /// New rows that a file has not got yet.
    added: Added,
    /// Where rows are a journey away.
    bulk: Option<Bulk>,
    /// The last item that was handed in whole was not there.
    expects_new: bool,
}

impl Changeset {
    /// Starts within a transaction that the caller has opened; makes the catalog if it is new. `edit_at` is the time of an
    /// edit; without it the rows get the time of import row `import` once that is committed.
    pub(super) fn begin(
        tx: &Connection,
        catalog: &CatalogId,
        import: Option<i64>,
        edit_at: Option<i64>,
        now: i64,
    ) -> Result<Self, StoreError> {
        const CATALOG: &str = "INSERT INTO catalogs (name, created_at, updated_at, item_count, last_seq)
            VALUES (?1, ?2, ?2, 0, 0) ON CONFLICT DO NOTHING";
        const ROWS: &str = "SELECT coalesce(max(row_id), 0) FROM items";
        tx.execute("DELETE FROM before_image", &[])?;
        tx.execute(CATALOG, values![catalog.as_str(), now])?;
        const SELECT: &str = "SELECT row_id, last_seq FROM catalogs WHERE name = ?1";
        let (catalog, last_seq_before) =
            tx.query_one(SELECT, values![catalog.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let next_seq: i64 = tx.query_one("SELECT next_seq FROM meta", &[], |row| row.get(0))?;
        let last_row = tx.query_one(ROWS, &[], |row| row.get(0))?;
        let common = Common { catalog, updated_at: edit_at, import };
        Ok(Self {
            catalog,
            last_seq_before,
            seq_before: next_seq - 1,
            seq: next_seq - 1,
            last_row,
            import,
            updated_at: edit_at,
            upserted: Bitmap::default(),
            patched: Bitmap::default(),
            kept: Bitmap::default(),
            gone: Bitmap::default(),
            tally: Tally::default(),
            categories: Categories::new(catalog),
            skus: Skus::begin(tx, catalog)?,
            added: Added::new(common, ROWS_PER_STATEMENT, ADDED_BYTES_MAX),
            bulk: tx.postgres().map(|_| Bulk::new(common)),
            expects_new: false,
        })
    }

    /// Added, changed, unchanged and removed so far; the counts of records stay 0. Sweeping comes with the end.
    pub(super) fn counts(&self) -> ImportCounts {
        self.tally.counts()
    }

    /// The catalog's items before this transaction, while nothing is settled.
    pub(super) fn items_before(&self, tx: &Connection) -> Result<u64, StoreError> {
        const SELECT: &str = "SELECT item_count FROM catalogs WHERE row_id = ?1";
        Ok(tx.query_one(SELECT, values![self.catalog], |row| row.get::<i64>(0))?.unsigned_abs())
    }

    /// Whether anything is different from before.
    pub(super) fn is_effective(&self) -> bool {
        let counts = self.counts();
        counts.added + counts.changed + counts.removed > 0
    }

    pub(super) fn last_seq(&self) -> i64 {
        self.seq
    }

    pub(super) fn catalog(&self) -> i64 {
        self.catalog
    }

    /// The number of the catalog's last change, once this transaction is committed.
    pub(super) fn catalog_seq(&self) -> i64 {
        if self.is_effective() { self.seq } else { self.last_seq_before }
    }

    /// Whether the catalog was, when the transaction began, as it was when `recall` was asked for.
    pub(super) fn holds(&self, recall: Recall) -> bool {
        recall == Recall { catalog: self.catalog, last_seq: self.last_seq_before }
    }

    /// A record says again what is in this row. False if this transaction has touched the row before.
    pub(super) fn confirm(&mut self, RowId(row): RowId) -> bool {
        let touched = [&self.patched, &self.kept, &self.gone];
        if touched.iter().any(|rows| rows.contains(row)) || !self.upserted.insert(row) {
            return false;
        }
        self.tally.recount(Standing::Untouched, Standing::Unchanged);
        true
    }

    pub(super) fn upsert(&mut self, tx: &Connection, item: &PreparedItem) -> Result<(Upserted, RowId), StoreError> {
        // Where the last item was new, this one will be too: its unique index tells as well as a search of its own would.
        if self.expects_new
            && self.bulk.is_none()
            && let Some(row) = self.insert(tx, item)?
        {
            return Ok((Upserted::Added, row));
        }
        let found = self.find(tx, &item.sku)?;
        self.expects_new = found.is_none();
        let Some(head) = found else {
            let row = self.insert(tx, item)?.ok_or_else(vanished)?;
            return Ok((Upserted::Added, row));
        };
        let row = RowId(head.id);
        let before = self.standing(&head);
        let is_first = self.upserted.insert(head.id);
        self.gone.remove(head.id);
        let after = self.rewrite(tx, head, item)?;
        self.tally.recount(before, after);
        let upserted = match after {
            _ if !is_first => Upserted::Duplicate,
            Standing::Unchanged => Upserted::Unchanged,
            Standing::Added => Upserted::Added,
            _ => Upserted::Changed,
        };
        Ok((upserted, row))
    }

    /// An item whole, with `keeps` as they are in the row that is there and `merges` laid over its own.
    pub(super) fn complete(
        &mut self,
        tx: &Connection,
        item: Item,
        line: u64,
        (keeps, merges): (Parts, Parts),
    ) -> Result<Upserted, StoreError> {
        let head = self.find(tx, &item.sku)?.filter(|head| !self.gone.contains(head.id));
        self.flush(tx)?;
        let body = head.map(|head| body_of(tx, head.id)).transpose()?;
        let there = body.map(|(body, ..)| serde_json::from_str(&body)).transpose()?;
        let data = completed(item.clone().into_data(), there, keeps, merges);
        // What was kept was checked when it came; should rules between fields object, the document's own word holds.
        let whole = Item::try_from_data(data).unwrap_or(item);
        Ok(self.upsert(tx, &PreparedItem::new(&whole, line)?)?.0)
    }

    pub(super) fn patch(
        &mut self,
        tx: &Connection,
        sku: &str,
        ops: &[PatchOp],
        is_record: bool,
    ) -> Result<Patched, StoreError> {
        let Some(head) = self.find(tx, sku)?.filter(|head| !self.gone.contains(head.id)) else {
            return Ok(Patched::Unknown);
        };
        self.flush(tx)?;
        let (body, import, line) = body_of(tx, head.id)?;
        let mut data: ItemData = serde_json::from_str(&body)?;
        for op in ops {
            op.clone().apply(&mut data);
        }
        let item = match Item::try_from_data(data) {
            Ok(item) => item,
            Err(findings) => return Ok(Patched::Invalid(findings)),
        };
        // The line of another document would mislead.
        let line = line.filter(|_| import == self.import).unwrap_or(0);
        let before = self.standing(&head);
        if is_record {
            self.patched.insert(head.id);
        }
        let old_hash = head.hash;
        let item = PreparedItem::new(&item, line.unsigned_abs())?;
        let after = self.rewrite(tx, head, &item)?;
        self.tally.recount(before, after);
        Ok(if item.hash == old_hash { Patched::Unchanged } else { Patched::Changed })
    }

    /// Marks an item as going. False if it is not there.
    pub(super) fn delete(&mut self, tx: &Connection, sku: &str) -> Result<bool, StoreError> {
        let Some(head) = self.find(tx, sku)?.filter(|head| !self.gone.contains(head.id)) else { return Ok(false) };
        self.mark_as_going(&head);
        Ok(true)
    }

    fn mark_as_going(&mut self, head: &ItemHead) {
        let before = self.standing(head);
        self.gone.insert(head.id);
        let after = self.standing(head);
        self.tally.recount(before, after);
    }

    /// Saves an item from the sweep.
    pub(super) fn keep(&mut self, tx: &Connection, sku: &str) -> Result<(), StoreError> {
        if let Some(head) = self.find(tx, sku)? {
            self.kept.insert(head.id);
        }
        Ok(())
    }

    /// Marks every item as going that no record has named.
    pub(super) fn sweep(&mut self, tx: &Connection) -> Result<(), StoreError> {
        const PAGE: &str = "SELECT seq, row_id FROM items INDEXED BY items_seq WHERE catalog = ?1 AND seq > ?2
            ORDER BY seq LIMIT ?3";
        self.flush(tx)?;
        let mut after = 0_i64;
        loop {
            let values = values![self.catalog, after, SWEEP_ROWS];
            let page: Vec<(i64, i64)> = tx.query(PAGE, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.0;
            let named = [&self.upserted, &self.patched, &self.kept, &self.gone];
            let is_unnamed = |id: &i64| !named.iter().any(|rows| rows.contains(*id));
            let unnamed: Vec<i64> = page.into_iter().map(|(_, id)| id).filter(is_unnamed).collect();
            for head in heads_of(tx, &unnamed)? {
                self.mark_as_going(&head);
            }
        }
    }

    /// Removes what is marked, settles the feed of changes and the catalog's own row. `now` is the time of the commit.
    pub(super) fn finish(&mut self, tx: &Connection, now: i64) -> Result<(), StoreError> {
        const CATALOG: &str =
            "UPDATE catalogs SET item_count = item_count + ?2, updated_at = ?3, last_seq = ?4 WHERE row_id = ?1";
        self.flush(tx)?;
        self.skus.settle(tx)?;
        let gone = std::mem::take(&mut self.gone);
        self.remove_all(tx, gone.iter(), now)?;
        self.categories.flush(tx)?;
        if self.counts().added > 0 {
            self.forget_tombstones(tx)?;
        }
        if self.is_effective() {
            let growth = self.counts().added.cast_signed() - self.counts().removed.cast_signed();
            tx.execute(CATALOG, values![self.catalog, growth, now, self.seq])?;
        }
        tx.execute("UPDATE meta SET next_seq = ?1, last_commit_at = ?2", values![self.seq + 1, now])?;
        Ok(())
    }

    /// The time of a commit: the clock's, but never before an earlier commit, so that times grow with `seq`.
    pub(super) fn commit_time(tx: &Connection, clock: i64) -> Result<i64, StoreError> {
        let last: i64 = tx.query_one("SELECT last_commit_at FROM meta", &[], |row| row.get(0))?;
        Ok(clock.max(last))
    }

    /// Says which skus come next: a server is asked for them at once.
    pub(super) fn expect<'s>(
        &mut self,
        tx: &Connection,
        skus: impl Iterator<Item = &'s str>,
    ) -> Result<(), StoreError> {
        match &mut self.bulk {
            Some(bulk) if !self.skus.are_all_new() => bulk.expect(tx, skus),
            _ => Ok(()),
        }
    }

    /// Brings to the database what waits, because somebody looks for it there.
    fn flush(&mut self, tx: &Connection) -> Result<(), StoreError> {
        self.bulk.as_mut().map_or_else(|| self.added.flush(tx), |bulk| bulk.flush(tx))
    }

    fn find(&mut self, tx: &Connection, sku: &str) -> Result<Option<ItemHead>, StoreError> {
        const SELECT: &str = "SELECT i.row_id, i.hash, i.seq, i.added_seq, i.categories, s.item
            FROM item_skus s LEFT JOIN items i ON i.row_id = s.item WHERE s.catalog = ?1 AND s.sku = ?2";
        if let Some(known) = self.bulk.as_ref().and_then(|bulk| bulk.find(sku)) {
            return Ok(known);
        }
        let read = |row: &Row<'_>| Ok((row.get(5)?, row.get::<Option<i64>>(0)?.map(|_| read_head(row)).transpose()?));
        let found: Option<(i64, Option<ItemHead>)> = match self.skus.find(tx, sku)? {
            Found::LookInTree => {
                // A server has no tree beside the rows, which would tell of one that waits.
                if self.bulk.as_ref().is_some_and(|bulk| bulk.waits(sku)) {
                    self.flush(tx)?;
                }
                tx.query_opt(SELECT, values![self.catalog, sku], read)?
            }
            Found::Row(id) => Some((id, None)),
            Found::Nowhere => None,
        };
        match found {
            None => Ok(None),
            Some((_, Some(head))) => Ok(Some(head)),
            Some((id, None)) => {
                self.flush(tx)?;
                head_of(tx, id).map(Some)
            }
        }
    }

    fn standing(&self, head: &ItemHead) -> Standing {
        let is_new = head.added_seq > self.seq_before;
        let is_named = self.upserted.contains(head.id) || self.patched.contains(head.id);
        match (self.gone.contains(head.id), is_new) {
            (true, true) => Standing::Untouched,
            (true, false) => Standing::Removed,
            (false, true) => Standing::Added,
            (false, false) if head.seq > self.seq_before => Standing::Changed,
            (false, false) if is_named => Standing::Unchanged,
            (false, false) => Standing::Untouched,
        }
    }

    /// What came back is no longer gone. Looks only at rows added by this transaction, and not at all if nothing is gone.
    fn forget_tombstones(&self, tx: &Connection) -> Result<(), StoreError> {
        const ANY: &str = "SELECT EXISTS (SELECT 1 FROM removed WHERE catalog = ?1)";
        const FORGET: &str = "DELETE FROM removed WHERE catalog = ?1 AND sku IN (SELECT sku FROM items
            INDEXED BY items_seq WHERE catalog = ?1 AND seq > ?2 AND added_seq > ?2)";
        if tx.query_one(ANY, values![self.catalog], |row| row.get(0))? {
            tx.execute(FORGET, values![self.catalog, self.seq_before])?;
        }
        Ok(())
    }
}

/// An item was looked for and not found, and then it was there, under one lock.
fn vanished() -> StoreError {
    StoreError::of(StoreErrorKind::Corrupt, "the index of items does not fit the items")
}
