//! Reads a document for its figures alone: what it is, how many records would be taken, what would be said about them. In memory
//! that does not grow with it, so that any document can be tried before it is sent.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Serialize;

use super::outcome::given_up;
use super::{Rules, Sample};
use crate::detect::KnownFormat;
use crate::document::{Document, ItemSink, Stop};
use crate::model::{Finding, ImportMode, ItemDraft, ItemPatch, Position};
use crate::points::catalog_transformer::CatalogTransformer;
use crate::profile::Profile;

/// The figures of one document.
#[derive(Debug, Default, Serialize)]
pub struct Tally {
    /// What the document says it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The mode that it declares for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<ImportMode>,
    /// Records.
    pub records: u64,
    /// Records that would be taken, as far as can be told without the catalog.
    pub accepted: u64,
    /// Records that would be refused.
    pub rejected: u64,
    /// Findings by their codes.
    pub findings: BTreeMap<String, u64>,
    /// Paths that the reader does not know, with counts.
    pub unmapped: BTreeMap<String, u64>,
    /// Why the document as a whole was given up: code and sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<(String, String)>,
}

impl Tally {
    /// Reads `source` to its end as an import of this plan would; of `sample` everything counts but the bytes.
    #[must_use]
    pub fn of_plan(
        transformer: &dyn CatalogTransformer,
        rules: Rules<'_>,
        formats: &[KnownFormat],
        sample: &Sample<'_>,
        source: &mut dyn BufRead,
    ) -> Self {
        let Sample { media_type, charset, profile, .. } = *sample;
        let mut counting = Counting { tally: Self::default(), rules, profile };
        let mut document = Document { media_type, charset, formats, ..Document::new(source, profile) };
        let result = transformer.transform(&mut document, &mut counting);
        let mut tally = counting.tally;
        tally.error = given_up(result);
        tally
    }
}

struct Counting<'a> {
    tally: Tally,
    rules: Rules<'a>,
    profile: &'a Profile,
}

impl Counting<'_> {
    fn count(&mut self, is_accepted: bool) {
        self.tally.records += 1;
        self.tally.accepted += u64::from(is_accepted);
        self.tally.rejected += u64::from(!is_accepted);
    }

    fn found(&mut self, finding: &Finding) {
        *self.tally.findings.entry(finding.code.clone()).or_default() += 1;
    }
}

impl ItemSink for Counting<'_> {
    fn declare(&mut self, format: &str, mode: Option<ImportMode>) -> Result<(), Stop> {
        self.tally.format = Some(format.to_owned());
        self.tally.mode = mode;
        Ok(())
    }

    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        let (item, findings) = self.rules.checked(draft, self.profile);
        self.count(item.is_some());
        findings.iter().for_each(|finding| self.found(finding));
        Ok(())
    }

    fn patch(&mut self, patch: ItemPatch) -> Result<(), Stop> {
        if patch.is_record {
            self.count(true);
        }
        Ok(())
    }

    fn delete(&mut self, sku: String, _: Position) -> Result<(), Stop> {
        self.count(!sku.is_empty());
        Ok(())
    }

    fn reject(&mut self, finding: Finding) -> Result<(), Stop> {
        self.count(false);
        self.found(&finding);
        Ok(())
    }

    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.found(&finding);
        Ok(())
    }

    fn unmapped(&mut self, path: &str, count: u64) -> Result<(), Stop> {
        self.tally.unmapped.insert(path.to_owned(), count);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::Canonical;

    #[test]
    fn what_would_be_taken_and_what_refused() {
        let profile = Profile::default();
        let text = "sku,title,price,currency\nA1,One,1.50,EUR\nA2,,2,EUR\n,Three,3,EUR\nA4,Four,4,QQQ\n";
        let sample = Sample { bytes: &[], media_type: "text/csv", charset: None, profile: &profile };
        let tally = Tally::of_plan(&Canonical, Rules::default(), &[], &sample, &mut text.as_bytes());
        assert_eq!((tally.records, tally.accepted, tally.rejected), (4, 1, 3), "{tally:?}");
        assert!(tally.findings.contains_key("currency_unknown"), "{tally:?}");
        assert_eq!(tally.error, None);
        let sample = Sample { media_type: "application/json", ..sample };
        let tally = Tally::of_plan(&Canonical, Rules::default(), &[], &sample, &mut &b"[{"[..]);
        assert!(tally.error.is_some());
    }
}
