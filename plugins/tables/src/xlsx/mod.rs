//! Workbooks of spreadsheets (Office Open XML): from the bytes to the rows of one sheet.
//!
//! The container is held in memory up to [`WORKBOOK_BYTES_MAX`], because its list of parts stands at its end; of its parts only the
//! strings that the cells share. Every part is decompressed as a stream within bounds, so what a small file unfolds to costs time
//! up to a bound and no memory. A sheet with a million rows is read like a CSV document, row by row.

mod format;
mod number;
mod package;
mod sheet;
mod strings;
mod workbook;

use std::io::BufRead;

use plugpoint_sdk::codes;
use plugpoint_sdk::document::{ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::XmlLimits;

use crate::table::{self, Table};
use package::Package;
use sheet::SheetRows;

/// The bytes that a workbook may have as it is sent.
pub const WORKBOOK_BYTES_MAX: usize = 32 << 20;
/// The parts that a workbook may have.
pub const ENTRIES_MAX: usize = 10_000;
/// The bytes that all parts of a workbook that are read may have, decompressed.
pub const PARTS_BYTES_MAX: u64 = 1 << 30;
/// How many times larger than its compressed bytes a part may be, once it has more than a few MiB.
pub const RATIO_MAX: u64 = 200;
/// The bytes of all strings that cells share.
pub const STRINGS_BYTES_MAX: usize = 32 << 20;
/// The number of strings that cells share.
pub const STRINGS_MAX: usize = 2_000_000;

/// Reads the sheet that the profile names, or the first visible one with a cell.
pub(crate) fn read(
    source: &mut dyn BufRead,
    table: &Table<'_>,
    limits: XmlLimits,
    sink: &mut dyn ItemSink,
) -> Result<(), TransformError> {
    let bytes = package::taken(source)?;
    let mut package = Package::open(&bytes, limits)?;
    let workbook = workbook::read(&mut package)?;
    let strings = strings::read(&mut package, workbook.strings.as_deref())?;
    let formats = format::read(&mut package, workbook.styles.as_deref())?;
    let chosen = workbook.chosen(table.profile.table.sheet.as_deref())?;
    for index in &chosen {
        let sheet = &workbook.sheets[*index];
        let mut part = package.part(&sheet.part)?;
        let mut rows = SheetRows::new(&mut part, &sheet.part, limits, &strings, &formats, workbook.is_1904);
        if rows.has_first()? || chosen.len() == 1 {
            rows.others = workbook.others(*index);
            return table::read(table, &mut rows, sink);
        }
    }
    Err(ApiError::new(&codes::DOCUMENT_MALFORMED, "no visible sheet of the workbook has a cell with a value").into())
}
