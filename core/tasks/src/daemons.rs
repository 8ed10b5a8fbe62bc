//! Daemons: what goes on as long as a process does. Each has a thread that keeps it going: begun again, later each time, when it fails;
//! held while an operator wants it to rest; stopped with the process. How each is, the heart tells with its beat.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};
use std::{fmt, io};

use plugpoint_store::{DaemonTold, StoreError, Tasks};

use crate::runtime::chance;
use crate::schedule::Schedule;
use crate::task::Backoff;

/// How long one that failed waits until it is begun again.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
/// One that has gone on for so long begins with the shortest pause again.
const SETTLED: Duration = Duration::from_secs(120);
/// How often schedules are looked at, at least: others may have moved them, and the list may have changed.
const LOOK: Duration = Duration::from_secs(1);

/// What a daemon does. It goes on until [`DaemonContext::wait`] says that it is to end.
type Body = dyn Fn(&DaemonContext) -> Result<(), String> + Send + Sync;

/// Which schedules there are now.
type Schedules = dyn Fn() -> Result<Vec<Schedule>, String> + Send + Sync;

/// Something that goes on as long as its process does.
#[derive(Clone)]
pub struct Daemon {
    /// Its name.
    pub name: String,
    /// What it is for, in a sentence.
    pub doc: String,
    body: Arc<Body>,
}

impl fmt::Debug for Daemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Daemon").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Daemon {
    /// One that does this.
    pub fn new(
        name: &str,
        doc: &str,
        body: impl Fn(&DaemonContext) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.to_owned(), doc: doc.to_owned(), body: Arc::new(body) }
    }

    /// One that switches something on, and off again when it is to end.
    pub fn switch(name: &str, doc: &str, switch: impl Fn(bool) + Send + Sync + 'static) -> Self {
        Self::new(name, doc, move |daemon| {
            switch(true);
            while daemon.wait(LOOK) {}
            switch(false);
            Ok(())
        })
    }

    /// One that begins tasks by the clock. Which, is asked now and then: `schedules` may give others than before.
    pub fn of_schedules(name: &str, doc: &str, tasks: Arc<Tasks>, schedules: Box<Schedules>) -> Self {
        Self::new(name, doc, move |daemon| {
            loop {
                let wait = fire(&tasks, &schedules()?).map_err(|error| error.to_string())?;
                if !daemon.wait(wait) {
                    return Ok(());
                }
            }
        })
    }
}

/// Fires what is due, and gives how long there is nothing to do.
fn fire(tasks: &Tasks, schedules: &[Schedule]) -> Result<Duration, StoreError> {
    let mut wait = LOOK;
    if schedules.is_empty() {
        return Ok(wait);
    }
    let (now, kept) = tasks.schedules()?;
    for schedule in schedules {
        let row = kept.iter().find(|row| row.name == schedule.name);
        let Some(next) = schedule.step(tasks, row, now, chance())? else { continue };
        let until = u64::try_from(next.0.duration_since(now.0).as_millis()).unwrap_or_default();
        wait = wait.min(Duration::from_millis(until.max(10)));
    }
    Ok(wait)
}

/// A daemon's way to hear whether it is to end.
#[derive(Debug)]
pub struct DaemonContext {
    state: Mutex<State>,
    has_changed: Condvar,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    beat_at: Instant,
    restarts: u64,
    error: Option<String>,
    /// An operator wants it to rest.
    is_paused: bool,
    /// Its process ends.
    is_over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Stopped,
    Failing,
}

