//! `plugpoint export`: write a catalog in a format that others read, with what the format cannot carry.
//!
//! It works beside a running server on the same data folder and without one: it reads one state of the catalog and changes nothing.
//! A file is there when it is whole, or not at all.

use std::fs::Permissions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use clap::Args;
use plugpoint_config::LogFilter;
use plugpoint_plugin_catalog::export::Export as Run;
use plugpoint_sdk::export::ExportReport;
use plugpoint_sdk::model::{CatalogId, TenantId};
use tempfile::NamedTempFile;

use super::{Common, Failure};
use crate::{assembly, interrupt, logging, terminal};

/// Losses that are listed for people; programs get all of them.
const LOSSES_TOLD_MAX: usize = 20;

/// Write a catalog in a format that others read: ndjson, csv, canonical-xml, bmecat2005, onix3, or another of the tenant's extension plan. What
/// the format cannot carry is told on standard error. Importing the document again changes nothing else.
///
/// Examples:
///   plugpoint export --tenant acme --catalog spring --format csv --output spring.csv --data-dir ./data
///   plugpoint export --tenant acme --catalog spring --format ndjson | gzip > spring.ndjson.gz
///   plugpoint export --tenant acme --catalog spring --format bmecat2005 --output spring.xml --json
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Export {
    /// The tenant.
    #[arg(long, value_name = "T")]
    tenant: TenantId,
    /// The catalog.
    #[arg(long, value_name = "C")]
    catalog: CatalogId,
    /// The format.
    #[arg(long, value_name = "F")]
    format: String,
    /// Write to this file instead of standard output. One that is there is replaced once the export is whole.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl Export {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut config = super::config::load(&self.common)?;
        config.log.level = LogFilter::WARN;
        logging::start(&config.log);
        let (platform, _) = assembly::beside(config, &self.common.data_dir)?;
        let runtime = platform.tenant(&self.tenant)?;
        let interrupted = interrupt::flag()?;
        let mut run = Run::start(&runtime, platform.config(), &self.catalog, &self.format)?;
        match &self.output {
            Some(path) => into_file(&mut run, path, &interrupted)?,
            None => into(&mut run, &interrupted, &mut |piece| {
                terminal::raw(piece);
                Ok(())
            })?,
        }
        let report = run.report().ok_or_else(|| Failure::new("the export has no report"))?;
        let text = if self.json { serde_json::to_string_pretty(report)? + "\n" } else { told(report) };
        match &self.output {
            Some(_) if self.json => terminal::out(&text),
            _ => terminal::aside(&text),
        }
        Ok(())
    }
}

/// Hands on all pieces.
fn into(
    run: &mut Run,
    interrupted: &AtomicBool,
    take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(), Failure> {
    loop {
        let piece = run.next_piece(&|| !interrupted.load(Relaxed));
        if interrupted.load(Relaxed) {
            return Err(Failure::interrupted("the export was interrupted"));
        }
        let Some(piece) = piece? else { return Ok(()) };
        take(&piece)?;
    }
}

/// Writes beside the file first, so that nobody ever finds half of it under its name.
fn into_file(run: &mut Run, path: &Path, interrupted: &AtomicBool) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let named =
        tempfile::Builder::new().prefix(".export-").permissions(Permissions::from_mode(0o666)).tempfile_in(folder);
    let mut file = BufWriter::new(named.map_err(failed)?);
    into(run, interrupted, &mut |piece| file.write_all(piece))?;
    let file: NamedTempFile = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The report for people.
fn told(report: &ExportReport) -> String {
    let ExportReport { format, catalog, written, left_out, .. } = report;
    let mut text = format!("exported  {written} items of catalog {catalog} as {format}\n");
    if let Some(first) = &report.first_left_out {
        text += &format!("left out  {left_out} items that {format} cannot carry, the first is {first}\n");
    }
    for loss in report.losses.iter().take(LOSSES_TOLD_MAX) {
        text += &format!("lost      {} of {} items, the first is {}\n", loss.path, loss.items, loss.first_sku);
    }
    if let Some(more) = report.losses.len().checked_sub(LOSSES_TOLD_MAX).filter(|more| *more > 0) {
        text += &format!("lost      {more} further places; --json lists them\n");
    }
    text
}
