//! Lists of separated text: which separator, which encoding, and the rows as the rest of the crate takes them.
//!
//! The rows themselves are cut by the toolkit. Whatever of a document cannot be told from its head is told by the profile.

use std::io::BufRead;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::document::{Document, TransformError};
use plugpoint_sdk::model::Finding;
use plugpoint_sdk::profile::{CatalogProfile, TableProfile};
use plugpoint_sdk::reading::csv::{Dialect, Row as Fields, Rows as Tokens};

use crate::row::{COLUMNS_MAX, Kind, Row, Rows};

/// Lines of the head that separators are counted in.
const LINES_MAX: usize = 50;
/// Separators, the likelier first.
const SEPARATORS: [u8; 4] = [b'\t', b';', b'|', b','];
/// What spreadsheets write for an error, in the languages that they write it in.
const ERRORS: &[&str] = &[
    "#N/A",
    "#NV",
    "#N/D",
    "#REF!",
    "#BEZUG!",
    "#NAME?",
    "#NOM?",
    "#NAZWA?",
    "#ИМЯ?",
    "#VALUE!",
    "#WERT!",
    "#VALEUR!",
    "#ARG!",
    "#ЗНАЧ!",
    "#DIV/0!",
    "#DZIEL/0!",
    "#ДЕЛ/0!",
    "#NUM!",
    "#ZAHL!",
    "#NOMBRE!",
    "#LICZBA!",
    "#ЧИСЛО!",
    "#NULL!",
    "#ССЫЛКА!",
    "#Н/Д",
    "#ADR!",
    "#SPILL!",
    "#CALC!",
];

/// The rows of a document.
pub(crate) struct Csv<'s> {
    tokens: Tokens<'s>,
    fields: Fields,
    number: u64,
    pub(crate) format: &'static str,
}

impl<'s> Csv<'s> {
    /// Finds out how the document is written.
    pub(crate) fn open(
        source: &'s mut dyn BufRead,
        document: &Document<'s>,
        sniffed: Option<&'static str>,
    ) -> Result<Self, TransformError> {
        let (profile, catalog) = (&document.profile.table, &document.profile.catalog);
        let label = match profile.encoding.as_str() {
            "auto" => document.charset.or(sniffed),
            label => Some(label),
        };
        let mut tokens = match label {
            Some(label) => Tokens::new(source, Some(label)),
            None => Tokens::guessing(source, code_page(catalog)),
        };
        let (dialect, has_line) = dialect(tokens.head()?, profile, document.media_type);
        tokens.set_dialect(dialect);
        let mut fields = Fields::of_at_most(document.xml_limits.record_bytes_max);
        if has_line {
            tokens.next(&mut fields)?;
        }
        let format = if dialect.separator == b'\t' { "TSV" } else { "CSV" };
        Ok(Self { tokens, fields, number: u64::from(has_line), format })
    }
}

impl Rows for Csv<'_> {
    fn next(&mut self, row: &mut Row) -> Result<bool, TransformError> {
        if !self.tokens.next(&mut self.fields)? {
            return Ok(false);
        }
        self.number += 1;
        row.begin(self.fields.position, self.number);
        let fields = self.fields.fields();
        for field in fields.iter().take(COLUMNS_MAX) {
            let text = unwrapped(field.trim());
            row.push(text, if ERRORS.contains(&text) { Kind::Error } else { Kind::Text });
        }
        if self.fields.is_too_large || fields.len() > COLUMNS_MAX {
            let message = format!("the row has more than {} bytes or {COLUMNS_MAX} fields", self.fields.bytes_max);
            row.flaw = Some((finding::RECORD_TOO_LARGE, message));
        } else if self.fields.has_stray_quote {
            let message = "there is text behind a closing quote; write \" as \"\" in a quoted field";
            row.flaw = Some((finding::RECORD_MALFORMED, message.to_owned()));
        }
        Ok(true)
    }

    fn notes(&mut self) -> Vec<Finding> {
        let told = |(name, position)| {
            let message = format!(
                "the document names no encoding and is not UTF-8; what is not, the first of it here, was read as {name} (table.encoding in the profile sets one)"
            );
            Finding::warning(finding::ENCODING_GUESSED, message).at(position)
        };
        self.tokens.guessed().map(told).into_iter().collect()
    }
}

/// A cell without what spreadsheets put around a number that is to stay text: `="00123"`, `'00123`.
fn unwrapped(text: &str) -> &str {
    let formula = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let is_digits = |rest: &&str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    formula.filter(|inner| !inner.contains('"')).or_else(|| text.strip_prefix('\'').filter(is_digits)).unwrap_or(text)
}

