//! The canonical form on the wire: JSON, NDJSON, XML and CSV, chosen by the content type or by the first bytes; and written, each by
//! an exporter beside its reader.
//!
//! The default transformer. A bad record is a finding and the import goes on; only a document that cannot be divided into
//! records, or that ends before it is complete, is an error. It reads no other format: a document without a single
//! recognisable record is refused, because in mode `replace` it would empty the catalog.

mod csv;
mod format;
mod json;
mod unknown;
mod value;
mod xml;

pub use csv::{CsvExporter, columns};
pub use format::MEDIA_TYPES;
pub use json::NdjsonExporter;
pub use xml::XmlExporter;

use std::io::{self, BufRead, Read};

use crate::codes;
use crate::detect::{Detected, Head};
use crate::document::{Document, ItemSink, TransformError};
use crate::error::ApiError;
use crate::model::Position;
use crate::points::catalog_transformer::CatalogTransformer;
use crate::points::{catalog_exporter, catalog_format};
use crate::registry::Registrar;
use format::Format;

/// As many bytes are looked at to recognise a format that the content type does not name.
const SNIFFED_BYTES: u64 = 4096;

/// Makes the canonical form known: the format that is read, and those that are written.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, catalog_format::CANONICAL, "canonical", Canonical);
    registrar.provide_keyed(&catalog_exporter::POINT, "ndjson", "canonical.ndjson", NdjsonExporter);
    registrar.provide_keyed(&catalog_exporter::POINT, "csv", "canonical.csv", CsvExporter);
    registrar.provide_keyed(&catalog_exporter::POINT, "canonical-xml", "canonical.xml", XmlExporter);
}

/// Reads documents that are in the canonical form already.
#[derive(Debug, Clone, Copy, Default)]
pub struct Canonical;

impl CatalogTransformer for Canonical {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        if let Some(format) = Format::of(document.media_type) {
            return read(format, document, sink);
        }
        if !Format::is_unnamed(document.media_type) {
            return Err(unsupported(document.media_type).into());
        }
        let mut head = Vec::new();
        (&mut *document.source).take(SNIFFED_BYTES).read_to_end(&mut head)?;
        let format = Format::sniffed(&head);
        let mut whole = io::Cursor::new(head).chain(&mut *document.source);
        let Document { media_type, charset, mode, profile, xml_limits, formats, .. } = *document;
        read(
            format,
            &mut Document { source: &mut whole, media_type, charset, mode, profile, xml_limits, formats },
            sink,
        )
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let first = head.text().trim_start();
        match head.xml() {
            Some(xml) => {
                let second = xml.elements.get(1).filter(|second| second.depth == 2 && second.local == xml::ITEM);
                let is_item = second.is_some() && xml.has("sku");
                is_item.then(|| Detected::certain("canonical XML", format!("<{}> with <item> and <sku>", xml.root)))?
            }
            None if first.starts_with(['{', '[']) => {
                let name = if Format::sniffed(head.text().as_bytes()) == Format::Ndjson { "NDJSON" } else { "JSON" };
                first.contains("\"sku\"").then(|| Detected::certain(format!("canonical {name}"), "objects with sku"))?
            }
            None => {
                let heading = first.lines().next().unwrap_or_default();
                let columns: Vec<&str> =
                    heading.split([',', ';', '\t']).map(|name| name.trim_matches([' ', '"'])).collect();
                let has = |wanted: &str| columns.iter().any(|name| name.eq_ignore_ascii_case(wanted));
                // A list with other columns beside these is some sender's own, and would be refused here.
                let is_ours = |name: &&str| columns::is_column(name);
                let is_own = has("sku") && has("title") && columns.iter().all(is_ours);
                is_own.then(|| Detected::certain("canonical CSV", "headings sku and title, and no unknown one"))?
            }
        }
    }
}

fn read(format: Format, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    match format {
        Format::Json => json::read_json(document, sink),
        Format::Ndjson => json::read_ndjson(document, sink),
        Format::Xml => xml::read(document, sink),
        Format::Csv => csv::read(document, sink),
    }
}

fn unsupported(media_type: &str) -> ApiError {
    let detail = format!("{media_type} is not read as canonical items; send one of {}", MEDIA_TYPES.join(", "));
    ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail)
}

/// A document that cannot be divided into records.
pub(crate) fn malformed(position: Position, message: &str) -> TransformError {
    refused(&codes::DOCUMENT_MALFORMED, position, message)
}

fn refused(code: &'static codes::Code, position: Position, message: &str) -> TransformError {
    let Position { line, column } = position;
    TransformError::Document(ApiError::new(code, format!("line {line}, column {column}: {message}")))
}

/// The buffered bytes of the source, however often the read is interrupted.
pub(crate) fn filled(source: &mut dyn BufRead) -> io::Result<&[u8]> {
    loop {
        match source.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    source.fill_buf()
}
