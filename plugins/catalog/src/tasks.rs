//! What the catalog does in the background: the tasks `documents.retention` and `sources.pull`, and the daemons `imports` and `sources`.
//!
//! Imports themselves are no tasks: what is acknowledged is in the spool, and the queue of [`import`](crate::import) is made for documents
//! that wait in order. Their daemon shows that they go on, and lets an operator have them rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{Tasks, TenantState};
use plugpoint_tasks::{Daemon, DaemonContext, Misfire, RunContext, Schedule, Scope, Task, TaskError, Timing};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::import::desk::CatalogService;
use crate::import::retention;
use crate::pull::{PullProgress, PullRequest, Surroundings};

/// The task that ends the keeping of documents.
pub const RETENTION: &str = "documents.retention";
/// The task that asks a source.
pub const PULL: &str = "sources.pull";
/// A pull may take so long as a document may take to arrive.
const PULL_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a server looks for copies that are of no use any more.
const COPIES_PAUSE: Duration = Duration::from_secs(60 * 60);
/// Pulls that are due together begin within so long, or within a tenth of their pause.
const PULL_JITTER: Duration = Duration::from_secs(10);

/// What `sources.pull` is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PullInput {
    source: String,
}

/// The catalog's tasks.
#[must_use]
pub fn tasks(service: &Arc<CatalogService>) -> Vec<Task> {
    let (sweeps, pulls) = (Arc::clone(service), Arc::clone(service));
    let retention = Task::new(
        RETENTION,
        "Removes documents that the profiles of their tenants no longer want kept.",
        move |run: &RunContext| sweep(&sweeps, run),
    );
    let pull = Task::new(
        PULL,
        "Asks a source of a tenant's profile for its document, which is then imported. Input: {\"source\": NAME}.",
        move |run: &RunContext| pull(&pulls, run),
    );
    vec![
        Task { scope: Scope::Platform, running_max: 1, timeout: Duration::from_secs(6 * 60 * 60), ..retention },
        Task { scope: Scope::Tenant, running_max: 16, attempts_max: 5, timeout: PULL_TIMEOUT, ..pull },
    ]
}

/// What the platform's own tasks of the catalog begin by.
///
/// # Errors
/// None in practice: the timing is a constant.
pub fn schedules() -> Result<Vec<Schedule>, String> {
    Ok(vec![Schedule {
        name: RETENTION.to_owned(),
        task: RETENTION.to_owned(),
        tenant: None,
        input: Map::new(),
        timing: "every 1h".parse()?,
        misfire: Misfire::Once,
        jitter: Duration::ZERO,
        attempts_max: 5,
    }])
}

/// The catalog's daemons.
#[must_use]
pub fn daemons(service: &Arc<CatalogService>, tasks: &Arc<Tasks>) -> Vec<Daemon> {
    let (queue, sources) = (Arc::clone(service), Sources::of(service));
    // Whether anything may begin, the daemon says.
    queue.queue.rest(true);
    let doc = "Imports documents. While it rests they are taken in and wait; an import that has begun goes on.";
    let imports = Daemon::switch("imports", doc, move |is_on| queue.queue.rest(!is_on));
    let doc = "Asks sources by the clock whose profiles have a schedule.";
    let schedules = Box::new(move || sources.schedules().map_err(|error| error.detail));
    let mut daemons = vec![imports, Daemon::of_schedules("sources", doc, Arc::clone(tasks), schedules)];
    if service.platform.store().depot().is_some() {
        let copies = Arc::clone(service);
        let doc = "Removes this server's copies of documents that are in the bucket, once their imports have ended.";
        daemons.push(Daemon::new("copies", doc, move |daemon| sweep_copies(&copies, daemon)));
    }
    daemons
}

/// The task of retention is done by one server; of the copies each has its own.
fn sweep_copies(service: &CatalogService, daemon: &DaemonContext) -> Result<(), String> {
    loop {
        let mut tell = |_, _| if daemon.wait(Duration::ZERO) { Ok(()) } else { Err(Stopped::Told(TaskError::Told)) };
        match retention::sweep(service, &mut tell) {
            Ok(_) => {}
            Err(Stopped::Told(_)) => return Ok(()),
            Err(Stopped::Failed(error)) => return Err(said(&error)),
        }
        if !daemon.wait(COPIES_PAUSE) {
            return Ok(());
        }
    }
}

fn sweep(service: &CatalogService, run: &RunContext) -> Result<Option<Value>, TaskError> {
    let mut tell = |looked_at: usize, of: usize| {
        run.tell(looked_at as f64 / of.max(1) as f64, &format!("{looked_at} of {of} documents"));
        run.check().map_err(Stopped::Told)
    };
    match retention::sweep(service, &mut tell) {
        Ok(swept) => Ok(Some(json!({"looked_at": swept.looked_at, "removed": swept.removed, "failed": swept.failed}))),
        Err(Stopped::Told(told)) => Err(told),
        Err(Stopped::Failed(error)) => Err(TaskError::Retry(said(&error))),
    }
}

/// Why a sweep has not come to its end.
enum Stopped {
    Told(TaskError),
    Failed(ApiError),
}