/// The code page that Windows uses for the language of the tenant's texts.
fn code_page(profile: &CatalogProfile) -> &'static str {
    match profile.language.split('-').next().unwrap_or_default() {
        "ru" | "uk" | "be" | "bg" | "mk" | "sr" => "windows-1251",
        "pl" | "cs" | "sk" | "hu" | "ro" | "hr" | "sl" | "bs" => "windows-1250",
        "el" => "windows-1253",
        "tr" => "windows-1254",
        "lt" | "lv" | "et" => "windows-1257",
        _ => "windows-1252",
    }
}

/// How a document is written, and whether its first line says so: `sep=;`, as spreadsheets write and read it.
pub(crate) fn dialect(head: &[u8], profile: &TableProfile, media_type: &str) -> (Dialect, bool) {
    let quote = match profile.quote.as_str() {
        "none" => None,
        quote => quote.bytes().next(),
    };
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let said = match first {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => Some(*separator),
        b"sep=" => Some(b'\t'), // the tab was trimmed
        [b'"', b's', b'e', b'p', b'=', separator, b'"'] => Some(*separator),
        _ => None,
    };
    let separator = match profile.delimiter.as_str() {
        "auto" if media_type == "text/tab-separated-values" => b'\t',
        "auto" => said.unwrap_or_else(|| likeliest(head, quote)),
        "tab" => b'\t',
        other => other.bytes().next().unwrap_or(b','),
    };
    (Dialect { separator, quote }, said.is_some())
}

/// The separator that most lines have the same number of. A line that is cut off by the end of the head counts for little.
fn likeliest(head: &[u8], quote: Option<u8>) -> u8 {
    let mut best = (0, b',');
    for separator in SEPARATORS {
        let counts = counts(head, separator, quote);
        let lines = counts.iter().filter(|count| **count > 0);
        let usual = lines.clone().max_by_key(|count| counts.iter().filter(|other| other == count).count());
        let alike = usual.map_or(0, |usual| counts.iter().filter(|count| *count == usual).count());
        if alike > best.0 {
            best = (alike, separator);
        }
    }
    best.1
}

/// How often a separator stands outside of quotes, for each line.
fn counts(head: &[u8], separator: u8, quote: Option<u8>) -> Vec<usize> {
    let (mut counts, mut count, mut is_quoted, mut is_start) = (Vec::new(), 0, false, true);
    for &byte in head {
        match byte {
            byte if Some(byte) == quote && (is_quoted || is_start) => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'\n' => {
                counts.push(std::mem::take(&mut count));
                if counts.len() == LINES_MAX {
                    return counts;
                }
            }
            byte => count += usize::from(byte == separator),
        }
        is_start = byte == separator || byte == b'\n';
    }
    counts.push(count);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_that_the_lines_share() {
        for (head, expected) in [
            ("sku;price\nA;12,50\nB;13,50\n", b';'),
            ("sku,price\nA,12.50\n", b','),
            ("sku\tname\nA\tx, y; z\n", b'\t'),
            ("sku|name\nA|x\n", b'|'),
            ("\"a;b\",c\n\"d;e;f\",g\n", b','),
            ("Preisliste 2026, gültig ab Mai\n\nsku;name;price\nA;x;1,5\nB;y;2,5\n", b';'),
            ("sku\nA\n", b','),
            ("", b','),
            ("sku;text\nA;\"1\n2;3;4;5\n6\"\nB;x\n", b';'),
        ] {
            assert_eq!(char::from(likeliest(head.as_bytes(), Some(b'"'))), char::from(expected), "{head:?}");
        }
    }

    #[test]
    fn the_first_line_the_profile_and_the_media_type_say_it() {
        let of = |head: &str, delimiter: &str, media_type: &str| {
            let profile = TableProfile { delimiter: delimiter.to_owned(), ..TableProfile::default() };
            let (dialect, has_line) = dialect(head.as_bytes(), &profile, media_type);
            (char::from(dialect.separator), has_line)
        };
        assert_eq!(of("sep=|\r\na,b|c", "auto", ""), ('|', true));
        assert_eq!(of("SEP=;\na,b", "auto", ""), (';', true));
        assert_eq!(of("sep=\t\na", "auto", ""), ('\t', true));
        assert_eq!(of("sep=;\na,b", ",", ""), (',', true));
        assert_eq!(of("a,b\tc", "auto", "text/tab-separated-values"), ('\t', false));
        assert_eq!(of("a,b", "tab", ""), ('\t', false));
    }

    #[test]
    fn numbers_that_are_to_stay_text_lose_their_wrapping() {
        for (text, expected) in [
            ("=\"00123\"", "00123"),
            ("'00123", "00123"),
            ("'70s", "'70s"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("=1+2", "=1+2"),
            ("=\"\"", ""),
            ("'", "'"),
        ] {
            assert_eq!(unwrapped(text), expected);
        }
    }
}
