//! Runs one document through a transformer and item rules, as an import would, and keeps what came out.
//!
//! It stores nothing and knows no modes; what a customer's listener would do is not done.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde_json::{Map, Value, json};

use crate::detect::KnownFormat;
use crate::document::{Document, ItemSink, Stop, TransformError};
use crate::model::{Finding, ImportMode, Item, ItemData, ItemDraft, ItemPatch, Parts, Position, Severity};
use crate::points::catalog_transformer::CatalogTransformer;
use crate::points::item_rule::{ItemRule, RuleContext};
use crate::profile::Profile;

/// One document and how it is sent.
pub struct Sample<'a> {
    /// The document.
    pub bytes: &'a [u8],
    /// Content type without parameters.
    pub media_type: &'a str,
    /// The content type's charset.
    pub charset: Option<&'a str>,
    /// The tenant's profile.
    pub profile: &'a Profile,
}

/// What came out of one document.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What the document says it is: format and mode.
    pub declared: Option<(String, Option<ImportMode>)>,
    /// Why the whole document was given up: code and sentence.
    pub error: Option<(String, String)>,
    /// Items that keep every limit, in order.
    pub items: Vec<ItemData>,
    /// Of items whose document says nothing about some parts: which.
    pub keeps: BTreeMap<String, Parts>,
    /// Of items whose document says only what has changed of some parts: which.
    pub merges: BTreeMap<String, Parts>,
    /// Numbers of items that a finding rejected.
    pub rejected: Vec<String>,
    /// Partial changes, in order.
    pub patches: Vec<ItemPatch>,
    /// Numbers of items that go, with where the document says so.
    pub deletes: Vec<(String, Position)>,
    /// All findings, in order.
    pub findings: Vec<Finding>,
    /// Paths that the reader does not know, with counts, in order.
    pub unmapped: Vec<(String, u64)>,
    /// Records, whatever became of them.
    pub records: u64,
    /// For each record in order: its number, as far as it has one, and where it starts, as far as it was read.
    pub starts: Vec<(Option<String>, Option<Position>)>,
}

/// The item rules of a plan, in the order of their calls.
#[derive(Clone, Copy, Default)]
pub struct Rules<'a> {
    /// Those that see what the sender sent.
    pub decoded: &'a [&'a dyn ItemRule],
    /// Those that see an item that keeps every declared limit.
    pub validated: &'a [&'a dyn ItemRule],
}

impl Rules<'_> {
    /// What an import makes of a draft under a profile: the item that would be stored, if it would, and all that is said of it.
    pub(super) fn checked(&self, mut draft: ItemDraft, profile: &Profile) -> (Option<Item>, Vec<Finding>) {
        profile.catalog.map_item(&mut draft);
        let ItemDraft { mut data, position, mut findings, .. } = draft;
        // No rule sees an item that is already rejected.
        let apply = |rules: &[&dyn ItemRule], data: &mut ItemData, findings: &mut Vec<Finding>| {
            for rule in rules {
                if !findings.iter().any(is_error) {
                    rule.apply(data, &mut RuleContext { profile, position, findings });
                }
            }
        };
        apply(self.decoded, &mut data, &mut findings);
        let mut item = Item::try_from_data(data).map_err(|broken| findings.extend(broken)).ok();
        if !self.validated.is_empty()
            && !findings.iter().any(is_error)
            && let Some(valid) = item.take()
        {
            let mut data = valid.into_data();
            apply(self.validated, &mut data, &mut findings);
            item = Item::try_from_data(data).map_err(|broken| findings.extend(broken)).ok();
        }
        findings.extend(item.iter().flat_map(Item::warnings));
        let is_rejected = findings.iter().any(is_error);
        (item.filter(|_| !is_rejected), findings)
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// Why a document was given up: code and sentence.
pub(super) fn given_up(result: Result<(), TransformError>) -> Option<(String, String)> {
    result.err().map(|error| match error {
        TransformError::Document(error) => (error.code.name.to_owned(), error.detail),
        TransformError::Stopped => ("stopped".to_owned(), String::new()),
        TransformError::Io(error) => ("io".to_owned(), error.to_string()),
    })
}

impl Outcome {
    /// Transforms `sample`, applies `rules` in order and checks every item against the declared limits.
    #[must_use]
    pub fn of(transformer: &dyn CatalogTransformer, rules: &[&dyn ItemRule], sample: &Sample<'_>) -> Self {
        Self::of_source(transformer, Rules { decoded: rules, validated: &[] }, sample, &mut &*sample.bytes)
    }

    /// The same for the rules of a whole plan, with the bytes from `source`, in whatever pieces it gives them.
    #[must_use]
    pub fn of_source(
        transformer: &dyn CatalogTransformer,
        rules: Rules<'_>,
        sample: &Sample<'_>,
        source: &mut dyn BufRead,
    ) -> Self {
        Self::of_plan(transformer, rules, &[], sample, source)
    }

    /// The same for a tenant that may read these formats.
    #[must_use]
    pub fn of_plan(
        transformer: &dyn CatalogTransformer,
        rules: Rules<'_>,
        formats: &[KnownFormat],
        sample: &Sample<'_>,
        source: &mut dyn BufRead,
    ) -> Self {
        let mut collector = Collector { outcome: Self::default(), rules, profile: sample.profile };
        let Sample { media_type, charset, profile, .. } = *sample;
        let mut document = Document { media_type, charset, formats, ..Document::new(source, profile) };
        let result = transformer.transform(&mut document, &mut collector);
        let mut outcome = collector.outcome;
        outcome.error = given_up(result);
        outcome
    }

    /// The outcome as JSON; what is empty is left out.
    ///
    /// # Panics
    /// If a value cannot be written as JSON, which no declared type of the model allows.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        if let Some((format, mode)) = &self.declared {
            object.insert("declared".to_owned(), json!({ "format": format, "mode": mode }));
        }
        if let Some((code, detail)) = &self.error {
            object.insert("error".to_owned(), json!({ "code": code, "detail": detail }));
        }
        let patch = |patch: &ItemPatch| json!({ "sku": patch.sku, "line": patch.position.line, "is_record": patch.is_record, "ops": patch.ops });
        let delete = |(sku, position): &(String, Position)| json!({ "sku": sku, "line": position.line });
        let lists = [
            ("items", self.items.iter().map(|item| json!(item)).collect::<Vec<_>>()),
            ("rejected", self.rejected.iter().map(|sku| json!(sku)).collect()),
            ("patches", self.patches.iter().map(patch).collect()),
            ("deletes", self.deletes.iter().map(delete).collect()),
            ("findings", self.findings.iter().map(|finding| json!(finding)).collect()),
            ("unmapped", self.unmapped.iter().map(|(path, count)| json!({ "path": path, "count": count })).collect()),
        ];
        if !self.keeps.is_empty() {
            object.insert("keeps".to_owned(), json!(self.keeps));
        }
        if !self.merges.is_empty() {
            object.insert("merges".to_owned(), json!(self.merges));
        }
        for (name, list) in lists {
            if !list.is_empty() {
                object.insert(name.to_owned(), Value::Array(list));
            }
        }
        Value::Object(object)
    }
}

