//! Canonical XML: any root whose `item` children are items. The hot path of large imports: events straight into the model.
//!
//! Called by the canonical transformer. It builds no tree and allocates little more than the strings that are kept.

mod fields;
mod parts;
mod recall;
mod writer;

use super::malformed;
use super::unknown::Unknown;
use crate::codes::finding;
use crate::document::{Document, ItemSink, TransformError};
use crate::model::{Finding, ItemDraft, Position};
use crate::xml::{XmlErrorKind, XmlEvent, XmlOptions, XmlReader};
use fields::Fields;
use recall::{Guess, Recalling};

pub use writer::XmlExporter;

/// The element that is an item.
pub(super) const ITEM: &str = "item";

pub(super) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    // Its senders wrote for us: what they declare holds.
    let options = XmlOptions { guesses_encoding: false, ..document.xml_options() };
    let mut reader = XmlReader::new(&mut *document.source, options);
    let mut fields = Fields::new(&document.profile.catalog, document.xml_limits.record_bytes_max);
    let mut unknown = Unknown::default();
    let mut recalling = Recalling::new(&document.profile.catalog, &document.xml_limits);
    let mut root: Option<(String, Position)> = None;
    let mut records: u64 = 0;
    sink.declare("canonical-xml", None)?;
    loop {
        let is_item = match reader.next()? {
            XmlEvent::Start(tag) => tag.local() == ITEM,
            XmlEvent::Eof => break,
            XmlEvent::End | XmlEvent::Text(_) => continue,
        };
        if is_item {
            records += 1;
            let position = reader.position();
            reader.begin_record();
            let guess = recalling.ask(&mut reader, sink, position)?;
            if matches!(guess, Guess::Recalled) {
                continue;
            }
            let unknown_before = unknown.total();
            match read_item(&mut reader, &mut fields, &mut unknown, position)? {
                Ok(mut draft) => {
                    draft.is_recallable = recalling.was_right(&guess, &reader) && unknown.total() == unknown_before;
                    sink.upsert(draft)?;
                }
                Err(finding) => sink.reject(finding)?,
            }
        } else if let Some((root, _)) = &root {
            let path = format!("/{root}/{}", reader.tag().local());
            unknown.add(path, || (reader.position(), String::new()));
            reader.skip()?;
        } else {
            recalling.within(reader.raw_tag());
            root = Some((reader.tag().local().to_owned(), reader.position()));
        }
    }
    if let Some((root, position)) = root.filter(|_| records == 0 && !unknown.is_empty()) {
        let message =
            format!("no child of the root <{root}> is an <{ITEM}>: this is not a catalog in the canonical form");
        return Err(malformed(position, &message));
    }
    Ok(unknown.report(sink)?)
}

/// Reads one item behind its start tag: a draft, or what to say about a record that is too large for one.
fn read_item(
    reader: &mut XmlReader<'_>,
    fields: &mut Fields<'_>,
    unknown: &mut Unknown,
    position: Position,
) -> Result<Result<ItemDraft, Finding>, TransformError> {
    let outside = reader.depth() - 1;
    let mut draft = ItemDraft::new(String::new(), position);
    let result = fields.item(reader, unknown, &mut draft.data);
    draft.findings = fields.take_findings();
    match result {
        Ok(()) => {}
        Err(error) if matches!(error.kind, XmlErrorKind::RecordTooLarge { .. }) => {
            reader.skip_to(outside)?;
            let message = format!("the record needs more than {} bytes", fields.record_bytes_max);
            let finding =
                Finding::error(finding::RECORD_TOO_LARGE, message).at(position).excerpt(&reader.raw_excerpt());
            let sku = draft.data.sku;
            return Ok(Err(if sku.is_empty() { finding } else { finding.sku(sku) }));
        }
        Err(error) => return Err(error.into()),
    }
    if draft.data.sku.is_empty() {
        draft.findings.push(Finding::error(finding::SKU_MISSING, "the item has no sku").at(position).path("/sku"));
    }
    if let Some(first) = draft.findings.iter_mut().find(|finding| finding.severity == crate::model::Severity::Error) {
        *first = first.clone().excerpt(&reader.raw_excerpt());
    }
    Ok(Ok(draft))
}
