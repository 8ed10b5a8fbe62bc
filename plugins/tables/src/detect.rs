//! What a document is, by its first bytes: separated text, a workbook, or something that only looks like a list.
//!
//! Asked before a document is read, and by `plugpoint detect`. What cannot be read is refused by name, with what to send instead.

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::profile::TableProfile;
use plugpoint_sdk::profile::place::Place;

use crate::csv;
use crate::known::known;

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Text, in this encoding if the first bytes show it.
    Text(Option<&'static str>),
    /// A ZIP container; whether it is a workbook is in its parts.
    Container,
}

/// What is refused, by its first bytes.
const REFUSED: &[(&[u8], &str)] = &[
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "the document is an Excel file of the old kind (.xls) or one with a password; save it as .xlsx without a password, or as CSV",
    ),
    (b"PK\x05\x06", "the document is an empty ZIP archive"),
    (b"\x1F\x8B", "the document is compressed with gzip; send what is in it"),
    (b"%PDF", "the document is a PDF; send the list as .xlsx or CSV"),
    (b"Rar!", "the document is a RAR archive; send what is in it"),
    (b"7z\xBC\xAF", "the document is a 7-Zip archive; send what is in it"),
    (b"\x7FELF", "the document is a program"),
];

/// What the first bytes of a document show.
///
/// # Errors
/// A sentence about what it is instead of a list.
pub(crate) fn content(head: &[u8]) -> Result<Content, &'static str> {
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Content::Container);
    }
    if let Some((_, message)) = REFUSED.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(message);
    }
    let (utf_16, text) = match head {
        [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] => (None, rest),
        [0xEF, 0xBB, 0xBF, rest @ ..] => (None, rest),
        _ => (two_bytes(head), head),
    };
    let first = text.iter().find(|byte| !matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n'));
    match first {
        Some(b'<') => Err(
            "the document is XML or HTML and no list; spreadsheets that are saved as XML or as a web page have to be saved as .xlsx or CSV",
        ),
        Some(b'{') => Err("the document is JSON and no list"),
        _ => Ok(Content::Text(utf_16)),
    }
}

/// UTF-16 without a mark: of Latin text every other byte is zero.
fn two_bytes(head: &[u8]) -> Option<&'static str> {
    let pairs = head.chunks_exact(2).take(512);
    let (count, mut even, mut odd) = (pairs.len(), 0, 0);
    for pair in pairs {
        even += usize::from(pair[0] == 0);
        odd += usize::from(pair[1] == 0);
    }
    let is_most = |zeros: usize, others: usize| count >= 4 && zeros * 10 >= count * 6 && others * 10 <= count;
    match (is_most(odd, even), is_most(even, odd)) {
        (true, _) => Some("utf-16le"),
        (_, true) => Some("utf-16be"),
        _ => None,
    }
}

/// Whether a container is a workbook, by the names of its first parts. They come in any order.
fn workbook(head: &Head<'_>) -> Option<Detected> {
    let (mut is_office, bytes) = (false, head.bytes);
    for at in memchr::memmem::find_iter(bytes, b"PK\x03\x04") {
        let length = bytes.get(at + 26..at + 28).map_or(0, |it| usize::from(u16::from_le_bytes([it[0], it[1]])));
        let Some(name) = bytes.get(at + 30..at + 30 + length.min(256)) else { continue };
        let name = String::from_utf8_lossy(name).replace('\\', "/");
        if name.starts_with("xl/") && !name.ends_with(".bin") {
            return Detected::certain("XLSX", format!("a ZIP container with {name}"));
        }
        if name.starts_with("word/") || name.starts_with("ppt/") {
            return None;
        }
        is_office |= ["[Content_Types].xml", "_rels/.rels"].contains(&name.as_str()) || name.starts_with("docProps/");
    }
    is_office.then(|| Detected::likely("XLSX", "a ZIP container as office programs write it"))?
}

