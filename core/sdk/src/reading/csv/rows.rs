//! Rows and fields of a CSV document (RFC 4180): quotes, doubled quotes, line breaks in quotes, any separator.
//!
//! Our own small tokenizer: a row must be bounded before it is whole, an unclosed quote must be seen at the end, and a stray
//! quote must cost one row only. A quote within a field that does not begin with one is text.

use std::io::BufRead;
use std::ops::Range;

use super::text::Text;
use crate::canonical::malformed;
use crate::document::TransformError;
use crate::model::Position;
use crate::model::finding::EXCERPT_BYTES_MAX;

/// Fields of one row, and so columns of a document.
const FIELDS_MAX: usize = 20_000;

/// How a document separates its fields and quotes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The byte between two fields.
    pub separator: u8,
    /// The byte around a field that holds a separator or a line break; none where quotes are text.
    pub quote: Option<u8>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { separator: b',', quote: Some(b'"') }
    }
}

/// One row. Fields lie one behind the other in `text`.
#[derive(Debug, Default)]
pub struct Row {
    /// Where it begins.
    pub position: Position,
    /// It has more bytes or fields than a row may have; what is beyond them was passed over.
    pub is_too_large: bool,
    /// There is text behind a closing quote.
    pub has_stray_quote: bool,
    /// The bytes that it may have.
    pub bytes_max: usize,
    text: Vec<u8>,
    fields: Vec<Range<usize>>,
    field_start: usize,
    raw: Vec<u8>,
}

impl Row {
    /// No row yet, and room for one of so many bytes.
    #[must_use]
    pub fn of_at_most(bytes_max: usize) -> Self {
        Self { bytes_max, ..Self::default() }
    }

    /// The fields, without their quotes.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        let text = |field: &Range<usize>| std::str::from_utf8(&self.text[field.clone()]).unwrap_or_default();
        self.fields.iter().map(text).collect()
    }

    /// The first bytes of the row as they stand in the document.
    #[must_use]
    pub fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.raw).trim_end().to_owned()
    }

    fn begin(&mut self, position: Position) {
        self.text.clear();
        self.fields.clear();
        self.raw.clear();
        *self = Self {
            position,
            bytes_max: self.bytes_max,
            text: std::mem::take(&mut self.text),
            fields: std::mem::take(&mut self.fields),
            raw: std::mem::take(&mut self.raw),
            ..Self::default()
        };
    }

    fn take(&mut self, text: &[u8]) {
        if self.text.len() + text.len() > self.bytes_max {
            self.is_too_large = true;
        } else {
            self.text.extend_from_slice(text);
        }
    }

    fn take_raw(&mut self, raw: &[u8]) {
        let missing = EXCERPT_BYTES_MAX.saturating_sub(self.raw.len());
        self.raw.extend_from_slice(&raw[..raw.len().min(missing)]);
    }

    fn end_field(&mut self) {
        if self.fields.len() == FIELDS_MAX {
            self.is_too_large = true;
            return;
        }
        self.fields.push(self.field_start..self.text.len());
        self.field_start = self.text.len();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end of them, or half of a doubled one.
    QuoteSeen,
}

/// The rows of one document.
pub struct Rows<'s> {
    text: Text<'s>,
    dialect: Dialect,
}

impl<'s> Rows<'s> {
    /// The rows of a document from its first byte. `charset` is the content type's.
    pub fn new(source: &'s mut dyn BufRead, charset: Option<&'s str>) -> Self {
        Self { text: Text::new(source, charset, None), dialect: Dialect::default() }
    }

    /// The same where neither the content type nor a mark names the encoding: UTF-8, else as [`Utf8Reader::or`](crate::xml::Utf8Reader::or)
    /// says.
    pub fn guessing(source: &'s mut dyn BufRead, fallback: &'static str) -> Self {
        Self { text: Text::new(source, None, Some(fallback)), dialect: Dialect::default() }
    }

    /// Says how fields are separated; before the first row.
    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// The place behind the row that was read last.
    #[must_use]
    pub fn position(&self) -> Position {
        self.text.position()
    }

    /// What bytes were taken for that are not UTF-8, and where the first of them was, so far.
    #[must_use]
    pub fn guessed(&self) -> Option<(&'static str, Position)> {
        self.text.guessed()
    }

    /// The beginning of the document, at most 64 KiB of it, as UTF-8 and not consumed; before the first row. Lines that end with
    /// a carriage return alone, as old spreadsheets write them, are lines from then on.
    ///
    /// # Errors
    /// Those of the source and of the encoding.
    pub fn head(&mut self) -> Result<&[u8], TransformError> {
        self.text.head()
    }

