//! `plugpoint shadow`: what a candidate would make of the documents that a tenant has sent, before it serves the tenant.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use plugpoint_config::Config;
use plugpoint_plugin_catalog::shadow::{Selection, Shadow, ShadowReport, evidence};
use plugpoint_sdk::desk::ImportStatus;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_store::{Store, TenantRow};

use super::{Common, Failure, audit};
use crate::candidates::{self, Candidate};
use crate::{customers, terminal};

/// Replay kept documents by today's plan and by a candidate's, without storing anything, and compare item by item. Exit code 1
/// when more differs than is tolerated.
///
/// Examples:
///   plugpoint shadow --tenant acme --candidate voltwerk --last 5
///   plugpoint shadow --tenant acme --candidate ./libacme.so --tolerate 0.01 --json
///   plugpoint shadow --tenant acme --candidate voltwerk --live     # from now on after each real import
///   plugpoint shadow --tenant acme --report                        # what the live trial has found
///   plugpoint shadow --tenant acme --end                           # ends the live trial
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ShadowRun {
    /// The tenant.
    #[arg(long, value_name = "T")]
    tenant: String,
    /// The name of a loaded customer, or the file of a library.
    #[arg(long, value_name = "CUSTOMER|FILE.so", required_unless_present_any = ["report", "end"])]
    candidate: Option<String>,
    /// Replay so many of the latest documents.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "import")]
    last: u32,
    /// Replay the document of this import; may be given more than once.
    #[arg(long, value_name = "ID")]
    import: Vec<ImportId>,
    /// The share of differing items, 0 to 1, up to which the exit code is 0.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    tolerate: f64,
    /// Try the candidate on every import from now on, beside the active one.
    #[arg(long, conflicts_with_all = ["report", "end"])]
    live: bool,
    /// Show what the live trial has found so far.
    #[arg(long, conflicts_with = "end")]
    report: bool,
    /// End the live trial.
    #[arg(long)]
    end: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Parses a share.
pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}

/// A data folder and a tenant of it.
pub(super) struct Ground<'a> {
    pub(super) config: Arc<Config>,
    pub(super) data_dir: &'a Path,
    pub(super) store: Store,
    pub(super) tenant: TenantId,
    pub(super) row: TenantRow,
}

impl<'a> Ground<'a> {
    pub(super) fn new(common: &'a Common, tenant: &str) -> Result<Self, Failure> {
        let tenant: TenantId = tenant.parse().map_err(Failure::usage)?;
        let config = Arc::new(super::config::load(common)?);
        let store = common.store_with_customers()?;
        let row = store.control().tenant(&tenant)?;
        let row = row.ok_or_else(|| Failure::new(format!("there is no tenant {tenant}")))?;
        Ok(Self { config, data_dir: &common.data_dir, store, tenant, row })
    }

    /// The candidate with what is known of it, and a run of it over kept documents.
    pub(super) fn run(&self, name: &str, selection: &Selection) -> Result<(Candidate, ShadowReport), Failure> {
        let plans = customers::plans(&self.config, self.data_dir, &terminal::error)?;
        let candidate = candidates::candidate(&plans, &self.row, name)?;
        let shadow = Shadow {
            config: Arc::clone(&self.config),
            data_dir: self.data_dir,
            store: &self.store,
            tenant: &self.tenant,
            today: candidates::today(&plans, &self.row)?,
            candidate: candidate.side.clone(),
        };
        let report = shadow.run(selection, &mut |number, of, import| {
            terminal::progress(&format!("replaying {} of {of}: import {import}", number + 1));
        })?;
        Ok((candidate, report))
    }
}

impl ShadowRun {
    pub(super) fn run(self) -> Result<(), Failure> {
        let ground = Ground::new(&self.common, &self.tenant)?;
        if self.end {
            ground.store.control().set_candidate(&ground.tenant, None)?;
            audit::note(&ground.store, "shadow end", &ground.tenant, "")?;
            terminal::line(&format!("tenant {} has no candidate any more", ground.tenant));
            return Ok(());
        }
        if self.report {
            return self.tell_evidence(&ground);
        }
        let name = self.candidate.as_deref().unwrap_or_default();
        if self.live {
            return start_live(&ground, name);
        }
        let selection = match self.import.is_empty() {
            true => Selection::Last(self.last as usize),
            false => Selection::Imports(self.import.clone()),
        };
        let (_, report) = ground.run(name, &selection)?;
        tell(&report, self.json)?;
        verdict(&report, self.tolerate)
    }

    fn tell_evidence(&self, ground: &Ground<'_>) -> Result<(), Failure> {
        let Some(candidate) = self.candidate.as_ref().or(ground.row.candidate.as_ref()) else {
            return Err(Failure::new(format!("tenant {} has no candidate", ground.tenant)));
        };
        let reports = evidence(ground.data_dir, &ground.tenant, candidate)?;
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&reports)?);
        } else if reports.is_empty() {
            terminal::line(&format!("{candidate} has not been tried on any import of tenant {} yet", ground.tenant));
        } else {
            reports.iter().for_each(|report| terminal::out(&format!("{report}\n")));
        }
        reports.iter().try_for_each(|report| verdict(report, self.tolerate))
    }
}

/// A running server on the same data folder takes it up by itself.
fn start_live(ground: &Ground<'_>, name: &str) -> Result<(), Failure> {
    let plans = customers::plans(&ground.config, ground.data_dir, &terminal::error)?;
    candidates::candidate(&plans, &ground.row, name)?;
    let kept = match candidates::is_file(name) {
        // The server may have been started elsewhere.
        true => std::fs::canonicalize(name)?.display().to_string(),
        false => name.to_owned(),
    };
    ground.store.control().set_candidate(&ground.tenant, Some(&kept))?;
    audit::note(&ground.store, "shadow live", &ground.tenant, &kept)?;
    let tenant = &ground.tenant;
    terminal::line(&format!(
        "{kept} is tried on every import of tenant {tenant} from now on; its results are compared and thrown away\n\
         what it finds:  plugpoint shadow --tenant {tenant} --report\n\
         make it serve:  plugpoint promote --tenant {tenant}"
    ));
    Ok(())
}

fn tell(report: &ShadowReport, is_json: bool) -> Result<(), Failure> {
    match is_json {
        true => terminal::line(&serde_json::to_string_pretty(report)?),
        false => terminal::out(&report.to_string()),
    }
    Ok(())
}

/// An error when more differs than is tolerated.
pub(super) fn verdict(report: &ShadowReport, tolerated: f64) -> Result<(), Failure> {
    if report.is_within(tolerated) {
        return Ok(());
    }
    let (today, candidate) = (&report.today.name, &report.candidate.name);
    if let Some(replay) = report.replays.iter().find(|replay| replay.today.status != replay.candidate.status) {
        let ends = |status| if status == ImportStatus::Succeeded { "succeeds" } else { "fails" };
        let (by_today, by_candidate) = (ends(replay.today.status), ends(replay.candidate.status));
        let import = replay.import;
        return Err(Failure::new(format!("import {import} {by_today} by {today} and {by_candidate} by {candidate}")));
    }
    let (differing, share) = (report.items.differing(), report.share * 100.0);
    let tolerated = tolerated * 100.0;
    Err(Failure::new(format!(
        "{candidate} differs from {today} in {differing} items, {share:.2} % of the records; tolerated: {tolerated:.2} %"
    )))
}
