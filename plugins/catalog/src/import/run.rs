//! The spine: one spooled document from its first byte to its commit. All control flow of an import is here.
//!
//! Two threads, one bounded channel: one reads (transformer, rules, validation), this one stores and watches. Memory is the
//! reader's depth, one record and a few batches, whatever the document's size.

use std::io::Read;
use std::path::PathBuf;
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use plugpoint_config::Config;
use plugpoint_http::TenantRuntime;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportMode};
use plugpoint_store::ImportRecord;

use super::arrival::Tail;
use super::findings::FindingsLog;
use super::incoming::write_failed;
use super::job::Job;
use super::reading::{Reading, Slow};
use super::recall::Basis;
use super::record;
use super::sink::Storage;
use super::spool::Spool;
use super::store::{Storing, Unstored};

/// Messages that may wait between the two threads.
const BATCHES_AHEAD: usize = 4;

/// One import and all that it needs. Owned, because a hook that does not return keeps its share of it.
#[derive(Clone)]
pub(crate) struct Import {
    /// The server's configuration.
    pub(crate) config: Arc<Config>,
    /// The tenant: plan, profile, database, threads.
    pub(crate) runtime: Arc<TenantRuntime>,
    /// Where the document lies.
    pub(crate) spool: Spool,
    /// The document, and how far it is.
    pub(crate) job: Arc<Job>,
    /// It goes behind the imports of others from the start.
    pub(crate) is_patient: bool,
}

/// How a run ended, as far as the queue must know.
pub(crate) enum Ended {
    /// Succeeded or failed for good; the tenant's database says so.
    Recorded(Box<ImportRecord>),
    /// The server stops. Nothing changed; the next start takes the document up again.
    Stopped,
    /// The document was still arriving. Nothing changed; it is imported when its turn comes.
    GaveWay,
}

/// Imports one document: durable spool → transformer → item rules → validation → one atomic commit → outcome. `on_slow` is
/// called when a hook keeps it waiting, or it takes long, so that another import may run meanwhile.
///
/// # Errors
/// Only what may pass: storage that is busy or full. Nothing was changed or recorded; the caller may run it again.
pub(crate) fn run_import(import: &Import, on_slow: &dyn Fn(Slow)) -> Result<Ended, ApiError> {
    let catalog = import.job.meta().catalog()?;
    let basis = Basis::of(import, &catalog)?;
    if let Some(ended) = try_import(import, &catalog, basis, on_slow)? {
        return Ok(ended);
    }
    let without = basis.map(|basis| Basis { recall: None, ..basis });
    let ended = try_import(import, &catalog, without, on_slow)?;
    ended.ok_or_else(|| ApiError::new(&codes::INTERNAL, "an import that recalls nothing was misled by its memory"))
}

