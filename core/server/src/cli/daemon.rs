//! `plugpoint daemon` and `plugpoint deployment`: what goes on as long as a process does, and marks on the timeline.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use plugpoint_store::{Pausable, Tasks};
use serde_json::json;

use super::pause::{Disable, Enable};
use super::{Common, Failure, audit};
use crate::terminal;

/// The longest version of a mark, in characters; as over REST.
const VERSION_CHARS_MAX: usize = 100;

/// The longest note of a mark, in characters; as over REST.
const NOTE_CHARS_MAX: usize = 1000;

/// See the daemons of all servers, and have them rest.
#[derive(Subcommand)]
pub(crate) enum Daemon {
    /// List the daemons of every process, how they are and which were told to rest.
    ///
    /// Example:
    ///   plugpoint daemon list --data-dir ./data
    #[command(verbatim_doc_comment)]
    List(List),
    /// Have a daemon rest for a while, in every process.
    ///
    /// Example:
    ///   plugpoint daemon disable sources --minutes 120
    #[command(verbatim_doc_comment)]
    Disable(Disable),
    /// Have a daemon that was disabled go on.
    Enable(Enable),
}

/// Marks on the timeline: what was put into service, and when.
#[derive(Subcommand)]
pub(crate) enum Deployment {
    /// List the marks, the last first.
    List(List),
    /// Set a mark.
    ///
    /// Example:
    ///   plugpoint deployment mark "acme 7" --note canary --data-dir ./data
    #[command(verbatim_doc_comment)]
    Mark(Mark),
}

/// Options of the lists.
#[derive(Args)]
pub(crate) struct List {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `deployment mark`.
#[derive(Args)]
pub(crate) struct Mark {
    /// What was put into service.
    #[arg(value_name = "VERSION", value_parser = version)]
    what: String,
    /// More words about it.
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = note)]
    note: String,
    #[command(flatten)]
    common: Common,
}

fn version(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { short(text, VERSION_CHARS_MAX) }
}

fn note(text: &str) -> Result<String, String> {
    short(text, NOTE_CHARS_MAX)
}

fn short(text: &str, max: usize) -> Result<String, String> {
    match text.chars().count() {
        count if count > max => Err(format!("it has {count} characters, and may have {max}")),
        _ => Ok(text.to_owned()),
    }
}

impl Daemon {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.daemons(),
            Self::Disable(disable) => {
                let store = disable.common.store()?;
                disable.run(&store, Pausable::Daemon, &names(&*store.tasks()?)?)
            }
            Self::Enable(enable) => {
                let store = enable.common.store()?;
                enable.run(&store, Pausable::Daemon, &names(&*store.tasks()?)?)
            }
        }
    }
}

impl Deployment {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.deployments(),
            Self::Mark(mark) => mark.run(),
        }
    }
}

/// Those that any process has told of, and those that rest.
fn names(tasks: &Tasks) -> Result<BTreeSet<String>, Failure> {
    let paused = tasks.paused(Pausable::Daemon)?.into_iter().map(|(name, _)| name);
    Ok(tasks.daemons()?.into_iter().map(|row| row.name).chain(paused).collect())
}

impl List {
    fn daemons(self) -> Result<(), Failure> {
        let tasks = self.common.store()?.tasks()?;
        let (rows, paused) = (tasks.daemons()?, tasks.paused(Pausable::Daemon)?);
        if self.json {
            let paused: Vec<_> =
                paused.iter().map(|(name, until)| json!({"name": name, "disabled_until": until})).collect();
            terminal::line(&serde_json::to_string_pretty(&json!({"daemons": rows, "disabled": paused}))?);
            return Ok(());
        }
        let until = |name: &str| paused.iter().find(|(paused, _)| paused == name).map(|(_, until)| until.to_string());
        let table: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let until = until(&row.name).unwrap_or_default();
                let (beat, restarts) = (row.beat_at.to_string(), row.restarts.to_string());
                vec![row.name, row.state, row.address, beat, restarts, until, row.error.unwrap_or_default()]
            })
            .collect();
        let headers = ["daemon", "state", "process", "heartbeat", "restarts", "disabled until", "error"];
        terminal::out(&terminal::table(&headers, &table));
        Ok(())
    }

    fn deployments(self) -> Result<(), Failure> {
        let rows = self.common.store()?.tasks()?.deployments(100)?;
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&json!({ "deployments": rows }))?);
            return Ok(());
        }
        let rows: Vec<_> =
            rows.into_iter().map(|row| vec![row.at.to_string(), row.version, row.by, row.note]).collect();
        terminal::out(&terminal::table(&["when", "version", "by", "note"], &rows));
        Ok(())
    }
}

impl Mark {
    fn run(self) -> Result<(), Failure> {
        let store = self.common.store()?;
        let act = audit::act("deployment mark", None, &self.what);
        let row = store.tasks()?.mark_deployment(&self.what, &self.note, &act.actor)?;
        store.control().record(&act)?;
        terminal::line(&format!("mark {}: {} at {}", row.id, row.version, row.at));
        Ok(())
    }
}
