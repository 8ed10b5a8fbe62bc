//! One product as an item: which element goes where. What goes nowhere is kept as an attribute.

use crate::prices;
use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Attribute, Availability, Category, Finding, ItemDraft, ItemStatus, Text};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::{Element, Findings};

/// The system of everything that only the shop defines.
pub(crate) const SYSTEM: &str = "magento";
/// Characters that the model takes.
const TITLE_CHARS_MAX: usize = 1024;
const TEXT_CHARS_MAX: usize = 65_536;
const NAME_CHARS_MAX: usize = 256;
const CODE_CHARS_MAX: usize = 128;
const KIND_CHARS_MAX: usize = 32;
/// Entries that the model takes.
const ATTRIBUTES_MAX: usize = 16_384;
const CATEGORIES_MAX: usize = 256;
const KEYWORDS_MAX: usize = 256;
const VALUES_MAX: usize = 1024;

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

/// Reads a product whose number is known.
pub(crate) fn read(product: &Element, info: &Element, sku: &str, profile: &Profile) -> ItemDraft {
    let mut record = Record { draft: ItemDraft::new(sku, product.position()), findings: Findings::default() };
    record.head(info);
    record.texts(info, profile);
    record.draft.data.prices = prices::read(info, &profile.catalog, &mut record.findings);
    if let Some(weight) = info.child("weight")
        && let Some(value) = prices::number(weight, &profile.catalog, &mut record.findings)
    {
        let unit = Some(profile.magento.weight_unit.clone());
        record.attribute(
            weight,
            Attribute { name: "weight".to_owned(), values: vec![value.to_string()], unit, ..attribute() },
        );
    }
    record.categories(info);
    record.others(info);
    if let Some(stock) = product.child("stock") {
        record.stock(stock, profile);
    }
    record.draft.findings = record.findings.into_list();
    record.draft
}

fn attribute() -> Attribute {
    Attribute { system: Some(SYSTEM.to_owned()), ..Attribute::default() }
}

struct Record {
    draft: ItemDraft,
    findings: Findings,
}

impl Record {
    fn head(&mut self, info: &Element) {
        if let Some(kind) = info.child_text("type").or_else(|| info.child_text("type_id")) {
            self.draft.data.kind = kind_of(kind);
        }
        match info.child_text("status") {
            Some("1") | None => {}
            Some("2") => self.draft.data.status = ItemStatus::Inactive,
            Some(_) => {
                let at = info.child("status").unwrap_or(info);
                self.findings.warn_text(
                    finding::FIELD_INVALID,
                    at,
                    "the status is neither 1 nor 2; the product is taken for active",
                );
            }
        }
    }

    fn texts(&mut self, info: &Element, profile: &Profile) {
        let Some(title) = self.text(info, "name", TITLE_CHARS_MAX) else { return };
        let short = self.text(info, "short_description", TEXT_CHARS_MAX);
        let long = self.text(info, "description", TEXT_CHARS_MAX);
        let keywords = info.child_text("meta_keyword").unwrap_or_default().split(',').map(str::trim);
        let keywords = keywords.filter(|word| !word.is_empty() && word.chars().count() <= TITLE_CHARS_MAX);
        let keywords = keywords.take(KEYWORDS_MAX).map(str::to_owned).collect();
        let description = match (long, short) {
            (Some(long), Some(short)) if short != long => {
                let at = info.child("short_description").unwrap_or(info);
                self.attribute(
                    at,
                    Attribute { name: "short_description".to_owned(), values: vec![short], ..attribute() },
                );
                Some(long)
            }
            (long, short) => long.or(short),
        };
        let lang = profile.catalog.language.clone();
        self.draft.data.texts.push(Text { lang, title, description, keywords });
    }

    /// A child's text, cut to what the model takes.
    fn text(&mut self, info: &Element, name: &str, chars_max: usize) -> Option<String> {
        let at = info.child(name)?;
        let text = info.child_text(name)?;
        let Some((end, _)) = text.char_indices().nth(chars_max) else { return Some(text.to_owned()) };
        self.findings.warn_text(finding::TEXT_TRUNCATED, at, format!("the text was cut to {chars_max} characters"));
        Some(text[..end].trim_end().to_owned())
    }

    fn categories(&mut self, info: &Element) {
        let list =
            ["category_ids", "categories"].into_iter().find_map(|name| info.child(name).filter(|it| has_values(it)));
        for code in list.into_iter().flat_map(Element::children) {
            let text = code.text().trim();
            if text.is_empty()
                || text.chars().count() > CODE_CHARS_MAX
                || self.draft.data.categories.len() >= CATEGORIES_MAX
            {
                let message = "the category's id is empty or too long, or there are too many; it was left out";
                self.findings.warn_text(finding::FIELD_LENGTH, code, message);
            } else if !self.draft.data.categories.iter().any(|known| known.code == text) {
                let category = Category { system: SYSTEM.to_owned(), code: text.to_owned(), ..Category::default() };
                self.draft.data.categories.push(category);
            }
        }
    }

