//! Runs of `plugpoint migrate`, as the control database remembers them: who began one, how far it is, what became of each tenant.
//!
//! One run at a time has the fleet: a lock on a file where the databases are files, a session of the server's where they are schemas; either
//! ends with the process. So a run that says it is running while nobody has the fleet was abandoned, and the next one says so of it.

use std::fs::File;

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use serde::Serialize;

use crate::audit::Act;
use crate::control::{Control, read_tenant_id};
use crate::error::{StoreError, StoreErrorKind};
use crate::files;
use crate::schemas::Alone;
use crate::sql::{Row, values};
use crate::store::Store;
use crate::time::{from_micros, to_micros};

/// Runs that are remembered; the oldest go first.
pub const RUNS_KEPT: u32 = 100;

/// The claim of one run on the fleet. It ends with the process.
pub struct FleetClaim {
    _file: File,
    _alone: Alone,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Somebody is at it.
    Running,
    /// It has ended, and all that were chosen are up to date.
    Succeeded,
    /// It has ended, and some are not.
    Failed,
    /// Its process has ended before it.
    Abandoned,
}

/// How many tenants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RunCounts {
    /// Looked at.
    pub checked: u32,
    /// Needed nothing.
    pub up_to_date: u32,
    /// Were behind and are up to date now.
    pub migrated: u32,
    /// Are as they were, because of an error.
    pub failed: u32,
    /// Are behind and were not begun yet.
    pub remaining: u32,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRow {
    /// Its id; a later one is greater.
    pub id: String,
    /// Who began it: the operating system's user.
    pub by: String,
    /// The number of the structure that it brings.
    pub structure: u32,
    /// How it stands.
    pub state: RunState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it last wrote how far it is; of one that has ended, when that was.
    pub seen_at: Timestamp,
    /// How far it is.
    #[serde(flatten)]
    pub counts: RunCounts,
}

/// What became of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The number of the structure that it had; none if that could not be told.
    pub structure: Option<u32>,
    /// The steps that it lacked.
    pub steps: Vec<String>,
    /// How long they took, in milliseconds.
    pub took_ms: u32,
    /// Why it failed; none if it is up to date now.
    pub error: Option<String>,
}

impl Store {
    /// Claims the fleet for a run.
    ///
    /// # Errors
    /// `Busy` if another run has it.
    pub fn claim_fleet(&self) -> Result<FleetClaim, StoreError> {
        let path = self.data_dir().join("migrate.lock");
        files::create_file(&path)?;
        let file = File::open(&path)?;
        let busy = || StoreError::of(StoreErrorKind::Busy, "another run is at it: plugpoint migrate status");
        if matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)) {
            return Err(busy().during("claim the fleet", "all tenants"));
        }
        let alone = self.alone_with_all("migrate").map_err(|error| match error.kind() {
            StoreErrorKind::Busy => busy().during("claim the fleet", "all tenants"),
            _ => error,
        })?;
        Ok(FleetClaim { _file: file, _alone: alone })
    }
}

