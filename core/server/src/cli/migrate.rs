//! `plugpoint migrate`: brings the databases of all tenants to this release's structure, beside each other, and says what became of each.
//!
//! The steps and their transactions are the store's; here it is decided in which order, how many at once, and when to stop.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{
    Behind, OutcomeRow, RunCounts, RunState, Store, StoreError, StoreErrorKind, Structure, TENANT_SCHEMA, TenantState,
    for_each_tenant,
};
use regex::Regex;
use serde::Serialize;

use super::{Common, Failure, audit};
use crate::terminal;

/// How often a person who waits is told how far it is.
const TELL_INTERVAL: Duration = Duration::from_secs(1);

/// Bring tenants' databases to the structure of this release, and do the steps that their customers' crates bring: the control
/// database first, then the tenants, several at a time. Without it each is brought up to date when it is first used, which a request
/// then waits for, unless `database.migrate` says `command`.
///
/// The steps of the platform that a tenant lacks are one transaction, those of its customer another: whatever fails or is killed, it
/// has its old structure with its old rows, or the new one, and no other tenant is touched. The same command goes on where it
/// stopped, for what is done is not behind any more.
///
/// One run at a time; each is remembered (`plugpoint migrate status`, `GET /v1/fleet/migrations`). Exit code 0 if all are up to
/// date, 1 if any is not.
///
/// Examples:
///   plugpoint migrate --dry-run --data-dir ./data
///   plugpoint migrate --data-dir ./data
///   plugpoint migrate --canary 'pilot-*' --stop-at 2 --jobs 16 --data-dir ./data
///   plugpoint migrate --tag canary && plugpoint migrate
///   plugpoint migrate --to 2026-11-stock --data-dir ./data
///   plugpoint migrate --tenants 'shop-*' --json --data-dir ./data > report.json
#[derive(Args)]
#[command(verbatim_doc_comment, args_conflicts_with_subcommands = true)]
pub(crate) struct Migrate {
    #[command(subcommand)]
    what: Option<What>,
    /// Only tenants whose names are like this; `*` stands for any characters, `?` for one.
    #[arg(long, value_name = "PATTERN")]
    tenants: Option<String>,
    /// Only tenants with this tag.
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// These first; if one of them fails, no other is begun.
    #[arg(long, value_name = "PATTERN")]
    canary: Option<String>,
    /// Tenants at the same time; more than the cores, because most of a step is waiting for the disk.
    #[arg(long, value_name = "N", default_value = "16")]
    jobs: NonZeroUsize,
    /// Begin no more when more than so many percent of those that are behind have failed.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=100))]
    stop_at: u8,
    /// Only tenants whose customer brings this step, and no further than it.
    #[arg(long, value_name = "TAG")]
    to: Option<String>,
    /// Say what would be done, and do nothing to any tenant.
    #[arg(long)]
    dry_run: bool,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum What {
    /// Show what became of runs: of all that are remembered, or tenant by tenant of one.
    Status(super::migrate_status::Status),
}

/// What was found and done.
#[derive(Default, Serialize)]
struct Report {
    /// The id of the run; none if nothing was to be done.
    run: Option<String>,
    /// The number of this release's structure.
    structure: u32,
    is_dry_run: bool,
    /// Tenants that were looked at.
    checked: usize,
    /// Those that needed nothing: up to date, or without a database yet.
    up_to_date: usize,
    /// Those that were behind and are up to date now.
    migrated: usize,
    /// Those that are as they were, with the reason.
    failed: Vec<Failed>,
    /// Those that are behind and were not begun.
    left: Vec<Left>,
    seconds: f64,
}

#[derive(Serialize)]
struct Failed {
    tenant: TenantId,
    error: String,
}

#[derive(Serialize)]
struct Left {
    tenant: TenantId,
    /// The number of its structure.
    structure: u32,
    /// What it lacks: `core/STEP` or `CUSTOMER/TAG`.
    steps: Vec<String>,
}

impl Migrate {
    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(What::Status(status)) = self.what {
            return status.run();
        }
        let begun = Instant::now();
        let (only, canary) = (pattern(self.tenants.as_deref())?, pattern(self.canary.as_deref())?);
        let store = self.common.store_with_customers()?;
        if let Some(tag) = &self.to
            && !store.updates().keys().any(|customer| brings(&store, customer, tag))
        {
            return Err(Failure::usage(format!("no customer brings a step `{tag}`")));
        }
        let tenants = self.chosen(&store, only.as_ref())?;
        let claim = if self.dry_run { None } else { Some(store.claim_fleet().map_err(busy_first)?) };
        let mut report =
            Report { structure: TENANT_SCHEMA, is_dry_run: self.dry_run, checked: tenants.len(), ..Report::default() };
        let behind = self.look(&store, &tenants, &mut report);
        let is_canary = |tenant: &TenantId| canary.as_ref().is_some_and(|canary| canary.is_match(tenant.as_str()));
        let (first, then): (Vec<_>, Vec<_>) = behind.into_iter().partition(|it| is_canary(&it.tenant));
        if let Some(claim) = claim {
            let all = first.len() + then.len();
            let act = audit::act("migrate", None, &format!("{all} tenants are behind"));
            let id = store.control().begin_run(&claim, TENANT_SCHEMA, report.counts(all), &act)?;
            let mut run = Run { store: &store, id, outcomes: report.failed.iter().map(Failed::outcome).collect() };
            self.migrate(&mut run, first, 0.0, then.len(), &mut report)?;
            if report.failed.iter().any(|it| is_canary(&it.tenant)) {
                report.left.extend(then);
            } else {
                self.migrate(&mut run, then, f64::from(self.stop_at) / 100.0, 0, &mut report)?;
            }
            run.end(&report)?;
            report.run = Some(run.id);
        } else {
            report.left = [first, then].into_iter().flatten().collect();
        }
        report.seconds = begun.elapsed().as_secs_f64();
        self.tell(&report)
    }

