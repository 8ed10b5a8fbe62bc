//! What a backup says about itself. Whatever it names is checked before anything of it is believed.

use std::fs;
use std::path::{Component, Path};

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{CatalogFacts, TENANT_SCHEMA};
use serde::{Deserialize, Serialize};

use super::refused;

pub(super) const MANIFEST: &str = "manifest.json";
/// The BLAKE3 of the manifest, in hex: a manifest that was cut or changed would otherwise be believed.
pub(super) const MANIFEST_HASH: &str = "manifest.b3";
const FORMAT: &str = "plugpoint-backup";
/// The number of this form of a backup.
const VERSION: u32 = 1;
/// The largest manifest: some ten million files.
const MANIFEST_BYTES_MAX: u64 = 4 << 30;

/// A backup's own description.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    version: u32,
    /// The release that wrote it.
    pub release: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The number of the structure of tenants' databases.
    pub tenant_schema: u32,
    /// Its tenants.
    pub tenants: Vec<TenantEntry>,
    /// Every file but the manifest's own two.
    pub(super) files: Vec<FileEntry>,
}

/// What a backup has of one tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TenantEntry {
    /// Its name.
    pub tenant: TenantId,
    /// When its database was copied.
    pub copied_at: Timestamp,
    /// Its credentials.
    pub credentials: u64,
    /// Its catalogs, as the rows have them.
    pub catalogs: Vec<CatalogFacts>,
    /// Documents that were acknowledged and not imported.
    pub documents_waiting: u64,
    /// Documents that were imported and are kept.
    pub documents_kept: u64,
    /// Bytes of all its files.
    pub bytes: u64,
}

/// One file of a backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FileEntry {
    /// Below the backup's folder.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) blake3: String,
}

impl Manifest {
    pub(super) fn new(created_at: Timestamp, tenants: Vec<TenantEntry>, files: Vec<FileEntry>) -> Self {
        let release = env!("CARGO_PKG_VERSION").to_owned();
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            release,
            created_at,
            tenant_schema: TENANT_SCHEMA,
            tenants,
            files,
        }
    }

    /// The manifest of a folder.
    ///
    /// # Errors
    /// `backup_invalid` for a folder that is no backup, is damaged, or was written by a newer release.
    pub(super) fn read(folder: &Path) -> Result<Self, ApiError> {
        let foreign =
            |error: std::io::Error| refused(format!("{} is no backup: {MANIFEST}: {error}", folder.display()));
        let bytes = fs::metadata(folder.join(MANIFEST)).map_err(foreign)?.len();
        if bytes > MANIFEST_BYTES_MAX {
            return Err(refused(format!("{MANIFEST} has {bytes} bytes, at most {MANIFEST_BYTES_MAX} are read")));
        }
        let text = fs::read(folder.join(MANIFEST)).map_err(foreign)?;
        // What a newer release says is not held against what this one knows.
        let head: Head =
            serde_json::from_slice(&text).map_err(|error| refused(format!("{MANIFEST} cannot be read: {error}")))?;
        if head.format != FORMAT {
            return Err(refused(format!("{} is no backup of Plugpoint", folder.display())));
        }
        if head.version > VERSION || head.tenant_schema > TENANT_SCHEMA {
            let detail =
                format!("the backup was written by a newer release ({}); restore it with that one", head.release);
            return Err(refused(detail));
        }
        let expected = fs::read_to_string(folder.join(MANIFEST_HASH));
        let expected =
            expected.map_err(|error| refused(format!("the backup is not complete: {MANIFEST_HASH}: {error}")))?;
        if expected.trim() != blake3::hash(&text).to_hex().as_str() {
            return Err(refused(format!("{MANIFEST} was changed after the backup was written")));
        }
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| refused(format!("{MANIFEST} cannot be read: {error}")))?;
        manifest.is_sound()?;
        Ok(manifest)
    }

    /// No path leads out of the folder, none is named twice, each is some tenant's.
    fn is_sound(&self) -> Result<(), ApiError> {
        let mut seen = std::collections::HashSet::new();
        for FileEntry { path, .. } in &self.files {
            let parts = Path::new(path).components();
            let is_plain = parts.clone().all(|part| matches!(part, Component::Normal(_))) && parts.count() > 1;
            let is_ones = self.tenants.iter().any(|entry| is_of(path, &entry.tenant));
            if !is_plain || !is_ones || !seen.insert(path) {
                return Err(refused(format!("{MANIFEST} names a file that no backup has: {path:?}")));
            }
        }
        if let Some(entry) = self.tenants.iter().find(|entry| entry.tenant.as_str().parse::<TenantId>().is_err()) {
            return Err(refused(format!("{MANIFEST} names a tenant that cannot be: {:?}", entry.tenant.as_str())));
        }
        let mut names = std::collections::HashSet::new();
        match self.tenants.iter().find(|entry| !names.insert(&entry.tenant)) {
            Some(entry) => Err(refused(format!("{MANIFEST} names tenant {} twice", entry.tenant))),
            None => Ok(()),
        }
    }

    /// The files of one tenant.
    pub(super) fn files_of<'a>(&'a self, tenant: &'a TenantId) -> impl Iterator<Item = &'a FileEntry> {
        self.files.iter().filter(move |entry| is_of(&entry.path, tenant))
    }
}

fn is_of(path: &str, tenant: &TenantId) -> bool {
    path.strip_prefix(tenant.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

/// What every version says.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
    #[serde(default)]
    release: String,
    #[serde(default)]
    tenant_schema: u32,
}
