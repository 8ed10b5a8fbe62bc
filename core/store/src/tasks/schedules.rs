//! What begins by the clock: which firing comes next, and who has it.
//!
//! Every process may look, and whichever moves a schedule on has its firing: the move and the run are one commit, which holds only if the
//! schedule is as it was when the process looked. So no leader is needed, and none that was held up can fire a second time.

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use serde::Serialize;

use super::enqueue::enqueue;
use super::{NewRun, Tasks};
use crate::error::StoreError;
use crate::sql::{Connection, Row, values};
use crate::time::{from_micros, to_micros};

/// A schedule as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduleRow {
    /// Its name.
    pub name: String,
    /// Whose it is; none for the platform's own.
    pub tenant: Option<TenantId>,
    /// When it fires, in words.
    pub timing: String,
    /// The firing that comes next.
    pub due_at: Timestamp,
    /// When it last fired; none if it has not.
    pub fired_at: Option<Timestamp>,
}

/// A schedule is to be moved on.
#[derive(Debug, Clone)]
pub struct Move<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whose it is; none for the platform's own.
    pub tenant: Option<&'a TenantId>,
    /// When it fires, in words.
    pub timing: &'a str,
    /// How it was when the caller looked; none if there was none.
    pub known: Option<&'a ScheduleRow>,
    /// The firing that comes next from then on.
    pub next: Timestamp,
    /// What is to be done now; none if nothing is.
    pub run: Option<NewRun<'a>>,
}

impl Tasks {
    /// All schedules, by name, with the time.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn schedules(&self) -> Result<(Timestamp, Vec<ScheduleRow>), StoreError> {
        const ALL: &str = "SELECT name, tenant, timing, due_at, fired_at FROM schedules ORDER BY name";
        self.db.read("list schedules", |connection| {
            Ok((from_micros(self.now(connection)?), connection.query(ALL, &[], read)?))
        })
    }

    /// Moves a schedule on, and takes in what it fires, in one commit. False if another process has moved it: then nothing is done.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn move_schedule(&self, to: &Move<'_>) -> Result<bool, StoreError> {
        self.db.write("move a schedule on", |tx| {
            let now = self.now(tx)?;
            if !moved(tx, to, now)? {
                return Ok(false);
            }
            if let Some(run) = &to.run {
                enqueue(tx, run, now)?;
            }
            Ok(true)
        })
    }

    /// Forgets schedules that nobody moves on any more: the next firing of those is so long past. Gives how many those were.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn forget_schedules(&self, past_ms: u64) -> Result<u64, StoreError> {
        const FORGET: &str = "DELETE FROM schedules WHERE due_at < ?1";
        self.db.write("forget schedules", |tx| {
            let before = self.now(tx)?.saturating_sub(super::micros(past_ms));
            tx.execute(FORGET, values![before])
        })
    }
}

fn moved(tx: &Connection, to: &Move<'_>, now: i64) -> Result<bool, StoreError> {
    const ADD: &str = "INSERT INTO schedules (name, tenant, timing, due_at, fired_at)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    const MOVE: &str = "UPDATE schedules SET tenant = ?2, timing = ?3, due_at = ?4, fired_at = coalesce(?5, fired_at)
        WHERE name = ?1 AND due_at = ?6 AND timing = ?7";
    let (name, tenant, next) = (to.name, to.tenant.map_or("", TenantId::as_str), to_micros(to.next));
    let fired_at = to.run.as_ref().map(|_| now);
    let changed = match to.known {
        None => tx.execute(ADD, values![name, tenant, to.timing, next, fired_at])?,
        Some(row) => {
            let due_at = to_micros(row.due_at);
            tx.execute(MOVE, values![name, tenant, to.timing, next, fired_at, due_at, &row.timing])?
        }
    };
    Ok(changed > 0)
}

fn read(row: &Row<'_>) -> Result<ScheduleRow, StoreError> {
    Ok(ScheduleRow {
        name: row.get(0)?,
        tenant: row.get::<String>(1)?.parse().ok(),
        timing: row.get(2)?,
        due_at: from_micros(row.get(3)?),
        fired_at: row.get::<Option<i64>>(4)?.map(from_micros),
    })
}
