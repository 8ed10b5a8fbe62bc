//! One row of a list, whatever file it came from: its cells as text, each with what kind of cell it is.
//!
//! Filled by the readers of CSV and of workbooks, read by [`table`](crate::table). It holds one row and no more.

use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::model::{Finding, Position};

/// The most columns of a list; a spreadsheet cannot have more.
pub(crate) const COLUMNS_MAX: usize = 16_384;
/// Characters of a row that a finding shows.
const EXCERPT_CHARS_MAX: usize = 300;

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text as it was typed; a number in it is written in the sender's way.
    Text,
    /// A number that a spreadsheet holds as one, with a point whatever the sender's language.
    Number,
    /// An error of a formula, such as `#N/A`.
    Error,
    /// A formula that nobody has computed: its text.
    Formula,
}

impl Kind {
    /// Why such a cell has no value, as the end of a sentence.
    pub(crate) fn flaw(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::Number => None,
            Self::Error => Some("holds an error of the spreadsheet"),
            Self::Formula => {
                Some("holds a formula without its value; save the workbook in a spreadsheet that computes it")
            }
        }
    }
}

/// A cell that is not empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<'r> {
    /// Its text, without blanks at the ends.
    pub(crate) text: &'r str,
    pub(crate) kind: Kind,
}

/// Where rows come from.
pub(crate) trait Rows {
    /// Reads the next row that the file holds; false at the end. Rows that a spreadsheet leaves out are not given.
    fn next(&mut self, row: &mut Row) -> Result<bool, TransformError>;

    /// What there is to say about the whole document once it was read.
    fn notes(&mut self) -> Vec<Finding>;

    /// What else the file holds and nobody reads: other sheets.
    fn others(&self) -> &[String] {
        &[]
    }
}

/// One row.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Where it stands: the line of a CSV document, the row of a sheet.
    pub(crate) position: Position,
    /// Which row of the file it is, from 1.
    pub(crate) number: u64,
    /// Why it is no record at all: code and sentence.
    pub(crate) flaw: Option<(&'static str, String)>,
    /// Control characters were taken out of its cells.
    pub(crate) had_controls: bool,
    text: String,
    /// Ends within `text`, and kinds.
    cells: Vec<(usize, Kind)>,
}

impl Row {
    pub(crate) fn begin(&mut self, position: Position, number: u64) {
        self.text.clear();
        self.cells.clear();
        (self.position, self.number) = (position, number);
        (self.flaw, self.had_controls) = (None, false);
    }

    /// Adds a cell.
    pub(crate) fn push(&mut self, text: &str, kind: Kind) {
        let is_control = |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r');
        if text.contains(is_control) {
            self.had_controls = true;
            self.text.extend(text.chars().filter(|character| !is_control(*character)));
        } else {
            self.text.push_str(text);
        }
        self.cells.push((self.text.len(), kind));
    }

    /// The cells up to the last that is not empty.
    pub(crate) fn width(&self) -> usize {
        (0..self.cells.len()).rev().find(|index| self.cell(*index).is_some()).map_or(0, |index| index + 1)
    }

    /// The cells that the file has, empty ones too.
    pub(crate) fn cells_sent(&self) -> usize {
        self.cells.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.flaw.is_none() && self.width() == 0
    }

    /// A cell by its place, from 0; none if it is empty or not there.
    pub(crate) fn cell(&self, index: usize) -> Option<Cell<'_>> {
        let &(end, kind) = self.cells.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.cells[before].0);
        let text = self.text.get(start..end)?.trim();
        (!text.is_empty()).then_some(Cell { text, kind })
    }

    /// All cells, empty ones as empty text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.width()).map(|index| self.cell(index).map_or("", |cell| cell.text))
    }

    /// The row as a finding shows it.
    pub(crate) fn excerpt(&self) -> String {
        let mut excerpt = String::new();
        for text in self.texts() {
            if !excerpt.is_empty() {
                excerpt.push_str(" | ");
            }
            excerpt.extend(text.chars().take(EXCERPT_CHARS_MAX));
            if excerpt.len() > EXCERPT_CHARS_MAX {
                break;
            }
        }
        excerpt
    }
}

/// The letters of a column, from 0: `A`, `Z`, `AA`.
pub(crate) fn letters(index: usize) -> String {
    let (mut rest, mut letters) = (index + 1, Vec::new());
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

/// The column of letters or of a number from 1.
pub(crate) fn column_index(text: &str) -> Option<usize> {
    let number = match text.parse::<usize>() {
        Ok(number) => number,
        Err(_) => {
            let is_short = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
            is_short.then_some(())?;
            text.bytes().fold(0, |number, byte| number * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1)
        }
    };
    (1..=COLUMNS_MAX).contains(&number).then(|| number - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (index, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(index), name);
            assert_eq!(column_index(name), Some(index));
        }
        assert_eq!((column_index("3"), column_index("c"), column_index("16384")), (Some(2), Some(2), Some(16_383)));
        for name in ["", "0", "XFE", "16385", "A1", "AAAA", "ä"] {
            assert_eq!(column_index(name), None, "{name}");
        }
    }

    #[test]
    fn a_row_gives_its_cells_without_blanks_and_control_characters() {
        let mut row = Row::default();
        row.begin(Position::default(), 1);
        for text in [" a ", "", "b\0c", " "] {
            row.push(text, Kind::Text);
        }
        assert_eq!(row.texts().collect::<Vec<_>>(), ["a", "", "bc"]);
        assert_eq!((row.width(), row.cells_sent(), row.had_controls), (3, 4, true));
        assert_eq!(row.excerpt(), "a |  | bc");
    }
}
