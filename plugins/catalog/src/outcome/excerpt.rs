//! The sender's own lines around the places of findings, read from the kept document in one pass.
//!
//! Called when the report page is made. It reads text of any supported encoding, no farther than the last place and no more than
//! [`BYTES_MAX`]; it parses nothing. What it cannot read it leaves out: the page has the findings without it.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use plugpoint_sdk::model::Position;
use plugpoint_sdk::xml::Utf8Reader;

/// Bytes of a document that are looked through, as UTF-8. What is wrong behind them is told without its lines.
const BYTES_MAX: u64 = 256 << 20;

/// What a document is shown in that does not say what it is and is not UTF-8.
const FALLBACK: &str = "windows-1252";

/// Characters before a place, all on its line.
const BEFORE_CHARS: usize = 100;

/// Characters from a place on.
const AFTER_CHARS: usize = 320;

/// Lines from a place on, its own included.
const AFTER_LINES: usize = 4;

/// What stands around one place.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The end of the line's part before the place.
    pub(crate) before: String,
    /// The text from the place on.
    pub(crate) after: String,
}

impl Excerpt {
    /// Without the indentation that all its lines have in common with the first.
    pub(crate) fn dedented(&self) -> Self {
        let is_whole = self.before.chars().count() < BEFORE_CHARS;
        let indent: String = self.before.chars().take_while(|it| is_whole && matches!(it, ' ' | '\t')).collect();
        let mut lines = self.after.split('\n');
        let mut after = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            let blanks = line.bytes().zip(indent.bytes()).take_while(|(one, other)| one == other).count();
            after.push('\n');
            after.push_str(&line[blanks..]);
        }
        Self { before: self.before[indent.len()..].to_owned(), after }
    }
}

/// The place that the sentence of an error begins with: `line 5, column 10: ...`.
pub(crate) fn place_in(detail: &str) -> Option<Position> {
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    let rest = detail.strip_prefix("line ")?;
    let column = rest.split_once(", column ").filter(|(line, _)| line.bytes().all(|it| it.is_ascii_digit()));
    Some(Position { line: number(rest)?, column: column.map_or(Some(1), |(_, column)| number(column))? })
}

/// A place as a key.
type Place = (u64, u64);

/// The excerpts of as many places as lie within what is looked through.
pub(crate) fn around(
    source: impl Read,
    charset: Option<&str>,
    places: impl IntoIterator<Item = Position>,
) -> BTreeMap<(u64, u64), Excerpt> {
    let mut wanted: Vec<Place> =
        places.into_iter().filter(|place| place.line > 0).map(|place| (place.line, place.column.max(1))).collect();
    wanted.sort_unstable_by(|one, other| other.cmp(one));
    wanted.dedup();
    let mut walk = Walk { wanted, open: Vec::new(), done: BTreeMap::new(), line: 1, column: 1, recent: String::new() };
    let decoded = Utf8Reader::new(source, charset).or(FALLBACK);
    let mut text = BufReader::with_capacity(64 << 10, decoded.take(BYTES_MAX));
    // A document that cannot be read to its end still gives the lines before.
    let _ = walk.run(&mut text);
    walk.close_all();
    walk.done
}

struct Walk {
    /// Places not reached yet, the next one last.
    wanted: Vec<Place>,
    /// Places whose text is being taken, with the lines and characters that are still to come.
    open: Vec<(Place, Excerpt, usize, usize)>,
    done: BTreeMap<Place, Excerpt>,
    line: u64,
    column: u64,
    /// The end of the line so far.
    recent: String,
}

impl Walk {
    fn run(&mut self, text: &mut impl BufRead) -> io::Result<()> {
        let mut rest = Vec::new();
        while !(self.wanted.is_empty() && self.open.is_empty()) {
            let chunk = text.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            // A character may be cut at the end of a chunk.
            let taken = chunk.len();
            rest.extend_from_slice(chunk);
            text.consume(taken);
            let valid = match std::str::from_utf8(&rest) {
                Ok(_) => rest.len(),
                Err(error) => error.valid_up_to(),
            };
            if let Ok(piece) = std::str::from_utf8(&rest[..valid]) {
                self.piece(piece);
            }
            rest.drain(..valid);
        }
        Ok(())
    }

    fn piece(&mut self, piece: &str) {
        for line in piece.split_inclusive('\n') {
            let is_near = !self.open.is_empty() || self.wanted.last().is_some_and(|next| next.0 <= self.line);
            if is_near {
                line.chars().for_each(|character| self.character(character));
            } else if line.ends_with('\n') {
                self.next_line();
            }
            if self.wanted.is_empty() && self.open.is_empty() {
                return;
            }
        }
    }

    fn next_line(&mut self) {
        (self.line, self.column) = (self.line + 1, 1);
        self.recent.clear();
    }

    fn character(&mut self, character: char) {
        while let Some(place) = self.wanted.pop_if(|next| *next <= (self.line, self.column)) {
            let before = tail(&self.recent, BEFORE_CHARS).to_owned();
            self.open.push((place, Excerpt { before, after: String::new() }, AFTER_LINES, AFTER_CHARS));
        }
        for (_, excerpt, lines, characters) in &mut self.open {
            if character != '\r' {
                excerpt.after.push(character);
            }
            *characters = characters.saturating_sub(1);
            *lines -= usize::from(character == '\n');
        }
        if character == '\n' || self.open.iter().any(|open| open.3 == 0) {
            self.close(|open| open.2 == 0 || open.3 == 0);
        }
        if character == '\n' {
            return self.next_line();
        }
        self.column += 1;
        self.recent.push(character);
        if self.recent.len() > 8 * BEFORE_CHARS {
            self.recent = tail(&self.recent, BEFORE_CHARS).to_owned();
        }
    }

