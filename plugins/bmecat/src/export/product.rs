//! One item as a PRODUCT, its parts in the order of the standard. It writes what the item says and what the standard wants, and
//! judges nothing: what of it comes back is found out by reading it.

use std::fmt::Write;

use plugpoint_sdk::model::{Attribute, Category, ItemData, ItemStatus, Media, Price, Relation};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::escaped;

use super::regained::{Place, Regained};
use crate::assumed;
use crate::kept::{BMECAT, UDX};
use plugpoint_sdk::reading::Bound;
use plugpoint_sdk::reading::language_code;

/// The order unit of an item that names none: one piece, by UN/ECE Recommendation 20.
const ORDER_UNIT: &str = "C62";

/// Writes an item. Its places in the supplier's tree are not part of it.
pub(super) fn write(item: &ItemData, profile: &Profile, text: &mut String) {
    let mut out = Out { text, assumed: Vec::new() };
    let regained = Regained::new(&item.attributes);
    out.text.push_str("<PRODUCT mode=\"new\">\n");
    out.value("SUPPLIER_PID", &item.sku);
    details(&mut out, item, &regained, profile);
    features(&mut out, item, profile);
    order_details(&mut out, item, &regained);
    prices(&mut out, item, &regained);
    media(&mut out, &item.media);
    extensions(&mut out, &regained);
    item.relations.iter().for_each(|relation| reference(&mut out, relation));
    regained.write(Place::Product, out.text);
    if regained.has(Place::Logistics) {
        out.within("PRODUCT_LOGISTIC_DETAILS", |out| regained.write(Place::Logistics, out.text));
    }
    out.text.push_str("</PRODUCT>\n");
}

/// The product as it grows.
struct Out<'t> {
    text: &'t mut String,
    /// See [`assumed`].
    assumed: Vec<&'static str>,
}

impl Out<'_> {
    fn value(&mut self, name: &str, value: &str) {
        self.text.extend(["<", name, ">", &escaped(value), "</", name, ">\n"]);
    }

    fn with(&mut self, name: &str, attribute: &str, of: &str, value: &str) {
        let (of, value) = (escaped(of), escaped(value));
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "<{name} {attribute}=\"{of}\">{value}</{name}>");
    }

    fn some(&mut self, name: &str, value: Option<&impl ToString>) {
        if let Some(value) = value {
            self.value(name, &value.to_string());
        }
    }

    fn within(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.text.extend(["<", name, ">\n"]);
        content(self);
        self.text.extend(["</", name, ">\n"]);
    }
}

fn details(out: &mut Out<'_>, item: &ItemData, regained: &Regained<'_>, profile: &Profile) {
    let in_language = |out: &mut Out<'_>, name: &str, lang: &str, value: &str| {
        if lang == profile.catalog.language {
            out.value(name, value);
        } else {
            out.with(name, "lang", &language_code(lang), value);
        }
    };
    out.within("PRODUCT_DETAILS", |out| {
        item.texts.iter().for_each(|text| in_language(out, "DESCRIPTION_SHORT", &text.lang, &text.title));
        for text in &item.texts {
            if let Some(description) = &text.description {
                in_language(out, "DESCRIPTION_LONG", &text.lang, description);
            }
        }
        identifiers(out, item);
        if let Some(brand) = &item.brand {
            out.value("MANUFACTURER_NAME", brand);
        }
        out.some("DELIVERY_TIME", item.availability.as_ref().and_then(|it| it.lead_time_days.as_ref()));
        for text in &item.texts {
            text.keywords.iter().for_each(|word| in_language(out, "KEYWORD", &text.lang, word));
        }
        regained.write(Place::Details, out.text);
        if item.status == ItemStatus::Discontinued && !regained.says_discontinued() {
            out.text.push_str("<PRODUCT_STATUS type=\"old_product\"/>\n");
            out.assumed.push(assumed::PRODUCT_STATUS);
        }
    });
}

/// Numbers in the order of the standard, each kind in that of the item.
fn identifiers(out: &mut Out<'_>, item: &ItemData) {
    let of = |wanted: fn(&str) -> bool| item.identifiers.iter().filter(move |known| wanted(&known.scheme));
    let is_buyer = |scheme: &str| scheme == "buyer" || scheme.starts_with("buyer.");
    let is_other = |scheme: &str| !matches!(scheme, "supplier_alt" | "mpn" | "buyer") && !scheme.starts_with("buyer.");
    of(is_other).for_each(|known| out.with("INTERNATIONAL_PID", "type", &known.scheme, &known.value));
    of(|scheme| scheme == "supplier_alt").for_each(|known| out.value("SUPPLIER_ALT_PID", &known.value));
    for known in of(is_buyer) {
        match known.scheme.strip_prefix("buyer.") {
            Some(buyer) => out.with("BUYER_PID", "type", buyer, &known.value),
            None => out.value("BUYER_PID", &known.value),
        }
    }
    of(|scheme| scheme == "mpn").for_each(|known| out.value("MANUFACTURER_PID", &known.value));
}

