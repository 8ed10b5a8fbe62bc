//! `plugpoint profile`: check a tenant's profile, describe what one can say. No server is needed; customer libraries
//! are looked for in the data folder.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use plugpoint_sdk::profile::{self, Profile, ProfileError};
use serde_json::json;

use super::{Common, Failure};
use crate::{customers, terminal};

/// Check a tenant's profile, describe its keys.
///
/// Examples:
///   plugpoint profile check profile.toml
///   plugpoint profile check profile.toml --customer voltwerk --json
#[derive(Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum ProfileCommand {
    /// Read a profile and tell every mistake at once, with line and path. Exit code 2 if there is one.
    Check(Check),
    /// Print the JSON schema of a profile.
    Schema,
    /// Print every key as Markdown.
    Keys,
}

/// Options of `profile check`.
#[derive(Args)]
pub(crate) struct Check {
    /// The profile.
    file: PathBuf,
    /// The customer crate over whose profile it is laid.
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// Print the mistakes as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl ProfileCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check(command) => command.run(),
            Self::Schema => {
                terminal::line(&serde_json::to_string_pretty(&profile::schema())?);
                Ok(())
            }
            Self::Keys => {
                terminal::out(&profile::markdown());
                Ok(())
            }
        }
    }
}

impl Check {
    fn run(self) -> Result<(), Failure> {
        let shown = self.file.display();
        let text = std::fs::read_to_string(&self.file).map_err(|error| Failure::usage(format!("{shown}: {error}")))?;
        let mistakes = match Profile::parse(&text) {
            Ok(_) => self.plan_mistakes(&text)?,
            Err(mistakes) => mistakes,
        };
        if self.json {
            let entry = |it: &ProfileError| json!({"path": it.path, "line": it.line, "message": it.message});
            let list: Vec<_> = mistakes.iter().map(entry).collect();
            terminal::line(&serde_json::to_string_pretty(&json!({ "mistakes": list }))?);
        }
        match mistakes.len() {
            0 if !self.json => terminal::line(&format!("{shown} is a valid profile")),
            0 => {}
            count => {
                let lines: String = mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect();
                let noun = if count == 1 { "mistake" } else { "mistakes" };
                return Err(Failure::usage(format!("{shown} has {count} {noun}:{lines}")));
            }
        }
        Ok(())
    }

    /// What only the whole plan knows: whether somebody provides the format and the kinds of sources that the profile names.
    fn plan_mistakes(&self, text: &str) -> Result<Vec<ProfileError>, Failure> {
        let plans = customers::plans(&super::config::load(&self.common)?, &self.common.data_dir, &terminal::error)?;
        let customer = self.customer.as_deref();
        let resolved = plans.profile(customer, text).and_then(|profile| plans.unprovided(customer, &profile));
        let mistake = |path: &str, message: String| ProfileError { path: path.to_owned(), line: None, message };
        Ok(match resolved {
            Ok(unprovided) => {
                let unprovided = unprovided.iter().map(|it| mistake(&it.setting, it.to_string()));
                let profile = plans.profile(customer, text).unwrap_or_default();
                let timings = plugpoint_plugin_catalog::tasks::mistakes(&profile);
                unprovided.chain(timings.into_iter().map(|(setting, why)| mistake(&setting, why))).collect()
            }
            Err(error) => vec![mistake("", error.detail)],
        })
    }
}
