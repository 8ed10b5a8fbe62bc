//! `plugpoint pull`: fetch a document from a service that a tenant's profile names, keep it, import it.
//!
//! It works beside a running server on the same data folder and without one: it imports its own document and no other. What goes
//! wrong before the document is on disk leaves nothing; after that, a server finishes what this command does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use clap::Args;
use plugpoint_config::LogFilter;
use plugpoint_http::Platform;
use plugpoint_plugin_catalog::import::desk::{CatalogService, ServiceDesk};
use plugpoint_plugin_catalog::import::workers::Workers;
use plugpoint_plugin_catalog::pull::{PullProgress, PullRequest, PulledDocument, Surroundings};
use plugpoint_sdk::desk::{ImportDesk, ImportStatus, ImportView};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportMode, TenantId};
use plugpoint_sdk::profile::SourceProfile;
use serde_json::{Value, json};

use super::{Common, Failure};
use crate::{assembly, interrupt, logging, terminal};

/// How often a line of progress is printed.
const TELL_INTERVAL: Duration = Duration::from_secs(1);
/// How long one look at the import waits for its end.
const LOOK_WAIT: Duration = Duration::from_millis(200);

/// Fetch a document from a service that a tenant's profile names ([sources.NAME]), and import it. The document is kept like any
/// other: it can be replayed. Exit code 1 when the service or the import failed.
///
/// Examples:
///   plugpoint pull --tenant acme --list
///   PLUGPOINT_SOURCE_SHOP=... plugpoint pull --tenant acme shop --data-dir ./data
///   plugpoint pull --tenant acme shop --catalog trial --mode merge --json
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Pull {
    /// The tenant.
    #[arg(long, value_name = "T")]
    tenant: String,
    /// The source's name in the tenant's profile.
    #[arg(value_name = "SOURCE", required_unless_present = "list")]
    source: Option<String>,
    /// Import into this catalog instead of the profile's.
    #[arg(long, value_name = "C")]
    catalog: Option<CatalogId>,
    /// Import in this mode instead of the profile's: replace, merge or delete.
    #[arg(long, value_name = "M")]
    mode: Option<ImportMode>,
    /// List the tenant's sources.
    #[arg(long, conflicts_with_all = ["source", "catalog", "mode"])]
    list: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl Pull {
    pub(super) fn run(self) -> Result<(), Failure> {
        let tenant: TenantId = self.tenant.parse().map_err(Failure::usage)?;
        let mut config = super::config::load(&self.common)?;
        config.log.level = LogFilter::WARN;
        logging::start(&config.log);
        let (platform, service) = assembly::beside(config, &self.common.data_dir)?;
        if self.list {
            return list(&platform, &tenant, self.json);
        }
        let (source, catalog, mode) = (self.source.unwrap_or_default(), self.catalog, self.mode);
        let request = PullRequest { tenant, source, catalog, mode, idempotency_key: None };
        let outcome = pull(&service, &request);
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&told(&request, &outcome))?);
        }
        outcome.failure(&request, !self.json)
    }
}

/// How it ended.
enum Outcome {
    /// No document came.
    NotPulled(ApiError, bool),
    /// The import has ended.
    Imported(PulledDocument, Box<ImportView>),
    /// The document is safe, its import is left to a server.
    Left(PulledDocument),
}

fn pull(service: &Arc<CatalogService>, request: &PullRequest) -> Outcome {
    let interrupted = match interrupt::flag() {
        Ok(flag) => flag,
        Err(error) => {
            let error =
                ApiError::new(&plugpoint_sdk::codes::INTERNAL, "the system gives no signal handlers").caused_by(error);
            return Outcome::NotPulled(error, false);
        }
    };
    let mut told_at = Instant::now();
    let mut watch = |progress: PullProgress| {
        if told_at.elapsed() >= TELL_INTERVAL {
            told_at = Instant::now();
            terminal::progress(&format!("{}: {progress}, {} kB", request.source, progress.bytes / 1024));
        }
    };
    let mut around = Surroundings {
        secret: &|name| std::env::var(name).ok(),
        is_interrupted: &|| interrupted.load(Relaxed),
        watch: &mut watch,
    };
    match request.run(service, &mut around) {
        Ok(pulled) => imported(service, request, pulled, &interrupted),
        Err(error) => Outcome::NotPulled(error, interrupted.load(Relaxed)),
    }
}

/// Imports what was pulled, and follows it to its end.
fn imported(
    service: &Arc<CatalogService>,
    request: &PullRequest,
    pulled: PulledDocument,
    interrupted: &AtomicBool,
) -> Outcome {
    terminal::progress(&format!("{}: {}; importing", request.source, pulled.progress));
    let Ok(workers) = Workers::one(service) else { return Outcome::Left(pulled) };
    let desk = ServiceDesk(Arc::clone(service));
    let mut told_at = Instant::now();
    let ended = loop {
        match desk.import(&request.tenant, pulled.import, LOOK_WAIT) {
            Ok(view) if matches!(view.status, ImportStatus::Succeeded | ImportStatus::Failed) => break Some(view),
            Ok(view) if told_at.elapsed() >= TELL_INTERVAL => {
                told_at = Instant::now();
                terminal::progress(&format!("import {}: {} records", pulled.import, view.counts.read));
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "what became of the import cannot be told");
                break None;
            }
        }
        if interrupted.load(Relaxed) {
            break None;
        }
    };
    workers.stop();
    match ended {
        Some(view) => Outcome::Imported(pulled, Box::new(view)),
        None => Outcome::Left(pulled),
    }
}

