//! ONIX for Books 2.1, 3.0 and 3.1, reference and short tags, as a catalog transformer.
//!
//! A pure reader: bytes in, items out, one product at a time. Elements are matched on their local names, whatever the namespace
//! or its absence; short tags are read under their reference names, and findings and unmapped paths have those. A DOCTYPE is
//! stepped over unread; the named characters of the DTD come from a fixed table. A product without a message around it is a
//! document too. It refuses to fetch files, to make up a price or a date, and to import test records.
//!
//! # What becomes what
//! RecordReference is the item's number, as it is the key of updates; the profile may choose the ISBN-13 instead
//! (`onix.sku`). NotificationType decides for each record: 01, 02, 03 the whole item; 04 an update: of 3.x the blocks that are
//! there are replaced, of 2.1 the composites that are there; 05 goes; 08 an update after which the item is discontinued; 09
//! whole if it has a title, else an update; 12, 13, 14 an update of supply and market alone; 88, 89 and unknown codes are
//! rejected; none is read as 03, with a finding. What each block owns says `update.rs`. A message never removes what it
//! does not name: mode merge.
//!
//! The distinctive title (type 01, else 00) is the title, subtitle and part number are attributes, other titles are kept under
//! their type. Texts name no language of their own as a rule: it is that of the `language` attribute, else of the book (if it
//! is in one), else the header's, else the profile's; in an update the item's own. The description (3.x type 03, 2.1 type 01) or
//! else the short one is the description; other texts are attributes under their type. Markup is kept as markup.
//!
//! Price types are words (`retail`, `fixed_retail`, `net`, `agency`) that tell tax included or not, with whom the price is for
//! behind it (`retail_library`); without a type the description of one is the word. Free of charge in a currency is a price of
//! nothing. A price holds where its territory says, else its market's; the world without some countries becomes the list of all
//! others. Currency and price type come from the header where the price has none. Related
//! products are relations to their ISBN-13 or else another number, since nobody sends their RecordReference.
//!
//! Every other simple value is an attribute of the system `onix`, named by its path in reference names:
//! `DescriptiveDetail/EditionNumber`; of composites that come more than once each has its place: `Contributor[2]/BiographicalNote`.
//!
//! # Losses
//! - of the header: sender, addressee, numbers and dates of the message (passed over); default units and class of trade
//!   (unmapped);
//! - of the record: its source, the reason of a deletion, sequence numbers (they decide the order of contributors);
//! - of prices: discounts, tax amounts, conditions but for rental and a smallest quantity, batch bonus, status, what is printed
//!   on the cover (unmapped); prices of different suppliers and markets stand beside each other without their names; regions
//!   excluded from a country (a finding); markets are not updated apart (a finding);
//! - of contributors: other forms of a name than the one taken;
//! - of titles: the case of their letters; a second title of one type and language (a finding);
//! - availability and stock but of the first supplier that names one, and the code behind the word;
//! - of values: `datestamp`, `sourcename`, `textformat` and the like;
//! - elements that no release of ONIX has, and empty elements that are a sign by themselves (unmapped);
//! - main series records of 2.1 (unmapped).

mod assumed;
mod book;
mod dates;
mod document;
mod export;
mod facts;
mod header;
mod identity;
mod media;
mod names;
mod notice;
mod people;
mod prices;
mod publishing;
mod record;
mod related;
mod release;
mod rest;
mod subjects;
mod supply;
mod territories;
mod texts;
mod titles;
mod update;
mod words;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::points::{catalog_exporter, catalog_format};
use plugpoint_sdk::registry::Registrar;
use plugpoint_sdk::xml::{EntityTable, XHTML_CHARACTERS};

pub use export::Onix3Exporter;

/// Makes the format `onix` known, for profiles that choose it by name, and `onix3` for exports.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "onix", "onix.reader", OnixTransformer);
    registrar.provide_keyed(&catalog_exporter::POINT, "onix3", "onix.exporter_3", Onix3Exporter);
}

/// Reads ONIX messages. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnixTransformer;

impl CatalogTransformer for OnixTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        release::detect(head)
    }

    fn named_characters(&self) -> Option<&'static EntityTable> {
        Some(&XHTML_CHARACTERS)
    }
}
