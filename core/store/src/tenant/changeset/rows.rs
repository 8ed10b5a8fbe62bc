//! What a changeset does to one row: adds it, gives it other content, removes it. The rest of the changeset decides which.

use super::super::categories::{Categories, joined};
use super::super::prepared::PreparedItem;
use super::super::recall::RowId;
use super::super::tally::Standing;
use super::{Changeset, ItemHead};
use crate::error::StoreError;
use crate::sql::{Connection, Fingerprint16, ROWS_AT_ONCE, Row, values};

impl Changeset {
    /// Adds an item. None, and nothing is changed, if it is there.
    pub(super) fn insert(&mut self, tx: &Connection, item: &PreparedItem) -> Result<Option<RowId>, StoreError> {
        let id = self.last_row + 1;
        if !self.skus.add(tx, &item.sku, id)? {
            return Ok(None);
        }
        let categories = self.categories.ids(tx, item)?;
        let seq = self.seq + 1;
        let head = ItemHead { id, hash: item.hash, seq, added_seq: seq, categories: joined(&categories) };
        match &mut self.bulk {
            Some(bulk) => bulk.add(tx, head, item)?,
            None => self.added.add(tx, &head, item)?,
        }
        self.inserted(tx, id, &categories, item).map(Some)
    }

    fn inserted(
        &mut self,
        tx: &Connection,
        id: i64,
        categories: &[i64],
        item: &PreparedItem,
    ) -> Result<RowId, StoreError> {
        self.seq += 1;
        self.last_row = id;
        self.categories.link(tx, categories, &item.sku, id)?;
        self.upserted.insert(id);
        self.tally.recount(Standing::Untouched, Standing::Added);
        Ok(RowId(id))
    }

    /// Gives a row the content of `item`, and the `seq` that follows from comparing it with the state before.
    pub(super) fn rewrite(
        &mut self,
        tx: &Connection,
        mut head: ItemHead,
        item: &PreparedItem,
    ) -> Result<Standing, StoreError> {
        const SAVE: &str = "INSERT INTO before_image SELECT row_id, hash, seq, updated_at, source_import, source_line
            FROM items WHERE row_id = ?1";
        if head.hash == item.hash {
            return Ok(self.standing(&head));
        }
        let is_first_change = head.seq <= self.seq_before;
        if is_first_change && self.bulk.is_some() {
            return self.rewrite_later(tx, head, item);
        }
        if let Some(bulk) = &mut self.bulk {
            bulk.forget(&item.sku);
            bulk.flush(tx)?;
        }
        if is_first_change {
            tx.execute(SAVE, values![head.id])?;
            self.seq += 1;
            head.seq = self.seq;
        }
        self.write_content(tx, &head, item)?;
        if !is_first_change
            && head.added_seq <= self.seq_before
            && let Some(seq) = restore(tx, &head, item)?
        {
            head.seq = seq;
            // Another change would be a first one again; what it unlinks must not wait behind what this one has linked.
            self.categories.flush(tx)?;
        }
        Ok(self.standing(&head))
    }

    /// The same, for a server and the first change of a row: it waits for others.
    fn rewrite_later(
        &mut self,
        tx: &Connection,
        mut head: ItemHead,
        item: &PreparedItem,
    ) -> Result<Standing, StoreError> {
        self.seq += 1;
        (head.seq, head.hash) = (self.seq, item.hash);
        head.categories = self.relink(tx, &head, item, Categories::unlink_later)?;
        if let Some(bulk) = &mut self.bulk {
            bulk.change(tx, head.clone(), item)?;
        }
        Ok(self.standing(&head))
    }

    /// Puts an item into the categories that it has now, which are told.
    fn relink(
        &mut self,
        tx: &Connection,
        head: &ItemHead,
        item: &PreparedItem,
        unlink: impl FnOnce(&mut Categories, &Connection, &str, &str) -> Result<(), StoreError>,
    ) -> Result<String, StoreError> {
        let categories = self.categories.ids(tx, item)?;
        let text = joined(&categories);
        if text != head.categories {
            unlink(&mut self.categories, tx, &head.categories, &item.sku)?;
            self.categories.link(tx, &categories, &item.sku, head.id)?;
        }
        Ok(text)
    }

    fn write_content(&mut self, tx: &Connection, head: &ItemHead, item: &PreparedItem) -> Result<(), StoreError> {
        const UPDATE: &str =
            "UPDATE items SET seq = ?2, updated_at = ?3, source_import = ?4, source_line = ?5, hash = ?6,
            brand = ?7, categories = ?8, titles = ?9, body = ?10 WHERE row_id = ?1";
        let categories_text = self.relink(tx, head, item, Categories::unlink)?;
        let values = values![
            head.id,
            head.seq,
            self.updated_at,
            self.import,
            line_of(item),
            &item.hash,
            &item.brand,
            &categories_text,
            &item.titles_folded,
            &item.body,
        ];
        tx.execute(UPDATE, values)?;
        Ok(())
    }

