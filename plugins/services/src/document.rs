//! The walk over one answer: records wherever a service's list holds them, and nothing else.
//!
//! Holds the names of the open elements and one record. What is passed over is told as unmapped.

use plugpoint_sdk::codes;
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_sdk::reading::{Unmapped, another_format, close, take};
use plugpoint_sdk::xml::{XmlEvent, XmlReader};

use crate::record;
use crate::table::{SERVICES, Service};

/// Characters of a fault's text that are repeated.
const FAULT_CHARS_MAX: usize = 200;

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    let (options, profile) = (document.xml_options(), &document.profile.catalog);
    let mut reader = XmlReader::new(&mut *document.source, options);
    let (mut open, mut unmapped) = (Vec::<String>::new(), Unmapped::default());
    let (mut declared, mut root) = (None::<&Service>, String::new());
    loop {
        let name = match reader.next()? {
            XmlEvent::Start(tag) => tag.local().to_owned(),
            XmlEvent::End => {
                open.pop();
                continue;
            }
            XmlEvent::Text(text) if !text.trim().is_empty() => {
                unmapped.part(&open.join("/"));
                continue;
            }
            XmlEvent::Text(_) => continue,
            XmlEvent::Eof => break,
        };
        if open.is_empty() {
            root.clone_from(&name);
        }
        let parent = open.last().map(String::as_str).unwrap_or_default();
        if name == "Fault" && parent == "Body" {
            return Err(fault(&reader.text()?));
        }
        let Some(service) = SERVICES.iter().find(|it| it.record == name && it.parent == parent) else {
            open.push(name);
            continue;
        };
        if declared.is_none() {
            declared = Some(service);
            sink.declare(service.title, Some(ImportMode::Merge))?;
        }
        if let Some(element) = take(&mut reader, sink)? {
            record::read(service, &element, profile, &reader.raw_excerpt(), sink)?;
            unmapped.record(&element);
        }
    }
    if declared.is_none() && !is_empty_list(&unmapped, &root) {
        return Err(another_format("an answer of a known service", &root));
    }
    close(&mut reader, &unmapped, sink)
}

/// An envelope around nothing that holds a value is an empty list.
fn is_empty_list(unmapped: &Unmapped, root: &str) -> bool {
    root == "Envelope" && unmapped.is_empty()
}

fn fault(text: &str) -> TransformError {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(FAULT_CHARS_MAX).collect();
    ApiError::new(&codes::DOCUMENT_MALFORMED, format!("the service answered with a fault: {text}")).into()
}