    fn others(&mut self, info: &Element) {
        let sites =
            ["website_ids", "websites"].into_iter().find_map(|name| info.child(name).filter(|it| has_values(it)));
        if let Some(sites) = sites {
            self.list("websites", sites);
        }
        for child in info.children().iter().filter(|child| !READ.contains(&child.name())) {
            match child.children().is_empty() {
                true => self.single(child, child.name(), child.text()),
                false if LOST.contains(&child.name()) => {}
                false => self.list(child.name(), child),
            }
        }
        for pair in info.child("additional_attributes").into_iter().flat_map(Element::children) {
            match (pair.child_text("key"), pair.child("value")) {
                (Some(key), Some(value)) if value.children().is_empty() => self.single(value, key, value.text()),
                (Some(key), Some(value)) => self.list(key, value),
                (Some(_), None) => {}
                (None, _) => {
                    self.findings.warn_text(finding::FIELD_REQUIRED, pair, "the attribute has no name and was left out")
                }
            }
        }
    }

    fn single(&mut self, at: &Element, name: &str, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.attribute(at, Attribute { name: name.to_owned(), values: vec![value.to_owned()], ..attribute() });
        }
    }

    /// A list of plain values. What is nested deeper has no form that could be guessed.
    fn list(&mut self, name: &str, at: &Element) {
        let plain = at.children().iter().filter(|value| value.children().is_empty());
        let values: Vec<_> =
            plain.map(|value| value.text().trim().to_owned()).filter(|value| !value.is_empty()).collect();
        if at.children().iter().any(|value| !value.children().is_empty()) {
            self.findings.warn_text(
                finding::PART_IGNORED,
                at,
                "nested values have no place in the canonical form and were left out",
            );
        }
        if !values.is_empty() {
            self.attribute(at, Attribute { name: name.to_owned(), values, ..attribute() });
        }
    }

    fn attribute(&mut self, at: &Element, mut attribute: Attribute) {
        let is_named = (1..=NAME_CHARS_MAX).contains(&attribute.name.chars().count());
        if !is_named || self.draft.data.attributes.len() >= ATTRIBUTES_MAX {
            let message = "the attribute's name is too long, or there are too many; it was left out";
            return self.findings.warn_text(finding::FIELD_LENGTH, at, message);
        }
        if attribute.values.len() > VALUES_MAX {
            attribute.values.truncate(VALUES_MAX);
            self.findings.warn_text(
                finding::FIELD_LENGTH,
                at,
                format!("the values after the first {VALUES_MAX} were left out"),
            );
        }
        for value in &mut attribute.values {
            if let Some((end, _)) = value.char_indices().nth(TEXT_CHARS_MAX) {
                value.truncate(end);
                self.findings.warn_text(
                    finding::TEXT_TRUNCATED,
                    at,
                    format!("the value was cut to {TEXT_CHARS_MAX} characters"),
                );
            }
        }
        self.draft.data.attributes.push(attribute);
    }

    fn stock(&mut self, stock: &Element, profile: &Profile) {
        let quantity = stock.child("qty").and_then(|sent| prices::number(sent, &profile.catalog, &mut self.findings));
        let status = match stock.child_text("is_in_stock") {
            Some("1") => "in_stock",
            Some("0") => "out_of_stock",
            Some(other) => {
                let message = "the stock's state is neither 0 nor 1; it was left out";
                let finding = Finding::warning(finding::FIELD_INVALID, message).at(stock.position());
                return self.findings.push(finding.path("is_in_stock").value(other));
            }
            None => return,
        };
        self.draft.data.availability =
            Some(Availability { status: status.to_owned(), quantity, ..Availability::default() });
    }
}

fn has_values(list: &Element) -> bool {
    !list.children().is_empty()
}

/// Magento's types as kinds: `simple` is what everybody else calls a product.
pub(crate) fn kind_of(sent: &str) -> String {
    let word = |character: char| match character.to_ascii_lowercase() {
        plain @ ('a'..='z' | '0'..='9' | '_' | '.' | '-') => plain,
        _ => '_',
    };
    let kind: String = sent.chars().take(KIND_CHARS_MAX).map(word).collect();
    match kind.as_str() {
        "simple" => "product".to_owned(),
        _ if kind.starts_with(|first: char| first.is_ascii_lowercase()) => kind,
        _ => "product".to_owned(),
    }
}
