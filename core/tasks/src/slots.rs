//! What the threads of a runtime share: runs that wait for a thread, runs that have one, and ends that are not written down yet.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugpoint_store::{Ended, Settled};

use crate::handler::{End, RunContext};

/// Runs are taken beforehand that would keep the threads busy for about so long.
const AHEAD: Duration = Duration::from_millis(50);
/// At most so many.
const AHEAD_MAX: usize = 2048;

#[derive(Clone)]
pub(crate) struct Slots(Arc<Places>);

struct Places {
    state: Mutex<State>,
    /// For threads that wait for a run.
    has_run: Condvar,
    /// For the one who takes and settles runs.
    has_news: Condvar,
}

struct State {
    ready: VecDeque<Arc<RunContext>>,
    /// All that were taken and not handed over with their ends, by id.
    held: HashMap<i64, Arc<RunContext>>,
    settled: Vec<Settled>,
    threads: usize,
    /// How long a run takes, on average; the last ones count most.
    usual: Duration,
    is_woken: bool,
    /// No runs are to be taken for now.
    is_held: bool,
    is_stopping: bool,
    is_over: bool,
}

/// What there is to do for the one who takes and settles runs.
pub(crate) struct News {
    pub(crate) settled: Vec<Settled>,
    /// How many runs there is room for.
    pub(crate) room: usize,
    pub(crate) is_over: bool,
}

impl Slots {
    pub(crate) fn new() -> Self {
        let state = State {
            ready: VecDeque::new(),
            held: HashMap::new(),
            settled: Vec::new(),
            threads: 0,
            // Nothing is taken beforehand until it is known that runs are short.
            usual: AHEAD,
            is_woken: false,
            is_held: false,
            is_stopping: false,
            is_over: false,
        };
        Self(Arc::new(Places { state: Mutex::new(state), has_run: Condvar::new(), has_news: Condvar::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next run for a thread; none when it is to end.
    pub(crate) fn next(&self) -> Option<Arc<RunContext>> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            if let Some(run) = state.ready.pop_front() {
                run.has_begun();
                return Some(run);
            }
            state = self.0.has_run.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn thread_began(&self) {
        self.lock().threads += 1;
    }

    /// Takes the end of a run from its thread. False if the runtime has given the run up meanwhile, and the thread with it.
    pub(crate) fn end(&self, run: &Arc<RunContext>, ended: Ended) -> bool {
        let mut state = self.lock();
        let took = run.running_for().unwrap_or_default();
        if !state.let_go(run) {
            return !run.is_given_up();
        }
        state.usual = (state.usual * 7 + took) / 8;
        if run.end() != End::Lost {
            state.settled.push(Settled {
                id: run.id(),
                token: run.token(),
                ended,
                note: run.take_told().map(|(_, note)| note),
            });
        }
        self.0.has_news.notify_one();
        true
    }

    /// Ends a run whose thread does not. The thread is nobody's from here on.
    pub(crate) fn give_up(&self, run: &Arc<RunContext>, ended: Ended) -> bool {
        let mut state = self.lock();
        if !state.let_go(run) {
            return false;
        }
        run.give_up();
        state.threads -= 1;
        state.settled.push(Settled {
            id: run.id(),
            token: run.token(),
            ended,
            note: run.take_told().map(|(_, note)| note),
        });
        self.0.has_news.notify_one();
        true
    }

    /// Hands runs over to the threads.
    pub(crate) fn add(&self, runs: impl Iterator<Item = Arc<RunContext>>) {
        let mut state = self.lock();
        for run in runs {
            state.held.insert(run.id(), Arc::clone(&run));
            state.ready.push_back(run);
            self.0.has_run.notify_one();
        }
    }

    /// Waits for something to do, at most so long.
    pub(crate) fn news(&self, wait_max: Duration) -> News {
        let until = Instant::now() + wait_max;
        let mut state = self.lock();
        while state.settled.is_empty() && !state.is_woken && !state.is_over {
            let Some(left) = until.checked_duration_since(Instant::now()) else { break };
            state = self.0.has_news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.is_woken = false;
        let capacity = state.threads + state.ahead();
        let room = if state.is_stopping || state.is_held { 0 } else { capacity.saturating_sub(state.held.len()) };
        News { settled: std::mem::take(&mut state.settled), room, is_over: state.is_over }
    }

    /// The end of a run that is not held.
    pub(crate) fn settle(&self, settled: Settled) {
        self.lock().settled.push(settled);
        self.0.has_news.notify_one();
    }

    /// Ends that could not be written down, for the next time.
    pub(crate) fn put_back(&self, mut settled: Vec<Settled>) {
        let mut state = self.lock();
        settled.append(&mut state.settled);
        state.settled = settled;
    }

    /// Has no runs taken, or runs taken again.
    pub(crate) fn hold(&self, is_held: bool) {
        let mut state = self.lock();
        (state.is_held, state.is_woken) = (is_held, true);
        self.0.has_news.notify_one();
    }

    /// Has whoever waits for news look.
    pub(crate) fn wake(&self) {
        self.lock().is_woken = true;
        self.0.has_news.notify_one();
    }

    /// All runs that are held.
    pub(crate) fn held(&self) -> Vec<Arc<RunContext>> {
        self.lock().held.values().cloned().collect()
    }

    /// Whether nothing is held, and nothing is to be written down.
    pub(crate) fn is_empty(&self) -> bool {
        let state = self.lock();
        state.held.is_empty() && state.settled.is_empty()
    }

    /// Lets go of runs that are others' now: those that wait are forgotten, those that run are told.
    pub(crate) fn lose(&self, is_lost: impl Fn(&RunContext) -> bool) {
        let mut state = self.lock();
        state.ready.retain(|run| !is_lost(run));
        state.held.retain(|_, run| {
            let is_lost = is_lost(run);
            if is_lost {
                run.tell_end(End::Lost);
            }
            // A thread that has one ends it itself.
            !is_lost || run.running_for().is_some()
        });
    }

    /// Takes no more runs, and gives back those that no thread has begun.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.is_stopping = true;
        for run in std::mem::take(&mut state.ready) {
            state.held.remove(&run.id());
            state.settled.push(Settled { id: run.id(), token: run.token(), ended: Ended::GivenBack, note: None });
        }
        self.0.has_news.notify_one();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.lock().is_over
    }

    /// Ends the threads.
    pub(crate) fn over(&self) {
        self.lock().is_over = true;
        self.0.has_run.notify_all();
        self.0.has_news.notify_all();
    }
}

impl State {
    /// Takes a run out of those that are held. False if it was not, or another attempt of it is.
    fn let_go(&mut self, run: &Arc<RunContext>) -> bool {
        let is_held = self.held.get(&run.id()).is_some_and(|held| held.token() == run.token());
        is_held && self.held.remove(&run.id()).is_some()
    }

    /// How many runs are worth taking beforehand.
    fn ahead(&self) -> usize {
        let usual = self.usual.max(Duration::from_micros(50));
        if usual >= AHEAD {
            return 0;
        }
        let each = usize::try_from(AHEAD.as_micros() / usual.as_micros()).unwrap_or(AHEAD_MAX);
        (self.threads * each).min(AHEAD_MAX)
    }
}
