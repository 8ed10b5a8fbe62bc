//! A document on its way into the spool, from its first byte to the rename that acknowledges it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportId;

use super::arrival::Arrival;
use super::bucket::Bucket;
use super::meta::SpoolMeta;
use super::room::Promise;
use super::spool::{sync_dir, write_synced};

const WRITE_BUFFER_BYTES: usize = 256 * 1024;

/// A document on its way in. Dropped before it is durable, it leaves nothing behind.
pub(crate) struct Incoming {
    id: ImportId,
    pub(super) part: Option<PathBuf>,
    file: File,
    /// Not in the file yet. Writers bring a document in small pieces; hash and file take it in large ones.
    waiting: Vec<u8>,
    hash: blake3::Hasher,
    /// In the file.
    bytes: u64,
    /// From this size on the file system is asked again.
    bytes_granted: u64,
    pub(super) promise: Promise,
    bucket: Option<Bucket>,
    /// Whose document lies in the bucket and has to go with this one.
    is_put: Option<String>,
}

impl Incoming {
    /// A document whose bytes go to `file`, in the folder `part` that bears its name while it is on its way.
    pub(super) fn new(id: ImportId, part: PathBuf, file: File, promise: Promise, bucket: Option<Bucket>) -> Self {
        Self {
            id,
            part: Some(part),
            file,
            waiting: Vec::with_capacity(WRITE_BUFFER_BYTES),
            hash: blake3::Hasher::new(),
            bytes: 0,
            bytes_granted: 0,
            promise,
            bucket,
            is_put: None,
        }
    }

    /// The import that the document will have.
    pub(crate) fn id(&self) -> ImportId {
        self.id
    }

    /// Size and hash of what was written so far.
    pub(crate) fn fingerprint(&mut self) -> Result<(u64, String), ApiError> {
        self.spill().map_err(write_failed)?;
        Ok((self.bytes, self.hash.finalize().to_hex().to_string()))
    }

    /// How much of the document can be read from its file.
    pub(super) fn bytes_there(&self) -> u64 {
        self.bytes
    }

    /// For one who imports what is there while the rest arrives.
    pub(super) fn arrival(&self) -> io::Result<Option<Arrival>> {
        let Some(part) = &self.part else { return Ok(None) };
        Ok(Some(Arrival::new(self.file.try_clone()?, part.clone(), self.bytes)))
    }

    fn spill(&mut self) -> io::Result<()> {
        let bytes_after = self.bytes + self.waiting.len() as u64;
        if bytes_after > self.bytes_granted {
            self.bytes_granted = self.promise.look(self.waiting.len() as u64)?;
        }
        self.file.write_all(&self.waiting)?;
        self.promise.wrote(self.waiting.len() as u64);
        self.hash.update(&self.waiting);
        self.bytes = bytes_after;
        self.waiting.clear();
        Ok(())
    }

    /// Puts data and meta on disk. Slow, and not yet the acknowledgement.
    pub(crate) fn sync(&mut self, meta: &SpoolMeta) -> Result<(), ApiError> {
        self.spill().and_then(|()| self.file.sync_all()).map_err(write_failed)?;
        let text = serde_json::to_vec(meta).map_err(|error| write_failed(error.into()))?;
        let Some(part) = &self.part else { return Ok(()) };
        write_synced(&part.join("meta.json"), &text).and_then(|()| sync_dir(part)).map_err(write_failed)?;
        let Some(bucket) = &self.bucket else { return Ok(()) };
        bucket.put(meta, part).map_err(write_failed)?;
        self.is_put = Some(meta.tenant.clone());
        Ok(())
    }

    /// Makes a synced document one that other servers see, if they see it in a bucket.
    pub(crate) fn publish(&self, meta: &SpoolMeta) -> Result<(), ApiError> {
        match (&self.bucket, &self.part) {
            (Some(bucket), Some(part)) => bucket.publish(meta, part).map_err(write_failed),
            _ => Ok(()),
        }
    }

    /// The rename that acknowledges a synced document: after it, a crash starts the import again. Gives the room for that.
    pub(crate) fn acknowledge(mut self) -> Result<Promise, ApiError> {
        if let Some(part) = &self.part {
            let target = part.with_file_name(self.id.to_string());
            fs::rename(part, &target).map_err(write_failed)?;
            (self.part, self.is_put) = (None, None);
            sync_dir(target.parent().unwrap_or(&target)).map_err(write_failed)?;
        }
        Ok(self.promise.taken())
    }
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() + bytes.len() > WRITE_BUFFER_BYTES {
            self.spill()?;
        }
        let taken = bytes.len().min(WRITE_BUFFER_BYTES);
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spill()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if let (Some(bucket), Some(tenant)) = (&self.bucket, &self.is_put)
            && let Err(error) = bucket.remove(tenant, self.id)
        {
            tracing::warn!(import_id = %self.id, %error, "an unacknowledged document was left in the bucket; what is old there is removed");
        }
        if let Some(part) = self.part.take()
            && let Err(error) = fs::remove_dir_all(&part)
        {
            tracing::warn!(dir = %part.display(), %error, "an unacknowledged document was left; the next start removes it");
        }
    }
}

/// A write to the spool that failed, told by cause: no space is the operator's, a document that may not be so large its
/// sender's, everything else is ours.
pub(crate) fn write_failed(error: io::Error) -> ApiError {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let error = match error.downcast::<ApiError>() {
        Ok(refusal) => return refusal,
        Err(error) => error,
    };
    if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
        return ApiError::new(&codes::STORAGE_FULL, "there is no space left for the document; nothing of it was kept")
            .caused_by(error);
    }
    ApiError::new(&codes::INTERNAL, "the document could not be written to the spool").caused_by(error)
}
