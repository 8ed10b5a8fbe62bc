//! Giving runs to a worker and taking their ends: one transaction for both, so that a worker that is quick waits for the disk once.
//!
//! Runs wait in *lanes*, one for each tenant and task. A turn looks at the lanes from where the last one left off, takes of those with
//! the smallest priority an equal share each, then of the next; so a tenant with a hundred thousand runs keeps nobody from theirs.

use std::collections::{HashMap, HashSet};

use plugpoint_sdk::model::TenantId;

use super::daemons::{Pausable, paused};
use super::{Tasks, micros};
use crate::error::StoreError;
use crate::sql::{Connection, OwnedValue, Row, Value, values};

/// Lanes that one turn looks at. Those behind them come in the turns that follow.
const LANES_MAX: usize = 256;

/// Plain ends are written so many at a time: texts of few sizes, which are prepared once, and few journeys to a server.
const SETTLED_PER_STATEMENT: [usize; 5] = [256, 64, 16, 4, 1];

/// What a worker wants.
#[derive(Debug, Clone)]
pub struct TurnOptions<'a> {
    /// Who it is, as in [`Tasks::beat`].
    pub worker: &'a str,
    /// The tasks that it has handlers for, with how many runs of each may run at once, in all processes.
    pub tasks: &'a HashMap<String, u32>,
    /// How many runs it can take.
    pub taken_max: usize,
    /// How many runs of one tenant may run at once, in all processes.
    pub tenant_running_max: u32,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It is done.
    Succeeded {
        /// A JSON document that the handler gave back.
        output: Option<String>,
    },
    /// It is not done.
    Failed {
        /// Why.
        error: String,
        /// After how many milliseconds it may be tried again, if it has attempts left; none if that would be of no use.
        retry_after_ms: Option<u64>,
    },
    /// Somebody wanted its end, and it has ended before it was done.
    Cancelled,
    /// It was not begun, or was broken off because its worker ends: another begins it, and this attempt is not counted.
    GivenBack,
}

/// The end of a run, by who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its id.
    pub id: i64,
    /// What it was given with.
    pub token: i64,
    /// What became of it.
    pub ended: Ended,
    /// What was said last of how far it is, if that was not told yet.
    pub note: Option<String>,
}

/// A run that a worker has from here on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenRun {
    /// Its id.
    pub id: i64,
    /// What has to be shown with its end.
    pub token: i64,
    /// Its task.
    pub task: String,
    /// Whose it is; none for the platform's own.
    pub tenant: Option<TenantId>,
    /// What the handler is given: a JSON document.
    pub input: String,
    /// How often a worker has begun it, this time included.
    pub attempt: u32,
    /// How often one may.
    pub attempts_max: u32,
}

/// What a turn has brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// Runs that are this worker's now.
    pub taken: Vec<TakenRun>,
    /// Of those that it has settled the ones that were no longer its own: nothing was written about them.
    pub lost: Vec<i64>,
    /// When the next run becomes due, in milliseconds from now, if one waits.
    pub next_due_ms: Option<u64>,
}

/// A tenant's runs of a task that wait.
struct Lane {
    tenant: String,
    task: String,
    /// Of its first.
    priority: i64,
}

impl Tasks {
    /// Writes down ends of runs, and gives more of them to a worker. `after` is where the last turn's look at the lanes ended, and is
    /// moved on.
    ///
    /// # Errors
    /// Those of the storage: then nothing was written.
    pub fn turn(
        &self,
        settled: &[Settled],
        options: &TurnOptions<'_>,
        after: &mut (String, String),
    ) -> Result<Turn, StoreError> {
        self.turned(settled, options, after).map_err(|error| error.during("give out runs", self.db.subject()))
    }

