//! What the reader has to say about one record, bounded: a hostile record can be wrong in a hundred thousand places.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::Finding;
use plugpoint_sdk::xml::Element;

/// The most findings that one record gets; what is beyond them is counted.
pub(crate) const FINDINGS_PER_RECORD_MAX: usize = 100;

#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    beyond: usize,
}

impl Findings {
    /// A warning about an element and its value.
    pub(crate) fn warn(&mut self, code: &'static str, at: &Element, message: impl Into<String>) {
        self.push(Finding::warning(code, message).at(at.position()).path(at.name()).value(at.text().trim()));
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        if self.list.len() < FINDINGS_PER_RECORD_MAX {
            self.list.push(finding);
        } else {
            self.beyond += 1;
        }
    }

    pub(crate) fn into_list(mut self) -> Vec<Finding> {
        if self.beyond > 0 {
            let message = format!("{} further findings of this record are not listed", self.beyond);
            self.list.push(Finding::warning(finding::FINDINGS_OMITTED, message));
        }
        self.list
    }
}
