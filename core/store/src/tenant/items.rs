//! Reads of catalogs and items: one item by sku, pages of items in the order of their sku.

use std::str::FromStr;

use plugpoint_sdk::desk::StoredItem;
use plugpoint_sdk::model::CatalogId;
use plugpoint_sdk::model::timestamp::Timestamp;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use super::TenantDb;
use super::page_query::PageQuery;
use super::prepared::etag;
use crate::error::StoreError;
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
        const SELECT: &str = "SELECT i.body, i.hash FROM catalogs c JOIN items i ON i.catalog = c.row_id
            WHERE c.name = ?1 AND i.sku = ?2";
        self.db.read("read an item", |connection| {
            let mut select = connection.prepare_cached(SELECT)?;
            Ok(select.query_row(params![catalog.as_str(), sku], |row| stored(row, 0)).optional()?)
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
            let tx = connection.unchecked_transaction()?;
            let Some(query) = PageQuery::build(&tx, catalog, filter, after_sku, limit)? else { return Ok(Vec::new()) };
            let mut select = tx.prepare_cached(&query.sql)?;
            let rows = select.query_map(params_from_iter(query.values), |row| {
                Ok(ItemRow { sku: row.get(0)?, stored: stored(row, 1)?, updated_at: from_micros(row.get(3)?) })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Up to `limit` item numbers in their order (by bytes), those after `after_sku` if it is given. Empty also if there is no
    /// such catalog.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn skus(&self, catalog: &CatalogId, after_sku: Option<&str>, limit: u32) -> Result<Vec<String>, StoreError> {
        const SELECT: &str = "SELECT i.sku FROM items i WHERE i.sku > ?1
            AND i.catalog = (SELECT row_id FROM catalogs WHERE name = ?2) ORDER BY i.sku LIMIT ?3";
        self.db.read("list item numbers", |connection| {
            let mut select = connection.prepare_cached(SELECT)?;
            let values = params![after_sku.unwrap_or_default(), catalog.as_str(), limit];
            Ok(select.query_map(values, |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// One catalog. It is there from its first item or its first successful import on.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn catalog(&self, id: &CatalogId) -> Result<Option<CatalogRow>, StoreError> {
        const SELECT: &str = "SELECT name, item_count, created_at, updated_at, last_seq FROM catalogs WHERE name = ?1";
        self.db.read("read a catalog", |connection| {
            Ok(connection.prepare_cached(SELECT)?.query_row([id.as_str()], read_catalog).optional()?)
        })
    }

    /// Catalogs by name, those after `after` if it is given.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn catalogs(&self, after: Option<&CatalogId>, limit: u32) -> Result<Vec<CatalogRow>, StoreError> {
        const SELECT: &str = "SELECT name, item_count, created_at, updated_at, last_seq FROM catalogs
            WHERE name > ?1 ORDER BY name LIMIT ?2";
        self.db.read("list catalogs", |connection| {
            let mut select = connection.prepare_cached(SELECT)?;
            let rows = select.query_map(params![after.map_or("", CatalogId::as_str), limit], read_catalog)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn stored(row: &Row<'_>, column: usize) -> rusqlite::Result<StoredItem> {
    Ok(StoredItem { body: row.get(column)?, etag: etag(&row.get::<_, [u8; 16]>(column + 1)?) })
}

pub(super) fn read_catalog(row: &Row<'_>) -> rusqlite::Result<CatalogRow> {
    let name: String = row.get(0)?;
    let invalid = |error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    Ok(CatalogRow {
        id: CatalogId::from_str(&name).map_err(invalid)?,
        item_count: row.get::<_, i64>(1)?.unsigned_abs(),
        created_at: from_micros(row.get(2)?),
        updated_at: from_micros(row.get(3)?),
        last_seq: row.get::<_, i64>(4)?.unsigned_abs(),
    })
}
