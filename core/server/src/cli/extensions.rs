//! `plugpoint extensions`: which implementation is effective at each extension point, where it comes from, and why it won.

use clap::{Args, Subcommand};
use plugpoint_sdk::model::TenantId;

use super::{Common, Failure};
use crate::{customers, terminal};

/// Show which implementation is effective at each extension point, where it comes from, and why it won.
///
/// Examples:
///   plugpoint extensions                                  # the generic layer
///   plugpoint extensions --customer voltwerk              # with a customer's overrides
///   plugpoint extensions --tenant acme --data-dir ./data --json
///   plugpoint extensions diff before.json after.json      # two plans printed with --json
#[derive(Args)]
#[command(verbatim_doc_comment, args_conflicts_with_subcommands = true)]
pub(crate) struct Extensions {
    #[command(subcommand)]
    command: Option<ExtensionsCommand>,
    /// The plan of this tenant: its customer crate and its profile.
    #[arg(long, value_name = "T", conflicts_with = "customer")]
    tenant: Option<String>,
    /// The plan of this customer crate with its own profile.
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print the reference of all extension points as Markdown.
    #[arg(long, hide = true)]
    points_md: bool,
    /// Print one extension point's page of the guide as Markdown.
    #[arg(long, hide = true, value_name = "POINT")]
    point_md: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// What else can be asked about plans.
#[derive(Subcommand)]
enum ExtensionsCommand {
    /// Compare two plans that were printed with --json.
    Diff(super::extensions_diff::Diff),
}

impl Extensions {
    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(ExtensionsCommand::Diff(command)) = self.command {
            return command.run();
        }
        if self.points_md {
            terminal::out(&plugpoint_sdk::points::document());
            return Ok(());
        }
        if let Some(name) = &self.point_md {
            let page = plugpoint_sdk::points::page(name);
            terminal::out(&page.ok_or_else(|| Failure::usage(format!("there is no extension point {name:?}")))?);
            return Ok(());
        }
        let (customer, profile_toml) = self.subject()?;
        let config = super::config::load(&self.common)?;
        let plans = customers::plans(&config, &self.common.data_dir, &terminal::error)?;
        let profile = plans.profile(customer.as_deref(), &profile_toml)?;
        let plan = plans.for_tenant(customer.as_deref(), &profile)?;
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&plan.report)?);
        } else {
            terminal::out(&plan.report.to_string());
            if let Err(changed) = plan.allowed_by(&profile) {
                terminal::line(&format!("\nthe tenant is not served: {}", changed.detail));
            }
        }
        Ok(())
    }

    /// The customer in question, and the profile over the customer's own.
    fn subject(&self) -> Result<(Option<String>, String), Failure> {
        let Some(name) = &self.tenant else { return Ok((self.customer.clone(), String::new())) };
        let tenant: TenantId = name.parse().map_err(Failure::usage)?;
        let store = self.common.store()?;
        let row = store.control().tenant(&tenant)?;
        let row = row.ok_or_else(|| Failure::new(format!("there is no tenant {tenant}")))?;
        Ok((row.customer, row.profile_toml))
    }
}
