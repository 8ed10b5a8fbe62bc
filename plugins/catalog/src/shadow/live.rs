//! Live trials: for a tenant with a candidate, each import is replayed by both plans after it has ended, and the report is
//! kept as evidence for `plugpoint promote`.
//!
//! One thread of the lowest priority does this for all tenants, so it takes time from no import. What it cannot do in time is
//! left out and said so; it never holds up an import.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::Builder;

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_store::TenantRow;

use super::{Selection, Shadow, ShadowReport, Side};
use crate::import::desk::CatalogService;
use crate::import::incoming::write_failed;

/// Finds what a tenant's candidate names; the server knows customers and can load libraries.
pub type Candidates = Arc<dyn Fn(&TenantRow, &str) -> Result<Side, ApiError> + Send + Sync>;

/// Imports that wait for their trial.
const WAITING_MAX: usize = 256;
/// Reports that are kept of one tenant.
const REPORTS_MAX: usize = 100;

/// The door to the trying thread.
pub(crate) struct Trials(SyncSender<(TenantId, ImportId)>);

impl Trials {
    /// Starts the thread. It ends with the service.
    pub(crate) fn start(service: &Arc<CatalogService>, candidates: Candidates) -> std::io::Result<Self> {
        let (sender, inbox) = sync_channel::<(TenantId, ImportId)>(WAITING_MAX);
        let service: Weak<CatalogService> = Arc::downgrade(service);
        Builder::new().name("shadow".to_owned()).spawn(move || {
            plugpoint_kernel::yield_to_others();
            for (tenant, import) in inbox {
                let Some(service) = service.upgrade() else { return };
                if let Err(error) = tried(&service, &candidates, &tenant, import) {
                    tracing::warn!(%tenant, import_id = %import, %error, "the candidate could not be tried");
                }
            }
        })?;
        Ok(Self(sender))
    }

    /// An import of the tenant has ended. Waits for nothing.
    pub(crate) fn ended(&self, tenant: &TenantId, import: ImportId) {
        if let Err(TrySendError::Full(_)) = self.0.try_send((tenant.clone(), import)) {
            tracing::warn!(%tenant, import_id = %import, "too many imports wait for their trial; the candidate is not tried on this one");
        }
    }
}

fn tried(
    service: &CatalogService,
    candidates: &Candidates,
    tenant: &TenantId,
    import: ImportId,
) -> Result<(), ApiError> {
    let platform = &service.platform;
    let Some(row) = platform.store().control().tenant(tenant)? else { return Ok(()) };
    let Some(candidate) = &row.candidate else { return Ok(()) };
    let runtime = platform.tenant(tenant)?;
    let shadow = Shadow {
        config: Arc::clone(platform.config()),
        data_dir: platform.data_dir(),
        store: platform.store(),
        tenant,
        today: Side {
            name: row.customer.clone().unwrap_or_else(|| "(generic)".to_owned()),
            plan: Arc::clone(&runtime.plan),
            profile: Arc::clone(&runtime.profile),
        },
        candidate: candidates(&row, candidate)?,
    };
    let report = shadow.run(&Selection::Imports(vec![import]), &mut |_, _, _| {})?;
    let (differing, share) = (report.items.differing(), report.share);
    tracing::info!(%tenant, import_id = %import, candidate, differing, share, "candidate tried");
    keep(platform.data_dir(), tenant, import, &report).map_err(write_failed)
}

fn folder(data_dir: &Path, tenant: &TenantId) -> PathBuf {
    data_dir.join("shadow").join(tenant.as_str())
}

fn keep(data_dir: &Path, tenant: &TenantId, import: ImportId, report: &ShadowReport) -> std::io::Result<()> {
    let folder = folder(data_dir, tenant);
    fs::create_dir_all(&folder)?;
    let (part, file) = (folder.join(format!("{import}.part")), folder.join(format!("{import}.json")));
    fs::write(&part, serde_json::to_vec_pretty(report)?)?;
    fs::rename(part, file)?;
    let files = files(&folder)?;
    files.iter().take(files.len().saturating_sub(REPORTS_MAX)).try_for_each(fs::remove_file)
}

/// The reports of a tenant, oldest first.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort(); // an import's id begins with its time
    Ok(files)
}

/// What the trials of a tenant's candidate have found, oldest first. Reports of an earlier candidate are left out.
///
/// # Errors
/// The reports cannot be read.
pub fn evidence(data_dir: &Path, tenant: &TenantId, candidate: &str) -> Result<Vec<ShadowReport>, ApiError> {
    let mut reports = Vec::new();
    for file in files(&folder(data_dir, tenant)).map_err(write_failed)? {
        let text = fs::read(&file).map_err(write_failed)?;
        let report: ShadowReport = serde_json::from_slice(&text).map_err(|error| write_failed(error.into()))?;
        if report.candidate.name == candidate {
            reports.push(report);
        }
    }
    Ok(reports)
}