    fn turned(
        &self,
        settled: &[Settled],
        options: &TurnOptions<'_>,
        after: &mut (String, String),
    ) -> Result<Turn, StoreError> {
        const DUE: &str = "UPDATE runs SET state = 1 WHERE state = 0 AND due_at <= ?1";
        const NEXT: &str = "SELECT min(due_at) FROM runs WHERE state = 0";
        const READY: &str = "SELECT EXISTS (SELECT 1 FROM runs WHERE state = 1)";
        if settled.is_empty() {
            // Without the writer: most looks find nothing.
            let (now, next, is_ready) = self.db.read("look for runs", |connection| {
                let next: Option<i64> = connection.query_one(NEXT, &[], |row| row.get(0))?;
                Ok((self.now(connection)?, next, connection.query_one(READY, &[], |row| row.get::<bool>(0))?))
            })?;
            if !(is_ready && options.taken_max > 0) && next.is_none_or(|due| due > now) {
                return Ok(Turn { next_due_ms: until(next, now), ..Turn::default() });
            }
        }
        let tx = self.db.begin_write()?;
        let now = self.now(&tx)?;
        let lost = settle(&tx, settled, now)?;
        let due = tx.execute(DUE, values![now])?;
        let taken = if options.taken_max > 0 { take(&tx, options, after, now)? } else { Vec::new() };
        let next: Option<i64> = tx.query_one(NEXT, &[], |row| row.get(0))?;
        // A commit would have everybody look again.
        if lost.len() < settled.len() || due > 0 || !taken.is_empty() {
            tx.commit()?;
            drop(tx);
            self.db.has_committed();
        }
        Ok(Turn { taken, lost, next_due_ms: until(next, now) })
    }

    /// Says that a worker is there, and will be heard of again within `lease_ms`. False if it had been struck off: all that it had is
    /// others' now.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn beat(&self, worker: &str, address: &str, lease_ms: u64) -> Result<bool, StoreError> {
        const SAY: &str = "UPDATE workers SET seen_until = ?2 WHERE id = ?1";
        const JOIN: &str = "INSERT INTO workers (id, address, started_at, seen_until) VALUES (?1, ?2, ?3, ?4)";
        self.db.write("say that a worker is there", |tx| {
            let now = self.now(tx)?;
            let until = now.saturating_add(micros(lease_ms));
            if tx.execute(SAY, values![worker, until])? > 0 {
                return Ok(true);
            }
            tx.execute(JOIN, values![worker, address, now, until])?;
            Ok(false)
        })
    }

    /// Strikes off workers that were not heard of in time, and has their runs begun by others; those without an attempt left fail.
    /// Gives how many runs those were.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn rescue(&self) -> Result<u64, StoreError> {
        const LATE: &str = "SELECT id FROM workers WHERE seen_until < ?1";
        let now = self.db.read("look for workers", |connection| self.now(connection))?;
        let late = self
            .db
            .read("look for workers", |connection| connection.query(LATE, values![now], |row| row.get::<String>(0)))?;
        if late.is_empty() {
            return Ok(0);
        }
        const STRIKE: &str = "DELETE FROM workers WHERE id = ?1 AND seen_until < ?2";
        self.db.write("rescue runs", |tx| {
            let now = self.now(tx)?;
            let mut rescued = 0;
            for worker in &late {
                // It may have been heard of meanwhile.
                if tx.execute(STRIKE, values![worker, now])? > 0 {
                    rescued += abandon(tx, worker, now)?;
                }
            }
            Ok(rescued)
        })
    }

    /// Strikes a worker off that ends. What it still has is begun by others, the attempt counted.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn leave(&self, worker: &str) -> Result<u64, StoreError> {
        self.db.write("take a worker away", |tx| {
            let now = self.now(tx)?;
            tx.execute("DELETE FROM workers WHERE id = ?1", values![worker])?;
            abandon(tx, worker, now)
        })
    }

    /// Writes down how far runs are: id, token, a share from 0 to 1, and words. Gives those of the worker that somebody wants to end,
    /// and all that it still has.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn progress(&self, worker: &str, told: &[(i64, i64, f64, String)]) -> Result<Wanted, StoreError> {
        const TELL: &str = "UPDATE runs SET progress = ?3, note = ?4 WHERE id = ?1 AND token = ?2 AND state = 2";
        const WANTED: &str = "SELECT id, token, is_cancelled FROM runs WHERE state = 2 AND worker = ?1";
        if !told.is_empty() {
            self.db.write("tell how far runs are", |tx| {
                for (id, token, share, note) in told {
                    // A share in millionths has few digits.
                    let share = (share.clamp(0.0, 1.0) * 1e6) as i64;
                    tx.execute(TELL, values![*id, *token, share, note])?;
                }
                Ok(())
            })?;
        }
        let rows = self.db.read("look for cancelled runs", |connection| {
            connection.query(WANTED, values![worker], |row| {
                Ok(((row.get::<i64>(0)?, row.get::<i64>(1)?), row.get::<i64>(2)? != 0))
            })
        })?;
        let cancelled = rows.iter().filter(|(_, is_cancelled)| *is_cancelled).map(|(run, _)| *run).collect();
        Ok(Wanted { cancelled, held: rows.into_iter().map(|(run, _)| run).collect() })
    }
}

