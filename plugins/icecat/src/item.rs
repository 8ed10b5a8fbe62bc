//! One product as an item: its numbers, its place, its relations; what goes nowhere is kept as attributes.

use plugpoint_sdk::model::{ItemDraft, Parts, Relation};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::language::{self, known};
use crate::{ICECAT, features, media, texts};

/// Parts of which a data sheet says nothing.
const UNSAID: Parts = Parts::PRICES.and(Parts::AVAILABILITY).and(Parts::STATUS).and(Parts::KIND);
/// Elements that are read by name: what of them is not is a loss of the crate's documentation, and is told as unmapped. All others
/// are kept.
const READ: [&str; 7] = [
    "Category",
    "CategoryFeatureGroup",
    "ProductBundled",
    "ProductFamily",
    "ProductFeature",
    "ProductRelated",
    "ProductSeries",
];

/// The number of a product that the profile makes the item's.
pub(crate) fn sku(product: &Element, kind: &str) -> Option<String> {
    let sent = match kind {
        "id" => product.attribute("ID"),
        "gtin" => product.children().iter().filter(|it| it.name() == "EANCode").find_map(gtin),
        _ => product.attribute("Prod_id").or_else(|| product.attribute("Prod_ID")),
    };
    sent.map(str::trim).filter(|sku| !sku.is_empty()).map(str::to_owned)
}

fn gtin(code: &Element) -> Option<&str> {
    Some(code.attribute("EAN").unwrap_or_else(|| code.text()).trim()).filter(|gtin| !gtin.is_empty())
}

/// Reads one product.
pub(crate) fn read(product: &Element, sku: String, profile: &Profile) -> ItemDraft {
    let mut record = Record::new(sku, product, &profile.catalog);
    record.draft.keeps = UNSAID;
    if let Some(language) = texts::language(product) {
        language.clone_into(&mut record.language);
    }
    read_numbers(product, profile, &mut record);
    texts::read(product, &mut record);
    for category in product.children_named("Category") {
        read_category(category, &mut record);
    }
    media::read(product, &mut record);
    features::read(product, profile.icecat.feature_groups, &mut record);
    for related in product.children_named("ProductRelated") {
        read_relations(related, "related", profile, &mut record);
    }
    for bundled in product.children_named("ProductBundled") {
        read_relations(bundled, "consists_of", profile, &mut record);
    }
    keep_rest(product, &mut record);
    record.finish()
}

fn read_numbers(product: &Element, profile: &Profile, record: &mut Record<'_>) {
    let number = |name: &str| product.attribute(name).unwrap_or_default();
    if profile.icecat.sku != "prod_id" {
        record.identifier(product, "mpn", product.attribute("Prod_id").unwrap_or_else(|| number("Prod_ID")));
    }
    if profile.icecat.sku != "id" {
        record.identifier(product, "icecat", number("ID"));
    }
    for code in product.children_named("EANCode") {
        record.identifier(code, "gtin", gtin(code).unwrap_or_default());
        known(code, &["ID", "Format", "IsApproved"]);
    }
    for supplier in product.children_named("Supplier") {
        record.brand(supplier.attribute("Name").unwrap_or_else(|| supplier.text()));
        known(supplier, &["ID"]);
    }
}

fn read_category(category: &Element, record: &mut Record<'_>) {
    put_category(category, ICECAT, record);
    for list in category.children_named("VirtualCategories") {
        for place in list.children_named("VirtualCategory") {
            put_category(place, "icecat-virtual", record);
        }
    }
}

fn put_category(category: &Element, system: &str, record: &mut Record<'_>) {
    let path: Vec<String> = language::name(category, record).map(str::to_owned).into_iter().collect();
    record.category(category, system, category.attribute("ID").unwrap_or_default(), path.clone());
    record.category(category, "unspsc", category.attribute("UNCATID").unwrap_or_default(), path);
}

/// The nested products are others: only their numbers are read.
fn read_relations(list: &Element, kind: &str, profile: &Profile, record: &mut Record<'_>) {
    known(list, &["ID", "Category_ID", "Reversed", "Preferred"]);
    for product in list.children_named("Product") {
        known(product, &["Code"]);
        if let Some(sku) = sku(product, &profile.icecat.sku) {
            record.relation(product, Relation { kind: kind.to_owned(), sku, quantity: None });
        }
    }
}

fn keep_rest(product: &Element, record: &mut Record<'_>) {
    known(
        product,
        &["Code", "HighPicHeight", "HighPicSize", "HighPicWidth", "LowPicHeight", "LowPicSize", "LowPicWidth"],
    );
    known(
        product,
        &["Pic500x500Height", "Pic500x500Size", "Pic500x500Width", "ThumbPicSize", "ThumbPicHeight", "ThumbPicWidth"],
    );
    for attribute in product.attributes().iter().filter(|it| it.is_unread()) {
        record.fact(product, ICECAT, attribute.name(), attribute.value());
    }
    for family in ["ProductFamily", "ProductSeries"] {
        for element in product.children_named(family) {
            record.fact(element, ICECAT, family, language::name(element, record).unwrap_or_default());
            known(element, &["ID"]);
        }
    }
    for child in product.children().iter().filter(|child| !READ.contains(&child.name())) {
        record.keep(ICECAT, child.name(), child);
    }
}
