//! A document that is imported while it still arrives, so that receiving, reading and storing run side by side.
//!
//! The desk starts it for a document that comes fast, when its tenant has nothing else to import; the run reads what is in the
//! spool so far. Nothing is committed, and no ending is written down, before the document is acknowledged: until then the run
//! *gives way* to whatever keeps it waiting or is acknowledged before it. It leaves nothing then, and the document is imported
//! from its first byte when its turn comes, like any other.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A document is not imported ahead before this much of it is there: smaller ones would gain nothing.
const BYTES_MIN: u64 = 1 << 20;

/// Nor if it comes more slowly than it could be imported: the run would hold the tenant's database and mostly wait.
const BYTES_PER_SECOND_MIN: u64 = 16 << 20;

/// A run that has waited this long in all for a document's bytes, or for its acknowledgement, gives way.
const WAITING_MAX: Duration = Duration::from_millis(500);

/// Whether enough of a document is there to decide.
pub(super) fn is_decided(bytes: u64) -> bool {
    bytes >= BYTES_MIN
}

/// Whether a document of which so much came in so much time is imported ahead.
pub(super) fn is_worth_it(bytes: u64, elapsed: Duration) -> bool {
    u128::from(bytes) * 1_000_000 >= u128::from(BYTES_PER_SECOND_MIN) * elapsed.as_micros()
}

/// What the one who receives a document and the one who imports it tell each other.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Shares the lock of the one who writes: no other process takes up the document while either has it.
    file: File,
    /// Where the document lies until it is acknowledged.
    pub(crate) part: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// What can be read of the document.
    bytes: u64,
    stage: Stage,
    waiting_left: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Arriving,
    /// All of it is there. Putting it on disk takes what it takes.
    Whole,
    Acknowledged,
    GaveWay,
}

impl Arrival {
    /// A document of which `bytes` are in `file`.
    pub(super) fn new(file: File, part: PathBuf, bytes: u64) -> Self {
        let state = State { bytes, stage: Stage::Arriving, waiting_left: WAITING_MAX };
        Self { file, part, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// So much can be read now.
    pub(super) fn reached(&self, bytes: u64) {
        self.lock().bytes = bytes;
        self.changed.notify_all();
    }

    /// Nothing more will come.
    pub(super) fn is_whole(&self, bytes: u64) {
        let mut state = self.lock();
        state.bytes = bytes;
        if state.stage == Stage::Arriving {
            state.stage = Stage::Whole;
        }
        self.changed.notify_all();
    }

    /// The document is whole and safe. False if the run has given way: then it is imported like any other.
    pub(super) fn acknowledge(&self) -> bool {
        let mut state = self.lock();
        if state.stage == Stage::Whole {
            state.stage = Stage::Acknowledged;
            self.changed.notify_all();
        }
        state.stage == Stage::Acknowledged
    }

    /// Ends a run whose document is not acknowledged yet. False if it is.
    pub(crate) fn give_way(&self) -> bool {
        let mut state = self.lock();
        if state.stage != Stage::Acknowledged {
            state.stage = Stage::GaveWay;
            self.changed.notify_all();
        }
        state.stage == Stage::GaveWay
    }

    /// The run is over and has given way: it takes its folder along if the document is not in it any more.
    pub(super) fn leave(&self) {
        // Not empty while the document still arrives, and gone if it was acknowledged.
        let _ = std::fs::remove_dir(&self.part);
    }

    /// Whether the document is acknowledged.
    pub(crate) fn is_acknowledged(&self) -> bool {
        self.lock().stage == Stage::Acknowledged
    }

    /// Waits for the acknowledgement. False when the run has to give way, or does now because it waits too long.
    pub(crate) fn wait_acknowledged(&self) -> bool {
        self.wait_while(|_| true);
        let waited = self.changed.wait_while(self.lock(), |state| state.stage == Stage::Whole);
        waited.unwrap_or_else(PoisonError::into_inner).stage == Stage::Acknowledged
    }

    /// Waits while the document is arriving and `is_lacking` of what is there; gives way when that takes too long in all. What is
    /// there then; none if the run has to give way.
    fn wait_while(&self, is_lacking: impl Fn(u64) -> bool) -> Option<u64> {
        let began = Instant::now();
        let state = self.lock();
        let waiting_left = state.waiting_left;
        let must_wait = |state: &mut State| state.stage == Stage::Arriving && is_lacking(state.bytes);
        let waited = self.changed.wait_timeout_while(state, waiting_left, must_wait);
        let (mut state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting_left = waiting_left.saturating_sub(began.elapsed());
        if timeout.timed_out() && state.stage == Stage::Arriving {
            state.stage = Stage::GaveWay;
        }
        (state.stage != Stage::GaveWay).then_some(state.bytes)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a document that may still be arriving.
pub(super) struct Tail {
    arrival: Arc<Arrival>,
    file: File,
    at: u64,
}

impl Tail {
    /// From the first byte.
    pub(super) fn open(arrival: &Arc<Arrival>) -> io::Result<Self> {
        Ok(Self { file: arrival.file.try_clone()?, arrival: Arc::clone(arrival), at: 0 })
    }
}

impl Read for Tail {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let at = self.at;
        let Some(bytes) = self.arrival.wait_while(|bytes| bytes <= at) else {
            return Err(io::Error::other("the import of a document that still arrives gave way"));
        };
        let there = usize::try_from(bytes - at).unwrap_or(usize::MAX).min(out.len());
        let count = self.file.read_at(&mut out[..there], at)?;
        self.at += count as u64;
        Ok(count)
    }
}
