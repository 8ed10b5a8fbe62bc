//! Where a tenant is laid out before it is put back, and the moves that put it there or undo that.
//!
//! Used by a restore; by itself at the start of a server, for what a restore has left that did not come to its end. Nothing is
//! removed before it is certain which state counts, so each step may be interrupted and done again.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_store::{Alone, Store, StoreErrorKind, TenantState};

use super::{failed, files};
use crate::import::spool::Spool;

/// Says that everything lies ready below `new`.
pub(super) const STAGED: &str = "staged";
/// What is switched: below `new`, below `old`, and below the data folder, where each holds a folder of the tenant's name.
pub(super) const PLACES: [&str; 2] = ["tenants", "spool"];

/// Undoes restores that did not come to their end, and sweeps the remains of others. What another process is at, is left to it.
pub fn take_up(store: &Store) {
    let Ok(entries) = fs::read_dir(store.data_dir().join("restore")) else { return };
    for entry in entries.flatten() {
        let Ok(tenant) = entry.file_name().to_string_lossy().parse::<TenantId>() else { continue };
        match Staging::lock(store, &tenant).and_then(|staging| staging.recover(store)) {
            Ok(()) => tracing::info!(%tenant, "a restore that was interrupted is undone, or its remains are swept"),
            Err(error) => tracing::warn!(%tenant, %error, "a restore that was interrupted is left as it is"),
        }
    }
}

/// Where one tenant is laid out, locked as long as this process is at it.
pub(super) struct Staging {
    tenant: TenantId,
    pub(super) folder: PathBuf,
    data_dir: PathBuf,
    spool_dir: PathBuf,
    _lock: File,
    _alone: Alone,
}

impl Staging {
    pub(super) fn lock(store: &Store, tenant: &TenantId) -> Result<Self, ApiError> {
        let data_dir = store.data_dir().to_owned();
        let folder = data_dir.join("restore").join(tenant.as_str());
        let about = |error| failed("the folder of the restore", error);
        files::create_folder(&folder).map_err(about)?;
        let lock = File::open(&folder).map_err(about)?;
        let running = || {
            let detail = format!("another restore of tenant {tenant} is running");
            ApiError::new(&codes::STORAGE_BUSY, detail)
        };
        if matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)) {
            return Err(running());
        }
        let alone = store.alone(tenant, "restore").map_err(|error| match error.kind() {
            StoreErrorKind::Busy => running().caused_by(error),
            _ => error.into(),
        })?;
        Ok(Self { tenant: tenant.clone(), folder, data_dir, spool_dir: store.spool_dir(), _lock: lock, _alone: alone })
    }

    pub(super) fn at(&self, stage: &str, place: &str) -> PathBuf {
        self.folder.join(stage).join(place)
    }

    pub(super) fn home(&self, place: &str) -> PathBuf {
        let root = if place == "spool" { self.spool_dir.clone() } else { self.data_dir.join(place) };
        root.join(self.tenant.as_str())
    }

    /// Whatever an earlier restore left is undone or swept; the tenant is as it was, or as it was restored.
    pub(super) fn recover(&self, store: &Store) -> Result<(), ApiError> {
        let row = store.control().tenant(&self.tenant)?;
        if row.is_some_and(|row| row.state == TenantState::Restoring) {
            store.switch_schemas_back(&self.tenant)?;
            let undone = self.undo().and_then(|()| Spool::of(store).unmark(self.tenant.as_str()));
            undone.map_err(|error| failed("a restore cannot be undone", error))?;
            store.control().give_up_restore(&self.tenant)?;
            if store.control().tenant(&self.tenant)?.is_none() {
                // Made to be locked. Not empty if it is anything else.
                let _ = fs::remove_dir(self.home("tenants"));
            }
        }
        if store.control().tenant(&self.tenant)?.is_none() {
            // Of a tenant that there is not, a switch may have left what it put in.
            store.drop_schemas(&self.tenant)?;
        }
        self.sweep(store)
    }

    pub(super) fn sweep(&self, store: &Store) -> Result<(), ApiError> {
        store.sweep_schemas(&self.tenant)?;
        files::remove(&self.folder).map_err(|error| failed("the remains of a restore", error))
    }

    /// Lays the database out that was copied below `new`: there, or in a schema.
    pub(super) fn fill(&self, store: &Store) -> Result<(), ApiError> {
        let folder = self.at("new", "tenants");
        if store.fill_schema(&self.tenant, &folder.join("catalog.db"))? {
            // The folder has its place even so: its lock says who has the tenant open on this machine.
            files::remove(&folder)
                .and_then(|()| files::create_folder(&folder))
                .map_err(|error| failed("the folder of the restore", error))?;
        }
        Ok(())
    }

    /// Moves the new in and the old out.
    pub(super) fn switch(&self, store: &Store) -> Result<(), ApiError> {
        let about = |error| failed("the documents of the tenant cannot be switched", error);
        let (spool, tenant) = (Spool::of(store), self.tenant.as_str());
        // What is undone has to be whole without the bucket.
        spool.bring_all(tenant).map_err(about)?;
        let restored = ids_in(&self.at("new", "spool")).map_err(about)?;
        store.switch_schemas(&self.tenant)?;
        self.switch_folders().map_err(|error| failed("the folders of the tenant cannot be switched", error))?;
        spool.replace_in_bucket(tenant, &restored).map_err(about)
    }

    fn switch_folders(&self) -> std::io::Result<()> {
        for place in PLACES {
            let (home, old) = (self.home(place), self.at("old", place));
            files::create_folder(&self.folder.join("old"))?;
            if home.exists() {
                fs::rename(&home, &old)?;
            }
        }
        self.sync()?;
        for place in PLACES {
            let home = self.home(place);
            files::create_folder(home.parent().unwrap_or(&home))?;
            fs::rename(self.at("new", place), home)?;
        }
        self.sync()
    }

    /// Moves the new out and the old in again, as far as that is needed. It removes nothing, so that it may be interrupted and
    /// done again.
    fn undo(&self) -> std::io::Result<()> {
        if !self.folder.join(STAGED).exists() {
            return Ok(());
        }
        for place in PLACES {
            let (home, new, old) = (self.home(place), self.at("new", place), self.at("old", place));
            if !new.exists() && home.exists() {
                fs::rename(&home, &new)?;
                self.sync()?;
            }
            if old.exists() {
                // Over an empty folder at most, which somebody made who looked for the tenant.
                fs::rename(&old, &home)?;
            }
        }
        self.sync()
    }

    pub(super) fn sync(&self) -> std::io::Result<()> {
        for folder in PLACES.iter().map(|place| self.data_dir.join(place)).chain([self.folder.clone()]) {
            if folder.exists() {
                files::sync_folder(&folder)?;
            }
        }
        for stage in ["new", "old"].map(|stage| self.folder.join(stage)) {
            if stage.exists() {
                files::sync_folder(&stage)?;
            }
        }
        Ok(())
    }
}

/// The imports whose documents lie in a folder.
fn ids_in(folder: &Path) -> std::io::Result<HashSet<ImportId>> {
    let mut ids = HashSet::new();
    for entry in fs::read_dir(folder)? {
        ids.extend(entry?.file_name().to_str().and_then(|name| name.parse::<ImportId>().ok()));
    }
    Ok(ids)
}
