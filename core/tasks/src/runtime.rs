//! A process that runs tasks: threads that do runs, one that takes them and writes down their ends, and the heart.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use plugpoint_store::{
    Ended, Enqueued, NewRun, Pausable, Settled, StoreError, StoreErrorKind, Tasks, Turn, TurnOptions,
};

use crate::daemons::{Daemon, Supervisor};
use crate::handler::{End, RunContext, TaskError};
use crate::heart;
use crate::slots::Slots;
use crate::task::Registry;

/// How often a worker that begins asks a database that is busy.
const JOIN_TRIES: u32 = 6;

/// How long the taker waits after the database refused it.
const REFUSED_PAUSE: Duration = Duration::from_millis(500);

/// The longest document that a handler gives back.
const OUTPUT_BYTES_MAX: usize = 64 << 10;
/// The longest reason that is kept. Of longer ones the beginning is.
const ERROR_BYTES_MAX: usize = 4 << 10;

/// The daemon that stands for the threads of a runtime: its name, and what it is for.
pub const TASKS_DAEMON: (&str, &str) =
    ("tasks", "Takes runs of tasks and does them. While it rests, runs wait; those that have begun go on.");

/// How a process runs tasks.
#[derive(Debug, Clone)]
pub struct RuntimeOptions {
    /// What the process is, and where, for who lists workers.
    pub address: String,
    /// Threads, and so runs at once. With none the process takes no runs, and others do what it wants done.
    pub threads: usize,
    /// How many runs of one tenant may run at once, in all processes.
    pub tenant_running_max: u32,
    /// How long a process may be unheard of until others do what it had.
    pub lease: Duration,
    /// How often it looks for what other processes want done. What this one wants is begun at once.
    pub look: Duration,
    /// How long a run that was told to end may take to do so, until it is given up and its thread left behind.
    pub patience: Duration,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self {
            address: format!("pid {}", std::process::id()),
            threads: 4,
            tenant_running_max: 4,
            lease: Duration::from_secs(5),
            look: Duration::from_millis(20),
            patience: Duration::from_secs(10),
        }
    }
}

/// A process that runs tasks. Dropping it does not stop it; [`Runtime::stop`] does.
pub struct Runtime {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

pub(crate) struct Shared {
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) options: RuntimeOptions,
    pub(crate) worker: String,
    pub(crate) slots: Slots,
    pub(crate) daemons: Supervisor,
}

/// Says for the first time that a worker is there. Where others write without a pause, a file's turn may come late.
fn join(tasks: &Tasks, worker: &str, address: &str, lease_ms: u64) -> Result<(), StoreError> {
    for _ in 1..JOIN_TRIES {
        match tasks.beat(worker, address, lease_ms) {
            Err(error) if error.kind() == StoreErrorKind::Busy => {
                tracing::warn!(%error, "a worker waits to be told of")
            }
            joined => return joined.map(drop),
        }
    }
    tasks.beat(worker, address, lease_ms).map(drop)
}

impl Runtime {
    /// Starts the threads, and the daemons. One daemon more, `tasks`, stands for the threads: while it is paused they take no runs.
    ///
    /// # Errors
    /// Those of the storage; the system gives no threads.
    pub fn start(
        tasks: Arc<Tasks>,
        registry: impl Into<Arc<Registry>>,
        mut daemons: Vec<Daemon>,
        options: RuntimeOptions,
    ) -> io::Result<Self> {
        let worker = uuid::Uuid::now_v7().to_string();
        let lease_ms = u64::try_from(options.lease.as_millis()).unwrap_or(u64::MAX);
        join(&tasks, &worker, &options.address, lease_ms).map_err(io::Error::other)?;
        let slots = Slots::new();
        let held = slots.clone();
        let (name, doc) = TASKS_DAEMON;
        daemons.push(Daemon::switch(name, doc, move |is_on| held.hold(!is_on)));
        let paused = paused(&tasks).map_err(io::Error::other)?;
        let daemons = Supervisor::start(daemons, &paused)?;
        let registry = registry.into();
        let shared = Arc::new(Shared { tasks, registry, options, worker, slots, daemons });
        for _ in 0..shared.options.threads {
            start_thread(&shared)?;
        }
        let taker = Arc::clone(&shared);
        let taker = Builder::new().name("tasks".to_owned()).spawn(move || take_and_settle(&taker))?;
        let beating = Arc::clone(&shared);
        let heart = Builder::new().name("tasks-heart".to_owned()).spawn(move || heart::beat(&beating))?;
        Ok(Self { shared, threads: vec![taker, heart] })
    }

    /// The id of this process among those that run tasks.
    #[must_use]
    pub fn worker(&self) -> &str {
        &self.shared.worker
    }

    /// The tasks that it has handlers for.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// Wants runs, all or none, as soon as a process has threads for them.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn enqueue(&self, runs: &[NewRun<'_>]) -> Result<Vec<Enqueued>, StoreError> {
        let enqueued = self.shared.tasks.enqueue(runs)?;
        self.shared.slots.wake();
        Ok(enqueued)
    }

    /// Takes no more runs, and waits so long for those that run. What has not ended then is told to; what does not end then either is
    /// begun again by another process, or by the next that starts.
    pub fn stop(self, wait: Duration) {
        let slots = &self.shared.slots;
        self.shared.daemons.stop(self.shared.options.patience);
        slots.stop();
        wait_until(Instant::now() + wait, || slots.is_empty());
        slots.held().iter().for_each(|run| run.tell_end(End::Stop));
        wait_until(Instant::now() + self.shared.options.patience, || slots.is_empty());
        slots.over();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the tasks panicked");
            }
        }
        if let Err(error) = self.shared.tasks.leave(&self.shared.worker) {
            tracing::warn!(%error, "others cannot be told that this process runs no tasks any more; they will miss it");
        }
    }
}

