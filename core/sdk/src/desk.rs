//! The import desk: how a protocol plugin (SOAP, later others) hands in documents and asks for what became of them.
//!
//! The catalog plugin implements it; the server hands it to the protocol plugins. Every method blocks, and is called from a
//! thread that may block.

use std::io::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::api_schema;
use crate::error::ApiError;
use crate::model::{CatalogId, Finding, ImportId, ImportMode, TenantId};

/// What is known about a document before its first byte.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The tenant, from the credential.
    pub tenant: TenantId,
    /// The catalog it is for.
    pub catalog: CatalogId,
    /// What the caller allows; `None` lets the document decide, and is merge where it does not.
    pub mode: Option<ImportMode>,
    /// Makes a repeat of the same document answer the first result. 1 to 200 visible ASCII characters.
    pub idempotency_key: Option<String>,
    /// Content type without parameters, lower case.
    pub media_type: String,
    /// The content type's charset.
    pub charset: Option<String>,
    /// True if the bytes are the canonical form for certain (SOAP `items`), whatever the tenant's transformer is.
    pub is_canonical: bool,
    /// The request's id, for the logs.
    pub request_id: String,
    /// The bytes that its sender announces, before they are unpacked and with what is around the document. Not to be believed:
    /// it may turn out to be larger or smaller.
    pub bytes_announced: Option<u64>,
}

/// A document being written to the spool. Dropping it before [`seal`](Self::seal) leaves nothing behind.
pub trait SpoolWriter: Write + Send {
    /// Makes the document durable (fsync) and queues its import. Returns the first import if the idempotency key and the
    /// document are those of an earlier one.
    ///
    /// # Errors
    /// `storage_full`, `idempotency_mismatch`, `unavailable`, `internal`.
    fn seal(self: Box<Self>) -> Result<ImportId, ApiError>;
}

/// Where an import stands.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Durable, waiting for its turn.
    Queued,
    /// Being read.
    Running,
    /// Committed.
    Succeeded,
    /// Ended without a change.
    Failed,
}

/// What an import did, in records.
#[api_schema]
#[derive(Copy, Eq, Default)]
pub struct ImportCounts {
    /// Records in the document.
    pub read: u64,
    /// Records that were taken.
    pub accepted: u64,
    /// Records that were refused; each has a finding.
    pub rejected: u64,
    /// Items that are new.
    pub added: u64,
    /// Items that are different now.
    pub changed: u64,
    /// Items that were already as the document has them.
    pub unchanged: u64,
    /// Items that are gone.
    pub removed: u64,
}

/// A part of a document that its reader does not know and left out.
#[api_schema]
#[derive(Eq)]
pub struct UnmappedPath {
    /// Names from the root, as the sender wrote them.
    pub path: String,
    /// How often it occurred.
    pub count: u64,
}

/// One item as stored: canonical JSON and the fingerprint of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredItem {
    /// Canonical JSON, one object.
    pub body: String,
    /// Changes exactly when the content changes. Printable ASCII without quotes.
    pub etag: String,
}

/// An import as it is told to callers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportView {
    /// Its id.
    pub id: ImportId,
    /// The catalog.
    pub catalog: String,
    /// Where it stands.
    pub status: ImportStatus,
    /// What it may do.
    pub mode: ImportMode,
    /// What it did so far, or in the end.
    pub counts: ImportCounts,
    /// How far it is, 0 to 1, by bytes read.
    pub progress: f64,
    /// While it runs: records per second since its start.
    pub records_per_second: Option<f64>,
    /// While it runs: seconds until its document is read, if it goes on as it went.
    pub seconds_left: Option<f64>,
    /// Why it failed: code and sentence.
    pub error: Option<(String, String)>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub started_at: Option<String>,
    /// RFC 3339.
    pub finished_at: Option<String>,
    /// The number of findings kept.
    pub findings_count: u64,
}

/// One page of items.
#[derive(Debug, Clone)]
pub struct ItemPage {
    /// Items in the order of their sku.
    pub items: Vec<StoredItem>,
    /// Where the next page starts; none at the end.
    pub next_cursor: Option<String>,
}

/// What a protocol plugin may ask of the catalog plugin.
pub trait ImportDesk: Send + Sync {
    /// Opens a place in the spool.
    ///
    /// # Errors
    /// `storage_full`, `unavailable`, `customer_unknown`.
    fn receive(&self, receipt: Receipt) -> Result<Box<dyn SpoolWriter>, ApiError>;

    /// The import, at once if `wait` is zero, else as soon as it has ended or `wait` is over.
    ///
    /// # Errors
    /// `not_found` when the tenant has no such import.
    fn import(&self, tenant: &TenantId, id: ImportId, wait: Duration) -> Result<ImportView, ApiError>;

    /// Asks an import to end without a change. One that has ended stays as it is; so does one that is being committed. The import as
    /// it is then, at most a few seconds later.
    ///
    /// # Errors
    /// `not_found` when the tenant has no such import.
    fn cancel(&self, tenant: &TenantId, id: ImportId) -> Result<ImportView, ApiError>;

    /// The imports for a catalog that have not ended, the newest first. It may ask a database.
    ///
    /// # Errors
    /// Those of the storage.
    fn unfinished(&self, tenant: &TenantId, catalog: &CatalogId) -> Result<Vec<ImportView>, ApiError>;

    /// The first `limit` findings of an import, in the language of the tenant's profile and with what to do about them.
    ///
    /// # Errors
    /// `not_found`.
    fn findings(&self, tenant: &TenantId, id: ImportId, limit: u32) -> Result<Vec<Finding>, ApiError>;

    /// What the reader of an import that has ended did not know of its document, each path once; nothing before its end.
    ///
    /// # Errors
    /// Those of the storage.
    fn unmapped(&self, tenant: &TenantId, id: ImportId) -> Result<Vec<UnmappedPath>, ApiError>;

    /// One item.
    ///
    /// # Errors
    /// `not_found`.
    fn item(&self, tenant: &TenantId, catalog: &CatalogId, sku: &str) -> Result<StoredItem, ApiError>;

    /// Up to `limit` items in the order of their sku (by bytes), those after `after_sku` if it is given; none where there is no
    /// such catalog.
    ///
    /// # Errors
    /// Those of the storage.
    fn items_after(
        &self,
        tenant: &TenantId,
        catalog: &CatalogId,
        after_sku: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredItem>, ApiError>;

    /// The numbers alone of what [`items_after`](Self::items_after) gives.
    ///
    /// # Errors
    /// Those of the storage.
    fn skus_after(
        &self,
        tenant: &TenantId,
        catalog: &CatalogId,
        after_sku: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>, ApiError>;

    /// One page of a catalog's items.
    ///
    /// # Errors
    /// `not_found` for the catalog, `request_invalid` for the cursor.
    fn items(
        &self,
        tenant: &TenantId,
        catalog: &CatalogId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<ItemPage, ApiError>;
}
