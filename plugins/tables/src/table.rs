//! From rows to records: one function over any source of rows.
//!
//! Called with the rows of a CSV document or of a sheet. It holds the headings and one row.

use plugpoint_sdk::codes;
use plugpoint_sdk::codes::finding;
use plugpoint_sdk::document::{ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportMode, ItemDraft, ItemPatch, Parts, Severity, finding::shortened};
use plugpoint_sdk::profile::place::{Place, PricePart, TextPart};
use plugpoint_sdk::profile::{Profile, heading};
use plugpoint_sdk::reading::Unmapped;

use crate::header::{self, Header};
use crate::item::{self, Reading};
use crate::row::{Row, Rows};

/// Words of a row that adds up a column instead of being an item.
const TOTALS: &[&str] = &[
    "total",
    "totals",
    "grand total",
    "sum",
    "subtotal",
    "summe",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "somme",
    "suma",
    "razem",
    "итого",
    "всего",
];

/// What a list is, besides its rows.
pub(crate) struct Table<'p> {
    /// `CSV`, `XLSX`.
    pub(crate) format: &'static str,
    pub(crate) mode: ImportMode,
    pub(crate) profile: &'p Profile,
}

/// What a document says of all its items alike.
struct Shape {
    header: Header,
    /// Parts of an item that some column speaks of.
    parts: Parts,
    /// No column names the items: the list changes those that are there.
    is_update: bool,
    /// Rows have as many fields as there are headings, or something is wrong; in a sheet, cells may stand anywhere.
    is_text: bool,
    /// The list says how many units a price buys.
    has_per_quantity: bool,
    sku: usize,
    title: Option<usize>,
    delete: Option<usize>,
}

/// Reads all rows.
pub(crate) fn read(table: &Table<'_>, rows: &mut dyn Rows, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    let mut row = Row::default();
    let header = header::find(rows, &mut row, &table.profile.table)?;
    let shape = Shape::of(header, table.format != "XLSX");
    if shape.parts.is_none() && shape.delete.is_none() && table.mode != ImportMode::Delete {
        let headings: Vec<&str> = shape.header.columns.iter().take(20).map(|column| column.heading.as_str()).collect();
        let message = format!(
            "only the item number is known among the columns {}; map others in the profile under [table.columns]",
            headings.join(" | ")
        );
        return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, message).into());
    }
    let (name, mode) = match shape.is_update {
        true => (format!("{} update of {}", table.format, listed(shape.parts)), Some(ImportMode::Merge)),
        false => (table.format.to_owned(), None),
    };
    sink.declare(&name, mode)?;
    for note in &shape.header.notes {
        sink.note(note.clone())?;
    }
    let mut unmapped = Unmapped::default();
    (0..shape.header.rows_above).for_each(|_| unmapped.part("rows above the headings"));
    let mut skipped = 0;
    while rows.next(&mut row)? {
        if row.is_empty() {
            continue;
        }
        if skipped < table.profile.table.skip_rows {
            skipped += 1;
            unmapped.part("rows below the headings");
            continue;
        }
        if let Some(finding) = shape.passed_over(&row) {
            sink.note(finding)?;
            continue;
        }
        shape.record(table, &row, &mut unmapped, sink)?;
    }
    rows.others().iter().for_each(|other| unmapped.part(other));
    for note in rows.notes() {
        sink.note(note)?;
    }
    Ok(unmapped.tell(sink)?)
}