/// A PRODUCT_FEATURES on its way: a place in a system, properties of that system, or both.
struct Block<'i> {
    system: Option<&'i str>,
    place: Option<&'i Category>,
    features: Vec<&'i Attribute>,
}

impl<'i> Block<'i> {
    fn of(place: &'i Category) -> Self {
        Self { system: Some(&place.system), place: Some(place), features: Vec::new() }
    }
}

fn features(out: &mut Out<'_>, item: &ItemData, profile: &Profile) {
    let is_classified = |category: &&Category| category.system != profile.bmecat.group_system;
    let mut blocks: Vec<Block<'_>> = item.categories.iter().filter(is_classified).map(Block::of).collect();
    // Properties stand with the place of their system where that keeps their order.
    let mut last = 0;
    for attribute in &item.attributes {
        let system = attribute.system.as_deref();
        if matches!(system, Some(BMECAT | UDX)) {
            continue;
        }
        let is_fit = |block: &Block<'_>| block.system == system && system.is_some();
        let same = blocks.get(last).is_some_and(|block| block.system == system && !block.features.is_empty());
        let place = if same { Some(last) } else { (last..blocks.len()).find(|&index| is_fit(&blocks[index])) };
        last = place.unwrap_or(blocks.len());
        if last == blocks.len() {
            blocks.push(Block { system, place: None, features: Vec::new() });
        }
        blocks[last].features.push(attribute);
    }
    blocks.iter().for_each(|block| write_block(out, block));
}

fn write_block(out: &mut Out<'_>, block: &Block<'_>) {
    out.within("PRODUCT_FEATURES", |out| {
        if let Some(system) = block.system {
            out.value("REFERENCE_FEATURE_SYSTEM_NAME", system);
        }
        if let Some(place) = block.place {
            out.value("REFERENCE_FEATURE_GROUP_ID", &place.code);
            if let [name] = place.path.as_slice() {
                out.value("REFERENCE_FEATURE_GROUP_NAME", name);
            }
        }
        block.features.iter().for_each(|attribute| feature(out, attribute));
    });
}

fn feature(out: &mut Out<'_>, attribute: &Attribute) {
    out.within("FEATURE", |out| {
        match &attribute.feature_id {
            Some(id) if *id != attribute.name => out.within("FTEMPLATE", |out| {
                out.value("FT_ID", id);
                out.value("FT_NAME", &attribute.name);
            }),
            _ => out.value("FNAME", &attribute.name),
        }
        attribute.values.iter().for_each(|value| out.value("FVALUE", value));
        out.some("FUNIT", attribute.unit.as_ref());
    });
}

/// What all have in common, if they do.
fn common<T: PartialEq>(prices: &[Price], of: impl Fn(&Price) -> Option<T>) -> Option<T> {
    let first = of(prices.first()?)?;
    prices.iter().all(|price| of(price).is_some_and(|other| other == first)).then_some(first)
}

fn order_details(out: &mut Out<'_>, item: &ItemData, regained: &Regained<'_>) {
    out.within("PRODUCT_ORDER_DETAILS", |out| {
        if !regained.names("ORDER_UNIT") {
            let unit = common(&item.prices, |price| price.unit.clone());
            out.assumed.push(assumed::ORDER_UNIT);
            if unit.is_none() {
                out.assumed.push(assumed::PRICE_UNIT);
            }
            out.value("ORDER_UNIT", unit.as_deref().unwrap_or(ORDER_UNIT));
        }
        if !regained.names("PRICE_QUANTITY")
            && let Some(quantity) = common(&item.prices, |price| price.per_quantity)
        {
            out.assumed.push(assumed::PRICE_QUANTITY);
            // As it was written, not as it is by value: 1 and 1.0 are two texts.
            let first = item.prices.first().and_then(|price| price.per_quantity).unwrap_or(quantity);
            out.value("PRICE_QUANTITY", &first.to_string());
        }
        regained.write(Place::Order, out.text);
    });
}

