//! An item as a product of the service.

use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Decimal, ItemData, Text};
use plugpoint_sdk::xml::Element;

use super::arguments::values;
use super::value::Value;
use super::{ids, merge, service};
use crate::item::SYSTEM;

/// The set of products that came in by another way.
const DEFAULT_SET: &str = "4";
/// Digits behind the point of prices and quantities.
const SCALE: u32 = 4;

/// What a client wants to know of a product.
#[derive(Debug, Default)]
pub(super) struct Wanted<'m> {
    /// The service's own fields; all if nothing is said.
    fields: Option<Vec<&'m str>>,
    /// Further attributes.
    additional: Vec<&'m str>,
}

impl<'m> Wanted<'m> {
    pub(super) fn of(attributes: Option<&'m Element>) -> Self {
        let Some(attributes) = attributes else { return Self::default() };
        let list = |name: &str| attributes.child(name).map(values).filter(|list| !list.is_empty());
        Self { fields: list("attributes"), additional: list("additional_attributes").unwrap_or_default() }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.contains(&name))
    }
}

/// The product.
pub(super) fn product(item: &ItemData, language: &str, wanted: &Wanted<'_>) -> Value {
    let (categories, websites) = (categories(item), websites(item));
    let mut parts = vec![
        ("product_id", Value::Text(ids::id_of(&item.sku).to_string())),
        ("sku", Value::Text(item.sku.clone())),
        ("set", Value::Text(set(item).to_owned())),
        ("type", Value::Text(kind(item).to_owned())),
        ("categories", Value::Texts(categories.clone())),
        ("websites", Value::Texts(websites.clone())),
        ("type_id", Value::Text(kind(item).to_owned())),
    ];
    let known = ["product_id", "sku", "set", "type", "type_id"];
    for name in service::product_texts().filter(|name| !known.contains(name) && wanted.has(name)) {
        parts.extend(field(item, language, name).map(|text| (name, Value::Text(text))));
    }
    if wanted.has("category_ids") {
        parts.push(("category_ids", Value::Texts(categories)));
    }
    if wanted.has("website_ids") {
        parts.push(("website_ids", Value::Texts(websites)));
    }
    if wanted.has("tier_price") {
        parts.push(("tier_price", Value::List("catalogProductTierPriceEntity", Vec::new())));
    }
    if !wanted.additional.is_empty() {
        let pair = |name: &&str| Some(((*name).to_owned(), attribute(item, name)?));
        parts.push(("additional_attributes", Value::Pairs(wanted.additional.iter().filter_map(pair).collect())));
    }
    Value::Struct("catalogProductReturnEntity", parts)
}

/// The product in a list.
pub(super) fn entry(item: &ItemData, language: &str) -> Value {
    Value::Struct(
        "catalogProductEntity",
        vec![
            ("product_id", Value::Text(ids::id_of(&item.sku).to_string())),
            ("sku", Value::Text(item.sku.clone())),
            ("name", Value::Text(title(item, language).to_owned())),
            ("set", Value::Text(set(item).to_owned())),
            ("type", Value::Text(kind(item).to_owned())),
            ("category_ids", Value::Texts(categories(item))),
            ("website_ids", Value::Texts(websites(item))),
        ],
    )
}

/// A field of the service, if the item has it.
pub(super) fn field(item: &ItemData, language: &str, name: &str) -> Option<String> {
    let price = |kind: &str| item.prices.iter().find(|price| price.kind == kind);
    match name {
        "name" => Some(title(item, language).to_owned()),
        "description" => text(item, language)?.description.clone(),
        "meta_keyword" => Some(text(item, language)?.keywords.join(", ")).filter(|words| !words.is_empty()),
        "status" => Some(merge::status_of(item).to_owned()),
        "price" => price("list").map(|price| number(price.amount)),
        "special_price" => price("special").map(|price| number(price.amount)),
        "special_from_date" => price("special")?.valid_from.as_ref().map(date),
        "special_to_date" => price("special")?.valid_to.as_ref().map(date),
        name => attribute(item, name),
    }
}

/// The title in a language, else the first there is.
pub(super) fn title<'i>(item: &'i ItemData, language: &str) -> &'i str {
    text(item, language).map(|text| text.title.as_str()).unwrap_or_default()
}

fn text<'i>(item: &'i ItemData, language: &str) -> Option<&'i Text> {
    item.texts.iter().find(|text| text.lang == language).or_else(|| item.texts.first())
}

/// The type of a product.
pub(super) fn kind(item: &ItemData) -> &str {
    if item.kind == "product" { "simple" } else { &item.kind }
}

/// The set of a product.
pub(super) fn set(item: &ItemData) -> &str {
    own(item, "set").and_then(|values| values.first()).map_or(DEFAULT_SET, String::as_str)
}

fn categories(item: &ItemData) -> Vec<String> {
    let own = item.categories.iter().filter(|category| category.system == SYSTEM);
    own.map(|category| category.code.clone()).collect()
}

fn websites(item: &ItemData) -> Vec<String> {
    own(item, "websites").map(<[String]>::to_vec).unwrap_or_default()
}

fn own<'i>(item: &'i ItemData, name: &str) -> Option<&'i [String]> {
    let is_it = |system: Option<&str>| {
        item.attributes.iter().find(|it| it.name == name && (system.is_none() || it.system.as_deref() == system))
    };
    is_it(Some(SYSTEM)).map(|attribute| attribute.values.as_slice())
}

/// An attribute of the service's own, else of whatever system; several values with commas between them.
fn attribute(item: &ItemData, name: &str) -> Option<String> {
    let of_others = || item.attributes.iter().find(|it| it.name == name).map(|it| it.values.as_slice());
    own(item, name).or_else(of_others).map(|values| values.join(","))
}

/// A number as the service writes it: with four digits behind the point, or more where it has them.
pub(super) fn number(value: Decimal) -> String {
    let mut value = value.normalize();
    if value.scale() < SCALE {
        value.rescale(SCALE);
    }
    value.to_string()
}

/// A time as the service writes it, in UTC.
pub(super) fn date(at: &Timestamp) -> String {
    let text = at.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_of_the_service() {
        for (text, expected) in
            [("12.5", "12.5000"), ("12", "12.0000"), ("0.123456", "0.123456"), ("12.50000", "12.5000")]
        {
            assert_eq!(number(text.parse().unwrap()), expected, "{text}");
        }
        let at = Timestamp("2024-05-01T23:59:59.25Z".parse().unwrap());
        assert_eq!(date(&at), "2024-05-01 23:59:59");
    }
}
