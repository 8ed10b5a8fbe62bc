//! Puts tenants back from a backup. Each is replaced as a whole or stays as it was, whatever is interrupted.
//!
//! Everything is checked first and laid out below `restore/TENANT/new`. Then the tenant is let go by all processes, its folders are
//! moved to `restore/TENANT/old`, the new ones into their place, and one commit of the control database decides. Before that
//! commit a crash is undone, by the next start of a server or the next restore; after it only remains are left to sweep.

use std::fs;
use std::path::Path;
use std::time::Duration;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_store::{Act, Credential, DatabaseCopy, Portrait, Store, StoreErrorKind};
use uuid::Uuid;

use super::check::{check, portrait};
use super::manifest::Manifest;
use super::staging::{PLACES, STAGED, Staging};
use super::{failed, files, refused};
use crate::import::meta::read_meta;

/// What is to be restored.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The tenant in the backup.
    pub tenant: TenantId,
    /// Its name here, if it is to be another tenant than the one in the backup: with a new credential.
    pub new_name: Option<TenantId>,
    /// Whether a tenant that is there is replaced.
    pub replaces: bool,
}

/// A tenant that was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// Its name here.
    pub tenant: TenantId,
    /// Whether it took the place of one that was there.
    pub replaced: bool,
    /// Documents that are imported now.
    pub documents_waiting: u64,
    /// Its new credential, where it does not have those of the backup.
    pub credential: Option<Credential>,
    /// Key ids whose sealed secrets the key of this data folder does not open: they go on, but not for password digests.
    pub unsealable: Vec<String>,
}

impl Wanted {
    fn name(&self) -> &TenantId {
        self.new_name.as_ref().unwrap_or(&self.tenant)
    }
}

/// Restores tenants, one after the other, once the backup of all of them is checked and none is in the way. Waits at most
/// `wait_max` for processes that have one open. `tell` is told what is being done.
///
/// # Errors
/// `backup_invalid`; `request_invalid` for a tenant that is there and not to be replaced, and for a key id of another tenant;
/// `storage_busy` for one that a process has open; those of the storage. The tenant of which it fails is as it was, those before it
/// are restored.
pub fn restore(
    store: &Store,
    folder: &Path,
    wanted: &[Wanted],
    act: &Act,
    wait_max: Duration,
    tell: &mut dyn FnMut(&str),
) -> Result<Vec<Restored>, ApiError> {
    let tenants: Vec<TenantId> = wanted.iter().map(|one| one.tenant.clone()).collect();
    let manifest = check(folder, Some(&tenants), &mut |_, _, tenant| tell(&format!("checking {tenant}")))?;
    let mut restorings = Vec::new();
    for one in wanted {
        let restoring = Restoring::prepare(store, folder, &manifest, one)?;
        restoring.may_begin(one)?;
        restorings.push(restoring);
    }
    let mut restored = Vec::new();
    for mut restoring in restorings {
        tell(&format!("restoring {}", restoring.name));
        restored.push(restoring.run(act, wait_max)?);
    }
    Ok(restored)
}

/// One tenant that is being restored.
struct Restoring<'a> {
    store: &'a Store,
    backup: &'a Path,
    manifest: &'a Manifest,
    portrait: Portrait,
    name: TenantId,
    is_renamed: bool,
    is_there: bool,
}

impl<'a> Restoring<'a> {
    fn prepare(store: &'a Store, backup: &'a Path, manifest: &'a Manifest, one: &Wanted) -> Result<Self, ApiError> {
        let (portrait, name) = (portrait(backup, &one.tenant)?, one.name().clone());
        // What an earlier restore of this tenant left says nothing about whether there is one.
        Staging::lock(store, &name)?.recover(store)?;
        let is_there = store.control().tenant(&name)?.is_some();
        Ok(Self { store, backup, manifest, portrait, name, is_renamed: one.new_name.is_some(), is_there })
    }

