//! Canonical CSV: one item a row, for senders who have nothing but a spreadsheet.
//!
//! Called by the canonical transformer. The header names the columns, and an unknown one refuses the document: a column that
//! nobody reads would be a loss that nobody sees. What CSV cannot say (several prices, languages, tiers) needs another format.

pub mod columns;
mod writer;

use super::malformed;
use crate::codes::finding;
use crate::document::{Document, ItemSink, TransformError};
use crate::model::{Finding, ItemDraft};
use crate::profile::CatalogProfile;
use crate::reading::csv::{Row, Rows};
use columns::{RowItem, Target};

pub use writer::CsvExporter;

pub(super) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    let profile = &document.profile.catalog;
    let mut rows = Rows::new(&mut *document.source, document.charset);
    let mut row = Row::of_at_most(document.xml_limits.record_bytes_max);
    if !rows.header(&mut row)? {
        return Err(malformed(rows.position(), "the document is empty"));
    }
    let names = row.fields();
    let targets = columns::targets(&names).map_err(|message| malformed(row.position, &message))?;
    let sku_at = targets.iter().position(|target| target.is_sku());
    sink.declare("canonical-csv", None)?;
    while rows.next(&mut row)? {
        let fields = row.fields();
        if !row.is_too_large && fields.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        match flaw(&row, fields.len(), targets.len()) {
            None => sink.upsert(item(&row, &fields, &targets, profile))?,
            Some(finding) => {
                let sku = sku_at.and_then(|at| fields.get(at)).map(|sku| sku.trim()).filter(|sku| !sku.is_empty());
                let finding = finding.at(row.position).excerpt(&row.excerpt());
                sink.reject(match sku {
                    Some(sku) => finding.sku(crate::model::finding::shortened(sku)),
                    None => finding,
                })?;
            }
        }
    }
    Ok(())
}

/// What makes a row no record at all.
fn flaw(row: &Row, fields: usize, columns: usize) -> Option<Finding> {
    if row.is_too_large {
        let message = format!("the row has more than {} bytes", row.bytes_max);
        return Some(Finding::error(finding::RECORD_TOO_LARGE, message));
    }
    if row.has_stray_quote {
        return Some(Finding::error(
            finding::RECORD_MALFORMED,
            "there is text behind a closing quote; write \" as \"\" in a quoted field",
        ));
    }
    let message = format!("the row has {fields} fields and the header {columns}");
    (fields != columns).then(|| Finding::error(finding::RECORD_MALFORMED, message))
}

fn item(row: &Row, fields: &[&str], targets: &[Target], profile: &CatalogProfile) -> ItemDraft {
    let mut item = RowItem::new(profile);
    let mut findings = Vec::new();
    for (target, cell) in targets.iter().zip(fields) {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        if let Err(refusal) = target.set(&mut item, cell) {
            let message = format!("column {}: {}", target.name(), refusal.message);
            findings.push(Finding::error(refusal.code, message).path(target.pointer()).value(cell).at(row.position));
        }
    }
    let data = item.finish(&mut |code, pointer, message| {
        findings.push(Finding::error(code, message).path(pointer).at(row.position));
    });
    if let Some(first) = findings.first_mut() {
        *first = first.clone().excerpt(&row.excerpt());
    }
    ItemDraft { data, position: row.position, findings, ..ItemDraft::default() }
}
