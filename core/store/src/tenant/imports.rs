//! Finished imports and their findings.

use std::ops::ControlFlow;
use std::str::FromStr;

use plugpoint_sdk::desk::{ImportCounts, ImportStatus, UnmappedPath};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{CatalogId, Finding, ImportId, ImportMode, Severity};
use serde::{Deserialize, Deserializer, Serialize};

use super::{TenantDb, lease};
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::{Connection, ROWS_AT_ONCE, Value, values, with_nul};

/// A finished import as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// Its id.
    pub id: ImportId,
    /// The catalog it was for.
    #[serde(deserialize_with = "catalog_id")]
    pub catalog: CatalogId,
    /// What it was allowed to do, narrowed by the document.
    pub mode: ImportMode,
    /// How it ended.
    pub status: ImportStatus,
    /// The caller's key for repeats; unique within the catalog.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// Fingerprint of the document and of what else must be the same in a repeat.
    pub document_hash: String,
    /// Length of the document in bytes.
    pub bytes: u64,
    /// The document's content type without parameters.
    pub media_type: String,
    /// The format, as the transformer declared it.
    #[serde(default)]
    pub format: Option<String>,
    /// What it did.
    pub counts: ImportCounts,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<ImportFailure>,
    /// How many findings are kept.
    pub findings_count: u64,
    /// What the reader did not know of the document. Written with the record, read by [`TenantDb::unmapped`] alone: a listing of
    /// imports would carry megabytes of it.
    #[serde(skip)]
    pub unmapped: Vec<UnmappedPath>,
    /// When the document was received.
    pub created_at: Timestamp,
    /// When reading began.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// The request that brought it.
    #[serde(default)]
    pub request_id: Option<String>,
    /// The credential that brought it.
    #[serde(default)]
    pub key_id: Option<String>,
}

/// Why an import failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFailure {
    /// A stable code of the platform.
    pub code: String,
    /// One sentence for the sender.
    pub detail: String,
}

/// Which findings of an import. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// Those that reject their item, or those that do not.
    pub severity: Option<Severity>,
    /// Those of one code.
    pub code: Option<String>,
    /// Those of one item.
    pub sku: Option<String>,
}

impl FindingFilter {
    fn passes(&self, finding: &Finding) -> bool {
        self.severity.is_none_or(|severity| finding.severity == severity)
            && self.code.as_ref().is_none_or(|code| *code == finding.code)
            && self.sku.as_ref().is_none_or(|sku| finding.sku.as_ref() == Some(sku))
    }
}

fn catalog_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CatalogId, D::Error> {
    let text = String::deserialize(deserializer)?;
    CatalogId::from_str(&text).map_err(serde::de::Error::custom)
}

impl TenantDb {
    /// Keeps the record of an import that changed nothing, with its findings. Sets its `findings_count` and the status
    /// `failed`; makes no catalog.
    ///
    /// # Errors
    /// `AlreadyExists` if an import of this id, or of this catalog and idempotency key, is there; `Busy`, `Full`, `Io`.
    pub fn record_failed(
        &self,
        record: &ImportRecord,
        findings: &mut dyn Iterator<Item = Finding>,
    ) -> Result<(), StoreError> {
        let epoch = self.epoch();
        self.db.write("record a failed import", |tx| {
            lease::hold(tx, self.db.node(), epoch)?;
            let row = next_row(tx)?;
            let record = ImportRecord { status: ImportStatus::Failed, ..record.clone() };
            insert_record(tx, row, &record, None, findings)
        })?;
        self.moved();
        Ok(())
    }

