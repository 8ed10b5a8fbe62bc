//! The spool: where a document becomes durable before its import is acknowledged, and the queue that survives a crash.
//!
//! `SPOOL/<tenant>/<import>/{document,meta.json}`. A document is written under `<import>.part`, synced, and renamed as a
//! whole; a folder without `.part` is therefore complete and acknowledged. What the tenant's database knows as ended is
//! history; everything else is work to do. No other module writes below `SPOOL`.
//!
//! More than one process may have the same spool open: a server, and a `plugpoint pull` beside it. Whoever writes or imports a
//! document holds a lock on its file, which ends with the process. So nobody sweeps or imports what another one is at work on.
//! Locks of files do not hold between machines: where servers share a folder, what one receives bears its name, and who imports is
//! decided by a lease ([`super::claims`]). Where they share a bucket instead, the folder is one server's view of it ([`super::bucket`]).

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plugpoint_sdk::desk::Receipt;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportId;
use plugpoint_store::{Depot, Store};

use super::bucket::Bucket;
use super::incoming::{Incoming, write_failed};
use super::meta::{SpoolMeta, read_meta};
use super::room::{Promise, Room};

const PART: &str = "part";
/// The file that says which spool this is.
pub(super) const IDENTITY: &str = "spool-id";

/// The spool's root folder.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    pub(super) root: PathBuf,
    room: Arc<Room>,
    /// This process among those that share the spool; what it receives bears its name.
    pub(super) node: Option<String>,
    /// Where the documents of all lie, if servers share no folder.
    pub(super) bucket: Option<Bucket>,
}

impl Spool {
    /// Opens a spool and removes what was never acknowledged. Documents are refused that would leave less than `reserve_bytes` free,
    /// their import included, which takes `growth_percent` of them: databases and logs need room when the spool has none left.
    /// `node` is this process among several on perhaps as many machines, whose remains are told apart by their names.
    pub(crate) fn open(
        root: PathBuf,
        reserve_bytes: u64,
        growth_percent: u32,
        node: Option<String>,
    ) -> io::Result<Self> {
        create_private_dir(&root)?;
        let room = Room::of(root.clone(), reserve_bytes, growth_percent);
        let spool = Self { root, room, node, bucket: None };
        spool.remove_unacknowledged()?;
        Ok(spool)
    }

