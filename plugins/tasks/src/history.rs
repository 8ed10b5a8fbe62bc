//! The task `tasks.history`: forgets runs that have ended, by age, number and size.

use std::sync::Arc;
use std::time::Duration;

use plugpoint_store::Tasks;
use plugpoint_tasks::{Misfire, RunContext, Schedule, Scope, Task, TaskError};
use serde_json::{Map, json};

/// Its name.
pub const HISTORY: &str = "tasks.history";
/// Runs that are forgotten in one commit.
const AT_ONCE: u32 = 1000;

/// What is kept of runs that have ended. What is beyond any of these is forgotten, the oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// For how long.
    pub age: Duration,
    /// How many.
    pub runs_max: u64,
    /// How many bytes of inputs, outputs and reasons.
    pub bytes_max: u64,
}

/// The task.
#[must_use]
pub fn task(tasks: &Arc<Tasks>, kept: Kept) -> Task {
    let tasks = Arc::clone(tasks);
    let doc =
        "Forgets runs that have ended: those that are old, and the oldest beyond what is kept in number and size.";
    let task = Task::new(HISTORY, doc, move |run: &RunContext| {
        let (mut forgotten, age_ms) = (0, u64::try_from(kept.age.as_millis()).unwrap_or(u64::MAX));
        loop {
            run.check()?;
            let some = tasks.forget_runs(age_ms, kept.runs_max, kept.bytes_max, AT_ONCE);
            let some = some.map_err(|error| TaskError::Retry(error.to_string()))?;
            forgotten += some;
            if some == 0 {
                return Ok(Some(json!({ "forgotten": forgotten })));
            }
        }
    });
    Task { scope: Scope::Platform, running_max: 1, ..task }
}

/// When it begins.
///
/// # Errors
/// None in practice: the timing is a constant.
pub fn schedule() -> Result<Schedule, String> {
    Ok(Schedule {
        name: HISTORY.to_owned(),
        task: HISTORY.to_owned(),
        tenant: None,
        input: Map::new(),
        timing: "every 1h".parse()?,
        misfire: Misfire::Once,
        jitter: Duration::ZERO,
        attempts_max: 5,
    })
}