    /// Asked of all tenants before anything is changed.
    fn may_begin(&self, one: &Wanted) -> Result<(), ApiError> {
        let Self { store, name, .. } = self;
        if self.is_there && !one.replaces {
            let detail = format!(
                "tenant {name} is there already; replace it with --replace, or restore it under another name with --as"
            );
            return Err(ApiError::new(&codes::REQUEST_INVALID, detail));
        }
        if self.is_renamed {
            return Ok(());
        }
        match store.control().taken_keys(&self.portrait, name)?.first() {
            None => Ok(()),
            Some((key_id, owner)) => {
                let detail = format!(
                    "the key {key_id} of tenant {name} is one of tenant {owner} here; restore under another name with --as"
                );
                Err(ApiError::new(&codes::REQUEST_INVALID, detail))
            }
        }
    }

    fn run(&mut self, act: &Act, wait_max: Duration) -> Result<Restored, ApiError> {
        Staging::lock(self.store, &self.name)?.recover(self.store)?;
        // Sweeping has taken the folder that was locked.
        let staging = Staging::lock(self.store, &self.name)?;
        let documents_waiting = match self.stage(&staging) {
            Ok(count) => count,
            Err(error) => {
                let _ = staging.sweep(self.store);
                return Err(error);
            }
        };
        let act = Act { tenant: Some(self.name.clone()), ..act.clone() };
        let done = self.replace(&staging, &act, wait_max);
        let credential = match done {
            Ok(credential) => credential,
            Err(error) => {
                staging.recover(self.store)?;
                return Err(error);
            }
        };
        staging.sweep(self.store)?;
        let keys = self.portrait.credentials.iter().filter(|_| !self.is_renamed);
        let unsealable = keys.filter(|key| key.sealed_secret.is_some() && !self.store.control().opens(key));
        let unsealable = unsealable.map(|key| key.key_id.clone()).collect();
        Ok(Restored { tenant: self.name.clone(), replaced: self.is_there, documents_waiting, credential, unsealable })
    }

    /// Lays everything out, checked once more as it is copied. Gives the number of documents that wait.
    fn stage(&self, staging: &Staging) -> Result<u64, ApiError> {
        let about = |error| failed("the folder of the restore", error);
        for place in PLACES {
            files::create_folder(&staging.at("new", place)).map_err(about)?;
        }
        let tenant = &self.portrait.tenant;
        let copy = DatabaseCopy::open(&self.backup.join(tenant.as_str()).join("catalog.db"))?;
        let mut waiting = 0;
        for file in self.manifest.files_of(tenant) {
            let Some((_, path)) = file.path.split_once('/') else { continue };
            let to = match path.split_once('/') {
                Some(("spool", path)) => staging.at("new", "spool").join(path),
                None if path == "catalog.db" => staging.at("new", "tenants").join(path),
                _ => continue,
            };
            let (_, hash) = files::copy(&self.backup.join(&file.path), &to).map_err(about)?;
            if hash != file.blake3 {
                return Err(refused(format!("{} has changed while it was restored", file.path)));
            }
        }
        let documents = fs::read_dir(staging.at("new", "spool")).map_err(about)?;
        let mut documents: Vec<_> =
            documents.map(|entry| Ok(entry?.path())).collect::<Result<_, _>>().map_err(about)?;
        // Those that wait get ids in the order of those that they had: that is the order of their imports.
        documents.sort();
        for dir in documents {
            waiting += u64::from(self.adopt(&dir, &copy)?);
        }
        staging.fill(self.store)?;
        files::write_new(&staging.folder.join(STAGED), b"").and_then(|()| staging.sync()).map_err(about)?;
        Ok(waiting)
    }

    /// Makes a document one of the tenant's name here. True if it waits. One that waits is another import under another name: the
    /// tenant that it was sent by may still have its own.
    fn adopt(&self, dir: &Path, copy: &DatabaseCopy) -> Result<bool, ApiError> {
        let about = |error| failed("a document of the restore", error);
        let mut meta = read_meta(dir).map_err(about)?;
        let waits = !copy.has_ended(meta.id)?;
        if self.is_renamed {
            meta.tenant = self.name.to_string();
            let folder = if waits {
                meta.id = ImportId(Uuid::now_v7());
                dir.with_file_name(meta.id.to_string())
            } else {
                dir.to_owned()
            };
            let text = serde_json::to_vec(&meta).map_err(|error| about(error.into()))?;
            let file = dir.join("meta.json");
            fs::remove_file(&file).and_then(|()| files::write_new(&file, &text)).map_err(about)?;
            fs::rename(dir, &folder).and_then(|()| files::sync_folder(&folder)).map_err(about)?;
        } else {
            files::sync_folder(dir).map_err(about)?;
        }
        Ok(waits)
    }

