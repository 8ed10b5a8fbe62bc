//! Many tenants at once: the structure that each database has, read without opening it, and bringing those that are behind up to date
//! beside each other. Called by whoever updates a platform.
//!
//! Each tenant's missing steps are one transaction (`migrate.rs`), so it has its old structure or the new one, whatever ends the
//! process. Nothing else is written down: what is left to do is what is behind, and whoever comes second finds it done.

use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use plugpoint_sdk::model::TenantId;

use crate::database::Place;
use crate::error::{StoreError, StoreErrorKind};
use crate::migrate;
use crate::sql::{self, values};
use crate::store::Store;
use crate::tenant;

/// What a database's structure is, beside what this release knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// There is no database yet; it is made with the newest structure when it is first used.
    None,
    /// That of an older release, which ended with this step.
    Behind(u32),
    /// This release's.
    Current,
}

impl Store {
    /// What a tenant's structure is. The database is neither opened for others nor changed: of a file that nobody writes to, a hundred
    /// bytes are read.
    ///
    /// # Errors
    /// `Corrupt` for what is no tenant's database, `TooNew`; those of the storage.
    pub fn structure(&self, tenant: &TenantId) -> Result<Structure, StoreError> {
        let found = match self.place_of(tenant)?.0 {
            Place::File(path) => of_file(&path, self.options().wait_max),
            Place::Schema(server, schema) => {
                let look = || {
                    let connection = server.take(&schema, self.options().wait_max)?;
                    migrate::structure(&connection, &schema)
                };
                look()
            }
        };
        let judged = found.and_then(|number| match number {
            None => Ok(Structure::None),
            Some(number) => match tenant::SCHEMA.behind(number)? {
                [] => Ok(Structure::Current),
                _ => Ok(Structure::Behind(u32::try_from(number).unwrap_or(u32::MAX))),
            },
        });
        judged.map_err(|error| error.during("look at a structure", &format!("tenant {tenant}")))
    }

    /// Brings a tenant up to date, as its first use would. Either all its missing steps are done afterwards or none.
    ///
    /// # Errors
    /// As for [`tenant`](Self::tenant), and those of a step.
    pub fn bring_up_to_date(&self, tenant: &TenantId) -> Result<(), StoreError> {
        // Not kept open: a platform has more tenants than a process may have files.
        self.tenant(tenant).map(drop)?;
        drop(self.let_go(tenant));
        Ok(())
    }
}

/// Does something for each of many tenants, `jobs` of them at the same time, and hands over what came of it, one at a time, before
/// whoever did it begins with the next. After `Break` none is begun any more; what is being done ends and is handed over.
pub fn for_each_tenant<T>(
    tenants: &[TenantId],
    jobs: NonZeroUsize,
    work: impl Fn(&TenantId) -> T + Sync,
    done: impl FnMut(&TenantId, T) -> ControlFlow<()> + Send,
) {
    let (next, is_over, done) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(done));
    let run = || {
        while !is_over.load(Ordering::Acquire)
            && let Some(tenant) = tenants.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let result = work(tenant);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            if done(tenant, result).is_break() {
                is_over.store(true, Ordering::Release);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.get().min(tenants.len()) {
            scope.spawn(run);
        }
    });
}

/// The number of a file's structure; none if there is no file, or nothing in it.
fn of_file(path: &Path, wait_max: std::time::Duration) -> Result<Option<i64>, StoreError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened?.take(HEAD_BYTES as u64).read_to_end(&mut head)?,
    };
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    // What has been written last lies there, as long as it is there.
    let is_in_use = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    if !is_in_use && let Some(numbers) = of_head(&head)? {
        return told(numbers);
    }
    const SELECT: &str = "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version";
    let connection = sql::open_reader(path, wait_max)?;
    told(connection.query_one(SELECT, values![], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Bytes of a file of SQLite's before its first page's content.
const HEAD_BYTES: usize = 100;

/// The numbers in the head of a file (SQLite's documentation, Database File Format, 1.3): application id and user version. None for a
/// file without a head.
fn of_head(head: &[u8]) -> Result<Option<(i64, i64)>, StoreError> {
    if head.is_empty() {
        return Ok(None);
    }
    let number = |at: usize| head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(i32::from_be_bytes);
    match (head.starts_with(b"SQLite format 3\0"), number(68), number(60)) {
        (true, Some(application), Some(version)) => Ok(Some((application.into(), version.into()))),
        _ => Err(StoreError::of(StoreErrorKind::Corrupt, "it is no file of SQLite's")),
    }
}

fn told((application, version): (i64, i64)) -> Result<Option<i64>, StoreError> {
    match (application == tenant::SCHEMA.application_id, application, version) {
        (true, ..) => Ok(Some(version)),
        (false, 0, 0) => Ok(None),
        _ => Err(StoreError::of(StoreErrorKind::Corrupt, "it is no tenant's database")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_the_numbers_that_sqlite_writes() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let connection = rusqlite::Connection::open(file.path()).unwrap();
        connection.pragma_update(None, "application_id", 0x504c_5054).unwrap();
        connection.pragma_update(None, "user_version", 70_000).unwrap();
        drop(connection);
        let head = std::fs::read(file.path()).unwrap();
        assert_eq!(of_head(&head[..HEAD_BYTES]).unwrap(), Some((0x504c_5054, 70_000)));
        assert_eq!(of_head(b"").unwrap(), None);
        for broken in [&head[..15], &head[..71], b"SQLite format 2\0".as_slice(), &[0; 100]] {
            assert_eq!(of_head(broken).unwrap_err().kind(), StoreErrorKind::Corrupt);
        }
    }

    #[test]
    fn each_is_done_once_and_none_is_begun_after_the_end() {
        let tenants: Vec<TenantId> = (0..100).map(|number| format!("t{number}").parse().unwrap()).collect();
        for jobs in [1, 7, 200] {
            let jobs = NonZeroUsize::new(jobs).unwrap();
            let mut seen = Vec::new();
            for_each_tenant(
                &tenants,
                jobs,
                |tenant| tenant.to_string(),
                |tenant, result| {
                    assert_eq!(tenant.as_str(), result);
                    seen.push(result);
                    ControlFlow::Continue(())
                },
            );
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 100);
        }
        let begun = AtomicUsize::new(0);
        let mut handed_over = 0;
        let work = |_: &TenantId| begun.fetch_add(1, Ordering::SeqCst);
        for_each_tenant(&tenants, NonZeroUsize::MIN, work, |_, _| {
            handed_over += 1;
            ControlFlow::Break(())
        });
        assert_eq!((begun.load(Ordering::SeqCst), handed_over), (1, 1));
        for_each_tenant(&[], NonZeroUsize::MIN, |_| (), |_, ()| unreachable!());
    }
}
