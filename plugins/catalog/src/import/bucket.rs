//! Documents in an object store: how servers share their imports that have no folder in common.
//!
//! `TENANT/IMPORT/document` is put there first, `TENANT/IMPORT.json` acknowledges it: whoever lists a tenant sees what is
//! acknowledged and nothing else. The spool's folder is each server's own then. What others received has a folder there that says what
//! the document is; the document follows when somebody reads it ([`Spool::bring`]). A folder whose file [`MARK`] names this bucket goes
//! when the bucket's goes; another was spooled before there was this bucket, or was restored, and is put there.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportId;
use plugpoint_store::Depot;

use super::meta::{SpoolMeta, read_meta};
use super::rejected;
use super::spool::{IDENTITY, Spool, create_private_dir, gone, is_part, write_synced};

/// The file that says of a document's folder which bucket has the same.
pub(crate) const MARK: &str = "in-bucket";
/// No document takes so long from its first byte to its acknowledgement.
const ORPHAN_AGE: Duration = Duration::from_secs(2 * 24 * 60 * 60);
const ANOTHER: &str = "what the object store has is not the document that was acknowledged: it has another hash";
const READ_BUFFER_BYTES: usize = 256 * 1024;

/// The bucket of a spool.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    depot: Depot,
    /// Which one it is, as soon as somebody has asked.
    id: Arc<OnceLock<String>>,
    /// One looks at a time: two would both make the folder of the same document.
    looking: Arc<Mutex<()>>,
}

fn meta_name(tenant: &str, id: ImportId) -> String {
    format!("{tenant}/{id}.json")
}

fn name_of(meta: &SpoolMeta, file: &str) -> String {
    format!("{}/{}/{file}", meta.tenant, meta.id)
}

/// The store's own reasons are the operator's to read; a sender may come again.
fn unreachable(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return error;
    }
    unavailable("the object store of the documents cannot be used now; nothing was kept", error)
}

/// Whether the last word of a document has reached the store, only the store knows.
fn unconfirmed(error: io::Error) -> io::Error {
    let detail = "the object store did not confirm the document, which may be imported though: send it again, with the Idempotency-Key that it had";
    unavailable(detail, error)
}

fn unavailable(detail: &str, error: io::Error) -> io::Error {
    io::Error::other(ApiError::new(&codes::UNAVAILABLE, detail).retry_after(10).caused_by(error))
}

impl Bucket {
    pub(super) fn of(depot: Depot) -> Self {
        Self { depot, id: Arc::default(), looking: Arc::default() }
    }

    fn id(&self) -> io::Result<&str> {
        if self.id.get().is_none() {
            let _ = self.id.set(identity(&self.depot)?);
        }
        Ok(self.id.get().map(String::as_str).unwrap_or_default())
    }

    /// Whether it has the document of a folder, or had it and it was removed there.
    fn knows(&self, dir: &Path) -> io::Result<bool> {
        match fs::read_to_string(dir.join(MARK)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            mark => Ok(mark? == self.id()?),
        }
    }

    /// Puts a document's file there. Nobody sees it yet.
    pub(super) fn put(&self, meta: &SpoolMeta, dir: &Path) -> io::Result<()> {
        let document = File::open(dir.join("document"))?;
        self.depot.put_file(&name_of(meta, "document"), document).map_err(unreachable)
    }

    /// Acknowledges a document that was put there: from here on others may import it.
    pub(super) fn publish(&self, meta: &SpoolMeta, dir: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(meta)?;
        self.depot.put(&meta_name(&meta.tenant, meta.id), text).map_err(unconfirmed)?;
        write_synced(&dir.join(MARK), self.id()?.as_bytes())
    }

