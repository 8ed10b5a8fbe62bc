//! A bounded set of connections to one database, lent one at a time. Used by [`Database`](crate::database::Database): for a
//! file one pool of readers, one of exactly one writer, so that a second writer waits here and not in a busy loop on the file.
//!
//! It refuses to wait for ever: after the time-out a caller gets `Busy`.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{StoreError, StoreErrorKind};
use crate::sql::Connection;

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
    is_closed: bool,
}

/// A lent connection. Dropping it gives it back, without a transaction that somebody left open.
pub(crate) struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    usage: Option<Use>,
}

/// How many connections of a pool that many share are lent to one of them, which may be closed while the pool goes on.
#[derive(Default)]
pub(crate) struct Uses {
    lent_count: AtomicUsize,
    is_closed: AtomicBool,
}

/// One of them.
pub(crate) struct Use(Arc<Uses>);

impl Uses {
    /// # Errors
    /// `Busy` once it is closed.
    pub(crate) fn begin(self: &Arc<Self>) -> Result<Use, StoreError> {
        // Counted before it is asked: whoever closes counts after it has said so.
        self.lent_count.fetch_add(1, Ordering::SeqCst);
        let usage = Use(Arc::clone(self));
        match self.is_closed.load(Ordering::SeqCst) {
            true => Err(StoreError::of(StoreErrorKind::Busy, "the database is closed")),
            false => Ok(usage),
        }
    }

    /// Lends nothing any more. True once nothing is lent.
    pub(crate) fn close(&self) -> bool {
        self.is_closed.store(true, Ordering::SeqCst);
        self.lent_count.load(Ordering::SeqCst) == 0
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        self.0.lent_count.fetch_sub(1, Ordering::SeqCst);
    }
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
        Ok(self.take_rather(wait_max, |_| true)?.0)
    }

    /// The same; of those that are idle rather one that `suits`, else the one that has been idle the longest. True for one that was
    /// opened for this.
    pub(crate) fn take_rather(
        &self,
        wait_max: Duration,
        suits: impl Fn(&Connection) -> bool,
    ) -> Result<(Lent<'_>, bool), StoreError> {
        let deadline = Instant::now() + wait_max;
        let mut shelf = self.shelf();
        loop {
            if shelf.is_closed {
                return Err(StoreError::of(StoreErrorKind::Busy, "the database is closed"));
            }
            if !shelf.idle.is_empty() {
                let place = shelf.idle.iter().rposition(&suits).unwrap_or(0);
                let connection = shelf.idle.remove(place);
                return Ok((Lent { pool: self, connection: Some(connection), usage: None }, false));
            }
            if shelf.open_count < self.connections_max {
                shelf.open_count += 1;
                drop(shelf);
                return Ok((self.open_one()?, true));
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
        Ok(Lent { pool: self, connection: Some(opened?), usage: None })
    }

    /// Gives nothing out any more. True once every connection is closed: those that are lent are when they come back.
    pub(crate) fn close(&self) -> bool {
        self.shelf().is_closed = true;
        self.forget_idle();
        self.shelf().open_count == 0
    }

    fn put_back(&self, connection: Connection) {
        let mut shelf = self.shelf();
        if shelf.is_closed {
            shelf.open_count -= 1;
            return drop(connection);
        }
        shelf.idle.push(connection);
        if shelf.waiting_count > 0 {
            self.returned.notify_one();
        }
    }

    /// Closes what lies idle.
    pub(crate) fn forget_idle(&self) {
        let mut shelf = self.shelf();
        let idle = std::mem::take(&mut shelf.idle);
        shelf.open_count -= idle.len();
        drop(shelf);
        drop(idle);
        self.returned.notify_all();
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

impl Lent<'_> {
    /// The same, counted until it comes back.
    pub(crate) fn counted(mut self, usage: Use) -> Self {
        self.usage = Some(usage);
        self
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if connection.settle() {
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
