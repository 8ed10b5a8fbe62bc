//! One row as an item: each cell to the place of its column.
//!
//! A cell that cannot be read for certain is left out with a finding that names its column; the row goes on.

use std::collections::BTreeMap;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{
    Attribute, Availability, Finding, ItemData, ItemDraft, ItemStatus, Media, Parts, PatchOp, Relation,
};
use plugpoint_sdk::profile::place::{AvailabilityPart, Place, PricePart, TextPart};
use plugpoint_sdk::profile::{ColumnEntry, Profile, heading};
use plugpoint_sdk::reading::{Bound, Place as At, Record, Unmapped, word};
use rust_decimal::Decimal;

use crate::amount;
use crate::header::{Column, Header};
use crate::row::{Cell, Kind, Row, letters};

/// The system of attributes that nobody named.
const SYSTEM: &str = "table";
/// Days that a lead time may have.
const LEAD_TIME_DAYS_MAX: u32 = 3650;
/// Words that say yes, and no.
const YES: &[&str] = &["1", "x", "y", "yes", "true", "j", "ja", "wahr", "o", "oui", "vrai", "t", "tak", "да", "истина"];
const NO: &[&str] = &["0", "n", "no", "false", "nein", "falsch", "non", "faux", "nie", "нет", "ложь", "-"];

/// What is read instead of a cell, as the map says.
fn mapped<'t>(entry: &'t ColumnEntry, text: &'t str) -> &'t str {
    if entry.values.is_empty() { text } else { entry.values.get(&heading(text)).map_or(text, String::as_str) }
}

/// Whether a cell says yes; nothing if it says neither.
pub(crate) fn is_yes(entry: Option<&ColumnEntry>, text: &str) -> Option<bool> {
    let text = heading(text);
    let word = entry.and_then(|entry| entry.values.get(&text)).map_or(text, |mapped| heading(mapped));
    match entry.and_then(|entry| entry.when.as_ref()) {
        Some(words) => Some(words.contains(&word)),
        None if YES.contains(&word.as_str()) => Some(true),
        None => NO.contains(&word.as_str()).then_some(false),
    }
}

/// What a row of an update says of the item that is there. Without a column for the number of units that an amount buys, the
/// prices take it over from those before, and only their like give way to them: a list of one kind of price says nothing about others.
pub(crate) fn changes(mut data: ItemData, said: Parts, has_per_quantity: bool) -> Vec<PatchOp> {
    let mut ops = Vec::new();
    let lists = [
        (Parts::BRAND, data.brand.is_some()),
        (Parts::IDENTIFIERS, !data.identifiers.is_empty()),
        (Parts::PRICES, !data.prices.is_empty() && has_per_quantity),
        (Parts::CATEGORIES, !data.categories.is_empty()),
        (Parts::ATTRIBUTES, !data.attributes.is_empty()),
        (Parts::MEDIA, !data.media.is_empty()),
        (Parts::CONTRIBUTORS, !data.contributors.is_empty()),
        (Parts::AVAILABILITY, data.availability.is_some()),
        (Parts::RELATIONS, !data.relations.is_empty()),
        (Parts::TEXTS, !data.texts.is_empty()),
    ];
    if !has_per_quantity && !data.prices.is_empty() {
        ops.push(PatchOp::AmendPrices(std::mem::take(&mut data.prices)));
    }
    let lists = lists.into_iter().filter(|(_, is_there)| *is_there).fold(Parts::NONE, |all, (part, _)| all.and(part));
    let merged = lists.and(said.among(Parts::KIND.and(Parts::STATUS)));
    if !merged.is_none() {
        ops.push(PatchOp::merge(merged, data));
    }
    ops
}

/// The part of an item that a place belongs to.
pub(crate) fn part_of(place: &Place) -> Parts {
    match place {
        Place::Kind => Parts::KIND,
        Place::Status => Parts::STATUS,
        Place::Brand => Parts::BRAND,
        Place::Text(..) => Parts::TEXTS,
        Place::Identifier(_) => Parts::IDENTIFIERS,
        Place::Price { .. } => Parts::PRICES,
        Place::Category(_) => Parts::CATEGORIES,
        Place::Attribute(_) => Parts::ATTRIBUTES,
        Place::Media(_) => Parts::MEDIA,
        Place::Contributor(_) => Parts::CONTRIBUTORS,
        Place::Availability(_) => Parts::AVAILABILITY,
        Place::Relation(_) => Parts::RELATIONS,
        Place::Sku | Place::Currency | Place::Delete | Place::Ignore => Parts::NONE,
    }
}