impl DaemonContext {
    fn new(is_paused: bool) -> Self {
        let now = Instant::now();
        let (phase, restarts, error, is_over) = (Phase::Stopped, 0, None, false);
        let state = State { phase, since: now, beat_at: now, restarts, error, is_paused, is_over };
        Self { state: Mutex::new(state), has_changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that it goes on, and waits so long. False if it is to end: at once, if it is told to meanwhile.
    #[must_use]
    pub fn wait(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut state = self.lock();
        state.beat_at = Instant::now();
        loop {
            if state.is_paused || state.is_over {
                return false;
            }
            let Some(left) = until.checked_duration_since(Instant::now()) else { return true };
            state = self.has_changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn turn(&self, phase: Phase) {
        let mut state = self.lock();
        let now = Instant::now();
        (state.phase, state.since, state.beat_at) = (phase, now, now);
    }

    /// Waits until it may go on. False if its process ends.
    fn may_go_on(&self) -> bool {
        let mut state = self.lock();
        while state.is_paused && !state.is_over {
            state = self.has_changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.is_over
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.has_changed.notify_all();
    }
}

/// The daemons of a process.
pub(crate) struct Supervisor {
    kept: Vec<(Daemon, Arc<DaemonContext>)>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Supervisor {
    /// Begins all that are not paused.
    pub(crate) fn start(daemons: Vec<Daemon>, paused: &[String]) -> io::Result<Self> {
        let (mut kept, mut threads) = (Vec::new(), Vec::new());
        for daemon in daemons {
            let context = Arc::new(DaemonContext::new(paused.contains(&daemon.name)));
            let (body, own) = (daemon.clone(), Arc::clone(&context));
            threads.push(Builder::new().name(format!("d-{}", daemon.name)).spawn(move || keep(&body, &own))?);
            kept.push((daemon, context));
        }
        Ok(Self { kept, threads: Mutex::new(threads) })
    }

    /// Pauses those that are named, and no others.
    pub(crate) fn pause(&self, paused: &[String]) {
        for (daemon, context) in &self.kept {
            let is_paused = paused.contains(&daemon.name);
            context.change(|state| state.is_paused = is_paused);
        }
    }

    /// How they are.
    pub(crate) fn told(&self) -> Vec<DaemonTold> {
        let ms = |since: Instant| u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let tell = |(daemon, context): &(Daemon, Arc<DaemonContext>)| {
            let state = context.lock();
            let named = match state.phase {
                Phase::Running if state.is_paused || state.is_over => "stopping",
                Phase::Running => "running",
                Phase::Stopped => "stopped",
                Phase::Failing => "failing",
            };
            DaemonTold {
                name: daemon.name.clone(),
                state: named,
                for_ms: ms(state.since),
                silent_ms: ms(state.beat_at),
                restarts: state.restarts,
                error: state.error.clone(),
            }
        };
        self.kept.iter().map(tell).collect()
    }

    /// Ends them, and waits for those that end within so long.
    pub(crate) fn stop(&self, patience: Duration) {
        for (_, context) in &self.kept {
            context.change(|state| state.is_over = true);
        }
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let deadline = Instant::now() + patience;
        for thread in threads {
            while !thread.is_finished() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// Keeps a daemon going until its process ends.
fn keep(daemon: &Daemon, context: &DaemonContext) {
    let mut failures = 0;
    while context.may_go_on() {
        context.turn(Phase::Running);
        let begun = Instant::now();
        let ran = catch_unwind(AssertUnwindSafe(|| (daemon.body)(context)));
        let error = match ran {
            Ok(Ok(())) => {
                context.turn(Phase::Stopped);
                continue;
            }
            Ok(Err(error)) => error,
            Err(_) => "it panicked".to_owned(),
        };
        failures = if begun.elapsed() > SETTLED { 1 } else { failures + 1 };
        let pause = BACKOFF.after(failures, chance());
        tracing::warn!(daemon = daemon.name, error, pause_ms = pause.as_millis(), "a daemon failed and is begun again");
        context.change(|state| {
            state.restarts += 1;
            state.error = Some(error);
        });
        context.turn(Phase::Failing);
        let _ = context.wait(pause);
    }
    context.turn(Phase::Stopped);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn until(what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_so() {
            assert!(Instant::now() < deadline, "it never happened: {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn one_that_fails_is_begun_again_and_its_reason_is_told() {
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        let daemon = Daemon::new("d", "", move |daemon| match counted.fetch_add(1, Ordering::SeqCst) {
            0 => Err("no luck".to_owned()),
            1 => panic!("on purpose"),
            _ => {
                while daemon.wait(Duration::from_millis(1)) {}
                Ok(())
            }
        });
        let supervisor = Supervisor::start(vec![daemon], &[]).unwrap();
        until("it failed", || supervisor.told()[0].error.as_deref() == Some("no luck"));
        until("it goes on", || supervisor.told()[0].state == "running" && supervisor.told()[0].restarts == 2);
        assert_eq!(supervisor.told()[0].error.as_deref(), Some("it panicked"));
        supervisor.stop(Duration::from_secs(10));
        assert_eq!((supervisor.told()[0].state, count.load(Ordering::SeqCst)), ("stopped", 3));
    }

    #[test]
    fn one_that_is_paused_rests_until_it_is_not() {
        let is_on = Arc::new(Mutex::new(None));
        let switched = Arc::clone(&is_on);
        let daemon = Daemon::switch("d", "", move |on| *switched.lock().unwrap() = Some(on));
        let supervisor = Supervisor::start(vec![daemon], &["d".to_owned()]).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!((supervisor.told()[0].state, *is_on.lock().unwrap()), ("stopped", None));
        supervisor.pause(&[]);
        until("it goes on", || *is_on.lock().unwrap() == Some(true));
        supervisor.pause(&["d".to_owned(), "other".to_owned()]);
        until("it rests", || *is_on.lock().unwrap() == Some(false) && supervisor.told()[0].state == "stopped");
        supervisor.pause(&[]);
        until("it goes on", || *is_on.lock().unwrap() == Some(true));
        supervisor.stop(Duration::from_secs(10));
        assert_eq!(*is_on.lock().unwrap(), Some(false));
    }
}
