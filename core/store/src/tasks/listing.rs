//! What runs there are, and who does them.

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use serde::Serialize;

use super::daemons::{Pausable, paused};
use super::{Tasks, state};
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::{Row, Value, values};
use crate::time::from_micros;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskRunState {
    /// For its time.
    Waiting,
    /// For a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It is done.
    Succeeded,
    /// It is not done, and nobody tries again by himself.
    Failed,
    /// Somebody wanted its end.
    Cancelled,
}

impl TaskRunState {
    /// All of them, in the order of a run's life.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// As it is shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn number(self) -> i64 {
        match self {
            Self::Waiting => state::WAITING,
            Self::Queued => state::QUEUED,
            Self::Running => state::RUNNING,
            Self::Succeeded => state::SUCCEEDED,
            Self::Failed => state::FAILED,
            Self::Cancelled => state::CANCELLED,
        }
    }

    fn read(row: &Row<'_>, column: usize) -> Result<Self, StoreError> {
        let number: i64 = row.get(column)?;
        let known = Self::ALL.into_iter().find(|state| state.number() == number);
        known.ok_or_else(|| StoreError::of(StoreErrorKind::Corrupt, "a run has no such state"))
    }
}

/// A run as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRun {
    /// Its id; a later one is greater.
    pub id: i64,
    /// Its task.
    pub task: String,
    /// Whose it is; none for the platform's own.
    pub tenant: Option<TenantId>,
    /// Of runs that have not ended, one at most has it.
    pub unique_key: Option<String>,
    /// What the handler is given: a JSON document.
    pub input: String,
    /// Smaller ones first.
    pub priority: u32,
    /// How it stands.
    pub state: TaskRunState,
    /// From when on it may begin.
    pub due_at: Timestamp,
    /// How often a worker has begun it.
    pub attempts: u32,
    /// How often one may.
    pub attempts_max: u32,
    /// Who has it.
    pub worker: Option<String>,
    /// Somebody wants its end.
    pub is_cancelled: bool,
    /// How far it is, from 0 to 1.
    pub progress: f64,
    /// The same in words.
    pub note: Option<String>,
    /// Why the last attempt failed that did.
    pub error: Option<String>,
    /// What the handler gave back: a JSON document.
    pub output: Option<String>,
    /// Who wanted it.
    pub by: String,
    /// When it was wanted.
    pub created_at: Timestamp,
    /// When a worker last began it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Which runs.
#[derive(Debug, Clone, Default)]
pub struct RunFilter<'a> {
    /// Of a task.
    pub task: Option<&'a str>,
    /// Of a tenant.
    pub tenant: Option<&'a TenantId>,
    /// In a state.
    pub state: Option<TaskRunState>,
    /// Older than this one: its id.
    pub before: Option<i64>,
}

/// How many runs of a task are in each state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskCounts {
    /// The task.
    pub task: String,
    /// Until when it begins nothing, if it is disabled.
    pub disabled_until: Option<Timestamp>,
    /// How many, in the order of [`TaskRunState::ALL`].
    pub runs: [u64; 6],
}

/// A process that runs tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkerRow {
    /// Its id, made anew at each start.
    pub id: String,
    /// What it is, and where.
    pub address: String,
    /// When it started.
    pub started_at: Timestamp,
    /// Until when it is believed to be there.
    pub seen_until: Timestamp,
    /// How many runs it has.
    pub running: u64,
}

const COLUMNS: &str = "id, task, tenant, unique_key, input, priority, state, due_at, attempts, attempts_max, worker,
    is_cancelled, progress, note, error, output, by_whom, created_at, started_at, ended_at";

