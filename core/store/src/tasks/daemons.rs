//! How the parts of processes that go on for ever are, what operators have paused, and marks on the timeline.

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use serde::Serialize;

use super::{Tasks, micros};
use crate::error::StoreError;
use crate::sql::{Connection, values};
use crate::time::{from_micros, to_micros};

/// What an operator may pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pausable {
    /// A task: it begins nothing.
    Task,
    /// A daemon: no process has it going.
    Daemon,
}

impl Pausable {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Daemon => "daemon",
        }
    }

    /// How a change of a pause is written down: as which action, and what was before and is after.
    #[must_use]
    pub fn change(self, name: &str, before: Option<Timestamp>, after: Option<Timestamp>) -> (&'static str, String) {
        let said = |until: Option<Timestamp>| {
            until.map_or_else(|| "enabled".to_owned(), |until| format!("disabled until {until}"))
        };
        let action = match (self, after.is_some()) {
            (Self::Task, true) => "task disable",
            (Self::Task, false) => "task enable",
            (Self::Daemon, true) => "daemon disable",
            (Self::Daemon, false) => "daemon enable",
        };
        (action, format!("{name}: {} -> {}", said(before), said(after)))
    }
}

/// A daemon in a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DaemonRow {
    /// The process: its id among those that run tasks.
    pub worker: String,
    /// What it is, and where.
    pub address: String,
    /// The daemon.
    pub name: String,
    /// `running`, `stopping`, `stopped` or `failing`.
    pub state: String,
    /// Since when.
    pub since: Timestamp,
    /// When it last said itself that it goes on.
    pub beat_at: Timestamp,
    /// How often it was begun again since its process started.
    pub restarts: u64,
    /// Why last.
    pub error: Option<String>,
}

/// What a process says of one of its daemons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonTold {
    /// The daemon.
    pub name: String,
    /// `running`, `stopping`, `stopped` or `failing`.
    pub state: &'static str,
    /// How long, in milliseconds.
    pub for_ms: u64,
    /// How long ago it last said itself that it goes on, in milliseconds.
    pub silent_ms: u64,
    /// How often it was begun again.
    pub restarts: u64,
    /// Why last.
    pub error: Option<String>,
}

/// A mark on the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeploymentRow {
    /// Its id; a later one is greater.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What was put into service.
    pub version: String,
    /// More words about it.
    pub note: String,
    /// Who said so.
    pub by: String,
}

