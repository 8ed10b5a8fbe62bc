//! The given fields of a product, put over what the item has.
//!
//! The given part is read by the format's own reader, so that a field means the same whichever way it comes in; here it is decided
//! what it replaces. What is not given stays, and so does all that the service has no word for. A field that is given and
//! empty is taken away. Whatever the reader would have left out with a finding is a fault: the client waits and can be told.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::error::quoted;
use plugpoint_sdk::facade::FacadeError;
use plugpoint_sdk::model::{Attribute, Finding, ItemData, ItemStatus, Price, Text};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::{Element, XmlEvent, XmlLimits, XmlOptions, XmlReader, escaped};

use super::arguments::fields;
use super::words;
use crate::item::{self, LOST, SYSTEM};

/// Fields that are texts of a language.
const TEXTS: [&str; 4] = ["name", "description", "short_description", "meta_keyword"];
/// Fields of the special price: they are one thing.
const SPECIAL: [&str; 3] = ["special_price", "special_from_date", "special_to_date"];
/// Fields that become no attribute of their name.
const APART: [&str; 8] =
    ["status", "price", "categories", "category_ids", "websites", "website_ids", "additional_attributes", "stock_data"];
/// The longest name of an attribute that is an element's name here.
const NAME_BYTES_MAX: usize = 200;
/// What is read again was read once within the limits of the envelope.
const LIMITS: XmlLimits = XmlLimits {
    depth_max: 1024,
    attributes_max: 256,
    namespaces_max: 256,
    name_bytes_max: 256,
    text_bytes_max: 64 << 20,
    record_bytes_max: 64 << 20,
    doctype_bytes_max: 0,
};

/// Puts the given fields of a product over an item.
///
/// # Errors
/// Fault 102 for the first field that cannot be taken.
pub(super) fn product(
    item: &mut ItemData,
    data: &Element,
    language: &str,
    profile: &Profile,
) -> Result<(), FacadeError> {
    let given = fields(data);
    let read = read(item, &given, profile)?;
    let has = |name: &str| given.iter().any(|(known, _)| *known == name);
    if has("status") {
        item.status = read.status;
    }
    texts(item, &given, language)?;
    if has("price") {
        replace_prices(item, "list", &read.prices);
    }
    if SPECIAL.iter().any(|name| has(name)) {
        replace_prices(item, "special", &read.prices);
    }
    if has("categories") || has("category_ids") {
        item.categories.retain(|category| category.system != SYSTEM);
        item.categories.extend(read.categories);
    }
    if has("stock_data") {
        item.availability = read.availability;
    }
    attributes(item, &given, read.attributes);
    Ok(())
}

/// Puts a given stock over an item's.
///
/// # Errors
/// Fault 102.
pub(super) fn stock(item: &mut ItemData, data: &Element, profile: &Profile) -> Result<(), FacadeError> {
    item.availability = read(item, &[("stock_data", data)], profile)?.availability;
    Ok(())
}

fn invalid(said: impl AsRef<str>) -> FacadeError {
    words::DATA_INVALID.fault(said.as_ref()).into()
}

// --- reading what is given ---

/// What the format reads from the given fields.
fn read(item: &ItemData, given: &[(&str, &Element)], profile: &Profile) -> Result<ItemData, FacadeError> {
    let xml = document(item, given)?;
    let unreadable = || invalid("The data cannot be read.");
    let mut bytes = xml.as_bytes();
    let mut reader = XmlReader::new(&mut bytes, XmlOptions { limits: LIMITS, ..XmlOptions::default() });
    if !matches!(reader.next(), Ok(XmlEvent::Start(_))) {
        return Err(unreadable());
    }
    let product = reader.element().map_err(|_| unreadable())?;
    let info = product.child("info").ok_or_else(unreadable)?;
    let draft = item::read_change(&product, info, &item.sku, profile);
    match draft.findings.iter().find(|finding| finding.code != finding::PART_IGNORED) {
        Some(finding) => Err(invalid(said(finding))),
        None => Ok(draft.data),
    }
}

fn said(finding: &Finding) -> String {
    match &finding.path {
        Some(path) => format!("{path}: {}", finding.message),
        None => finding.message.clone(),
    }
}

/// The given fields in the form of the format's document.
fn document(item: &ItemData, given: &[(&str, &Element)]) -> Result<String, FacadeError> {
    let mut xml = "<product><info>".to_owned();
    for (name, value) in given {
        if TEXTS.contains(name) || LOST.contains(name) || *name == "stock_data" {
            continue;
        }
        match *name {
            "additional_attributes" => additional(&mut xml, value)?,
            name if is_name(name) => element(&mut xml, name, value),
            name => return Err(invalid(format!("{} is no name of a field.", quoted(name, 80)))),
        }
    }
    if SPECIAL.iter().any(|name| given.iter().any(|(known, _)| known == name)) {
        special(&mut xml, item, given);
    }
    xml += "</info>";
    if let Some((_, data)) = given.iter().find(|(name, _)| *name == "stock_data") {
        stock_element(&mut xml, item, data);
    }
    Ok(xml + "</product>")
}

fn is_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && name.len() <= NAME_BYTES_MAX && name.bytes().all(is_part)
}

/// A field with one value or a list of them; deeper ones are left to the reader to judge.
fn element(xml: &mut String, name: &str, value: &Element) {
    *xml += &format!("<{name}>");
    if value.children().is_empty() {
        *xml += &escaped(value.text());
    }
    for child in value.children() {
        let child_name = if is_name(child.name()) { child.name() } else { "item" };
        element(xml, child_name, child);
    }
    *xml += &format!("</{name}>");
}