    /// Removes rows, in their order.
    pub(super) fn remove_all(
        &mut self,
        tx: &Connection,
        mut ids: impl Iterator<Item = i64>,
        now: i64,
    ) -> Result<(), StoreError> {
        if tx.postgres().is_none() {
            return ids.try_for_each(|id| self.remove(tx, id, now));
        }
        // A row that goes may have been linked before.
        self.categories.flush(tx)?;
        let ids: Vec<i64> = ids.collect();
        ids.chunks(ROWS_AT_ONCE).try_for_each(|ids| self.remove_at_once(tx, &joined(ids), now))
    }

    /// The same, for a server: of as many rows as it is asked for at once, [`joined`].
    fn remove_at_once(&mut self, tx: &Connection, ids: &str, now: i64) -> Result<(), StoreError> {
        const SELECT: &str = "SELECT sku, added_seq, categories FROM items
            WHERE row_id = ANY (string_to_array(?1, ',')::bigint[]) ORDER BY row_id";
        const DELETE: &str = "DELETE FROM items WHERE row_id = ANY (string_to_array(?1, ',')::bigint[])";
        let rows: Vec<(String, i64, String)> =
            tx.query(SELECT, values![ids], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        tx.execute(DELETE, values![ids])?;
        let mut tombstones = Vec::with_capacity(rows.len());
        for (sku, added_seq, categories) in &rows {
            self.categories.unlink_later(tx, categories, sku)?;
            if *added_seq <= self.seq_before {
                self.seq += 1;
                tombstones.push(*values![self.catalog, sku, self.seq, now]);
            }
        }
        tx.insert_all("removed (catalog, sku, seq, at)", &tombstones)
    }

    fn remove(&mut self, tx: &Connection, id: i64, now: i64) -> Result<(), StoreError> {
        // Not RETURNING: SQLite would open a table of its own for it with every row.
        const SELECT: &str = "SELECT sku, added_seq, categories FROM items WHERE row_id = ?1";
        const DELETE: &str = "DELETE FROM items WHERE row_id = ?1";
        const TOMBSTONE: &str = "INSERT INTO removed (catalog, sku, seq, at) VALUES (?1, ?2, ?3, ?4)";
        let (sku, added_seq, categories): (String, i64, String) =
            tx.query_one(SELECT, values![id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        tx.execute(DELETE, values![id])?;
        self.skus.remove(tx, &sku)?;
        self.categories.unlink(tx, &categories, &sku)?;
        if added_seq <= self.seq_before {
            self.seq += 1;
            tx.execute(TOMBSTONE, values![self.catalog, &sku, self.seq, now])?;
        }
        Ok(())
    }
}

/// Gives a row back the `seq` and times that it had, if it has the content again that it had. The `seq` then.
fn restore(tx: &Connection, head: &ItemHead, item: &PreparedItem) -> Result<Option<i64>, StoreError> {
    const IMAGE: &str = "SELECT seq FROM before_image WHERE item = ?1 AND hash = ?2";
    const RESTORE: &str = "UPDATE items SET (seq, updated_at, source_import, source_line) =
        (SELECT seq, updated_at, source_import, source_line FROM before_image WHERE item = ?1) WHERE row_id = ?1";
    const FORGET: &str = "DELETE FROM before_image WHERE item = ?1";
    let image = tx.query_opt(IMAGE, values![head.id, &item.hash], |row| row.get(0))?;
    if image.is_some() {
        tx.execute(RESTORE, values![head.id])?;
        tx.execute(FORGET, values![head.id])?;
    }
    Ok(image)
}

/// A row's item, and where it came from: the import's row and the line.
pub(super) fn body_of(tx: &Connection, id: i64) -> Result<(String, Option<i64>, Option<i64>), StoreError> {
    const BODY: &str = "SELECT body, source_import, source_line FROM items WHERE row_id = ?1";
    tx.query_one(BODY, values![id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

pub(super) fn head_of(tx: &Connection, id: i64) -> Result<ItemHead, StoreError> {
    const SELECT: &str = "SELECT row_id, hash, seq, added_seq, categories FROM items WHERE row_id = ?1";
    tx.query_one(SELECT, values![id], read_head)
}

/// Heads of rows, in any order: a server is asked for all of them at once.
pub(super) fn heads_of(tx: &Connection, ids: &[i64]) -> Result<Vec<ItemHead>, StoreError> {
    const SELECT: &str = "SELECT row_id, hash, seq, added_seq, categories FROM items
        WHERE row_id = ANY (string_to_array(?1, ',')::bigint[])";
    match tx.postgres() {
        None => ids.iter().map(|id| head_of(tx, *id)).collect(),
        Some(_) => tx.query(SELECT, values![&joined(ids)], read_head),
    }
}

pub(in crate::tenant) fn read_head(row: &Row<'_>) -> Result<ItemHead, StoreError> {
    Ok(ItemHead {
        id: row.get(0)?,
        hash: row.get::<Fingerprint16>(1)?.0,
        seq: row.get(2)?,
        added_seq: row.get(3)?,
        categories: row.get(4)?,
    })
}

pub(in crate::tenant) fn line_of(item: &PreparedItem) -> Option<i64> {
    (item.line > 0).then(|| item.line.cast_signed())
}
