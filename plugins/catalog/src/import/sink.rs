//! From drafts to records that may be stored: item rules, then validation, then one prepared row each, in batches.
//!
//! The transformer calls it, on the import's reading thread; the storing thread takes its batches. It decides about single
//! records only. Whether the import as a whole stands is decided in [`run`](super::run).

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender};

use plugpoint_kernel::{Beat, Hook, TenantPlan};
use plugpoint_sdk::codes::finding as code;
use plugpoint_sdk::document::{ItemSink, Recalled, Stop};
use plugpoint_sdk::model::{Finding, ImportMode, Item, ItemData, ItemDraft, ItemPatch, Parts, Position, Severity};
use plugpoint_sdk::points::item_rule::{ItemRule, RuleContext};
use plugpoint_sdk::profile::Profile;
use plugpoint_store::{Fingerprint, PreparedItem, RowId};

use super::findings::FindingsLog;
use super::progress::Progress;
use super::recall::Recognition;

/// What the storing thread is told to do.
pub(crate) enum Record {
    /// Store a whole item; with the fingerprint of its bytes, if the next import may know the record by it.
    Upsert(PreparedItem, Option<Fingerprint>),
    /// What this row holds has come again.
    Recalled(RowId, Fingerprint),
    /// Store an item of whose other parts, here named, the document says nothing; with its line.
    Complete(Box<Item>, u64, Parts, Parts),
    /// Change a part of an item.
    Patch(ItemPatch),
    /// Remove an item.
    Delete(String, Position),
    /// Leave an item alone although the document's record of it was refused.
    Keep(String),
}

/// What the storing thread is told. A hang-up without [`ToStore::Whole`] means that nothing may be committed.
pub(crate) enum ToStore {
    /// Records in the document's order. The mode is fixed before the first of them.
    Batch {
        /// What the whole import may do.
        mode: ImportMode,
        /// The records.
        records: Vec<Record>,
    },
    /// The document was read to its end and was well-formed.
    Whole {
        /// What the whole import may do.
        mode: ImportMode,
        /// The format, as the document declared it.
        format: Option<String>,
    },
}

/// The way to the storing thread, and what comes back from it: memory that one thread takes and another gives back makes both wait
/// for each other, so whoever made the rows uses them again.
pub(crate) struct Storage {
    /// Where batches go.
    pub(crate) batches: SyncSender<ToStore>,
    /// Rows that were stored.
    pub(crate) stored: Receiver<Vec<PreparedItem>>,
}

/// A batch is sent when it has this many records or this many bytes, whichever comes first: the bound of what an import
/// holds in memory beside its current record.
const BATCH_BYTES_MAX: usize = 512 * 1024;

/// What an item counts that is written only when its other parts are known: a batch of them is small.
const BYTES_OF_UNWRITTEN: usize = BATCH_BYTES_MAX / 16;

/// The sink of one import.
pub(crate) struct Intake<'a> {
    /// The hooks to call.
    pub(crate) plan: &'a TenantPlan,
    /// The tenant's profile.
    pub(crate) profile: &'a Profile,
    /// Where batches go.
    pub(crate) store: Storage,
    /// Where findings go.
    pub(crate) findings: &'a Mutex<FindingsLog>,
    /// Counters.
    pub(crate) progress: &'a Progress,
    /// The sign of life: which hook runs, and that records come.
    pub(crate) beat: &'a Beat,
    /// Records a batch has at the most.
    pub(crate) batch_items_max: usize,
    /// What the import may do.
    pub(crate) mode: ImportMode,
    /// The caller said nothing about the mode.
    pub(crate) is_mode_open: bool,
    /// The format as the document declared it.
    pub(crate) format: Option<String>,
    /// Records that are known by their bytes; none where there cannot be any.
    recognition: Option<Recognition>,
    batch: Vec<Record>,
    batch_bytes: usize,
    /// Rows whose memory can be used again; no more than there ever were at once.
    spare: Vec<PreparedItem>,
    /// The first record has come.
    has_begun: bool,
}

