//! An element for a test, from its text.

use crate::xml::{Element, XmlEvent, XmlOptions, XmlReader};

/// The root of a well-formed document.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn element(xml: &str) -> Element {
    let mut bytes = xml.as_bytes();
    let mut reader = XmlReader::new(&mut bytes, XmlOptions::default());
    assert!(matches!(reader.next(), Ok(XmlEvent::Start(_))), "no element: {xml}");
    reader.element().unwrap_or_else(|error| panic!("{error}: {xml}"))
}
