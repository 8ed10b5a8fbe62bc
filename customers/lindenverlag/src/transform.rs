//! The Lieferung: `<Lieferung art="voll|aenderung" stand="2026-03-02">` with one `<Titel nr="...">` for each title and one
//! `<Gestrichen nr="..."/>` for each that goes. One title is held at a time.

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportMode};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::xml::{Doctype, XmlErrorKind, XmlEvent, XmlOptions, XmlReader};

use crate::title;

/// Reads a Lieferung.
pub struct LindenverlagTransformer;

impl CatalogTransformer for LindenverlagTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let options = XmlOptions { doctype: Doctype::Refuse, ..document.xml_options() };
        let mut reader = XmlReader::new(&mut *document.source, options);
        let mode = delivery_mode(&mut reader)?;
        sink.declare("Lieferung", Some(mode))?;
        loop {
            let name = match reader.next()? {
                XmlEvent::Start(tag) => tag.local().to_owned(),
                XmlEvent::Eof => return Ok(()),
                _ => continue,
            };
            record(&name, &mut reader, &document.profile.catalog, sink)?;
        }
    }
}

/// A full delivery replaces the catalog, one of changes is merged into it. Which it is has to be said: nobody's catalog is
/// emptied by an attribute that was forgotten.
fn delivery_mode(reader: &mut XmlReader<'_>) -> Result<ImportMode, TransformError> {
    let detail = loop {
        match reader.next()? {
            XmlEvent::Start(tag) if tag.local() == "Lieferung" => match tag.attribute("art") {
                Some("voll") => return Ok(ImportMode::Replace),
                Some("aenderung") => return Ok(ImportMode::Merge),
                _ => break "a Lieferung says art=\"voll\" or art=\"aenderung\"".to_owned(),
            },
            XmlEvent::Start(tag) => break format!("the document is no Lieferung: its root is <{}>", tag.local()),
            XmlEvent::Eof => break "the document is empty".to_owned(),
            _ => {}
        }
    };
    Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into())
}

fn record(
    name: &str,
    reader: &mut XmlReader<'_>,
    profile: &CatalogProfile,
    sink: &mut dyn ItemSink,
) -> Result<(), TransformError> {
    let position = reader.position();
    reader.begin_record();
    let element = match reader.element() {
        Ok(element) => element,
        Err(error) if matches!(error.kind, XmlErrorKind::RecordTooLarge { .. }) => {
            let finding = Finding::error(finding::RECORD_TOO_LARGE, error.message).at(position);
            return Ok(sink.reject(finding.excerpt(&reader.raw_excerpt()))?);
        }
        Err(error) => return Err(error.into()),
    };
    if !matches!(name, "Titel" | "Gestrichen") {
        let message = format!("<{name}> is not known in a Lieferung and was left out");
        return Ok(sink.note(Finding::warning(finding::PART_IGNORED, message).at(position))?);
    }
    let number = element.attribute("nr").map(str::trim).filter(|number| !number.is_empty());
    let Some(number) = number else {
        let finding = Finding::error(finding::SKU_MISSING, format!("<{name}> has no nr")).at(position).path("@nr");
        return Ok(sink.reject(finding.excerpt(&reader.raw_excerpt()))?);
    };
    match name {
        "Gestrichen" => sink.delete(number.to_owned(), position)?,
        _ => sink.upsert(title::read(&element, number, profile))?,
    }
    Ok(())
}
