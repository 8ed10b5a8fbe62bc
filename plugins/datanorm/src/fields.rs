//! One record as its fields: which were asked for, where each stands.
//!
//! Made by the walk from a decoded line. Fields are counted from 1 in paths (`A/10`), as the standard's tables count them, and from 0 here.

use std::cell::Cell;

use plugpoint_sdk::model::Position;
use plugpoint_sdk::reading::{Place, Unmapped};

/// Fields of a record; the longest of the standard has 30.
const FIELDS_MAX: usize = 256;

/// The two versions, which share the letters of their records and little else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Four,
    Five,
}

/// A record.
pub(crate) struct Fields<'a> {
    /// Its letter.
    pub(crate) kind: char,
    fields: Vec<(&'a str, Cell<bool>)>,
    line: u64,
}

/// Where a field stands.
pub(crate) struct At {
    pub(crate) position: Position,
    pub(crate) path: String,
}

impl<'a> From<&'a At> for Place<'a> {
    fn from(at: &'a At) -> Self {
        Self::new(at.position, &at.path)
    }
}

impl<'a> Fields<'a> {
    /// The fields of a line; nothing if it is no record: a letter and a semicolon at its beginning.
    pub(crate) fn of(text: &'a str, line: u64) -> Option<Self> {
        let mut characters = text.chars();
        let kind = characters.next().filter(char::is_ascii_alphabetic)?.to_ascii_uppercase();
        if characters.next() != Some(';') {
            return None;
        }
        let fields = text.split(';').take(FIELDS_MAX).map(|field| (field, Cell::new(false))).collect();
        Some(Self { kind, fields, line })
    }

    /// A field without blanks at its ends; empty if there is none.
    pub(crate) fn get(&self, index: usize) -> &'a str {
        self.raw(index).trim()
    }

    /// A field as it stands, for texts whose lines are set with blanks.
    pub(crate) fn raw(&self, index: usize) -> &'a str {
        let Some((field, asked)) = self.fields.get(index) else { return "" };
        asked.set(true);
        field
    }

    /// A field, if it says something.
    pub(crate) fn some(&self, index: usize) -> Option<&'a str> {
        Some(self.get(index)).filter(|field| !field.is_empty())
    }

    /// A field, if it is neither empty nor zero: the standard fills numbers that say nothing with zeros.
    pub(crate) fn nonzero(&self, index: usize) -> Option<&'a str> {
        self.some(index).filter(|field| field.bytes().any(|byte| byte != b'0'))
    }

    /// How many fields there are.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Where the record begins.
    pub(crate) fn position(&self) -> Position {
        Position { line: self.line, column: 1 }
    }

    /// Where a field stands.
    pub(crate) fn at(&self, index: usize) -> At {
        let before = self.fields.iter().take(index).map(|(field, _)| field.chars().count() as u64 + 1);
        let position = Position { line: self.line, column: 1 + before.sum::<u64>() };
        At { position, path: format!("{}/{}", self.kind, index + 1) }
    }

    /// Says that a record of this kind tells nothing about an item.
    pub(crate) fn pass_over(&self) {
        self.fields.iter().for_each(|(_, asked)| asked.set(true));
    }

    /// Counts the fields that say something and that nobody asked for.
    pub(crate) fn tell(&self, unmapped: &mut Unmapped) {
        for (index, (field, asked)) in self.fields.iter().enumerate().skip(1) {
            if !asked.get() && !field.trim().is_empty() {
                unmapped.part(&format!("{}/{}", self.kind, index + 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_begins_with_a_letter_and_a_semicolon() {
        for text in ["", "A", ";A", "AB;", "1;2", "ä;b", "V 010199"] {
            assert!(Fields::of(text, 1).is_none(), "{text}");
        }
        let fields = Fields::of("a; N ;ö;000;;", 7).unwrap();
        assert_eq!((fields.kind, fields.get(1), fields.get(9), fields.len()), ('A', "N", "", 6));
        assert_eq!((fields.some(4), fields.nonzero(3), fields.some(3)), (None, None, Some("000")));
        let at = fields.at(3);
        assert_eq!((at.position.line, at.position.column, at.path.as_str()), (7, 9, "A/4"));
    }
}
