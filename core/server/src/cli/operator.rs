//! `plugpoint operator`: who may look after the platform over HTTP. Works while a server runs on the same data folder.

use clap::{Args, Subcommand, ValueEnum};
use plugpoint_sdk::model::TenantId;
use plugpoint_store::Role;
use serde_json::json;

use super::{Common, Failure, audit};
use crate::terminal;

/// Create operators, list them, remove them. An operator's credential stands for no tenant; it opens `/v1/fleet/...`.
#[derive(Subcommand)]
pub(crate) enum Operator {
    /// Create an operator and print its credential, once.
    ///
    /// Examples:
    ///   plugpoint operator create nagios --role viewer --data-dir ./data
    ///   plugpoint operator create jo --role admin --json --data-dir ./data
    #[command(verbatim_doc_comment)]
    Create(Create),
    /// List the operators.
    List(List),
    /// Remove an operator. Its credential ends at once.
    Remove(Remove),
}

/// Options of `operator create`.
#[derive(Args)]
pub(crate) struct Create {
    /// Name: 1 to 40 of a-z 0-9 -, the first a letter.
    name: String,
    /// What it may do; each may what those before it may.
    #[arg(long, value_enum, default_value_t = GivenRole::Viewer)]
    role: GivenRole,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
enum GivenRole {
    /// Look.
    Viewer,
    /// Act on tenants.
    Operator,
    /// Act on the platform.
    Admin,
}

/// Options of `operator list`.
#[derive(Args)]
pub(crate) struct List {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `operator remove`.
#[derive(Args)]
pub(crate) struct Remove {
    /// The operator's name.
    name: String,
    #[command(flatten)]
    common: Common,
}

impl Operator {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create(command) => command.run(),
            Self::List(command) => command.run(),
            Self::Remove(command) => command.run(),
        }
    }
}

impl Create {
    fn run(self) -> Result<(), Failure> {
        let role = match self.role {
            GivenRole::Viewer => Role::Viewer,
            GivenRole::Operator => Role::Operator,
            GivenRole::Admin => Role::Admin,
        };
        let name = name(&self.name)?;
        let store = self.common.store()?;
        let act = audit::act("operator create", None, &format!("{name}: {}", role.name()));
        let credential = store.control().create_operator(name, role, &act)?;
        if self.json {
            let (key_id, secret) = (&credential.key_id, &credential.secret);
            let told = json!({"operator": name, "role": role, "key_id": key_id, "secret": secret});
            terminal::line(&serde_json::to_string(&told)?);
            return Ok(());
        }
        terminal::line(&format!("operator {name} ({})", role.name()));
        terminal::line(&format!("key id  {}", credential.key_id));
        terminal::line(&format!("secret  {}", credential.secret));
        terminal::line("The secret is shown this once.");
        Ok(())
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let operators = self.common.store()?.control().operators()?;
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&json!({ "operators": operators }))?);
        } else if operators.is_empty() {
            terminal::line("no operators yet; create one with: plugpoint operator create NAME --role viewer");
        } else {
            let rows: Vec<_> = operators
                .iter()
                .map(|it| {
                    vec![it.name.clone(), it.role.name().to_owned(), it.key_id.clone(), it.created_at.to_string()]
                })
                .collect();
            terminal::out(&terminal::table(&["operator", "role", "key id", "created"], &rows));
        }
        Ok(())
    }
}

impl Remove {
    fn run(self) -> Result<(), Failure> {
        let name = name(&self.name)?;
        let act = audit::act("operator remove", None, name);
        self.common.store()?.control().remove_operator(name, &act)?;
        terminal::line(&format!("operator {name} is removed"));
        Ok(())
    }
}

/// An operator's name follows the rule for tenants' names.
fn name(given: &str) -> Result<&str, Failure> {
    let rule = |_| Failure::usage(format!("{given:?} is no operator's name: 1 to 40 of a-z 0-9 -, the first a letter"));
    given.parse::<TenantId>().map(|_| given).map_err(rule)
}