    /// The spool of somebody else, to be looked at: nothing is made or removed.
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { room: Room::of(root.clone(), 0, 0), root, node: None, bucket: None }
    }

    /// The spool of a store's documents, with its bucket, to be looked at.
    pub(crate) fn of(store: &Store) -> Self {
        Self::at(store.spool_dir()).with(store.depot().cloned())
    }

    /// The same spool, with the bucket that has the documents of all.
    pub(crate) fn with(self, depot: Option<Depot>) -> Self {
        Self { bucket: depot.map(Bucket::of), ..self }
    }

    /// Starts a document. Nothing is acknowledged until [`Incoming::acknowledge`].
    pub(crate) fn receive(&self, id: ImportId, receipt: &Receipt) -> Result<Incoming, ApiError> {
        let promise = self.room.promise(receipt.bytes_announced.unwrap_or_default()).map_err(write_failed)?;
        // Nobody sweeps between the making of the folder and its lock.
        let _no_sweep = self.door(File::lock_shared).map_err(write_failed)?;
        let name = self.node.as_ref().map_or_else(|| format!("{id}.{PART}"), |node| format!("{id}.{node}.{PART}"));
        let part = self.tenant_dir(receipt.tenant.as_str()).join(name);
        create_private_dir(&part).map_err(write_failed)?;
        let file = File::options().create(true).truncate(true).read(true).write(true).open(part.join("document"));
        let file = file.map_err(write_failed)?;
        if !is_free(&file) {
            return Err(write_failed(io::Error::other("somebody else writes the document of a new import")));
        }
        Ok(Incoming::new(id, part, file, promise, self.bucket.clone()))
    }

    /// Room for the import of a document that was let in before.
    pub(crate) fn owe(&self, meta: &SpoolMeta) -> Promise {
        self.room.owe(meta.bytes)
    }

    /// All acknowledged documents, oldest first. A folder whose meta cannot be read is reported, not skipped in silence.
    pub(crate) fn scan(&self) -> io::Result<Vec<SpoolMeta>> {
        self.look_at_all()?;
        let mut found = Vec::new();
        for tenant in fs::read_dir(&self.root)? {
            let tenant = tenant?.path();
            if tenant.is_dir() {
                scan(&tenant, &mut found)?;
            }
        }
        found.sort_by_key(|meta| meta.id);
        Ok(found)
    }

    /// The acknowledged documents of one tenant, oldest first.
    pub(crate) fn scan_tenant(&self, tenant: &str) -> io::Result<Vec<SpoolMeta>> {
        self.look(tenant)?;
        let (dir, mut found) = (self.tenant_dir(tenant), Vec::new());
        if dir.is_dir() {
            scan(&dir, &mut found)?;
        }
        found.sort_by_key(|meta| meta.id);
        Ok(found)
    }

    /// Makes the document that lies in another spool's folder a document of this one, without copying it.
    pub(crate) fn borrow(&self, meta: &SpoolMeta, original: &Path) -> io::Result<()> {
        let dir = self.dir(meta);
        create_private_dir(&dir)?;
        std::os::unix::fs::symlink(fs::canonicalize(original.join("document"))?, dir.join("document"))
    }

    /// The document's file, for reading.
    pub(crate) fn open_document(&self, meta: &SpoolMeta) -> io::Result<File> {
        self.bring(meta)?;
        File::open(self.dir(meta).join("document"))
    }

    /// Where the run of an import may keep side files; gone with the document.
    pub(crate) fn dir(&self, meta: &SpoolMeta) -> PathBuf {
        self.tenant_dir(&meta.tenant).join(meta.id.to_string())
    }

    /// The leave to import a document, as long as it is held; none while another process is at it.
    pub(crate) fn claim(&self, meta: &SpoolMeta) -> io::Result<Option<Claim>> {
        let file = self.open_document(meta)?;
        Ok(is_free(&file).then_some(Claim(file)))
    }

    /// Forgets a document whose retention is over.
    pub(crate) fn remove(&self, meta: &SpoolMeta) -> io::Result<()> {
        if let Some(bucket) = &self.bucket {
            bucket.remove(&meta.tenant, meta.id)?;
        }
        gone(fs::remove_dir_all(self.dir(meta)))
    }

    pub(super) fn tenant_dir(&self, tenant: &str) -> PathBuf {
        self.root.join(tenant)
    }

    /// The spool's root under a lock, until it is dropped. A file system that knows no locks has no second process either.
    fn door(&self, lock: fn(&File) -> io::Result<()>) -> io::Result<File> {
        let root = File::open(&self.root)?;
        if let Err(error) = lock(&root) {
            tracing::debug!(%error, "the spool cannot be locked");
        }
        Ok(root)
    }

    fn remove_unacknowledged(&self) -> io::Result<()> {
        let _nobody_begins = self.door(File::lock)?;
        // What bears a process's name is that process's as long as it lives, wherever that is.
        self.sweep(&|dir| node_of(dir).is_none() && !is_being_written(dir))
    }

    fn sweep(&self, is_left: &dyn Fn(&Path) -> bool) -> io::Result<()> {
        for tenant in fs::read_dir(&self.root)? {
            let tenant = tenant?.path();
            if !tenant.is_dir() {
                continue;
            }
            for entry in fs::read_dir(tenant)? {
                let dir = entry?.path();
                if is_part(&dir) && is_left(&dir) {
                    gone(fs::remove_dir_all(&dir))?;
                }
            }
        }
        Ok(())
    }

    /// Removes what processes were receiving that are not alive.
    pub(super) fn sweep_of_others(&self, is_alive: &dyn Fn(&str) -> bool) -> io::Result<()> {
        self.sweep(&|dir| node_of(dir).is_some_and(|node| !is_alive(node)))
    }

    /// The acknowledged documents of one tenant.
    pub(super) fn ids_of(&self, tenant: &str) -> io::Result<HashSet<ImportId>> {
        self.look(tenant)?;
        let mut ids = HashSet::new();
        match fs::read_dir(self.tenant_dir(tenant)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            entries => {
                for entry in entries? {
                    ids.extend(entry?.file_name().to_str().and_then(|name| name.parse::<ImportId>().ok()));
                }
            }
        }
        Ok(ids)
    }

    /// What the spool knows of a document; none if it has none of this import.
    pub(super) fn meta(&self, tenant: &str, id: ImportId) -> io::Result<Option<SpoolMeta>> {
        match self.meta_here(tenant, id)? {
            // Another server may have acknowledged it a moment ago.
            None if self.is_in_bucket() => self.look_for(tenant, id).and_then(|()| self.meta_here(tenant, id)),
            known => Ok(known),
        }
    }

    fn meta_here(&self, tenant: &str, id: ImportId) -> io::Result<Option<SpoolMeta>> {
        match read_meta(&self.tenant_dir(tenant).join(id.to_string())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }
}