/// What is wanted of a worker. Runs are told by id and token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Runs that are to end.
    pub cancelled: HashSet<(i64, i64)>,
    /// Runs that it has.
    pub held: HashSet<(i64, i64)>,
}

/// How long until then, in milliseconds.
fn until(due: Option<i64>, now: i64) -> Option<u64> {
    due.map(|due| due.saturating_sub(now).max(0).unsigned_abs().div_ceil(1000))
}

/// Has others begin what a worker has.
fn abandon(tx: &Connection, worker: &str, now: i64) -> Result<u64, StoreError> {
    const ABANDON: &str = "UPDATE runs SET worker = NULL, error = 'its worker ended before it did',
        state = CASE WHEN is_cancelled = 1 THEN 5 WHEN attempts >= attempts_max THEN 4 ELSE 1 END,
        ended_at = CASE WHEN is_cancelled = 1 OR attempts >= attempts_max THEN CAST(?2 AS BIGINT) END
        WHERE state = 2 AND worker = ?1";
    tx.execute("DELETE FROM daemons WHERE worker = ?1", values![worker])?;
    tx.execute(ABANDON, values![worker, now])
}

/// Writes down ends; gives the runs that others have.
fn settle(tx: &Connection, settled: &[Settled], now: i64) -> Result<Vec<i64>, StoreError> {
    let is_plain = |one: &&Settled| one.note.is_none() && one.ended == Ended::Succeeded { output: None };
    let (plain, others): (Vec<_>, Vec<_>) = settled.iter().partition(is_plain);
    let mut lost = Vec::new();
    let mut rest = &*plain;
    for size in SETTLED_PER_STATEMENT {
        while rest.len() >= size {
            let (some, more) = rest.split_at(size);
            succeed(tx, some, now, &mut lost)?;
            rest = more;
        }
    }
    for one in others {
        if settle_one(tx, one, now)? == 0 {
            lost.push(one.id);
        }
    }
    Ok(lost)
}

fn succeed(tx: &Connection, some: &[&Settled], now: i64, lost: &mut Vec<i64>) -> Result<(), StoreError> {
    let rows = vec!["(CAST(? AS BIGINT), CAST(? AS BIGINT))"; some.len()].join(", ");
    // The time is a value like the others: a text that differs each time would be prepared each time.
    let update = format!(
        "UPDATE runs SET state = 3, worker = NULL, progress = 1000000, ended_at = CAST(? AS BIGINT)
        FROM (VALUES {rows}) AS v WHERE runs.id = v.column1 AND runs.token = v.column2 AND runs.state = 2 RETURNING runs.id"
    );
    let ends = some.iter().flat_map(|one| [one.id.into(), one.token.into()]);
    let row: Vec<Value<'_>> = std::iter::once(now.into()).chain(ends).collect();
    let done: HashSet<i64> = tx.query(&update, &row, |row| row.get(0))?.into_iter().collect();
    lost.extend(some.iter().map(|one| one.id).filter(|id| !done.contains(id)));
    Ok(())
}

