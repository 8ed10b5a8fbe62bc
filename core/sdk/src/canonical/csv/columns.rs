//! The columns of canonical CSV: one table of names, meanings and members, read by the parser, the writer and the documentation.

use crate::canonical::value::{self, Refusal};
use crate::codes::finding;
use crate::model::{
    Attribute, Availability, Category, Contributor, Identifier, ItemData, ItemDraft, Media, Position, Price, Text,
};
use crate::near;
use crate::profile::CatalogProfile;

/// A column that a header may name.
#[derive(Debug)]
pub struct Column {
    /// The name in the header, matched without regard to case.
    pub name: &'static str,
    /// What its cells mean.
    pub doc: &'static str,
    /// Whether a header may name it more than once.
    pub is_repeatable: bool,
    pointer: &'static str,
    set: fn(&mut RowItem<'_>, &str) -> Result<(), Refusal>,
    get: fn(&ItemData, usize) -> Option<String>,
}

impl Column {
    /// What an item says in this column, counted from 0 where it may be repeated.
    pub(super) fn cell(&self, item: &ItemData, number: usize) -> Option<String> {
        (self.get)(item, number)
    }
}

/// The prefix of columns that are attributes: `attr:Colour`, `attr:Length[mm]`.
pub const ATTRIBUTE_PREFIX: &str = "attr:";

const ONCE: bool = false;
const OFTEN: bool = true;

/// Whether a heading is one of these columns or an attribute's.
#[must_use]
pub fn is_column(heading: &str) -> bool {
    heading.starts_with(ATTRIBUTE_PREFIX) || COLUMNS.iter().any(|column| column.name.eq_ignore_ascii_case(heading))
}

macro_rules! columns {
    ($($name:literal $often:ident => $pointer:literal, $doc:literal, $set:expr, $get:expr;)*) => {
        /// All columns, in the order in which the documentation lists them. Beside them stand the attribute columns.
        pub static COLUMNS: &[Column] = &[$(
            Column { name: $name, doc: $doc, is_repeatable: $often, pointer: $pointer, set: $set, get: $get }
        ),*];
    };
}

columns! {
    "sku" ONCE => "/sku", "The item's number. Required.", |row, cell| text(&mut row.item.sku, cell),
        |item, _| Some(item.sku.clone());
    "title" ONCE => "/texts/0/title", "The item's name. Required.", |row, cell| text(&mut row.text.title, cell),
        |item, _| Some(item.texts.first()?.title.clone());
    "description" ONCE => "/texts/0/description", "A longer text.", |row, cell| some(&mut row.text.description, cell),
        |item, _| item.texts.first()?.description.clone();
    "keywords" ONCE => "/texts/0/keywords", "Search words, separated by |.", |row, cell| list(&mut row.text.keywords, cell, '|'),
        |item, _| Some(item.texts.first()?.keywords.join("|"));
    "lang" ONCE => "/texts/0/lang", "The language of the texts; the profile's if empty.", |row, cell| text(&mut row.text.lang, cell),
        |item, _| Some(item.texts.first()?.lang.clone());
    "brand" ONCE => "/brand", "The brand.", |row, cell| some(&mut row.item.brand, cell),
        |item, _| item.brand.clone();
    "kind" ONCE => "/kind", "What the item is; product if empty.", |row, cell| text(&mut row.item.kind, cell),
        |item, _| Some(item.kind.clone());
    "status" ONCE => "/status", "active, announced, inactive or discontinued; active if empty.",
        |row, cell| { row.item.status = value::status(cell)?; Ok(()) },
        |item, _| Some(value::status_word(item.status).to_owned());
    "gtin" ONCE => "/identifiers", "The GTIN (EAN, UPC).", |row, cell| row.identifier("gtin", cell),
        |item, _| identifier(item, "gtin");
    "isbn" ONCE => "/identifiers", "The ISBN.", |row, cell| row.identifier("isbn", cell),
        |item, _| identifier(item, "isbn");
    "mpn" ONCE => "/identifiers", "The manufacturer's number.", |row, cell| row.identifier("mpn", cell),
        |item, _| identifier(item, "mpn");
    "price" ONCE => "/prices/0/amount", "The price. Without it there is no price, whatever the columns below say.",
        |row, cell| { row.price.amount = value::decimal(cell, row.profile.decimal_comma)?; row.has_price = true; Ok(()) },
        |item, _| Some(item.prices.first()?.amount.to_string());
    "currency" ONCE => "/prices/0/currency", "ISO 4217 code; the profile's if empty.", |row, cell| text(&mut row.price.currency, cell),
        |item, _| Some(item.prices.first()?.currency.clone());
    "price_kind" ONCE => "/prices/0/kind", "list, net, retail or another word; list if empty.", |row, cell| text(&mut row.price.kind, cell),
        |item, _| Some(item.prices.first()?.kind.clone());
    "tax_rate" ONCE => "/prices/0/tax_rate", "Tax as a fraction: 0.19.",
        |row, cell| { row.price.tax_rate = Some(value::decimal(cell, row.profile.decimal_comma)?); Ok(()) },
        |item, _| Some(item.prices.first()?.tax_rate?.to_string());
    "tax_included" ONCE => "/prices/0/tax_included", "Whether the price contains the tax: true or false.",
        |row, cell| { row.price.tax_included = Some(value::boolean(cell)?); Ok(()) },
        |item, _| Some(item.prices.first()?.tax_included?.to_string());
    "min_quantity" ONCE => "/prices/0/min_quantity", "The quantity from which the price holds.",
        |row, cell| { row.price.min_quantity = Some(value::decimal(cell, row.profile.decimal_comma)?); Ok(()) },
        |item, _| Some(item.prices.first()?.min_quantity?.to_string());
    "per_quantity" ONCE => "/prices/0/per_quantity", "The number of units that the price buys.",
        |row, cell| { row.price.per_quantity = Some(value::decimal(cell, row.profile.decimal_comma)?); Ok(()) },
        |item, _| Some(item.prices.first()?.per_quantity?.to_string());
    "unit" ONCE => "/prices/0/unit", "The unit of the quantities.", |row, cell| some(&mut row.price.unit, cell),
        |item, _| item.prices.first()?.unit.clone();
    "valid_from" ONCE => "/prices/0/valid_from", "From when the price holds: 2026-01-31.",
        |row, cell| { row.price.valid_from = Some(value::timestamp(cell)?); Ok(()) },
        |item, _| Some(item.prices.first()?.valid_from?.to_string());
    "valid_to" ONCE => "/prices/0/valid_to", "Until when the price holds.",
        |row, cell| { row.price.valid_to = Some(value::timestamp(cell)?); Ok(()) },
        |item, _| Some(item.prices.first()?.valid_to?.to_string());
    "category_system" ONCE => "/categories/0/system", "The classification system; supplier if empty.",
        |row, cell| text(&mut row.category.system, cell),
        |item, _| Some(item.categories.first()?.system.clone());
    "category" ONCE => "/categories/0/code", "The code in that system.", |row, cell| text(&mut row.category.code, cell),
        |item, _| Some(item.categories.first()?.code.clone());
    "category_path" ONCE => "/categories/0/path", "Names from the root to the place, separated by >.",
        |row, cell| list(&mut row.category.path, cell, '>'),
        |item, _| Some(item.categories.first()?.path.join(">"));
    "image" OFTEN => "/media", "The URL of a picture. May be repeated.", |row, cell| row.media("image", cell),
        |item, n| media(item, "image", n);
    "data_sheet" OFTEN => "/media", "The URL of a data sheet. May be repeated.", |row, cell| row.media("data_sheet", cell),
        |item, n| media(item, "data_sheet", n);
    "author" OFTEN => "/contributors", "An author. May be repeated.",
        |row, cell| { row.item.contributors.push(Contributor { role: "author".to_owned(), name: cell.to_owned() }); Ok(()) },
        |item, n| contributor(item, "author", n);
    "availability" ONCE => "/availability/status", "in_stock, out_of_stock, preorder, backorder, on_demand or another word. Required if a column below is filled.",
        |row, cell| text(&mut row.availability().status, cell),
        |item, _| Some(item.availability.as_ref()?.status.clone());
    "stock" ONCE => "/availability/quantity", "Units in stock.",
        |row, cell| { let stock = value::decimal(cell, row.profile.decimal_comma)?; row.availability().quantity = Some(stock); Ok(()) },
        |item, _| Some(item.availability.as_ref()?.quantity?.to_string());
    "lead_time_days" ONCE => "/availability/lead_time_days", "Days until delivery.",
        |row, cell| { row.availability().lead_time_days = Some(value::whole_number(cell)?); Ok(()) },
        |item, _| Some(item.availability.as_ref()?.lead_time_days?.to_string());
    "available_from" ONCE => "/availability/available_from", "When it can be had, or when it appears: 2026-01-31.",
        |row, cell| { let from = value::timestamp(cell)?; row.availability().available_from = Some(from); Ok(()) },
        |item, _| Some(item.availability.as_ref()?.available_from?.to_string());
}

fn text(member: &mut String, cell: &str) -> Result<(), Refusal> {
    cell.clone_into(member);
    Ok(())
}

fn some(member: &mut Option<String>, cell: &str) -> Result<(), Refusal> {
    *member = Some(cell.to_owned());
    Ok(())
}

fn list(member: &mut Vec<String>, cell: &str, separator: char) -> Result<(), Refusal> {
    let entries = cell.split(separator).map(str::trim).filter(|entry| !entry.is_empty());
    member.extend(entries.map(str::to_owned));
    Ok(())
}

fn identifier(item: &ItemData, scheme: &str) -> Option<String> {
    item.identifiers.iter().find(|known| known.scheme == scheme).map(|known| known.value.clone())
}

fn media(item: &ItemData, kind: &str, number: usize) -> Option<String> {
    item.media.iter().filter(|known| known.kind == kind).nth(number).map(|known| known.url.clone())
}

fn contributor(item: &ItemData, role: &str, number: usize) -> Option<String> {
    item.contributors.iter().filter(|known| known.role == role).nth(number).map(|known| known.name.clone())
}

/// What a column of a document goes to.
#[derive(Debug)]
pub(super) enum Target {
    Column(&'static Column),
    Attribute { name: String, unit: Option<String> },
}

impl Target {
    pub(super) fn is_sku(&self) -> bool {
        matches!(self, Self::Column(column) if column.name == "sku")
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Column(column) => column.name,
            Self::Attribute { name, .. } => name,
        }
    }

