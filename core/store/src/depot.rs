//! A bucket of an object store: S3, or what speaks like it. Called by the spool of servers that have no folder in common.
//!
//! Only names and bytes: what they mean is the caller's. Everything blocks, and is bounded: a request by [`patience`], what is held
//! in memory by a few parts of a file. Who may use the bucket, and its region, come from the environment variables that every tool
//! for S3 reads (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`), or from the machine's role.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{
    ClientOptions, Error, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, RetryConfig, WriteMultipart,
};
use tokio::runtime::{Builder, Runtime};

/// How long a request may take that carries next to nothing, all attempts together.
const PATIENCE: Duration = Duration::from_secs(10);
/// A connection that is slower than this is as good as none.
const SLOWEST_BYTES_PER_S: u64 = 256 << 10;
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A request that failed for a reason that may pass is sent again at most so often, and so long.
const RETRIES_MAX: usize = 3;
const RETRIES_FOR: Duration = PATIENCE;
/// Files go and come in parts of this size. A file of more than [`PARTS_MAX`] of them has larger ones.
const PART_BYTES: u64 = 8 << 20;
/// Below the 10,000 parts that S3 knows.
const PARTS_MAX: u64 = 9000;
/// Parts of one file that are under way at once.
const PARTS_AHEAD: usize = 2;

/// Which bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepotOptions {
    /// Its name.
    pub bucket: String,
    /// What all names in it begin with; may be empty.
    pub prefix: String,
    /// Where the store is, if not at Amazon's.
    pub endpoint: Option<String>,
}

/// A bucket. Cheap to share.
#[derive(Clone)]
pub struct Depot(Arc<Inner>);

struct Inner {
    name: String,
    prefix: Path,
    store: Box<dyn ObjectStore>,
    runtime: Runtime,
}

/// What lies directly below a name.
#[derive(Debug, Default)]
pub struct Below {
    /// Objects, by the last part of their names.
    pub objects: Vec<String>,
    /// What more lies below, by the last part of the names that it has in common.
    pub folders: Vec<String>,
}

impl fmt::Debug for Depot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Depot").field(&self.0.name).finish()
    }
}

impl fmt::Display for Depot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name)
    }
}

