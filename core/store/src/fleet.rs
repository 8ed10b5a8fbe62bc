//! Many tenants at once: the structure that each database has, read without opening it, and bringing those that are behind up to date
//! beside each other. Called by whoever updates a platform.
//!
//! A tenant's missing steps are one transaction of the core's (`migrate.rs`) and one of its customer's (`updates`), so it has its old
//! structure or the new one, whatever ends the process. What is left to do is what is behind, and whoever comes second finds it done.

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
use crate::migrate::{self, Migrate};
use crate::sql::{self, values};
use crate::store::Store;
use crate::tenant;
use crate::updates::Own;

/// What a database's structure is, beside what this release knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Structure {
    /// There is no database yet; it is made with the newest structure when it is first used.
    None,
    /// That of an older release, or one that lacks steps of its customer.
    Behind(Behind),
    /// This release's.
    Current,
}

/// What a tenant's database lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The number of the last step of the core's that was done.
    pub structure: u32,
    /// The steps that are left, in their order: `OWNER/TAG`.
    pub steps: Vec<String>,
}

impl Store {
    /// What a tenant's structure is. The database is neither opened for others nor changed: of a file that nobody writes to, a hundred
    /// bytes are read.
    ///
    /// # Errors
    /// `Corrupt` for what is no tenant's database, `TooNew`; those of the storage.
    pub fn structure(&self, tenant: &TenantId) -> Result<Structure, StoreError> {
        let customer = self.customer_with_updates(tenant)?;
        let own = customer.as_ref().map(|customer| Own { customer, updates: &self.updates()[customer] });
        let wait_max = self.options().wait_max;
        let found = match self.place_of(tenant)?.0 {
            Place::File(path) => of_file(&path, wait_max).and_then(|number| match (number, own) {
                (Some(number), Some(own)) => lacks(&sql::open_reader(&path, wait_max)?, Some(number), Some(own)),
                (Some(number), None) => Ok(Some((number, Vec::new()))),
                (None, _) => Ok(None),
            }),
            Place::Schema(server, schema) => {
                let look = || {
                    let connection = server.take(&schema, wait_max)?;
                    lacks(&connection, migrate::structure(&connection, &schema)?, own)
                };
                look()
            }
        };
        let judged = found.and_then(|found| {
            let Some((number, of_customer)) = found else { return Ok(Structure::None) };
            let mut steps: Vec<_> =
                tenant::SCHEMA.behind(number)?.map(|(_, step)| format!("core/{}", step.tag)).collect();
            steps.extend(of_customer);
            let structure = u32::try_from(number).unwrap_or(u32::MAX);
            Ok(if steps.is_empty() { Structure::Current } else { Structure::Behind(Behind { structure, steps }) })
        });
        judged.map_err(|error| error.during("look at a structure", &format!("tenant {tenant}")))
    }

    /// Brings a tenant up to date, as its first use would where that does so; the steps of its customer no further than the one tagged
    /// `upto`. Either all the core's missing steps are done afterwards or none, and the same holds of its customer's.
    ///
    /// # Errors
    /// As for [`tenant`](Self::tenant), and those of a step.
    pub fn bring_up_to_date(&self, tenant: &TenantId, upto: Option<&str>) -> Result<(), StoreError> {
        if self.control().moving()?.contains(tenant) {
            let busy = StoreError::of(StoreErrorKind::Busy, "the tenant is being moved");
            return Err(busy.during("bring a tenant up to date", &format!("tenant {tenant}")));
        }
        drop(self.opened(tenant, Migrate::AtOpen, upto)?);
        // Not kept open: a platform has more tenants than a process may have files.
        drop(self.let_go(tenant));
        Ok(())
    }
}

/// The number of a structure, and the steps of a customer's that it lacks.
fn lacks(
    connection: &sql::Connection,
    number: Option<i64>,
    own: Option<Own<'_>>,
) -> Result<Option<(i64, Vec<String>)>, StoreError> {
    let Some(number) = number else { return Ok(None) };
    let Some(own) = own else { return Ok(Some((number, Vec::new()))) };
    let steps = own.lacks(connection)?.iter();
    Ok(Some((number, steps.map(|step| format!("{}/{}", own.customer, step.tag())).collect())))
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
