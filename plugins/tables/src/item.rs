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
const SYSTEM: &str = "tables";
/// Days that a lead time may have.
const LEAD_TIME_DAYS_MAX: u32 = 3650;
/// Words that say yes, and no.
const YES: &[&str] = &["1", "x", "y", "yes", "true", "j", "ja", "wahr", "o", "oui", "vrai", "t", "tak", "да", "истина"];
const NO: &[&str] = &["0", "n", "no", "false", "nein", "falsch", "non", "faux", "nie", "нет", "ложь", "-"];

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

/// What a row says of the items that are there: the parts of it that are not empty.
pub(crate) fn changes(mut data: ItemData, parts: Parts) -> Vec<PatchOp> {
    let mut ops = Vec::new();
    let prices = std::mem::take(&mut data.prices);
    if !prices.is_empty() {
        ops.push(PatchOp::SetPrices(prices));
    }
    let said = [
        (Parts::KIND, true),
        (Parts::STATUS, true),
        (Parts::BRAND, data.brand.is_some()),
        (Parts::IDENTIFIERS, !data.identifiers.is_empty()),
        (Parts::CATEGORIES, !data.categories.is_empty()),
        (Parts::ATTRIBUTES, !data.attributes.is_empty()),
        (Parts::MEDIA, !data.media.is_empty()),
        (Parts::CONTRIBUTORS, !data.contributors.is_empty()),
        (Parts::AVAILABILITY, data.availability.is_some()),
        (Parts::RELATIONS, !data.relations.is_empty()),
    ];
    let said = said.into_iter().filter(|(part, is_there)| *is_there && parts.has(*part));
    let replaced = said.fold(Parts::NONE, |all, (part, _)| all.and(part));
    if !replaced.is_none() {
        ops.push(PatchOp::replace(replaced, data));
    }
    ops
}

/// A row and what is known about its columns.
pub(crate) struct Reading<'a> {
    pub(crate) header: &'a Header,
    pub(crate) profile: &'a Profile,
    pub(crate) row: &'a Row,
}

/// The cells of one price, by their places.
type Price<'a> = Vec<(PricePart, usize, Cell<'a>)>;

/// A cell of a category: its column, whether it holds the names of a path, and its entries.
type CategoryCell = (usize, bool, Vec<String>);

/// What has to be gathered from several cells.
#[derive(Default)]
struct Gathered<'a> {
    prices: BTreeMap<(&'a str, u16), Price<'a>>,
    currency: Option<&'a str>,
    /// By system.
    categories: BTreeMap<&'a str, Vec<CategoryCell>>,
    availability: Vec<(AvailabilityPart, usize, String, Kind)>,
}

impl<'a> Reading<'a> {
    /// The row as a draft; of a list of changes, which needs no title.
    pub(crate) fn draft(&self, sku: &str, is_update: bool, unmapped: &mut Unmapped) -> ItemDraft {
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
        if is_update { record.fitted() } else { record.finish() }
    }

