//! `plugpoint tenant suspend|resume|delete`: beside a server that runs on the same data folder, or without one.
//!
//! Each asks the store or the catalog plugin to do it and says what became of it. A running server notices by itself.

use std::io::{self, BufRead};
use std::time::Duration;

use clap::Args;
use plugpoint_plugin_catalog::removal::{self, Removal, Removed};
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{TenantRow, TenantState};
use serde_json::json;

use super::tenant::existing;
use super::{Common, Failure, audit};
use crate::terminal;

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 500;

/// Suspend a tenant. A running server notices within a second: requests are answered with `tenant_suspended` (403 over REST, a
/// fault over SOAP). An import that runs is ended and leaves nothing; its document waits in the spool with all others, and is
/// imported from its first byte once the tenant is resumed. Nothing that was acknowledged is lost.
///
/// Examples:
///   plugpoint tenant suspend acme --data-dir ./data
///   plugpoint tenant suspend acme --reason "contract ended in May" --data-dir ./data
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Suspend {
    /// The tenant's name.
    name: String,
    /// Why, for `tenant list` and the audit; clients are not told.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Have a suspended tenant served again. A running server notices within a second, and imports what has waited.
///
/// Example:
///   plugpoint tenant resume acme --data-dir ./data
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Resume {
    /// The tenant's name.
    name: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Delete a tenant with everything that is kept of it: credentials, nonces, databases, documents that wait or are kept, reports
/// of trials. A running server lets it go first. What was removed is told by place, and a search afterwards has to find nothing.
/// Interrupted, it is completed by the same command or by the next start of the server. A line of the audit stays; the name can
/// be used again. Backups are yours to delete.
///
/// Examples:
///   plugpoint tenant delete acme --data-dir ./data               # asks for the name once more
///   plugpoint tenant delete acme --yes --json --data-dir ./data > proof.json
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Delete {
    /// The tenant's name.
    name: String,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// How long to wait for processes that have the tenant open.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait_s: u64,
    /// Print the proof as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl Suspend {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARS_MAX) {
            return Err(Failure::usage(format!("a reason has at most {REASON_CHARS_MAX} characters")));
        }
        set(&self.common, &self.name, true, self.reason.as_deref(), self.json)
    }
}

impl Resume {
    pub(super) fn run(self) -> Result<(), Failure> {
        set(&self.common, &self.name, false, None, self.json)
    }
}

fn set(common: &Common, name: &str, is_suspended: bool, reason: Option<&str>, is_json: bool) -> Result<(), Failure> {
    let tenant: TenantId = name.parse().map_err(Failure::usage)?;
    let store = common.store()?;
    let before = own(existing(&store, &tenant)?)?;
    let (action, word) = if is_suspended { ("tenant suspend", "suspended") } else { ("tenant resume", "active") };
    let act = audit::act(action, Some(&tenant), reason.unwrap_or_default());
    store.control().set_suspended(&tenant, is_suspended, reason, &act)?;
    if is_json {
        let answer = json!({"tenant": tenant, "state": word, "reason": reason, "before": before.state});
        terminal::line(&serde_json::to_string(&answer)?);
    } else if before.state.name() == word {
        terminal::line(&format!("tenant {tenant} is {word}, as it was"));
    } else {
        terminal::line(&format!("tenant {tenant} is {word}"));
    }
    Ok(())
}

/// A tenant that no other command is at.
pub(super) fn own(row: TenantRow) -> Result<TenantRow, Failure> {
    match row.state {
        TenantState::Active | TenantState::Suspended => Ok(row),
        TenantState::Deleting => Err(Failure::new(format!(
            "tenant {0} is being deleted; complete it with: plugpoint tenant delete {0}",
            row.tenant
        ))),
        TenantState::Restoring => Err(Failure::new(format!(
            "tenant {} is being restored; if that command has ended, run it again",
            row.tenant
        ))),
    }
}

impl Delete {
    pub(super) fn run(self) -> Result<(), Failure> {
        let tenant: TenantId = self.name.parse().map_err(Failure::usage)?;
        let store = self.common.store()?;
        existing(&store, &tenant)?;
        if !self.yes {
            confirm(&tenant)?;
        }
        let act = audit::act("tenant delete", Some(&tenant), "");
        let wait_max = Duration::from_secs(self.wait_s);
        let removal = removal::remove(&store, &tenant, &act, wait_max, &mut |text| terminal::progress(text))?;
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&removal)?);
        } else {
            tell(&removal);
        }
        Ok(())
    }
}

fn confirm(tenant: &TenantId) -> Result<(), Failure> {
    terminal::aside(&format!("All data of tenant {tenant} will be deleted. Its name, to go on: "));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() == tenant.as_str() {
        true => Ok(()),
        false => Err(Failure::usage("that is not its name; nothing was deleted (--yes does not ask)")),
    }
}

fn tell(removal: &Removal) {
    let cells = |it: &Removed| {
        let cell = |number: u64| if number == 0 { "-".to_owned() } else { number.to_string() };
        vec![it.place.to_owned(), cell(it.rows), cell(it.files), cell(it.bytes)]
    };
    let rows: Vec<_> = removal.removed.iter().map(cells).collect();
    terminal::line(&format!("tenant {} is deleted ({:.1} s)\n", removal.tenant, removal.seconds));
    terminal::out(&terminal::table(&["place", "rows", "files", "bytes"], &rows));
    let search = &removal.search;
    terminal::line(&format!(
        "\nlooked for {} in the names of {} files and folders and in the bytes of {}: nothing is left",
        search.names.join(", "),
        search.entries,
        search.searched.join(", ")
    ));
}
