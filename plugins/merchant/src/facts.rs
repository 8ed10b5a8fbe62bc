//! Elements without a place of their own become attributes: one for each name, with all its values.

use std::collections::HashMap;

use plugpoint_sdk::model::{Attribute, decimal};
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::{MERCHANT, texts};

/// Names that stand for a number with its unit.
const MEASURES: [&str; 10] = [
    "shipping_weight",
    "shipping_length",
    "shipping_width",
    "shipping_height",
    "product_weight",
    "product_length",
    "product_width",
    "product_height",
    "unit_pricing_measure",
    "unit_pricing_base_measure",
];

/// Where the attribute of each name stands.
#[derive(Default)]
pub(crate) struct Facts {
    places: HashMap<String, usize>,
}

impl Facts {
    /// Whatever of an element nobody asked for.
    pub(crate) fn add(&mut self, part: &Element, record: &mut Record<'_>) {
        let name = part.name();
        if texts::TEXTS.contains(&name) && part.is_unread() | part.children().iter().any(Element::is_unread) {
            self.put(part, name, &texts::whole(part), None, record);
        } else if part.is_unread() {
            self.add_value(part, record);
        }
        if part.children().iter().all(|child| child.children().is_empty()) {
            self.add_group(part, record);
        }
        record.keep(MERCHANT, name, part);
    }

    fn add_value(&mut self, part: &Element, record: &mut Record<'_>) {
        let text = part.text().trim();
        let measured = Some(text).filter(|_| MEASURES.contains(&part.name())).and_then(|text| measure(text, record));
        match measured {
            Some((value, unit)) => self.put(part, part.name(), value, Some(unit), record),
            None => self.put(part, part.name(), text, None, record),
        }
    }

    /// `country=US; price=5 USD`: what belongs together stays together.
    fn add_group(&mut self, part: &Element, record: &mut Record<'_>) {
        let members = part.children().iter().filter(|child| child.is_unread() && child.has_text());
        let pairs: Vec<String> = members.map(|child| format!("{}={}", child.name(), child.text().trim())).collect();
        self.put(part, part.name(), &pairs.join("; "), None, record);
    }

    /// A property that names itself: `product_detail`.
    pub(crate) fn add_detail(&mut self, part: &Element, record: &mut Record<'_>) {
        let (Some(name), Some(value)) = (part.child_text("attribute_name"), part.child_text("attribute_value")) else {
            return self.add(part, record);
        };
        let section = part.child_text("section_name");
        let name = section.map_or_else(|| name.to_owned(), |section| format!("{section}: {name}"));
        self.put(part, &name, value, None, record);
        self.add(part, record);
    }

    /// One value more of an attribute.
    pub(crate) fn put(&mut self, at: &Element, name: &str, value: &str, unit: Option<&str>, record: &mut Record<'_>) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let attributes = &mut record.draft.data.attributes;
        let known = self.places.get(name).and_then(|place| attributes.get_mut(*place));
        if let Some(known) = known.filter(|known| known.unit.as_deref() == unit) {
            return known.values.push(value.to_owned());
        }
        let place = attributes.len();
        let attribute = Attribute {
            name: name.to_owned(),
            values: vec![value.to_owned()],
            unit: unit.map(str::to_owned),
            system: Some(MERCHANT.to_owned()),
            feature_id: None,
        };
        record.attribute(at, attribute);
        if record.draft.data.attributes.len() > place {
            self.places.insert(name.to_owned(), place);
        }
    }
}

/// `1.5 kg` as number and unit; nothing if it is not both.
fn measure<'t>(text: &'t str, record: &Record<'_>) -> Option<(&'t str, &'t str)> {
    let end = text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | ','))?;
    let (number, unit) = text.split_at(end);
    let unit = unit.trim();
    let is_number = decimal::parse_with(number, record.profile.decimal_comma).is_ok();
    (is_number && !unit.is_empty() && !unit.contains(|character: char| character.is_ascii_digit()))
        .then_some((number, unit))
}
