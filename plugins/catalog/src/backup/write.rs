//! Takes a backup. It has its name once it is whole and on disk; until then it lies beside it, and goes when something fails.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_store::{DatabaseCopy, DatabaseFacts, Store};

use super::manifest::{FileEntry, MANIFEST, MANIFEST_HASH, Manifest, TenantEntry};
use super::{failed, files, refused};
use crate::import::bucket::MARK;
use crate::import::meta::SpoolMeta;
use crate::import::record::now;
use crate::import::spool::Spool;

/// How often a tenant is begun anew whose documents are forgotten while it is copied.
const ATTEMPTS_MAX: usize = 5;

/// Writes a backup of these tenants into a folder that is not there yet. `tell` is told of each tenant, with how many there are.
///
/// # Errors
/// `backup_invalid` for a folder that is there; `not_found` for a tenant; those of the storage. Nothing is left then.
pub fn write(
    store: &Store,
    tenants: &[TenantId],
    to: &Path,
    tell: &mut dyn FnMut(usize, usize, &TenantId),
) -> Result<Manifest, ApiError> {
    if to.exists() {
        return Err(refused(format!("{} is there already; name a folder that is not", to.display())));
    }
    let part = beside(to)?;
    let written = Writing { store, folder: &part, files: Vec::new() }.run(tenants, to, tell);
    if written.is_err() {
        // What cannot be removed has no name of a backup.
        let _ = files::remove(&part);
    }
    written
}

/// The folder until it is whole. One that a killed command left is of no use to anybody.
fn beside(to: &Path) -> Result<PathBuf, ApiError> {
    let name = to.file_name().ok_or_else(|| refused(format!("{} is no name for a folder", to.display())))?;
    let mut part = name.to_owned();
    part.push(".part");
    let part = to.with_file_name(part);
    files::remove(&part)
        .and_then(|()| files::create_folder(&part))
        .map_err(|error| failed("the backup's folder", error))?;
    Ok(part)
}

struct Writing<'a> {
    store: &'a Store,
    folder: &'a Path,
    files: Vec<FileEntry>,
}

