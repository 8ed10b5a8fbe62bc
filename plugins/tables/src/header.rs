//! The row with the headings: where it is, and which column goes where.
//!
//! Called once per document. A list whose item number cannot be found is refused, naming what was seen: rows without numbers would
//! empty a catalog in mode replace.

use std::collections::{BTreeMap, BTreeSet};

use plugpoint_sdk::codes;
use plugpoint_sdk::codes::finding;
use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, Position};
use plugpoint_sdk::profile::place::Place;
use plugpoint_sdk::profile::{ColumnEntry, TableProfile, heading};

use crate::known::known;
use crate::row::{Row, Rows, column_index, letters};

/// Rows that are looked at for headings.
const LOOK_ROWS_MAX: u64 = 50;
/// Headings of a document that a message shows.
const SHOWN_MAX: usize = 20;

/// One column of the document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Column {
    /// How findings and the report name it: `C Preis`, or `C` where it has no heading.
    pub(crate) label: String,
    /// Its heading as it was sent.
    pub(crate) heading: String,
    /// Where it goes; nowhere, if nobody names it.
    pub(crate) entry: Option<ColumnEntry>,
    /// Another column holds values of the same property.
    pub(crate) is_shared: bool,
}

impl Column {
    /// The name of the property that the column goes to.
    fn property(&self) -> Option<String> {
        match &self.entry.as_ref()?.to {
            Place::Attribute(name) => Some(name.clone().unwrap_or_else(|| self.heading.clone())),
            _ => None,
        }
    }
}

/// What the headings say.
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub(crate) columns: Vec<Column>,
    /// The document has headings, so a row has as many cells as they are.
    pub(crate) is_named: bool,
    /// Rows with cells above the headings.
    pub(crate) rows_above: u64,
    /// What there is to say about the document before its first row.
    pub(crate) notes: Vec<Finding>,
}

impl Header {
    /// The columns that go to a place that `is` says.
    pub(crate) fn index_of(&self, is: impl Fn(&Place) -> bool) -> Option<usize> {
        self.columns.iter().position(|column| column.entry.as_ref().is_some_and(|entry| is(&entry.to)))
    }

    /// Marks the columns that share a property; done once, so that no row has to look for the others.
    fn shared(mut self) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in self.columns.iter().filter_map(Column::property) {
            *counts.entry(name).or_default() += 1;
        }
        for column in &mut self.columns {
            column.is_shared = column.property().is_some_and(|name| counts.get(&name).is_some_and(|count| *count > 1));
        }
        self
    }

    /// The columns up to the last that has a heading.
    pub(crate) fn width_named(&self) -> usize {
        self.columns.iter().rposition(|column| !column.heading.is_empty()).map_or(0, |last| last + 1)
    }

    /// The column of a cell, which may lie beyond the headings.
    pub(crate) fn label(&self, index: usize) -> String {
        self.columns.get(index).map_or_else(|| letters(index), |column| column.label.clone())
    }
}

/// Reads up to the headings.
pub(crate) fn find(rows: &mut dyn Rows, row: &mut Row, profile: &TableProfile) -> Result<Header, TransformError> {
    if profile.header == Some(0) {
        return by_place(profile);
    }
    let (mut rows_above, mut seen, mut shown) = (0, 0, None);
    while seen < LOOK_ROWS_MAX || profile.header.is_some() {
        if !rows.next(row)? {
            break;
        }
        if profile.header.is_some_and(|wanted| row.number > u64::from(wanted)) {
            break;
        }
        // A stray quote in a title costs nothing.
        if let Some((finding::RECORD_TOO_LARGE, message)) = &row.flaw {
            return Err(refused(row.position, message));
        }
        if row.width() == 0 {
            continue;
        }
        seen += 1;
        if profile.header.is_none_or(|wanted| row.number == u64::from(wanted)) {
            let header = named(row, profile);
            if header.index_of(|place| *place == Place::Sku).is_some() {
                return Ok(Header { rows_above, ..header.shared() });
            }
            shown.get_or_insert_with(|| (row.position, row.excerpt()));
        }
        rows_above += 1;
    }
    Err(no_sku(profile, seen, shown))
}

fn refused(position: Position, message: &str) -> TransformError {
    let Position { line, .. } = position;
    ApiError::new(&codes::DOCUMENT_MALFORMED, format!("line {line}: {message}")).into()
}

fn no_sku(profile: &TableProfile, rows: u64, shown: Option<(Position, String)>) -> TransformError {
    let Some((position, headings)) = shown else {
        let message = match profile.header {
            Some(row) if rows > 0 => {
                format!("the document has no row {row}, where the profile says that the headings are")
            }
            _ => "the document is empty".to_owned(),
        };
        return ApiError::new(&codes::DOCUMENT_MALFORMED, message).into();
    };
    let wanted = match profile.columns.iter().find(|(_, entry)| entry.to == Place::Sku) {
        Some((name, _)) => format!("no row has the heading {name:?}, which the profile maps to the item number"),
        None if profile.columns.is_empty() => {
            "no row has a heading that is known as an item number; map one in the profile: [table.columns] \"your heading\" = \"sku\"".to_owned()
        }
        None => "the profile's [table.columns] maps no heading to sku".to_owned(),
    };
    let headings: String = headings.chars().take(300).collect();
    refused(position, &format!("{wanted}. The first row has: {headings}"))
}