    /// Reads the header, and finds out the separator from it: the one of `,` `;` and tab that occurs most outside of quotes.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    pub fn header(&mut self, row: &mut Row) -> Result<bool, TransformError> {
        let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
        let mut is_quoted = false;
        for &byte in self.text.first_line()? {
            match byte {
                b'"' => is_quoted = !is_quoted,
                _ if is_quoted => {}
                other => {
                    counts.iter_mut().filter(|(separator, _)| *separator == other).for_each(|(_, count)| *count += 1)
                }
            }
        }
        // `max_by_key` gives the last of equals; the comma goes first.
        let separator = counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator);
        self.dialect = Dialect { separator, ..Dialect::default() };
        self.next(row)
    }

    /// Reads the next row; false at the end.
    ///
    /// # Errors
    /// Those of the source and of the encoding, and a document that ends within quotes.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, TransformError> {
        row.begin(self.position());
        let mut state = State::FieldStart;
        let mut is_empty = true;
        loop {
            let bytes = self.text.filled()?;
            if bytes.is_empty() {
                break;
            }
            is_empty = false;
            let mut at = 0;
            let mut is_done = false;
            while at < bytes.len() && !is_done {
                let (count, next) = step(state, &bytes[at..], self.dialect, row);
                is_done = next.is_none();
                state = next.unwrap_or(State::FieldStart);
                at += count;
            }
            row.take_raw(&bytes[..at]);
            self.text.consume(at);
            if is_done {
                return Ok(true);
            }
        }
        if state == State::Quoted {
            return Err(malformed(row.position, "the document ends within a quoted field of the row that begins here"));
        }
        if !is_empty {
            end_row(row);
        }
        Ok(!is_empty)
    }
}

/// Looks at the next bytes: how many are used, and the state behind them; none at the end of the row.
fn step(state: State, bytes: &[u8], dialect: Dialect, row: &mut Row) -> (usize, Option<State>) {
    let Dialect { separator, quote } = dialect;
    let Some(quote) = quote else { return plain(bytes, separator, row) };
    match state {
        State::FieldStart if bytes[0] == quote => (1, Some(State::Quoted)),
        State::FieldStart | State::Plain => plain(bytes, separator, row),
        State::Quoted => match memchr::memchr(quote, bytes) {
            Some(end) => {
                row.take(&bytes[..end]);
                (end + 1, Some(State::QuoteSeen))
            }
            None => {
                row.take(bytes);
                (bytes.len(), Some(State::Quoted))
            }
        },
        State::QuoteSeen => match bytes[0] {
            byte if byte == quote => {
                row.take(&[quote]);
                (1, Some(State::Quoted))
            }
            b'\r' => (1, Some(State::QuoteSeen)),
            byte if byte == separator || byte == b'\n' => plain(bytes, separator, row),
            _ => {
                row.has_stray_quote = true;
                plain(bytes, separator, row)
            }
        },
    }
}

fn plain(bytes: &[u8], separator: u8, row: &mut Row) -> (usize, Option<State>) {
    let Some(end) = memchr::memchr2(separator, b'\n', bytes) else {
        row.take(bytes);
        return (bytes.len(), Some(State::Plain));
    };
    row.take(&bytes[..end]);
    if bytes[end] == b'\n' {
        end_row(row);
        return (end + 1, None);
    }
    row.end_field();
    (end + 1, Some(State::FieldStart))
}

/// The last field ends; the `\r` of a line end does not belong to it.
fn end_row(row: &mut Row) {
    if row.text.len() > row.field_start && row.text.last() == Some(&b'\r') {
        row.text.pop();
    }
    row.end_field();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All rows with fields joined by `|`, and a mark for what is wrong with one.
    fn rows(document: &str) -> Result<String, String> {
        let mut source = document.as_bytes();
        let mut rows = Rows::new(&mut source, None);
        let mut row = Row::of_at_most(1 << 20);
        let mut shown = Vec::new();
        let mut more = rows.header(&mut row).map_err(|error| format!("{error:?}"))?;
        while more {
            let mark = if row.has_stray_quote { "!" } else { "" };
            shown.push(format!("{}:{}{mark}", row.position.line, row.fields().join("|")));
            more = rows.next(&mut row).map_err(|error| format!("{error:?}"))?;
        }
        Ok(shown.join(" "))
    }

    #[test]
    fn rows_are_split_as_rfc_4180_says() {
        for (document, expected) in [
            ("", ""),
            ("a", "1:a"),
            ("a,b\r\nc,d\r\n", "1:a|b 2:c|d"),
            ("a;b,c;d\n1;2;3", "1:a|b,c|d 2:1|2|3"),
            ("a\tb\n\"x\ty\"\t", "1:a|b 2:x\ty|"),
            ("a,b\n\"1\n2\",\"say \"\"x\"\"\"\nc,d", "1:a|b 2:1\n2|say \"x\" 4:c|d"),
            ("a,b\n5\" pipe,\"\"\n", "1:a|b 2:5\" pipe|"),
            ("a,b\n\"x\"y,z\nc,d\n", "1:a|b 2:xy|z! 3:c|d"),
            ("a,b\n\"x\"\r\n,\n", "1:a|b 2:x 3:|"),
            ("\u{FEFF}a,b\n\n", "1:a|b 2:"),
            ("\"a;b\",c\n", "1:a;b|c"),
        ] {
            assert_eq!(rows(document).as_deref(), Ok(expected), "{document:?}");
        }
    }

    #[test]
    fn an_unclosed_quote_ends_the_document() {
        let error = rows("a,b\n1,\"x\ny,z\n").expect_err("unclosed");
        assert!(error.contains("line 2, column 1"), "{error}");
    }
}