    /// Puts what the run of an import has left beside its document where everybody can read it.
    fn put_places(&self, meta: &SpoolMeta, dir: &Path) -> io::Result<()> {
        match File::open(dir.join(rejected::FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            file => self.depot.put_file(&name_of(meta, rejected::FILE), file?).map_err(unreachable),
        }
    }

    /// Takes a document away: first what acknowledges it.
    pub(super) fn remove(&self, tenant: &str, id: ImportId) -> io::Result<()> {
        self.depot.remove(&meta_name(tenant, id)).map_err(unreachable)?;
        self.depot.remove_below(&format!("{tenant}/{id}")).map(drop).map_err(unreachable)
    }

    fn ids_of(&self, tenant: &str) -> io::Result<HashSet<ImportId>> {
        let below = self.depot.below(tenant).map_err(unreachable)?;
        Ok(below.objects.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect())
    }

    fn meta(&self, tenant: &str, id: ImportId) -> io::Result<SpoolMeta> {
        let text = self.depot.get(&meta_name(tenant, id)).map_err(unreachable)?;
        let meta: SpoolMeta = serde_json::from_slice(&text).map_err(io::Error::other)?;
        if meta.tenant == tenant && meta.id == id {
            return Ok(meta);
        }
        Err(io::Error::other(format!("{} tells of import {} of {}", meta_name(tenant, id), meta.id, meta.tenant)))
    }

    /// Makes a tenant's folder tell of the documents that the bucket has, and of no other.
    fn look(&self, tenant: &str, folder: &Path, node: Option<&str>) -> io::Result<()> {
        let _one = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        // Read before the bucket: what is acknowledged meanwhile is there first, and here after.
        let here = Here::read(folder, self)?;
        for id in &here.unmarked {
            self.adopt(&folder.join(id.to_string()))?;
        }
        let there = self.ids_of(tenant)?;
        for id in here.marked.difference(&there) {
            gone(fs::remove_dir_all(folder.join(id.to_string())))?;
        }
        for &id in there.iter().filter(|id| !here.knows(id)) {
            match self.meta(tenant, id) {
                Ok(meta) => self.tell(&meta, folder, node)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    tracing::error!(import_id = %id, tenant, %error, "a spooled document is unreadable and stays where it is");
                }
            }
        }
        Ok(())
    }

    /// Makes the folder of a document that another server received, as a whole or not at all.
    fn tell(&self, meta: &SpoolMeta, folder: &Path, node: Option<&str>) -> io::Result<()> {
        let part = folder.join(format!("{}.{}.part", meta.id, node.unwrap_or("told")));
        create_private_dir(&part)?;
        write_synced(&part.join("meta.json"), &serde_json::to_vec(meta)?)?;
        write_synced(&part.join(MARK), self.id()?.as_bytes())?;
        fs::rename(&part, folder.join(meta.id.to_string()))
    }

