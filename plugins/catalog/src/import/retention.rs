//! Ends the keeping of documents: what the tenant's profile no longer wants kept leaves the spool.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_store::TenantState;

use super::desk::CatalogService;
use super::meta::SpoolMeta;
use super::record;

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// What a sweep has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Swept {
    /// Documents that were looked at.
    pub(crate) looked_at: u64,
    /// Those that are no longer kept.
    pub(crate) removed: u64,
    /// Those of which something could not be told or done; the log says what.
    pub(crate) failed: u64,
}

/// Removes what is no longer to be kept. `tell` is told how many of how many were looked at, and says whether to go on.
///
/// # Errors
/// `internal` if the spool cannot be read; what `tell` says.
pub(crate) fn sweep<E: From<ApiError>>(
    service: &CatalogService,
    tell: &mut dyn FnMut(usize, usize) -> Result<(), E>,
) -> Result<Swept, E> {
    let unreadable = |error| ApiError::new(&codes::INTERNAL, "the spool cannot be read").caused_by(error);
    let documents = service.spool.scan().map_err(unreadable)?;
    let (mut swept, of) = (Swept::default(), documents.len());
    for meta in documents {
        tell(usize::try_from(swept.looked_at).unwrap_or(of), of)?;
        swept.looked_at += 1;
        match sweep_one(service, &meta) {
            Ok(is_removed) => swept.removed += u64::from(is_removed),
            Err(error) => {
                swept.failed += 1;
                tracing::warn!(import_id = %meta.id, %error, "whether a document is kept on cannot be told, or not be done");
            }
        }
    }
    let unswept =
        |error| ApiError::new(&codes::INTERNAL, "the bucket of the documents cannot be swept").caused_by(error);
    service.spool.sweep_bucket().map_err(unswept)?;
    Ok(swept)
}

/// True if the document was removed.
fn sweep_one(service: &CatalogService, meta: &SpoolMeta) -> Result<bool, ApiError> {
    let failed = |error| ApiError::new(&codes::INTERNAL, "a document cannot be removed").caused_by(error);
    match is_over(service, meta)? {
        None => {}
        Some(false) => service.spool.lighten(meta).map_err(failed)?,
        Some(true) => {
            service.spool.remove(meta).map_err(failed)?;
            tracing::info!(import_id = %meta.id, tenant = meta.tenant, "document no longer kept");
            return Ok(true);
        }
    }
    Ok(false)
}

/// Only a document whose import has ended, and so many days ago as the profile says, may go. None if it has not ended.
fn is_over(service: &CatalogService, meta: &SpoolMeta) -> Result<Option<bool>, ApiError> {
    let tenant = meta.tenant()?;
    // Of a tenant that is not served nothing changes.
    if service.platform.store().control().tenant(&tenant)?.is_none_or(|row| row.state != TenantState::Active) {
        return Ok(None);
    }
    let runtime = service.platform.tenant(&tenant)?;
    let Some(finished_at) = runtime.db.import(meta.id)?.and_then(|record| record.finished_at) else { return Ok(None) };
    let age_s = record::now().0.duration_since(finished_at.0).as_secs();
    Ok(Some(age_s >= i64::from(runtime.profile.catalog.retention_days) * SECONDS_PER_DAY))
}
