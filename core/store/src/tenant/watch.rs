//! Finds out whether another process has committed to a tenant's database (`plugpoint import` beside a running server). Used
//! by [`TenantDb`](super::TenantDb); it does not know what was committed, and does not look by itself.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::database::open_reader;
use crate::error::StoreError;

pub(super) struct Watch {
    path: PathBuf,
    wait_max: Duration,
    started: Instant,
    looked_at_ms: AtomicU64,
    seen: Mutex<Option<Seen>>,
}

/// SQLite's own count of foreign commits is told per connection, so it has to be one that is kept.
struct Seen {
    connection: Connection,
    data_version: i64,
}

impl Watch {
    pub(super) fn new(path: &Path, wait_max: Duration) -> Self {
        let (path, started) = (path.to_owned(), Instant::now());
        Self { path, wait_max, started, looked_at_ms: AtomicU64::new(0), seen: Mutex::default() }
    }

    /// Time since the last look, or since the start.
    pub(super) fn unlooked_for(&self) -> Duration {
        Duration::from_millis(self.now_ms().saturating_sub(self.looked_at_ms.load(Ordering::Acquire)))
    }

    /// Whether something was committed since the last look. The first look cannot know, and says yes. A commit of this
    /// process counts too, which is as harmless as it is seldom: at most one in a look.
    pub(super) fn look(&self) -> Result<bool, StoreError> {
        // A panic elsewhere cannot leave what was seen half changed.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken before the look: a commit after it is the next look's.
        let now_ms = self.now_ms();
        let has_moved = match &mut *seen {
            Some(seen) => {
                let data_version = data_version(&seen.connection)?;
                std::mem::replace(&mut seen.data_version, data_version) != data_version
            }
            None => {
                let connection = open_reader(&self.path, self.wait_max)?;
                let data_version = data_version(&connection)?;
                *seen = Some(Seen { connection, data_version });
                true
            }
        };
        self.looked_at_ms.store(now_ms, Ordering::Release);
        Ok(has_moved)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
}
