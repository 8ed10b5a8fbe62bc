//! The spine: one spooled document from its first byte to its commit. All control flow of an import is here.
//!
//! Two threads, one bounded channel: this one reads (transformer, rules, validation), the other stores. Memory is the
//! reader's depth, one record and a few batches, whatever the document's size.

use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::thread;

use plugpoint_config::Config;
use plugpoint_http::TenantRuntime;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::document::{Document, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_store::ImportRecord;

use super::findings::FindingsLog;
use super::progress::{CountedReader, Progress};
use super::record;
use super::sink::Intake;
use super::spool::{Spool, SpoolMeta, write_failed};
use super::store::Storing;

/// Messages that may wait between the two threads.
const BATCHES_AHEAD: usize = 4;

/// How a run ended, as far as the queue must know.
pub(crate) enum Ended {
    /// Succeeded or failed for good; the tenant's database says so.
    Recorded(Box<ImportRecord>),
    /// The server stops. Nothing changed; the next start takes the document up again.
    Stopped,
}

/// Imports one document: durable spool → transformer → item rules → validation → one atomic commit → outcome.
///
/// # Errors
/// Only what may pass: storage that is busy or full. Nothing was changed or recorded; the caller may run it again.
pub(crate) fn run_import(
    config: &Config,
    runtime: &TenantRuntime,
    spool: &Spool,
    meta: &SpoolMeta,
    progress: &Progress,
) -> Result<Ended, ApiError> {
    progress.restart();
    let started_at = record::now();
    let catalog = meta.catalog()?;
    let document = spool.open_document(meta).map_err(write_failed)?;
    let log = FindingsLog::create(&spool.dir(meta), config.limits.findings_kept_max).map_err(write_failed)?;
    let findings = Mutex::new(log);
    let mode = meta.mode.unwrap_or(ImportMode::Merge);
    let (to_store, inbox) = sync_channel(BATCHES_AHEAD);

    let (read, stored) = thread::scope(|scope| {
        let storing = Storing { db: &runtime.db, catalog: &catalog, findings: &findings, progress };
        let stored = scope.spawn(move || {
            storing.run(&inbox, |mode, format| {
                within_limit(progress.counts(), runtime.profile.limits.records_max)?;
                tolerated(progress.counts(), runtime.profile.catalog.rejected_share_max)?;
                record::succeeded(meta, started_at, mode, format, progress.counts())
            })
        });
        let mut intake = Intake::new(
            (&runtime.plan, &runtime.profile),
            (&findings, progress),
            to_store,
            meta.mode,
            config.imports.batch_items,
        );
        let mut source = CountedReader::new(document, progress);
        let read = read_document(config, runtime, meta, &mut source, &mut intake);
        drop(intake); // hangs up: without the word that the document was whole, nothing is committed
        (read, stored.join().unwrap_or_else(|_| Err(ApiError::new(&codes::INTERNAL, "the storing thread panicked"))))
    });

    let failure = match (read, stored) {
        (Ok(()), Ok(Some(record))) => return Ok(Ended::Recorded(Box::new(record))),
        (_, Err(error)) if error.code.is_passing() => return Err(error),
        (Err(TransformError::Io(error)), _) => return Err(write_failed(error)),
        (_, Err(error)) | (Err(TransformError::Document(error)), _) => error,
        (_, Ok(None)) if progress.is_stopping() => return Ok(Ended::Stopped),
        (_, Ok(_)) => ApiError::new(&codes::INTERNAL, "the import ended without a reason"),
    };
    let mut log = findings.into_inner().unwrap_or_else(PoisonError::into_inner);
    let record = record::failed(meta, started_at, mode, progress.counts(), &failure)?;
    runtime.db.record_failed(&record, &mut log.read().map_err(write_failed)?)?;
    Ok(Ended::Recorded(Box::new(record)))
}

/// Lets the tenant's transformer read the document into the intake.
fn read_document(
    config: &Config,
    runtime: &TenantRuntime,
    meta: &SpoolMeta,
    source: &mut CountedReader<'_, std::fs::File>,
    intake: &mut Intake<'_>,
) -> Result<(), TransformError> {
    let transformer = if meta.is_canonical { &runtime.plan.canonical } else { &runtime.plan.transformer };
    let (media_type, charset) = (meta.media_type.as_str(), meta.charset.as_deref());
    let (mode, profile, xml_limits) = (intake.mode, &runtime.profile, config.limits.xml());
    let mut document = Document { source, media_type, charset, mode, profile, xml_limits };
    transformer.timed(|transformer| transformer.transform(&mut document, intake))?;
    Ok(intake.finish()?)
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
