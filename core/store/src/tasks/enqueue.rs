//! Taking runs in, calling them off, beginning them again.

use plugpoint_sdk::model::TenantId;

use super::state::{CANCELLED, FAILED, QUEUED, RUNNING, SUCCEEDED, WAITING};
use super::{Tasks, micros};
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::{Connection, Value, values};

/// A run to be.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// The task whose handler does it.
    pub task: &'a str,
    /// Whose it is; none for the platform's own.
    pub tenant: Option<&'a TenantId>,
    /// Of runs of this task and tenant that have not ended, one at most has this key.
    pub unique_key: Option<&'a str>,
    /// What the handler is given: a JSON document.
    pub input: &'a str,
    /// Smaller ones first, among those of its tenant; others' have their turn anyway.
    pub priority: u32,
    /// How long it waits before it may begin, in milliseconds.
    pub delay_ms: u64,
    /// How often a worker may begin it.
    pub attempts_max: u32,
    /// Who wants it.
    pub by: &'a str,
}

/// What came of taking a run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It is there, under this id.
    New(i64),
    /// One with its key had not ended: this one. Nothing was taken in.
    Joined(i64),
}

impl Enqueued {
    /// The run that does it.
    #[must_use]
    pub fn id(self) -> i64 {
        let (Self::New(id) | Self::Joined(id)) = self;
        id
    }
}

const COLUMNS: &str =
    "task, tenant, unique_key, input, priority, state, due_at, attempts, attempts_max, token, is_cancelled,
    progress, by_whom, created_at";

impl Tasks {
    /// Takes runs in, all or none, durably.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn enqueue(&self, runs: &[NewRun<'_>]) -> Result<Vec<Enqueued>, StoreError> {
        self.db.write("enqueue runs", |tx| {
            let now = self.now(tx)?;
            runs.iter().map(|run| enqueue(tx, run, now)).collect()
        })
    }

    /// Takes in runs without keys, all or none, durably: the fastest way.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn enqueue_all(&self, runs: &[NewRun<'_>]) -> Result<(), StoreError> {
        self.db.write("enqueue runs", |tx| {
            let now = self.now(tx)?;
            let rows: Vec<_> = runs.iter().map(|run| row(run, now)).collect();
            tx.insert_all(&format!("runs ({COLUMNS})"), &rows)
        })
    }

    /// Asks for the end of a run that has not ended: one that waits ends at once, one that runs is told. False if it has ended.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn cancel_run(&self, id: i64) -> Result<bool, StoreError> {
        const ASK: &str = "UPDATE runs SET is_cancelled = 1 WHERE id = ?1 AND state = ?2";
        const END: &str =
            "UPDATE runs SET is_cancelled = 1, state = ?2, ended_at = ?3 WHERE id = ?1 AND state IN (?4, ?5)";
        self.db.write("cancel a run", |tx| {
            let now = self.now(tx)?;
            let ended = tx.execute(END, values![id, CANCELLED, now, WAITING, QUEUED])?;
            let asked = tx.execute(ASK, values![id, RUNNING])?;
            if ended + asked > 0 { Ok(true) } else { state_of(tx, id).map(|_| false) }
        })
    }

    /// Has a run that has ended done again, with as many attempts as it had at first. False if it has not ended, or another with its
    /// key has not.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn restart_run(&self, id: i64) -> Result<bool, StoreError> {
        const RESTART: &str =
            "UPDATE runs SET state = ?2, due_at = ?3, attempts = 0, is_cancelled = 0, progress = 0, note = NULL,
            error = NULL, output = NULL, started_at = NULL, ended_at = NULL WHERE id = ?1 AND state IN (?4, ?5, ?6)
            AND NOT EXISTS (SELECT 1 FROM runs AS other WHERE other.task = runs.task AND other.tenant = runs.tenant
                AND other.unique_key = runs.unique_key AND other.state <= 2)";
        self.db.write("restart a run", |tx| {
            let now = self.now(tx)?;
            let restarted = tx.execute(RESTART, values![id, QUEUED, now, SUCCEEDED, FAILED, CANCELLED])?;
            if restarted > 0 { Ok(true) } else { state_of(tx, id).map(|_| false) }
        })
    }

    /// Forgets runs that ended so long ago, and the oldest beyond so many and so many bytes of inputs, outputs and reasons, at most
    /// `at_once` of them. Gives how many those were.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn forget_runs(
        &self,
        older_than_ms: u64,
        kept_max: u64,
        bytes_max: u64,
        at_once: u32,
    ) -> Result<u64, StoreError> {
        const OLD: &str =
            "DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE state >= 3 AND ended_at < ?1 ORDER BY ended_at
            LIMIT ?2)";
        const SURPLUS: &str =
            "DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE state >= 3 ORDER BY ended_at LIMIT ?1)";
        const SUM: &str = "SELECT count(*), CAST(coalesce(sum(length(input) + coalesce(length(output), 0)
            + coalesce(length(error), 0)), 0) AS BIGINT) FROM runs WHERE state >= 3";
        self.db.write("forget runs", |tx| {
            let before = self.now(tx)?.saturating_sub(micros(older_than_ms));
            let old = tx.execute(OLD, values![before, at_once])?;
            let (there, bytes) = tx.query_one(SUM, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
            let mut surplus = there.unsigned_abs().saturating_sub(kept_max);
            if bytes.unsigned_abs() > bytes_max {
                // As many of the oldest as the rest has on average: what is left over goes the next time.
                let share = (bytes.unsigned_abs() - bytes_max) as f64 / bytes.unsigned_abs() as f64;
                surplus = surplus.max((there as f64 * share).ceil() as u64);
            }
            let surplus = surplus.min(u64::from(at_once).saturating_sub(old));
            let surplus = i64::try_from(surplus).unwrap_or_default();
            Ok(old + if surplus > 0 { tx.execute(SURPLUS, values![surplus])? } else { 0 })
        })
    }
}

fn row<'a>(run: &NewRun<'a>, now: i64) -> [Value<'a>; 14] {
    let due_at = now.saturating_add(micros(run.delay_ms));
    let state = if run.delay_ms > 0 { WAITING } else { QUEUED };
    [
        run.task.into(),
        run.tenant.map_or("", TenantId::as_str).into(),
        run.unique_key.into(),
        run.input.into(),
        run.priority.into(),
        state.into(),
        due_at.into(),
        0_i64.into(),
        run.attempts_max.into(),
        0_i64.into(),
        0_i64.into(),
        0_i64.into(),
        run.by.into(),
        now.into(),
    ]
}

pub(super) fn enqueue(tx: &Connection, run: &NewRun<'_>, now: i64) -> Result<Enqueued, StoreError> {
    const KNOWN: &str = "SELECT id FROM runs WHERE task = ?1 AND tenant = ?2 AND unique_key = ?3 AND state <= 2";
    let insert = format!(
        "INSERT INTO runs ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        ON CONFLICT DO NOTHING RETURNING id"
    );
    let row = row(run, now);
    if let Some(id) = tx.query_opt(&insert, &row, |row| row.get(0))? {
        return Ok(Enqueued::New(id));
    }
    tx.query_one(KNOWN, &row[..3], |row| row.get(0)).map(Enqueued::Joined)
}

/// How a run stands.
fn state_of(tx: &Connection, id: i64) -> Result<i64, StoreError> {
    let state = tx.query_opt("SELECT state FROM runs WHERE id = ?1", values![id], |row| row.get(0))?;
    state.ok_or_else(|| StoreError::new(StoreErrorKind::NotFound, "look for a run", format!("run {id}")))
}