/// Whether a head is a list's. Text is likely one if a row has a heading of an item number and another known one.
pub(crate) fn detected(head: &Head<'_>) -> Option<Detected> {
    match content(head.bytes).ok()? {
        Content::Container => workbook(head),
        Content::Text(_) => {
            let text = head.text();
            let (dialect, has_line) = csv::dialect(text.as_bytes(), &TableProfile::default(), head.media_type);
            let name = if dialect.separator == b'\t' { "TSV" } else { "CSV" };
            let separator = char::from(dialect.separator);
            let lines = text.split(['\n', '\r']).skip(usize::from(has_line)).filter(|line| !line.trim().is_empty());
            let headings = |line: &str| -> Option<Vec<String>> {
                let cells = line.split(separator).map(|cell| cell.trim().trim_matches('"').to_owned());
                let taken: Vec<(String, Place)> =
                    cells.filter_map(|cell| known(&cell).map(|(_, entry)| (cell, entry.to))).collect();
                let is_list = taken.len() >= 2 && taken.iter().any(|(_, place)| *place == Place::Sku);
                is_list.then(|| taken.into_iter().map(|(cell, _)| cell).collect())
            };
            let found = lines.take(50).find_map(headings)?;
            Detected::likely(name, format!("headings {}", found.iter().take(3).cloned().collect::<Vec<_>>().join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_what_it_is() {
        for (head, expected) in [
            (&b"sku;title"[..], Ok(Content::Text(None))),
            (b"", Ok(Content::Text(None))),
            (b"s\0k\0u\0;\0t\0", Ok(Content::Text(Some("utf-16le")))),
            (b"\0s\0k\0u\0;\0t", Ok(Content::Text(Some("utf-16be")))),
            (b"\xFF\xFEs\0k\0", Ok(Content::Text(None))),
            (b"PK\x03\x04", Ok(Content::Container)),
            (b"[1] sku;", Ok(Content::Text(None))),
        ] {
            assert_eq!(content(head), expected, "{head:?}");
        }
        for (head, expected) in [
            (&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], "password"),
            (b"\xEF\xBB\xBF <html>", "HTML"),
            (b"\xFF\xFE<\0", "XML"),
            (b"<\0?\0x\0m\0l\0", "XML"),
            (b"{\"sku\"", "JSON"),
            (b"\x1F\x8B\x08", "gzip"),
            (b"PK\x05\x06", "empty ZIP"),
            (b"%PDF-1.7", "PDF"),
        ] {
            assert!(content(head).is_err_and(|message| message.contains(expected)), "{head:?}");
        }
    }

    #[test]
    fn a_workbook_is_recognised_by_the_names_of_its_parts() {
        let of = |names: &[&str]| {
            let part = |name: &&str| {
                let length = u16::try_from(name.len()).unwrap().to_le_bytes();
                [b"PK\x03\x04".as_slice(), &[0; 22], &length, &[0; 2], name.as_bytes(), b"content"].concat()
            };
            let bytes = names.iter().map(part).collect::<Vec<_>>().concat();
            detected(&Head::new(&bytes, true, "", None)).map(|it| it.is_certain)
        };
        for (names, expected) in [
            (&["docProps/app.xml", "xl/worksheets/sheet1.xml"][..], Some(true)),
            (&["[Content_Types].xml"], Some(false)),
            (&["xl\\workbook.xml"], Some(true)),
            (&["[Content_Types].xml", "word/document.xml"], None),
            (&["mimetype", "content.xml"], None),
            (&["list.csv"], None),
            (&[""], None),
        ] {
            assert_eq!(of(names), expected, "{names:?}");
        }
    }

    #[test]
    fn a_list_is_recognised_by_its_headings() {
        let of =
            |text: &str| detected(&Head::new(text.as_bytes(), true, "", None)).map(|it| (it.version, it.is_certain));
        assert_eq!(of("Preisliste\n\nArtikel-Nr.;Bezeichnung;Preis\n"), Some(("CSV".to_owned(), false)));
        assert_eq!(of("id\ttitle\tprice\n"), Some(("TSV".to_owned(), false)));
        assert_eq!(of("sep=,\nSKU,\"Name\"\n"), Some(("CSV".to_owned(), false)));
        for text in ["", "hello, world", "V 040524Lieferant", "A;N;1;2;3", "<a>sku;title</a>", "name,price\n"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
