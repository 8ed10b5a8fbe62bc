//! Reads of catalogs and items: one item by sku, pages of items in the order of their sku.

use std::str::FromStr;

use plugpoint_sdk::desk::StoredItem;
use plugpoint_sdk::model::CatalogId;
use plugpoint_sdk::model::timestamp::Timestamp;

use super::TenantDb;
use super::page_query::PageQuery;
use super::prepared::etag;
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::{Fingerprint16, Row, values};
use crate::time::from_micros;

/// Which items of a catalog; every given part must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemFilter {
    /// `system:code` or `code` of one of the item's categories.
    pub category: Option<String>,
    /// The brand, exactly.
    pub brand: Option<String>,
    /// What one of the item's titles begins with, in Unicode lower case.
    pub text_prefix: Option<String>,
    /// Committed at this time or later.
    pub updated_since: Option<Timestamp>,
}

/// One item of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// Its number; the next page begins after the last one.
    pub sku: String,
    /// Its content.
    pub stored: StoredItem,
    /// When its content was committed.
    pub updated_at: Timestamp,
}

/// A catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogRow {
    /// Its name.
    pub id: CatalogId,
    /// How many items it has.
    pub item_count: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something of it changed last.
    pub updated_at: Timestamp,
    /// The end of its feed of changes; 0 before the first.
    pub last_seq: u64,
}

impl TenantDb {
    /// One item.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn item(&self, catalog: &CatalogId, sku: &str) -> Result<Option<StoredItem>, StoreError> {
        const SELECT: &str = "SELECT i.body, i.hash FROM catalogs c JOIN item_skus s ON s.catalog = c.row_id
            JOIN items i ON i.row_id = s.item WHERE c.name = ?1 AND s.sku = ?2";
        self.db.read("read an item", |connection| {
            connection.query_opt(SELECT, values![catalog.as_str(), sku], |row| stored(row, 0))
        })
    }

    /// Up to `limit` items that pass the filter, in the order of their sku (by bytes), those after `after_sku` if it is
    /// given. Empty also if there is no such catalog.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn items(
        &self,
        catalog: &CatalogId,
        filter: &ItemFilter,
        after_sku: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ItemRow>, StoreError> {
        self.db.read("list items", |connection| {
            // One state for the few statements of one page.
            connection.begin_read()?;
            let Some(query) = PageQuery::build(connection, catalog, filter, after_sku, limit)? else {
                return Ok(Vec::new());
            };
            connection.query(&query.sql, &query.values(), |row| {
                Ok(ItemRow { sku: row.get(0)?, stored: stored(row, 1)?, updated_at: from_micros(row.get(3)?) })
            })
        })
    }

    /// Up to `limit` item numbers in their order (by bytes), those after `after_sku` if it is given. Empty also if there is no
    /// such catalog.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn skus(&self, catalog: &CatalogId, after_sku: Option<&str>, limit: u32) -> Result<Vec<String>, StoreError> {
        const SELECT: &str = "SELECT s.sku FROM item_skus s WHERE s.sku > ?1
            AND s.catalog = (SELECT row_id FROM catalogs WHERE name = ?2) ORDER BY s.sku LIMIT ?3";
        self.db.read("list item numbers", |connection| {
            connection.query(SELECT, values![after_sku.unwrap_or_default(), catalog.as_str(), limit], |row| row.get(0))
        })
    }

    /// One catalog. It is there from its first item or its first successful import on.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn catalog(&self, id: &CatalogId) -> Result<Option<CatalogRow>, StoreError> {
        const SELECT: &str = "SELECT name, item_count, created_at, updated_at, last_seq FROM catalogs WHERE name = ?1";
        self.db.read("read a catalog", |connection| connection.query_opt(SELECT, values![id.as_str()], read_catalog))
    }

    /// Catalogs by name, those after `after` if it is given.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn catalogs(&self, after: Option<&CatalogId>, limit: u32) -> Result<Vec<CatalogRow>, StoreError> {
        const SELECT: &str = "SELECT name, item_count, created_at, updated_at, last_seq FROM catalogs
            WHERE name > ?1 ORDER BY name LIMIT ?2";
        self.db.read("list catalogs", |connection| {
            connection.query(SELECT, values![after.map_or("", CatalogId::as_str), limit], read_catalog)
        })
    }
}

fn stored(row: &Row<'_>, column: usize) -> Result<StoredItem, StoreError> {
    Ok(StoredItem { body: row.get(column)?, etag: etag(&row.get::<Fingerprint16>(column + 1)?.0) })
}

pub(super) fn read_catalog(row: &Row<'_>) -> Result<CatalogRow, StoreError> {
    let name: String = row.get(0)?;
    let invalid = |error| StoreError::of(StoreErrorKind::Corrupt, error);
    Ok(CatalogRow {
        id: CatalogId::from_str(&name).map_err(invalid)?,
        item_count: row.get::<i64>(1)?.unsigned_abs(),
        created_at: from_micros(row.get(2)?),
        updated_at: from_micros(row.get(3)?),
        last_seq: row.get::<i64>(4)?.unsigned_abs(),
    })
}