    /// One finished import.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn import(&self, id: ImportId) -> Result<Option<ImportRecord>, StoreError> {
        let run = |connection: &Connection| {
            records(connection, "SELECT record FROM imports WHERE id = ?1", values![id.0.as_bytes()])
        };
        Ok(self.db.read("read an import", run)?.pop())
    }

    /// Finished imports for a catalog, the newest first; those older than `before`, if it is given.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn imports(
        &self,
        catalog: &CatalogId,
        before: Option<ImportId>,
        limit: u32,
    ) -> Result<Vec<ImportRecord>, StoreError> {
        const SELECT: &str = "SELECT record FROM imports WHERE catalog = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
        // Every id is a UUID of version 7 and so below this.
        let before = before.map_or([0xff; 16], |id| *id.0.as_bytes());
        self.db
            .read("list imports", |connection| records(connection, SELECT, values![catalog.as_str(), &before, limit]))
    }

    /// The finished import for a catalog that had this idempotency key.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn import_by_key(&self, catalog: &CatalogId, key: &str) -> Result<Option<ImportRecord>, StoreError> {
        const SELECT: &str = "SELECT record FROM imports WHERE catalog = ?1 AND idempotency_key = ?2";
        let run = |connection: &Connection| records(connection, SELECT, values![catalog.as_str(), key]);
        Ok(self.db.read("read an import by its key", run)?.pop())
    }

    /// Findings of an import in the order in which they were made, with their numbers from 1; those above number `after`.
    /// Empty also if there is no such import.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn findings(&self, id: ImportId, after: u64, limit: u32) -> Result<Vec<(u64, Finding)>, StoreError> {
        self.findings_where(id, &FindingFilter::default(), after, limit)
    }

    /// The same, of those findings alone that a filter lets pass. It looks at each finding of the import that is kept.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn findings_where(
        &self,
        id: ImportId,
        filter: &FindingFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Finding)>, StoreError> {
        const SELECT: &str = "SELECT f.n, f.finding FROM imports i JOIN findings f ON f.import = i.row_id
            WHERE i.id = ?1 AND f.n > ?2 ORDER BY f.n LIMIT ?3";
        // What a filter lets pass is known only when it was read.
        let read_max = if *filter == FindingFilter::default() { i64::from(limit) } else { i64::MAX };
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.db.read("read findings", |connection| {
            let mut findings = Vec::new();
            connection.visit(SELECT, values![id.0.as_bytes(), after, read_max], |row| {
                let (n, finding): (i64, String) = (row.get(0)?, row.get(1)?);
                let finding = serde_json::from_str(&finding)?;
                if findings.len() < limit as usize && filter.passes(&finding) {
                    findings.push((n.unsigned_abs(), finding));
                }
                Ok(if findings.len() < limit as usize { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?;
            Ok(findings)
        })
    }

    /// What the reader of an import's document did not know of it, in the order in which it was told. Empty also if there is no
    /// such import.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn unmapped(&self, id: ImportId) -> Result<Vec<UnmappedPath>, StoreError> {
        const SELECT: &str = "SELECT u.path, u.count FROM imports i JOIN unmapped u ON u.import = i.row_id
            WHERE i.id = ?1 ORDER BY u.n";
        self.db.read("read what was unmapped", |connection| {
            connection.query(SELECT, values![id.0.as_bytes()], |row| {
                Ok(UnmappedPath { path: with_nul(row, row.get(0)?), count: row.get::<i64>(1)?.unsigned_abs() })
            })
        })
    }
}

fn records(connection: &Connection, select: &str, values: &[Value<'_>]) -> Result<Vec<ImportRecord>, StoreError> {
    connection.query(select, values, |row| Ok(serde_json::from_str(&row.get::<String>(0)?)?))
}

/// The row that the next import gets.
pub(super) fn next_row(tx: &Connection) -> Result<i64, StoreError> {
    tx.query_one("SELECT coalesce(max(row_id), 0) + 1 FROM imports", &[], |row| row.get(0))
}

/// Writes the record, its findings with their number, and what was unmapped. `committed` is the time of the commit and the last `seq` it gave.
pub(super) fn insert_record(
    tx: &Connection,
    row: i64,
    record: &ImportRecord,
    committed: Option<(i64, i64)>,
    findings: &mut dyn Iterator<Item = Finding>,
) -> Result<(), StoreError> {
    const FINDING: &str = "findings (import, n, finding)";
    const RECORD: &str = "INSERT INTO imports (row_id, id, catalog, idempotency_key, committed_at, last_seq, record)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    refuse_repeat(tx, record)?;
    let mut findings_count = 0_u64;
    loop {
        let texts = (&mut *findings).take(ROWS_AT_ONCE).map(|finding| serde_json::to_string(&finding));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        if texts.is_empty() {
            break;
        }
        let numbered = (findings_count.cast_signed() + 1..).zip(&texts);
        tx.insert_all(FINDING, &numbered.map(|(n, text)| *values![row, n, text]).collect::<Vec<_>>())?;
        findings_count += texts.len() as u64;
    }
    insert_unmapped(tx, row, &record.unmapped)?;
    let record = ImportRecord { findings_count, ..record.clone() };
    let record_text = serde_json::to_string(&record)?;
    let values = values![
        row,
        record.id.0.as_bytes(),
        record.catalog.as_str(),
        &record.idempotency_key,
        committed.map(|(at, _)| at),
        committed.map(|(_, seq)| seq),
        &record_text,
    ];
    tx.execute(RECORD, values)?;
    Ok(())
}

fn insert_unmapped(tx: &Connection, row: i64, paths: &[UnmappedPath]) -> Result<(), StoreError> {
    const UNMAPPED: &str = "INSERT INTO unmapped (import, n, path, count) VALUES (?1, ?2, ?3, ?4)";
    for (n, unmapped) in (1_i64..).zip(paths) {
        let count = i64::try_from(unmapped.count).unwrap_or(i64::MAX);
        tx.execute(UNMAPPED, values![row, n, &unmapped.path, count])?;
    }
    Ok(())
}

fn refuse_repeat(tx: &Connection, record: &ImportRecord) -> Result<(), StoreError> {
    const SELECT: &str = "SELECT id = ?1 FROM imports WHERE id = ?1 OR (catalog = ?2 AND idempotency_key = ?3) LIMIT 1";
    let key = values![record.id.0.as_bytes(), record.catalog.as_str(), &record.idempotency_key];
    let same_id: Option<bool> = tx.query_opt(SELECT, key, |row| row.get(0))?;
    let what = match same_id {
        None => return Ok(()),
        Some(true) => format!("import {}", record.id),
        Some(false) => "an import with this idempotency key".to_owned(),
    };
    Err(StoreError::new(StoreErrorKind::AlreadyExists, "record an import", what))
}
