//! V, the first record of a file: version and currency. Sender and date are not kept.
//!
//! Called by the walk for each line, since files are put behind each other.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use crate::fields::{Fields, Version};

/// The letters of records with which a document without a header may begin.
const RECORDS: &str = "ABCDEGJKPRSTZ";
/// Columns of the fixed record, counted from 0: the version, then the currency to its end.
const VERSION_AT: usize = 123;
const FIXED_CHARS: usize = 128;

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) version: Version,
    pub(crate) currency: Option<String>,
}

impl Header {
    /// The header that a line is; nothing if it is none, an error if it is of a version that cannot be read.
    pub(crate) fn of(line: &str) -> Option<Result<Self, ApiError>> {
        if let Some(rest) = line.strip_prefix("V;").or_else(|| line.strip_prefix("v;")) {
            let fields: Vec<&str> = rest.split(';').map(str::trim).collect();
            let field = |index: usize| fields.get(index).copied().unwrap_or_default();
            let version = if field(0).trim_start_matches('0').starts_with('4') { Version::Four } else { Version::Five };
            return Some(Ok(Self { version, currency: currency(field(3)) }));
        }
        let characters: Vec<char> = line.chars().take(FIXED_CHARS).collect();
        let date = characters.get(2..8)?;
        if !matches!(characters[0], 'V' | 'v') || !date.iter().all(char::is_ascii_digit) {
            return None;
        }
        let (version, money) = match characters.get(VERSION_AT..) {
            Some(tail) if tail.len() >= 2 => (tail[..2].iter().collect(), tail[2..].iter().collect()),
            _ => shortened(line),
        };
        if version == "03" {
            let detail = "the document is DATANORM 3, whose columns are fixed; send version 4 or 5";
            return Some(Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail)));
        }
        Some(Ok(Self { version: Version::Four, currency: currency(&money) }))
    }
}

/// Senders that leave out blanks: the version and the currency are the last word.
fn shortened(line: &str) -> (String, String) {
    let word = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    let digits = word.chars().rev().skip_while(|it| it.is_ascii_alphabetic()).take(2).collect::<Vec<_>>();
    let money: String =
        word.chars().rev().take_while(char::is_ascii_alphabetic).collect::<Vec<_>>().into_iter().rev().collect();
    (digits.into_iter().rev().collect(), money)
}

fn currency(sent: &str) -> Option<String> {
    let sent = sent.trim().to_uppercase();
    let code = match sent.as_str() {
        "DM" => "DEM",
        "SFR" => "CHF",
        code => code,
    };
    Some(code.to_owned()).filter(|code| !code.is_empty())
}

/// Whether a line that stands first may be a record of a document without a header.
pub(crate) fn is_record(fields: &Fields<'_>) -> bool {
    RECORDS.contains(fields.kind) && fields.len() >= 4 && fields.get(1).chars().count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(Version, Option<String>)> {
        Header::of(line).map(|header| header.map(|it| (it.version, it.currency)).unwrap())
    }

    fn fixed(tail: &str) -> String {
        format!("V 010199{:<40}{:<40}{:<35}{tail}", "Größe AG", "Test", "Ansprechpartner")
    }

    #[test]
    fn headers_of_both_versions() {
        let euro = Some("EUR".to_owned());
        assert_eq!(fixed("04EUR").chars().count(), FIXED_CHARS);
        let cases = [
            (fixed("04EUR"), Some((Version::Four, euro.clone()))),
            (fixed("04DM "), Some((Version::Four, Some("DEM".to_owned())))),
            (fixed("04"), Some((Version::Four, None))),
            ("V 010199Firma 04EUR".to_owned(), Some((Version::Four, euro.clone()))),
            ("V 010199".to_owned(), Some((Version::Four, None))),
            ("V;050;A;20250415;EUR;;".to_owned(), Some((Version::Five, euro.clone()))),
            ("V;040;A;20250415;EUR".to_owned(), Some((Version::Four, euro))),
            ("V;".to_owned(), Some((Version::Five, None))),
            ("V 0101".to_owned(), None),
            ("Vertrag 2026".to_owned(), None),
            ("A;N;1".to_owned(), None),
        ];
        for (line, expected) in cases {
            assert_eq!(read(&line), expected, "{line}");
        }
    }

    #[test]
    fn version_3_is_refused() {
        assert_eq!(Header::of(&fixed("03DM ")).unwrap().unwrap_err().code.name, "document_malformed");
    }
}