impl Control {
    /// Begins a run, and says of those that somebody else began and nobody ended that they were abandoned. The claim is the caller's.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn begin_run(
        &self,
        _claim: &FleetClaim,
        structure: u32,
        counts: RunCounts,
        act: &Act,
    ) -> Result<String, StoreError> {
        const ABANDON: &str = "UPDATE fleet_runs SET state = 'abandoned' WHERE state = 'running'";
        const FORGET: &str =
            "DELETE FROM fleet_runs WHERE id IN (SELECT id FROM fleet_runs ORDER BY id DESC LIMIT -1 OFFSET ?1)";
        const FORGET_THERE: &str =
            "DELETE FROM fleet_runs WHERE id IN (SELECT id FROM fleet_runs ORDER BY id DESC OFFSET ?1)";
        const INSERT: &str =
            "INSERT INTO fleet_runs (id, by_whom, structure, state, started_at, seen_at, checked, up_to_date,
            migrated, failed, remaining) VALUES (?1, ?2, ?3, 'running', ?4, ?4, ?5, ?6, ?7, ?8, ?9)";
        let (id, now) = (uuid::Uuid::now_v7().to_string(), to_micros((self.clock)()));
        let RunCounts { checked, up_to_date, migrated, failed, remaining } = counts;
        self.change("begin a run", act, |tx| {
            tx.execute(ABANDON, &[])?;
            let forget = if tx.postgres().is_some() { FORGET_THERE } else { FORGET };
            tx.execute(forget, values![RUNS_KEPT - 1])?;
            let row = values![&id, &act.actor, structure, now, checked, up_to_date, migrated, failed, remaining];
            tx.execute(INSERT, row).map(drop)
        })?;
        Ok(id)
    }

    /// Writes down how far a run is, and what became of more tenants.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn note_run(
        &self,
        id: &str,
        state: RunState,
        counts: RunCounts,
        outcomes: &[OutcomeRow],
    ) -> Result<(), StoreError> {
        const UPDATE: &str =
            "UPDATE fleet_runs SET state = ?2, seen_at = ?3, checked = ?4, up_to_date = ?5, migrated = ?6,
            failed = ?7, remaining = ?8 WHERE id = ?1";
        const INSERT: &str = "INSERT INTO fleet_outcomes (run, tenant, structure, steps, took_ms, error)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
        let RunCounts { checked, up_to_date, migrated, failed, remaining } = counts;
        let now = to_micros((self.clock)());
        self.db.write("write down how far a run is", |tx| {
            tx.execute(UPDATE, values![id, state.name(), now, checked, up_to_date, migrated, failed, remaining])?;
            for OutcomeRow { tenant, structure, steps, took_ms, error } in outcomes {
                let steps = steps.join(" ");
                let row = values![id, tenant.as_str(), structure.map(i64::from), &steps, *took_ms, error];
                tx.execute(INSERT, row)?;
            }
            Ok(())
        })
    }

    /// The latest runs, the last first.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn runs(&self, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        let select = format!("SELECT {RUN_COLUMNS} FROM fleet_runs ORDER BY id DESC LIMIT ?1");
        self.db.read("list runs", |connection| connection.query(&select, values![limit], read_run))
    }

    /// One run.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn run(&self, id: &str) -> Result<Option<RunRow>, StoreError> {
        let select = format!("SELECT {RUN_COLUMNS} FROM fleet_runs WHERE id = ?1");
        self.db.read("read a run", |connection| connection.query_opt(&select, values![id], read_run))
    }

    /// What became of tenants in a run, those that failed first, then by name.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn outcomes(&self, id: &str, limit: u32) -> Result<Vec<OutcomeRow>, StoreError> {
        const SELECT: &str = "SELECT tenant, structure, steps, took_ms, error FROM fleet_outcomes WHERE run = ?1
            ORDER BY error IS NULL, tenant LIMIT ?2";
        self.db.read("list outcomes", |connection| {
            connection.query(SELECT, values![id, limit], |row| {
                Ok(OutcomeRow {
                    tenant: read_tenant_id(row)?,
                    structure: row.get::<Option<i64>>(1)?.and_then(|number| u32::try_from(number).ok()),
                    steps: row.get::<String>(2)?.split_whitespace().map(str::to_owned).collect(),
                    took_ms: u32::try_from(row.get::<i64>(3)?).unwrap_or(u32::MAX),
                    error: row.get(4)?,
                })
            })
        })
    }
}

const RUN_COLUMNS: &str =
    "id, by_whom, structure, state, started_at, seen_at, checked, up_to_date, migrated, failed, remaining";

fn read_run(row: &Row<'_>) -> Result<RunRow, StoreError> {
    let count = |column| row.get::<i64>(column).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let state: String = row.get(3)?;
    let state = RunState::ALL.into_iter().find(|it| it.name() == state);
    Ok(RunRow {
        id: row.get(0)?,
        by: row.get(1)?,
        structure: u32::try_from(row.get::<i64>(2)?).unwrap_or(u32::MAX),
        state: state.ok_or_else(|| StoreError::of(StoreErrorKind::Corrupt, "a run has no such state"))?,
        started_at: from_micros(row.get(4)?),
        seen_at: from_micros(row.get(5)?),
        counts: RunCounts {
            checked: count(6)?,
            up_to_date: count(7)?,
            migrated: count(8)?,
            failed: count(9)?,
            remaining: count(10)?,
        },
    })
}

impl RunState {
    const ALL: [Self; 4] = [Self::Running, Self::Succeeded, Self::Failed, Self::Abandoned];

    /// As it is kept and shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }
}
