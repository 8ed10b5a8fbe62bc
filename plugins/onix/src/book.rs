//! One record on its way: what is read of it, and where in it things lie, in either generation's structure.
//!
//! 2.1 has everything beside each other in the product, 3.x in blocks. The readers of single matters ask for elements by block
//! and name ([`found`]) and get those of either.

use std::collections::HashMap;

use plugpoint_sdk::model::Attribute;
use plugpoint_sdk::profile::{CatalogProfile, OnixProfile};
use plugpoint_sdk::reading::{Place, Record, language_tag};
use plugpoint_sdk::xml::Element;

use crate::dates::Sent;
use crate::header::Header;

/// The system of attributes that are ONIX's own.
pub(crate) const ONIX: &str = "onix";

/// Values of one attribute.
const VALUES_MAX: usize = 1024;

/// What holds for every record of a document.
#[derive(Clone, Copy)]
pub(crate) struct Context<'d> {
    pub(crate) header: &'d Header,
    pub(crate) profile: &'d CatalogProfile,
    pub(crate) onix: &'d OnixProfile,
}

/// The record being read.
pub(crate) struct Book<'d> {
    pub(crate) record: Record<'d>,
    pub(crate) header: &'d Header,
    /// Where an attribute of a name and a unit is, so that values of one name come together.
    places: HashMap<(String, Option<String>), usize>,
}

/// An element, and the block that it was found in; none for 2.1.
#[derive(Clone, Copy)]
pub(crate) struct Found<'e> {
    pub(crate) element: &'e Element,
    block: &'static str,
}

impl<'d> Book<'d> {
    /// A record of this number. Of an update the language of its texts is left open: it is the item's own.
    pub(crate) fn new(sku: String, product: &Element, ctx: Context<'d>, is_update: bool) -> Self {
        let mut record = Record::new(sku, product, ctx.profile);
        "publication".clone_into(&mut record.draft.data.kind);
        record.currency = ctx.header.currency.clone().or(record.currency);
        if is_update {
            record.language.clear();
        } else if let Some(language) = language_of_text(product).or_else(|| ctx.header.language.clone()) {
            record.language = language;
        }
        Self { record, header: ctx.header, places: HashMap::new() }
    }

    /// A value under a name; values of one name come together.
    pub(crate) fn fact<'a>(&mut self, at: impl Into<Place<'a>>, name: &str, value: &str) {
        self.measured(at, name, value, None);
    }

    /// A value with a unit.
    pub(crate) fn measured<'a>(&mut self, at: impl Into<Place<'a>>, name: &str, value: &str, unit: Option<&str>) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let key = (name.to_owned(), unit.map(str::to_owned));
        let attributes = &mut self.record.draft.data.attributes;
        if let Some(known) = self.places.get(&key).and_then(|&index| attributes.get_mut(index)) {
            // One more than there may be is kept, so that the last step says it.
            if known.values.len() <= VALUES_MAX && !known.values.iter().any(|has| has == value) {
                known.values.push(value.to_owned());
            }
            return;
        }
        let (index, (name, unit)) = (attributes.len(), key.clone());
        let system = Some(ONIX.to_owned());
        self.record.attribute(at, Attribute { name, values: vec![value.to_owned()], unit, system, feature_id: None });
        self.places.insert(key, index);
    }

    /// The name of an attribute in the language that an element names: `subtitle[fr]`.
    pub(crate) fn in_language(&mut self, name: &str, at: &Element) -> String {
        let language = self.record.language_of(at, at.attribute("language"));
        self.named(name, &language)
    }

    /// The name of an attribute in a language; in that of the record it needs no word.
    pub(crate) fn named(&self, name: &str, language: &str) -> String {
        if language == self.record.language { name.to_owned() } else { format!("{name}[{language}]") }
    }
}

/// The language of the book, if it has one: what its sender writes about it is usually in the same.
fn language_of_text(product: &Element) -> Option<String> {
    let mut languages = found(product, "DescriptiveDetail", "Language").filter_map(|language| {
        let is_text = language.element.child_text("LanguageRole").is_some_and(|role| role == "01");
        language.element.child_text("LanguageCode").filter(|_| is_text).and_then(language_tag)
    });
    languages.next().filter(|_| languages.next().is_none())
}

/// The children of a name: of the product, as in 2.1, and of a block of it, as in 3.x.
pub(crate) fn found<'e>(
    product: &'e Element,
    block: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Found<'e>> {
    let own = product.children_named(name).map(|element| Found { element, block: "" });
    let blocks = product.children_named(block).flat_map(move |within| within.children_named(name));
    own.chain(blocks.map(move |element| Found { element, block }))
}

impl<'e> Found<'e> {
    /// The product itself, for what 2.1 has without a composite.
    pub(crate) fn of_product(product: &'e Element) -> Self {
        Self { element: product, block: "" }
    }

    /// The name of an attribute for what has no word: `DescriptiveDetail/Measure/13`.
    pub(crate) fn path(&self, code: &str) -> String {
        match self.block {
            "" => format!("{}/{code}", self.element.name()),
            block => format!("{block}/{}/{code}", self.element.name()),
        }
    }
}

/// The date of a composite with its format, wherever that is said.
pub(crate) fn date_of<'e>(composite: &'e Element, name: &str) -> Option<(&'e Element, Sent<'e>)> {
    let date = composite.child(name)?;
    let format = date.attribute("dateformat").or_else(|| composite.child_text("DateFormat"));
    let text = date.text().trim();
    (!text.is_empty()).then_some((date, Sent { text, format: format.map(str::trim) }))
}