fn settle_one(tx: &Connection, one: &Settled, now: i64) -> Result<u64, StoreError> {
    const SUCCEED: &str = "UPDATE runs SET state = 3, worker = NULL, progress = 1000000, ended_at = ?3, output = ?4,
        note = coalesce(?5, note) WHERE id = ?1 AND token = ?2 AND state = 2";
    const FAIL: &str = "UPDATE runs SET worker = NULL, error = ?4,
        state = CASE WHEN is_cancelled = 1 THEN 5 WHEN attempts >= attempts_max OR CAST(?5 AS BIGINT) = 0 THEN 4 ELSE 0 END, due_at = ?6,
        ended_at = CASE WHEN is_cancelled = 1 OR attempts >= attempts_max OR CAST(?5 AS BIGINT) = 0 THEN CAST(?3 AS BIGINT) END
        WHERE id = ?1 AND token = ?2 AND state = 2";
    const CANCEL: &str =
        "UPDATE runs SET state = 5, worker = NULL, ended_at = ?3 WHERE id = ?1 AND token = ?2 AND state = 2";
    const GIVE_BACK: &str = "UPDATE runs SET state = 1, worker = NULL, attempts = attempts - 1
        WHERE id = ?1 AND token = ?2 AND state = 2";
    match &one.ended {
        Ended::Succeeded { output } => tx.execute(SUCCEED, values![one.id, one.token, now, output, &one.note]),
        Ended::Failed { error, retry_after_ms } => {
            let again = i64::from(retry_after_ms.is_some());
            let due_at = now.saturating_add(micros(retry_after_ms.unwrap_or_default()));
            tx.execute(FAIL, values![one.id, one.token, now, error, again, due_at])
        }
        Ended::Cancelled => tx.execute(CANCEL, values![one.id, one.token, now]),
        Ended::GivenBack => tx.execute(GIVE_BACK, values![one.id, one.token]),
    }
}