/// A row and what is known about its columns.
pub(crate) struct Reading<'a> {
    pub(crate) header: &'a Header,
    pub(crate) profile: &'a Profile,
    pub(crate) row: &'a Row,
}

/// The cells of one price, by their places.
pub(crate) type Price<'a> = Vec<(PricePart, usize, Cell<'a>)>;

/// A cell of a category: its column, whether it holds the names of a path, and its entries.
type CategoryCell = (usize, bool, Vec<String>);

/// What has to be gathered from several cells.
#[derive(Default)]
pub(crate) struct Gathered<'a> {
    /// Whether kind and status were said, each in a way that can be read.
    said: Parts,
    pub(crate) prices: BTreeMap<(&'a str, u16), Price<'a>>,
    pub(crate) currency: Option<&'a str>,
    /// The cell of that currency has no value.
    pub(crate) is_currency_flawed: bool,
    /// By system.
    categories: BTreeMap<&'a str, Vec<CategoryCell>>,
    availability: Vec<(AvailabilityPart, usize, String, Kind)>,
}

impl<'a> Reading<'a> {
    /// The row as a draft, and whether kind and status were said; of a list of changes, which needs no title.
    pub(crate) fn draft(&self, sku: &str, is_update: bool, unmapped: &mut Unmapped) -> (ItemDraft, Parts) {
        let at = At::new(self.row.position, "");
        let mut record = Record::new(sku, at, &self.profile.catalog);
        let mut gathered = Gathered::default();
        for index in 0..self.row.width() {
            let Some(cell) = self.row.cell(index) else { continue };
            match self.header.columns.get(index).and_then(|column| Some((column, column.entry.as_ref()?))) {
                Some((column, entry)) => self.cell(&mut record, &mut gathered, index, column, entry, cell),
                None => self.unnamed(&mut record, index, cell, unmapped),
            }
        }
        self.categories(&mut record, &gathered);
        self.availability(&mut record, &gathered);
        self.prices(&mut record, &gathered);
        if self.row.had_controls {
            let message = "control characters were taken out of the row's cells";
            record.findings.warn(finding::FIELD_INVALID, at, message);
        }
        (if is_update { record.fitted() } else { record.finish() }, gathered.said)
    }

    fn at(&self, column: &'a Column) -> At<'a> {
        At::new(self.row.position, &column.label)
    }

    pub(crate) fn column(&self, index: usize) -> At<'a> {
        At::new(self.row.position, self.header.columns.get(index).map_or("", |column| &column.label))
    }

    /// A cell whose column nobody names.
    fn unnamed(&self, record: &mut Record<'_>, index: usize, cell: Cell<'_>, unmapped: &mut Unmapped) {
        let column = self.header.columns.get(index);
        let name = column.map(|column| column.heading.as_str()).filter(|name| !name.is_empty());
        if self.profile.table.others != "attributes" || cell.kind.flaw().is_some() {
            return match name {
                Some(name) => unmapped.part(name),
                None => unmapped.part(&format!("column {}", letters(index))),
            };
        }
        let fallback = letters(index);
        let (name, unit) = name_and_unit(name.unwrap_or(&fallback));
        let values = vec![cell.text.to_owned()];
        let attribute = Attribute { name, values, unit, system: Some(SYSTEM.to_owned()), feature_id: None };
        record.attribute(self.column(index), attribute);
    }

    /// The entries of a cell that goes to a list.
    pub(crate) fn entries(&self, entry: &ColumnEntry, text: &str) -> Vec<String> {
        let separator = entry.split.as_deref().or(self.profile.table.list_separator.as_deref());
        let parts: Vec<&str> = match separator {
            Some(separator) => text.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect(),
            None => vec![text],
        };
        parts.into_iter().map(|part| mapped(entry, part).to_owned()).collect()
    }