/// Attributes of the client's own, as keys and values: a list of pairs, or one of lists of them.
fn additional(xml: &mut String, value: &Element) -> Result<(), FacadeError> {
    *xml += "<additional_attributes>";
    for (name, value) in own_attributes(value) {
        if name.is_empty() {
            return Err(invalid("additional_attributes: an attribute has no name."));
        }
        *xml += &format!("<item><key>{}</key>", escaped(name));
        element(xml, "value", value);
        *xml += "</item>";
    }
    *xml += "</additional_attributes>";
    Ok(())
}

fn own_attributes(value: &Element) -> Vec<(&str, &Element)> {
    let is_wrapped = value.children().iter().any(|child| matches!(child.name(), "single_data" | "multi_data"));
    match is_wrapped {
        true => value.children().iter().flat_map(fields).collect(),
        false => fields(value),
    }
}

/// What of the special price is not given is as it was: it is read as a whole.
fn special(xml: &mut String, item: &ItemData, given: &[(&str, &Element)]) {
    let Some(before) = item.prices.iter().find(|price| price.kind == "special") else { return };
    let date = |at: &Option<plugpoint_sdk::model::timestamp::Timestamp>| {
        at.as_ref().map(super::info::date).unwrap_or_default()
    };
    let known = [before.amount.to_string(), date(&before.valid_from), date(&before.valid_to)];
    for (name, text) in SPECIAL.into_iter().zip(known) {
        if !given.iter().any(|(given, _)| *given == name) && !text.is_empty() {
            *xml += &format!("<{name}>{}</{name}>", escaped(&text));
        }
    }
}

/// The stock as a whole: what is not given is as it was, and what is there is in stock.
fn stock_element(xml: &mut String, item: &ItemData, data: &Element) {
    let given = fields(data);
    let text = |name: &str| {
        given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.text().trim()).filter(|it| !it.is_empty())
    };
    let before = item.availability.as_ref();
    let quantity = text("qty").map(str::to_owned);
    let quantity = quantity.or_else(|| before.and_then(|it| it.quantity).map(|it| it.to_string())).unwrap_or_default();
    let is_there = || match (text("qty"), before) {
        (None, Some(before)) => before.status == "in_stock",
        _ => quantity.bytes().any(|byte| matches!(byte, b'1'..=b'9')),
    };
    let in_stock = text("is_in_stock").unwrap_or(if is_there() { "1" } else { "0" });
    *xml +=
        &format!("<stock><qty>{}</qty><is_in_stock>{}</is_in_stock></stock>", escaped(&quantity), escaped(in_stock));
}

// --- putting it over ---

fn texts(item: &mut ItemData, given: &[(&str, &Element)], language: &str) -> Result<(), FacadeError> {
    let of = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.text().trim());
    if of("name") == Some("") {
        return Err(invalid("The value of attribute \"Name\" is empty."));
    }
    if let Some(short) = of("short_description") {
        set_attribute(item, "short_description", short);
    }
    if ["name", "description", "meta_keyword"].iter().all(|name| of(name).is_none()) {
        return Ok(());
    }
    let at = match item.texts.iter().position(|text| text.lang == language) {
        Some(at) => at,
        None => {
            let title = of("name").map(str::to_owned).or_else(|| item.texts.first().map(|text| text.title.clone()));
            let title = title.ok_or_else(|| invalid("The value of attribute \"Name\" is missing."))?;
            item.texts.push(Text { lang: language.to_owned(), title, ..Text::default() });
            item.texts.len() - 1
        }
    };
    let Some(text) = item.texts.get_mut(at) else { return Ok(()) };
    if let Some(name) = of("name") {
        name.clone_into(&mut text.title);
    }
    if let Some(description) = of("description") {
        text.description = Some(description.to_owned()).filter(|it| !it.is_empty());
    }
    if let Some(keywords) = of("meta_keyword") {
        let words = keywords.split(',').map(str::trim).filter(|word| !word.is_empty());
        text.keywords = words.map(str::to_owned).collect();
    }
    Ok(())
}

fn replace_prices(item: &mut ItemData, kind: &str, read: &[Price]) {
    item.prices.retain(|price| price.kind != kind);
    item.prices.extend(read.iter().filter(|price| price.kind == kind).cloned());
}

fn set_attribute(item: &mut ItemData, name: &str, value: &str) {
    item.attributes.retain(|attribute| !is_own(attribute, name));
    if !value.is_empty() {
        let (name, values) = (name.to_owned(), vec![value.to_owned()]);
        item.attributes.push(Attribute { name, values, system: Some(SYSTEM.to_owned()), ..Attribute::default() });
    }
}

fn is_own(attribute: &Attribute, name: &str) -> bool {
    attribute.name == name && attribute.system.as_deref() == Some(SYSTEM)
}

/// Every attribute that is given replaces the one of its name.
fn attributes(item: &mut ItemData, given: &[(&str, &Element)], read: Vec<Attribute>) {
    let is_plain = |name: &str| !TEXTS.contains(&name) && !SPECIAL.contains(&name) && !APART.contains(&name);
    for (name, value) in given {
        match *name {
            "websites" | "website_ids" => item.attributes.retain(|attribute| !is_own(attribute, "websites")),
            "additional_attributes" => {
                for (own, _) in own_attributes(value) {
                    item.attributes.retain(|attribute| !is_own(attribute, own));
                }
            }
            name if is_plain(name) => item.attributes.retain(|attribute| !is_own(attribute, name)),
            _ => {}
        }
    }
    item.attributes.extend(read);
}

/// Whether an item can be bought, in the service's words.
pub(super) fn status_of(item: &ItemData) -> &'static str {
    if item.status == ItemStatus::Active { "1" } else { "2" }
}
