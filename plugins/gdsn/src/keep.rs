//! Facts without a place of their own in an item become attributes, so that nothing of a trade item is lost in silence.
//!
//! They are named by their path without the modules and wrappers around them: `deliveryPurchasingInformation/firstShipDateTime`. A text with a
//! language has it behind its name, a measurement its unit; groups that come several times are numbered.

use std::collections::HashMap;

use plugpoint_sdk::model::Attribute;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::shape::{belongs_to_value, is_bookkeeping, is_wrapper, language, measurement, text};

/// The system of all attributes that come from GDSN.
pub(crate) const SYSTEM: &str = "gdsn";
/// Bytes of a path; the model takes 256 characters of a name, and a path must not grow with the depth of the document.
const PATH_BYTES_MAX: usize = 1024;

/// Keeps an element under a path, the elements in it included. Values of one name that follow each other are values of one attribute, from
/// the attribute `first` on.
pub(crate) fn keep(element: &Element, path: &str, first: usize, record: &mut Record<'_>) {
    below(element, path, first, record);
}

fn below(element: &Element, path: &str, first: usize, record: &mut Record<'_>) {
    for attribute in element.attributes() {
        if belongs_to_value(attribute.name()) {
            let _known = attribute.value();
        } else if attribute.namespace().is_empty() && !is_bookkeeping(attribute.name()) {
            leaf(element, format!("{path}@{}", attribute.name()), attribute.value(), None, first, record);
        }
    }
    if let Some((value, unit)) = measurement(element) {
        return leaf(element, path.to_owned(), value, Some(unit), first, record);
    }
    if let Some(own) = text(element) {
        let name = match language(element) {
            Some(sent) => format!("{path} [{}]", record.language_of(element, Some(sent))),
            None => path.to_owned(),
        };
        leaf(element, name, own, None, first, record);
    }
    let mut numbers = Numbers::default();
    for child in element.children() {
        below(child, &numbers.path(path, child), first, record);
    }
}

fn leaf(at: &Element, name: String, value: &str, unit: Option<&str>, first: usize, record: &mut Record<'_>) {
    let value = value.trim();
    let unit = unit.filter(|unit| !unit.is_empty()).map(str::to_owned);
    if value.is_empty() {
        return;
    }
    let attributes = &mut record.draft.data.attributes;
    let last = attributes.len();
    if let Some(known) = attributes.last_mut().filter(|known| last > first && known.name == name && known.unit == unit)
    {
        return known.values.push(value.to_owned());
    }
    let (values, system) = (vec![value.to_owned()], Some(SYSTEM.to_owned()));
    record.attribute(at, Attribute { name, values, unit, system, ..Attribute::default() });
}

/// Counts groups of one name beside each other.
#[derive(Default)]
pub(crate) struct Numbers(HashMap<String, usize>);

impl Numbers {
    /// The path of a child: wrappers and names that only repeat their parent's add nothing, the second group of a name is `[2]`.
    pub(crate) fn path(&mut self, parent: &str, child: &Element) -> String {
        let name = child.name();
        let last = parent.rsplit('/').next().unwrap_or_default();
        if is_wrapper(name) || (last == name && child.children().is_empty()) {
            return parent.to_owned();
        }
        let mut path = if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") };
        if !child.children().is_empty() && measurement(child).is_none() {
            let count = self.0.entry(path.clone()).or_default();
            *count += 1;
            if *count > 1 {
                path = format!("{path}[{count}]");
            }
        }
        let cut = path.len().saturating_sub(PATH_BYTES_MAX);
        let start = (cut..path.len()).find(|&at| path.is_char_boundary(at)).unwrap_or_default();
        path.split_off(start)
    }
}
