//! A record of the page and an item: each from the other, field by field.
//!
//! What a record does not name stays as the item has it, and so does all that the page has no field for.

use plugpoint_sdk::error::quoted;
use plugpoint_sdk::facade::{FacadeError, FacadeItem};
use plugpoint_sdk::model::{
    Attribute, Availability, Category, Decimal, Identifier, ItemData, ItemStatus, Price, Text, decimal,
};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::{Element, escaped};

use crate::SYSTEM;
use crate::criteria::Kind;
use crate::key::Key;
use crate::page::{self, Field, Home, Page};
use crate::words;

/// The identifier's scheme of a GTIN.
const GTIN: &str = "gtin";
/// The price's kind of a unit price.
const LIST: &str = "list";

/// The text of a record's child; `None` if it is not there.
pub(crate) fn text<'m>(record: &'m Element, name: &str) -> Option<&'m str> {
    record.child(name).map(|child| child.text().trim())
}

/// Puts the fields of a record over an item.
///
/// # Errors
/// The fault of a field that is not on the page, or whose value is not of its type.
pub(crate) fn put_over(item: &mut ItemData, record: &Element, profile: &Profile) -> Result<(), FacadeError> {
    let mut seen: Vec<&str> = Vec::new();
    for child in record.children().iter().filter(|child| child.name() != "Key") {
        let name = child.name();
        let unknown = || words::bad_field(format!("The field {name:.80} is not on the page."));
        let field = page::named(name).filter(|_| child.children().is_empty()).ok_or_else(unknown)?;
        if seen.contains(&name) {
            return Err(words::bad_field(format!("The field {name} is there twice.")));
        }
        seen.push(name);
        set(item, field, child.text().trim(), profile)?;
    }
    derive(item);
    Ok(())
}

fn set(item: &mut ItemData, field: &Field, value: &str, profile: &Profile) -> Result<(), FacadeError> {
    match field.home {
        Home::Number => {}
        Home::Description => {
            let title = if value.is_empty() { item.sku.clone() } else { value.to_owned() };
            set_title(item, &profile.catalog.language, title);
        }
        Home::Blocked => match (flag(field, value)?, item.status) {
            (true, _) => item.status = ItemStatus::Inactive,
            (false, ItemStatus::Inactive) => item.status = ItemStatus::Active,
            // What is announced or discontinued was not blocked, and still is not.
            (false, _) => {}
        },
        Home::Type => match value {
            "Service" => item.kind = "service".to_owned(),
            "Inventory" if item.kind == "service" => item.kind = "product".to_owned(),
            "Inventory" | "" => {}
            other => {
                return Err(words::bad_field(format!("Type: {} is neither Inventory nor Service.", quoted(other, 80))));
            }
        },
        Home::Gtin => {
            item.identifiers.retain(|identifier| identifier.scheme != GTIN);
            if !value.is_empty() {
                item.identifiers.push(Identifier { scheme: GTIN.to_owned(), value: value.to_owned() });
            }
        }
        Home::Category => {
            item.categories.retain(|category| category.system != SYSTEM);
            if !value.is_empty() {
                let (system, code) = (SYSTEM.to_owned(), value.to_owned());
                item.categories.push(Category { system, code, path: Vec::new() });
            }
        }
        Home::Inventory => {
            let quantity = number(field, value)?;
            let status = if quantity > Decimal::ZERO { "in_stock" } else { "out_of_stock" };
            let availability = item.availability.get_or_insert_with(Availability::default);
            (availability.status, availability.quantity) = (status.to_owned(), Some(quantity));
        }
        Home::UnitPrice => set_price(item, number(field, value)?, profile)?,
        Home::BaseUnit | Home::IncludesTax | Home::Attribute => {
            let value = match field.kind {
                Kind::Number => number(field, value)?.to_string(),
                Kind::Flag => flag(field, value)?.to_string(),
                Kind::Text | Kind::Code => value.to_owned(),
            };
            set_attribute(item, field.name, &value);
        }
    }
    Ok(())
}