    pub(super) fn pointer(&self) -> &'static str {
        match self {
            Self::Column(column) => column.pointer,
            Self::Attribute { .. } => "/attributes",
        }
    }

    /// Puts a cell, which is not empty, where it belongs.
    pub(super) fn set(&self, row: &mut RowItem<'_>, cell: &str) -> Result<(), Refusal> {
        match self {
            Self::Column(column) => (column.set)(row, cell),
            Self::Attribute { name, unit } => {
                let attributes = &mut row.item.attributes;
                match attributes.iter_mut().find(|known| known.name == *name && known.unit == *unit) {
                    Some(known) => known.values.push(cell.to_owned()),
                    None => attributes.push(Attribute {
                        name: name.clone(),
                        unit: unit.clone(),
                        values: vec![cell.to_owned()],
                        ..Attribute::default()
                    }),
                }
                Ok(())
            }
        }
    }
}

/// What each column of a header goes to.
///
/// # Errors
/// A sentence about the first column that is not known or not to be repeated, or about the missing column `sku`.
pub(super) fn targets(header: &[&str]) -> Result<Vec<Target>, String> {
    let mut targets: Vec<Target> = Vec::with_capacity(header.len());
    for name in header.iter().map(|name| name.trim()) {
        if let Some(attribute) = name.strip_prefix(ATTRIBUTE_PREFIX) {
            targets.push(attribute_target(attribute)?);
            continue;
        }
        let known =
            COLUMNS.iter().find(|column| column.name.eq_ignore_ascii_case(name)).ok_or_else(|| unknown(name))?;
        let is_there = |target: &Target| matches!(target, Target::Column(column) if std::ptr::eq(*column, known));
        if !known.is_repeatable && targets.iter().any(is_there) {
            return Err(format!("the column {:?} occurs twice", known.name));
        }
        targets.push(Target::Column(known));
    }
    if targets.iter().any(Target::is_sku) { Ok(targets) } else { Err("the header has no column \"sku\"".to_owned()) }
}