    fn at(&self, column: &'a Column) -> At<'a> {
        At::new(self.row.position, &column.label)
    }

    fn column(&self, index: usize) -> At<'a> {
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
    fn entries(&self, entry: &ColumnEntry, text: &str) -> Vec<String> {
        let separator = entry.split.as_deref().or(self.profile.table.list_separator.as_deref());
        let parts: Vec<&str> = match separator {
            Some(separator) => text.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect(),
            None => vec![text],
        };
        parts.into_iter().map(|part| entry.values.get(&heading(part)).map_or(part, String::as_str).to_owned()).collect()
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
            return;
        }
        let mapped = entry.values.get(&heading(cell.text)).map(String::as_str);
        let text = mapped.unwrap_or(cell.text);
        match &entry.to {
            Place::Sku | Place::Delete | Place::Ignore => {}
            Place::Kind => record.draft.data.kind = word(text, "product"),
            Place::Status => status(record, at, text),
            Place::Brand => record.brand(text),
            Place::Text(TextPart::Title, language) => record.title(at, language.as_deref(), text),
            Place::Text(TextPart::Description, language) => record.description(at, language.as_deref(), text),
            Place::Text(TextPart::Keywords, language) => {
                for keyword in self.entries(entry, cell.text) {
                    record.keyword(at, language.as_deref(), &keyword);
                }
            }
            Place::Identifier(scheme) => {
                for number in self.entries(entry, cell.text) {
                    identifier(record, at, scheme, &number);
                }
            }
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
            Place::Media(kind) => {
                for url in self.entries(entry, cell.text) {
                    record.media(at, Media { kind: kind.clone(), url, ..Media::default() });
                }
            }
            Place::Contributor(role) => {
                for name in self.entries(entry, cell.text) {
                    record.contributor(at, role, &name);
                }
            }
            Place::Availability(part) => {
                gathered.availability.push((*part, index, text.to_owned(), cell.kind));
            }
            Place::Relation(kind) => {
                for sku in self.entries(entry, cell.text) {
                    record.relation(at, Relation { kind: kind.clone(), sku, quantity: None });
                }
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
        if let Some(known) = attributes.iter_mut().find(same) {
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

    fn plain(&self, text: &str, kind: Kind) -> String {
        amount::plain(Cell { text, kind }, self.profile.catalog.decimal_comma)
    }

    fn prices(&self, record: &mut Record<'_>, gathered: &Gathered<'_>) {
        for ((kind, _), cells) in &gathered.prices {
            let of = |wanted: PricePart| cells.iter().find(|(part, ..)| *part == wanted).copied();
            // Without an amount there is no price, whatever the other columns say.
            let Some((_, index, cell)) = of(PricePart::Amount) else { continue };
            let at = self.column(index);
            let sent = amount::amount(cell, self.profile.catalog.decimal_comma);
            let beside = of(PricePart::Currency).map(|(_, _, cell)| cell.text).or(gathered.currency);
            let beside = beside.map(|text| amount::currency(text).unwrap_or_else(|| text.to_owned()));
            if let (Some(own), Some(beside)) = (&sent.currency, &beside)
                && !own.eq_ignore_ascii_case(beside)
            {
                let message =
                    format!("the cell says {own} and the column of the currency {beside}; the price was left out");
                record.findings.warn_value(finding::CURRENCY_UNKNOWN, at, cell.text, message);
                continue;
            }
            let of_column = self.header.columns.get(index).and_then(|column| column.entry.as_ref()?.currency.clone());
            let currency = sent.currency.or(beside).or(of_column);
            let Some(mut price) = record.price(at, kind, &sent.number, currency.as_deref()) else { continue };
            let is_certain = cells.iter().fold(true, |is_certain, (part, index, cell)| {
                self.price_part(record, &mut price, *part, *index, *cell) && is_certain
            });
            if is_certain {
                record.push_price(at, price);
            } else {
                let message = "nobody knows for how many, or when, the price holds; it was left out";
                record.findings.warn_value(finding::FIELD_INVALID, at, cell.text, message);
            }
        }
    }

    /// Adds a part to a price; false where it cannot be read and the price would mean something else without it.
    fn price_part(
        &self,
        record: &mut Record<'_>,
        price: &mut plugpoint_sdk::model::Price,
        part: PricePart,
        index: usize,
        cell: Cell<'_>,
    ) -> bool {
        let at = self.column(index);
        let text = cell.text;
        let entry = self.header.columns.get(index).and_then(|column| column.entry.as_ref());
        match part {
            PricePart::Amount | PricePart::Currency => {}
            PricePart::TaxRate | PricePart::TaxPercent => price.tax_rate = self.tax(record, at, part, cell),
            PricePart::TaxIncluded => {
                price.tax_included = is_yes(entry, text);
                if price.tax_included.is_none() {
                    record.findings.warn_value(
                        finding::FIELD_INVALID,
                        at,
                        text,
                        "the cell says neither yes nor no; it was left out",
                    );
                }
            }
            PricePart::MinQuantity => price.min_quantity = record.positive(at, &self.plain(text, cell.kind)),
            PricePart::PerQuantity => price.per_quantity = record.positive(at, &self.plain(text, cell.kind)),
            PricePart::Unit => price.unit = Some(text.to_owned()),
            PricePart::ValidFrom => price.valid_from = record.instant(at, &day(text), Bound::Start),
            PricePart::ValidTo => price.valid_to = record.instant(at, &day(text), Bound::End),
            PricePart::Territories => {
                if let Some(entry) = entry {
                    price.territories.extend(self.entries(entry, text));
                }
            }
        }
        match part {
            PricePart::MinQuantity => price.min_quantity.is_some(),
            PricePart::PerQuantity => price.per_quantity.is_some(),
            PricePart::ValidFrom => price.valid_from.is_some(),
            PricePart::ValidTo => price.valid_to.is_some(),
            _ => true,
        }
    }

    /// A tax. A sign of percent decides; a percentage below 1 is a fraction in the wrong column and is left out.
    fn tax(&self, record: &mut Record<'_>, at: At<'_>, part: PricePart, cell: Cell<'_>) -> Option<Decimal> {
        if let Some(percent) = cell.text.strip_suffix('%') {
            return record.tax_percent(at, &self.plain(percent.trim_end(), cell.kind));
        }
        let number = self.plain(cell.text, cell.kind);
        if part == PricePart::TaxRate {
            return record.tax_fraction(at, &number);
        }
        let rate = record.tax_percent(at, &number)?;
        if rate > Decimal::ZERO && rate < Decimal::new(1, 2) {
            let message = "less than one percent; if it is a fraction, map the column to tax_rate. It was left out";
            record.findings.warn_value(finding::FIELD_RANGE, at, cell.text, message);
            return None;
        }
        Some(rate)
    }
}

fn status(record: &mut Record<'_>, at: At<'_>, text: &str) {
    record.draft.data.status = match heading(text).as_str() {
        "active" => ItemStatus::Active,
        "announced" => ItemStatus::Announced,
        "inactive" => ItemStatus::Inactive,
        "discontinued" => ItemStatus::Discontinued,
        _ => {
            let message = "not one of active, announced, inactive, discontinued (values in the profile maps others); active was taken";
            return record.findings.warn_value(finding::FIELD_INVALID, at, text, message);
        }
    };
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
fn day(text: &str) -> String {
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
