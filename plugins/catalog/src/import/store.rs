//! The storing side of an import: takes batches into one transaction, and commits or rolls back as a whole.
//!
//! It runs beside the reading thread so that parsing and storing each have a core. Nobody else sees a row before the commit,
//! and there is none unless the reading thread says that the document was whole.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};

use plugpoint_sdk::codes::finding as code;
use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, Finding, ImportMode, ItemPatch};
use plugpoint_store::{ImportRecord, ImportTx, Patched, PreparedItem, TenantDb, Upserted};

use super::findings::FindingsLog;
use super::progress::Progress;
use super::reading::{LOOK_INTERVAL, Reading};
use super::recall::Basis;
use super::sink::{Record, ToStore};

/// What the storing thread works on.
pub(crate) struct Storing<'a> {
    /// The tenant's database.
    pub(crate) db: &'a TenantDb,
    /// The catalog that changes.
    pub(crate) catalog: &'a CatalogId,
    /// Findings of both threads.
    pub(crate) findings: &'a Mutex<FindingsLog>,
    /// Counters of both threads.
    pub(crate) progress: &'a Progress,
    /// What the reading thread relies on.
    pub(crate) basis: Option<Basis>,
    /// Where rows go back to whoever made them.
    pub(crate) stored: Sender<Vec<PreparedItem>>,
    /// Makes what lies beside the document everybody's, before the import is committed.
    pub(crate) share_places: &'a dyn Fn() -> std::io::Result<()>,
}

/// Why nothing was stored.
pub(crate) enum Unstored {
    /// What was recalled does not hold: each record has to be read.
    Misremembered,
    /// Something else.
    Failed(ApiError),
}

impl<E: Into<ApiError>> From<E> for Unstored {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Storing<'_> {
    /// Applies batches until the reading thread says that the document is whole; then `conclude` either gives the record to
    /// commit with or the reason not to. `None` when the reading thread hung up before that: nothing was changed. While
    /// nothing comes, the reading thread is watched.
    pub(crate) fn run(
        &self,
        inbox: &Receiver<ToStore>,
        reading: &mut Reading<'_>,
        conclude: impl Fn(ImportMode, Option<String>) -> Result<ImportRecord, ApiError>,
    ) -> Result<Option<ImportRecord>, Unstored> {
        let mut open = None;
        loop {
            let message = match inbox.recv_timeout(LOOK_INTERVAL) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => {
                    reading.look()?;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            };
            reading.brought();
            match message {
                ToStore::Batch { mode, records } => {
                    let tx = match &mut open {
                        Some(tx) => tx,
                        None => open.insert(self.begin(mode)?),
                    };
                    tx.expect(records.iter().filter_map(|record| match record {
                        Record::Upsert(item, _) => Some(item.sku.as_str()),
                        _ => None,
                    }))?;
                    let mut stored = Vec::with_capacity(records.len());
                    for record in records {
                        stored.extend(self.apply(tx, record)?);
                    }
                    tx.within_quota()?;
                    // A reader that has ended needs none.
                    let _ = self.stored.send(stored);
                }
                ToStore::Whole { mode, format } => {
                    let tx = match open {
                        Some(tx) => tx,
                        None => self.begin(mode)?,
                    };
                    let record = conclude(mode, format)?;
                    return Ok(Some(self.commit(tx, record)?));
                }
            }
        }
    }

    /// From here on nobody else changes the catalog; whether somebody has since it was looked at, is seen now.
    fn begin(&self, mode: ImportMode) -> Result<ImportTx<'_>, Unstored> {
        let mut tx = self.db.begin_import(self.catalog, mode)?;
        if let Some(basis) = self.basis {
            if basis.recall.is_some_and(|recall| !tx.holds(recall)) {
                return Err(Unstored::Misremembered);
            }
            tx.remember_as(basis.how)?;
        }
        Ok(tx)
    }

    fn commit(&self, tx: ImportTx<'_>, mut record: ImportRecord) -> Result<ImportRecord, ApiError> {
        let mut log = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        record.unmapped = log.take_unmapped();
        log.rejected.seal().and_then(|()| (self.share_places)()).map_err(super::incoming::write_failed)?;
        let mut kept = log.read().map_err(super::incoming::write_failed)?;
        let stored = tx.commit(&record, &mut kept)?;
        record.counts = ImportCounts {
            read: record.counts.read,
            accepted: record.counts.accepted,
            rejected: record.counts.rejected,
            ..stored
        };
        Ok(record)
    }

    /// Gives a row back whose memory can be used again.
    fn apply(&self, tx: &mut ImportTx<'_>, record: Record) -> Result<Option<PreparedItem>, Unstored> {
        match record {
            Record::Upsert(item, fingerprint) => {
                self.upserted(tx.upsert_record(&item, fingerprint.as_ref())?, &item.sku, item.line)?;
                return Ok(Some(item));
            }
            Record::Recalled(row, fingerprint) => {
                if !tx.confirm(row, &fingerprint)? {
                    return Err(Unstored::Misremembered);
                }
            }
            Record::Complete(item, line, keeps, merges) => {
                let sku = item.sku.clone();
                let upserted = tx.complete(*item, line, keeps, merges)?;
                // A second change of an item does not undo the first.
                if merges.is_none() {
                    self.upserted(upserted, &sku, line)?;
                }
            }
            Record::Patch(patch) => self.apply_patch(tx, patch)?,
            Record::Delete(sku, position) => {
                if !tx.delete(&sku)? {
                    let message = format!("item {sku} is not there, so it could not be removed");
                    self.report(&Finding::warning(code::SKU_UNKNOWN, message).sku(sku).at(position))?;
                }
            }
            Record::Keep(sku) => tx.keep(&sku)?,
        }
        Ok(None)
    }

    fn upserted(&self, upserted: Upserted, sku: &str, line: u64) -> Result<(), ApiError> {
        if upserted != Upserted::Duplicate {
            return Ok(());
        }
        let message = format!("item {sku} occurs more than once; the record at line {line} wins");
        let mut finding = Finding::warning(code::SKU_DUPLICATE, message).sku(sku);
        finding.line = (line > 0).then_some(line);
        self.report(&finding)
    }

    fn apply_patch(&self, tx: &mut ImportTx<'_>, patch: ItemPatch) -> Result<(), ApiError> {
        let ItemPatch { sku, ops, position, is_record } = patch;
        let refusals = match tx.patch(&sku, &ops, is_record)? {
            Patched::Changed | Patched::Unchanged => return Ok(()),
            Patched::Invalid(findings) => findings,
            Patched::Unknown => {
                let message = format!("item {sku} is not there, so it could not be completed");
                let finding = if is_record { Finding::error } else { Finding::warning };
                vec![finding(code::SKU_UNKNOWN, message)]
            }
        };
        if is_record {
            self.progress.refuse_accepted();
            let mut log = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
            log.rejected.add(position).map_err(super::incoming::write_failed)?;
        }
        refusals.into_iter().try_for_each(|finding| self.report(&finding.sku(sku.as_str()).at(position)))
    }

    fn report(&self, finding: &Finding) -> Result<(), ApiError> {
        let mut log = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        log.add(finding).map_err(super::incoming::write_failed)
    }
}
