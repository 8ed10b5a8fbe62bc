//! The rows of one sheet, streamed. Values are those that the spreadsheet has stored; a formula is its last value.

use std::io::BufRead;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::model::{Finding, Position};
use plugpoint_sdk::xml::{XmlError, XmlEvent, XmlLimits, XmlReader};

use super::format::Format;
use super::number;
use super::package::{flawed, malformed, options};
use super::strings::{Strings, rich};
use crate::row::{COLUMNS_MAX, Kind, Row, Rows, column_index};

/// Rows that a sheet can have.
const ROWS_MAX: u64 = 1_048_576;
/// Characters of a formula that a finding shows.
const FORMULA_CHARS_MAX: usize = 200;

/// The type of a cell, as its attribute says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    Number,
    Shared,
    Text,
    Inline,
    Flag,
    Error,
}

/// What stands within a cell.
enum Inner {
    Value,
    Inline,
    Formula,
    Other,
}

/// What is known of a cell before its value.
struct Begun {
    column: usize,
    style: usize,
    stored: Stored,
}

/// A sheet's rows.
pub(super) struct SheetRows<'a> {
    reader: XmlReader<'a>,
    part: &'a str,
    strings: &'a Strings,
    formats: &'a [Format],
    is_1904: bool,
    row_bytes_max: usize,
    pub(super) others: Vec<String>,
    /// The number of the row that was read last.
    number: u64,
    /// A row that was read to see whether there is one.
    first: Option<Row>,
    /// Cells of the row by their columns: ends in `text`, and kinds.
    cells: Vec<(usize, usize, usize, Kind)>,
    text: String,
    value: String,
    is_inline: bool,
    has_value: bool,
    formula: String,
    merged: u64,
    first_merged: u64,
}

impl<'a> SheetRows<'a> {
    pub(super) fn new(
        source: &'a mut dyn BufRead,
        part: &'a str,
        limits: XmlLimits,
        strings: &'a Strings,
        formats: &'a [Format],
        is_1904: bool,
    ) -> Self {
        Self {
            reader: XmlReader::new(source, options(limits)),
            part,
            strings,
            formats,
            is_1904,
            row_bytes_max: limits.record_bytes_max,
            others: Vec::new(),
            number: 0,
            first: None,
            cells: Vec::new(),
            text: String::new(),
            value: String::new(),
            is_inline: false,
            has_value: false,
            formula: String::new(),
            merged: 0,
            first_merged: 0,
        }
    }

    /// Whether the sheet has a row with a cell; it is kept for the first call of `next`.
    pub(super) fn has_first(&mut self) -> Result<bool, TransformError> {
        let mut row = Row::default();
        while self.read(&mut row)? {
            if !row.is_empty() {
                self.first = Some(row);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn read(&mut self, row: &mut Row) -> Result<bool, TransformError> {
        self.next_row(row).map_err(|failure| match failure {
            Failure::Xml(error) => flawed(self.part, error),
            Failure::Sheet(message) => malformed(format!("{}: {message}", self.part)),
        })
    }

    fn next_row(&mut self, row: &mut Row) -> Result<bool, Failure> {
        loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) if tag.local() == "row" => {
                    let number = match tag.attribute("r") {
                        Some(text) => text.trim().parse().ok().filter(|number| (1..=ROWS_MAX).contains(number)),
                        None => Some(self.number + 1).filter(|number| *number <= ROWS_MAX),
                    };
                    self.number = number.ok_or(Failure::Sheet("a row has a number that no row can have".to_owned()))?;
                    self.cells_of_row(row)?;
                    return Ok(true);
                }
                XmlEvent::Start(tag) if tag.local() == "mergeCell" => {
                    let area = tag.attribute("ref").unwrap_or_default();
                    self.merged += u64::from(spans_rows(area));
                    if self.first_merged == 0 && spans_rows(area) {
                        self.first_merged = area_row(area).unwrap_or(0);
                    }
                }
                XmlEvent::Eof => return Ok(false),
                _ => {}
            }
        }
    }