struct Collector<'a> {
    outcome: Outcome,
    rules: Rules<'a>,
    profile: &'a Profile,
}

impl Collector<'_> {
    fn count(&mut self, sku: Option<&str>, position: Option<Position>) {
        self.outcome.records += 1;
        self.outcome.starts.push((sku.map(str::to_owned), position));
    }
}

impl ItemSink for Collector<'_> {
    fn declare(&mut self, format: &str, mode: Option<ImportMode>) -> Result<(), Stop> {
        assert!(self.outcome.declared.is_none(), "a document declares itself once");
        assert_eq!(self.outcome.records, 0, "a document declares itself before its first record");
        self.outcome.declared = Some((format.to_owned(), mode));
        Ok(())
    }

    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        let ItemDraft { position, keeps, merges, .. } = draft;
        let sku = draft.data.sku.clone();
        self.count(Some(&sku), Some(position));
        let (item, findings) = self.rules.checked(draft, self.profile);
        match item {
            Some(item) => {
                if !keeps.is_none() {
                    self.outcome.keeps.insert(sku.clone(), keeps);
                }
                if !merges.is_none() {
                    self.outcome.merges.insert(sku.clone(), merges);
                }
                self.outcome.items.push(item.into_data());
            }
            None => self.outcome.rejected.push(sku.clone()),
        }
        let complete = |mut finding: Finding| {
            finding.sku.get_or_insert_with(|| sku.clone());
            finding.line.get_or_insert(position.line);
            finding
        };
        self.outcome.findings.extend(findings.into_iter().map(complete));
        Ok(())
    }

    fn patch(&mut self, mut patch: ItemPatch) -> Result<(), Stop> {
        self.profile.catalog.map_patch(&mut patch);
        if patch.is_record {
            self.count(Some(&patch.sku), Some(patch.position));
        }
        self.outcome.patches.push(patch);
        Ok(())
    }

    fn delete(&mut self, sku: String, position: Position) -> Result<(), Stop> {
        self.count(Some(&sku), Some(position));
        self.outcome.deletes.push((sku, position));
        Ok(())
    }

    fn reject(&mut self, finding: Finding) -> Result<(), Stop> {
        // The finding may stand anywhere within its record.
        self.count(finding.sku.as_deref(), None);
        self.outcome.findings.push(finding);
        Ok(())
    }

    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.outcome.findings.push(finding);
        Ok(())
    }

    fn unmapped(&mut self, path: &str, count: u64) -> Result<(), Stop> {
        self.outcome.unmapped.push((path.to_owned(), count));
        Ok(())
    }
}