    fn cell(
        &self,
        record: &mut Record<'_>,
        gathered: &mut Gathered<'a>,
        index: usize,
        column: &'a Column,
        entry: &'a ColumnEntry,
        cell: Cell<'a>,
    ) {
        let at = self.at(column);
        if let Some(flaw) = cell.kind.flaw() {
            if entry.to != Place::Ignore {
                let message = format!("the cell was taken as empty: it {flaw}");
                record.findings.warn_value(finding::CELL_ERROR, at, cell.text, message);
            }
            match &entry.to {
                // Without it the price would be another.
                Place::Price { kind, tier, part } => {
                    gathered.prices.entry((kind, *tier)).or_default().push((*part, index, cell));
                }
                Place::Currency => gathered.is_currency_flawed = true,
                _ => {}
            }
            return;
        }
        let text = mapped(entry, cell.text);
        match &entry.to {
            Place::Kind => {
                record.draft.data.kind = word(text, "product");
                gathered.said = gathered.said.and(Parts::KIND);
            }
            Place::Status => match status(text) {
                Some(status) => {
                    record.draft.data.status = status;
                    gathered.said = gathered.said.and(Parts::STATUS);
                }
                None => {
                    let message = "not one of active, announced, inactive, discontinued (values in the profile maps others); it was left out";
                    record.findings.warn_value(finding::FIELD_INVALID, at, text, message);
                }
            },
            Place::Brand => record.brand(text),
            Place::Text(TextPart::Title, language) => record.title(at, language.as_deref(), text),
            Place::Text(TextPart::Description, language) => record.description(at, language.as_deref(), text),
            Place::Currency => gathered.currency = Some(text),
            Place::Price { kind, tier, part } => {
                let cell = Cell { text, kind: cell.kind };
                gathered.prices.entry((kind, *tier)).or_default().push((*part, index, cell));
            }
            Place::Category(system) => {
                let is_path = entry.split.is_some();
                gathered.categories.entry(system).or_default().push((index, is_path, self.entries(entry, cell.text)));
            }
            Place::Attribute(name) => self.attribute(record, column, entry, name.as_deref(), cell.text),
            Place::Availability(part) => gathered.availability.push((*part, index, text.to_owned(), cell.kind)),
            _ => self.list(record, at, entry, cell.text),
        }
    }

    /// A cell whose place takes any number of entries.
    fn list(&self, record: &mut Record<'_>, at: At<'_>, entry: &ColumnEntry, text: &str) {
        for part in self.entries(entry, text) {
            match &entry.to {
                Place::Text(TextPart::Keywords, language) => record.keyword(at, language.as_deref(), &part),
                Place::Identifier(scheme) => identifier(record, at, scheme, &part),
                Place::Media(kind) => record.media(at, Media { kind: kind.clone(), url: part, ..Media::default() }),
                Place::Contributor(role) => record.contributor(at, role, &part),
                Place::Relation(kind) => {
                    record.relation(at, Relation { kind: kind.clone(), sku: part, quantity: None });
                }
                // The number, the word to delete and what is ignored are no part of the item; all else is read before.
                _ => return,
            }
        }
    }

    fn attribute(
        &self,
        record: &mut Record<'_>,
        column: &'a Column,
        entry: &ColumnEntry,
        name: Option<&str>,
        text: &str,
    ) {
        let (heading_name, heading_unit) = name_and_unit(&column.heading);
        let name = name.map_or(heading_name, str::to_owned);
        let unit = entry.unit.clone().or(heading_unit);
        let (system, feature_id) = (entry.system.clone(), entry.feature_id.clone());
        let values = self.entries(entry, text);
        let attributes = &mut record.draft.data.attributes;
        // Several columns may hold the values of one property.
        let same = |known: &&mut Attribute| known.name == name && known.unit == unit && known.system == system;
        if let Some(known) = attributes.iter_mut().find(|known| column.is_shared && same(known)) {
            return known.values.extend(values);
        }
        record.attribute(self.at(column), Attribute { name, values, unit, system, feature_id });
    }

