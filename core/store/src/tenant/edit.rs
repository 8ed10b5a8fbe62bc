//! Writes of one item outside an import, with the condition that HTTP's `If-Match` states.

use plugpoint_sdk::model::CatalogId;

use super::TenantDb;
use super::changeset::{Changeset, Upserted};
use super::prepared::{PreparedItem, etag};
use super::quota;
use crate::error::StoreError;
use crate::sql::{Connection, Fingerprint16, values};
use crate::time::to_micros;

/// What became of a [`TenantDb::put_item`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutOutcome {
    /// The item is new.
    Created,
    /// The item was there with other content.
    Updated,
    /// The item was there as it is; nothing was written.
    Unchanged,
    /// The condition does not hold; nothing was written.
    PreconditionFailed,
}

/// What became of a [`TenantDb::delete_item`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// The item is gone.
    Deleted,
    /// There was no such item.
    NotFound,
    /// The condition does not hold; nothing was written.
    PreconditionFailed,
}

/// Ends a transaction in which nothing is to be written.
enum Edit<T> {
    Done(T),
    Nothing(T),
}

impl TenantDb {
    /// Writes one item. `if_match` is an entity tag that the stored item must have, or `*` for any; with it a missing item is
    /// `PreconditionFailed`. The catalog is made if it is new.
    ///
    /// # Errors
    /// `Busy`, `Full`, `Io`, `Corrupt`.
    pub fn put_item(
        &self,
        catalog: &CatalogId,
        item: &PreparedItem,
        if_match: Option<&str>,
    ) -> Result<PutOutcome, StoreError> {
        self.put("put an item", catalog, item, |stored| holds(if_match, stored))
    }

    /// Writes an item that must not be there yet; one that is there is `PreconditionFailed`.
    ///
    /// # Errors
    /// `Busy`, `Full`, `Io`, `Corrupt`.
    pub fn create_item(&self, catalog: &CatalogId, item: &PreparedItem) -> Result<PutOutcome, StoreError> {
        self.put("create an item", catalog, item, |stored| stored.is_none())
    }

    /// Writes an item if the condition holds for the entity tag of what is there.
    fn put(
        &self,
        operation: &'static str,
        catalog: &CatalogId,
        item: &PreparedItem,
        holds: impl FnOnce(Option<&str>) -> bool,
    ) -> Result<PutOutcome, StoreError> {
        self.edit(operation, |tx, now| {
            let stored = stored_etag(tx, catalog, &item.sku)?;
            if !holds(stored.as_deref()) {
                return Ok(Edit::Nothing(PutOutcome::PreconditionFailed));
            }
            if stored.is_some_and(|stored| stored == item.etag()) {
                return Ok(Edit::Nothing(PutOutcome::Unchanged));
            }
            let mut changes = Changeset::begin(tx, catalog, None, Some(now), now)?;
            let outcome = match changes.upsert(tx, item)?.0 {
                Upserted::Added => PutOutcome::Created,
                _ => PutOutcome::Updated,
            };
            let total_before = quota::total(tx)?;
            changes.finish(tx, now)?;
            quota::hold(total_before, changes.counts(), self.items_max())?;
            Ok(Edit::Done(outcome))
        })
    }

    /// Removes one item. `if_match` as for [`put_item`](Self::put_item), but a missing item is `NotFound`.
    ///
    /// # Errors
    /// `Busy`, `Full`, `Io`, `Corrupt`.
    pub fn delete_item(
        &self,
        catalog: &CatalogId,
        sku: &str,
        if_match: Option<&str>,
    ) -> Result<DeleteOutcome, StoreError> {
        self.edit("delete an item", |tx, now| {
            let Some(stored) = stored_etag(tx, catalog, sku)? else {
                return Ok(Edit::Nothing(DeleteOutcome::NotFound));
            };
            if !holds(if_match, Some(&stored)) {
                return Ok(Edit::Nothing(DeleteOutcome::PreconditionFailed));
            }
            let mut changes = Changeset::begin(tx, catalog, None, Some(now), now)?;
            changes.delete(tx, sku)?;
            changes.finish(tx, now)?;
            Ok(Edit::Done(DeleteOutcome::Deleted))
        })
    }

    /// Runs an edit at the time of its commit; `moved` once it is visible.
    fn edit<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection, i64) -> Result<Edit<T>, StoreError>,
    ) -> Result<T, StoreError> {
        let clock = to_micros((self.clock)());
        let edited = self.db.write(operation, |tx| work(tx, Changeset::commit_time(tx, clock)?))?;
        Ok(match edited {
            Edit::Nothing(outcome) => outcome,
            Edit::Done(outcome) => {
                self.moved();
                outcome
            }
        })
    }
}

fn holds(if_match: Option<&str>, stored: Option<&str>) -> bool {
    if_match.is_none_or(|wanted| stored.is_some_and(|stored| wanted == "*" || wanted == stored))
}

fn stored_etag(tx: &Connection, catalog: &CatalogId, sku: &str) -> Result<Option<String>, StoreError> {
    const SELECT: &str =
        "SELECT i.hash FROM catalogs c JOIN item_skus s ON s.catalog = c.row_id JOIN items i ON i.row_id = s.item
            WHERE c.name = ?1 AND s.sku = ?2";
    let hash: Option<Fingerprint16> = tx.query_opt(SELECT, values![catalog.as_str(), sku], |row| row.get(0))?;
    Ok(hash.map(|hash| etag(&hash.0)))
}
