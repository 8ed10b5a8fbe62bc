//! DATANORM 4 and 5 as a catalog transformer.
//!
//! A pure reader: bytes in, items out, one at a time; customer crates wrap it (`plugpoint_sdk::adapt`). It refuses version 3, whose
//! columns are fixed, to compute a net price, and to apply a discount.
//!
//! # What becomes what
//! A file is a list of records, one a line. V says version and currency. An article is one item, of whose records A is the main one;
//! B (version 4), D, Z and C complete it, whether they stand beside it or apart from it: then as a partial change. `N` is a whole
//! article; what no record of the format says (stock, people, references), prices of other kinds than its own, and files where there
//! are none, stay. `A` changes what it says, and is a whole article where there is none. `L` (version 5: B) deletes. A changed number (`X`; version 5: B) cannot be applied: the
//! article refers to the new number, with a finding. Files merge, but a file that begins with a whole article leaves the mode to the
//! caller.
//!
//! The title is the two short texts; the description is the long text (T) and behind it the lines of D, with the blocks (T, E) that they name,
//! their places filled with values. Blocks and lists of files (G) may stand before or behind their articles. A price is list,
//! net or factory price (1, 2, 3), without tax, for the quantity of its unit (version 4: code 0 to 3); 9 is an attribute. A price of 0 is none. P changes prices and
//! discounts of up to three articles and counts as one record; prices of other kinds and quantities stay. Z with a price is a price
//! from a quantity on. Product groups are categories of the systems `supplier-main` and `supplier`, discounts and all other fields attributes
//! of the system `datanorm`. Names of groups (S) and discounts of groups (R) are used where they stand before the articles of the same document.
//!
//! The encoding is what profile (`datanorm.encoding`), content type or byte order mark say, in this order of the first two; else the bytes
//! decide, once: UTF-8 if they are valid, windows-1252 (with a finding) if its umlauts stand within words, code page 850 if not.
//!
//! # Losses
//! What a document says and the items do not:
//! - sender, date and title of V; the customer's number (K); sets of articles (J) and records that nobody knows (a finding for
//!   each kind, listed as unmapped);
//! - names of groups, discounts and texts in a document without articles (a finding), or behind the articles that use them (names and
//!   discounts);
//! - the upper end of a quantity, and the name of a price from a quantity on (listed as unmapped);
//! - the successor and the date of a deleted article (listed as unmapped); that a part of an article is deleted (a finding);
//! - how short and long texts are to be combined: Textkennzeichen is an attribute, and all texts are kept;
//! - discounts that a later P leaves out, and prices from a quantity on that a change leaves out, stay as they were;
//! - texts beyond 32 MiB that are used far from where they stand, and articles beyond 8 MiB that wait for a text (a finding).

mod article;
mod blocks;
mod charset;
mod document;
mod fields;
mod header;
mod lines;
mod prices;
mod tables;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

use charset::{Charset, Known};
use fields::{Fields, Version};
use header::Header;

/// Makes the format `datanorm` known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "datanorm", "datanorm.reader", DatanormTransformer);
}

/// Reads DATANORM documents. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct DatanormTransformer;

impl CatalogTransformer for DatanormTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let mut lines =
            head.text().lines().map(|line| line.trim_end_matches('\u{1a}')).filter(|line| !line.trim().is_empty());
        let first = lines.next()?;
        let encoding = match charset::choose("auto", None, head.bytes).ok()? {
            Known::Said(charset) | Known::Guessed(charset) => charset.name(),
            Known::Open => Charset::Cp850.name(),
        };
        match Header::of(first) {
            Some(Ok(header)) => {
                let version = if header.version == Version::Four { "DATANORM 4" } else { "DATANORM 5" };
                Detected::certain(version, format!("a V record; its bytes are read as {encoding}"))
            }
            Some(Err(_)) => None,
            None => {
                let second = lines.next().unwrap_or(first);
                let are_records = [first, second]
                    .into_iter()
                    .all(|line| Fields::of(line, 1).is_some_and(|it| header::is_record(&it)));
                are_records.then(|| {
                    Detected::likely("DATANORM 4", "lines that begin with the letter of a record, no V record")
                })?
            }
        }
    }
}
