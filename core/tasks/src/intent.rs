//! Intents: a task is wanted now. Who wants what is wanted already, joins it.

use std::time::{Duration, Instant};

use plugpoint_sdk::model::TenantId;
use plugpoint_store::{Enqueued, NewRun, StoreError, TaskRun, TaskRunState, Tasks};
use serde_json::{Map, Value};

use crate::PRIORITY_WANTED;
use crate::task::{Registry, Scope};

/// The largest document that a run is given.
pub const INPUT_BYTES_MAX: usize = 64 << 10;
/// A longer document is known by its hash.
const KEY_BYTES_MAX: usize = 200;
/// How long it is waited whether a process begins the run.
const START_WAIT: Duration = Duration::from_millis(250);
const LOOK: Duration = Duration::from_millis(5);

/// A task is wanted.
#[derive(Debug, Clone)]
pub struct Intent<'a> {
    /// Its name.
    pub task: &'a str,
    /// For which tenant; none for the platform itself.
    pub tenant: Option<&'a TenantId>,
    /// What its handler is given.
    pub input: &'a Map<String, Value>,
    /// Who wants it.
    pub by: &'a str,
}

/// What came of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A process has begun it.
    Started,
    /// It was wanted already and has not ended: `by` of the run says by whom.
    Joined,
    /// It waits: no process has had a thread for it so far, or it is paused.
    Queued,
}

impl Outcome {
    /// As it is shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Joined => "joined",
            Self::Queued => "queued",
        }
    }
}

/// What came of an intent, and the run that does it.
#[derive(Debug, Clone, PartialEq)]
pub struct Intended {
    /// What came of it.
    pub outcome: Outcome,
    /// The run.
    pub run: TaskRun,
}

/// Why an intent came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum IntentError {
    /// There is no such task.
    #[error("there is no task {0:?}")]
    Unknown(String),
    /// It is a tenant's, and none is named.
    #[error("the task {0} is done for a tenant: name one")]
    NeedsTenant(String),
    /// It is the platform's, and a tenant is named.
    #[error("the task {0} is the platform's: it is done for no tenant")]
    OfPlatform(String),
    /// What its handler would be given is too large.
    #[error("what a run is given has more than {INPUT_BYTES_MAX} bytes")]
    InputTooLarge,
    /// The storage refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Intent<'_> {
    /// Takes the run in, unless it is wanted already, and waits a moment whether it begins.
    ///
    /// # Errors
    /// See [`IntentError`].
    pub fn declare(&self, tasks: &Tasks, registry: &Registry) -> Result<Intended, IntentError> {
        let task = registry.get(self.task).ok_or_else(|| IntentError::Unknown(self.task.to_owned()))?;
        match (task.scope, self.tenant) {
            (Scope::Tenant, None) => return Err(IntentError::NeedsTenant(task.name.clone())),
            (Scope::Platform, Some(_)) => return Err(IntentError::OfPlatform(task.name.clone())),
            _ => {}
        }
        let input = Value::Object(self.input.clone()).to_string();
        if input.len() > INPUT_BYTES_MAX {
            return Err(IntentError::InputTooLarge);
        }
        let run = NewRun {
            task: &task.name,
            tenant: self.tenant,
            unique_key: Some(&key_of(&input)),
            input: &input,
            priority: PRIORITY_WANTED,
            delay_ms: 0,
            attempts_max: task.attempts_max,
            by: self.by,
        };
        let enqueued = tasks.enqueue(&[run])?[0];
        let seen = || Ok::<_, IntentError>(tasks.run(enqueued.id())?);
        let deadline = Instant::now() + START_WAIT;
        loop {
            // One that has ended may be forgotten at once.
            let run = seen()?.ok_or_else(|| IntentError::Unknown(self.task.to_owned()))?;
            let waits = matches!(run.state, TaskRunState::Waiting | TaskRunState::Queued);
            let outcome = match enqueued {
                Enqueued::Joined(_) => Outcome::Joined,
                Enqueued::New(_) if !waits => Outcome::Started,
                Enqueued::New(_) if Instant::now() < deadline => {
                    std::thread::sleep(LOOK);
                    continue;
                }
                Enqueued::New(_) => Outcome::Queued,
            };
            return Ok(Intended { outcome, run });
        }
    }
}

/// What two runs of a task and a tenant have in common that are the same.
pub(crate) fn key_of(input: &str) -> String {
    if input.len() <= KEY_BYTES_MAX { input.to_owned() } else { blake3::hash(input.as_bytes()).to_hex().to_string() }
}