impl Outcome {
    /// Prints what there is to print for people, and says whether the command failed.
    fn failure(self, request: &PullRequest, is_told: bool) -> Result<(), Failure> {
        match self {
            Self::NotPulled(error, true) => Err(Failure::interrupted(error)),
            Self::NotPulled(error, false) => Err(Failure::from(error)),
            Self::Left(pulled) => Err(Failure::interrupted(format!(
                "the document is kept as import {} and not imported yet; the next start of a server does it",
                pulled.import
            ))),
            Self::Imported(pulled, view) => {
                if is_told {
                    terminal::out(&summary(request, &pulled, &view));
                }
                match view.error {
                    Some((code, detail)) => Err(Failure::new(format!("import {} failed: {code}: {detail}", view.id))),
                    None => Ok(()),
                }
            }
        }
    }
}

fn summary(request: &PullRequest, pulled: &PulledDocument, view: &ImportView) -> String {
    let status = if view.status == ImportStatus::Succeeded { "succeeded" } else { "failed" };
    let counts = &view.counts;
    format!(
        "source    {} ({}, {} bytes)\nimport    {} into {} ({}): {status}\nrecords   {} read, {} accepted, {} rejected\n\
         items     {} added, {} changed, {} unchanged, {} removed\nfindings  {}\n",
        request.source,
        pulled.progress,
        pulled.progress.bytes,
        pulled.import,
        pulled.catalog,
        pulled.mode.as_str(),
        counts.read,
        counts.accepted,
        counts.rejected,
        counts.added,
        counts.changed,
        counts.unchanged,
        counts.removed,
        view.findings_count
    )
}

/// The outcome for programs.
fn told(request: &PullRequest, outcome: &Outcome) -> Value {
    let mut told = json!({"tenant": request.tenant, "source": request.source});
    let error = |code: &str, detail: &str| json!({"code": code, "detail": detail});
    let (pulled, view) = match outcome {
        Outcome::NotPulled(failure, _) => {
            told["status"] = json!("not_pulled");
            told["error"] = error(failure.code.name, &failure.detail);
            return told;
        }
        Outcome::Left(pulled) => (pulled, None),
        Outcome::Imported(pulled, view) => (pulled, Some(view)),
    };
    told["import"] = json!(pulled.import);
    told["catalog"] = json!(pulled.catalog);
    told["mode"] = json!(pulled.mode);
    told["pulled"] = json!({"records": pulled.progress.done, "bytes": pulled.progress.bytes});
    told["status"] = view.map_or(json!("queued"), |view| json!(view.status));
    if let Some(view) = view {
        told["counts"] = json!(view.counts);
        told["findings"] = json!(view.findings_count);
        told["error"] = view.error.as_ref().map_or(Value::Null, |(code, detail)| error(code, detail));
    }
    told
}

fn list(platform: &Platform, tenant: &TenantId, is_json: bool) -> Result<(), Failure> {
    let runtime = platform.tenant(tenant)?;
    let sources = &runtime.profile.sources;
    let is_set =
        |source: &SourceProfile| source.secret_env.as_ref().is_some_and(|name| std::env::var_os(name).is_some());
    if is_json {
        let entry = |(name, source): (&String, &SourceProfile)| {
            json!({"name": name, "kind": source.kind, "url": source.url, "user": source.user, "secret_env": source.secret_env,
                "secret_is_set": is_set(source), "catalog": source.catalog, "mode": source.mode})
        };
        let list: Vec<_> = sources.iter().map(entry).collect();
        terminal::line(&serde_json::to_string_pretty(&json!({ "sources": list }))?);
        return Ok(());
    }
    if sources.is_empty() {
        terminal::line(&format!("tenant {tenant} has no sources; its profile names them under [sources.NAME]"));
        return Ok(());
    }
    let cells = |(name, source): (&String, &SourceProfile)| {
        let secret = match (&source.secret_env, is_set(source)) {
            (None, _) => "-".to_owned(),
            (Some(name), true) => format!("{name} (set)"),
            (Some(name), false) => format!("{name} (not set)"),
        };
        let (user, mode) = (source.user.clone().unwrap_or_else(|| "-".to_owned()), source.mode.as_str().to_owned());
        vec![name.clone(), source.kind.clone(), source.url.clone(), user, secret, source.catalog.clone(), mode]
    };
    let rows: Vec<_> = sources.iter().map(cells).collect();
    terminal::out(&terminal::table(&["source", "kind", "url", "user", "secret", "catalog", "mode"], &rows));
    Ok(())
}
