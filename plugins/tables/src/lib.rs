//! Lists: CSV and TSV in any of their spellings, and workbooks of spreadsheets (XLSX), as a catalog transformer.
//!
//! A pure reader: bytes in, items out, one row at a time; customer crates wrap it (`plugpoint_sdk::adapt`). A profile maps headings to
//! places of the item (`[table.columns]`); without a map, headings that mean the same in nearly every list are taken, and a finding
//! says which. What a file is, is told by its first bytes, whatever its content type says. It refuses to guess: a shortened
//! number, an ambiguous thousands separator, a cell with an error are findings and the cell is left out. Formulas are never
//! computed, links never followed.
//!
//! # What becomes what
//! A row is an item; the number in the column mapped to `sku` is required. Cells go where their column goes: see
//! `plugpoint_sdk::profile::place::Place`. A price needs an amount and a currency, which is taken from the cell (`12,50 EUR`), a
//! column, the map or the profile, in this order. Prices of one kind with different quantities are `prices.list.2.amount` and so
//! on. An availability without a word is `in_stock` if the quantity is above 0. Columns that nobody names are listed in the report, or
//! are attributes of the system `table` where the profile says `others = "attributes"`.
//!
//! Parts of an item that no column speaks of stay as they are where the item exists. A list without a column for title or
//! description is an update: it declares mode merge, what a row says is laid over the item that is there, and empty cells change
//! nothing. Prices of an update without a column for `per_quantity` replace all prices of the item and take that over from them.
//! A row whose `delete` cell says yes removes its item.
//!
//! In a workbook a number is what the spreadsheet shows, with at most 15 digits: leading zeros of its format stay, dates are
//! written as ISO 8601, percentages with their sign, money with its currency. A formula is its last value.
//!
//! # Losses
//! - several rows of one item: the last wins, as in every format; prices by quantity need columns of their own;
//! - whatever of a workbook is no cell: pictures, comments, links, colours, validations; cells below a merged cell's first are
//!   empty (a finding counts them); other sheets (listed in the report);
//! - dates with slashes, whose month nobody knows; numbers that a spreadsheet has shortened to `4.00639E+12`.
//!
//! # Why not a spreadsheet library
//! calamine, the usual one, reserves as much memory as a document asks for and holds all strings of a workbook as separate
//! allocations; one document of a stranger could end the server. Here the parts are read as streams by the platform's own XML
//! reader, within bounds ([`WORKBOOK_BYTES_MAX`] and its neighbours), and only the container is a library's (zip). A test holds the cells against
//! what other programs have written.

mod amount;
mod csv;
mod detect;
mod header;
mod item;
mod known;
mod prices;
mod row;
mod table;
mod xlsx;

use std::io::{self, Read};

use plugpoint_sdk::codes;
use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

pub use xlsx::{ENTRIES_MAX, PARTS_BYTES_MAX, RATIO_MAX, STRINGS_BYTES_MAX, STRINGS_MAX, WORKBOOK_BYTES_MAX};

use detect::Content;
use table::Table;

/// As many bytes are looked at to tell what a document is.
const SNIFFED_BYTES: u64 = 4096;

/// Makes the format `table` known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "table", "table.reader", TablesTransformer);
}

/// Reads lists. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct TablesTransformer;

impl CatalogTransformer for TablesTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let Document { media_type, charset, mode, profile, xml_limits, formats, .. } = *document;
        let mut head = Vec::new();
        (&mut *document.source).take(SNIFFED_BYTES).read_to_end(&mut head)?;
        let content = detect::content(&head).map_err(|message| ApiError::new(&codes::DOCUMENT_MALFORMED, message))?;
        let mut whole = io::BufReader::with_capacity(64 << 10, io::Cursor::new(head).chain(&mut *document.source));
        let mut table = Table { format: "XLSX", mode, profile };
        let sniffed = match content {
            Content::Container => return xlsx::read(&mut whole, &table, xml_limits, sink),
            Content::Text(encoding) => encoding,
        };
        let mut nothing: &[u8] = &[];
        let about = Document { source: &mut nothing, media_type, charset, mode, profile, xml_limits, formats };
        let mut rows = csv::Csv::open(&mut whole, &about, sniffed)?;
        table.format = rows.format;
        table::read(&table, &mut rows, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        detect::detected(head)
    }
}
