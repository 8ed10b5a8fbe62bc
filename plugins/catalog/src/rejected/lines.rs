//! Formats of lines: NDJSON, where a record is a line, byte for byte; and CSV, where it is a row that may hold line breaks within quotes,
//! written behind the header and as UTF-8 with a mark that says so, whatever it was.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};

use plugpoint_sdk::model::Position;
use plugpoint_sdk::xml::Utf8Reader;

/// As much of the header is looked at for the separator.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// The lines of places, each once.
pub(super) fn of(places: &[Position]) -> Vec<u64> {
    let mut lines: Vec<u64> = places.iter().map(|place| place.line).collect();
    lines.dedup();
    lines
}

/// Copies lines by their numbers.
pub(super) fn write_lines(mut source: BufReader<File>, lines: &[u64], out: &mut dyn Write) -> io::Result<()> {
    let (mut number, mut last, mut wanted) = (1_u64, b'\n', lines.iter().peekable());
    while wanted.peek().is_some() {
        let chunk = source.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let end = chunk.iter().position(|&byte| byte == b'\n').map(|end| end + 1);
        let piece = &chunk[..end.unwrap_or(chunk.len())];
        if wanted.peek() == Some(&&number) {
            out.write_all(piece)?;
            last = piece.last().copied().unwrap_or(last);
        }
        let taken = piece.len();
        source.consume(taken);
        if end.is_some() {
            wanted.next_if_eq(&&number);
            number += 1;
        }
    }
    if last == b'\n' { Ok(()) } else { out.write_all(b"\n") }
}

/// Copies the header, and rows by the numbers of the lines on which they begin.
pub(super) fn write_rows(
    source: BufReader<File>,
    charset: Option<&str>,
    lines: &[u64],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = BufReader::with_capacity(64 << 10, Utf8Reader::new(source, charset));
    let mut header = Vec::new();
    while !header.contains(&b'\n') && header.len() < HEADER_BYTES_MAX {
        let chunk = text.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        header.extend_from_slice(chunk);
        let taken = chunk.len();
        text.consume(taken);
    }
    let mut rows =
        Rows { separator: separator(&header), state: State::FieldStart, line: 1, wanted: lines, takes: true };
    let mut whole = io::Cursor::new(header).chain(text);
    out.write_all("\u{feff}".as_bytes())?;
    let mut last = b'\n';
    loop {
        let chunk = whole.fill_buf()?;
        if chunk.is_empty() {
            return if last == b'\n' { Ok(()) } else { out.write_all(b"\n") };
        }
        let mut from = 0;
        for (at, &byte) in chunk.iter().enumerate() {
            let took = rows.takes;
            if rows.ends_with(byte) {
                if took {
                    out.write_all(&chunk[from..=at])?;
                    last = byte;
                }
                from = at + 1;
            }
        }
        if rows.takes && from < chunk.len() {
            out.write_all(&chunk[from..])?;
            last = chunk[chunk.len() - 1];
        }
        let taken = chunk.len();
        whole.consume(taken);
    }
}

/// The separator of the first line: the one of `,` `;` and tab that occurs most outside of quotes, as the reader finds it.
fn separator(header: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for &byte in header.iter().take_while(|&&byte| byte != b'\n') {
        is_quoted ^= byte == b'"';
        if !is_quoted {
            counts.iter_mut().filter(|(known, _)| *known == byte).for_each(|(_, count)| *count += 1);
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    QuoteSeen,
}

/// Where rows end (RFC 4180; a quote within a field that does not begin with one is text), and which are taken.
struct Rows<'l> {
    separator: u8,
    state: State,
    line: u64,
    /// Lines not passed yet.
    wanted: &'l [u64],
    /// The row that is read is copied; the first one is.
    takes: bool,
}

impl Rows<'_> {
    /// Whether a row ends with this byte.
    fn ends_with(&mut self, byte: u8) -> bool {
        self.line += u64::from(byte == b'\n');
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::QuoteSeen,
            (State::Quoted, _) | (State::FieldStart | State::QuoteSeen, b'"') => State::Quoted,
            (_, b'\n') => {
                while self.wanted.first().is_some_and(|line| *line < self.line) {
                    self.wanted = &self.wanted[1..];
                }
                self.takes = self.wanted.first() == Some(&self.line);
                self.state = State::FieldStart;
                return true;
            }
            (_, byte) if byte == self.separator => State::FieldStart,
            (State::FieldStart | State::Plain | State::QuoteSeen, _) => State::Plain,
        };
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;

    fn csv(document: &[u8], charset: Option<&str>, lines: &[u64]) -> String {
        let places: Vec<(u64, u64)> = lines.iter().map(|line| (*line, 1)).collect();
        let written = written(document, charset, "canonical-csv", &places);
        written.strip_prefix('\u{feff}').expect("the mark of UTF-8").to_owned()
    }

    #[test]
    fn the_header_and_the_rows() {
        let document = b"sku;title\r\nA;\"one\r\ntwo\"\r\nB;5\" pipe\r\nC;\"say \"\"x;\n\"\"\"\r\nD;end";
        assert_eq!(csv(document, None, &[2]), "sku;title\r\nA;\"one\r\ntwo\"\r\n");
        assert_eq!(csv(document, None, &[4]), "sku;title\r\nB;5\" pipe\r\n");
        assert_eq!(csv(document, None, &[5, 7]), "sku;title\r\nC;\"say \"\"x;\n\"\"\"\r\nD;end\n");
        assert_eq!(csv(document, None, &[3]), "sku;title\r\n", "no row begins there");
    }

    #[test]
    fn any_charset_becomes_utf_8() {
        assert_eq!(csv(b"sku,title\nA,\xe4\nB,b\n", Some("windows-1252"), &[2]), "sku,title\nA,ä\n");
    }

    #[test]
    fn a_long_document_is_not_held() {
        let mut document = b"sku\ttitle\n".to_vec();
        (0..50_000).for_each(|n| document.extend_from_slice(format!("S{n}\t\"x\ny\"\n").as_bytes()));
        assert_eq!(csv(&document, None, &[2, 100_000]), "sku\ttitle\nS0\t\"x\ny\"\nS49999\t\"x\ny\"\n");
    }
}
