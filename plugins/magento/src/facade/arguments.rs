//! The arguments of an operation as clients send them: by name, or in their order where a client gives them names of its own.
//!
//! An operation of `multiCall` has them in a list. What is nil or empty is not there. Lists, structures and PHP's maps
//! are read alike: a client may send any of them for any other.

use plugpoint_sdk::xml::Element;

use super::service::{Operation, SESSION};

const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Names of arguments that later versions of the service have changed.
const LATER: [(&str, &str); 4] = [
    ("product", "productId"),
    ("productIdentifierType", "identifierType"),
    ("products", "productIds"),
    ("storeView", "store"),
];

/// The arguments behind the session.
pub(super) struct Arguments<'m> {
    operation: &'static Operation,
    values: Vec<Option<&'m Element>>,
}

impl<'m> Arguments<'m> {
    /// Those of a message of its own.
    pub(super) fn of_message(message: &'m Element, operation: &'static Operation) -> Self {
        let is_named = operation.parts.iter().any(|part| child(message, part.name).is_some());
        let by_name =
            |(at, name): (usize, &str)| if is_named { child(message, name) } else { message.children().get(at) };
        let values = operation.parts.iter().map(|part| part.name).enumerate().map(by_name).collect();
        Self { operation, values }
    }

    /// Those of one call among several: a list without the session, or the only one as it is.
    pub(super) fn of_call(call: Option<&'m Element>, operation: &'static Operation) -> Self {
        let mut given = match call {
            Some(list) if !list.children().is_empty() => list.children().iter().collect(),
            Some(only) if !only.text().trim().is_empty() => vec![only],
            _ => Vec::new(),
        }
        .into_iter();
        let mut value = |name: &str| if name == SESSION { None } else { given.next() };
        let values = operation.parts.iter().map(|part| value(part.name)).collect();
        Self { operation, values }
    }

    /// An argument that is there.
    pub(super) fn get(&self, name: &str) -> Option<&'m Element> {
        let at = self.operation.parts.iter().position(|part| part.name == name)?;
        let value = self.values.get(at).copied().flatten();
        value.filter(|value| !is_nil(value))
    }

    /// The text of an argument, without blanks at its ends.
    pub(super) fn text(&self, name: &str) -> Option<&'m str> {
        self.get(name).map(|value| value.text().trim()).filter(|text| !text.is_empty())
    }
}

/// The child of a name, or of the one that later versions of the service have for it.
fn child<'m>(message: &'m Element, name: &str) -> Option<&'m Element> {
    let later = || LATER.iter().filter(|(known, _)| *known == name).find_map(|(_, later)| message.child(later));
    message.child(name).or_else(later)
}

/// Whether an element says that it has no value.
pub(super) fn is_nil(element: &Element) -> bool {
    element.attribute_ns(SCHEMA_INSTANCE, "nil").is_some_and(|value| matches!(value.trim(), "true" | "1"))
}

/// The parts of a structure by their names: its children, or the entries of a list of keys and values.
pub(super) fn fields(structure: &Element) -> Vec<(&str, &Element)> {
    let entry = |child: &'_ Element| child.child("key").is_some() && child.child("value").is_some();
    let is_map = !structure.children().is_empty() && structure.children().iter().all(entry);
    let named = structure.children().iter().filter_map(|child| match is_map {
        true => Some((child.child_text("key")?, child.child("value")?)),
        false => Some((child.name(), child)),
    });
    named.filter(|(_, value)| !is_nil(value)).collect()
}

/// The plain values of a list; a single value is a list of one.
pub(super) fn values(list: &Element) -> Vec<&str> {
    let all: Vec<&Element> = if list.children().is_empty() { vec![list] } else { list.children().iter().collect() };
    all.into_iter()
        .filter(|value| !is_nil(value))
        .map(|value| value.text().trim())
        .filter(|text| !text.is_empty())
        .collect()
}
