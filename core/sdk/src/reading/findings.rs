//! What a format's reader has to say about one record, bounded: a hostile record can be wrong in a hundred thousand places.

use super::Place;
use crate::codes::finding;
use crate::model::Finding;
use crate::xml::Element;

/// The most findings that one record gets; what is beyond them is counted.
pub const FINDINGS_PER_RECORD_MAX: usize = 100;

/// The findings of one record.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    beyond: usize,
}

impl Findings {
    /// A warning about a place: an element, a field.
    pub fn warn<'a>(&mut self, code: &'static str, at: impl Into<Place<'a>>, message: impl Into<String>) {
        let Place { position, path } = at.into();
        self.push(Finding::warning(code, message).at(position).path(path));
    }

    /// A warning about a value at a place.
    pub fn warn_value<'a>(
        &mut self,
        code: &'static str,
        at: impl Into<Place<'a>>,
        value: &str,
        message: impl Into<String>,
    ) {
        let Place { position, path } = at.into();
        let finding = Finding::warning(code, message).at(position).path(path);
        self.push(if value.is_empty() { finding } else { finding.value(value) });
    }

    /// A warning about an element's own text.
    pub fn warn_text(&mut self, code: &'static str, at: &Element, message: impl Into<String>) {
        self.warn_value(code, at, at.text().trim(), message);
    }

    /// Any finding.
    pub fn push(&mut self, finding: Finding) {
        if self.list.len() < FINDINGS_PER_RECORD_MAX {
            self.list.push(finding);
        } else {
            self.beyond += 1;
        }
    }

    /// All of them; behind those that are kept, how many were not.
    #[must_use]
    pub fn into_list(mut self) -> Vec<Finding> {
        if self.beyond > 0 {
            let message = format!("{} further findings of this record are not listed", self.beyond);
            self.list.push(Finding::warning(finding::FINDINGS_OMITTED, message));
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_told_from_both_sides() {
        for count in [FINDINGS_PER_RECORD_MAX, FINDINGS_PER_RECORD_MAX + 2] {
            let mut findings = Findings::default();
            (0..count).for_each(|_| findings.push(Finding::warning(finding::FIELD_LENGTH, "too long")));
            let list = findings.into_list();
            let last = list.last().map(|it| (it.code.as_ref(), it.message.as_str()));
            let expected = match count {
                FINDINGS_PER_RECORD_MAX => (finding::FIELD_LENGTH, "too long"),
                _ => (finding::FINDINGS_OMITTED, "2 further findings of this record are not listed"),
            };
            assert_eq!(last, Some(expected));
        }
    }
}