/// The columns of a document without headings, by the letters and numbers of the map.
fn by_place(profile: &TableProfile) -> Result<Header, TransformError> {
    let mut columns: BTreeMap<usize, ColumnEntry> = BTreeMap::new();
    for (name, entry) in &profile.columns {
        let index = column_of(name).or_else(|| column_index(name.trim()));
        let Some(index) = index else {
            let message =
                format!("the profile says that lists have no headings, and maps {name:?}; write \"column C\"");
            return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, message).into());
        };
        columns.insert(index, entry.clone());
    }
    let width = columns.keys().next_back().map_or(0, |last| last + 1);
    let column = |index: usize| Column {
        label: letters(index),
        heading: letters(index),
        entry: columns.get(&index).map(prepared),
        is_shared: false,
    };
    let header = Header { columns: (0..width).map(column).collect(), ..Header::default() };
    match header.index_of(|place| *place == Place::Sku) {
        Some(_) => Ok(header.shared()),
        None => {
            let message = "the profile says that lists have no headings, and maps no column to sku";
            Err(ApiError::new(&codes::DOCUMENT_MALFORMED, message).into())
        }
    }
}

/// The column that a key names by its place: `column C`, `column 3`.
fn column_of(key: &str) -> Option<usize> {
    column_index(heading(key).strip_prefix("column ")?)
}

/// An entry with its cells in the case in which they are compared.
fn prepared(entry: &ColumnEntry) -> ColumnEntry {
    let values = entry.values.iter().map(|(from, to)| (heading(from), to.clone())).collect();
    let when = entry.when.as_ref().map(|words| words.iter().map(|word| heading(word)).collect());
    ColumnEntry { values, when, ..entry.clone() }
}

/// The columns of a row of headings.
fn named(row: &Row, profile: &TableProfile) -> Header {
    let mut header = Header { is_named: true, ..Header::default() };
    let texts = row.texts().chain(std::iter::repeat("")).take(row.cells_sent().max(row.width()));
    for (index, text) in texts.enumerate() {
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let label = if text.is_empty() { letters(index) } else { format!("{} {text}", letters(index)) };
        header.columns.push(Column { label, heading: text, ..Column::default() });
    }
    if profile.columns.is_empty() {
        assume(&mut header, row.position)
    } else {
        map(&mut header, profile, row.position)
    }
    header
}

/// Takes what the profile maps.
fn map(header: &mut Header, profile: &TableProfile, position: Position) {
    for (name, entry) in &profile.columns {
        let wanted = heading(name);
        let same = |column: &Column| !wanted.is_empty() && heading(&column.heading) == wanted;
        let mut found: Vec<usize> = (0..header.columns.len()).filter(|index| same(&header.columns[*index])).collect();
        if found.is_empty() {
            found.extend(column_of(name));
        }
        for index in header.columns.len()..found.last().map_or(0, |last| last + 1) {
            header.columns.push(Column { label: letters(index), ..Column::default() });
        }
        if found.is_empty() && entry.to != Place::Ignore {
            let message = format!("the document has no column {name:?}, which the profile maps to {}", entry.to);
            header.notes.push(Finding::warning(finding::COLUMN_MISSING, message).at(position));
        }
        if found.len() > 1 && !entry.to.is_repeatable() {
            let labels: Vec<&str> = found.iter().map(|index| header.columns[*index].label.as_str()).collect();
            let message =
                format!("several columns have the heading {name:?} ({}); the first is read", labels.join(", "));
            header.notes.push(Finding::warning(finding::PART_IGNORED, message).at(position));
            found.truncate(1);
        }
        for index in found {
            header.columns[index].entry = Some(prepared(entry));
        }
    }
}

/// Takes well-known headings, and says which.
fn assume(header: &mut Header, position: Position) {
    let mut best: BTreeMap<Place, (usize, usize)> = BTreeMap::new();
    let candidates: Vec<_> = header.columns.iter().map(|column| known(&column.heading)).collect();
    for (index, candidate) in candidates.iter().enumerate() {
        let Some((rank, entry)) = candidate else { continue };
        let taken = best.entry(entry.to.clone()).or_insert((*rank, index));
        if *rank < taken.0 {
            *taken = (*rank, index);
        }
    }
    let chosen: BTreeSet<usize> = best.values().map(|(_, index)| *index).collect();
    for (index, candidate) in candidates.into_iter().enumerate() {
        let entry = candidate.map(|(_, entry)| entry);
        header.columns[index].entry = entry.filter(|entry| entry.to.is_repeatable() || chosen.contains(&index));
    }
    let shown = |column: &Column| {
        let place = column.entry.as_ref().map(|entry| format!(" as {}", entry.to)).unwrap_or_default();
        format!("{:?}{place}", column.heading.chars().take(60).collect::<String>())
    };
    let list = |is_taken: bool| {
        let wanted =
            header.columns.iter().filter(|column| column.entry.is_some() == is_taken && !column.heading.is_empty());
        let (mut names, mut count) = (Vec::new(), 0);
        for column in wanted {
            count += 1;
            if names.len() < SHOWN_MAX {
                names.push(shown(column));
            }
        }
        if count > names.len() {
            names.push(format!("{} more", count - names.len()));
        }
        names.join(", ")
    };
    let (taken, others) = (list(true), list(false));
    let rest = if others.is_empty() { String::new() } else { format!("; not known: {others}") };
    let message = format!("the profile maps no columns; read were {taken}{rest}");
    header.notes.push(Finding::warning(finding::COLUMNS_ASSUMED, message).at(position));
}