fn prices(out: &mut Out<'_>, item: &ItemData, regained: &Regained<'_>) {
    let order_unit = regained.value("ORDER_UNIT").map(str::to_owned);
    let order_unit = order_unit.or_else(|| common(&item.prices, |price| price.unit.clone()));
    let validity = |price: &Price| (price.valid_from, price.valid_to);
    let mut is_first = true;
    for block in item.prices.chunk_by(|one, other| validity(one) == validity(other)) {
        out.within("PRODUCT_PRICE_DETAILS", |out| {
            let (from, to) = validity(&block[0]);
            out.some("VALID_START_DATE", from.map(|at| day(&at.to_string(), Bound::Start)).as_ref());
            out.some("VALID_END_DATE", to.map(|at| day(&at.to_string(), Bound::End)).as_ref());
            if std::mem::take(&mut is_first) {
                regained.write(Place::Prices, out.text);
            }
            block.iter().for_each(|price| write_price(out, price, order_unit.as_deref()));
        });
    }
    if is_first && regained.has(Place::Prices) {
        out.within("PRODUCT_PRICE_DETAILS", |out| regained.write(Place::Prices, out.text));
    }
}

/// A time as a date, where that says the same.
fn day(at: &str, bound: Bound) -> String {
    let end = if bound == Bound::Start { "T00:00:00Z" } else { "T23:59:59Z" };
    at.strip_suffix(end).filter(|date| date.len() == 10).unwrap_or(at).to_owned()
}

fn write_price(out: &mut Out<'_>, price: &Price, order_unit: Option<&str>) {
    let _ = writeln!(out.text, "<PRODUCT_PRICE price_type=\"{}\">", escaped(&price.kind));
    out.value("PRICE_AMOUNT", &price.amount.to_string());
    out.value("PRICE_CURRENCY", &price.currency);
    out.some("TAX", price.tax_rate.as_ref());
    out.some("LOWER_BOUND", price.min_quantity.as_ref());
    price.territories.iter().for_each(|territory| out.value("TERRITORY", territory));
    if let Some(unit) = price.unit.as_ref().filter(|unit| Some(unit.as_str()) != order_unit) {
        out.within("PRICE_BASE", |out| out.value("PRICE_UNIT", unit));
    }
    out.text.push_str("</PRODUCT_PRICE>\n");
}

fn media(out: &mut Out<'_>, media: &[Media]) {
    if media.is_empty() {
        return;
    }
    out.within("MIME_INFO", |out| {
        for (index, file) in media.iter().enumerate() {
            out.within("MIME", |out| {
                let (mime_type, purpose) = type_and_purpose(file);
                out.some("MIME_TYPE", mime_type.as_ref());
                out.value("MIME_SOURCE", &file.url);
                out.some("MIME_DESCR", file.description.as_ref());
                out.some("MIME_PURPOSE", purpose.as_ref());
                out.value("MIME_ORDER", &(index + 1).to_string());
            });
        }
    });
}

/// The purpose says what the type does not.
fn type_and_purpose(file: &Media) -> (Option<&str>, Option<&str>) {
    let mime_type = file.mime_type.as_deref();
    let by_type = match mime_type.and_then(|it| it.split_once('/')) {
        Some(("image", _)) => "image",
        Some(("video", _)) => "video",
        Some(("audio", _)) => "audio",
        _ => "document",
    };
    match file.kind.as_str() {
        "link" if mime_type.is_none() => (Some("url"), None),
        "image" if by_type == "image" => (mime_type, Some("normal")),
        kind if kind == by_type => (mime_type, None),
        kind => (mime_type, Some(kind)),
    }
}

fn extensions(out: &mut Out<'_>, regained: &Regained<'_>) {
    if out.assumed.is_empty() && !regained.has(Place::Extensions) {
        return;
    }
    let assumed = std::mem::take(&mut out.assumed).join(" ");
    out.within("USER_DEFINED_EXTENSIONS", |out| {
        regained.write(Place::Extensions, out.text);
        if !assumed.is_empty() {
            out.value(assumed::ELEMENT, &assumed);
        }
    });
}

fn reference(out: &mut Out<'_>, relation: &Relation) {
    let kind = match relation.kind.as_str() {
        "accessory" => "accessories",
        "spare_part" => "sparepart",
        "follow_up" => "followup",
        kind => kind,
    };
    let quantity = relation.quantity.map(|quantity| format!(" quantity=\"{quantity}\"")).unwrap_or_default();
    let _ = writeln!(out.text, "<PRODUCT_REFERENCE type=\"{}\"{quantity}>", escaped(kind));
    out.value("PROD_ID_TO", &relation.sku);
    out.text.push_str("</PRODUCT_REFERENCE>\n");
}