/// One run. None, and nothing has changed, if what it was to recall does not hold.
fn try_import(
    import: &Import,
    catalog: &CatalogId,
    basis: Option<Basis>,
    on_slow: &dyn Fn(Slow),
) -> Result<Option<Ended>, ApiError> {
    let Import { config, runtime, spool, job, .. } = import;
    let progress = &job.progress;
    progress.restart();
    let started_at = record::now();
    let (document, dir) = opened(spool, job).map_err(write_failed)?;
    let log = FindingsLog::create(&dir, config.limits.findings_kept_max).map_err(write_failed)?;
    let findings = Arc::new(Mutex::new(log));
    let mode = job.meta().mode.unwrap_or(ImportMode::Merge);
    let (batches, inbox) = sync_channel(BATCHES_AHEAD);
    let (stored, given_back) = channel();
    let to_store = Storage { batches, stored: given_back };

    let mut reading = Reading::start(import, document, &findings, (to_store, basis), on_slow)?;
    let share_places = &|| spool.share_places(job.meta());
    let storing = Storing { db: &runtime.db, catalog, findings: &findings, progress, basis, stored, share_places };
    let stored = storing.run(&inbox, &mut reading, |mode, format| {
        acknowledged(import, &findings)?;
        within_limit(progress.counts(), runtime.profile.limits.records_max)?;
        tolerated(progress.counts(), runtime.profile.catalog.rejected_share_max)?;
        record::succeeded(job.meta(), started_at, mode, format, progress.counts())
    });
    drop(inbox); // hangs up: a reader that still brings something is told to stop
    let read = reading.end();

    let stored = match stored {
        Ok(Some(record)) => return Ok(Some(Ended::Recorded(Box::new(record)))),
        Ok(None) => Ok(()),
        Err(Unstored::Misremembered) => return Ok(None),
        Err(Unstored::Failed(error)) => Err(error),
    };
    // What is wrong with a document is not told before it is acknowledged.
    if acknowledged(import, &findings).is_err() {
        return Ok(Some(Ended::GaveWay));
    }
    let failure = match (read, stored) {
        _ if progress.is_cancelled() => cancelled(),
        (_, Err(_)) if progress.is_stopping() => return Ok(Some(Ended::Stopped)),
        (_, Err(error)) if error.code.is_passing() => return Err(error),
        (Err(TransformError::Io(error)), _) => return Err(write_failed(error)),
        (_, Err(error)) | (Err(TransformError::Document(error)), _) => error,
        (_, Ok(())) if progress.is_stopping() => return Ok(Some(Ended::Stopped)),
        (_, Ok(())) => ApiError::new(&codes::INTERNAL, "the import ended without a reason"),
    };
    let mut log = findings.lock().unwrap_or_else(PoisonError::into_inner);
    let unmapped = log.take_unmapped();
    let record =
        ImportRecord { unmapped, ..record::failed(job.meta(), started_at, mode, progress.counts(), &failure)? };
    runtime.db.record_failed(&record, &mut log.read().map_err(write_failed)?)?;
    Ok(Some(Ended::Recorded(Box::new(record))))
}

/// Why an import failed whose end somebody asked for.
pub(crate) fn cancelled() -> ApiError {
    ApiError::new(&codes::IMPORT_CANCELLED, "the import was cancelled; nothing was changed")
}

/// The document from its first byte, and the folder in which it lies now.
fn opened(spool: &Spool, job: &Job) -> std::io::Result<(Box<dyn Read + Send>, PathBuf)> {
    match &job.arrival {
        Some(arrival) if !arrival.is_acknowledged() => Ok((Box::new(Tail::open(arrival)?), arrival.part.clone())),
        _ => Ok((Box::new(spool.open_document(job.meta())?), spool.dir(job.meta()))),
    }
}

/// Waits until a document that was arriving is safe; its folder has its name from then on.
///
/// # Errors
/// The run has to give way.
fn acknowledged(import: &Import, findings: &Mutex<FindingsLog>) -> Result<(), ApiError> {
    let Some(arrival) = &import.job.arrival else { return Ok(()) };
    if !arrival.wait_acknowledged() {
        return Err(ApiError::new(&codes::UNAVAILABLE, "the import of a document that still arrives gave way"));
    }
    let dir = import.spool.dir(import.job.meta());
    findings.lock().unwrap_or_else(PoisonError::into_inner).rejected.moved(&dir);
    Ok(())
}

/// The tenant's own bound. What the document did until then is rolled back with it.
fn within_limit(counts: ImportCounts, records_max: u64) -> Result<(), ApiError> {
    if counts.read <= records_max {
        return Ok(());
    }
    let detail =
        format!("the document has {} records, the profile allows {records_max}; nothing was changed", counts.read);
    Err(ApiError::new(&codes::LIMIT_EXCEEDED, detail))
}

/// The one rule about the document as a whole: too many refused records, and nothing changes.
#[expect(clippy::cast_precision_loss, reason = "a share needs no more than 52 bits")]
fn tolerated(counts: ImportCounts, rejected_share_max: f64) -> Result<(), ApiError> {
    let ImportCounts { read, rejected, .. } = counts;
    if rejected == 0 || rejected as f64 <= read as f64 * rejected_share_max {
        return Ok(());
    }
    let tolerated = rejected_share_max * 100.0;
    let detail =
        format!("{rejected} of {read} records were rejected, the profile tolerates {tolerated} %; nothing was changed");
    Err(ApiError::new(&codes::TOO_MANY_REJECTED, detail))
}
