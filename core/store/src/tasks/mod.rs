//! Runs of tasks: what is to be done in the background, by whichever process comes first, once. A database of its own, `tasks.db`,
//! because a change of the control database makes every process look at its tenants again.
//!
//! A *run* is one thing to be done by the handler of a *task*. A *worker* is a process that has registered; it says that it is there
//! ([`Tasks::beat`]), takes runs ([`Tasks::turn`]) and says what became of them. Whoever is not heard of in time is struck off
//! ([`Tasks::rescue`]) and its runs go to others. Each time a worker gets a run the run's *token* grows, and nothing is written about it
//! by who has an older one: a process that was held up and comes back changes nothing ([`Tasks::turn`] tells it so).
//!
//! `enqueue` takes runs in, `turn` gives them out and takes their ends, `listing` shows them; `schedules` has what begins by the clock,
//! `daemons` how the parts of processes are that go on for ever, what is paused, and marks on the timeline.

mod daemons;
mod enqueue;
mod listing;
mod schedules;
mod turn;

pub use daemons::{DaemonRow, DaemonTold, DeploymentRow, Pausable};
pub use enqueue::{Enqueued, NewRun};
pub use listing::{RunFilter, TaskCounts, TaskRun, TaskRunState, WorkerRow};
pub use schedules::{Move, ScheduleRow};
pub use turn::{Ended, Settled, TakenRun, Turn, TurnOptions, Wanted};

use plugpoint_sdk::model::timestamp::Timestamp;

use crate::database::{Database, Place};
use crate::error::StoreError;
use crate::migrate::{Schema, Setup, Step};
use crate::sql::{Connection, NOW_MICROS};
use crate::store::{Clock, StoreOptions};
use crate::time::to_micros;
use crate::watch::Watch;

static SCHEMA: Schema = Schema {
    application_id: 0x504c_5054, // "PLPT"
    steps: &[Step::new(
        "0001_tasks",
        include_str!("../../migrations/tasks/0001_tasks.sql"),
        include_str!("../../migrations/postgres/tasks.sql"),
    )],
    serves_from: 1,
    records_from: None,
    writer_setup: Setup { sqlite: "", postgres: "" },
};

/// How a run stands, as its row has it.
mod state {
    pub(super) const WAITING: i64 = 0;
    pub(super) const QUEUED: i64 = 1;
    pub(super) const RUNNING: i64 = 2;
    pub(super) const SUCCEEDED: i64 = 3;
    pub(super) const FAILED: i64 = 4;
    pub(super) const CANCELLED: i64 = 5;
}

/// The runs of all tasks.
pub struct Tasks {
    db: Database,
    watch: Watch,
    clock: Clock,
}

impl Tasks {
    pub(crate) fn open(place: &Place, options: &StoreOptions) -> Result<Self, StoreError> {
        let db = Database::open(place, &SCHEMA, "task database".to_owned(), options)?;
        Ok(Self { watch: db.watch(), clock: options.clock.clone(), db })
    }

    /// Whether somebody has written since the last look.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn look(&self) -> Result<bool, StoreError> {
        self.watch.look().map_err(|error| error.during("look for changes", self.db.subject()))
    }

    /// The time, by the clock that all who share the database go by.
    fn now(&self, connection: &Connection) -> Result<i64, StoreError> {
        if connection.postgres().is_none() {
            return Ok(to_micros((self.clock)()));
        }
        connection.query_one(&format!("SELECT {NOW_MICROS}"), &[], |row| row.get(0))
    }

    /// The same, for who computes with it.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn time(&self) -> Result<Timestamp, StoreError> {
        let now = self.db.read("tell the time", |connection| self.now(connection))?;
        Ok(crate::time::from_micros(now))
    }
}

fn micros(ms: u64) -> i64 {
    i64::try_from(ms.saturating_mul(1000)).unwrap_or(i64::MAX)
}