impl<'a> Intake<'a> {
    /// An intake for a tenant's plan; `allowed` is what the caller said; if nothing, the document
    /// decides, and merges where it does not.
    pub(crate) fn new(
        (plan, profile): (&'a TenantPlan, &'a Profile),
        (findings, progress, beat): (&'a Mutex<FindingsLog>, &'a Progress, &'a Beat),
        (store, recognition): (Storage, Option<Recognition>),
        allowed: Option<ImportMode>,
        batch_items_max: usize,
    ) -> Self {
        let (batch, format) = (Vec::with_capacity(batch_items_max), None);
        let (mode, is_mode_open) = (allowed.unwrap_or(ImportMode::Merge), allowed.is_none());
        Self {
            plan,
            profile,
            store,
            findings,
            progress,
            beat,
            batch_items_max,
            mode,
            is_mode_open,
            format,
            recognition,
            batch,
            batch_bytes: 0,
            spare: Vec::new(),
            has_begun: false,
        }
    }

    /// Sends what is left and says that the document is whole. Called once, after the transformer read it to its end.
    pub(crate) fn finish(&mut self) -> Result<(), Stop> {
        self.send()?;
        let whole = ToStore::Whole { mode: self.mode, format: self.format.take() };
        self.store.batches.send(whole).map_err(|_| Stop)
    }

    /// Rules, then validation: a draft becomes an item, or findings.
    fn checked(&mut self, draft: ItemDraft) -> Result<(Item, Vec<Finding>), Vec<Finding>> {
        let ItemDraft { mut data, position, mut findings, .. } = draft;
        let ctx = (self.profile, position);
        self.apply(&self.plan.rules_decoded, 1, &mut data, ctx, &mut findings);
        if findings.iter().any(is_error) {
            return Err(findings);
        }
        let mut item = match Item::try_from_data(data) {
            Ok(item) => item,
            Err(errors) => return Err(joined(findings, errors)),
        };
        if !self.plan.rules_validated.is_empty() {
            let mut data = item.into_data();
            self.apply(&self.plan.rules_validated, 1 + self.plan.rules_decoded.len(), &mut data, ctx, &mut findings);
            if findings.iter().any(is_error) {
                return Err(findings);
            }
            item = match Item::try_from_data(data) {
                Ok(item) => item,
                Err(errors) => return Err(joined(findings, errors)),
            };
        }
        findings.extend(item.warnings());
        Ok((item, findings))
    }

    /// Lets rules look at an item, until one rejects it. `first` is the number under which the first of them is watched.
    fn apply(
        &self,
        rules: &[Hook<dyn ItemRule>],
        first: usize,
        data: &mut ItemData,
        (profile, position): (&Profile, Position),
        findings: &mut Vec<Finding>,
    ) {
        for (rule, number) in rules.iter().zip(first..) {
            self.beat.enter(u32::try_from(number).unwrap_or(u32::MAX));
            let before = findings.len();
            let mut call = |hook: &dyn ItemRule, findings: &mut Vec<Finding>| {
                hook.apply(data, &mut RuleContext { profile, position, findings });
                findings.get(before..).is_some_and(|new| new.iter().any(|finding| finding.code == code::RULE_PANICKED))
            };
            if let Err(suspended) = rule.call(|hook| call(hook, findings), |has_panicked| *has_panicked) {
                findings.push(Finding::error(code::RULE_SUSPENDED, suspended.to_string()).at(position));
            }
            if findings.iter().any(is_error) {
                break;
            }
        }
        self.beat.enter(0);
    }

    fn push(&mut self, record: Record, bytes: usize) -> Result<(), Stop> {
        self.batch.push(record);
        self.batch_bytes += bytes;
        if self.batch.len() >= self.batch_items_max || self.batch_bytes >= BATCH_BYTES_MAX {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<(), Stop> {
        if self.progress.is_stopping() {
            return Err(Stop);
        }
        self.batch_bytes = 0;
        self.spare.extend(self.store.stored.try_iter().flatten().filter(PreparedItem::is_small));
        let records = std::mem::replace(&mut self.batch, Vec::with_capacity(self.batch_items_max));
        // The storing thread is gone only when storage failed; it tells why at its end.
        self.store.batches.send(ToStore::Batch { mode: self.mode, records }).map_err(|_| Stop)
    }

    fn report(&self, findings: impl IntoIterator<Item = Finding>) -> Result<(), Stop> {
        let mut log = self.log();
        findings.into_iter().try_for_each(|finding| log.add(&finding)).map_err(unwritten)
    }

    /// A record has come; where the first of them begins is kept.
    fn saw(&mut self, position: Position) -> Result<(), Stop> {
        self.beat.tick();
        // Not only between batches: a record may cost its rules a second.
        if self.progress.is_stopping() {
            return Err(Stop);
        }
        if std::mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        self.log().rejected.saw(position).map_err(unwritten)
    }

    fn log(&self) -> std::sync::MutexGuard<'_, FindingsLog> {
        self.findings.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn refuse(&mut self, sku: String, position: Position, findings: Vec<Finding>) -> Result<(), Stop> {
        self.progress.reject();
        self.log().rejected.add(position).map_err(unwritten)?;
        self.report(findings.into_iter().map(|finding| completed(finding, &sku, position)))?;
        if sku.is_empty() || self.mode == ImportMode::Delete { Ok(()) } else { self.push(Record::Keep(sku), 0) }
    }
}

impl ItemSink for Intake<'_> {
    fn recalls(&mut self, surroundings: &str, record: &str, position: Position) -> Result<Recalled, Stop> {
        if self.mode == ImportMode::Delete {
            return Ok(Recalled::Never);
        }
        let Some(recognition) = &mut self.recognition else { return Ok(Recalled::Never) };
        let Some((row, fingerprint)) = recognition.find(surroundings, record) else { return Ok(Recalled::Unknown) };
        self.saw(position)?;
        self.progress.accept();
        self.push(Record::Recalled(row, fingerprint), 0)?;
        Ok(Recalled::Stored)
    }

    fn declare(&mut self, format: &str, mode: Option<ImportMode>) -> Result<(), Stop> {
        self.format = Some(format.to_owned());
        let Some(own) = mode else { return Ok(()) };
        if self.is_mode_open {
            self.mode = own;
            return Ok(());
        }
        let allowed = self.mode;
        self.mode = allowed.narrowed_by(own);
        if self.mode == own {
            return Ok(());
        }
        let (own, allowed) = (own.as_str(), allowed.as_str());
        let message = format!("the document asks for {own}, the caller allowed {allowed}: {allowed} was done");
        self.note(Finding::warning(code::MODE_NARROWED, message))
    }

    fn upsert(&mut self, mut draft: ItemDraft) -> Result<(), Stop> {
        self.saw(draft.position)?;
        if self.mode == ImportMode::Delete {
            return self.delete(draft.data.sku, draft.position);
        }
        let fingerprint = self.recognition.as_mut().and_then(Recognition::take).filter(|_| draft.is_recallable);
        self.profile.catalog.map_item(&mut draft);
        let (sku, position) = (draft.data.sku.clone(), draft.position);
        let (keeps, merges) = (draft.keeps, draft.merges);
        let (item, findings) = match self.checked(draft) {
            Ok(passed) => passed,
            Err(findings) => return self.refuse(sku, position, findings),
        };
        // What there is to say of a record is said each time.
        let fingerprint = fingerprint.filter(|_| findings.is_empty());
        if !findings.is_empty() {
            self.report(findings.into_iter().map(|finding| completed(finding, &sku, position)))?;
        }
        self.progress.accept();
        if !keeps.and(merges).is_none() {
            return self.push(Record::Complete(Box::new(item), position.line, keeps, merges), BYTES_OF_UNWRITTEN);
        }
        let mut prepared = self.spare.pop().unwrap_or_default();
        prepared.set(&item, position.line).map_err(|error| {
            tracing::error!(%error, sku, "a checked item cannot be prepared");
            Stop
        })?;
        let bytes = prepared.body.len();
        self.push(Record::Upsert(prepared, fingerprint), bytes)
    }

    fn patch(&mut self, mut patch: ItemPatch) -> Result<(), Stop> {
        self.profile.catalog.map_patch(&mut patch);
        self.beat.tick();
        if patch.is_record {
            self.saw(patch.position)?;
        }
        if self.mode == ImportMode::Delete {
            if !patch.is_record {
                return Ok(());
            }
            let message = "a partial change cannot be applied in mode delete";
            return self.refuse(patch.sku, patch.position, vec![Finding::error(code::MODE_UNSUITED, message)]);
        }
        if patch.is_record {
            self.progress.accept();
        }
        self.push(Record::Patch(patch), 256)
    }

    fn delete(&mut self, sku: String, position: Position) -> Result<(), Stop> {
        self.saw(position)?;
        if sku.is_empty() {
            return self.refuse(
                sku,
                position,
                vec![Finding::error(code::SKU_MISSING, "a deletion without an item number")],
            );
        }
        self.progress.accept();
        let bytes = sku.len();
        self.push(Record::Delete(sku, position), bytes)
    }

    fn reject(&mut self, finding: Finding) -> Result<(), Stop> {
        let sku = finding.sku.clone().unwrap_or_default();
        let (line, column) = (finding.line.unwrap_or_default(), finding.column.unwrap_or_default());
        let position = Position { line, column };
        self.saw(position)?;
        self.refuse(sku, position, vec![finding])
    }

    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.report([finding])
    }

    fn unmapped(&mut self, path: &str, count: u64) -> Result<(), Stop> {
        self.log().unmapped(path, count);
        Ok(())
    }
}

fn unwritten(error: std::io::Error) -> Stop {
    tracing::error!(%error, "a finding could not be written");
    Stop
}

fn joined(mut findings: Vec<Finding>, errors: Vec<Finding>) -> Vec<Finding> {
    findings.extend(errors);
    findings
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// A finding knows its item and its place even where its author did not say so.
fn completed(finding: Finding, sku: &str, position: Position) -> Finding {
    let finding = if finding.line.is_none() { finding.at(position) } else { finding };
    if finding.sku.is_none() && !sku.is_empty() { finding.sku(sku) } else { finding }
}
