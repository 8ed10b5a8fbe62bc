//! One record as an item: its numbers, its details, and whatever else it says as attributes.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Attribute, Finding, ItemDraft, Parts};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::prices::Terms;
use crate::{CXML, credentials, detail, prices};

/// Characters that an item's number may have.
const SKU_CHARS_MAX: usize = 128;
/// Parts of a cart's item that speak of people and of the order, not of the item.
const OF_THE_ORDER: [&str; 6] = ["ShipTo", "Contact", "Distribution", "Shipping", "Tax", "ControlKeys"];

/// What kind of record an item comes by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Catalog,
    Punchout,
    Cart,
}

/// A number of the supplier, and who gave it.
pub(crate) struct Supplier {
    domain: String,
    id: String,
}

impl Supplier {
    /// None where the element is empty.
    pub(crate) fn read(element: &Element) -> Option<Self> {
        let id = element.text().trim();
        let domain = element.attribute("domain").unwrap_or_default().trim();
        (!id.is_empty()).then(|| Self { domain: shortened(domain), id: shortened(id) })
    }

    fn keep(&self, at: &Element, record: &mut Record<'_>) {
        let name = if self.domain.is_empty() { "SupplierID".to_owned() } else { format!("SupplierID.{}", self.domain) };
        record.fact(at, CXML, &name, &self.id);
    }
}

/// Suppliers are held for every item of an index, so they are short.
fn shortened(text: &str) -> String {
    text.chars().take(SKU_CHARS_MAX).collect()
}

/// What holds for all items of a document.
pub(crate) struct Context<'p> {
    pub(crate) profile: &'p Profile,
    pub(crate) language: Option<&'p str>,
    pub(crate) suppliers: &'p [Supplier],
}

impl<'p> Context<'p> {
    pub(crate) fn record(&self, sku: String, element: &Element) -> Record<'p> {
        let mut record = Record::new(sku, element, &self.profile.catalog);
        if let Some(language) = self.language {
            language.clone_into(&mut record.language);
        }
        record
    }
}

/// The item's number; none without SupplierPartID.
pub(crate) fn sku(record: &Element, auxiliary_in_sku: bool) -> Option<String> {
    let id = record.child("ItemID").unwrap_or(record);
    let part = id.child_text("SupplierPartID")?;
    let auxiliary = if auxiliary_in_sku { id.child_text("SupplierPartAuxiliaryID") } else { None };
    Some(auxiliary.map_or_else(|| part.to_owned(), |auxiliary| format!("{part}/{auxiliary}")))
}

/// Reads a record that is an item.
pub(crate) fn read(kind: Kind, element: &Element, sku: String, ctx: &Context<'_>) -> ItemDraft {
    credentials::pass_over(element);
    let mut record = ctx.record(sku, element);
    read_numbers(element.child("ItemID").unwrap_or(element), ctx, &mut record);
    if kind == Kind::Punchout {
        "punchout".clone_into(&mut record.draft.data.kind);
    }
    let details: Vec<&Element> = element.children().iter().filter(|child| is_detail(child)).collect();
    let terms = Terms::find(element, &mut record);
    for part in &details {
        prices::read(part, &terms, &mut record);
    }
    for part in &details {
        detail::read(part, kind, &mut record);
    }
    for supplier in ctx.suppliers {
        supplier.keep(element, &mut record);
    }
    keep_rest(element, &details, &mut record);
    if kind == Kind::Cart {
        record.draft.keeps = parts_unsaid(&record);
    }
    record.finish()
}

fn is_detail(child: &Element) -> bool {
    ["ItemDetail", "BlanketItemDetail", "PunchoutDetail", "PunchOutDetail", "IndexItemDetail"].contains(&child.name())
}

fn read_numbers(id: &Element, ctx: &Context<'_>, record: &mut Record<'_>) {
    if let Some(auxiliary) = id.child("SupplierPartAuxiliaryID") {
        if !ctx.profile.cxml.auxiliary_in_sku {
            record.identifier(auxiliary, "supplier_auxiliary", auxiliary.text());
        } else if record.draft.data.sku.chars().count() > SKU_CHARS_MAX {
            let message = format!(
                "SupplierPartID and SupplierPartAuxiliaryID together have more than {SKU_CHARS_MAX} characters; with cxml.auxiliary_in_sku = false in the profile the second is no part of the number"
            );
            let finding = Finding::error(finding::FIELD_LENGTH, message).at(auxiliary.position());
            record.findings.push(finding.path(auxiliary.name()));
        }
    }
    for buyer in id.children_named("BuyerPartID") {
        record.identifier(buyer, "buyer", buyer.text());
    }
    for reference in id.children_named("IdReference") {
        let domain = reference.attribute("domain").unwrap_or_default();
        record.identifier(reference, scheme(domain), reference.attribute("identifier").unwrap_or_default());
    }
}

/// What a domain of numbers is called today.
pub(crate) fn scheme(domain: &str) -> &str {
    let lower = domain.trim().to_ascii_lowercase();
    if ["ean", "gtin", "upc"].iter().any(|name| lower.starts_with(name)) { "gtin" } else { domain }
}

/// Everything with a value that was not read so far, people and orders excepted.
fn keep_rest(element: &Element, details: &[&Element], record: &mut Record<'_>) {
    for attribute in element.attributes() {
        match attribute.name() {
            "lineNumber" | "parentLineNumber" => _ = attribute.value(),
            name => record.fact(element, CXML, &format!("{}@{name}", element.name()), attribute.value()),
        }
    }
    for child in element.children() {
        if details.iter().any(|detail| std::ptr::eq(*detail, child)) {
            for part in child.children() {
                record.keep(CXML, part.name(), part);
            }
            for attribute in child.attributes() {
                record.fact(child, CXML, attribute.name(), attribute.value());
            }
        } else if child.name() == "SupplierID" {
            if let Some(supplier) = Supplier::read(child) {
                supplier.keep(child, record);
            }
        } else if !OF_THE_ORDER.contains(&child.name()) {
            record.keep(CXML, child.name(), child);
        }
    }
}

/// Parts of which a cart's item says nothing: a catalog knows more of the item than a cart does.
fn parts_unsaid(record: &Record<'_>) -> Parts {
    let data = &record.draft.data;
    let always = Parts::KIND.and(Parts::STATUS).and(Parts::RELATIONS).and(Parts::CONTRIBUTORS);
    let media = if data.media.is_empty() { Parts::MEDIA } else { Parts::NONE };
    let availability = if data.availability.is_none() { Parts::AVAILABILITY } else { Parts::NONE };
    always.and(media).and(availability)
}

/// An attribute of the system `cxml`.
pub(crate) fn attribute(name: &str, value: &str, unit: Option<&str>) -> Attribute {
    Attribute {
        name: name.to_owned(),
        values: vec![value.to_owned()],
        unit: unit.map(str::to_owned),
        system: Some(CXML.to_owned()),
        feature_id: None,
    }
}

/// What the sender calls something, or a name for it where it has none.
pub(crate) fn named(domain: Option<&str>, fallback: &str) -> String {
    let domain = domain.map(str::trim).unwrap_or_default();
    if domain.is_empty() { fallback.to_owned() } else { domain.to_owned() }
}
