//! `plugpoint migrate status`: the runs that the control database remembers.

use clap::Args;
use plugpoint_store::{OutcomeRow, RUNS_KEPT, RunRow};
use serde_json::json;

use super::{Common, Failure};
use crate::terminal;

/// Show the runs of `plugpoint migrate`, the last first, or what became of each tenant in one of them, those that failed first.
///
/// Examples:
///   plugpoint migrate status --data-dir ./data
///   plugpoint migrate status last --json --data-dir ./data
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Status {
    /// The id of a run, or `last`.
    run: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl Status {
    pub(super) fn run(self) -> Result<(), Failure> {
        let store = self.common.store()?;
        let control = store.control();
        let Some(id) = &self.run else {
            let runs = control.runs(RUNS_KEPT)?;
            match self.json {
                true => terminal::line(&serde_json::to_string_pretty(&json!({ "runs": runs }))?),
                false if runs.is_empty() => terminal::line("nothing was migrated by command yet"),
                false => terminal::out(&terminal::table(&HEAD, &runs.iter().map(cells).collect::<Vec<_>>())),
            }
            return Ok(());
        };
        let run = match id.as_str() {
            "last" => control.runs(1)?.into_iter().next(),
            id => control.run(id)?,
        };
        let run = run.ok_or_else(|| Failure::new(format!("there is no run {id}")))?;
        let outcomes = control.outcomes(&run.id, u32::MAX)?;
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&json!({ "run": run, "outcomes": outcomes }))?);
            return Ok(());
        }
        terminal::out(&terminal::table(&HEAD, &[cells(&run)]));
        let rows: Vec<_> = outcomes.iter().map(outcome).collect();
        if !rows.is_empty() {
            terminal::out(&terminal::table(&["tenant", "took", "what"], &rows));
        }
        Ok(())
    }
}

const HEAD: [&str; 9] = ["run", "began", "by", "state", "checked", "up to date", "migrated", "failed", "left"];

fn cells(run: &RunRow) -> Vec<String> {
    let counts = &run.counts;
    let mut cells = vec![run.id.clone(), run.started_at.to_string(), run.by.clone(), run.state.name().to_owned()];
    let numbers = [counts.checked, counts.up_to_date, counts.migrated, counts.failed, counts.remaining];
    cells.extend(numbers.iter().map(u32::to_string));
    cells
}

fn outcome(row: &OutcomeRow) -> Vec<String> {
    let what = row.error.clone().unwrap_or_else(|| row.steps.join(", "));
    vec![row.tenant.to_string(), format!("{} ms", row.took_ms), what]
}