fn listed(parts: Parts) -> String {
    let names: Vec<&str> = parts.names().collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

impl Shape {
    fn of(header: Header, is_text: bool) -> Self {
        let entries = header.columns.iter().filter_map(|column| column.entry.as_ref());
        let parts = entries.fold(Parts::NONE, |parts, entry| parts.and(item::part_of(&entry.to)));
        let is_title = |place: &Place| matches!(place, Place::Text(TextPart::Title | TextPart::Description, _));
        let title = header.index_of(is_title);
        let delete = header.index_of(|place| *place == Place::Delete);
        let sku = header.index_of(|place| *place == Place::Sku).unwrap_or_default();
        let is_per_quantity = |place: &Place| matches!(place, Place::Price { part: PricePart::PerQuantity, .. });
        let has_per_quantity = header.index_of(is_per_quantity).is_some();
        Self {
            parts,
            is_update: title.is_none(),
            is_text: is_text && header.is_named,
            has_per_quantity,
            sku,
            title,
            delete,
            header,
        }
    }

    /// A row that is certainly no record: the headings once more, or a total.
    fn passed_over(&self, row: &Row) -> Option<Finding> {
        let said = |message: &str| {
            let finding = Finding::warning(finding::PART_IGNORED, message).at(row.position);
            Some(finding.excerpt(&row.excerpt()))
        };
        let is_heading = |index: usize| {
            let column = self.header.columns.get(index);
            column.is_some_and(|it| {
                !it.heading.is_empty() && row.cell(index).is_some_and(|cell| heading(cell.text) == heading(&it.heading))
            })
        };
        let others = (0..self.header.columns.len()).filter(|index| *index != self.sku);
        if self.header.is_named && is_heading(self.sku) && others.clone().any(is_heading) {
            return said("the row repeats the headings; it was passed over");
        }
        let first = (0..row.width()).find_map(|index| row.cell(index))?;
        let is_total = TOTALS.contains(&heading(first.text).trim_end_matches(':'));
        let has_title = self.title.is_some_and(|index| row.cell(index).is_some_and(|cell| cell.text != first.text));
        (is_total && !has_title).then(|| said("the row is a total; it was passed over")).flatten()
    }

    fn record(
        &self,
        table: &Table<'_>,
        row: &Row,
        unmapped: &mut Unmapped,
        sink: &mut dyn ItemSink,
    ) -> Result<(), TransformError> {
        let sku = match self.sku_of(row) {
            Ok(sku) => sku,
            Err(finding) => return Ok(sink.reject(finding.at(row.position).excerpt(&row.excerpt()))?),
        };
        let says_delete = match self.delete.and_then(|index| Some((index, row.cell(index)?))) {
            Some((index, cell)) => item::is_yes(self.header.columns[index].entry.as_ref(), cell.text),
            None => Some(false),
        };
        if says_delete == Some(true) || table.mode == ImportMode::Delete {
            return Ok(sink.delete(sku.to_owned(), row.position)?);
        }
        let reading = Reading { header: &self.header, profile: table.profile, row };
        let (mut draft, said) = reading.draft(sku, self.is_update, unmapped);
        if let (None, Some(index)) = (says_delete, self.delete) {
            let message = "the cell says neither yes nor no; the item stays (when in the profile names the words)";
            let finding = Finding::warning(finding::FIELD_INVALID, message).path(self.header.label(index));
            draft.findings.push(finding.at(row.position).value(row.cell(index).map_or("", |cell| cell.text)));
        }
        if self.is_text && row.cells_sent() < self.header.width_named() {
            let (cells, columns) = (row.cells_sent(), self.header.columns.len());
            let message =
                format!("the row has {cells} fields and the headings {columns}; the last ones were taken as empty");
            draft.findings.push(Finding::warning(finding::RECORD_MALFORMED, message).at(row.position));
        }
        if let Some(first) = draft.findings.first_mut() {
            *first = first.clone().excerpt(&row.excerpt());
        }
        if self.is_update {
            return self.update(draft, said, sink);
        }
        draft.keeps = Parts::ALL.but(self.parts);
        Ok(sink.upsert(draft)?)
    }

    /// The item's number, or why the row is no record.
    fn sku_of<'r>(&self, row: &'r Row) -> Result<&'r str, Box<Finding>> {
        let refused = |finding: Finding| Err(Box::new(finding));
        let cell = row.cell(self.sku);
        let named = |finding: Finding| match cell {
            Some(cell) if cell.kind.flaw().is_none() => finding.sku(shortened(cell.text)),
            _ => finding,
        };
        if let Some((code, message)) = &row.flaw {
            return refused(named(Finding::error(code, message.clone())));
        }
        if self.is_text && row.width() > self.header.columns.len() {
            let (width, columns) = (row.width(), self.header.columns.len());
            let message = format!(
                "the row has {width} fields and the headings {columns}: a separator stands in a field without quotes"
            );
            return refused(named(Finding::error(finding::RECORD_MALFORMED, message)));
        }
        let label = || self.header.label(self.sku);
        if let Some((cell, flaw)) = cell.and_then(|cell| Some((cell, cell.kind.flaw()?))) {
            let message = format!("the cell of the item number {flaw}");
            return refused(Finding::error(finding::CELL_ERROR, message).path(label()).value(cell.text));
        }
        match cell {
            None => refused(Finding::error(finding::SKU_MISSING, "the row has no item number").path(label())),
            Some(cell) if crate::amount::is_shortened(cell.text) => {
                let message =
                    "a spreadsheet has shortened the item number; format the column as text and save the list again";
                refused(named(Finding::error(finding::NUMBER_SHORTENED, message).path(label()).value(cell.text)))
            }
            Some(cell) => Ok(cell.text),
        }
    }

    /// A row of a list that names no items: what it says becomes that of the item that is there; empty cells change nothing.
    fn update(&self, draft: ItemDraft, said: Parts, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let ItemDraft { data, position, findings, .. } = draft;
        let sku = data.sku.clone();
        let ops = item::changes(data, said, self.has_per_quantity);
        let mut findings: Vec<Finding> = findings.into_iter().map(|finding| finding.sku(sku.clone())).collect();
        if ops.is_empty() && !findings.is_empty() {
            let worst = findings.remove(0);
            for finding in findings {
                sink.note(finding)?;
            }
            return Ok(sink.reject(Finding { severity: Severity::Error, ..worst })?);
        }
        for finding in findings {
            sink.note(finding)?;
        }
        Ok(sink.patch(ItemPatch { sku, ops, position, is_record: true })?)
    }
}
