//! Finds out whether somebody has committed to a database: `plugpoint import` beside a running server, another node. Used by the control
//! database and each tenant's; it does not know what was committed, and does not look by itself.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{StoreError, StoreErrorKind};
use crate::sql::postgres::Movements;
use crate::sql::{Connection, data_version, open_reader};

/// So long may a server be unheard of until nobody can say whether there was a commit: the listener asks it four times a second.
const UNHEARD_MAX: Duration = Duration::from_secs(5);

/// One who looks.
pub(crate) struct Watch {
    source: Source,
    started: Instant,
    looked_at_ms: AtomicU64,
}

enum Source {
    /// SQLite tells each connection the number of commits of others, so it has to be one that is kept.
    File { path: PathBuf, wait_max: Duration, seen: Box<Mutex<Option<(Connection, i64)>>> },
    /// A server tells, and somebody listens.
    Schema { moves: Movements, seen: AtomicU64 },
}

impl Watch {
    pub(crate) fn of_file(path: &Path, wait_max: Duration) -> Self {
        Self::new(Source::File { path: path.to_owned(), wait_max, seen: Box::default() })
    }

    pub(crate) fn of_schema(moves: Movements) -> Self {
        // The first look says yes.
        let seen = AtomicU64::new(moves.count().wrapping_sub(1));
        Self::new(Source::Schema { moves, seen })
    }

    fn new(source: Source) -> Self {
        Self { source, started: Instant::now(), looked_at_ms: AtomicU64::new(0) }
    }

    /// Time since the last look, or since the start.
    pub(crate) fn unlooked_for(&self) -> Duration {
        Duration::from_millis(self.now_ms().saturating_sub(self.looked_at_ms.load(Ordering::Acquire)))
    }

    /// Whether something was committed since the last look. The first look cannot know, and says yes. A commit of this
    /// process counts too, which is as harmless as it is seldom: at most one in a look.
    ///
    /// # Errors
    /// Those of the storage; `Unavailable` when the server has not been heard of for seconds.
    pub(crate) fn look(&self) -> Result<bool, StoreError> {
        // Taken before the look: a commit after it is the next look's.
        let now_ms = self.now_ms();
        let has_moved = match &self.source {
            Source::File { path, wait_max, seen } => {
                // A panic elsewhere cannot leave what was seen half changed.
                look_at_file(path, *wait_max, &mut seen.lock().unwrap_or_else(PoisonError::into_inner))?
            }
            Source::Schema { moves, seen } => {
                if moves.unheard_for() > UNHEARD_MAX {
                    return Err(StoreError::of(StoreErrorKind::Unavailable, "the server tells nothing of commits"));
                }
                let count = moves.count();
                seen.swap(count, Ordering::AcqRel) != count
            }
        };
        self.looked_at_ms.store(now_ms, Ordering::Release);
        Ok(has_moved)
    }

    /// Closes its connection. The next look would open another.
    pub(crate) fn close(&self) {
        if let Source::File { seen, .. } = &self.source {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn look_at_file(path: &Path, wait_max: Duration, seen: &mut Option<(Connection, i64)>) -> Result<bool, StoreError> {
    if let Some((connection, before)) = seen {
        let version = data_version(connection)?;
        return Ok(std::mem::replace(before, version) != version);
    }
    let connection = open_reader(path, wait_max)?;
    let version = data_version(&connection)?;
    *seen = Some((connection, version));
    Ok(true)
}