    /// The switch. Whatever fails here is undone by [`Staging::recover`].
    fn replace(&self, staging: &Staging, act: &Act, wait_max: Duration) -> Result<Option<Credential>, ApiError> {
        let control = self.store.control();
        let begun = Act { detail: "begun".to_owned(), ..act.clone() };
        if self.is_there {
            control.begin_restore(&self.name, &begun)?;
        } else {
            control.begin_new(&self.name, &begun)?;
        }
        let held = self.store.hold(&self.name, wait_max, &mut || true).map_err(|error| {
            if error.kind() != StoreErrorKind::Busy {
                return ApiError::from(error);
            }
            let detail = format!(
                "a process still has tenant {} open, for a long export perhaps; the tenant is as it was",
                self.name
            );
            ApiError::new(&codes::STORAGE_BUSY, detail).caused_by(error)
        })?;
        staging.switch(self.store)?;
        let act = Act { detail: format!("{}completed", act.detail), ..act.clone() };
        let credential = control.complete_restore(&self.name, &self.portrait, !self.is_renamed, &act)?;
        drop(held);
        Ok(credential)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use plugpoint_sdk::model::{Item, ItemData};
    use plugpoint_store::{NewTenant, PreparedItem, StoreOptions};
    use tempfile::TempDir;

    use super::*;
    use crate::backup::{take_up, write};
    use crate::import::meta::SpoolMeta;

    fn named(name: &str) -> TenantId {
        name.parse().unwrap()
    }

    fn act() -> Act {
        Act { actor: "tester".to_owned(), action: "restore", tenant: None, detail: String::new() }
    }

    fn open(folder: &Path) -> Store {
        let options = StoreOptions { wait_max: Duration::from_millis(200), ..StoreOptions::default() };
        Store::open(&folder.join("data"), options).unwrap()
    }

    fn put(store: &Store, tenant: &str, sku: &str) {
        let data: ItemData =
            serde_json::from_value(serde_json::json!({"sku": sku, "texts": [{"lang": "en", "title": sku}]})).unwrap();
        let item = PreparedItem::new(&Item::try_from_data(data).unwrap(), 0).unwrap();
        store.tenant(&named(tenant)).unwrap().put_item(&"main".parse().unwrap(), &item, None).unwrap();
    }

    type Seen = (Vec<String>, usize, Vec<String>);

    /// The tenant's items, its documents, the names of its keys.
    fn seen(store: &Store, tenant: &str) -> Seen {
        let skus = store.tenant(&named(tenant)).unwrap().skus(&"main".parse().unwrap(), None, 100).unwrap();
        let documents = fs::read_dir(store.data_dir().join("spool").join(tenant)).map_or(0, Iterator::count);
        store.let_go(&named(tenant)).unwrap().close();
        (skus, documents, store.control().key_ids(&named(tenant)).unwrap())
    }

    fn spooled(store: &Store, tenant: &str) -> ImportId {
        let meta = SpoolMeta { bytes: 5, ..SpoolMeta::of(tenant, "main", 5) };
        let dir = store.data_dir().join("spool").join(tenant).join(meta.id.to_string());
        files::write_new(&dir.join("document"), b"12345").unwrap();
        files::write_new(&dir.join("meta.json"), &serde_json::to_vec(&meta).unwrap()).unwrap();
        meta.id
    }

    /// A tenant with a document that waits, its backup, and what was done since.
    fn changed_since() -> (TempDir, PathBuf, Seen, Seen) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let new = NewTenant { tenant: named("acme"), customer: None, profile_toml: String::new() };
        store.control().create_tenant(&new).unwrap();
        put(&store, "acme", "A");
        spooled(&store, "acme");
        let backup = folder.path().join("backup");
        let manifest = write(&store, &[named("acme")], &backup, &mut |_, _, _| ()).unwrap();
        assert_eq!((manifest.tenants[0].documents_waiting, manifest.tenants[0].catalogs[0].items), (1, 1));
        let then = seen(&store, "acme");
        put(&store, "acme", "B");
        spooled(&store, "acme");
        store.control().rotate_key(&named("acme")).unwrap();
        let now = seen(&store, "acme");
        assert_ne!(then, now);
        (folder, backup, then, now)
    }

