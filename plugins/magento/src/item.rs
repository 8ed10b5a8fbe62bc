//! One product as an item: which element goes where. What goes nowhere is kept as an attribute.

use crate::prices;
use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Attribute, Availability, ItemDraft, ItemStatus};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::reading::{Record, word};
use plugpoint_sdk::xml::Element;

/// The system of everything that only the shop defines.
pub(crate) const SYSTEM: &str = "magento";
/// What is read elsewhere, or says nothing about the product.
const READ: &[&str] = &[
    "sku",
    "type",
    "type_id",
    "status",
    "name",
    "description",
    "short_description",
    "meta_keyword",
    "price",
    "special_price",
    "special_from_date",
    "special_to_date",
    "weight",
    "categories",
    "category_ids",
    "websites",
    "website_ids",
    "additional_attributes",
];

/// Parts that have no place in the canonical form.
pub(crate) const LOST: &[&str] = &["tier_price", "group_price", "options", "custom_options"];

/// Reads a product whose number is known. One without a name is rejected.
pub(crate) fn read(product: &Element, info: &Element, sku: &str, profile: &Profile) -> ItemDraft {
    record(product, info, sku, profile).finish()
}

/// Reads what is said of a product that may have a name already.
pub(crate) fn read_change(product: &Element, info: &Element, sku: &str, profile: &Profile) -> ItemDraft {
    record(product, info, sku, profile).fitted()
}

fn record<'a>(product: &'a Element, info: &'a Element, sku: &str, profile: &'a Profile) -> Record<'a> {
    let mut reading = Reading { record: Record::new(sku, product, &profile.catalog), info };
    reading.head();
    reading.texts();
    prices::read(info, &mut reading.record);
    if let Some(weight) = info.child("weight")
        && let Some(value) = reading.record.not_negative(weight, weight.text())
    {
        let (values, unit) = (vec![value.to_string()], Some(profile.magento.weight_unit.clone()));
        reading.record.attribute(weight, Attribute { name: "weight".to_owned(), values, unit, ..attribute() });
    }
    reading.categories();
    reading.others();
    if let Some(stock) = product.child("stock") {
        reading.stock(stock);
    }
    reading.record
}

fn attribute() -> Attribute {
    Attribute { system: Some(SYSTEM.to_owned()), ..Attribute::default() }
}

struct Reading<'a> {
    record: Record<'a>,
    info: &'a Element,
}

impl<'a> Reading<'a> {
    fn head(&mut self) {
        let kind = self.info.child_text("type_id");
        if let Some(kind) = self.info.child_text("type").or(kind) {
            self.record.draft.data.kind = kind_of(kind);
        }
        let Some(status) = self.info.child("status") else { return };
        match status.text().trim() {
            "1" | "" => {}
            "2" => self.record.draft.data.status = ItemStatus::Inactive,
            _ => {
                let message = "the status is neither 1 nor 2; the product is taken for active";
                self.record.findings.warn_text(finding::FIELD_INVALID, status, message);
            }
        }
    }

    fn texts(&mut self) {
        let text = |name: &str| self.info.child(name).filter(|it| !it.text().trim().is_empty());
        if let Some(name) = text("name") {
            self.record.title(name, None, name.text());
        }
        let (long, short) = (text("description"), text("short_description"));
        if let Some(text) = long.or(short) {
            self.record.description(text, None, text.text());
        }
        if let (Some(long), Some(short)) = (long, short)
            && long.text().trim() != short.text().trim()
        {
            self.record.fact(short, SYSTEM, "short_description", short.text());
        }
        if let Some(words) = self.info.child("meta_keyword") {
            words.text().split(',').for_each(|word| self.record.keyword(words, None, word));
        }
    }

    fn list_of(&self, names: [&str; 2]) -> Option<&'a Element> {
        // One repeats the other.
        let [first, other] = names.map(|name| self.info.child(name).filter(|it| !it.children().is_empty()));
        if first.is_some() {
            other.into_iter().for_each(Element::pass_over);
        }
        first.or(other)
    }

    fn categories(&mut self) {
        for code in self.list_of(["category_ids", "categories"]).into_iter().flat_map(Element::children) {
            self.record.category(code, SYSTEM, code.text(), Vec::new());
        }
    }

    fn others(&mut self) {
        if let Some(sites) = self.list_of(["website_ids", "websites"]) {
            self.list("websites", sites);
        }
        for child in self.info.children().iter().filter(|child| !READ.contains(&child.name())) {
            match child.children().is_empty() {
                true => self.record.fact(child, SYSTEM, child.name(), child.text()),
                false if LOST.contains(&child.name()) => {}
                false => self.list(child.name(), child),
            }
        }
        for pair in self.info.child("additional_attributes").into_iter().flat_map(Element::children) {
            match (pair.child_text("key"), pair.child("value")) {
                (Some(key), Some(value)) if value.children().is_empty() => {
                    self.record.fact(value, SYSTEM, key, value.text());
                }
                (Some(key), Some(value)) => self.list(key, value),
                (Some(_), None) => {}
                (None, _) => {
                    let message = "the attribute has no name and was left out";
                    self.record.findings.warn_text(finding::FIELD_REQUIRED, pair, message);
                }
            }
        }
    }

    /// A list of plain values. What is nested deeper has no form that could be guessed, and stays unread.
    fn list(&mut self, name: &str, at: &Element) {
        let plain = at.children().iter().filter(|value| value.children().is_empty());
        let values = plain.map(|value| value.text().trim().to_owned()).filter(|value| !value.is_empty());
        let values: Vec<_> = values.collect();
        if at.children().iter().any(|value| !value.children().is_empty()) {
            let message = "nested values have no place in the canonical form and were left out";
            self.record.findings.warn(finding::PART_IGNORED, at, message);
        }
        if !values.is_empty() {
            self.record.attribute(at, Attribute { name: name.to_owned(), values, ..attribute() });
        }
    }

    fn stock(&mut self, stock: &Element) {
        for known in ["product_id", "sku"].into_iter().filter_map(|name| stock.child(name)) {
            known.pass_over();
        }
        let quantity = stock.child("qty").and_then(|sent| self.record.not_negative(sent, sent.text()));
        let Some(sent) = stock.child("is_in_stock") else { return };
        let status = match sent.text().trim() {
            "1" => "in_stock",
            "0" => "out_of_stock",
            "" => return,
            _ => {
                let message = "the stock's state is neither 0 nor 1; it was left out";
                return self.record.findings.warn_text(finding::FIELD_INVALID, sent, message);
            }
        };
        self.record.draft.data.availability =
            Some(Availability { status: status.to_owned(), quantity, ..Availability::default() });
    }
}

/// Magento's types as kinds: `simple` is what everybody else calls a product.
pub(crate) fn kind_of(sent: &str) -> String {
    match word(sent, "product").as_str() {
        "simple" => "product".to_owned(),
        kind => kind.to_owned(),
    }
}