impl From<ApiError> for Stopped {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

fn pull(service: &Arc<CatalogService>, run: &RunContext) -> Result<Option<Value>, TaskError> {
    let hopeless = |why: String| Err(TaskError::Hopeless(why));
    let Some(tenant) = run.tenant() else { return hopeless("a source is a tenant's: name one".to_owned()) };
    let input: PullInput = match serde_json::from_str(run.input()) {
        Ok(input) => input,
        Err(error) => return hopeless(format!("the input is not {{\"source\": NAME}}: {error}")),
    };
    // Begun again after its document was acknowledged, it brings no second one.
    let idempotency_key = Some(format!("run-{}", run.id()));
    let request =
        PullRequest { tenant: tenant.clone(), source: input.source, catalog: None, mode: None, idempotency_key };
    let mut watch = |progress: PullProgress| {
        let share = progress.of.map_or(0.0, |of| progress.done as f64 / of.max(1) as f64);
        run.tell(share, &progress.to_string());
    };
    let mut around = Surroundings {
        secret: &|name| std::env::var(name).ok(),
        is_interrupted: &|| run.check().is_err(),
        watch: &mut watch,
    };
    match request.run(service, &mut around) {
        Ok(pulled) => Ok(Some(json!({
            "import": pulled.import, "catalog": pulled.catalog, "mode": pulled.mode, "records": pulled.progress.done,
            "bytes": pulled.progress.bytes,
        }))),
        Err(error) if run.check().is_err() => {
            tracing::info!(run_id = run.id(), %error, "a pull ends before its source does");
            Err(TaskError::Told)
        }
        Err(error) if error.code == &codes::IDEMPOTENCY_MISMATCH && run.attempt() > 1 => {
            Ok(Some(json!({"note": "an earlier attempt has brought the document"})))
        }
        Err(error) if is_hopeless(&error) => hopeless(said(&error)),
        Err(error) => Err(TaskError::Retry(said(&error))),
    }
}

/// What no further attempt changes until somebody changes the profile or the environment.
fn is_hopeless(error: &ApiError) -> bool {
    let codes = [&codes::NOT_FOUND, &codes::SOURCE_SECRET_UNSET, &codes::PROFILE_INVALID, &codes::BODY_TOO_LARGE];
    codes.contains(&error.code)
}

fn said(error: &ApiError) -> String {
    format!("{}: {}", error.code.name, error.detail)
}

/// The schedules of tenants' sources.
struct Sources {
    service: Arc<CatalogService>,
    /// As they were when the platform had this number, and what was wrong with some.
    known: Mutex<Option<(u64, Vec<Schedule>)>>,
    /// Mistakes that were told, so that each is told once.
    told: Mutex<HashMap<TenantId, String>>,
}

impl Sources {
    fn of(service: &Arc<CatalogService>) -> Self {
        Self { service: Arc::clone(service), known: Mutex::default(), told: Mutex::default() }
    }

    fn schedules(&self) -> Result<Vec<Schedule>, ApiError> {
        let platform = &self.service.platform;
        let number = platform.look_for_changes()?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, schedules)) = known.as_ref().filter(|(at, _)| *at == number) {
            return Ok(schedules.clone());
        }
        let mut schedules = Vec::new();
        for row in platform.store().control().tenants()? {
            if row.state != TenantState::Active {
                continue;
            }
            // One whose customer is not loaded here is another server's to ask.
            let Ok(profile) = platform.profile_of(&row) else { continue };
            for (name, source) in &profile.sources {
                let Some(words) = &source.schedule else { continue };
                match words.parse() {
                    Ok(timing) => schedules.push(schedule(&row.tenant, name, timing)),
                    Err(error) => self.tell(&row.tenant, name, error),
                }
            }
        }
        *known = Some((number, schedules.clone()));
        Ok(schedules)
    }

    fn tell(&self, tenant: &TenantId, source: &str, error: String) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(tenant) != Some(&error) {
            tracing::warn!(%tenant, source, error, "a source is not asked by the clock");
            told.insert(tenant.clone(), error);
        }
    }
}

fn schedule(tenant: &TenantId, source: &str, timing: Timing) -> Schedule {
    let input = Map::from_iter([("source".to_owned(), Value::from(source))]);
    Schedule {
        name: format!("{PULL}/{tenant}/{source}"),
        task: PULL.to_owned(),
        tenant: Some(tenant.clone()),
        input,
        jitter: timing.jitter(PULL_JITTER),
        timing,
        misfire: Misfire::Once,
        attempts_max: 5,
    }
}

/// What is wrong with the schedules of a profile's sources: the setting, and why.
#[must_use]
pub fn mistakes(profile: &plugpoint_sdk::profile::Profile) -> Vec<(String, String)> {
    let words = |name: &str, words: &str| {
        let error = words.parse::<Timing>().err()?;
        Some((format!("sources.{name}.schedule"), error))
    };
    let sources = profile.sources.iter();
    sources.filter_map(|(name, source)| words(name, source.schedule.as_deref()?)).collect()
}
