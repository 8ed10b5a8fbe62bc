//! Elements that the canonical form has no place for become attributes, so that nothing of a product is lost in silence:
//! user-defined extensions under the system `udx`, everything else under `bmecat`.
//!
//! An element with children becomes one attribute per leaf, named by its path with dots; an XML attribute is a leaf named
//! with `@`. Leaves of one name that follow each other are values of one attribute.

use plugpoint_sdk::model::Attribute;
use plugpoint_sdk::xml::Element;

use crate::assumed::{self, Assumed};
use crate::record::Record;
use crate::spelling::{modern, text};

/// The system of order details, logistics and everything else of the standard.
pub(crate) const BMECAT: &str = "bmecat";
/// The system of user-defined extensions.
pub(crate) const UDX: &str = "udx";
/// Bytes of a path; the model takes 256 characters of a name, and a path must not grow with the depth of the document.
const PATH_BYTES_MAX: usize = 1024;

/// Keeps an element of the standard.
pub(crate) fn keep(element: &Element, record: &mut Record<'_>) {
    let name = modern(element.name()).into_owned();
    Keeper { system: BMECAT, first: record.draft.data.attributes.len(), record }.keep(element, &name);
}

/// Keeps the children of an element of the standard, but for those that our own export has made up.
pub(crate) fn keep_children(element: &Element, assumed: Assumed<'_>, record: &mut Record<'_>) {
    for child in element.children().iter().filter(|child| !assumed.has(child.name())) {
        keep(child, record);
    }
}

/// Keeps the children of USER_DEFINED_EXTENSIONS; the prefix `UDX.` goes into the system.
pub(crate) fn keep_udx(element: &Element, record: &mut Record<'_>) {
    for child in element.children().iter().filter(|child| child.name() != assumed::ELEMENT) {
        let name = child.name().strip_prefix("UDX.").unwrap_or(child.name());
        Keeper { system: UDX, first: record.draft.data.attributes.len(), record }.keep(child, name);
    }
}

struct Keeper<'r, 'c> {
    system: &'static str,
    /// Leaves before this one belong to another element and are never added to.
    first: usize,
    record: &'r mut Record<'c>,
}

impl Keeper<'_, '_> {
    fn keep(&mut self, element: &Element, path: &str) {
        for attribute in element.attributes() {
            self.leaf(element, format!("{path}@{}", attribute.name()), Some(attribute.value()));
        }
        let own = text(element);
        if own.is_some() || (element.children().is_empty() && element.attributes().is_empty()) {
            self.leaf(element, path.to_owned(), own);
        }
        for child in element.children() {
            let below = self.below(element, child);
            let path = format!("{path}.{below}");
            let cut = path.len().saturating_sub(PATH_BYTES_MAX);
            let start = (cut..path.len()).find(|&at| path.is_char_boundary(at)).unwrap_or_default();
            self.keep(child, &path[start..]);
        }
    }

    /// A child's part of the path, without what its name only repeats: `UDX.SHOP.NOTE` below `UDX.SHOP` is `NOTE`.
    fn below<'e>(&self, parent: &Element, child: &'e Element) -> std::borrow::Cow<'e, str> {
        if self.system == BMECAT {
            return modern(child.name());
        }
        let repeated = child.name().strip_prefix(parent.name()).and_then(|rest| rest.strip_prefix('.'));
        repeated.unwrap_or_else(|| child.name().strip_prefix("UDX.").unwrap_or(child.name())).into()
    }

    fn leaf(&mut self, element: &Element, name: String, value: Option<&str>) {
        let values: Vec<String> = value.map(str::to_owned).into_iter().collect();
        let attributes = &mut self.record.draft.data.attributes;
        let last = attributes.len();
        if let Some(known) = attributes.last_mut().filter(|known| last > self.first && known.name == name) {
            known.values.extend(values);
            return;
        }
        let attribute = Attribute { name, values, system: Some(self.system.to_owned()), ..Attribute::default() };
        self.record.attribute(element, attribute);
    }
}
