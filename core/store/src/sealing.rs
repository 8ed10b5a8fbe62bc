//! Secrets that have to be read again, sealed with a key of the data folder's own: `secrets.key`, made at first need.
//!
//! Called by the control database. It refuses a key that others may read, and never makes a new one in order to open something.
//! Whoever has both the key and the control database has the secrets; either alone gives none.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

use crate::error::{StoreError, StoreErrorKind};
use crate::random::random;

/// The key's file in the data folder.
const FILE: &str = "secrets.key";
const KEY_BYTES: usize = 32;
/// So long that random ones never meet.
const NONCE_BYTES: usize = 24;
/// The first byte of what is sealed: XChaCha20-Poly1305, the nonce before the text.
const FORM: u8 = 1;

type Key = [u8; KEY_BYTES];

/// Seals and opens by the key of one data folder.
pub(crate) struct Sealer {
    path: PathBuf,
    key: OnceLock<Key>,
}

impl Sealer {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self { path: data_dir.join(FILE), key: OnceLock::new() }
    }

    /// Seals a secret for a key id: under another one it does not open.
    ///
    /// # Errors
    /// `Io` for a key that cannot be made or read, or that others may read.
    pub(crate) fn seal(&self, key_id: &str, secret: &str) -> Result<Vec<u8>, StoreError> {
        let nonce = random::<NONCE_BYTES>()?;
        let payload = Payload { msg: secret.as_bytes(), aad: key_id.as_bytes() };
        let cipher = XChaCha20Poly1305::new(&self.key(true)?.into());
        let sealed = cipher.encrypt(&nonce.into(), payload).map_err(|_| failed(StoreErrorKind::Internal, "sealing"))?;
        Ok([&[FORM][..], &nonce, &sealed].concat())
    }

    /// The secret that was sealed for a key id.
    ///
    /// # Errors
    /// `Corrupt` for what this key did not seal for this key id; `Io` as for sealing.
    pub(crate) fn open(&self, key_id: &str, sealed: &[u8]) -> Result<String, StoreError> {
        let corrupt = || failed(StoreErrorKind::Corrupt, "the key does not open it");
        let rest = sealed.strip_prefix(&[FORM]).ok_or_else(corrupt)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(corrupt)?;
        let cipher = XChaCha20Poly1305::new(&self.key(false)?.into());
        let payload = Payload { msg: text, aad: key_id.as_bytes() };
        let secret = cipher.decrypt(&(*nonce).into(), payload).map_err(|_| corrupt())?;
        String::from_utf8(secret).map_err(|_| corrupt())
    }

    fn key(&self, may_make: bool) -> Result<Key, StoreError> {
        if let Some(key) = self.key.get() {
            return Ok(*key);
        }
        let about = |error: std::io::Error| StoreError::from(error).during("read the key of sealed secrets", FILE);
        let bytes = match fs::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound && may_make => {
                self.make()?;
                fs::read(&self.path).map_err(about)?
            }
            read => read.map_err(about)?,
        };
        let mode = fs::metadata(&self.path).map_err(about)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(failed(StoreErrorKind::Io, "others may read the key; take their rights away (chmod 600)"));
        }
        let key = Key::try_from(bytes).map_err(|_| failed(StoreErrorKind::Corrupt, "the key has not 32 bytes"))?;
        Ok(*self.key.get_or_init(|| key))
    }

    /// Makes the key, unless another process has made it meanwhile. It is whole before it has its name.
    fn make(&self) -> Result<(), StoreError> {
        let about = |error: std::io::Error| StoreError::from(error).during("make the key of sealed secrets", FILE);
        // A name of its own: a draft that two write would be the key of one and truncated by the other.
        let draft = self.path.with_extension(format!("{:016x}.tmp", u64::from_ne_bytes(random()?)));
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
            file.write_all(&random::<KEY_BYTES>().map_err(std::io::Error::other)?)?;
            file.sync_all()
        };
        let linked = write().and_then(|()| match fs::hard_link(&draft, &self.path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()),
        });
        // What may be left of a draft is of no use to anybody.
        let _ = fs::remove_file(&draft);
        linked.map_err(about)
    }
}

fn failed(kind: StoreErrorKind, cause: &str) -> StoreError {
    StoreError::of(kind, cause).during("use the key of sealed secrets", FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_key_id_alone_and_only_whole() {
        let folder = tempfile::tempdir().unwrap();
        let sealer = Sealer::new(folder.path());
        let sealed = sealer.seal("pk_1", "ps_secret").unwrap();
        assert!(!sealed.windows(9).any(|bytes| bytes == b"ps_secret"));
        assert_ne!(sealed, sealer.seal("pk_1", "ps_secret").unwrap(), "a nonce is used once");
        // As another process does, after a restart.
        let other = Sealer::new(folder.path());
        assert_eq!(other.open("pk_1", &sealed).unwrap(), "ps_secret");
        assert_eq!(other.open("pk_2", &sealed).unwrap_err().kind(), StoreErrorKind::Corrupt);
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(other.open("pk_1", &damaged).is_err(), "byte {at}");
            assert!(other.open("pk_1", &sealed[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn the_key_is_private_is_made_once_and_never_to_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let sealed = Sealer::new(folder.path()).seal("pk_1", "s").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(Sealer::new(folder.path()).open("pk_1", &sealed).unwrap_err().kind(), StoreErrorKind::Io);
        fs::remove_file(&path).unwrap();
        assert_eq!(Sealer::new(folder.path()).open("pk_1", &sealed).unwrap_err().kind(), StoreErrorKind::Io);
        assert!(!path.exists());
        fs::write(&path, "short").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(Sealer::new(folder.path()).seal("pk_1", "s").unwrap_err().kind(), StoreErrorKind::Corrupt);
    }

    #[test]
    fn of_many_that_make_the_key_at_once_all_have_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let sealed: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| Sealer::new(folder.path()).seal("k", "s").unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let sealer = Sealer::new(folder.path());
        assert!(sealed.iter().all(|sealed| sealer.open("k", sealed).unwrap() == "s"));
    }
}
