//! `plugpoint task`: what is done in the background, seen and steered without a server.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use plugpoint_config::LogFilter;
use plugpoint_http::Platform;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::near::offer;
use plugpoint_store::{Pausable, RunFilter, TaskRun, TaskRunState, Tasks};
use plugpoint_tasks::{Intent, IntentError};
use serde_json::{Map, Value, json};

use super::pause::{Disable, Enable};
use super::{Common, Failure, audit};
use crate::bundle::Background;
use crate::{assembly, bundle, logging, terminal};

/// How often a run that is waited for is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// See what is done in the background, and steer it.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// List the tasks of which there are runs, with how many are in each state, and the processes that do them.
    ///
    /// Example:
    ///   plugpoint task list --data-dir ./data
    #[command(verbatim_doc_comment)]
    List(List),
    /// List runs, the last first.
    ///
    /// Examples:
    ///   plugpoint task runs --state failed
    ///   plugpoint task runs --task documents.retention --limit 20 --json
    #[command(verbatim_doc_comment)]
    Runs(Runs),
    /// Show one run.
    Show(One),
    /// Want a task done now. A server does it; who wants what is wanted already, joins it.
    ///
    /// Examples:
    ///   plugpoint task run documents.retention --wait
    ///   plugpoint task run sources.pull --tenant acme --input '{"source": "shop"}' --json
    #[command(verbatim_doc_comment)]
    Run(Run),
    /// Have a run that has ended done again.
    Restart(One),
    /// Ask for the end of a run that has not ended.
    Cancel(One),
    /// Have a task begin nothing for a while. Its runs are taken in meanwhile.
    ///
    /// Example:
    ///   plugpoint task disable documents.retention --minutes 120
    #[command(verbatim_doc_comment)]
    Disable(Disable),
    /// Have a task that was disabled begin runs again.
    Enable(Enable),
}

/// Options of `task list`.
#[derive(Args)]
pub(crate) struct List {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `task runs`.
#[derive(Args)]
pub(crate) struct Runs {
    /// Only those of this task.
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Only those of this tenant.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
    /// Only those in this state: waiting, queued, running, succeeded, failed or cancelled.
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<TaskRunState>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// One run.
#[derive(Args)]
pub(crate) struct One {
    /// Its id.
    #[arg(value_name = "RUN")]
    id: i64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `task run`.
#[derive(Args)]
pub(crate) struct Run {
    /// The task.
    #[arg(value_name = "NAME")]
    task: String,
    /// The tenant that it is for; without one it is for the platform.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
    /// What its handler is given: a JSON object.
    #[arg(long, value_name = "JSON")]
    input: Option<String>,
    /// Wait until it has ended; the exit code tells whether it is done.
    #[arg(long)]
    wait: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

fn state(text: &str) -> Result<TaskRunState, String> {
    let known = TaskRunState::ALL.into_iter().find(|state| state.name() == text);
    known.ok_or_else(|| format!("{text:?} is not one of {}", TaskRunState::ALL.map(TaskRunState::name).join(", ")))
}

impl Task {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(),
            Self::Runs(runs) => runs.run(),
            Self::Show(one) => one.show(),
            Self::Run(run) => run.run(),
            Self::Restart(one) => {
                one.act("task restart", Tasks::restart_run, "it has not ended, or another with its key has not")
            }
            Self::Cancel(one) => one.act("task cancel", Tasks::cancel_run, "it has ended"),
            Self::Disable(disable) => {
                let (platform, background) = beside(&disable.common)?;
                disable.run(platform.store(), Pausable::Task, &names(&background))
            }
            Self::Enable(enable) => {
                let (platform, background) = beside(&enable.common)?;
                enable.run(platform.store(), Pausable::Task, &names(&background))
            }
        }
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let tasks = self.common.store()?.tasks()?;
        let (counts, workers) = (tasks.counts()?, tasks.workers()?);
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&json!({ "tasks": counts, "workers": workers }))?);
            return Ok(());
        }
        let headers: Vec<&str> =
            ["task"].into_iter().chain(TaskRunState::ALL.map(TaskRunState::name)).chain(["disabled until"]).collect();
        let rows = counts.into_iter().map(|counts| {
            let until = counts.disabled_until.map_or_else(String::new, |until| until.to_string());
            [counts.task].into_iter().chain(counts.runs.map(|count| count.to_string())).chain([until]).collect()
        });
        terminal::out(&terminal::table(&headers, &rows.collect::<Vec<_>>()));
        let rows: Vec<_> = workers
            .into_iter()
            .map(|worker| vec![worker.id, worker.address, worker.started_at.to_string(), worker.running.to_string()])
            .collect();
        terminal::out(&terminal::table(&["worker", "process", "started", "runs"], &rows));
        Ok(())
    }
}

