//! An import desk in memory: it keeps what was sealed, and fails when told to.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{
    ImportCounts, ImportDesk, ImportStatus, ImportView, ItemPage, Receipt, SpoolWriter, StoredItem, UnmappedPath,
};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, Finding, ImportId, ImportMode, Position, TenantId};

/// The id of every import.
const ID: &str = "01970000-0000-7000-8000-000000000001";

/// Everything that reached the desk.
#[derive(Default)]
pub(crate) struct Desk {
    /// Documents that were sealed, with what was known about them.
    pub(crate) sealed: Mutex<Vec<(Receipt, Vec<u8>)>>,
    /// How many documents were begun.
    pub(crate) begun: Mutex<usize>,
    /// How many bytes fit on the disk; all if none.
    pub(crate) disk_bytes: Option<usize>,
    /// How many paths of every document are unknown to its reader.
    pub(crate) unmapped: u64,
}

struct Spool {
    desk: Arc<Desk>,
    receipt: Receipt,
    bytes: Vec<u8>,
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.desk.disk_bytes.is_some_and(|max| self.bytes.len() + bytes.len() > max) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SpoolWriter for Spool {
    fn seal(self: Box<Self>) -> Result<ImportId, ApiError> {
        let Self { desk, receipt, bytes } = *self;
        desk.sealed.lock().unwrap().push((receipt, bytes));
        Ok(ID.parse().unwrap())
    }
}

fn not_found(what: &str) -> ApiError {
    ApiError::new(&codes::NOT_FOUND, format!("there is no such {what}"))
}

/// The desk behind a handle, because its spools outlive a call.
pub(crate) struct Handle(pub(crate) Arc<Desk>);

impl ImportDesk for Handle {
    fn receive(&self, receipt: Receipt) -> Result<Box<dyn SpoolWriter>, ApiError> {
        match receipt.catalog.as_str() {
            "busy" => Err(ApiError::new(&codes::UNAVAILABLE, "the queue is full").retry_after(7)),
            "broken" => Err(ApiError::new(&codes::INTERNAL, "something failed").caused_by("a secret of ours")),
            _ => {
                *self.0.begun.lock().unwrap() += 1;
                Ok(Box::new(Spool { desk: Arc::clone(&self.0), receipt, bytes: Vec::new() }))
            }
        }
    }

    fn import(&self, tenant: &TenantId, id: ImportId, wait: Duration) -> Result<ImportView, ApiError> {
        if tenant.as_str() != "acme" || id.to_string() != ID {
            return Err(not_found("import"));
        }
        let has_ended = wait > Duration::ZERO;
        assert!(wait <= Duration::from_secs(60), "waits longer than the limit");
        let counts = ImportCounts { read: 2, accepted: 1, rejected: 1, added: 1, ..ImportCounts::default() };
        Ok(ImportView {
            id,
            catalog: "spring".to_owned(),
            status: if has_ended { ImportStatus::Succeeded } else { ImportStatus::Queued },
            mode: ImportMode::Replace,
            counts: if has_ended { counts } else { ImportCounts::default() },
            progress: if has_ended { 1.0 } else { 0.25 },
            records_per_second: None,
            seconds_left: None,
            error: None,
            created_at: "2026-01-01T12:00:00Z".to_owned(),
            started_at: None,
            finished_at: None,
            findings_count: has_ended.into(),
        })
    }

    fn cancel(&self, tenant: &TenantId, id: ImportId) -> Result<ImportView, ApiError> {
        self.import(tenant, id, Duration::ZERO)
    }

    fn unfinished(&self, _: &TenantId, _: &CatalogId) -> Result<Vec<ImportView>, ApiError> {
        unreachable!("SOAP lists no imports")
    }

    fn findings(&self, _: &TenantId, _: ImportId, limit: u32) -> Result<Vec<Finding>, ApiError> {
        assert_eq!(limit, 100);
        let finding = Finding::error("field_pattern", "]]> & <b> \"quoted\" \r\n\u{1} ä\u{1f600}");
        Ok(vec![finding.at(Position { line: 3, column: 0 }).sku("A<1>").path("/prices/0/tax_rate")])
    }

    fn unmapped(&self, _: &TenantId, _: ImportId) -> Result<Vec<UnmappedPath>, ApiError> {
        let path = |number: u64| UnmappedPath { path: format!("ARTICLE/NOTE_<{number}>"), count: number };
        Ok((1..=self.0.unmapped).map(path).collect())
    }

    fn item(&self, _: &TenantId, catalog: &CatalogId, sku: &str) -> Result<StoredItem, ApiError> {
        if catalog.as_str() != "spring" || !["A1", "<&>\"'"].contains(&sku) {
            return Err(not_found("item"));
        }
        Ok(StoredItem { body: ITEM.replace("\"A1\"", &serde_json::to_string(sku).unwrap()), etag: "e".to_owned() })
    }

    fn items_after(&self, _: &TenantId, _: &CatalogId, _: Option<&str>, _: u32) -> Result<Vec<StoredItem>, ApiError> {
        unreachable!("facades alone ask so")
    }

    fn skus_after(&self, _: &TenantId, _: &CatalogId, _: Option<&str>, _: u32) -> Result<Vec<String>, ApiError> {
        unreachable!("facades alone ask so")
    }

    fn items(&self, _: &TenantId, catalog: &CatalogId, cursor: Option<&str>, limit: u32) -> Result<ItemPage, ApiError> {
        let page = |bodies: &[&str], next: Option<&str>| ItemPage {
            items: bodies.iter().map(|body| StoredItem { body: (*body).to_owned(), etag: "e".to_owned() }).collect(),
            next_cursor: next.map(str::to_owned),
        };
        match (catalog.as_str(), cursor) {
            ("empty", None) => Ok(page(&[], None)),
            ("spring", None) if limit == 1 => Ok(page(&[ITEM], Some("page-2"))),
            ("spring", None | Some("page-2")) => Ok(page(&[SMALL], None)),
            ("spring", Some(_)) => Err(ApiError::new(&codes::REQUEST_INVALID, "the cursor is none of ours")),
            _ => Err(not_found("catalog")),
        }
    }
}

const SMALL: &str = r#"{"sku":"A2","kind":"product","status":"active","texts":[{"lang":"en","title":"Small"}]}"#;

/// An item with all its parts.
pub(crate) const ITEM: &str = r#"{"sku":"A1","kind":"product","status":"announced","brand":"R&D",
"texts":[{"lang":"en","title":"Hammer","description":"a\r\nb","keywords":["x","y"]},{"lang":"de-AT","title":"Hämmer"}],
"identifiers":[{"scheme":"gtin","value":"04000000000006"}],
"prices":[{"kind":"list","amount":"12.50","currency":"EUR","tax_rate":"0.19","tax_included":false,"min_quantity":"1",
"per_quantity":"100","unit":"C62","valid_from":"2026-01-01T00:00:00Z","territories":["DE","AT"]}],
"categories":[{"system":"eclass-9.0","code":"21-01","path":["Tools","Hammers"]}],
"attributes":[{"name":"Länge","values":["1","2"],"unit":"mm","system":"etim","feature_id":"EF000008"}],
"media":[{"kind":"image","url":"https://x/?a=1&b=2","mime_type":"image/jpeg"}],
"contributors":[{"role":"author","name":"A. Author"}],
"availability":{"status":"in_stock","quantity":"5","lead_time_days":2},
"relations":[{"kind":"accessory","sku":"A2","quantity":"2"}]}"#;
