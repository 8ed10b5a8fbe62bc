//! `plugpoint node`: the servers and commands that share one database.

use clap::{Args, Subcommand};
use plugpoint_plugin_catalog::import::claims;
use serde_json::json;

use super::{Common, Failure, audit};
use crate::terminal;

/// Show who shares the database of this configuration.
#[derive(Subcommand)]
pub(crate) enum Node {
    /// List the servers, and the commands that import, which share `database.url` and `imports.spool_dir` or `imports.bucket`: the oldest first. One that was
    /// killed stays in the list until ten times `cluster.lease_ms` are over; when it was last heard of tells.
    ///
    /// Examples:
    ///   plugpoint node list --data-dir ./data
    ///   plugpoint node list --json --config /etc/plugpoint/plugpoint.toml
    #[command(verbatim_doc_comment)]
    List(List),
    /// Make what `imports.spool_dir` or `imports.bucket` names the one that all servers share, because the former is gone for good. What was acknowledged
    /// into the former and not imported is lost with it.
    ///
    /// Example:
    ///   plugpoint node accept-spool --config /etc/plugpoint/plugpoint.toml
    #[command(verbatim_doc_comment)]
    AcceptSpool(AcceptSpool),
}

/// Options of `node list`.
#[derive(Args)]
pub(crate) struct List {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `node accept-spool`.
#[derive(Args)]
pub(crate) struct AcceptSpool {
    #[command(flatten)]
    common: Common,
}

impl Node {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(),
            Self::AcceptSpool(accept) => accept.run(),
        }
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let nodes = self.common.store()?.control().nodes()?;
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&json!({ "nodes": nodes }))?);
            return Ok(());
        }
        if nodes.is_empty() {
            terminal::line(
                "no server shares its imports; database.url and imports.spool_dir or imports.bucket say with whom one does",
            );
            return Ok(());
        }
        let seconds = |ms: u64| format!("{}.{} s ago", ms / 1000, ms % 1000 / 100);
        let rows: Vec<_> = nodes
            .into_iter()
            .map(|node| vec![node.id, node.address, seconds(node.started_ms_ago), seconds(node.seen_ms_ago)])
            .collect();
        terminal::out(&terminal::table(&["node", "process", "started", "heard of"], &rows));
        Ok(())
    }
}

impl AcceptSpool {
    fn run(self) -> Result<(), Failure> {
        let store = self.common.store()?;
        if store.control().node().is_none() {
            return Err(Failure::new("databases that are files have one server, and its spool is its own"));
        }
        let id = claims::accept_spool(&store)?;
        store.control().record(&audit::act("node accept-spool", None, &id))?;
        let place = store.depot().map_or_else(|| store.spool_dir().display().to_string(), ToString::to_string);
        terminal::line(&format!("the servers share the spool {id} at {place}"));
        Ok(())
    }
}