    /// The tenants that are meant, by name. One that is being deleted or replaced is whoever does that's.
    fn chosen(&self, store: &Store, only: Option<&Regex>) -> Result<Vec<TenantId>, Failure> {
        let rows = store.control().tenants()?.into_iter();
        let rows = rows.filter(|row| matches!(row.state, TenantState::Active | TenantState::Suspended));
        let is_meant = |customer: Option<&str>| {
            self.to.as_ref().is_none_or(|tag| customer.is_some_and(|customer| brings(store, customer, tag)))
        };
        let rows = rows.filter(|row| is_meant(row.customer.as_deref()));
        let tags = store.control().tags()?;
        let has_tag = |tenant: &TenantId| {
            self.tag.as_ref().is_none_or(|tag| tags.get(tenant).is_some_and(|its| its.contains(tag)))
        };
        let rows = rows.filter(|row| has_tag(&row.tenant));
        let mut tenants: Vec<_> = rows.map(|row| row.tenant).collect();
        tenants.retain(|tenant| only.is_none_or(|only| only.is_match(tenant.as_str())));
        match &self.tenants {
            Some(pattern) if tenants.is_empty() => Err(Failure::usage(format!("no tenant is like {pattern}"))),
            None if tenants.is_empty() && self.tag.is_some() => {
                Err(Failure::usage(format!("no tenant has the tag {}", self.tag.as_deref().unwrap_or_default())))
            }
            _ => Ok(tenants),
        }
    }

    /// Those that are behind. A tenant of which that cannot be told has failed.
    fn look(&self, store: &Store, tenants: &[TenantId], report: &mut Report) -> Vec<Left> {
        let mut behind = Vec::new();
        for_each_tenant(
            tenants,
            self.jobs,
            |tenant| store.structure(tenant),
            |tenant, found| {
                match found {
                    Ok(Structure::None | Structure::Current) => report.up_to_date += 1,
                    Ok(Structure::Behind(Behind { structure, mut steps })) => {
                        self.cut(&mut steps);
                        match steps.is_empty() {
                            true => report.up_to_date += 1,
                            false => behind.push(Left { tenant: tenant.clone(), structure, steps }),
                        }
                    }
                    Err(error) => report.failed.push(failed(tenant, &error)),
                }
                ControlFlow::Continue(())
            },
        );
        behind.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        behind
    }

    /// Leaves out what stands behind the last step that is asked for.
    fn cut(&self, steps: &mut Vec<String>) {
        let Some(to) = &self.to else { return };
        let is_last = |step: &String| step.split_once('/').is_some_and(|(owner, tag)| owner != "core" && tag == to);
        match steps.iter().position(is_last) {
            Some(last) => steps.truncate(last + 1),
            // It is done, and so is what stands before it.
            None => steps.retain(|step| step.starts_with("core/")),
        }
    }

