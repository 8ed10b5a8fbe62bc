//! Canonical CSV for spreadsheets: one item a row, the columns of the reader, a column for every attribute there is.
//!
//! A row holds one text, one price, one category. What else an item has is lost, and found out by reading each row back by the
//! reader's own columns. The items are gone through twice: the header names the attributes of all of them.

use std::collections::BTreeMap;

use super::columns::{ATTRIBUTE_PREFIX, COLUMNS, Column, RowItem, Target, attribute_target};
use crate::export::{ExportError, ExportSession, differences};
use crate::model::{Attribute, ItemData, ItemDraft, Position};
use crate::points::catalog_exporter::CatalogExporter;

/// Columns of attributes, repeated ones included. What needs more is lost: spreadsheets end at 16,384, and every row has every
/// column.
const ATTRIBUTE_COLUMNS_MAX: usize = 1_000;
/// Bytes of the names of all attributes.
const ATTRIBUTE_BYTES_MAX: usize = 256 * 1024;
/// Columns of one name among the others.
const REPEATED_MAX: usize = 32;

/// Writes canonical CSV.
#[derive(Debug, Clone, Copy, Default)]
pub struct CsvExporter;

impl CatalogExporter for CsvExporter {
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
        let mut survey = Survey::default();
        while let Some(item) = session.next_item()? {
            survey.look(&item);
        }
        session.rewind()?;
        let slots = survey.slots();
        let mut row = String::new();
        write_row(&mut row, slots.iter().map(|slot| Some(slot.header())));
        session.write(row.as_bytes())?;
        while let Some(item) = session.next_item()? {
            let cells: Vec<Option<String>> = slots.iter().map(|slot| slot.cell(&item)).collect();
            let read_back = read_back(&slots, &cells, session);
            write_row(&mut row, cells.into_iter());
            match read_back.filter(|_| row.len() <= session.xml_limits.record_bytes_max) {
                Some(read_back) => {
                    session.write(row.as_bytes())?;
                    session.written(&item.sku, &differences(&item, &read_back));
                }
                None => session.left_out(&item.sku),
            }
        }
        Ok(())
    }

    fn media_type(&self) -> &'static str {
        "text/csv; charset=utf-8; header=present"
    }

    fn file_extension(&self) -> &'static str {
        "csv"
    }
}

/// The item that the reader would make of a row; nothing if it would refuse it.
fn read_back(slots: &[Slot], cells: &[Option<String>], session: &ExportSession<'_>) -> Option<ItemData> {
    let mut row = RowItem::new(&session.profile.catalog);
    for (slot, cell) in slots.iter().zip(cells) {
        let cell = cell.as_deref().unwrap_or_default().trim();
        if !cell.is_empty() {
            slot.target.set(&mut row, cell).ok()?;
        }
    }
    let mut is_refused = false;
    let data = row.finish(&mut |_, _, _| is_refused = true);
    session.imported(ItemDraft { data, ..ItemDraft::new("", Position::default()) }).filter(|_| !is_refused)
}

/// A column of the document.
struct Slot {
    /// What the reader takes it for.
    target: Target,
    /// Its place among those of the same name, from 0.
    number: usize,
}

impl Slot {
    fn header(&self) -> String {
        match &self.target {
            Target::Column(column) => column.name.to_owned(),
            Target::Attribute { name, unit: None } => format!("{ATTRIBUTE_PREFIX}{name}"),
            Target::Attribute { name, unit: Some(unit) } => format!("{ATTRIBUTE_PREFIX}{name}[{unit}]"),
        }
    }

    fn cell(&self, item: &ItemData) -> Option<String> {
        match &self.target {
            Target::Column(column) => column.cell(item, self.number),
            Target::Attribute { name, unit } => {
                let is_same = |known: &&Attribute| known.name == *name && known.unit == *unit;
                item.attributes.iter().find(is_same)?.values.get(self.number).cloned()
            }
        }
    }
}

/// What the items have, as far as the header has to know.
#[derive(Default)]
struct Survey {
    /// Attributes in the order in which they first appeared, with the most values that an item has.
    attributes: Vec<(String, Option<String>, usize)>,
    by_name: BTreeMap<(String, Option<String>), usize>,
    columns: usize,
    bytes: usize,
    /// How often each repeatable column is needed, in their order.
    repeated: BTreeMap<&'static str, usize>,
}

impl Survey {
    fn look(&mut self, item: &ItemData) {
        for column in COLUMNS.iter().filter(|column| column.is_repeatable) {
            let count = (0..REPEATED_MAX).take_while(|&number| column.cell(item, number).is_some()).count();
            let known = self.repeated.entry(column.name).or_default();
            *known = count.max(*known);
        }
        for attribute in &item.attributes {
            self.look_at(attribute);
        }
    }

    fn look_at(&mut self, attribute: &Attribute) {
        let key = (attribute.name.clone(), attribute.unit.clone());
        let most = attribute.values.len();
        if let Some(&known) = self.by_name.get(&key) {
            let room = ATTRIBUTE_COLUMNS_MAX - self.columns;
            let more = most.saturating_sub(self.attributes[known].2).min(room);
            self.attributes[known].2 += more;
            self.columns += more;
            return;
        }
        let bytes = key.0.len() + key.1.as_ref().map_or(0, String::len);
        let room = ATTRIBUTE_COLUMNS_MAX - self.columns;
        // A name that a header cannot say is lost, and so is an attribute without values.
        if most == 0 || room == 0 || self.bytes + bytes > ATTRIBUTE_BYTES_MAX || !can_be_said(attribute) {
            return;
        }
        let columns = most.min(room);
        self.columns += columns;
        self.bytes += bytes;
        self.by_name.insert(key, self.attributes.len());
        self.attributes.push((attribute.name.clone(), attribute.unit.clone(), columns));
    }

    fn slots(&self) -> Vec<Slot> {
        let repeats = |column: &'static Column| match column.is_repeatable {
            true => self.repeated.get(column.name).copied().unwrap_or_default().max(1),
            false => 1,
        };
        let of_column = |column: &'static Column| {
            (0..repeats(column)).map(move |number| Slot { target: Target::Column(column), number })
        };
        let of_attribute = |(name, unit, count): &(String, Option<String>, usize)| {
            let (name, unit) = (name.clone(), unit.clone());
            (0..*count).map(move |number| Slot {
                target: Target::Attribute { name: name.clone(), unit: unit.clone() },
                number,
            })
        };
        COLUMNS.iter().flat_map(of_column).chain(self.attributes.iter().flat_map(of_attribute)).collect()
    }
}

/// Whether the reader gets the same attribute from the header of its column.
fn can_be_said(attribute: &Attribute) -> bool {
    let (name, unit) = (attribute.name.clone(), attribute.unit.clone());
    let header = Slot { target: Target::Attribute { name, unit }, number: 0 }.header();
    let Some(text) = header.trim().strip_prefix(ATTRIBUTE_PREFIX) else { return false };
    let read = attribute_target(text);
    matches!(read, Ok(Target::Attribute { name, unit }) if name == attribute.name && unit == attribute.unit)
}

/// A row with its line end, as RFC 4180 has it.
fn write_row(row: &mut String, cells: impl Iterator<Item = Option<String>>) {
    row.clear();
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            row.push(',');
        }
        let cell = cell.unwrap_or_default();
        if cell.contains(['"', ',', ';', '\t', '\r', '\n']) {
            row.push('"');
            row.push_str(&cell.replace('"', "\"\""));
            row.push('"');
        } else {
            row.push_str(&cell);
        }
    }
    row.push_str("\r\n");
}
