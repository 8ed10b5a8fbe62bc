//! Says that this process is there, tells how far its runs are, hears which of them are to end, and takes up what others left behind.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plugpoint_store::{Ended, Settled};

use crate::handler::{End, RunContext};
use crate::runtime::{Shared, given_up, paused, start_thread};

/// How often it hears and tells.
const BEAT: Duration = Duration::from_millis(250);

/// Beats until the process ends.
pub(crate) fn beat(shared: &Arc<Shared>) {
    let (mut said_at, mut strays) = (Instant::now(), HashSet::new());
    say(shared);
    while !shared.slots.is_over() {
        std::thread::sleep(BEAT.min(shared.options.lease / 4));
        let held = shared.slots.held();
        see_to_late_ones(shared, &held);
        if said_at.elapsed() >= shared.options.lease / 3 {
            said_at = Instant::now();
            say(shared);
            hear(shared, &held, &mut strays);
        } else if !held.is_empty() {
            hear(shared, &held, &mut strays);
        }
    }
}

/// Says that this process is there, and sees who is not.
fn say(shared: &Shared) {
    let lease_ms = u64::try_from(shared.options.lease.as_millis()).unwrap_or(u64::MAX);
    match shared.tasks.beat(&shared.worker, &shared.options.address, lease_ms) {
        Ok(true) => {}
        Ok(false) => tracing::warn!("this process was not heard of in time: others may have its runs"),
        Err(error) => tracing::warn!(%error, "others cannot be told that this process is there"),
    }
    let told = shared.tasks.tell_daemons(&shared.worker, &shared.daemons.told());
    match told.and_then(|()| paused(&shared.tasks)) {
        Ok(paused) => shared.daemons.pause(&paused),
        Err(error) => tracing::warn!(%error, "how daemons are cannot be told"),
    }
    match shared.tasks.rescue() {
        Ok(0) => {}
        Ok(count) => {
            tracing::info!(count, "runs of a process that is gone are begun again");
            shared.slots.wake();
        }
        Err(error) => tracing::warn!(%error, "whether a process is gone cannot be told"),
    }
}

/// Tells how far runs are, hears which are to end, and which are others' now. `strays` are runs that are this process's by the database
/// and that it did not have when it last looked: given to it by a commit whose answer was lost.
fn hear(shared: &Shared, held: &[Arc<RunContext>], strays: &mut HashSet<(i64, i64)>) {
    let told: Vec<_> = held
        .iter()
        .filter_map(|run| run.take_told().map(|(share, note)| (run.id(), run.token(), share, note)))
        .collect();
    let wanted = match shared.tasks.progress(&shared.worker, &told) {
        Ok(wanted) => wanted,
        Err(error) => return tracing::warn!(%error, "how far runs are cannot be told"),
    };
    for run in held.iter().filter(|run| wanted.cancelled.contains(&key(run))) {
        run.tell_end(End::Cancel);
    }
    // What was taken after the look at what is held is not among these.
    let gone: HashSet<_> = held.iter().map(|run| key(run)).filter(|run| !wanted.held.contains(run)).collect();
    shared.slots.lose(|run| gone.contains(&key(run)));
    let here: HashSet<_> = shared.slots.held().iter().map(|run| key(run)).collect();
    let not_here: HashSet<_> = wanted.held.difference(&here).copied().collect();
    for (id, token) in not_here.intersection(strays) {
        tracing::warn!(run_id = id, "a run that this process has, and knows nothing of, is given back");
        shared.slots.settle(Settled { id: *id, token: *token, ended: Ended::GivenBack, note: None });
    }
    *strays = not_here;
}

/// What tells this attempt of a run from others.
fn key(run: &RunContext) -> (i64, i64) {
    (run.id(), run.token())
}

/// Tells runs to end that have taken too long, and gives up those that were told and have not ended.
fn see_to_late_ones(shared: &Arc<Shared>, held: &[Arc<RunContext>]) {
    for run in held {
        let Some(running_for) = run.running_for() else { continue };
        if running_for > run.timeout {
            run.tell_end(End::Late);
        }
        if run.told_for().is_some_and(|told_for| told_for > shared.options.patience) {
            let settled = given_up(shared, run);
            if shared.slots.give_up(run, settled.ended) {
                tracing::warn!(
                    run_id = run.id(),
                    task = run.run.task,
                    "a run does not end; it is given up, and its thread left behind"
                );
                if let Err(error) = start_thread(shared) {
                    tracing::error!(%error, "the system gives no thread for one that was left behind");
                }
            }
        }
    }
}