    /// After the start tag of a row.
    fn cells_of_row(&mut self, row: &mut Row) -> Result<(), Failure> {
        row.begin(Position { line: self.number, column: 1 }, self.number);
        self.cells.clear();
        self.text.clear();
        let (outside, mut column) = (self.reader.depth().saturating_sub(1), 0);
        loop {
            let begun = match self.reader.next()? {
                XmlEvent::Start(tag) if tag.local() == "c" => {
                    let place = tag.attribute("r").map(|name| cell_column(name).ok_or_else(|| name.to_owned()));
                    let style = tag.attribute("s").and_then(|text| text.trim().parse().ok()).unwrap_or(0);
                    let stored = stored(tag.attribute("t"));
                    let column = match place {
                        Some(Err(name)) => {
                            let name: String = name.chars().take(40).collect();
                            return Err(Failure::Sheet(format!("row {}: {name:?} is no cell", self.number)));
                        }
                        Some(Ok(column)) => column,
                        None => column,
                    };
                    Begun { column, style, stored }
                }
                XmlEvent::End => {
                    if self.reader.depth() <= outside {
                        break;
                    }
                    continue;
                }
                XmlEvent::Eof => break,
                _ => continue,
            };
            if begun.column >= COLUMNS_MAX {
                return Err(Failure::Sheet(format!("row {} has more than {COLUMNS_MAX} cells", self.number)));
            }
            column = begun.column + 1;
            self.cell(&begun)?;
        }
        if self.text.len() > self.row_bytes_max {
            let message = format!("the row has more than {} bytes", self.row_bytes_max);
            row.flaw = Some((finding::RECORD_TOO_LARGE, message));
        }
        // Cells come in their order, but nothing forces them to; of two in one place the last holds.
        self.cells.sort_by_key(|(column, ..)| *column);
        let mut filled = 0;
        for (index, (column, start, end, kind)) in self.cells.iter().enumerate() {
            if self.cells.get(index + 1).is_some_and(|(next, ..)| next == column) {
                continue;
            }
            for _ in filled..*column {
                row.push("", Kind::Text);
            }
            row.push(self.text.get(*start..*end).unwrap_or_default(), *kind);
            filled = column + 1;
        }
        Ok(())
    }

    /// After the start tag of a cell: its value, if it has one.
    fn cell(&mut self, begun: &Begun) -> Result<(), Failure> {
        let outside = self.reader.depth().saturating_sub(1);
        self.value.clear();
        self.formula.clear();
        (self.is_inline, self.has_value) = (false, false);
        loop {
            let what = match self.reader.next()? {
                XmlEvent::Start(tag) => match tag.local() {
                    "v" => Inner::Value,
                    "is" => Inner::Inline,
                    "f" => Inner::Formula,
                    _ => Inner::Other,
                },
                XmlEvent::End => {
                    if self.reader.depth() <= outside {
                        break;
                    }
                    continue;
                }
                XmlEvent::Eof => break,
                _ => continue,
            };
            match what {
                Inner::Inline => {
                    self.value.clear();
                    (self.is_inline, self.has_value) = (true, true);
                    rich(&mut self.reader, &mut self.value)?;
                }
                Inner::Value if !self.is_inline => {
                    self.has_value = true;
                    self.reader.text_into(&mut self.value)?;
                }
                Inner::Formula => {
                    self.formula.push('=');
                    self.reader.text_into(&mut self.formula)?;
                }
                Inner::Value | Inner::Other => self.reader.skip()?,
            }
        }
        if !self.has_value && self.formula.len() > 1 && self.text.len() <= self.row_bytes_max {
            let start = self.text.len();
            self.text.extend(self.formula.chars().take(FORMULA_CHARS_MAX));
            self.cells.push((begun.column, start, self.text.len(), Kind::Formula));
        }
        self.keep(begun)
    }

