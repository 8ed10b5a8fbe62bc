//! `plugpoint audit list`, and how other commands write down what they did.
//!
//! An act is of the operating system's user, who is not asked: whoever may write the data folder could write anything there.

use std::fs;
use std::os::unix::fs::MetadataExt;

use clap::{Args, Subcommand};
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{Act, Store};
use serde_json::json;

use super::{Common, Failure};
use crate::terminal;

/// Show what operators did by command line: when, who, what, to which tenant.
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// List the latest acts, oldest first.
    ///
    /// Examples:
    ///   plugpoint audit list --data-dir ./data
    ///   plugpoint audit list --tenant acme --limit 1000 --json --data-dir ./data
    #[command(verbatim_doc_comment)]
    List(List),
}

/// Options of `audit list`.
#[derive(Args)]
pub(crate) struct List {
    /// Of one tenant alone; it need not exist any more.
    #[arg(long, value_name = "T")]
    tenant: Option<String>,
    /// How many.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl Audit {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::List(List { tenant, limit, json, common }) = self;
        let tenant: Option<TenantId> = tenant.map(|name| name.parse()).transpose().map_err(Failure::usage)?;
        let acts = common.store()?.control().acts(tenant.as_ref(), limit)?;
        if json {
            terminal::line(&serde_json::to_string_pretty(&json!({ "acts": acts }))?);
            return Ok(());
        }
        let rows: Vec<_> = acts
            .into_iter()
            .map(|act| vec![act.at.to_string(), act.actor, act.action, act.tenant.unwrap_or_default(), act.detail])
            .collect();
        terminal::out(&terminal::table(&["at", "who", "what", "tenant", "detail"], &rows));
        Ok(())
    }
}

/// An act of whoever runs this command.
pub(super) fn act(action: &'static str, tenant: Option<&TenantId>, detail: &str) -> Act {
    Act { actor: user(), action, tenant: tenant.cloned(), detail: detail.to_owned() }
}

/// Writes an act down that had a commit of its own.
pub(super) fn note(store: &Store, action: &'static str, tenant: &TenantId, detail: &str) -> Result<(), Failure> {
    Ok(store.control().record(&act(action, Some(tenant), detail))?)
}

/// The operating system's user, and by whose leave.
fn user() -> String {
    // The owner of a process's folder is its effective user.
    let Ok(uid) = fs::metadata("/proc/self").map(|it| it.uid()) else { return "unknown".to_owned() };
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = name_of(uid, &users).unwrap_or_else(|| format!("uid {uid}"));
    match std::env::var("SUDO_USER") {
        Ok(sender) if uid == 0 && !sender.is_empty() && sender != name => format!("{name} (sudo of {sender:.64})"),
        _ => name,
    }
}

fn name_of(uid: u32, users: &str) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_user_is_named_as_the_system_names_it() {
        let users = "root:x:0:0:root:/:/bin/sh\nbroken\nops:x:1000:1000::/srv:/bin/sh\n";
        for (uid, expected) in [(0, Some("root")), (1000, Some("ops")), (1, None)] {
            assert_eq!(name_of(uid, users).as_deref(), expected);
        }
    }
}