    /// Brings these up to date, until more than a share of all that were behind have failed. `later` are not begun here.
    fn migrate(
        &self,
        run: &mut Run<'_>,
        behind: Vec<Left>,
        share: f64,
        later: usize,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let names: Vec<TenantId> = behind.iter().map(|it| it.tenant.clone()).collect();
        let mut untouched: std::collections::BTreeMap<_, _> =
            behind.into_iter().map(|it| (it.tenant.clone(), it)).collect();
        let all = report.migrated + untouched.len() + later;
        let store = run.store;
        let (mut failures, mut told_at, mut noted) = (0_u32, Instant::now(), Ok(()));
        #[expect(clippy::cast_precision_loss, reason = "a share of tenants")]
        let failures_max = share * all as f64;
        for_each_tenant(
            &names,
            self.jobs,
            |tenant| {
                let begun = Instant::now();
                (store.bring_up_to_date(tenant, self.to.as_deref()), begun.elapsed())
            },
            |tenant, (done, took)| {
                let Some(Left { structure, steps, .. }) = untouched.remove(tenant) else {
                    return ControlFlow::Continue(());
                };
                let error = done.err().map(|error| failed(tenant, &error));
                match &error {
                    None => report.migrated += 1,
                    Some(_) => failures += 1,
                }
                run.outcomes.push(OutcomeRow {
                    tenant: tenant.clone(),
                    structure: Some(structure),
                    steps,
                    took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
                    error: error.as_ref().map(|failed| failed.error.clone()),
                });
                report.failed.extend(error);
                if told_at.elapsed() >= TELL_INTERVAL {
                    told_at = Instant::now();
                    terminal::progress(&format!("{} of {all} migrated, {failures} failed", report.migrated));
                    noted = run.note(RunState::Running, report.counts(untouched.len() + later));
                }
                let is_over = f64::from(failures) > failures_max || noted.is_err();
                if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        report.left.extend(untouched.into_values());
        Ok(noted?)
    }

    fn tell(&self, report: &Report) -> Result<(), Failure> {
        if self.json {
            terminal::line(&serde_json::to_string_pretty(report)?);
        } else {
            let Report { structure, checked, up_to_date, migrated, failed, left, seconds, .. } = report;
            terminal::line(&format!(
                "structure {structure}: {checked} tenants, {up_to_date} were up to date, {migrated} migrated, {} failed, {} left ({seconds:.1} s)",
                failed.len(),
                left.len()
            ));
            let of_left = left
                .iter()
                .map(|it| vec![it.tenant.to_string(), format!("behind, at {}: {}", it.structure, it.steps.join(", "))]);
            let of_failed = failed.iter().map(|it| vec![it.tenant.to_string(), it.error.clone()]);
            let rows: Vec<_> = of_failed.chain(of_left).collect();
            if !rows.is_empty() {
                terminal::out(&terminal::table(&["tenant", "what"], &rows));
            }
        }
        match report.failed.len() + report.left.len() {
            0 => Ok(()),
            _ if report.is_dry_run && report.failed.is_empty() => Ok(()),
            count => Err(Failure::new(format!("{count} of {} tenants are not up to date", report.checked))),
        }
    }
}

/// The run as the control database has it.
struct Run<'s> {
    store: &'s Store,
    id: String,
    /// What is not written down yet.
    outcomes: Vec<OutcomeRow>,
}

impl Run<'_> {
    fn note(&mut self, state: RunState, counts: RunCounts) -> Result<(), StoreError> {
        self.store.control().note_run(&self.id, state, counts, &self.outcomes)?;
        self.outcomes.clear();
        Ok(())
    }

    fn end(&mut self, report: &Report) -> Result<(), StoreError> {
        let is_done = report.failed.is_empty() && report.left.is_empty();
        let state = if is_done { RunState::Succeeded } else { RunState::Failed };
        self.note(state, report.counts(report.left.len()))
    }
}

impl Report {
    fn counts(&self, remaining: usize) -> RunCounts {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        RunCounts {
            checked: count(self.checked),
            up_to_date: count(self.up_to_date),
            migrated: count(self.migrated),
            failed: count(self.failed.len()),
            remaining: count(remaining),
        }
    }
}

impl Failed {
    /// Of one that could not be looked at.
    fn outcome(&self) -> OutcomeRow {
        let error = Some(self.error.clone());
        OutcomeRow { tenant: self.tenant.clone(), structure: None, steps: Vec::new(), took_ms: 0, error }
    }
}

/// Says who is in the way rather than that a lock is held.
fn busy_first(error: StoreError) -> Failure {
    match std::error::Error::source(&error) {
        Some(reason) if error.kind() == StoreErrorKind::Busy => Failure::new(reason),
        _ => error.into(),
    }
}

fn failed(tenant: &TenantId, error: &StoreError) -> Failed {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    Failed { tenant: tenant.clone(), error: text }
}

/// Whether a customer's update file has a step.
fn brings(store: &Store, customer: &str, tag: &str) -> bool {
    store.updates().get(customer).is_some_and(|updates| updates.steps().iter().any(|step| step.tag() == tag))
}

/// What names are like a pattern.
fn pattern(text: Option<&str>) -> Result<Option<Regex>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let escaped = regex::escape(text).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^{escaped}$")).map(Some).map_err(Failure::usage)
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_pattern_is_like_whole_names() {
        for (text, name, expected) in [
            ("shop-*", "shop-1", true),
            ("shop-*", "shop-", true),
            ("shop-*", "my-shop-1", false),
            ("shop-?", "shop-12", false),
            ("shop-?", "shop-1", true),
            ("*", "anything", true),
            ("a.c", "abc", false),
            ("", "a", false),
        ] {
            assert_eq!(pattern(Some(text)).unwrap().unwrap().is_match(name), expected, "{text} {name}");
        }
        assert!(pattern(None).unwrap().is_none());
    }
}