impl Runs {
    fn run(self) -> Result<(), Failure> {
        let filter =
            RunFilter { task: self.task.as_deref(), tenant: self.tenant.as_ref(), state: self.state, before: None };
        let runs = self.common.store()?.tasks()?.runs(&filter, self.limit)?;
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&json!({ "runs": runs }))?);
            return Ok(());
        }
        let rows: Vec<_> = runs.iter().map(row).collect();
        terminal::out(&terminal::table(
            &["run", "task", "tenant", "state", "attempts", "wanted", "by", "error"],
            &rows,
        ));
        Ok(())
    }
}

fn row(run: &TaskRun) -> Vec<String> {
    vec![
        run.id.to_string(),
        run.task.clone(),
        run.tenant.as_ref().map_or_else(String::new, ToString::to_string),
        run.state.name().to_owned(),
        format!("{}/{}", run.attempts, run.attempts_max),
        run.created_at.to_string(),
        run.by.clone(),
        run.error.clone().unwrap_or_default(),
    ]
}

impl One {
    fn show(self) -> Result<(), Failure> {
        let run = self.common.store()?.tasks()?.run(self.id)?;
        let run = run.ok_or_else(|| Failure::new(format!("there is no run {}", self.id)))?;
        terminal::line(&serde_json::to_string_pretty(&run)?);
        Ok(())
    }

    fn act(
        self,
        action: &'static str,
        act: impl Fn(&Tasks, i64) -> Result<bool, plugpoint_store::StoreError>,
        otherwise: &str,
    ) -> Result<(), Failure> {
        let store = self.common.store()?;
        let (tasks, id) = (store.tasks()?, self.id);
        if !act(&tasks, id)? {
            return Err(Failure::new(format!("nothing was done about run {id}: {otherwise}")));
        }
        let run = tasks.run(id)?;
        let tenant = run.as_ref().and_then(|run| run.tenant.clone());
        store.control().record(&audit::act(action, tenant.as_ref(), &format!("run {id}")))?;
        let said = run.as_ref().map_or("gone", |run| run.state.name());
        terminal::line(&if self.json { serde_json::to_string_pretty(&run)? } else { format!("run {id} is {said}") });
        Ok(())
    }
}

/// What a server would do in the background, and what it does that on.
fn beside(common: &Common) -> Result<(Arc<Platform>, Background), Failure> {
    let mut config = super::config::load(common)?;
    config.log.level = LogFilter::WARN;
    logging::start(&config.log);
    let (platform, service) = assembly::beside(config, &common.data_dir)?;
    let background = bundle::background(&platform, &service)?;
    Ok((platform, background))
}

fn names(background: &Background) -> BTreeSet<String> {
    background.registry.iter().map(|task| task.name.clone()).collect()
}

impl Run {
    fn run(self) -> Result<(), Failure> {
        let input: Map<String, Value> = match &self.input {
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Failure::usage(format!("--input is to be a JSON object: {error}")))?,
            None => Map::new(),
        };
        let (platform, background) = beside(&self.common)?;
        if let Some(tenant) = &self.tenant {
            super::tenant::existing(platform.store(), tenant)?;
        }
        let act = audit::act("task run", self.tenant.as_ref(), &self.task);
        let intent = Intent { task: &self.task, tenant: self.tenant.as_ref(), input: &input, by: &act.actor };
        let intended = intent.declare(&background.tasks, &background.registry).map_err(|error| match error {
            IntentError::Unknown(name) => {
                let offer = offer(&name, background.registry.iter().map(|task| task.name.as_str()));
                Failure::usage(format!("there is no task {name:?}{offer}"))
            }
            IntentError::Store(error) => Failure::from(error),
            other => Failure::usage(other.to_string()),
        })?;
        let (mut run, outcome) = (intended.run, intended.outcome.name());
        let detail = format!("{}: {outcome} run {}", self.task, run.id);
        platform.store().control().record(&plugpoint_store::Act { detail, ..act })?;
        if self.wait {
            run = waited(&background.tasks, run)?;
        }
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&json!({"outcome": outcome, "run": run}))?);
        } else {
            let by = if outcome == "joined" { format!(", wanted by {}", run.by) } else { String::new() };
            terminal::line(&format!("run {} {outcome}{by}; it is {}", run.id, run.state.name()));
        }
        match run.error.filter(|_| self.wait && run.state != TaskRunState::Succeeded) {
            Some(error) => Err(Failure::new(format!("run {} {}: {error}", run.id, run.state.name()))),
            None => Ok(()),
        }
    }
}

/// Waits until a run has ended, and tells how far it is.
fn waited(tasks: &Tasks, mut run: TaskRun) -> Result<TaskRun, Failure> {
    let has_ended =
        |run: &TaskRun| matches!(run.state, TaskRunState::Succeeded | TaskRunState::Failed | TaskRunState::Cancelled);
    let mut told = None;
    while !has_ended(&run) {
        if told != run.note {
            terminal::progress(&format!("run {}: {}", run.id, run.note.as_deref().unwrap_or_default()));
            told.clone_from(&run.note);
        }
        std::thread::sleep(LOOK_INTERVAL);
        let id = run.id;
        run = tasks.run(id)?.ok_or_else(|| Failure::new(format!("there is no run {id} any more")))?;
    }
    Ok(run)
}