impl Writing<'_> {
    fn run(
        mut self,
        tenants: &[TenantId],
        to: &Path,
        tell: &mut dyn FnMut(usize, usize, &TenantId),
    ) -> Result<Manifest, ApiError> {
        let (created_at, mut entries) = (now(), Vec::new());
        for (done, tenant) in tenants.iter().enumerate() {
            tell(done, tenants.len(), tenant);
            entries.push(self.tenant(tenant)?);
            // A fleet of thousands would otherwise need as many files open.
            if let Some(db) = self.store.let_go(tenant) {
                db.close();
            }
        }
        let manifest = Manifest::new(created_at, entries, self.files);
        let about = |error| failed(MANIFEST, error);
        let text = serde_json::to_vec_pretty(&manifest).map_err(|error| about(error.into()))?;
        let hash = format!("{}\n", blake3::hash(&text).to_hex());
        files::write_new(&self.folder.join(MANIFEST), &text)
            .and_then(|()| files::write_new(&self.folder.join(MANIFEST_HASH), hash.as_bytes()))
            .and_then(|()| files::sync_folder(self.folder))
            .and_then(|()| fs::rename(self.folder, to))
            .and_then(|()| to.parent().filter(|it| !it.as_os_str().is_empty()).map_or(Ok(()), files::sync_folder))
            .map_err(about)?;
        Ok(manifest)
    }

    fn tenant(&mut self, tenant: &TenantId) -> Result<TenantEntry, ApiError> {
        let count = self.files.len();
        for _ in 0..ATTEMPTS_MAX {
            if let Some(entry) = self.attempt(tenant)? {
                return Ok(entry);
            }
            self.files.truncate(count);
            files::remove(&self.folder.join(tenant.as_str()))
                .map_err(|error| failed("a folder of the backup", error))?;
        }
        let detail = format!(
            "documents of tenant {tenant} are forgotten faster than they can be copied; keep them longer (retention_days)"
        );
        Err(ApiError::new(&codes::UNAVAILABLE, detail))
    }

    /// One tenant; none if a document went that the copy of the database does not know as imported.
    fn attempt(&mut self, tenant: &TenantId) -> Result<Option<TenantEntry>, ApiError> {
        let (spool, count) = (Spool::of(self.store), self.files.len());
        let documents = || spool.scan_tenant(tenant.as_str()).map_err(|error| failed("the spool", error));
        let before: HashSet<ImportId> = documents()?.iter().map(|meta| meta.id).collect();
        let (copied_at, portrait) = (now(), self.store.control().portrait(tenant)?);
        let (copy, facts) = self.database(tenant)?;
        let after = documents()?;
        let there: HashSet<ImportId> = after.iter().map(|meta| meta.id).collect();
        for gone in before.difference(&there) {
            if !copy.has_ended(*gone)? {
                return Ok(None);
            }
        }
        let (mut waiting, mut kept) = (0, 0);
        for meta in &after {
            let has_ended = copy.has_ended(meta.id)?;
            match self.document(&spool, meta, has_ended) {
                Ok(()) if has_ended => kept += 1,
                Ok(()) => waiting += 1,
                Err(error) if error.kind() == ErrorKind::NotFound && has_ended => self.forget(meta)?,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(failed("a document", error)),
            }
        }
        let text = serde_json::to_vec_pretty(&portrait).map_err(|error| failed("tenant.json", error.into()))?;
        self.add(&format!("{tenant}/tenant.json"), |to| {
            files::write_new(to, &text)?;
            files::hash(to)
        })
        .map_err(|error| failed("tenant.json", error))?;
        let bytes = self.files[count..].iter().map(|file| file.bytes).sum();
        let (credentials, catalogs) = (portrait.credentials.len() as u64, facts.catalogs);
        let tenant = tenant.clone();
        Ok(Some(TenantEntry {
            tenant,
            copied_at,
            credentials,
            catalogs,
            documents_waiting: waiting,
            documents_kept: kept,
            bytes,
        }))
    }

    fn database(&mut self, tenant: &TenantId) -> Result<(DatabaseCopy, DatabaseFacts), ApiError> {
        let path = format!("{tenant}/catalog.db");
        let file = self.folder.join(&path);
        self.store.copy_database(tenant, &file)?;
        let synced = fs::File::open(&file).and_then(|file| file.sync_all());
        synced.and_then(|()| self.add(&path, files::hash)).map_err(|error| failed("the copy of a database", error))?;
        let copy = DatabaseCopy::open(&file)?;
        let facts = copy.facts()?;
        Ok((copy, facts))
    }

    /// A document with what its import has left beside it. What lies beside one that waits is its next run's.
    fn document(&mut self, spool: &Spool, meta: &SpoolMeta, has_ended: bool) -> std::io::Result<()> {
        spool.bring(meta)?;
        for entry in fs::read_dir(spool.dir(meta))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_file()
                && name != MARK
                && (has_ended || ["document", "meta.json"].contains(&name.as_str()))
            {
                let path = format!("{}/spool/{}/{name}", meta.tenant, meta.id);
                self.add(&path, |to| files::copy(&entry.path(), to))?;
            }
        }
        Ok(())
    }

    /// Takes back what was copied of a document that went meanwhile.
    fn forget(&mut self, meta: &SpoolMeta) -> Result<(), ApiError> {
        let path = format!("{}/spool/{}/", meta.tenant, meta.id);
        self.files.retain(|file| !file.path.starts_with(&path));
        files::remove(&self.folder.join(path)).map_err(|error| failed("a folder of the backup", error))
    }

    fn add(&mut self, path: &str, make: impl FnOnce(&Path) -> std::io::Result<(u64, String)>) -> std::io::Result<()> {
        let (bytes, blake3) = make(&self.folder.join(path))?;
        self.files.push(FileEntry { path: path.to_owned(), bytes, blake3 });
        Ok(())
    }
}