    fn wanted(new_name: Option<&str>, replaces: bool) -> Vec<Wanted> {
        vec![Wanted { tenant: named("acme"), new_name: new_name.map(named), replaces }]
    }

    #[test]
    fn a_tenant_is_replaced_only_when_that_is_said_and_nobody_has_it_open() {
        let (folder, backup, then, now) = changed_since();
        let store = open(folder.path());
        let restored =
            |wanted: &[Wanted]| restore(&store, &backup, wanted, &act(), Duration::ZERO, &mut |_| ()).map(drop);
        assert_eq!(restored(&wanted(None, false)).unwrap_err().code.name, "request_invalid");
        let db = store.tenant(&named("acme")).unwrap();
        assert_eq!(restored(&wanted(None, true)).unwrap_err().code.name, "storage_busy");
        drop(db);
        assert_eq!(seen(&store, "acme"), now, "it is as it was");
        restored(&wanted(None, true)).unwrap();
        assert_eq!(seen(&store, "acme"), then);
        assert!(!store.data_dir().join("restore/acme").exists());
    }

    #[test]
    fn under_another_name_nothing_is_shared_with_the_original() {
        let (folder, backup, _, now) = changed_since();
        let store = open(folder.path());
        let copy =
            &restore(&store, &backup, &wanted(Some("copy"), false), &act(), Duration::ZERO, &mut |_| ()).unwrap()[0];
        assert_eq!((copy.documents_waiting, copy.replaced), (1, false));
        let (skus, documents, keys) = seen(&store, "copy");
        assert_eq!((skus, documents, keys), (vec!["A".to_owned()], 1, vec![copy.credential.clone().unwrap().key_id]));
        assert_eq!(seen(&store, "acme"), now);
        let dir = fs::read_dir(store.data_dir().join("spool/copy")).unwrap().next().unwrap().unwrap().path();
        let meta = read_meta(&dir).unwrap();
        assert_eq!(
            (meta.tenant.as_str(), meta.id.to_string()),
            ("copy", dir.file_name().unwrap().to_str().unwrap().to_owned())
        );
        assert!(!store.data_dir().join("spool/acme").join(meta.id.to_string()).exists(), "it is another import");
    }

    #[test]
    fn a_restore_that_is_interrupted_before_its_commit_is_undone_and_after_it_swept() {
        // How many of the moves are done when the process ends, and how many of those that undo them.
        for (moves, undone) in [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (4, 1), (4, 2), (3, 1), (2, 1)] {
            let (folder, backup, _, now) = changed_since();
            let store = open(folder.path());
            let manifest = check(&backup, None, &mut |_, _, _| ()).unwrap();
            let restoring = Restoring::prepare(&store, &backup, &manifest, &wanted(None, true)[0]).unwrap();
            let staging = Staging::lock(&store, &named("acme")).unwrap();
            restoring.stage(&staging).unwrap();
            store.control().begin_restore(&named("acme"), &act()).unwrap();
            let way = [("tenants", "old"), ("spool", "old"), ("tenants", "new"), ("spool", "new")];
            files::create_folder(&staging.folder.join("old")).unwrap();
            for (place, stage) in &way[..moves] {
                let (home, at) = (staging.home(place), staging.at(stage, place));
                if *stage == "old" { fs::rename(home, at).unwrap() } else { fs::rename(at, home).unwrap() }
            }
            for (place, stage) in way[..moves].iter().rev().take(undone) {
                let (home, at) = (staging.home(place), staging.at(stage, place));
                if *stage == "old" { fs::rename(at, home).unwrap() } else { fs::rename(home, at).unwrap() }
            }
            drop(staging);
            drop(store);
            let store = open(folder.path());
            assert_eq!(store.tenant(&named("acme")).err().unwrap().kind(), StoreErrorKind::Busy);
            take_up(&store);
            assert_eq!(seen(&store, "acme"), now, "after {moves} moves, {undone} undone");
            assert!(!store.data_dir().join("restore/acme").exists());
            // What a restore left that had ended is only swept.
            fs::create_dir_all(store.data_dir().join("restore/acme/old/tenants")).unwrap();
            fs::write(store.data_dir().join("restore/acme").join(STAGED), "").unwrap();
            take_up(&store);
            assert_eq!(seen(&store, "acme"), now);
        }
    }