fn unknown(name: &str) -> String {
    let name: String = name.chars().take(80).collect();
    let near = near::near_matches(&name, COLUMNS.iter().map(|column| column.name));
    let meant = near.first().map_or_else(|| ".".to_owned(), |near| format!("; did you mean {near:?}?"));
    let known: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    format!(
        "the column {name:?} is not known{meant} Columns are {}, and {ATTRIBUTE_PREFIX}NAME or {ATTRIBUTE_PREFIX}NAME[unit]",
        known.join(", ")
    )
}

/// `Length[mm]` into name and unit.
pub(super) fn attribute_target(text: &str) -> Result<Target, String> {
    let bracketed = text.strip_suffix(']').and_then(|text| text.split_once('['));
    let (name, unit) = bracketed.map_or((text, None), |(name, unit)| (name, Some(unit.trim())));
    let name = name.trim();
    if name.is_empty() || unit.is_some_and(str::is_empty) {
        return Err(format!(
            "the column {ATTRIBUTE_PREFIX}{text:?} names no attribute; write {ATTRIBUTE_PREFIX}NAME or {ATTRIBUTE_PREFIX}NAME[unit]"
        ));
    }
    Ok(Target::Attribute { name: name.to_owned(), unit: unit.map(str::to_owned) })
}

/// An item as its row fills it.
pub(super) struct RowItem<'p> {
    item: ItemData,
    text: Text,
    price: Price,
    has_price: bool,
    category: Category,
    profile: &'p CatalogProfile,
}