impl Depot {
    /// A bucket, which nobody has asked yet.
    ///
    /// # Errors
    /// The environment names credentials, or a region, that cannot be used.
    pub fn open(options: &DepotOptions) -> io::Result<Self> {
        // Whoever came first has installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = ClientOptions::new()
            .with_timeout(patience(PART_BYTES))
            .with_connect_timeout(CONNECT_MAX)
            .with_allow_http(true);
        let retry = RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRIES_FOR, ..RetryConfig::default() };
        let mut builder =
            AmazonS3Builder::from_env().with_bucket_name(&options.bucket).with_client_options(client).with_retry(retry);
        if let Some(endpoint) = &options.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.build().map_err(failed)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("depot").enable_all().build()?;
        let name = match options.prefix.as_str() {
            "" => format!("s3://{}", options.bucket),
            prefix => format!("s3://{}/{prefix}", options.bucket),
        };
        let prefix = Path::from(options.prefix.as_str());
        Ok(Self(Arc::new(Inner { name, prefix, store: Box::new(store), runtime })))
    }

    /// Waits for a request that carries so many bytes.
    fn wait<T>(&self, bytes: u64, request: impl Future<Output = Result<T, Error>>) -> io::Result<T> {
        let within = patience(bytes);
        let answer = self.0.runtime.block_on(async { tokio::time::timeout(within, request).await });
        let silent = |_| io::Error::new(io::ErrorKind::TimedOut, format!("{self} did not answer within {within:?}"));
        answer.map_err(silent)?.map_err(failed)
    }

    fn path(&self, name: &str) -> Path {
        self.0.prefix.parts().chain(Path::from(name).parts()).collect()
    }

    /// What lies directly below a name, however much that is; the empty one is the whole bucket's, or its prefix's.
    ///
    /// # Errors
    /// The store does not answer, or refuses.
    pub fn below(&self, name: &str) -> io::Result<Below> {
        let (path, depth) = (self.path(name), self.path(name).parts().count());
        if name.is_empty() {
            let listed = self.wait(0, self.0.store.list_with_delimiter(Some(&path)))?;
            let last = |path: &Path| path.filename().map(str::to_owned);
            let objects = listed.objects.iter().filter_map(|object| last(&object.location)).collect();
            return Ok(Below { objects, folders: listed.common_prefixes.iter().filter_map(last).collect() });
        }
        let mut below = Below::default();
        for object in self.all_below(&path)? {
            let parts: Vec<_> = object.location.parts().skip(depth).collect();
            let Some(first) = parts.first().map(|part| part.as_ref().to_owned()) else { continue };
            match parts.len() {
                1 => below.objects.push(first),
                // Names come in order, so those of one folder come together.
                _ if below.folders.last() != Some(&first) => below.folders.push(first),
                _ => {}
            }
        }
        Ok(below)
    }

    /// All objects below a name. A long list comes in pages, and each is waited for as long as for any request.
    fn all_below(&self, path: &Path) -> io::Result<Vec<ObjectMeta>> {
        let mut list = self.0.store.list(Some(path));
        let mut all = Vec::new();
        while let Some(object) = self.wait(0, list.try_next())? {
            all.push(object);
        }
        Ok(all)
    }

    /// Stores bytes under a name, whatever was there.
    ///
    /// # Errors
    /// As for [`below`](Self::below).
    pub fn put(&self, name: &str, bytes: Vec<u8>) -> io::Result<()> {
        self.wait(bytes.len() as u64, self.0.store.put(&self.path(name), bytes.into())).map(drop)
    }

    /// Stores bytes under a name that nothing has. False if there is something.
    ///
    /// # Errors
    /// As for [`below`](Self::below).
    pub fn put_new(&self, name: &str, bytes: Vec<u8>) -> io::Result<bool> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.wait(0, self.0.store.put_opts(&self.path(name), bytes.into(), options)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            put => put.map(|_| true),
        }
    }

    /// Stores a file, from its first byte. One that fails midway leaves nothing.
    ///
    /// # Errors
    /// As for [`below`](Self::below); those of the file.
    pub fn put_file(&self, name: &str, mut file: File) -> io::Result<()> {
        let bytes = file.metadata()?.len();
        if bytes <= PART_BYTES {
            let mut whole = Vec::new();
            file.read_to_end(&mut whole)?;
            return self.put(name, whole);
        }
        let part = part_bytes(bytes);
        let path = self.path(name);
        self.0.runtime.block_on(async {
            let upload = self.0.store.put_multipart(&path).await.map_err(failed)?;
            let mut upload = WriteMultipart::new_with_chunk_size(upload, part);
            match fill(&mut upload, file, part).await {
                Ok(()) => upload.finish().await.map(drop).map_err(failed),
                Err(error) => {
                    // Parts that nobody asks for any more; the store ends them by its own rules if this fails, too.
                    let _ = upload.abort().await;
                    Err(error)
                }
            }
        })
    }

    /// The bytes of a small object.
    ///
    /// # Errors
    /// `NotFound`; as for [`below`](Self::below).
    pub fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.path(name);
        self.wait(0, async { Ok(self.0.store.get(&path).await?.bytes().await?.to_vec()) })
    }

    /// Writes an object into a file, from where that stands.
    ///
    /// # Errors
    /// `NotFound`; as for [`below`](Self::below); those of the file.
    pub fn get_file(&self, name: &str, file: &mut File) -> io::Result<u64> {
        let path = self.path(name);
        let bytes = self.wait(0, self.0.store.head(&path))?.size;
        let mut at = 0;
        while at < bytes {
            let end = bytes.min(at + PART_BYTES);
            file.write_all(&self.wait(end - at, self.0.store.get_range(&path, at..end))?)?;
            at = end;
        }
        Ok(bytes)
    }

    /// Removes an object, if there is one.
    ///
    /// # Errors
    /// As for [`below`](Self::below).
    pub fn remove(&self, name: &str) -> io::Result<()> {
        self.remove_at(&self.path(name))
    }

    fn remove_at(&self, path: &Path) -> io::Result<()> {
        match self.wait(0, self.0.store.delete(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Removes all that lies below a name, at any depth; how many objects that were, and bytes.
    ///
    /// # Errors
    /// As for [`below`](Self::below).
    pub fn remove_below(&self, name: &str) -> io::Result<(u64, u64)> {
        let path = self.path(name);
        let found = self.all_below(&path)?;
        found.iter().try_for_each(|object| self.remove_at(&object.location))?;
        Ok((found.len() as u64, found.iter().map(|object| object.size).sum()))
    }
}

/// How long a request may take that carries so many bytes.
fn patience(bytes: u64) -> Duration {
    PATIENCE + Duration::from_secs(bytes / SLOWEST_BYTES_PER_S)
}

/// The size of the parts of a file of so many bytes.
fn part_bytes(bytes: u64) -> usize {
    usize::try_from(PART_BYTES.max(bytes.div_ceil(PARTS_MAX))).unwrap_or(usize::MAX)
}

async fn fill(upload: &mut WriteMultipart, mut file: File, part: usize) -> io::Result<()> {
    loop {
        let mut bytes = Vec::with_capacity(part);
        if (&mut file).take(part as u64).read_to_end(&mut bytes)? == 0 {
            return Ok(());
        }
        upload.wait_for_capacity(PARTS_AHEAD).await.map_err(failed)?;
        upload.put(bytes.into());
    }
}

fn failed(error: Error) -> io::Error {
    let kind = match &error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::AlreadyExists { .. } | Error::Precondition { .. } => io::ErrorKind::AlreadyExists,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_has_more_parts_than_the_store_knows() {
        for (bytes, expected) in [(1, 8 << 20), (PART_BYTES * PARTS_MAX, 8 << 20)] {
            assert_eq!(part_bytes(bytes), expected);
        }
        for bytes in [PART_BYTES * PARTS_MAX + 1, 1 << 40, 5 << 40] {
            let part = part_bytes(bytes) as u64;
            assert!(part > PART_BYTES && bytes.div_ceil(part) <= PARTS_MAX, "{bytes}: {part}");
        }
    }
}
