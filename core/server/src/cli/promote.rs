//! `plugpoint promote`: a candidate becomes what serves the tenant, if what is known of it allows that.

use std::fs;
use std::path::Path;

use clap::Args;
use plugpoint_kernel::Loaded;
use plugpoint_plugin_catalog::shadow::{Selection, evidence};

use super::shadow::{Ground, share, verdict};
use super::{Common, Failure, audit};
use crate::candidates::{self, Candidate};
use crate::{customers, terminal};

/// Documents that are replayed when no live trial has found anything.
const REPLAYS: usize = 3;

/// Make a candidate serve a tenant. It needs evidence: the reports of its live trial, or else a replay of the tenant's latest
/// documents, all within the tolerance.
///
/// Examples:
///   plugpoint promote --tenant acme                              # the candidate of its live trial
///   plugpoint promote --tenant acme --candidate ./libacme.so     # a library; it is copied to the customers folder
///   plugpoint promote --tenant acme --tolerate 0.01
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Promote {
    /// The tenant.
    #[arg(long, value_name = "T")]
    tenant: String,
    /// The name of a loaded customer, or the file of a library. Without it, the candidate of the live trial.
    #[arg(long, value_name = "CUSTOMER|FILE.so")]
    candidate: Option<String>,
    /// The share of differing items, 0 to 1, that is tolerated.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    tolerate: f64,
    /// Promote whatever the evidence says, or without any.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    common: Common,
}

impl Promote {
    pub(super) fn run(self) -> Result<(), Failure> {
        let ground = Ground::new(&self.common, &self.tenant)?;
        let name = self.candidate.clone().or_else(|| ground.row.candidate.clone()).ok_or_else(|| {
            Failure::usage(format!("tenant {} has no candidate; name one with --candidate", ground.tenant))
        })?;
        let candidate = self.proven(&ground, &name)?;
        if let Some(loaded) = &candidate.library {
            let file = install(loaded, &customers::folder(&ground.config, ground.data_dir))?;
            terminal::line(&format!("copied to {file}; a server loads it at its next start"));
        }
        ground.store.control().promote(&ground.tenant, &candidate.customer)?;
        audit::note(&ground.store, "promote", &ground.tenant, &candidate.customer)?;
        let was = ground.row.customer.as_deref().unwrap_or("(generic)");
        let (tenant, now) = (&ground.tenant, &candidate.customer);
        terminal::line(&format!("tenant {tenant}: {was} -> {now}"));
        Ok(())
    }

    /// The candidate, once the evidence allows it.
    fn proven(&self, ground: &Ground<'_>, name: &str) -> Result<Candidate, Failure> {
        let found = evidence(ground.data_dir, &ground.tenant, name)?;
        if self.force || !found.is_empty() {
            if !self.force {
                found.iter().try_for_each(|report| verdict(report, self.tolerate))?;
                terminal::line(&format!("{} imports were tried live, all within the tolerance", found.len()));
            }
            let plans = customers::plans(&ground.config, ground.data_dir, &terminal::error)?;
            return Ok(candidates::candidate(&plans, &ground.row, name)?);
        }
        let (candidate, report) = ground.run(name, &Selection::Last(REPLAYS)).map_err(|failure| {
            failure.with(
                "there is no evidence for the candidate: it was not tried live, and kept documents cannot be replayed",
            )
        })?;
        verdict(&report, self.tolerate)?;
        terminal::line(&format!("{} documents were replayed, all within the tolerance", report.replays.len()));
        Ok(candidate)
    }
}

/// Puts a library where servers look for it, under the name that they expect, complete or not at all.
fn install(loaded: &Loaded, folder: &Path) -> Result<String, Failure> {
    fs::create_dir_all(folder)?;
    let target = folder.join(customers::file_name(loaded));
    let part = target.with_extension("so.part");
    fs::copy(&loaded.library.file, &part)?;
    fs::rename(&part, &target)?;
    Ok(target.display().to_string())
}