impl<'p> RowItem<'p> {
    pub(super) fn new(profile: &'p CatalogProfile) -> Self {
        let item = ItemDraft::new(String::new(), Position::default()).data;
        let (text, price, category) = (Text::default(), Price::default(), Category::default());
        Self { item, text, price, has_price: false, category, profile }
    }

    fn identifier(&mut self, scheme: &str, value: &str) -> Result<(), Refusal> {
        self.item.identifiers.push(Identifier { scheme: scheme.to_owned(), value: value.to_owned() });
        Ok(())
    }

    fn media(&mut self, kind: &str, url: &str) -> Result<(), Refusal> {
        self.item.media.push(Media { kind: kind.to_owned(), url: url.to_owned(), ..Media::default() });
        Ok(())
    }

    fn availability(&mut self) -> &mut Availability {
        self.item.availability.get_or_insert_default()
    }

    /// The whole item, with the defaults for what its row does not say.
    pub(super) fn finish(self, error: &mut dyn FnMut(&'static str, &'static str, &'static str)) -> ItemData {
        let Self { mut item, mut text, mut price, has_price, mut category, profile } = self;
        let or = |member: &mut String, default: &str| {
            if member.is_empty() {
                default.clone_into(member);
            }
        };
        if item.sku.is_empty() {
            error(finding::SKU_MISSING, "/sku", "the row has no sku");
        }
        if !text.title.is_empty() {
            or(&mut text.lang, &profile.language);
            item.texts.push(text);
        }
        if has_price {
            or(&mut price.kind, "list");
            or(&mut price.currency, profile.currency.as_deref().unwrap_or_default());
            if price.currency.is_empty() {
                error(finding::CURRENCY_MISSING, "/prices/0/currency", "the price has no currency");
            } else {
                item.prices.push(price);
            }
        }
        if !category.code.is_empty() {
            or(&mut category.system, "supplier");
            item.categories.push(category);
        }
        item
    }
}