    #[test]
    fn a_new_tenant_whose_restore_is_interrupted_is_not_there() {
        let (folder, backup, ..) = changed_since();
        let store = open(folder.path());
        let manifest = check(&backup, None, &mut |_, _, _| ()).unwrap();
        for is_switched in [false, true] {
            let restoring = Restoring::prepare(&store, &backup, &manifest, &wanted(Some("copy"), false)[0]).unwrap();
            let staging = Staging::lock(&store, &named("copy")).unwrap();
            restoring.stage(&staging).unwrap();
            store.control().begin_new(&named("copy"), &act()).unwrap();
            drop(store.hold(&named("copy"), Duration::ZERO, &mut || true).unwrap());
            if is_switched {
                staging.switch(&store).unwrap();
            }
            drop(staging);
            take_up(&store);
            assert_eq!(store.control().tenant(&named("copy")).unwrap(), None);
            for place in ["tenants/copy", "spool/copy", "restore/copy"] {
                assert!(!store.data_dir().join(place).exists(), "{place} {is_switched}");
            }
        }
    }

    #[test]
    fn a_backup_is_held_against_its_rows_and_leads_nowhere_else() {
        /// Rewrites the manifest, its hash included, as somebody would who means harm.
        fn forged(backup: &Path, forge: impl FnOnce(&mut serde_json::Value)) -> ApiError {
            let file = backup.join("manifest.json");
            let sound = fs::read(&file).unwrap();
            let mut manifest = serde_json::from_slice(&sound).unwrap();
            forge(&mut manifest);
            let text = serde_json::to_vec(&manifest).unwrap();
            fs::write(&file, &text).unwrap();
            fs::write(backup.join("manifest.b3"), blake3::hash(&text).to_hex().as_str()).unwrap();
            let error = check(backup, None, &mut |_, _, _| ()).unwrap_err();
            fs::write(&file, &sound).unwrap();
            fs::write(backup.join("manifest.b3"), blake3::hash(&sound).to_hex().as_str()).unwrap();
            error
        }
        let (_folder, backup, ..) = changed_since();
        let file = |path: &str| serde_json::json!({"path": path, "bytes": 5, "blake3": blake3::hash(b"12345").to_hex().as_str()});
        fs::write(backup.parent().unwrap().join("outside"), "12345").unwrap();
        for (path, words) in [
            ("acme/../../outside", "names a file that no backup has"),
            ("/etc/passwd", "names a file that no backup has"),
            ("acme", "names a file that no backup has"),
            ("other/file", "names a file that no backup has"),
            ("acme/catalog.db", "names a file that no backup has"),
        ] {
            let error = forged(&backup, |manifest| manifest["files"].as_array_mut().unwrap().push(file(path)));
            assert!(error.detail.contains(words), "{path}: {error}");
        }
        let error = forged(&backup, |manifest| manifest["tenants"][0]["catalogs"][0]["items"] = 2.into());
        assert!(error.detail.contains("has other items"), "{error}");
        let error = forged(&backup, |manifest| {
            manifest["tenants"][0]["catalogs"][0]["content_hash"] = blake3::hash(b"").to_hex().as_str().into();
        });
        assert!(error.detail.contains("has other items"), "{error}");
        let error = forged(&backup, |manifest| manifest["tenants"][0]["documents_waiting"] = 2.into());
        assert!(error.detail.contains("has 1 documents, not 2"), "{error}");
        let error = forged(&backup, |manifest| manifest["tenants"] = serde_json::json!([]));
        assert_eq!(error.code.name, "backup_invalid");
        check(&backup, None, &mut |_, _, _| ()).unwrap();
    }
}