/// What a price takes from other fields of the record.
fn derive(item: &mut ItemData) {
    let unit = attribute(item, "Base_Unit_of_Measure").map(str::to_owned);
    let tax_included = attribute(item, "Price_Includes_VAT").map(|value| value == "true");
    if let Some(price) = item.prices.iter_mut().find(|price| is_unit_price(price)) {
        price.unit = unit.or(price.unit.take());
        price.tax_included = tax_included.or(price.tax_included);
    }
}

fn flag(field: &Field, value: &str) -> Result<bool, FacadeError> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        other => Err(words::bad_field(format!("{}: {} is neither true nor false.", field.name, quoted(other, 80)))),
    }
}

fn number(field: &Field, value: &str) -> Result<Decimal, FacadeError> {
    if value.is_empty() {
        return Ok(Decimal::ZERO);
    }
    let digits = value.strip_prefix('+').unwrap_or(value);
    // A decimal of XML Schema may leave out the zero before its point.
    let digits = if digits.starts_with('.') { format!("0{digits}") } else { digits.to_owned() };
    decimal::parse(&digits).map_err(|error| words::bad_field(format!("{}: {} {error}.", field.name, quoted(value, 80))))
}

fn set_title(item: &mut ItemData, language: &str, title: String) {
    match item.texts.iter_mut().find(|text| text.lang == language) {
        Some(text) => text.title = title,
        None => item.texts.push(Text { lang: language.to_owned(), title, ..Text::default() }),
    }
}

fn is_unit_price(price: &Price) -> bool {
    price.kind == LIST
        && price.min_quantity.is_none_or(|quantity| quantity <= Decimal::ONE)
        && price.territories.is_empty()
}

fn set_price(item: &mut ItemData, amount: Decimal, profile: &Profile) -> Result<(), FacadeError> {
    if let Some(price) = item.prices.iter_mut().find(|price| is_unit_price(price)) {
        price.amount = amount;
        return Ok(());
    }
    let Some(currency) = profile.catalog.currency.clone() else {
        let said = "Unit_Price: the service names no currency, and the profile sets none (catalog.currency).";
        return Err(words::bad_field(said));
    };
    item.prices.push(Price { kind: LIST.to_owned(), amount, currency, ..Price::default() });
    Ok(())
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

fn attribute<'i>(item: &'i ItemData, name: &str) -> Option<&'i str> {
    let found = item.attributes.iter().find(|attribute| is_own(attribute, name))?;
    found.values.first().map(String::as_str)
}

/// The value of a field, if the item has one.
pub(crate) fn value(item: &ItemData, field: &Field, profile: &Profile) -> Option<String> {
    let price = || item.prices.iter().find(|price| is_unit_price(price));
    match field.home {
        Home::Number => Some(item.sku.clone()),
        Home::Description => {
            let language = &profile.catalog.language;
            let text = item.texts.iter().find(|text| text.lang == *language).or_else(|| item.texts.first())?;
            Some(text.title.clone())
        }
        Home::Blocked => Some((item.status == ItemStatus::Inactive).to_string()),
        Home::Type => Some(if item.kind == "service" { "Service" } else { "Inventory" }.to_owned()),
        Home::BaseUnit => attribute(item, field.name).map(str::to_owned).or_else(|| price()?.unit.clone()),
        Home::Gtin => item.identifiers.iter().find(|it| it.scheme == GTIN).map(|it| it.value.clone()),
        Home::Category => item.categories.iter().find(|it| it.system == SYSTEM).map(|it| it.code.clone()),
        Home::Inventory => item.availability.as_ref()?.quantity.map(|quantity| quantity.to_string()),
        Home::UnitPrice => price().map(|price| price.amount.to_string()),
        Home::IncludesTax => {
            let by_price = || price()?.tax_included.map(|it| it.to_string());
            attribute(item, field.name).map(str::to_owned).or_else(by_price)
        }
        Home::Attribute => attribute(item, field.name).map(str::to_owned),
    }
}

/// An item as a record of the page.
pub(crate) fn written(page: Page, item: &FacadeItem, profile: &Profile) -> String {
    let mut xml = format!("<{}><Key>{}</Key>", page.name, escaped(&Key::text(&item.data.sku, &item.etag)));
    for field in page::FIELDS {
        if let Some(value) = value(&item.data, field, profile) {
            xml += &format!("<{0}>{1}</{0}>", field.name, escaped(&value));
        }
    }
    xml + &format!("</{}>", page.name)
}