    /// A path is the place of a code that stands in a column of the same system; without one its names are the code.
    fn categories(&self, record: &mut Record<'_>, gathered: &Gathered<'_>) {
        for (system, cells) in &gathered.categories {
            let codes = || cells.iter().filter(|(_, is_path, _)| !is_path);
            let paths = || cells.iter().filter(|(_, is_path, _)| *is_path);
            let mut single = codes().flat_map(|(_, _, codes)| codes);
            if let (Some(code), None, Some((index, _, path)), 1) =
                (single.next(), single.next(), paths().next(), paths().count())
            {
                record.category(self.column(*index), system, code, path.clone());
                continue;
            }
            for (index, _, codes) in codes() {
                for code in codes {
                    record.category(self.column(*index), system, code, Vec::new());
                }
            }
            for (index, _, path) in paths() {
                record.category(self.column(*index), system, &path.join(" > "), path.clone());
            }
        }
    }

    fn availability(&self, record: &mut Record<'_>, gathered: &Gathered<'_>) {
        let mut availability = Availability::default();
        for (part, index, text, kind) in &gathered.availability {
            let at = self.column(*index);
            let number = self.plain(text, *kind);
            match part {
                AvailabilityPart::Status => availability.status = word(text, ""),
                AvailabilityPart::Quantity => availability.quantity = record.not_negative(at, &number),
                AvailabilityPart::LeadTimeDays => {
                    let days = record.not_negative(at, &number).map(|days| days.normalize().to_string().parse().ok());
                    availability.lead_time_days = days.flatten().filter(|days| *days <= LEAD_TIME_DAYS_MAX);
                    if days == Some(None) {
                        record.findings.warn_value(
                            finding::FIELD_RANGE,
                            at,
                            text,
                            "no whole number of days; it was left out",
                        );
                    }
                }
                AvailabilityPart::AvailableFrom => {
                    availability.available_from = record.instant(at, &day(text), Bound::Start);
                }
            }
        }
        if availability.status.is_empty() {
            match availability.quantity {
                Some(quantity) if quantity > Decimal::ZERO => "in_stock".clone_into(&mut availability.status),
                Some(_) => "out_of_stock".clone_into(&mut availability.status),
                None if availability == Availability::default() => return,
                None => "on_demand".clone_into(&mut availability.status),
            }
        }
        record.draft.data.availability = Some(availability);
    }

    pub(crate) fn plain(&self, text: &str, kind: Kind) -> String {
        amount::plain(Cell { text, kind }, self.profile.catalog.decimal_comma)
    }
}

fn status(text: &str) -> Option<ItemStatus> {
    Some(match heading(text).as_str() {
        "active" => ItemStatus::Active,
        "announced" => ItemStatus::Announced,
        "inactive" => ItemStatus::Inactive,
        "discontinued" => ItemStatus::Discontinued,
        _ => return None,
    })
}

fn identifier(record: &mut Record<'_>, at: At<'_>, scheme: &str, number: &str) {
    if amount::is_shortened(number) {
        let message = "a spreadsheet has shortened the number and its digits are lost; it was left out";
        return record
            .findings
            .push(Finding::warning(finding::NUMBER_SHORTENED, message).at(at.position).path(at.path).value(number));
    }
    record.identifier(at, scheme, number);
}

/// `Length [mm]` as name and unit.
fn name_and_unit(heading: &str) -> (String, Option<String>) {
    let bracketed = heading.strip_suffix(']').and_then(|text| text.rsplit_once('['));
    match bracketed {
        Some((name, unit)) if !name.trim().is_empty() && !unit.trim().is_empty() => {
            (name.trim().to_owned(), Some(unit.trim().to_owned()))
        }
        _ => (heading.to_owned(), None),
    }
}

/// A day as it is written with points, `31.12.2025`, in the usual form. With slashes nobody knows which is the month.
pub(crate) fn day(text: &str) -> String {
    let mut parts = text.split('.');
    let (Some(day), Some(month), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return text.to_owned();
    };
    let is_number =
        |part: &str, lengths: &[usize]| lengths.contains(&part.len()) && part.bytes().all(|it| it.is_ascii_digit());
    match is_number(day, &[1, 2]) && is_number(month, &[1, 2]) && is_number(year, &[4]) {
        true => format!("{year}-{month:0>2}-{day:0>2}"),
        false => text.to_owned(),
    }
}