impl Tasks {
    /// Pauses a task or a daemon until a time, or, with none, ends its pause. Gives until when it was paused before. Runs of a paused
    /// task are taken in, and those that have begun go on.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn pause(&self, what: Pausable, name: &str, until: Option<Timestamp>) -> Result<Option<Timestamp>, StoreError> {
        const BEFORE: &str = "SELECT disabled_until FROM pauses WHERE kind = ?1 AND name = ?2 AND disabled_until > ?3";
        const SAY: &str = "INSERT INTO pauses (kind, name, disabled_until) VALUES (?1, ?2, ?3)
            ON CONFLICT (kind, name) DO UPDATE SET disabled_until = excluded.disabled_until";
        const END: &str = "DELETE FROM pauses WHERE kind = ?1 AND name = ?2";
        self.db.write("pause a task", |tx| {
            let now = self.now(tx)?;
            let before = tx.query_opt(BEFORE, values![what.name(), name, now], |row| row.get::<i64>(0))?;
            match until {
                Some(until) => tx.execute(SAY, values![what.name(), name, to_micros(until)])?,
                None => tx.execute(END, values![what.name(), name])?,
            };
            Ok(before.map(from_micros))
        })
    }

    /// What is paused now, by name, and until when.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn paused(&self, what: Pausable) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.db.read("list pauses", |connection| paused(connection, what, self.now(connection)?))
    }

    /// Writes down how a process's daemons are.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn tell_daemons(&self, worker: &str, told: &[DaemonTold]) -> Result<(), StoreError> {
        const SAY: &str = "INSERT INTO daemons (worker, name, state, since, beat_at, restarts, error)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (worker, name) DO UPDATE SET state = excluded.state,
            since = excluded.since, beat_at = excluded.beat_at, restarts = excluded.restarts, error = excluded.error";
        self.db.write("tell how daemons are", |tx| {
            let now = self.now(tx)?;
            for one in told {
                let (since, beat_at) =
                    (now.saturating_sub(micros(one.for_ms)), now.saturating_sub(micros(one.silent_ms)));
                let restarts = i64::try_from(one.restarts).unwrap_or(i64::MAX);
                tx.execute(SAY, values![worker, &one.name, one.state, since, beat_at, restarts, &one.error])?;
            }
            Ok(())
        })
    }

    /// The daemons of all processes, by name, then by process.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn daemons(&self) -> Result<Vec<DaemonRow>, StoreError> {
        const SELECT: &str = "SELECT worker, address, name, state, since, beat_at, restarts, error FROM daemons
            JOIN workers ON workers.id = daemons.worker ORDER BY name, worker";
        self.db.read("list daemons", |connection| {
            connection.query(SELECT, &[], |row| {
                Ok(DaemonRow {
                    worker: row.get(0)?,
                    address: row.get(1)?,
                    name: row.get(2)?,
                    state: row.get(3)?,
                    since: from_micros(row.get(4)?),
                    beat_at: from_micros(row.get(5)?),
                    restarts: row.get::<i64>(6)?.unsigned_abs(),
                    error: row.get(7)?,
                })
            })
        })
    }

    /// Sets a mark on the timeline.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn mark_deployment(&self, version: &str, note: &str, by: &str) -> Result<DeploymentRow, StoreError> {
        const MARK: &str = "INSERT INTO deployments (at, version, note, by_whom) VALUES (?1, ?2, ?3, ?4) RETURNING id";
        self.db.write("mark a deployment", |tx| {
            let now = self.now(tx)?;
            let id = tx.query_one(MARK, values![now, version, note, by], |row| row.get(0))?;
            let (version, note, by) = (version.to_owned(), note.to_owned(), by.to_owned());
            Ok(DeploymentRow { id, at: from_micros(now), version, note, by })
        })
    }

    /// Sets a mark unless the last one has this version. True if it did.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn mark_version(&self, version: &str, by: &str) -> Result<bool, StoreError> {
        const LAST: &str = "SELECT version FROM deployments WHERE by_whom = ?1 ORDER BY id DESC LIMIT 1";
        const MARK: &str = "INSERT INTO deployments (at, version, note, by_whom) VALUES (?1, ?2, '', ?3)";
        self.db.write("mark a deployment", |tx| {
            let last = tx.query_opt(LAST, values![by], |row| row.get::<String>(0))?;
            let is_new = last.is_none_or(|last| last != version);
            if is_new {
                tx.execute(MARK, values![self.now(tx)?, version, by])?;
            }
            Ok(is_new)
        })
    }

    /// The latest marks, the last first.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn deployments(&self, limit: u32) -> Result<Vec<DeploymentRow>, StoreError> {
        const SELECT: &str = "SELECT id, at, version, note, by_whom FROM deployments ORDER BY id DESC LIMIT ?1";
        self.db.read("list deployments", |connection| {
            connection.query(SELECT, values![limit], |row| {
                Ok(DeploymentRow {
                    id: row.get(0)?,
                    at: from_micros(row.get(1)?),
                    version: row.get(2)?,
                    note: row.get(3)?,
                    by: row.get(4)?,
                })
            })
        })
    }

    /// Forgets all that is kept of a tenant: its runs and its schedules. Gives how many rows those were.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn forget_tenant(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        let count = self.db.write("forget a tenant's runs", |tx| {
            tx.leave_nothing()?;
            let runs = tx.execute("DELETE FROM runs WHERE tenant = ?1", values![tenant.as_str()])?;
            Ok(runs + tx.execute("DELETE FROM schedules WHERE tenant = ?1", values![tenant.as_str()])?)
        })?;
        // Those that were forgotten before may be in pages that are free.
        self.db.scrub()?;
        Ok(count)
    }

    /// Whether anything is kept of a tenant.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn has_tenant(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        const THERE: &str = "SELECT EXISTS (SELECT 1 FROM runs WHERE tenant = ?1)
            OR EXISTS (SELECT 1 FROM schedules WHERE tenant = ?1)";
        self.db.read("look for a tenant's runs", |connection| {
            connection.query_one(THERE, values![tenant.as_str()], |row| row.get::<bool>(0))
        })
    }
}

/// What is paused now, by name.
pub(super) fn paused(
    connection: &Connection,
    what: Pausable,
    now: i64,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    const PAUSED: &str =
        "SELECT name, disabled_until FROM pauses WHERE kind = ?1 AND disabled_until > ?2 ORDER BY name";
    connection.query(PAUSED, values![what.name(), now], |row| Ok((row.get(0)?, from_micros(row.get(1)?))))
}
