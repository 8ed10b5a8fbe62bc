//! Elements without a place of their own in the canonical item: kept as attributes, named by their path.
//!
//! Called by the readers of records, so that nothing a sender says of a good is lost. Volume is bounded by the record itself.

use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

/// The system of attributes that CommerceML defines, and of those that the sender calls its own.
pub(crate) const SYSTEM: &str = "commerceml";

/// Keeps an element with its attributes and everything in it, under its own name.
pub(crate) fn keep(record: &mut Record<'_>, element: &Element) {
    let mut path = element.name().to_owned();
    keep_under(record, element, &mut path);
}

/// Keeps what stands within an element, under paths that begin with its name; the children `known` are left to the caller.
pub(crate) fn keep_within(record: &mut Record<'_>, element: &Element, known: &[&str]) {
    let mut path = element.name().to_owned();
    let length = path.len();
    for child in element.children().iter().filter(|child| !known.contains(&child.name())) {
        path.push('/');
        path.push_str(child.name());
        keep_under(record, child, &mut path);
        path.truncate(length);
    }
}

fn keep_under(record: &mut Record<'_>, element: &Element, path: &mut String) {
    record.fact(element, SYSTEM, path, element.text());
    let length = path.len();
    for attribute in element.attributes() {
        path.push_str("/@");
        path.push_str(attribute.name());
        record.fact(element, SYSTEM, path, attribute.value());
        path.truncate(length);
    }
    for child in element.children() {
        path.push('/');
        path.push_str(child.name());
        keep_under(record, child, path);
        path.truncate(length);
    }
}