    /// The same for one document, which another server may have acknowledged a moment ago.
    fn look_for(&self, tenant: &str, id: ImportId, folder: &Path, node: Option<&str>) -> io::Result<()> {
        let _one = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        if is_here(folder, id)? {
            return Ok(());
        }
        match self.meta(tenant, id) {
            Ok(meta) => self.tell(&meta, folder, node),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A document that was acknowledged without the bucket.
    fn adopt(&self, dir: &Path) -> io::Result<()> {
        let meta = match read_meta(dir) {
            Ok(meta) => meta,
            Err(error) => {
                tracing::error!(dir = %dir.display(), %error, "a spooled document is unreadable and stays where it is");
                return Ok(());
            }
        };
        if !dir.join("document").exists() {
            tracing::error!(dir = %dir.display(), "the document that this folder tells of is in another bucket");
            return Ok(());
        }
        tracing::info!(import_id = %meta.id, tenant = meta.tenant, bucket = %self.depot, "a document is put into the bucket");
        self.put(&meta, dir)?;
        self.put_places(&meta, dir)?;
        self.publish(&meta, dir)
    }
}

/// The documents that a tenant's folder has.
#[derive(Default)]
struct Here {
    marked: HashSet<ImportId>,
    unmarked: HashSet<ImportId>,
    /// On their way in, and seen in the bucket before they have their names.
    arriving: HashSet<ImportId>,
}

impl Here {
    fn read(folder: &Path, bucket: &Bucket) -> io::Result<Self> {
        let mut here = Self::default();
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(here),
            entries => entries?,
        };
        for entry in entries {
            let dir = entry?.path();
            let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Ok(id) = name.split('.').next().unwrap_or_default().parse() else { continue };
            match (is_part(&dir), bucket.knows(&dir)?) {
                (true, _) => here.arriving.insert(id),
                (false, true) => here.marked.insert(id),
                (false, false) => here.unmarked.insert(id),
            };
        }
        Ok(here)
    }

    fn knows(&self, id: &ImportId) -> bool {
        self.marked.contains(id) || self.unmarked.contains(id) || self.arriving.contains(id)
    }
}

/// Whether a folder has a document, or one that arrives; its marks are not read.
fn is_here(folder: &Path, id: ImportId) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries?,
    };
    let name = id.to_string();
    for entry in entries {
        if entry?.file_name().as_encoded_bytes().starts_with(name.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The id of a bucket's spool, which is made if it has none.
pub(super) fn identity(depot: &Depot) -> io::Result<String> {
    let id = uuid::Uuid::now_v7().to_string();
    if depot.put_new(IDENTITY, id.clone().into_bytes()).map_err(unreachable)? {
        return Ok(id);
    }
    // Of several that come first at once one counts.
    String::from_utf8(depot.get(IDENTITY).map_err(unreachable)?).map_err(io::Error::other)
}

impl Spool {
    /// Looks into the bucket, if there is one, for what others have taken in or away of a tenant's.
    pub(super) fn look(&self, tenant: &str) -> io::Result<()> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        bucket.look(tenant, &self.tenant_dir(tenant), self.node.as_deref())
    }

    /// The same for one document alone.
    pub(super) fn look_for(&self, tenant: &str, id: ImportId) -> io::Result<()> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        bucket.look_for(tenant, id, &self.tenant_dir(tenant), self.node.as_deref())
    }

    /// Looks for every tenant.
    pub(super) fn look_at_all(&self) -> io::Result<()> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        let mut tenants: HashSet<String> = bucket.depot.below("").map_err(unreachable)?.folders.into_iter().collect();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                tenants.extend(entry.file_name().into_string());
            }
        }
        tenants.iter().try_for_each(|tenant| self.look(tenant))
    }

    /// Whether a bucket has the documents.
    pub(super) fn is_in_bucket(&self) -> bool {
        self.bucket.is_some()
    }

    /// Whether there is a bucket that does not answer now.
    pub(super) fn is_away(&self, tenant: &str) -> bool {
        self.look(tenant).is_err()
    }

    /// Makes sure that a document, and what its import has left beside it, is in its folder.
    pub(crate) fn bring(&self, meta: &SpoolMeta) -> io::Result<()> {
        let (Some(bucket), dir) = (&self.bucket, self.dir(meta)) else { return Ok(()) };
        if dir.join("document").exists() || !bucket.knows(&dir)? {
            return Ok(());
        }
        match fetch(&bucket.depot, &name_of(meta, rejected::FILE), &dir, rejected::FILE, |_| Ok(())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            fetched => fetched?,
        }
        let is_whole = |file: &Path| match hash_of(file)? == meta.document_hash {
            true => Ok(()),
            false => Err(io::Error::other(ApiError::new(&codes::INTERNAL, ANOTHER))),
        };
        fetch(&bucket.depot, &name_of(meta, "document"), &dir, "document", is_whole)
    }

    /// What the run of an import has left beside its document is everybody's from here on.
    pub(super) fn share_places(&self, meta: &SpoolMeta) -> io::Result<()> {
        self.bucket.as_ref().map_or(Ok(()), |bucket| bucket.put_places(meta, &self.dir(meta)))
    }

    /// Gives back the room of a document whose import has ended, where the bucket has it.
    pub(super) fn lighten(&self, meta: &SpoolMeta) -> io::Result<()> {
        let (Some(bucket), dir) = (&self.bucket, self.dir(meta)) else { return Ok(()) };
        if !bucket.knows(&dir)? {
            return Ok(());
        }
        gone(fs::remove_file(dir.join("document")))
    }

    /// Removes documents from the bucket that nobody acknowledged in days: their server ended while it put them there.
    pub(super) fn sweep_bucket(&self) -> io::Result<()> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        for tenant in bucket.depot.below("").map_err(unreachable)?.folders {
            let below = bucket.depot.below(&tenant).map_err(unreachable)?;
            let acknowledged: HashSet<&str> =
                below.objects.iter().filter_map(|name| name.strip_suffix(".json")).collect();
            for folder in below.folders.iter().filter(|folder| !acknowledged.contains(folder.as_str())) {
                if folder.parse().is_ok_and(|id| age_of(id) > ORPHAN_AGE) {
                    tracing::info!(tenant, import_id = folder, "a document that nobody acknowledged leaves the bucket");
                    bucket.depot.remove_below(&format!("{tenant}/{folder}")).map_err(unreachable)?;
                }
            }
        }
        Ok(())
    }

    /// Brings every document of a tenant: what the folder has then is whole without the bucket.
    pub(crate) fn bring_all(&self, tenant: &str) -> io::Result<()> {
        if self.bucket.is_none() {
            return Ok(());
        }
        self.scan_tenant(tenant)?.iter().try_for_each(|meta| self.bring(meta))
    }

    /// Makes the bucket have a tenant's documents of these imports, which are in the folder, and no other.
    pub(crate) fn replace_in_bucket(&self, tenant: &str, ids: &HashSet<ImportId>) -> io::Result<()> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        for id in bucket.ids_of(tenant)?.difference(ids) {
            bucket.remove(tenant, *id)?;
        }
        self.look(tenant)
    }

    /// Says that the bucket may not have what the folder has of a tenant: it is put there when somebody looks.
    pub(crate) fn unmark(&self, tenant: &str) -> io::Result<()> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        let folder = self.tenant_dir(tenant);
        let here = Here::read(&folder, bucket)?;
        here.marked.iter().try_for_each(|id| gone(fs::remove_file(folder.join(id.to_string()).join(MARK))))
    }

    /// Whether the bucket has anything of a tenant.
    pub(crate) fn is_in_bucket_still(&self, tenant: &str) -> io::Result<bool> {
        let Some(bucket) = &self.bucket else { return Ok(false) };
        let below = bucket.depot.below(tenant).map_err(unreachable)?;
        Ok(!below.objects.is_empty() || !below.folders.is_empty())
    }

    /// What a tenant has in the bucket goes; how many objects that were, and bytes.
    pub(crate) fn remove_from_bucket(&self, tenant: &str) -> io::Result<(u64, u64)> {
        let Some(bucket) = &self.bucket else { return Ok((0, 0)) };
        bucket.depot.remove_below(tenant).map_err(unreachable)
    }

    /// The copies that this server has of a tenant's documents go. They are the bucket's.
    pub(super) fn forget_tenant(&self, tenant: &str) -> io::Result<()> {
        if self.bucket.is_some() { gone(fs::remove_dir_all(self.tenant_dir(tenant))) } else { Ok(()) }
    }
}

/// How long ago an import got its id. None that anybody else made is old.
fn age_of(ImportId(id): ImportId) -> Duration {
    let since = id.get_timestamp().map(|at| UNIX_EPOCH + Duration::from_secs(at.to_unix().0));
    since.and_then(|since| since.elapsed().ok()).unwrap_or_default()
}

fn fetch(depot: &Depot, name: &str, dir: &Path, file: &str, check: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    let path: PathBuf = dir.join(format!("{file}.{}", uuid::Uuid::now_v7()));
    let fetched = File::create_new(&path)
        .and_then(|mut to| depot.get_file(name, &mut to).map_err(unreachable))
        .and_then(|_| check(&path))
        .and_then(|()| fs::rename(&path, dir.join(file)));
    if fetched.is_err() {
        // A whole one has been renamed.
        let _ = fs::remove_file(&path);
    }
    fetched
}

fn hash_of(file: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(file)?, blake3::Hasher::new());
    let mut buffer = vec![0; READ_BUFFER_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().to_hex().to_string()),
            count => hash.update(&buffer[..count]),
        };
    }
}
