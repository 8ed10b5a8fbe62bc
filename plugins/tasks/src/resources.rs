//! What the endpoints are asked and answer.

use plugpoint_sdk::api_schema;
use plugpoint_sdk::error::{ApiError, FieldError};
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::schema::{Path, Rules, Shape, Value, Violations};
use plugpoint_store::{DaemonRow, DeploymentRow, TaskRun, TaskRunState};
use plugpoint_tasks::{Outcome, Scope};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A JSON document of a run: what its handler was given, or gave back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document(serde_json::Value);

impl Document {
    fn of(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Self)
    }
}

impl Value for Document {
    const SHAPE: Shape = Shape::AnswerOnly;
    fn check_value(&self, _: &Rules, _: &Path<'_>, _: &mut Violations) {}
}

/// For whom a task is done.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskScope {
    /// For the platform as a whole: no tenant is named.
    Platform,
    /// For one tenant, which has to be named.
    Tenant,
    /// For either.
    Any,
}

/// How many runs of a task are in each state.
#[api_schema]
pub(crate) struct RunCounts {
    /// Those that wait for their time.
    pub waiting: u64,
    /// Those that wait for a worker.
    pub queued: u64,
    /// Those that a worker has.
    pub running: u64,
    /// Those that are done.
    pub succeeded: u64,
    /// Those that are not done, and that nobody tries again by himself.
    pub failed: u64,
    /// Those whose end somebody wanted.
    pub cancelled: u64,
}

impl From<[u64; 6]> for RunCounts {
    fn from([waiting, queued, running, succeeded, failed, cancelled]: [u64; 6]) -> Self {
        Self { waiting, queued, running, succeeded, failed, cancelled }
    }
}

/// A task.
#[api_schema]
pub(crate) struct Task {
    /// Its name.
    pub name: String,
    /// What it is for; absent if this server has no handler for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// For whom it is done.
    pub scope: TaskScope,
    /// How many of its runs may run at once, in all servers.
    pub running_max: u32,
    /// How often a run may be begun.
    pub attempts_max: u32,
    /// How long a run may take, in seconds.
    pub timeout_s: u64,
    /// Until when it begins nothing; absent if it is not disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_until: Option<Timestamp>,
    /// How many schedules begin it.
    pub schedules: u32,
    /// When the next of them does; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Its runs.
    pub runs: RunCounts,
}

impl From<Scope> for TaskScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Platform => Self::Platform,
            Scope::Tenant => Self::Tenant,
            Scope::Any => Self::Any,
        }
    }
}

/// The tasks, by name.
#[api_schema]
pub(crate) struct TaskList {
    /// The tasks.
    pub tasks: Vec<Task>,
}

/// Until when something is to rest.
#[api_schema]
pub(crate) struct Pause {
    /// Until when; null or absent ends the pause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_until: Option<Timestamp>,
}

/// How a run stands.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunState {
    /// It waits for its time.
    Waiting,
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It is done.
    Succeeded,
    /// It is not done, and nobody tries again by himself.
    Failed,
    /// Somebody wanted its end.
    Cancelled,
}

impl From<TaskRunState> for RunState {
    fn from(state: TaskRunState) -> Self {
        match state {
            TaskRunState::Waiting => Self::Waiting,
            TaskRunState::Queued => Self::Queued,
            TaskRunState::Running => Self::Running,
            TaskRunState::Succeeded => Self::Succeeded,
            TaskRunState::Failed => Self::Failed,
            TaskRunState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<RunState> for TaskRunState {
    fn from(state: RunState) -> Self {
        match state {
            RunState::Waiting => Self::Waiting,
            RunState::Queued => Self::Queued,
            RunState::Running => Self::Running,
            RunState::Succeeded => Self::Succeeded,
            RunState::Failed => Self::Failed,
            RunState::Cancelled => Self::Cancelled,
        }
    }
}

/// One thing that a task does.
#[api_schema]
pub(crate) struct Run {
    /// Its id; a later run has a greater one.
    pub id: u64,
    /// Its task.
    pub task: String,
    /// Whose it is; absent if it is the platform's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// How it stands.
    pub state: RunState,
    /// Smaller ones begin first.
    pub priority: u32,
    /// How often a worker has begun it.
    pub attempts: u32,
    /// How often one may.
    pub attempts_max: u32,
    /// How far it is, from 0 to 1.
    pub progress: f64,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Somebody wants its end.
    pub is_cancelled: bool,
    /// Who wanted it.
    pub by: String,
    /// What its handler was given.
    pub input: Document,
    /// What its handler gave back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Document>,
    /// Why the last attempt failed that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Which process has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// When it was wanted.
    pub created_at: Timestamp,
    /// From when on it may begin.
    pub due_at: Timestamp,
    /// When a worker last began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl From<TaskRun> for Run {
    fn from(run: TaskRun) -> Self {
        Self {
            id: run.id.unsigned_abs(),
            task: run.task,
            tenant: run.tenant.map(|tenant| tenant.to_string()),
            state: run.state.into(),
            priority: run.priority,
            attempts: run.attempts,
            attempts_max: run.attempts_max,
            progress: run.progress,
            note: run.note,
            is_cancelled: run.is_cancelled,
            by: run.by,
            input: Document::of(&run.input),
            output: run.output.as_deref().map(Document::of),
            error: run.error,
            worker: run.worker,
            created_at: run.created_at,
            due_at: run.due_at,
            started_at: run.started_at,
            ended_at: run.ended_at,
        }
    }
}

/// Runs, the last first.
#[api_schema]
pub(crate) struct RunList {
    /// The runs.
    pub runs: Vec<Run>,
    /// What `before` has to be for those that come behind; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
}

/// What came of an intent.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntentOutcome {
    /// A process has begun it.
    Started,
    /// It was wanted already and has not ended; `run.by` says by whom.
    Joined,
    /// It waits: no process has had a thread for it so far, or its task is disabled.
    Queued,
}

impl From<Outcome> for IntentOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Started => Self::Started,
            Outcome::Joined => Self::Joined,
            Outcome::Queued => Self::Queued,
        }
    }
}

