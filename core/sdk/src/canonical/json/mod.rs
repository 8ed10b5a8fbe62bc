//! Canonical JSON and NDJSON: the document is divided into records by a bounded scanner, each record is read by serde.
//!
//! Called by the canonical transformer. JSON is UTF-8 (RFC 8259); other encodings are refused rather than guessed.

mod record;
mod scanner;
mod writer;

use super::{malformed, refused};
use crate::codes::{self, finding};
use crate::document::{Document, ItemSink, TransformError};
use crate::model::{Finding, ImportMode, ItemDraft, Position};
use crate::profile::CatalogProfile;
use record::Refused;
use scanner::{Record, Scanner};

pub use writer::NdjsonExporter;

/// An array of items, or one item.
pub(super) fn read_json(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    check_charset(document.charset)?;
    let profile = &document.profile.catalog;
    let mut scanner = Scanner::new(&mut *document.source);
    let mut record = Record::of_at_most(document.xml_limits.record_bytes_max);
    scanner.begin()?;
    sink.declare("canonical-json", None)?;
    match scanner.next_token()? {
        Some(b'[') => read_array(&mut scanner, &mut record, profile, sink)?,
        Some(b'{') => {
            scanner.value(&mut record)?;
            put(&record, profile, sink)?;
        }
        Some(_) => return Err(malformed(scanner.position(), "a JSON document is an array of items, or one item")),
        None => return Err(malformed(scanner.position(), "the document is empty")),
    }
    match scanner.next_token()? {
        None => Ok(()),
        Some(_) => Err(malformed(scanner.position(), "there is something behind the end of the JSON document")),
    }
}

fn read_array(
    scanner: &mut Scanner<'_>,
    record: &mut Record,
    profile: &CatalogProfile,
    sink: &mut dyn ItemSink,
) -> Result<(), TransformError> {
    scanner.skip_byte();
    if scanner.next_token()? == Some(b']') {
        scanner.skip_byte();
        return Ok(());
    }
    loop {
        scanner.next_token()?;
        scanner.value(record)?;
        put(record, profile, sink)?;
        match scanner.next_token()? {
            Some(b',') => scanner.skip_byte(),
            Some(b']') => {
                scanner.skip_byte();
                return Ok(());
            }
            Some(_) => return Err(malformed(scanner.position(), "a comma or the end of the array is expected here")),
            None => return Err(malformed(scanner.position(), "the document ends within the array of items")),
        }
    }
}

/// One item a line; blank lines do not count. A document without any line says that there are no items, as an export of an empty
/// catalog does; but nobody's catalog is emptied by a file that was cut to nothing: in mode `replace` it is refused, and `[]` as JSON is
/// the way to say it.
pub(super) fn read_ndjson(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    check_charset(document.charset)?;
    let profile = &document.profile.catalog;
    let mut scanner = Scanner::new(&mut *document.source);
    let mut record = Record::of_at_most(document.xml_limits.record_bytes_max);
    let mut is_empty = true;
    scanner.begin()?;
    sink.declare("canonical-ndjson", None)?;
    while let Some(is_whole) = scanner.line(&mut record)? {
        if record.bytes().trim_ascii().is_empty() {
            continue;
        }
        is_empty = false;
        if !is_whole && record::ends_early(record.bytes()) {
            return Err(malformed(record.position(), "the document ends within its last line"));
        }
        put(&record, profile, sink)?;
    }
    if is_empty && document.mode == ImportMode::Replace {
        let why = "the document is empty and would remove every item; to empty a catalog send [] as application/json";
        return Err(malformed(scanner.position(), why));
    }
    Ok(())
}

/// Hands over one record, as an item or as what is wrong with it.
fn put(record: &Record, profile: &CatalogProfile, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    let position = record.position();
    let excerpt = || String::from_utf8_lossy(record.excerpt()).into_owned();
    if record.is_too_large() {
        let message = format!("the record has more than {} bytes", record.bytes_max());
        let finding = Finding::error(finding::RECORD_TOO_LARGE, message).at(position).excerpt(&excerpt());
        return Ok(sink.reject(with_sku(finding, record::sku(record.bytes())))?);
    }
    match record::item(record.bytes(), profile) {
        Ok(data) => sink.upsert(ItemDraft { data, position, ..ItemDraft::default() })?,
        Err(Refused { code, message, pointer, line, column }) => {
            let position = Position {
                line: position.line + line.saturating_sub(1),
                column: if line > 1 { column } else { position.column + column.saturating_sub(1) },
            };
            let finding = Finding::error(code, message).at(position).path(pointer).excerpt(&excerpt());
            sink.reject(with_sku(finding, record::sku(record.bytes())))?;
        }
    }
    Ok(())
}

fn with_sku(finding: Finding, sku: Option<String>) -> Finding {
    match sku {
        Some(sku) => finding.sku(sku),
        None => finding,
    }
}

fn check_charset(charset: Option<&str>) -> Result<(), TransformError> {
    let Some(charset) = charset else { return Ok(()) };
    let label = charset.trim_matches('"');
    if ["utf-8", "utf8", "us-ascii"].iter().any(|known| known.eq_ignore_ascii_case(label)) {
        return Ok(());
    }
    let position = Position { line: 1, column: 1 };
    Err(refused(&codes::ENCODING_INVALID, position, "JSON is UTF-8; the content type names another charset"))
}
