//! A bounded set of connections to one database, lent one at a time. Used by [`Database`](crate::database::Database): one
//! pool of readers, one of exactly one writer, so that a second writer waits here and not in a busy loop on the file.
//!
//! It refuses to wait for ever: after the time-out a caller gets `Busy`.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::{StoreError, StoreErrorKind};

type Opener = Box<dyn Fn() -> Result<Connection, StoreError> + Send + Sync>;

pub(crate) struct Pool {
    open: Opener,
    connections_max: usize,
    shelf: Mutex<Shelf>,
    returned: Condvar,
}

#[derive(Default)]
struct Shelf {
    idle: Vec<Connection>,
    /// Idle and lent ones.
    open_count: usize,
    /// Callers that wait. Without any a return makes no system call: a read costs a few microseconds in all.
    waiting_count: usize,
}

/// A lent connection. Dropping it gives it back, without a transaction that somebody left open.
pub(crate) struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
}

impl Pool {
    pub(crate) fn new(connections_max: usize, open: Opener) -> Self {
        Self { open, connections_max: connections_max.max(1), shelf: Mutex::default(), returned: Condvar::new() }
    }

    /// A connection, opened if none is idle and the bound allows another.
    ///
    /// # Errors
    /// `Busy` after `wait_max`; what opening says.
    pub(crate) fn take(&self, wait_max: Duration) -> Result<Lent<'_>, StoreError> {
        let deadline = Instant::now() + wait_max;
        let mut shelf = self.shelf();
        loop {
            if let Some(connection) = shelf.idle.pop() {
                return Ok(Lent { pool: self, connection: Some(connection) });
            }
            if shelf.open_count < self.connections_max {
                shelf.open_count += 1;
                drop(shelf);
                return self.open_one();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::of(StoreErrorKind::Busy, "every connection is in use"));
            }
            shelf.waiting_count += 1;
            shelf = self.returned.wait_timeout(shelf, left).unwrap_or_else(PoisonError::into_inner).0;
            shelf.waiting_count -= 1;
        }
    }

    fn open_one(&self) -> Result<Lent<'_>, StoreError> {
        let opened = (self.open)();
        if opened.is_err() {
            self.forget_one();
        }
        Ok(Lent { pool: self, connection: Some(opened?) })
    }

    fn put_back(&self, connection: Connection) {
        let mut shelf = self.shelf();
        shelf.idle.push(connection);
        if shelf.waiting_count > 0 {
            self.returned.notify_one();
        }
    }

    fn forget_one(&self) {
        self.shelf().open_count -= 1;
        self.returned.notify_one();
    }

    /// A panic elsewhere cannot leave the shelf half changed, so a poisoned lock is taken as it is.
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok() {
            self.pool.put_back(connection);
        } else {
            drop(connection);
            self.pool.forget_one();
        }
    }
}

const GONE: &str = "a lent connection is taken away only by drop";

impl Deref for Lent<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.connection.as_ref().unwrap_or_else(|| unreachable!("{GONE}"))
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().unwrap_or_else(|| unreachable!("{GONE}"))
    }
}