    fn keep(&mut self, begun: &Begun) -> Result<(), Failure> {
        let sent = self.value.as_str();
        // What is beyond the bound only has to be known as that.
        if sent.is_empty() || self.text.len() > self.row_bytes_max {
            return Ok(());
        }
        let start = self.text.len();
        let mut kind = Kind::Text;
        match begun.stored {
            _ if self.is_inline => self.text.push_str(sent),
            Stored::Shared => {
                let string = sent.trim().parse().ok().and_then(|index| self.strings.get(index));
                let Some(string) = string else {
                    let shown: String = sent.chars().take(40).collect();
                    return Err(Failure::Sheet(format!("row {}: there is no string {shown:?}", self.number)));
                };
                self.text.push_str(string);
            }
            Stored::Number => {
                let format = self.formats.get(begun.style).copied().unwrap_or_default();
                match number::shown(sent, format, self.is_1904) {
                    Some(shown) => {
                        self.text.push_str(&shown);
                        kind = Kind::Number;
                    }
                    None => self.text.push_str(sent),
                }
            }
            Stored::Flag => self.text.push_str(if sent.trim() == "0" { "false" } else { "true" }),
            Stored::Error => {
                self.text.push_str(sent);
                kind = Kind::Error;
            }
            Stored::Text | Stored::Inline => self.text.push_str(sent),
        }
        self.cells.push((begun.column, start, self.text.len(), kind));
        Ok(())
    }
}

impl Rows for SheetRows<'_> {
    fn next(&mut self, row: &mut Row) -> Result<bool, TransformError> {
        match self.first.take() {
            Some(first) => {
                *row = first;
                Ok(true)
            }
            None => self.read(row),
        }
    }

    fn notes(&mut self) -> Vec<Finding> {
        let mut notes = Vec::new();
        if self.merged > 0 {
            let message = format!(
                "the sheet has {} merged areas of several rows, the first of them here; only their first row has the value",
                self.merged
            );
            let at = Position { line: self.first_merged, column: 1 };
            notes.push(Finding::warning(finding::PART_IGNORED, message).at(at));
        }
        notes
    }

    fn others(&self) -> &[String] {
        &self.others
    }
}

/// Why a sheet cannot be read on.
enum Failure {
    Xml(XmlError),
    Sheet(String),
}

impl From<XmlError> for Failure {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

fn stored(name: Option<&str>) -> Stored {
    match name {
        None | Some("n") => Stored::Number,
        Some("s") => Stored::Shared,
        Some("b") => Stored::Flag,
        Some("e") => Stored::Error,
        Some("inlineStr") => Stored::Inline,
        // The text of a formula, a day as ISO 8601, and whatever comes to be.
        Some(_) => Stored::Text,
    }
}

/// The column of a cell's name: `C` of `C12`.
fn cell_column(name: &str) -> Option<usize> {
    let name = name.trim();
    let end = name.find(|character: char| character.is_ascii_digit())?;
    let is_row = name[end..].bytes().all(|byte| byte.is_ascii_digit());
    (end > 0 && is_row).then(|| column_index(&name[..end])).flatten()
}

/// The row in which an area such as `B2:B5` begins.
fn area_row(area: &str) -> Option<u64> {
    let corner = area.split(':').next()?;
    corner.trim_start_matches(|character: char| character.is_ascii_alphabetic()).parse().ok()
}

fn spans_rows(area: &str) -> bool {
    let Some((_, last)) = area.split_once(':') else { return false };
    area_row(area) != area_row(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_cells_and_areas() {
        assert_eq!(
            (cell_column("C12"), cell_column("AA1"), cell_column("XFD1048576")),
            (Some(2), Some(26), Some(16_383))
        );
        for name in ["", "12", "C", "XFE1", "C1D", "C-1", "é1"] {
            assert_eq!(cell_column(name), None, "{name}");
        }
        assert!(spans_rows("B2:C5") && !spans_rows("A1:D1") && !spans_rows("A1"));
        assert_eq!(area_row("B12:C15"), Some(12));
    }
}
