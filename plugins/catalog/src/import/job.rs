//! One import that has not ended: its document, where it stands, who waits for it. The queue decides when it runs.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use plugpoint_sdk::desk::ImportStatus;

use super::arrival::Arrival;
use super::meta::SpoolMeta;
use super::progress::Progress;
use super::room::Promise;

/// One import that has not ended.
pub(crate) struct Job {
    /// What was known when it was made.
    begun: SpoolMeta,
    /// What the spool knows, where the document was not whole yet when the job was made.
    pub(super) acknowledged: OnceLock<SpoolMeta>,
    /// Set if the document is imported while it arrives.
    pub(crate) arrival: Option<Arc<Arrival>>,
    /// How far it is.
    pub(crate) progress: Progress,
    /// Runs so far that had to be given up.
    pub(crate) attempts: std::sync::atomic::AtomicU32,
    state: Mutex<JobState>,
    ended: Condvar,
    /// Room on the disk for its import.
    room: Mutex<Option<Promise>>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JobState {
    /// Queued or running; after the end, whatever the database says.
    pub(crate) status: ImportStatus,
    /// When it was last started.
    pub(crate) started_at: Option<plugpoint_sdk::model::timestamp::Timestamp>,
    is_over: bool,
}

impl Job {
    /// A queued job.
    pub(crate) fn new(meta: SpoolMeta) -> Arc<Self> {
        Arc::new(Self::of(meta, None))
    }

    /// A job for a document that is still arriving; of `meta`, size, hash and time are not known yet.
    pub(super) fn ahead(meta: SpoolMeta, arrival: Arrival) -> Arc<Self> {
        Arc::new(Self::of(meta, Some(Arc::new(arrival))))
    }

    fn of(begun: SpoolMeta, arrival: Option<Arc<Arrival>>) -> Self {
        let state = JobState { status: ImportStatus::Queued, started_at: None, is_over: false };
        Self {
            progress: Progress::new(begun.bytes),
            begun,
            acknowledged: OnceLock::new(),
            arrival,
            attempts: 0.into(),
            state: Mutex::new(state),
            ended: Condvar::new(),
            room: Mutex::default(),
        }
    }

    /// What the spool knows.
    pub(crate) fn meta(&self) -> &SpoolMeta {
        self.acknowledged.get().unwrap_or(&self.begun)
    }

    /// Keeps room for its import until it has ended.
    pub(super) fn keep(&self, room: Promise) {
        *self.room.lock().unwrap_or_else(PoisonError::into_inner) = Some(room);
    }

    /// Gives back the room that its import has taken by now.
    pub(super) fn tell_room(&self) {
        let share = self.progress.share();
        if share > 0.0
            && let Some(room) = self.room.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            room.read(share);
        }
    }

    /// Where it stands.
    pub(crate) fn state(&self) -> JobState {
        *self.lock()
    }

    /// Waits for the end, at most so long. True if it has ended.
    pub(crate) fn wait(&self, at_most: Duration) -> bool {
        let waited = self.ended.wait_timeout_while(self.lock(), at_most, |state| !state.is_over);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_over
    }

    /// Marks it as being run.
    pub(crate) fn start(&self) {
        let mut state = self.lock();
        state.status = ImportStatus::Running;
        state.started_at = Some(super::record::now());
    }

    /// Another process runs it since then, or nobody does.
    pub(super) fn set_told(&self, started_at: Option<plugpoint_sdk::model::timestamp::Timestamp>) {
        let mut state = self.lock();
        state.status = if started_at.is_some() { ImportStatus::Running } else { ImportStatus::Queued };
        state.started_at = started_at;
    }

    pub(super) fn set_queued(&self) {
        self.lock().status = ImportStatus::Queued;
    }

    pub(super) fn end(&self) {
        self.lock().is_over = true;
        self.ended.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, JobState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
