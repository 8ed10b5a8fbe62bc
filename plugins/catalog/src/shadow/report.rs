//! What a shadow run has found, as data: printed as a table, written as JSON, held against a tolerance.

use std::collections::BTreeMap;
use std::fmt;

use plugpoint_sdk::desk::{ImportCounts, ImportStatus};
use plugpoint_sdk::model::{ImportId, TenantId};
use serde::{Deserialize, Serialize};

use super::Side;

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShadowReport {
    /// The tenant.
    pub tenant: String,
    /// What serves it.
    pub today: SideReport,
    /// What might.
    pub candidate: SideReport,
    /// Each replayed document, oldest first.
    pub replays: Vec<Replay>,
    /// The catalogs afterwards.
    pub items: ItemDiff,
    /// Items that differ for every record that was read, 0 to 1.
    pub share: f64,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideReport {
    /// Its name.
    pub name: String,
    /// Its plan's hash.
    pub plan: String,
}

/// One document, twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// The import that brought it.
    pub import: ImportId,
    /// Its catalog.
    pub catalog: String,
    /// Its size.
    pub bytes: u64,
    /// By today's plan.
    pub today: Outcome,
    /// By the candidate's.
    pub candidate: Outcome,
}

/// How one side did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether it would have been committed.
    pub status: ImportStatus,
    /// Its counts.
    pub counts: ImportCounts,
    /// Wall time.
    pub seconds: f64,
    /// Findings by code, of those that are kept.
    pub findings: BTreeMap<String, u64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

/// How the items of the two sides compare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemDiff {
    /// Items that both have, the same to the last byte.
    pub equal: u64,
    /// Items that both have, not the same.
    pub changed: u64,
    /// Items that only today's plan brings.
    pub only_today: u64,
    /// Items that only the candidate brings.
    pub only_candidate: u64,
    /// What differs in those that changed, most frequent first.
    pub fields: Vec<FieldDiff>,
    /// A few of the items that only one side has, as `-SKU` (today's) or `+SKU` (the candidate's).
    pub one_sided: Vec<String>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDiff {
    /// Its JSON pointer; `*` stands for any place in a list.
    pub path: String,
    /// Items in which it differs.
    pub items: u64,
    /// A few of them.
    pub samples: Vec<Sample>,
}

/// One item's field on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The item.
    pub sku: String,
    /// The value as JSON, shortened; none where it is absent.
    pub today: Option<String>,
    /// The value as JSON, shortened; none where it is absent.
    pub candidate: Option<String>,
}

impl ItemDiff {
    /// Items that are not the same on both sides.
    #[must_use]
    pub fn differing(&self) -> u64 {
        self.changed + self.only_today + self.only_candidate
    }
}

impl ShadowReport {
    pub(super) fn new(tenant: &TenantId, sides: [&Side; 2], replays: Vec<Replay>, items: ItemDiff) -> Self {
        let [today, candidate] =
            sides.map(|side| SideReport { name: side.name.clone(), plan: side.plan.report.hash.clone() });
        let read: u64 = replays.iter().map(|replay| replay.today.counts.read.max(replay.candidate.counts.read)).sum();
        let share = share(items.differing(), read);
        Self { tenant: tenant.to_string(), today, candidate, replays, items, share }
    }

    /// Whether the candidate does as today's plan does: no document fares otherwise, and no more items differ than tolerated.
    #[must_use]
    pub fn is_within(&self, tolerated_share: f64) -> bool {
        let is_same_fate = |replay: &Replay| replay.today.status == replay.candidate.status;
        self.share <= tolerated_share && self.replays.iter().all(is_same_fate)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more than 52 bits")]
fn share(differing: u64, read: u64) -> f64 {
    if differing == 0 { 0.0 } else { differing as f64 / read.max(differing) as f64 }
}

/// For a person at a terminal.
impl fmt::Display for ShadowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, today, candidate, replays, items, share } = self;
        writeln!(
            f,
            "tenant {tenant}: today {} (plan {}), candidate {} (plan {})\n",
            today.name, today.plan, candidate.name, candidate.plan
        )?;
        for replay in replays {
            writeln!(f, "import {} into {} ({} bytes)", replay.import, replay.catalog, replay.bytes)?;
            for (name, side) in [("today", &replay.today), ("candidate", &replay.candidate)] {
                let ImportCounts { read, accepted, rejected, .. } = side.counts;
                let findings: u64 = side.findings.values().sum();
                let status = if side.status == ImportStatus::Succeeded { "succeeded" } else { "failed" };
                writeln!(
                    f,
                    "  {name:9}  {status:9}  {read:>8} read  {accepted:>8} accepted  {rejected:>6} rejected  {findings:>6} findings  {:>8.3} s",
                    side.seconds
                )?;
                if let Some(error) = &side.error {
                    writeln!(f, "             {error}")?;
                }
            }
            for (code, was, is) in changed_findings(replay) {
                writeln!(f, "             findings {code}: {was} -> {is}")?;
            }
        }
        let ItemDiff { equal, changed, only_today, only_candidate, .. } = items;
        writeln!(
            f,
            "\nitems: {equal} equal, {changed} changed, {only_today} only today, {only_candidate} only the candidate"
        )?;
        for field in &items.fields {
            writeln!(f, "  {:>8} items  {}", field.items, field.path)?;
            for Sample { sku, today, candidate } in &field.samples {
                let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(absent)".to_owned());
                writeln!(f, "                  {sku}: {} -> {}", shown(today), shown(candidate))?;
            }
        }
        if !items.one_sided.is_empty() {
            writeln!(f, "  one side only: {}", items.one_sided.join(" "))?;
        }
        writeln!(f, "share of differing items: {:.4}", share)
    }
}

fn changed_findings(replay: &Replay) -> Vec<(&str, u64, u64)> {
    let (today, candidate) = (&replay.today.findings, &replay.candidate.findings);
    let codes: std::collections::BTreeSet<&String> = today.keys().chain(candidate.keys()).collect();
    let of = |findings: &BTreeMap<String, u64>, code: &String| findings.get(code).copied().unwrap_or(0);
    let all = codes.into_iter().map(|code| (code.as_str(), of(today, code), of(candidate, code)));
    all.filter(|(_, was, is)| was != is).collect()
}
