//! `plugpoint record`: a kept import as a case folder for a customer crate's tests, secrets removed.
//!
//! It reads the data folder and writes one new folder; a running server is not disturbed. What it takes for a secret is said in
//! `plugpoint_sdk::trial::redacted`, and told line by line.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use plugpoint_kernel::{Hook, TenantPlan};
use plugpoint_plugin_catalog::import::kept::Kept;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_sdk::points::item_rule::ItemRule;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::trial::{self, Outcome, Redaction, Rules, Sample};
use plugpoint_store::Store;

use super::{Common, Failure};
use crate::{customers, terminal};

/// A case that nobody can read is no case; this is far above what one should be.
const CASE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Make a test case of a kept import: its document with secrets removed, the tenant's profile, and what today's plan makes of it.
///
/// Example:
///   plugpoint record --import 0198c0de-... --into acme/tests/cases/broken_price --max-records 5 --data-dir ./data
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Record {
    /// The import's id.
    #[arg(long, value_name = "ID")]
    import: String,
    /// Whose import it is; without it every tenant's are searched.
    #[arg(long, value_name = "T")]
    tenant: Option<String>,
    /// The case's folder. It is made, and must not be there.
    #[arg(long, value_name = "CASE_DIR")]
    into: PathBuf,
    /// Keep only so many records: the first ones, and the document's last.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_records: Option<u64>,
    #[command(flatten)]
    common: Common,
}

impl Record {
    pub(super) fn run(self) -> Result<(), Failure> {
        let id: ImportId = self.import.parse().map_err(Failure::usage)?;
        let tenant: Option<TenantId> = self.tenant.as_deref().map(str::parse).transpose().map_err(Failure::usage)?;
        let store = self.common.store()?;
        let kept = Kept::find(&store, tenant.as_ref(), id)?;
        if kept.bytes > CASE_BYTES_MAX {
            return Err(Failure::new(format!(
                "the document has {} bytes; a case has {CASE_BYTES_MAX} at most",
                kept.bytes
            )));
        }
        let (plan, profile) = self.plan_of(&store, &kept.tenant)?;
        let (mut bytes, redactions) = trial::redacted(&fs::read(&kept.file)?);
        if let Some(records) = self.max_records {
            let starts = outcome(&plan, &profile, &kept, &bytes).starts;
            bytes = trial::shortened(&bytes, &starts, usize::try_from(records)?).ok_or_else(|| {
                Failure::new("the document cannot be cut into its records; record it without --max-records")
            })?;
        }
        let outcome = outcome(&plan, &profile, &kept, &bytes);
        self.write(&kept, &profile, &bytes, &format!("{:#}\n", outcome.to_json()))?;
        self.tell(&outcome, &redactions);
        Ok(())
    }

    fn plan_of(&self, store: &Store, tenant: &TenantId) -> Result<(TenantPlan, Profile), Failure> {
        let row = store.control().tenant(tenant)?;
        let row = row.ok_or_else(|| Failure::new(format!("there is no tenant {tenant}")))?;
        let plans = customers::plans(&super::config::load(&self.common)?, &self.common.data_dir, &terminal::error)?;
        let profile = plans.profile(row.customer.as_deref(), &row.profile_toml)?;
        Ok((plans.for_tenant(row.customer.as_deref(), &profile)?, profile))
    }

    fn write(&self, kept: &Kept, profile: &Profile, bytes: &[u8], expected: &str) -> Result<(), Failure> {
        let into = &self.into;
        if let Some(parent) = into.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::create_dir(into)
            .map_err(|error| Failure::usage(format!("{}: {error}; nothing was changed", into.display())))?;
        let put = |name: &str, bytes: &[u8]| {
            fs::write(into.join(name), bytes)
                .map_err(|error| Failure::new(format!("{}: {error}", into.join(name).display())))
        };
        let extension = extension_of(&kept.media_type);
        put(&format!("in.{}", extension.unwrap_or("bin")), bytes)?;
        put("profile.toml", profile_toml(profile)?.as_bytes())?;
        put("expected.json", expected.as_bytes())?;
        match sent(kept, extension.is_some()) {
            text if text.is_empty() => Ok(()),
            text => put("case.toml", text.as_bytes()),
        }
    }

    fn tell(&self, outcome: &Outcome, redactions: &[Redaction]) {
        let folder: &Path = &self.into;
        terminal::line(&format!(
            "{}: {} records, {} items, {} findings",
            folder.display(),
            outcome.records,
            outcome.items.len(),
            outcome.findings.len()
        ));
        for Redaction { what, line, now } in redactions {
            terminal::line(&format!("  line {line}: {what}: {now}"));
        }
        let count = redactions.len();
        terminal::line(&format!(
            "{count} values were replaced, by their lines in the kept document. Read the case before you commit it."
        ));
    }
}

fn outcome(plan: &TenantPlan, profile: &Profile, kept: &Kept, bytes: &[u8]) -> Outcome {
    let transformer = if kept.is_canonical { &plan.canonical } else { &plan.transformer };
    let (decoded, validated) = (calls(&plan.rules_decoded), calls(&plan.rules_validated));
    let sample = Sample { bytes, media_type: &kept.media_type, charset: kept.charset.as_deref(), profile };
    let rules = Rules { decoded: &decoded, validated: &validated };
    Outcome::of_plan(&*transformer.call, rules, &plan.formats, &sample, &mut &*bytes)
}

fn calls(hooks: &[Hook<dyn ItemRule>]) -> Vec<&dyn ItemRule> {
    hooks.iter().map(|hook| &*hook.call).collect()
}

/// What a case folder tells from a file's name.
fn extension_of(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "application/xml" | "text/xml" => "xml",
        "application/json" => "json",
        "application/x-ndjson" => "ndjson",
        "text/csv" => "csv",
        _ => return None,
    })
}

/// What a file's name does not tell.
fn sent(kept: &Kept, has_extension: bool) -> String {
    let mut text = String::new();
    if !has_extension || kept.media_type == "text/xml" {
        text += &format!("media_type = {:?}\n", kept.media_type);
    }
    if let Some(charset) = &kept.charset {
        text += &format!("charset = {charset:?}\n");
    }
    if kept.is_canonical {
        text += "canonical = true\n";
    }
    text
}

/// The effective profile, as one that says everything.
fn profile_toml(profile: &Profile) -> Result<String, Failure> {
    let table = profile.to_toml()?;
    Ok(format!("# The tenant's effective profile when this case was recorded.\n\n{table}"))
}
