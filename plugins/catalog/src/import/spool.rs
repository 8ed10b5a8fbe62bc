//! The spool: where a document becomes durable before its import is acknowledged, and the queue that survives a crash.
//!
//! `SPOOL/<tenant>/<import>/{document,meta.json}`. A document is written under `<import>.part`, synced, and renamed as a
//! whole; a folder without `.part` is therefore complete and acknowledged. What the tenant's database knows as ended is
//! history; everything else is work to do. No other module writes below `SPOOL`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use plugpoint_sdk::codes;
use plugpoint_sdk::desk::Receipt;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{CatalogId, ImportId, ImportMode, TenantId};
use serde::{Deserialize, Serialize};

const WRITE_BUFFER_BYTES: usize = 256 * 1024;
const PART: &str = "part";

/// What the spool knows of a document: enough to import it after a crash with nobody left to ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SpoolMeta {
    /// The import.
    pub(crate) id: ImportId,
    /// The tenant.
    pub(crate) tenant: String,
    /// The catalog.
    pub(crate) catalog: String,
    /// What the caller allowed.
    pub(crate) mode: Option<ImportMode>,
    /// The caller's key, if any.
    pub(crate) idempotency_key: Option<String>,
    /// Content type without parameters.
    pub(crate) media_type: String,
    /// Its charset.
    pub(crate) charset: Option<String>,
    /// Read by the canonical transformer whatever the tenant's is.
    pub(crate) is_canonical: bool,
    /// The request that brought it.
    pub(crate) request_id: String,
    /// When it was acknowledged.
    pub(crate) created_at: Timestamp,
    /// Its size.
    pub(crate) bytes: u64,
    /// BLAKE3 of its bytes, in hex.
    pub(crate) document_hash: String,
}

impl SpoolMeta {
    /// The tenant as a type. A meta file that somebody edited is refused here.
    pub(crate) fn tenant(&self) -> Result<TenantId, ApiError> {
        self.tenant.parse().map_err(|error| broken(&self.id, error))
    }

    /// The catalog as a type.
    pub(crate) fn catalog(&self) -> Result<CatalogId, ApiError> {
        self.catalog.parse().map_err(|error| broken(&self.id, error))
    }
}

fn broken(id: &ImportId, error: plugpoint_sdk::model::ids::IdError) -> ApiError {
    ApiError::new(&codes::INTERNAL, format!("the spooled document of import {id} is damaged")).caused_by(error)
}

/// The spool's root folder.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    root: PathBuf,
}

impl Spool {
    /// Opens the spool below a data folder and removes what was never acknowledged.
    pub(crate) fn open(root: PathBuf) -> io::Result<Self> {
        create_private_dir(&root)?;
        let spool = Self { root };
        spool.remove_unacknowledged()?;
        Ok(spool)
    }

    /// Starts a document. Nothing is acknowledged until [`Incoming::acknowledge`].
    pub(crate) fn receive(&self, id: ImportId, receipt: &Receipt) -> Result<Incoming, ApiError> {
        let part = self.tenant_dir(receipt.tenant.as_str()).join(format!("{id}.{PART}"));
        create_private_dir(&part).map_err(write_failed)?;
        let file = File::create(part.join("document")).map_err(write_failed)?;
        let out = BufWriter::with_capacity(WRITE_BUFFER_BYTES, file);
        Ok(Incoming { id, part: Some(part), out, hash: blake3::Hasher::new(), bytes: 0 })
    }

    /// All acknowledged documents, oldest first. A folder whose meta cannot be read is reported, not skipped in silence.
    pub(crate) fn scan(&self) -> io::Result<Vec<SpoolMeta>> {
        let mut found = Vec::new();
        for tenant in fs::read_dir(&self.root)? {
            for entry in fs::read_dir(tenant?.path())? {
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
        }
        found.sort_by_key(|meta| meta.id);
        Ok(found)
    }

    /// The document's file, for reading.
    pub(crate) fn open_document(&self, meta: &SpoolMeta) -> io::Result<File> {
        File::open(self.dir(meta).join("document"))
    }

    /// Where the run of an import may keep side files; gone with the document.
    pub(crate) fn dir(&self, meta: &SpoolMeta) -> PathBuf {
        self.tenant_dir(&meta.tenant).join(meta.id.to_string())
    }

    /// Forgets a document whose retention is over.
    pub(crate) fn remove(&self, meta: &SpoolMeta) -> io::Result<()> {
        fs::remove_dir_all(self.dir(meta))
    }

    fn tenant_dir(&self, tenant: &str) -> PathBuf {
        self.root.join(tenant)
    }

    fn remove_unacknowledged(&self) -> io::Result<()> {
        for tenant in fs::read_dir(&self.root)? {
            for entry in fs::read_dir(tenant?.path())? {
                let dir = entry?.path();
                if is_part(&dir) {
                    fs::remove_dir_all(&dir)?;
                }
            }
        }
        Ok(())
    }
}

/// A document on its way in. Dropped before it is durable, it leaves nothing behind.
pub(crate) struct Incoming {
    id: ImportId,
    part: Option<PathBuf>,
    out: BufWriter<File>,
    hash: blake3::Hasher,
    bytes: u64,
}

impl Incoming {
    /// The import that the document will have.
    pub(crate) fn id(&self) -> ImportId {
        self.id
    }

    /// Size and hash of what was written so far.
    pub(crate) fn fingerprint(&self) -> (u64, String) {
        (self.bytes, self.hash.finalize().to_hex().to_string())
    }

    /// Puts data and meta on disk. Slow, and not yet the acknowledgement.
    pub(crate) fn sync(&mut self, meta: &SpoolMeta) -> Result<(), ApiError> {
        let Some(part) = &self.part else { return Ok(()) };
        self.out.flush().and_then(|()| self.out.get_ref().sync_all()).map_err(write_failed)?;
        let meta = serde_json::to_vec(meta).map_err(|error| write_failed(error.into()))?;
        write_synced(&part.join("meta.json"), &meta).and_then(|()| sync_dir(part)).map_err(write_failed)
    }

    /// The rename that acknowledges a synced document: after it, a crash starts the import again.
    pub(crate) fn acknowledge(mut self) -> Result<(), ApiError> {
        let Some(part) = &self.part else { return Ok(()) };
        let target = part.with_extension("");
        fs::rename(part, &target).map_err(write_failed)?;
        self.part = None;
        sync_dir(target.parent().unwrap_or(&target)).map_err(write_failed)
    }
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if let Some(part) = self.part.take()
            && let Err(error) = fs::remove_dir_all(&part)
        {
            tracing::warn!(dir = %part.display(), %error, "an unacknowledged document was left; the next start removes it");
        }
    }
}

/// A write to the spool that failed, told by cause: no space is the operator's, everything else is ours.
pub(crate) fn write_failed(error: io::Error) -> ApiError {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
        return ApiError::new(&codes::STORAGE_FULL, "there is no space left for the document; nothing of it was kept")
            .caused_by(error);
    }
    ApiError::new(&codes::INTERNAL, "the document could not be written to the spool").caused_by(error)
}

fn is_part(dir: &Path) -> bool {
    dir.extension().is_some_and(|extension| extension == PART)
}

fn read_meta(dir: &Path) -> io::Result<SpoolMeta> {
    let bytes = fs::read(dir.join("meta.json"))?;
    serde_json::from_slice(&bytes).map_err(io::Error::other)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn create_private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}
