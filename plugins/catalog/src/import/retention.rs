//! Ends the keeping of documents: what the tenant's profile no longer wants kept leaves the spool.

use std::io;
use std::sync::{Arc, Weak};
use std::thread::Builder;
use std::time::Duration;

use plugpoint_sdk::error::ApiError;
use plugpoint_store::TenantState;

use super::desk::CatalogService;
use super::meta::SpoolMeta;
use super::record;

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// How often the thread looks whether the service is gone.
const TICK: Duration = Duration::from_secs(1);

/// Sweeps once at the start and then every hour, as long as the service lives.
pub(crate) fn start(service: &Arc<CatalogService>) -> io::Result<()> {
    let service = Arc::downgrade(service);
    Builder::new().name("spool-retention".to_owned()).spawn(move || watch(&service)).map(drop)
}

fn watch(service: &Weak<CatalogService>) {
    let mut since_sweep = INTERVAL;
    while let Some(service) = service.upgrade() {
        if since_sweep >= INTERVAL {
            sweep(&service);
            if let Err(error) = service.spool.sweep_bucket() {
                tracing::warn!(%error, "the bucket of the documents cannot be swept");
            }
            since_sweep = Duration::ZERO;
        }
        drop(service);
        std::thread::sleep(TICK);
        since_sweep += TICK;
    }
}

fn sweep(service: &CatalogService) {
    let documents = match service.spool.scan() {
        Ok(documents) => documents,
        Err(error) => return tracing::error!(%error, "the spool cannot be read"),
    };
    for meta in documents {
        match is_over(service, &meta) {
            Ok(None) => {}
            Ok(Some(false)) => {
                if let Err(error) = service.spool.lighten(&meta) {
                    tracing::warn!(import_id = %meta.id, %error, "the copy of a document cannot be removed");
                }
            }
            Ok(Some(true)) => match service.spool.remove(&meta) {
                Ok(()) => tracing::info!(import_id = %meta.id, tenant = meta.tenant, "document no longer kept"),
                Err(error) => tracing::error!(import_id = %meta.id, %error, "a document cannot be removed"),
            },
            Err(error) => {
                tracing::warn!(import_id = %meta.id, %error, "whether a document is still to be kept cannot be told")
            }
        }
    }
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