fn take(
    tx: &Connection,
    options: &TurnOptions<'_>,
    after: &mut (String, String),
    now: i64,
) -> Result<Vec<TakenRun>, StoreError> {
    const RUNNING: &str = "SELECT tenant, task, count(*) FROM runs WHERE state = 2 GROUP BY tenant, task";
    let disabled: HashSet<String> = paused(tx, Pausable::Task, now)?.into_iter().map(|(task, _)| task).collect();
    let mut lanes = lanes(tx, after)?;
    lanes.retain(|lane| options.tasks.contains_key(&lane.task) && !disabled.contains(&lane.task));
    if lanes.is_empty() {
        return Ok(Vec::new());
    }
    let mut running = Running::default();
    tx.visit(RUNNING, &[], |row| {
        running.add(&row.get::<String>(0)?, &row.get::<String>(1)?, row.get::<i64>(2)?.unsigned_abs() as usize);
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    let mut taken = Vec::new();
    while taken.len() < options.taken_max && !lanes.is_empty() {
        let first = lanes.iter().map(|lane| lane.priority).min().unwrap_or_default();
        let of_class = lanes.iter().filter(|lane| lane.priority == first).count();
        let share = (options.taken_max - taken.len()).div_ceil(of_class);
        let mut left = Vec::new();
        for mut lane in lanes {
            if lane.priority != first {
                left.push(lane);
                continue;
            }
            let room = running.room(&lane, options).min(share).min(options.taken_max - taken.len());
            let got = take_from(tx, &lane, room, options.worker, now)?;
            running.add(&lane.tenant, &lane.task, got.len());
            let is_empty = got.len() < room;
            taken.extend(got);
            // What has no room now has none in this turn.
            if room > 0
                && let Some(priority) = if is_empty { head(tx, &lane)? } else { Some(lane.priority) }
            {
                lane.priority = priority;
                left.push(lane);
            }
        }
        lanes = left;
    }
    Ok(taken)
}

/// How many run, of each tenant and each task.
#[derive(Default)]
struct Running {
    of_tenant: HashMap<String, usize>,
    of_task: HashMap<String, usize>,
}

impl Running {
    fn add(&mut self, tenant: &str, task: &str, count: usize) {
        *self.of_tenant.entry(tenant.to_owned()).or_default() += count;
        *self.of_task.entry(task.to_owned()).or_default() += count;
    }

    /// How many more of a lane may.
    fn room(&self, lane: &Lane, options: &TurnOptions<'_>) -> usize {
        let of = |running: &HashMap<String, usize>, name: &str| running.get(name).copied().unwrap_or_default();
        let task_max = options.tasks.get(&lane.task).copied().unwrap_or_default() as usize;
        let of_task = task_max.saturating_sub(of(&self.of_task, &lane.task));
        // The platform is no tenant.
        let tenant_max = if lane.tenant.is_empty() { usize::MAX } else { options.tenant_running_max as usize };
        of_task.min(tenant_max.saturating_sub(of(&self.of_tenant, &lane.tenant)))
    }
}

/// The lanes behind `after`, then those before it, as many as a turn looks at.
fn lanes(tx: &Connection, after: &mut (String, String)) -> Result<Vec<Lane>, StoreError> {
    const NEXT: &str = "SELECT tenant, task, priority FROM runs WHERE state = 1 AND (tenant, task) > (?1, ?2)
        ORDER BY tenant, task, priority LIMIT 1";
    let read = |row: &Row<'_>| Ok(Lane { tenant: row.get(0)?, task: row.get(1)?, priority: row.get(2)? });
    let (mut found, begin): (Vec<Lane>, _) = (Vec::new(), after.clone());
    let (mut at, mut has_wrapped) = (begin.clone(), false);
    while found.len() < LANES_MAX {
        match tx.query_opt(NEXT, values![&at.0, &at.1], read)? {
            Some(lane) if has_wrapped && (&lane.tenant, &lane.task) > (&begin.0, &begin.1) => break,
            Some(lane) => {
                at = (lane.tenant.clone(), lane.task.clone());
                found.push(lane);
            }
            None if has_wrapped || begin == Default::default() => break,
            None => (at, has_wrapped) = (<(String, String)>::default(), true),
        }
    }
    // All of them were seen: the next look begins where this one did, one lane further.
    let last = if found.len() < LANES_MAX { found.first() } else { found.last() };
    *after = last.map(|lane| (lane.tenant.clone(), lane.task.clone())).unwrap_or_default();
    Ok(found)
}

/// The priority of a lane's first run.
fn head(tx: &Connection, lane: &Lane) -> Result<Option<i64>, StoreError> {
    const HEAD: &str =
        "SELECT priority FROM runs WHERE state = 1 AND tenant = ?1 AND task = ?2 ORDER BY priority LIMIT 1";
    tx.query_opt(HEAD, values![&lane.tenant, &lane.task], |row| row.get(0))
}

fn take_from(tx: &Connection, lane: &Lane, count: usize, worker: &str, now: i64) -> Result<Vec<TakenRun>, StoreError> {
    const TAKE: &str = "UPDATE runs SET state = 2, token = token + 1, attempts = attempts + 1, worker = ?1, started_at = ?2
        WHERE id IN (SELECT id FROM runs WHERE state = 1 AND tenant = ?3 AND task = ?4 AND priority = ?5 ORDER BY id LIMIT ?6)
        RETURNING id, token, input, attempts, attempts_max";
    if count == 0 {
        return Ok(Vec::new());
    }
    let limit = OwnedValue::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let row =
        [worker.into(), now.into(), (&lane.tenant).into(), (&lane.task).into(), lane.priority.into(), limit.borrowed()];
    let number = |row: &Row<'_>, column| row.get::<i64>(column).map(|it| u32::try_from(it).unwrap_or(u32::MAX));
    let mut taken = tx.query(TAKE, &row, |row| {
        Ok(TakenRun {
            id: row.get(0)?,
            token: row.get(1)?,
            task: lane.task.clone(),
            tenant: lane.tenant.parse().ok(),
            input: row.get(2)?,
            attempt: number(row, 3)?,
            attempts_max: number(row, 4)?,
        })
    })?;
    // In which order rows come back that were changed, neither backend promises.
    taken.sort_by_key(|run| run.id);
    Ok(taken)
}