    fn close(&mut self, is_over: impl Fn(&(Place, Excerpt, usize, usize)) -> bool) {
        for (place, mut excerpt, _, characters) in self.open.extract_if(.., |open| is_over(open)) {
            excerpt.after.truncate(excerpt.after.trim_end().len());
            if characters == 0 {
                excerpt.after.push('…');
            }
            self.done.insert(place, excerpt);
        }
    }

    fn close_all(&mut self) {
        self.close(|_| true);
    }
}

/// The last characters of a text.
fn tail(text: &str, count: usize) -> &str {
    let start = text.char_indices().rev().nth(count - 1).map_or(0, |(at, _)| at);
    &text[start..]
}

/// Where in the text from a place on the offending part is, in bytes: the value if it stands there, else the tag, else the word.
pub(crate) fn offending(after: &str, value: Option<&str>) -> std::ops::Range<usize> {
    let value = value.map(|value| value.trim_end_matches('…').trim()).filter(|value| !value.is_empty());
    if let Some(start) = value.and_then(|value| after.find(value)) {
        return start..start + value.map_or(0, str::len);
    }
    if after.starts_with('<') {
        return 0..after.find('>').map_or(after.len(), |end| end + 1);
    }
    0..after.find([',', ';', '\t', '\n']).unwrap_or(after.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &[u8], places: &[(u64, u64)]) -> Vec<(String, String)> {
        let places = places.iter().map(|&(line, column)| Position { line, column });
        around(text, None, places).into_values().map(|it| (it.before, it.after)).collect()
    }

    fn pair(before: &str, after: &str) -> (String, String) {
        (before.to_owned(), after.to_owned())
    }

    #[test]
    fn the_lines_around_each_place() {
        let text = "one\r\n <p>ä<a>12x</a>\n </p>\n3\n4\n5\n".as_bytes();
        assert_eq!(found(text, &[(2, 6)]), [pair(" <p>ä", "<a>12x</a>\n </p>\n3\n4")]);
        assert_eq!(
            found(text, &[(1, 1), (2, 2), (2, 2)]),
            [pair("", "one\n <p>ä<a>12x</a>\n </p>\n3"), pair(" ", "<p>ä<a>12x</a>\n </p>\n3\n4")]
        );
        assert_eq!(found(text, &[(6, 1)]), [pair("", "5")]);
        assert_eq!(
            found(text, &[(1, 99)]),
            [pair("", "<p>ä<a>12x</a>\n </p>\n3\n4")].map(|it| (it.0, format!(" {}", it.1))),
            "behind its line"
        );
        assert!(found(text, &[(99, 1), (0, 0)]).is_empty());
    }

    #[test]
    fn one_long_line_costs_no_more_than_the_window() {
        let text = format!("{}<a>{}", "x".repeat(200_000), "y".repeat(200_000));
        let found = found(text.as_bytes(), &[(1, 200_001)]);
        assert_eq!(found, [(("x".repeat(BEFORE_CHARS)), format!("<a>{}…", "y".repeat(AFTER_CHARS - 3)))]);
    }

    #[test]
    fn what_is_no_text_gives_what_can_be_read() {
        let declared = b"<?xml version='1.0' encoding='UTF-8'?>ab\xff\xffcd\nx";
        let mut damaged = "\u{feff}ab".as_bytes().to_vec();
        damaged.extend_from_slice(b"\xff\xffcd\nx");
        assert_eq!(found(&damaged, &[(1, 1)]), [pair("", "ab")]);
        assert!(found(&damaged, &[(2, 1)]).is_empty());
        assert_eq!(found(b"M\xfctze\n", &[(1, 1)]), [pair("", "Mütze")], "undeclared, as its reader guesses it");
        assert_eq!(found(declared, &[(2, 1)]), [pair("", "x")]);
    }

    #[test]
    fn the_first_lines_indentation_is_taken_off() {
        let dedented = |before: &str, after: &str| {
            let Excerpt { before, after } = Excerpt { before: before.to_owned(), after: after.to_owned() }.dedented();
            (before, after)
        };
        assert_eq!(dedented("   <a>", "x\n     y\n z\n"), pair("<a>", "x\n  y\nz\n"));
        assert_eq!(dedented("\t", "x\n  y"), pair("", "x\n  y"));
        let cut = " ".repeat(BEFORE_CHARS);
        assert_eq!(dedented(&cut, "x\n  y"), pair(&cut, "x\n  y"), "it is not known how far it goes");
    }

    #[test]
    fn an_error_says_its_place() {
        let place = |detail| place_in(detail).map(|at| (at.line, at.column));
        assert_eq!(place("line 5, column 10: the document ends"), Some((5, 10)));
        assert_eq!(place("line 5: two, column 3"), Some((5, 1)));
        assert_eq!(place("line x"), None);
        assert_eq!(place("the document"), None);
    }

    #[test]
    fn the_offending_part_is_marked() {
        let marked = |after: &'static str, value| &after[offending(after, value)];
        assert_eq!(marked("<P>12,5x</P>", Some("12,5x")), "12,5x");
        assert_eq!(marked("<P>12,5x</P>", Some("12…")), "12");
        assert_eq!(marked("<P a='1'>12</P>", Some("other")), "<P a='1'>");
        assert_eq!(marked("<P a='1", None), "<P a='1");
        assert_eq!(marked("A1;title", None), "A1");
        assert_eq!(marked("", Some("x")), "");
        assert_eq!(marked("ab", Some(" ")), "ab");
    }
}
