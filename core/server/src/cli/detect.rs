//! `plugpoint detect`: what documents are, and what an import would make of them. Nothing is stored and no server is needed.
//!
//! Format, version and encoding come from the first 64 KiB; the figures from reading the document once, as an import would, in
//! memory that does not grow with it. `--head` stops after the first part.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use plugpoint_kernel::TenantPlan;
use plugpoint_sdk::detect::{Detected, DetectedEncoding, HEAD_BYTES_MAX, Head, recognise};
use plugpoint_sdk::points::catalog_format::AUTO;
use plugpoint_sdk::points::item_rule::ItemRule;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::trial::{Rules, Sample, Tally};
use serde_json::{Value, json};

use super::{Common, Failure};
use crate::{customers, terminal};

/// Bytes that are read in one go.
const CHUNK_BYTES: usize = 256 << 10;

/// Tell what documents are: format, version, encoding and why; and what an import would make of them. Nothing is stored.
///
/// Exit code 0 if every document was recognised and read to its end, 1 if not.
///
/// Examples:
///   plugpoint detect catalog.xml
///   plugpoint detect --head --json incoming/*
///   plugpoint detect supplier.csv --profile profile.toml
///   zcat catalog.xml.gz | plugpoint detect -
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Detect {
    /// The documents; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Look at the beginning only: no records are counted.
    #[arg(long)]
    head: bool,
    /// Read as a tenant with this profile would. Without it every format is tried, and prices without a currency are findings.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Read as a tenant of this customer would.
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// The content type's charset, as a sender would state it.
    #[arg(long, value_name = "NAME")]
    charset: Option<String>,
    /// Print one JSON object for each document, a line each.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// What there is to say about one document.
struct Report {
    file: String,
    encoding: DetectedEncoding,
    recognised: Option<(String, Detected)>,
    tally: Option<Tally>,
    seconds: f64,
}

impl Detect {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (plan, profile) = self.plan()?;
        let mut failed = 0;
        for file in &self.files {
            let report = self.report(file, &plan, &profile);
            let report = match report {
                Ok(report) => report,
                Err(error) => {
                    terminal::error(&format!("{}: {error}", file.display()));
                    failed += 1;
                    continue;
                }
            };
            failed += usize::from(!report.is_good());
            if self.json { terminal::line(&report.json().to_string()) } else { terminal::out(&report.text()) }
        }
        match failed {
            0 => Ok(()),
            _ => Err(Failure::new(format!("{failed} of {} documents cannot be imported whole", self.files.len()))),
        }
    }

    fn plan(&self) -> Result<(TenantPlan, Profile), Failure> {
        let plans = customers::plans(&super::config::load(&self.common)?, &self.common.data_dir, &terminal::error)?;
        let text = match &self.profile {
            Some(file) => {
                std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?
            }
            None => format!("[catalog]\ntransformer = \"{AUTO}\"\n"),
        };
        let profile = plans.profile(self.customer.as_deref(), &text)?;
        Ok((plans.for_tenant(self.customer.as_deref(), &profile)?, profile))
    }

    fn report(&self, path: &Path, plan: &TenantPlan, profile: &Profile) -> io::Result<Report> {
        let is_stdin = path.as_os_str() == "-";
        let mut source: Box<dyn BufRead> = match is_stdin {
            true => Box::new(io::stdin().lock()),
            false => Box::new(BufReader::with_capacity(CHUNK_BYTES, File::open(path)?)),
        };
        let started = Instant::now();
        let mut bytes = Vec::new();
        (&mut source).take(HEAD_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_whole = bytes.len() <= HEAD_BYTES_MAX;
        let head = Head::new(&bytes, is_whole, "", self.charset.as_deref()).named(name);
        let recognised = recognise(&plan.formats, &head).map(|(known, detected)| (known.key.to_string(), detected));
        let encoding = head.encoding().clone();
        let is_read = !self.head && (recognised.is_some() || self.profile.is_some() || self.customer.is_some());
        let tally = is_read.then(|| {
            let (decoded, validated) = (calls(&plan.rules_decoded), calls(&plan.rules_validated));
            let rules = Rules { decoded: &decoded, validated: &validated };
            let sample = Sample { bytes: &[], media_type: "", charset: self.charset.as_deref(), profile };
            let mut whole = Cursor::new(&bytes).chain(source);
            Tally::of_plan(&*plan.transformer.call, rules, &plan.formats, &sample, &mut whole)
        });
        let seconds = started.elapsed().as_secs_f64();
        let file = if is_stdin { "-".to_owned() } else { path.display().to_string() };
        Ok(Report { file, encoding, recognised, tally, seconds })
    }
}

fn calls(rules: &[plugpoint_kernel::Hook<dyn ItemRule>]) -> Vec<&dyn ItemRule> {
    rules.iter().map(|rule| &*rule.call).collect()
}

impl Report {
    fn is_good(&self) -> bool {
        self.recognised.is_some() && self.tally.as_ref().is_none_or(|tally| tally.error.is_none())
    }

    fn json(&self) -> Value {
        let recognised = self.recognised.as_ref();
        json!({
            "file": self.file,
            "format": recognised.map(|(key, _)| key),
            "version": recognised.map(|(_, detected)| &detected.version),
            "why": recognised.map(|(_, detected)| &detected.why),
            "certain": recognised.map(|(_, detected)| detected.is_certain),
            "encoding": { "name": self.encoding.name, "why": self.encoding.why },
            "reading": self.tally,
            "seconds": self.seconds,
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.file);
        let mut line = |name: &str, what: String| text.push_str(&format!("  {name:<9} {what}\n"));
        match &self.recognised {
            Some((key, Detected { version, why, is_certain })) => {
                let doubt = if *is_certain { "" } else { " (likely)" };
                line("format", format!("{version} [{key}]{doubt}: {why}"));
            }
            None => line("format", "unknown".to_owned()),
        }
        line("encoding", format!("{}: {}", self.encoding.name, self.encoding.why));
        let Some(tally) = &self.tally else { return text };
        if let Some(mode) = tally.mode {
            line("mode", mode.as_str().to_owned());
        }
        line("records", format!("{}: {} accepted, {} rejected", tally.records, tally.accepted, tally.rejected));
        for (code, count) in &tally.findings {
            line("finding", format!("{code} {count}"));
        }
        for (path, count) in &tally.unmapped {
            line("unmapped", format!("{path} {count}"));
        }
        if let Some((code, detail)) = &tally.error {
            line("error", format!("{code}: {detail}"));
        }
        text
    }
}
