//! The resources that the catalog's routes answer, as declared to clients. Items are not among them: they are answered as
//! they are stored.

use plugpoint_sdk::api_schema;
use plugpoint_sdk::desk::{ImportCounts, ImportStatus, ImportView, UnmappedPath};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Finding, ImportMode, ItemData};
use plugpoint_store::{CatalogRow, Change, ChangeKind, ImportRecord};

/// A catalog of the tenant.
#[api_schema]
pub(super) struct Catalog {
    /// Its name.
    pub id: String,
    /// How many items it has.
    pub item_count: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something of it changed last.
    pub updated_at: Timestamp,
    /// The end of its feed of changes.
    pub last_seq: u64,
}

impl From<CatalogRow> for Catalog {
    fn from(row: CatalogRow) -> Self {
        let CatalogRow { id, item_count, created_at, updated_at, last_seq } = row;
        Self { id: id.to_string(), item_count, created_at, updated_at, last_seq }
    }
}

/// A page of catalogs by name.
#[api_schema]
pub(super) struct CatalogList {
    /// The catalogs.
    pub catalogs: Vec<Catalog>,
    /// Give it as `cursor` to go on; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A page of items in the order of their sku.
#[api_schema]
pub(super) struct ItemList {
    /// The items.
    pub items: Vec<ItemData>,
    /// Give it as `cursor`, with the same filters, to go on; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// How an item differs from what a reader of the feed knew.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChangeType {
    /// It was added.
    Added,
    /// It was changed.
    Changed,
    /// It is gone.
    Removed,
}

/// The latest change of one item.
#[api_schema(name = "Change")]
pub(super) struct ChangeResource {
    /// Its place in the feed.
    pub seq: u64,
    /// The item.
    pub sku: String,
    /// What became of it.
    pub kind: ChangeType,
    /// When it was committed.
    pub at: Timestamp,
}

impl From<Change> for ChangeResource {
    fn from(change: Change) -> Self {
        let kind = match change.kind {
            ChangeKind::Added => ChangeType::Added,
            ChangeKind::Changed => ChangeType::Changed,
            ChangeKind::Removed => ChangeType::Removed,
        };
        Self { seq: change.seq, sku: change.sku, kind, at: change.at }
    }
}

/// A page of the feed of changes.
#[api_schema]
pub(super) struct ChangeList {
    /// The changes in their order. Every item occurs once, at its latest change.
    pub changes: Vec<ChangeResource>,
    /// Where this page ends: give it as `since` later to learn what is new.
    pub last_seq: u64,
    /// Give it as `since` at once, there is more; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Why an import failed.
#[api_schema]
pub(super) struct ImportError {
    /// Stable code, see `/docs/errors`.
    pub code: String,
    /// One sentence.
    pub detail: String,
}

/// An import.
#[api_schema]
pub(super) struct Import {
    /// Its id.
    pub id: String,
    /// The catalog it is for.
    pub catalog: String,
    /// Where it stands.
    pub status: ImportStatus,
    /// What it may do.
    pub mode: ImportMode,
    /// What it did so far, or in the end.
    pub counts: ImportCounts,
    /// How far it is, 0 to 1, by bytes read.
    #[validate(range(min = 0, max = 1))]
    pub progress: f64,
    /// While it runs: records per second since its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_per_second: Option<f64>,
    /// While it runs: seconds until its document is read, if it goes on as it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<f64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ImportError>,
    /// How many findings are kept.
    pub findings_count: u64,
    /// What of the document its reader did not know and left out: each path once, at most 1,001. Told by `getImport` of an import that
    /// has ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<UnmappedPath>,
    /// When the document was received.
    pub created_at: String,
    /// When reading began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
}

impl From<ImportView> for Import {
    fn from(view: ImportView) -> Self {
        Self {
            id: view.id.to_string(),
            catalog: view.catalog,
            status: view.status,
            mode: view.mode,
            counts: view.counts,
            progress: view.progress,
            records_per_second: view.records_per_second,
            seconds_left: view.seconds_left,
            error: view.error.map(|(code, detail)| ImportError { code, detail }),
            findings_count: view.findings_count,
            unmapped: Vec::new(),
            created_at: view.created_at,
            started_at: view.started_at,
            finished_at: view.finished_at,
        }
    }
}

impl From<ImportRecord> for Import {
    fn from(record: ImportRecord) -> Self {
        Self {
            id: record.id.to_string(),
            catalog: record.catalog.to_string(),
            status: record.status,
            mode: record.mode,
            counts: record.counts,
            progress: 1.0,
            records_per_second: None,
            seconds_left: None,
            error: record.error.map(|error| ImportError { code: error.code, detail: error.detail }),
            findings_count: record.findings_count,
            unmapped: Vec::new(),
            created_at: record.created_at.to_string(),
            started_at: record.started_at.map(|at| at.to_string()),
            finished_at: record.finished_at.map(|at| at.to_string()),
        }
    }
}

/// A page of imports, the newest first.
#[api_schema]
pub(super) struct ImportList {
    /// The imports.
    pub imports: Vec<Import>,
    /// Give it as `cursor` to go on; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A page of findings in the order in which they were made.
#[api_schema]
pub(super) struct FindingList {
    /// The findings.
    pub findings: Vec<Finding>,
    /// Give it as `cursor` to go on; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What a request of this tenant may be at most.
#[api_schema]
pub(super) struct TenantLimits {
    /// Bytes of an imported document, however it comes.
    pub document_bytes_max: u64,
    /// Bytes of one item.
    pub item_bytes_max: u64,
    /// Records of an imported document.
    pub records_max: u64,
    /// Documents that are received at once.
    pub receives_max: u64,
    /// Exports that run at once.
    pub exports_max: u64,
    /// Items of all catalogs together. An import that would leave more fails with `item_quota_exceeded`.
    pub items_max: u64,
    /// Bytes of all documents that wait or are kept. A further one is refused with `spool_quota_exceeded`.
    pub spool_bytes_max: u64,
    /// Requests in a second, over REST and SOAP. Further ones are refused with `request_rate_exceeded`.
    pub requests_per_second: u32,
    /// Requests that may come at once after a pause.
    pub requests_burst: u32,
    /// The limits of each operation that has some of its own.
    pub operations: Vec<TenantOperation>,
}

/// What one operation may cost at most.
#[api_schema]
pub(super) struct TenantOperation {
    /// Its name: in the OpenAPI document for REST, in the WSDL for SOAP; `callFacade` for every call to a facade.
    pub operation: String,
    /// Bytes of a request's body, as it is sent and as it is unpacked. A larger one is refused with `body_too_large`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes_max: Option<u64>,
    /// Entries on a page; one that asks for more gets so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_items_max: Option<u64>,
    /// Seconds that the answer waits for an import's end; one that asks for more waits so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_s_max: Option<u64>,
}

/// The tenant that the credential stands for.
#[api_schema]
pub(super) struct Tenant {
    /// Its name.
    pub tenant: String,
    /// The customer crate that serves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The public part of the credential.
    pub key_id: String,
    /// Its limits.
    pub limits: TenantLimits,
}

/// How much of a listing, and from where on.
#[api_schema]
pub(super) struct PageQuery {
    /// Entries of a page, 100 if not given.
    #[validate(range(min = 1, max = 1000))]
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 1, max = 2048))]
    #[serde(default)]
    pub cursor: Option<String>,
}

pub(super) fn default_limit() -> u32 {
    100
}
