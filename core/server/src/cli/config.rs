//! `plugpoint config`: check a configuration, print the effective one, describe what can be configured.

use clap::{Args, Subcommand};
use plugpoint_config::Config;

use super::{Common, Failure};
use crate::terminal;

/// Check or print the configuration.
///
/// Examples:
///   plugpoint config check --config plugpoint.toml
///   plugpoint config print            # the effective values, every key with its description
#[derive(Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum ConfigCommand {
    /// Read the configuration and tell every mistake at once. Exit code 2 if there is one.
    Check(Plain),
    /// Print the effective configuration as TOML, every key with its description.
    Print(Plain),
    /// Print the JSON schema of the configuration.
    Schema,
    /// Print the table of limits as Markdown.
    #[command(hide = true)]
    LimitsMd,
}

/// No options but the common ones.
#[derive(Args)]
pub(crate) struct Plain {
    #[command(flatten)]
    common: Common,
}

impl ConfigCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check(Plain { common }) => {
                load(&common)?;
                terminal::line("the configuration is valid");
            }
            Self::Print(Plain { common }) => terminal::out(&load(&common)?.to_toml()),
            Self::Schema => terminal::line(&serde_json::to_string_pretty(&plugpoint_config::config_schema())?),
            Self::LimitsMd => terminal::out(&plugpoint_config::limits_markdown()),
        }
        Ok(())
    }
}

/// The configuration as the options ask for it.
pub(crate) fn load(common: &Common) -> Result<Config, Failure> {
    Config::load(common.config.as_deref()).map_err(Failure::usage)
}
