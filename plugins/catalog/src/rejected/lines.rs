//! Formats of lines: NDJSON, where a record is a line, byte for byte; and CSV, where it is a row that may hold line breaks within quotes,
//! written behind what stands before the first record and as UTF-8 with a mark that says so, whatever it was.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};

use plugpoint_sdk::model::Position;
use plugpoint_sdk::xml::Utf8Reader;

use super::Source;

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

/// How the rows of a document are told apart, and which are written.
pub(super) struct Listing {
    /// The encoding, if it is known.
    label: Option<String>,
    /// What it is in where nothing says so and it is not UTF-8.
    fallback: &'static str,
    /// The separator, if it is known.
    separator: Option<u8>,
    quote: Option<u8>,
    /// Lines before this one hold no record: titles, the header. If it is not known, the first row is the header.
    first: Option<u64>,
    lines: Vec<u64>,
}

impl Listing {
    /// The canonical form has one header and finds out its separator; other lists are as the profile says.
    pub(super) fn of(source: &Source<'_>) -> Self {
        let table = &source.profile.table;
        let is_own = source.format.is_none_or(|format| !format.starts_with("canonical"));
        let separator = match table.delimiter.as_str() {
            "tab" => Some(b'\t'),
            "auto" => None,
            other => other.bytes().next(),
        };
        let quote = match table.quote.as_str() {
            "none" => None,
            other => other.bytes().next(),
        };
        let label = source.charset.map(str::to_owned);
        let encoding = Some(&table.encoding).filter(|encoding| is_own && *encoding != "auto");
        Self {
            label: label.or_else(|| encoding.cloned()),
            fallback: code_page(&source.profile.catalog.language),
            separator: separator.filter(|_| is_own),
            quote: if is_own { quote } else { Some(b'"') },
            first: source.places.first.map(|place| place.line),
            lines: of(&source.places.rejected),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.lines.len()
    }
}

/// The Windows code page in which systems of a language write what they do not declare.
fn code_page(language: &str) -> &'static str {
    match language.split('-').next().unwrap_or_default() {
        "bg" | "be" | "kk" | "mk" | "ru" | "sr" | "uk" => "windows-1251",
        "bs" | "cs" | "hr" | "hu" | "pl" | "ro" | "sk" | "sl" => "windows-1250",
        "el" => "windows-1253",
        "tr" => "windows-1254",
        "et" | "lt" | "lv" => "windows-1257",
        _ => "windows-1252",
    }
}

/// Copies what stands before the first record, and rows by the numbers of the lines on which they begin.
pub(super) fn write_rows(source: BufReader<File>, listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    let decoded = Utf8Reader::new(source, listing.label.as_deref()).or(listing.fallback);
    let mut text = BufReader::with_capacity(64 << 10, decoded);
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
    let mut rows = Rows::new(listing, &header);
    let mut whole = io::Cursor::new(header).chain(text);
    out.write_all("\u{feff}".as_bytes())?;
    let mut last = rows.line_end;
    loop {
        let chunk = whole.fill_buf()?;
        if chunk.is_empty() {
            return if last == rows.line_end { Ok(()) } else { out.write_all(&[rows.line_end]) };
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

/// The separator of the first line: the one that occurs most outside of quotes, as the reader finds it.
fn separator(header: &[u8], line_end: u8) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut is_quoted = false;
    for &byte in header.iter().take_while(|&&byte| byte != line_end) {
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
    quote: Option<u8>,
    /// A line feed; a carriage return where the document has nothing else.
    line_end: u8,
    state: State,
    line: u64,
    /// Rows that begin before this line are taken.
    first: u64,
    /// Lines not passed yet.
    wanted: &'l [u64],
    /// The row that is read is copied.
    takes: bool,
}

impl<'l> Rows<'l> {
    fn new(listing: &'l Listing, header: &[u8]) -> Self {
        let line_end = if header.contains(&b'\r') && !header.contains(&b'\n') { b'\r' } else { b'\n' };
        let separator = listing.separator.unwrap_or_else(|| separator(header, line_end));
        let (quote, first) = (listing.quote, listing.first.unwrap_or(2));
        let mut rows = Self {
            separator,
            quote,
            line_end,
            state: State::FieldStart,
            line: 1,
            first,
            wanted: &listing.lines,
            takes: false,
        };
        rows.begin();
        rows
    }

    /// A row begins on this line.
    fn begin(&mut self) {
        while self.wanted.first().is_some_and(|line| *line < self.line) {
            self.wanted = &self.wanted[1..];
        }
        self.takes = self.line < self.first || self.wanted.first() == Some(&self.line);
        self.state = State::FieldStart;
    }

    /// Whether a row ends with this byte.
    fn ends_with(&mut self, byte: u8) -> bool {
        self.line += u64::from(byte == self.line_end);
        let is_quote = Some(byte) == self.quote;
        self.state = match self.state {
            State::Quoted if is_quote => State::QuoteSeen,
            State::Quoted => State::Quoted,
            State::FieldStart | State::QuoteSeen if is_quote => State::Quoted,
            _ if byte == self.line_end => {
                self.begin();
                return true;
            }
            _ if byte == self.separator => State::FieldStart,
            State::FieldStart | State::Plain | State::QuoteSeen => State::Plain,
        };
        false
    }
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::profile::Profile;

    use super::super::tests::{written, written_by};

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
    fn lists_are_read_as_the_profile_says() {
        let toml = "[table]\ndelimiter = '|'\nquote = \"'\"\nencoding = 'windows-1251'\n[catalog]\nlanguage = 'ru'\n";
        let profile = Profile::parse(toml).unwrap();
        let list = |document: &[u8], charset, first, lines: &[(u64, u64)]| {
            let written = written_by(&profile, Some(first), (document, charset, "CSV"), lines);
            written.strip_prefix('\u{feff}').expect("the mark of UTF-8").to_owned()
        };
        let document = "Price list, 'x\n\nsku|title\nA|'one\ntwo'\nB|b\"\nC|c".as_bytes();
        assert_eq!(list(document, Some("utf-8"), 4, &[(6, 1)]), "Price list, 'x\n\nsku|title\nB|b\"\n");
        assert_eq!(
            list(document, Some("utf-8"), 4, &[(4, 1), (7, 1)]),
            "Price list, 'x\n\nsku|title\nA|'one\ntwo'\nC|c\n"
        );
        assert_eq!(list(b"A|\xcf\nB|b\n", None, 1, &[(1, 1)]), "A|П\n", "no header, and the profile's encoding");
        assert_eq!(list(b"sku|t\rA|a\rB|b\rC|c", None, 2, &[(3, 1)]), "sku|t\rB|b\r", "an old spreadsheet's line ends");
        let guess = Profile::parse("[catalog]\nlanguage = 'pl'\n").unwrap();
        let written = written_by(&guess, None, (b"sku;t\nA;\xb3\nB;b\n", None, "TSV"), &[(2, 1)]);
        assert_eq!(written, "\u{feff}sku;t\nA;ł\n", "the code page of the language");
    }

    #[test]
    fn a_long_document_is_not_held() {
        let mut document = b"sku\ttitle\n".to_vec();
        (0..50_000).for_each(|n| document.extend_from_slice(format!("S{n}\t\"x\ny\"\n").as_bytes()));
        assert_eq!(csv(&document, None, &[2, 100_000]), "sku\ttitle\nS0\t\"x\ny\"\nS49999\t\"x\ny\"\n");
    }
}
