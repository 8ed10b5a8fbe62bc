//! What is written down about an import when it ends, and how an import is told to callers while it runs and after.

use plugpoint_sdk::desk::{ImportCounts, ImportStatus, ImportView};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{ImportFailure, ImportRecord};

use super::job::Job;
use super::meta::SpoolMeta;

/// The present moment; the one place of the import that asks the clock.
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now())
}

/// The record of an import that is about to be committed.
pub(crate) fn succeeded(
    meta: &SpoolMeta,
    started_at: Timestamp,
    mode: ImportMode,
    format: Option<String>,
    counts: ImportCounts,
) -> Result<ImportRecord, ApiError> {
    Ok(ImportRecord { format, ..ended(meta, started_at, mode, counts, ImportStatus::Succeeded)? })
}

/// The record of an import that changes nothing.
pub(crate) fn failed(
    meta: &SpoolMeta,
    started_at: Timestamp,
    mode: ImportMode,
    counts: ImportCounts,
    error: &ApiError,
) -> Result<ImportRecord, ApiError> {
    let failure = ImportFailure { code: error.code.name.to_owned(), detail: error.detail.clone() };
    Ok(ImportRecord { error: Some(failure), ..ended(meta, started_at, mode, counts, ImportStatus::Failed)? })
}

fn ended(
    meta: &SpoolMeta,
    started_at: Timestamp,
    mode: ImportMode,
    counts: ImportCounts,
    status: ImportStatus,
) -> Result<ImportRecord, ApiError> {
    Ok(ImportRecord {
        id: meta.id,
        catalog: meta.catalog()?,
        mode,
        status,
        idempotency_key: meta.idempotency_key.clone(),
        document_hash: meta.document_hash.clone(),
        bytes: meta.bytes,
        media_type: meta.media_type.clone(),
        format: None,
        counts,
        error: None,
        findings_count: 0,
        unmapped: Vec::new(),
        created_at: meta.created_at,
        // One that was imported while it arrived had begun before.
        started_at: Some(started_at.max(meta.created_at)),
        finished_at: Some(now()),
        request_id: Some(meta.request_id.clone()),
        key_id: None,
    })
}

/// An import that has ended.
pub(crate) fn view(record: ImportRecord) -> ImportView {
    ImportView {
        id: record.id,
        catalog: record.catalog.to_string(),
        status: record.status,
        mode: record.mode,
        counts: record.counts,
        progress: 1.0,
        records_per_second: None,
        seconds_left: None,
        error: record.error.map(|error| (error.code, error.detail)),
        created_at: record.created_at.to_string(),
        started_at: record.started_at.map(|at| at.to_string()),
        finished_at: record.finished_at.map(|at| at.to_string()),
        findings_count: record.findings_count,
    }
}

/// An import that has not ended.
#[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
pub(crate) fn view_of_job(job: &Job) -> ImportView {
    let state = job.state();
    let counts = job.progress.counts();
    let seconds =
        state.started_at.map(|at| now().0.duration_since(at.0).as_secs_f64()).filter(|seconds| *seconds > 0.0);
    let share = job.progress.share();
    ImportView {
        id: job.meta().id,
        catalog: job.meta().catalog.clone(),
        status: state.status,
        mode: job.meta().mode.unwrap_or(ImportMode::Merge),
        counts,
        progress: share,
        records_per_second: seconds.map(|seconds| counts.read as f64 / seconds),
        seconds_left: seconds.filter(|_| share > 0.0).map(|seconds| seconds * (1.0 - share) / share),
        error: None,
        created_at: job.meta().created_at.to_string(),
        started_at: state.started_at.map(|at| at.max(job.meta().created_at).to_string()),
        finished_at: None,
        findings_count: 0,
    }
}