/// The id of a spool, which is made if it has none. It lies in the folder, for all that share it.
pub(super) fn identity(root: &Path) -> io::Result<String> {
    create_private_dir(root)?;
    let path = root.join(IDENTITY);
    loop {
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read.map(|id| id.trim().to_owned()),
        }
        let id = uuid::Uuid::now_v7().to_string();
        let new = root.join(format!("{IDENTITY}.{id}"));
        write_synced(&new, id.as_bytes())?;
        // Of several that come first at once one counts; it is there as a whole or not at all.
        let linked = fs::hard_link(&new, &path);
        fs::remove_file(&new)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => sync_dir(root)?,
        }
    }
}

/// The leave to import a document; given back when dropped.
#[derive(Debug)]
pub(crate) struct Claim(#[expect(dead_code, reason = "held for its lock")] File);

/// Takes the lock of a file; false while another opening of it holds it.
fn is_free(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

fn is_being_written(part: &Path) -> bool {
    File::open(part.join("document")).is_ok_and(|file| !is_free(&file))
}

fn scan(tenant_dir: &Path, found: &mut Vec<SpoolMeta>) -> io::Result<()> {
    for entry in fs::read_dir(tenant_dir)? {
        let dir = entry?.path();
        if is_part(&dir) {
            continue; // on its way in
        }
        match read_meta(&dir) {
            Ok(meta) => found.push(meta),
            Err(error) => {
                tracing::error!(dir = %dir.display(), %error, "a spooled document is unreadable and stays where it is")
            }
        }
    }
    Ok(())
}

/// What others have removed already is as well removed.
pub(super) fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Whose name a document on its way in bears.
fn node_of(part: &Path) -> Option<&str> {
    Path::new(part.file_stem()?).extension()?.to_str()
}

pub(super) fn is_part(dir: &Path) -> bool {
    dir.extension().is_some_and(|extension| extension == PART)
}

pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

pub(super) fn create_private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        Receipt {
            tenant: "acme".parse().unwrap(),
            catalog: "main".parse().unwrap(),
            mode: None,
            idempotency_key: None,
            media_type: "text/csv".to_owned(),
            charset: None,
            is_canonical: false,
            request_id: "r".to_owned(),
            bytes_announced: None,
        }
    }

    #[test]
    fn a_document_on_its_way_in_survives_the_start_of_another_process_and_its_remains_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("spool");
        let spool = Spool::open(root.clone(), 0, 0, None).unwrap();
        let mut incoming = spool.receive(ImportId(uuid::Uuid::now_v7()), &receipt()).unwrap();
        let count = || fs::read_dir(root.join("acme")).unwrap().count();
        Spool::open(root.clone(), 0, 0, None).unwrap();
        incoming.write_all(b"some").unwrap();
        assert_eq!(count(), 1, "it is being written");
        // As a process leaves it that was killed: the folder is there, the lock is not.
        incoming.part = None;
        drop(incoming);
        assert_eq!(count(), 1);
        Spool::open(root.clone(), 0, 0, None).unwrap();
        assert_eq!(count(), 0);
    }

    #[test]
    fn a_document_is_imported_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path().join("spool"), 0, 0, None).unwrap();
        let mut incoming = spool.receive(ImportId(uuid::Uuid::now_v7()), &receipt()).unwrap();
        let meta = SpoolMeta { id: incoming.id(), ..SpoolMeta::of("acme", "main", 0) };
        incoming.sync(&meta).unwrap();
        incoming.acknowledge().unwrap();
        let claim = spool.claim(&meta).unwrap();
        assert!(claim.is_some());
        assert!(spool.claim(&meta).unwrap().is_none());
        drop(claim);
        assert!(spool.claim(&meta).unwrap().is_some());
    }

    #[test]
    fn a_document_without_room_is_refused_before_it_comes_and_one_that_outgrows_it_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("spool");
        let spool = Spool::open(root.clone(), 0, 0, None).unwrap();
        let id = || ImportId(uuid::Uuid::now_v7());
        let huge = Receipt { bytes_announced: Some(1 << 60), ..receipt() };
        let refused = spool.receive(id(), &huge).err().expect("no disk holds an exabyte");
        assert_eq!(refused.code.name, "storage_full");
        assert!(!root.join("acme").exists());
        let mut incoming = spool.receive(id(), &receipt()).unwrap();
        incoming.write_all(b"some").unwrap();
        assert_eq!(write_failed(incoming.promise.look(1 << 60).unwrap_err()).code.name, "storage_full");
        drop(incoming);
        assert_eq!(fs::read_dir(root.join("acme")).unwrap().count(), 0);
    }
}
