//! The command line: what can be asked, with examples. Each command lives in its own file and returns an exit code.

mod audit;
mod backup;
mod config;
mod customer;
mod daemon;
mod detect;
mod documents;
mod export;
mod extensions;
mod extensions_diff;
mod import;
mod life;
mod migrate;
mod migrate_status;
mod moving;
mod new;
mod node;
mod operator;
mod pause;
mod profile;
mod promote;
mod pull;
mod record;
mod serve;
mod shadow;
mod task;
mod tenant;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use plugpoint_store::Store;

use crate::{customers, demo, storage, terminal};

/// Plugpoint: one REST and SOAP core, customer-specific hooks.
#[derive(Parser)]
#[command(name = "plugpoint", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// Folder of all data: control database, tenants' databases, spool. Created if it is not there.
    #[arg(long, value_name = "DIR", default_value = "./plugpoint-data", env = "PLUGPOINT_DATA_DIR", global = true)]
    pub data_dir: PathBuf,
    /// Configuration file; every key has a default, so none is needed.
    #[arg(long, value_name = "FILE", env = "PLUGPOINT_CONFIG", global = true)]
    pub config: Option<PathBuf>,
}

impl Common {
    /// The store that the configuration asks for.
    fn store(&self) -> Result<Store, Failure> {
        Ok(storage::open(&config::load(self)?, &self.data_dir, BTreeMap::new())?)
    }

    /// The same, with what linked and loaded customers do to their tenants' databases: for commands that copy those or bring them up to
    /// date.
    fn store_with_customers(&self) -> Result<Store, Failure> {
        let config = config::load(self)?;
        let plans = customers::plans(&config, &self.data_dir, &|text| terminal::progress(text))?;
        Ok(storage::open(&config, &self.data_dir, plans.updates())?)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Start a server with two example customers, push their catalogs over SOAP, show what became of them.
    Demo(demo::Demo),
    /// Create tenants, list them, renew their keys.
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Show what operators did by command line.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Take a backup of tenants while a server runs, or check one.
    Backup(backup::Backup),
    /// Put tenants back from a backup.
    Restore(backup::Restore),
    /// Bring the databases of all tenants to the structure of this release.
    Migrate(migrate::Migrate),
    /// Create operators, list them, remove them.
    #[command(subcommand)]
    Operator(operator::Operator),
    /// Show which servers share one database.
    #[command(subcommand)]
    Node(node::Node),
    /// See what is done in the background, and steer it.
    #[command(subcommand)]
    Task(task::Task),
    /// See the daemons of all servers, and have them rest.
    #[command(subcommand)]
    Daemon(daemon::Daemon),
    /// Marks on the timeline: what was put into service, and when.
    #[command(subcommand)]
    Deployment(daemon::Deployment),
    /// Check customer crates that were built as libraries.
    #[command(subcommand)]
    Customer(customer::Customer),
    /// Show which implementation is effective at each extension point, and why.
    Extensions(extensions::Extensions),
    /// Write a customer crate that builds and passes its tests at once.
    #[command(subcommand)]
    New(new::New),
    /// Check or print the configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Tell what documents are, and what an import would make of them.
    Detect(detect::Detect),
    /// Make a test case of a kept import, secrets removed.
    Record(record::Record),
    /// Check a tenant's profile, describe its keys.
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    /// Replay kept documents by a candidate, compare, store nothing.
    Shadow(shadow::ShadowRun),
    /// Make a candidate serve a tenant.
    Promote(promote::Promote),
    /// Fetch a document from a service that a tenant's profile names, and import it.
    Pull(pull::Pull),
    /// Import documents from files, from standard input, or from a drop folder.
    Import(import::Import),
    /// Write a catalog in a format that others read.
    Export(export::Export),
    /// Print the OpenAPI document.
    Openapi(documents::Openapi),
    /// Print the WSDL.
    Wsdl(documents::Wsdl),
    /// Print the list of stable error and finding codes.
    #[command(hide = true)]
    Codes,
}

/// Runs the command that the arguments ask for.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(command) => command.run(),
        Command::Demo(command) => command.run(),
        Command::Tenant(command) => command.run(),
        Command::Audit(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Operator(command) => command.run(),
        Command::Node(command) => command.run(),
        Command::Task(command) => command.run(),
        Command::Daemon(command) => command.run(),
        Command::Deployment(command) => command.run(),
        Command::Customer(command) => command.run(),
        Command::Extensions(command) => command.run(),
        Command::New(command) => command.run(),
        Command::Config(command) => command.run(),
        Command::Detect(command) => command.run(),
        Command::Record(command) => command.run(),
        Command::Profile(command) => command.run(),
        Command::Shadow(command) => command.run(),
        Command::Promote(command) => command.run(),
        Command::Pull(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Openapi(command) => command.run(),
        Command::Wsdl(command) => command.run(),
        Command::Codes => documents::codes(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

/// Why a command failed: a sentence for the person at the terminal, and the exit code for scripts.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The command could not do its work (exit code 1).
    pub fn new(message: impl std::fmt::Display) -> Self {
        Self { message: message.to_string(), code: 1 }
    }

    /// What was given is wrong (exit code 2, like a wrong argument).
    pub fn usage(message: impl std::fmt::Display) -> Self {
        Self { message: message.to_string(), code: 2 }
    }

    /// The operator ended the command (exit code 130, as a shell says it of Ctrl-C).
    pub fn interrupted(message: impl std::fmt::Display) -> Self {
        Self { message: message.to_string(), code: 130 }
    }

    /// The same failure, after a sentence that says what it means.
    fn with(self, sentence: &str) -> Self {
        Self { message: format!("{sentence}\n  caused by: {}", self.message), ..self }
    }

    fn tell(self) -> ExitCode {
        crate::terminal::error(&self.message);
        ExitCode::from(self.code)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message = format!("{message}\n  caused by: {cause}");
            source = cause.source();
        }
        Self { message, code: 1 }
    }
}