/// What came of an intent, and the run that does it.
#[api_schema]
pub(crate) struct Intended {
    /// What came of it.
    pub outcome: IntentOutcome,
    /// The run.
    pub run: Run,
}

/// Which runs.
#[api_schema]
pub(crate) struct RunQuery {
    /// In this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<RunState>,
    /// Of this task.
    #[validate(length(max = 64))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Of this tenant.
    #[validate(length(max = 40))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Older than the run of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// How many at most, 100 if not given.
    #[validate(range(min = 1, max = 1000))]
    #[serde(default = "default_limit")]
    pub limit: u32,
}

/// For whom.
#[api_schema]
pub(crate) struct IntentQuery {
    /// The tenant; absent for the platform itself.
    #[validate(length(max = 40))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// How much of a listing.
#[api_schema(name = "TimelineQuery")]
pub(crate) struct LimitQuery {
    /// Entries at most, 100 if not given.
    #[validate(range(min = 1, max = 1000))]
    #[serde(default = "default_limit")]
    pub limit: u32,
}

fn default_limit() -> u32 {
    100
}

/// A daemon in a process.
#[api_schema]
pub(crate) struct DaemonProcess {
    /// The process: its id among those that run tasks.
    pub worker: String,
    /// What it is, and where.
    pub address: String,
    /// `running`, `stopping`, `stopped` or `failing`.
    pub state: String,
    /// Since when.
    pub since: Timestamp,
    /// When it last said itself that it goes on.
    pub beat_at: Timestamp,
    /// How often it was begun again since its process started.
    pub restarts: u64,
    /// Why last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl From<DaemonRow> for DaemonProcess {
    fn from(row: DaemonRow) -> Self {
        let DaemonRow { worker, address, state, since, beat_at, restarts, error, .. } = row;
        Self { worker, address, state, since, beat_at, restarts, error }
    }
}

/// Something that goes on as long as a server does.
#[api_schema]
pub(crate) struct DaemonView {
    /// Its name.
    pub name: String,
    /// What it is for; absent if this server has none of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Until when it rests in all processes; absent if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_until: Option<Timestamp>,
    /// How it is in each process.
    pub processes: Vec<DaemonProcess>,
}

/// The daemons, by name.
#[api_schema]
pub(crate) struct DaemonList {
    /// The daemons.
    pub daemons: Vec<DaemonView>,
}

/// A mark on the timeline, to be set.
#[api_schema]
pub(crate) struct NewDeployment {
    /// What was put into service.
    #[validate(length(min = 1, max = 100))]
    pub version: String,
    /// More words about it.
    #[validate(length(max = 1000))]
    #[serde(default)]
    pub note: String,
}

/// A mark on the timeline.
#[api_schema]
pub(crate) struct Deployment {
    /// Its id; a later one has a greater one.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// What was put into service.
    pub version: String,
    /// More words about it.
    pub note: String,
    /// Who said so.
    pub by: String,
}

impl From<DeploymentRow> for Deployment {
    fn from(row: DeploymentRow) -> Self {
        let DeploymentRow { id, at, version, note, by } = row;
        Self { id: id.unsigned_abs(), at, version, note, by }
    }
}

/// Marks, the last first.
#[api_schema]
pub(crate) struct DeploymentList {
    /// The marks.
    pub deployments: Vec<Deployment>,
}

/// A rule that a request breaks.
fn broken(pointer: &str, message: String) -> ApiError {
    let code = "field_invalid".to_owned();
    plugpoint_http::invalid(vec![FieldError { pointer: pointer.to_owned(), code, message }])
}

/// The tenant that a query names.
pub(crate) fn tenant_of(query: Option<&str>) -> Result<Option<TenantId>, ApiError> {
    let tenant = query.map(str::parse::<TenantId>).transpose();
    tenant.map_err(|error| broken("?tenant", error.to_string()))
}

/// A time at which a pause ends has to be still to come.
pub(crate) fn pause_end(until: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
    match until.filter(|until| *until <= now) {
        Some(until) => Err(broken("/disabled_until", format!("{until} is past"))),
        None => Ok(until),
    }
}
