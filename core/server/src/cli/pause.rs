//! Having a task or a daemon rest for a while, and go on: the commands of both.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::near::offer;
use plugpoint_store::{Act, Pausable, Store};

use super::{Common, Failure, audit};
use crate::terminal;

/// Options of `task disable` and `daemon disable`.
#[derive(Args)]
pub(crate) struct Disable {
    /// Which one.
    #[arg(value_name = "NAME")]
    name: String,
    /// For how long.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=5_256_000))]
    minutes: u64,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Options of `task enable` and `daemon enable`.
#[derive(Args)]
pub(crate) struct Enable {
    /// Which one.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    pub(super) common: Common,
}

impl Disable {
    pub(super) fn run(&self, store: &Store, what: Pausable, known: &BTreeSet<String>) -> Result<(), Failure> {
        let until = Timestamp(store.tasks()?.time()?.0 + Duration::from_secs(self.minutes * 60));
        say(store, what, &self.name, Some(until), known)
    }
}

impl Enable {
    pub(super) fn run(&self, store: &Store, what: Pausable, known: &BTreeSet<String>) -> Result<(), Failure> {
        say(store, what, &self.name, None, known)
    }
}

fn say(
    store: &Store,
    what: Pausable,
    name: &str,
    until: Option<Timestamp>,
    known: &BTreeSet<String>,
) -> Result<(), Failure> {
    if !known.contains(name) {
        let offer = offer(name, known.iter().map(String::as_str));
        return Err(Failure::usage(format!("there is no {} {name:?}{offer}", what.name())));
    }
    let before = store.tasks()?.pause(what, name, until)?;
    let (action, detail) = what.change(name, before, until);
    store.control().record(&Act { detail, ..audit::act(action, None, name) })?;
    let said = until.map_or_else(|| "enabled".to_owned(), |until| format!("disabled until {until}"));
    terminal::line(&format!("{} {name}: {said}", what.name()));
    Ok(())
}
