//! `plugpoint daemon` and `plugpoint deployment`: what goes on as long as a process does, and marks on the timeline.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::{Args, Subcommand};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::near::offer;
use plugpoint_store::{Act, Pausable, Store, Tasks};
use serde_json::json;

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

/// Options of `daemon disable`.
#[derive(Args)]
pub(crate) struct Disable {
    /// The daemon.
    #[arg(value_name = "NAME")]
    name: String,
    /// For how long.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=5_256_000))]
    minutes: u64,
    #[command(flatten)]
    common: Common,
}

/// Options of `daemon enable`.
#[derive(Args)]
pub(crate) struct Enable {
    /// The daemon.
    #[arg(value_name = "NAME")]
    name: String,
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
            Self::Disable(Disable { name, minutes, common }) => pause(&common.store()?, &name, Some(minutes)),
            Self::Enable(Enable { name, common }) => pause(&common.store()?, &name, None),
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

/// Has a daemon rest for so many minutes, or go on. One that no process has told of yet is unknown.
fn pause(store: &Store, name: &str, minutes: Option<u64>) -> Result<(), Failure> {
    let tasks = store.tasks()?;
    let known = names(&tasks)?;
    if !known.contains(name) {
        let offer = offer(name, known.iter().map(String::as_str));
        return Err(Failure::usage(format!("no server has told of a daemon {name:?}{offer}")));
    }
    let until = minutes.map(|minutes| tasks.time().map(|now| Timestamp(now.0 + Duration::from_secs(minutes * 60))));
    let until = until.transpose()?;
    let said = |at: Option<Timestamp>| at.map_or_else(|| "enabled".to_owned(), |at| format!("disabled until {at}"));
    let before = tasks.pause(Pausable::Daemon, name, until)?;
    let detail = format!("{name}: {}, then {}", said(before), said(until));
    let action = if until.is_some() { "daemon disable" } else { "daemon enable" };
    store.control().record(&Act { detail, ..audit::act(action, None, name) })?;
    terminal::line(&format!("daemon {name}: {}", said(until)));
    Ok(())
}

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
