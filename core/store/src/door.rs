//! Who has a tenant's folder open: a lock on the folder itself, shared by all processes that use its database, held alone by the
//! one that takes the folder away. It ends with the process, whatever ends that. Where the tenants are a server's, whom other
//! machines use, too, a lock of the server says the same.
//!
//! Used by the store when it opens a tenant, and by whoever deletes or replaces one. It says nothing about who may.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{StoreError, StoreErrorKind};
use crate::files;
use crate::sql::Connection;
use crate::sql::postgres::{PgDoor, PgServer, SchemaName};

/// How often a lock is asked for again.
const PAUSE: Duration = Duration::from_millis(20);

/// The share of one process.
#[derive(Debug)]
pub(crate) struct Door {
    _folder: File,
    share: Option<PgDoor>,
}

impl Door {
    /// Enters a tenant's folder, which is made if it is not there. Waits for one who has it alone.
    ///
    /// # Errors
    /// `Busy`, `Io`, `Full`.
    pub(crate) fn enter(folder: &Path, wait_max: Duration) -> Result<Self, StoreError> {
        files::create_folder(folder)?;
        let file = File::open(folder)?;
        wait(|| file.try_lock_shared(), wait_max, &mut || true)?;
        Ok(Self { _folder: file, share: None })
    }

    /// Enters the tenant's schema, too.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`.
    pub(crate) fn and_schema(
        self,
        server: &PgServer,
        schema: &SchemaName,
        wait_max: Duration,
    ) -> Result<Self, StoreError> {
        Ok(Self { share: Some(server.enter(schema, wait_max)?), ..self })
    }

    /// False once somebody else may have the tenant alone: the connection that held the share was lost.
    pub(crate) fn is_open(&self) -> bool {
        self.share.as_ref().is_none_or(PgDoor::is_open)
    }
}

/// A tenant's folder, held alone: nobody has its database open, and nobody opens it.
pub struct Held {
    _folder: File,
    _schema: Option<Connection>,
    /// Where it is.
    pub folder: PathBuf,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Held {
    /// Waits until nobody has the folder open. `goes_on` is asked again and again; false ends the waiting.
    ///
    /// # Errors
    /// `Busy`, `Io`, `Full`.
    pub(crate) fn take(
        folder: &Path,
        wait_max: Duration,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self, StoreError> {
        let deadline = Instant::now() + wait_max;
        loop {
            files::create_folder(folder)?;
            let file = File::open(folder)?;
            wait(|| file.try_lock(), deadline.saturating_duration_since(Instant::now()), goes_on)?;
            // Another one may have taken the folder away meanwhile; the lock would be one of nothing.
            if is_still(&file, folder)? {
                return Ok(Self { _folder: file, _schema: None, folder: folder.to_owned() });
            }
        }
    }
}

impl Held {
    /// Waits for those of other machines, too.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`.
    pub(crate) fn and_schema(
        self,
        server: &PgServer,
        schema: &SchemaName,
        wait_max: Duration,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self, StoreError> {
        Ok(Self { _schema: Some(server.hold(schema, wait_max, goes_on)?), ..self })
    }
}

fn is_still(file: &File, folder: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    match fs::metadata(folder) {
        Ok(there) => Ok(there.ino() == file.metadata()?.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// A file system that knows no locks has no second process either.
fn wait(
    lock: impl Fn() -> Result<(), TryLockError>,
    wait_max: Duration,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<(), StoreError> {
    let deadline = Instant::now() + wait_max;
    while matches!(lock(), Err(TryLockError::WouldBlock)) {
        if Instant::now() >= deadline || !goes_on() {
            return Err(StoreError::of(StoreErrorKind::Busy, "another process has the tenant's folder"));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn held(folder: &Path) -> Result<Held, StoreError> {
        Held::take(folder, NOW, &mut || true)
    }

    #[test]
    fn many_share_a_folder_and_one_alone_keeps_all_out() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("acme");
        let (first, second) = (Door::enter(&folder, NOW).unwrap(), Door::enter(&folder, NOW).unwrap());
        assert_eq!(held(&folder).unwrap_err().kind(), StoreErrorKind::Busy);
        drop(first);
        assert_eq!(held(&folder).unwrap_err().kind(), StoreErrorKind::Busy);
        drop(second);
        let alone = held(&folder).unwrap();
        assert_eq!(held(&folder).unwrap_err().kind(), StoreErrorKind::Busy);
        assert_eq!(Door::enter(&folder, NOW).unwrap_err().kind(), StoreErrorKind::Busy);
        drop(alone);
        Door::enter(&folder, NOW).unwrap();
    }

    #[test]
    fn who_waits_for_a_folder_that_is_taken_away_gets_the_new_one() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("acme");
        let alone = held(&folder).unwrap();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| Held::take(&folder, Duration::from_secs(30), &mut || true).unwrap());
            fs::remove_dir(&folder).unwrap();
            drop(alone);
            let _other = waits.join().unwrap();
            assert!(folder.is_dir());
            assert_eq!(Door::enter(&folder, NOW).unwrap_err().kind(), StoreErrorKind::Busy, "it is the new one's");
        });
    }

    #[test]
    fn waiting_ends_when_the_one_who_waits_says_so() {
        let scratch = tempfile::tempdir().unwrap();
        let _door = Door::enter(scratch.path(), NOW).unwrap();
        let mut asked = 0;
        let waited = Held::take(scratch.path(), Duration::from_secs(600), &mut || {
            asked += 1;
            asked < 3
        });
        assert_eq!((waited.unwrap_err().kind(), asked), (StoreErrorKind::Busy, 3));
    }
}
