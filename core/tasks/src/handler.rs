//! What does a task, and what it is given.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use plugpoint_sdk::model::TenantId;
use plugpoint_store::TakenRun;
use serde_json::Value;

/// The longest words that say how far a run is. Of longer ones the beginning is kept.
const NOTE_BYTES_MAX: usize = 500;

/// Who does what a task is for.
pub trait Handler: Send + Sync {
    /// Does one run. What it gives back is kept with the run.
    ///
    /// # Errors
    /// It is not done; the error says whether another attempt may help.
    fn run(&self, run: &RunContext) -> Result<Option<Value>, TaskError>;
}

impl<F: Fn(&RunContext) -> Result<Option<Value>, TaskError> + Send + Sync> Handler for F {
    fn run(&self, run: &RunContext) -> Result<Option<Value>, TaskError> {
        self(run)
    }
}

/// Why a run is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskError {
    /// It may be by another attempt.
    Retry(String),
    /// No attempt would help.
    Hopeless(String),
    /// It was told to end, by [`RunContext::check`].
    Told,
}

/// Why a run is to end before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum End {
    /// It is not.
    No,
    /// Its process ends.
    Stop,
    /// Somebody wants it.
    Cancel,
    /// It has taken too long.
    Late,
    /// Another process has it.
    Lost,
}

/// A run, for the handler that does it.
#[derive(Debug)]
pub struct RunContext {
    pub(crate) run: TakenRun,
    pub(crate) begun: Mutex<Option<Instant>>,
    pub(crate) timeout: Duration,
    end: AtomicU8,
    is_given_up: AtomicBool,
    told_to_end: Mutex<Option<Instant>>,
    told: Mutex<Option<(f64, String)>>,
}

impl RunContext {
    pub(crate) fn new(run: TakenRun, timeout: Duration) -> Self {
        let (end, is_given_up) = (AtomicU8::new(End::No as u8), AtomicBool::new(false));
        Self {
            run,
            begun: Mutex::default(),
            timeout,
            end,
            is_given_up,
            told_to_end: Mutex::default(),
            told: Mutex::default(),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.run.id
    }

    /// A number that grows each time a process gets the run. What the run changes elsewhere can be kept to the newest.
    #[must_use]
    pub fn token(&self) -> i64 {
        self.run.token
    }

    /// Whose it is; none for the platform's own.
    #[must_use]
    pub fn tenant(&self) -> Option<&TenantId> {
        self.run.tenant.as_ref()
    }

    /// What it was given: a JSON document as text.
    #[must_use]
    pub fn input(&self) -> &str {
        &self.run.input
    }

    /// How often it has been begun, this time included.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.run.attempt
    }

    /// To be asked now and then, and before something is changed that must not be changed twice.
    ///
    /// # Errors
    /// [`TaskError::Told`] if the run is to end: somebody cancelled it, it has taken too long, its process ends, or another has it.
    pub fn check(&self) -> Result<(), TaskError> {
        if self.end() == End::No { Ok(()) } else { Err(TaskError::Told) }
    }

    /// Says how far it is: a share from 0 to 1, and words. Told on about once a second.
    pub fn tell(&self, share: f64, note: &str) {
        let note = crate::cut(note, NOTE_BYTES_MAX);
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((share, note.to_owned()));
    }

    pub(crate) fn take_told(&self) -> Option<(f64, String)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn end(&self) -> End {
        match self.end.load(Ordering::Acquire) {
            1 => End::Stop,
            2 => End::Cancel,
            3 => End::Late,
            4 => End::Lost,
            _ => End::No,
        }
    }

    /// Tells it to end. The first reason counts, but for the loss of the run.
    pub(crate) fn tell_end(&self, end: End) {
        self.told_to_end.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        if end == End::Lost {
            self.end.store(end as u8, Ordering::Release);
        } else {
            let _ = self.end.compare_exchange(End::No as u8, end as u8, Ordering::AcqRel, Ordering::Acquire);
        }
    }

    /// How long ago it was told to end; none if it was not.
    pub(crate) fn told_for(&self) -> Option<Duration> {
        self.told_to_end.lock().unwrap_or_else(PoisonError::into_inner).map(|told| told.elapsed())
    }

    /// Says that the thread which has it is nobody's any more.
    pub(crate) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Release);
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Acquire)
    }

    pub(crate) fn has_begun(&self) {
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// How long it has been running; none if it has not begun.
    pub(crate) fn running_for(&self) -> Option<Duration> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).map(|begun| begun.elapsed())
    }
}