impl Tasks {
    /// One run.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn run(&self, id: i64) -> Result<Option<TaskRun>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM runs WHERE id = ?1");
        self.db.read("read a run", |connection| connection.query_opt(&select, values![id], read))
    }

    /// The latest runs, the last first.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn runs(&self, filter: &RunFilter<'_>, limit: u32) -> Result<Vec<TaskRun>, StoreError> {
        let mut conditions: Vec<(&str, Value<'_>)> = Vec::new();
        conditions.extend(filter.task.map(|task| ("task =", task.into())));
        conditions.extend(filter.tenant.map(|tenant| ("tenant =", tenant.as_str().into())));
        conditions.extend(filter.state.map(|state| ("state =", state.number().into())));
        conditions.extend(filter.before.map(|before| ("id <", before.into())));
        let texts: Vec<String> = conditions.iter().map(|(condition, _)| format!("{condition} ?")).collect();
        let wanted = if texts.is_empty() { String::new() } else { format!("WHERE {}", texts.join(" AND ")) };
        let select = format!("SELECT {COLUMNS} FROM runs {wanted} ORDER BY id DESC LIMIT ?");
        let mut row: Vec<Value<'_>> = conditions.into_iter().map(|(_, value)| value).collect();
        row.push(limit.into());
        self.db.read("list runs", |connection| connection.query(&select, &row, read))
    }

    /// The tasks of which anything is known, by name.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn counts(&self) -> Result<Vec<TaskCounts>, StoreError> {
        const COUNT: &str = "SELECT task, state, count(*) FROM runs GROUP BY task, state";
        self.db.read("count runs", |connection| {
            let now = self.now(connection)?;
            let mut all = std::collections::BTreeMap::<String, TaskCounts>::new();
            let none = |task: String| TaskCounts { task, disabled_until: None, runs: [0; 6] };
            let read = |row: &Row<'_>| Ok((row.get::<String>(0)?, TaskRunState::read(row, 1)?, row.get::<i64>(2)?));
            for (task, state, count) in connection.query(COUNT, &[], read)? {
                let counts = all.entry(task.clone()).or_insert_with(|| none(task));
                counts.runs[state as usize] = count.unsigned_abs();
            }
            for (task, until) in paused(connection, Pausable::Task, now)? {
                all.entry(task.clone()).or_insert_with(|| none(task)).disabled_until = Some(until);
            }
            Ok(all.into_values().collect())
        })
    }

    /// Who runs tasks, the oldest first.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn workers(&self) -> Result<Vec<WorkerRow>, StoreError> {
        const SELECT: &str = "SELECT id, address, started_at, seen_until,
            (SELECT count(*) FROM runs WHERE state = 2 AND worker = workers.id) FROM workers ORDER BY started_at, id";
        self.db.read("list workers", |connection| {
            connection.query(SELECT, &[], |row| {
                Ok(WorkerRow {
                    id: row.get(0)?,
                    address: row.get(1)?,
                    started_at: from_micros(row.get(2)?),
                    seen_until: from_micros(row.get(3)?),
                    running: row.get::<i64>(4)?.unsigned_abs(),
                })
            })
        })
    }
}

fn read(row: &Row<'_>) -> Result<TaskRun, StoreError> {
    let number = |column| row.get::<i64>(column).map(|it| u32::try_from(it).unwrap_or(u32::MAX));
    let tenant: String = row.get(2)?;
    Ok(TaskRun {
        id: row.get(0)?,
        task: row.get(1)?,
        tenant: tenant.parse().ok(),
        unique_key: row.get(3)?,
        input: row.get(4)?,
        priority: number(5)?,
        state: TaskRunState::read(row, 6)?,
        due_at: from_micros(row.get(7)?),
        attempts: number(8)?,
        attempts_max: number(9)?,
        worker: row.get(10)?,
        is_cancelled: row.get::<i64>(11)? != 0,
        progress: row.get::<i64>(12)? as f64 / 1e6,
        note: row.get(13)?,
        error: row.get(14)?,
        output: row.get(15)?,
        by: row.get(16)?,
        created_at: from_micros(row.get(17)?),
        started_at: row.get::<Option<i64>>(18)?.map(from_micros),
        ended_at: row.get::<Option<i64>>(19)?.map(from_micros),
    })
}