/// The daemons that are to rest.
pub(crate) fn paused(tasks: &Tasks) -> Result<Vec<String>, StoreError> {
    Ok(tasks.paused(Pausable::Daemon)?.into_iter().map(|(name, _)| name).collect())
}

fn wait_until(deadline: Instant, is_so: impl Fn() -> bool) {
    while !is_so() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts a thread that does runs. Nobody joins it: one that is left behind may never end.
pub(crate) fn start_thread(shared: &Arc<Shared>) -> io::Result<()> {
    let own = Arc::clone(shared);
    shared.slots.thread_began();
    Builder::new().name("task".to_owned()).spawn(move || do_runs(&own)).map(drop)
}

fn do_runs(shared: &Shared) {
    while let Some(run) = shared.slots.next() {
        let ended = run_one(shared, &run);
        if !shared.slots.end(&run, ended) {
            tracing::warn!(run_id = run.id(), task = run.run.task, "a run that was given up has ended");
            return;
        }
    }
}

fn run_one(shared: &Shared, run: &RunContext) -> Ended {
    let Some(task) = shared.registry.get(&run.run.task) else { return Ended::GivenBack };
    let failed = |mut error: String, is_hopeless: bool| {
        error.truncate(crate::cut(&error, ERROR_BYTES_MAX).len());
        tracing::warn!(run_id = run.id(), task = task.name, attempt = run.attempt(), error, "a run failed");
        let pause = task.backoff.after(run.attempt(), chance());
        let retry_after_ms = (!is_hopeless).then(|| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        Ended::Failed { error, retry_after_ms }
    };
    match catch_unwind(AssertUnwindSafe(|| task.handler.run(run))) {
        Ok(Ok(output)) => match output.map(|output| output.to_string()) {
            Some(output) if output.len() > OUTPUT_BYTES_MAX => {
                failed(format!("its handler gave back more than {OUTPUT_BYTES_MAX} bytes"), true)
            }
            output => Ended::Succeeded { output },
        },
        Ok(Err(TaskError::Told)) => match run.end() {
            End::Cancel => Ended::Cancelled,
            End::Late => failed(too_late(run.timeout), false),
            _ => Ended::GivenBack,
        },
        Ok(Err(TaskError::Retry(error))) => failed(error, false),
        Ok(Err(TaskError::Hopeless(error))) => failed(error, true),
        Err(_) => failed("its handler panicked".to_owned(), false),
    }
}

pub(crate) fn too_late(timeout: Duration) -> String {
    format!("it took longer than the {} s that its task may take", timeout.as_secs_f64())
}

/// Any number. Ids of this kind end in 62 random bits.
pub(crate) fn chance() -> u64 {
    uuid::Uuid::now_v7().as_u64_pair().1
}

/// Writes down ends and takes runs, until the process ends.
fn take_and_settle(shared: &Shared) {
    let (limits, mut after, mut wait) = (shared.registry.limits(), Default::default(), Duration::ZERO);
    let mut has_more = true;
    loop {
        let news = shared.slots.news(wait);
        let room = if shared.options.threads == 0 { 0 } else { news.room };
        wait = shared.options.look;
        let has_changed = shared.tasks.look().unwrap_or(true);
        // A look at the database costs a transaction; without anything to write, and nothing new to take, there is none.
        if news.settled.is_empty() && (room == 0 || !(has_changed || has_more)) {
            if news.is_over {
                return;
            }
            continue;
        }
        let options = TurnOptions {
            worker: &shared.worker,
            tasks: &limits,
            taken_max: room,
            tenant_running_max: shared.options.tenant_running_max,
        };
        match shared.tasks.turn(&news.settled, &options, &mut after) {
            Ok(turn) => {
                has_more = !turn.taken.is_empty() || room == 0;
                if let Some(due) = turn.next_due_ms.filter(|due| Duration::from_millis(*due) < wait) {
                    (wait, has_more) = (Duration::from_millis(due.max(1)), true);
                }
                hand_over(shared, turn);
            }
            Err(error) => {
                tracing::warn!(%error, "ends of runs cannot be written down, and none be taken");
                shared.slots.put_back(news.settled);
                if news.is_over {
                    return;
                }
                std::thread::sleep(REFUSED_PAUSE);
            }
        }
    }
}

fn hand_over(shared: &Shared, turn: Turn) {
    for id in turn.lost {
        tracing::warn!(run_id = id, "a run ended here that another process has; nothing was written about it");
    }
    let of =
        |run: &plugpoint_store::TakenRun| shared.registry.get(&run.task).map_or(Duration::MAX, |task| task.timeout);
    shared.slots.add(turn.taken.into_iter().map(|run| Arc::new(RunContext::new(run.clone(), of(&run)))));
}

/// The end of a run that is given up.
pub(crate) fn given_up(shared: &Shared, run: &RunContext) -> Settled {
    let ended = match run.end() {
        End::Cancel => Ended::Cancelled,
        _ => {
            let pause = shared.registry.get(&run.run.task).map(|task| task.backoff.after(run.attempt(), chance()));
            let retry_after_ms = pause.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
            Ended::Failed { error: too_late(run.timeout), retry_after_ms }
        }
    };
    Settled { id: run.id(), token: run.token(), ended, note: run.take_told().map(|(_, note)| note) }
}
