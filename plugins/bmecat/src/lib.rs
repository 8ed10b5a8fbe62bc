//! BMEcat 1.01, 1.2, 2005 and 2005.1 (also 2005fd and ECLASS Advanced, 2005+onto) as a catalog transformer.
//!
//! A pure reader, and an exporter beside it ([`export`](Bmecat2005Exporter)): bytes in, items out, one at a time; customer crates wrap it (`plugpoint_sdk::adapt`). Elements are matched
//! on their local names in either generation's spelling, whatever the namespace. A DOCTYPE is stepped over unread. It
//! refuses to compute price formulas, to fetch or store files, and to make up a price.
//!
//! # What becomes what
//! `T_NEW_CATALOG` declares mode replace; `T_UPDATE_PRODUCTS` and `T_NEW_PRODUCTDATA` merge, each product by its own mode
//! (`new`, `update`: the whole item; `delete`); `T_UPDATE_PRICES` replaces the prices of the products it names. The profile
//! gives the language and the currency of a document that names none, and whether `12,50` is a number.
//!
//! A price's amount is PRICE_AMOUNT times PRICE_FACTOR, for PRICE_QUANTITY units. Prices hold in their own TERRITORY, else in
//! the header's. A date without a time means the whole day, a time without a zone is UTC. Whatever of a price cannot be read
//! for certain leaves the price out with a finding. Catalog groups are categories of the system `supplier` with the names from
//! the root. Features keep their system, lower-case, and their ETIM or ECLASS id. An item's number, name or text in further
//! languages stands beside the first with `[en]` behind the attribute's name.
//!
//! Elements of a product that have no place of their own are kept as attributes: of system `udx` (user-defined extensions) or
//! `bmecat` (order details, logistics, status, remarks, references to other catalogs and all else), named by their path.
//!
//! # Losses
//! What a document says and the item does not:
//! - of the header: buyer, supplier, agreements, price flags, generation date, catalog id and version, extensions. So
//!   `prev_version` is not compared with what was imported last;
//! - of groups: descriptions, keywords, files, order, extensions; groups beyond 200,000 are known by code only;
//! - of classification systems: everything but the names of their groups (feature templates, units, allowed values);
//! - of features: FORDER and MIME_INFO (the order of the document holds), the block ids of FEATURE_GROUP, ancestors beyond 16;
//! - of prices: PRICE_FLAG, AREA_REFS, everything of TAX_DETAILS but the first TAX, PRICE_UNIT_FACTOR, formulas (a finding);
//! - of files: the purpose `normal` and `detail`, MIME_ALT beside MIME_DESCR, sources in other languages, embedded files (a
//!   finding);
//! - of references: their description;
//! - the type of SUPPLIER_PID; a second short or long text of one language (a finding);
//! - in updates: a link of a product to a group cannot be deleted alone (a finding), and an updated product has only the
//!   groups that the update links it to;
//! - formulas, integrated procurement points and whatever else stands beside products in a transaction (a finding each).

mod assumed;
mod document;
mod export;
mod features;
mod groups;
mod header;
mod item;
mod kept;
mod links;
mod media;
mod prices;
mod record;
mod settings;
mod spelling;

use plugpoint_sdk::adapt::Adapted;
use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::points::{catalog_exporter, catalog_format};
use plugpoint_sdk::profile::BmecatProfile;
use plugpoint_sdk::registry::Registrar;

pub use export::Bmecat2005Exporter;
use settings::Settings;

/// Makes the format `bmecat` known, for profiles that choose it by name, and `bmecat2005` for exports.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "bmecat", "bmecat.reader", BmecatTransformer);
    registrar.provide_keyed(&catalog_exporter::POINT, "bmecat2005", "bmecat.exporter_2005", Bmecat2005Exporter);
}

/// Reads BMEcat documents. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct BmecatTransformer;

impl CatalogTransformer for BmecatTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let settings = &document.profile.bmecat;
        if *settings == BmecatProfile::default() {
            return document::read(document, sink);
        }
        document::read(document, &mut Adapted::new(sink, &mut Settings(settings)))
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let xml = head.xml().filter(|xml| xml.root == "BMECAT")?;
        let version = xml.attribute("version").unwrap_or("without version").trim();
        // ECLASS Advanced says so in its namespace alone.
        let kind = if xml.namespace.ends_with("+onto") { " ECLASS Advanced" } else { "" };
        let transaction = xml.elements.iter().find(|element| element.depth == 2 && element.local.starts_with("T_"));
        let transaction = transaction.map(|found| format!(" {}", found.local)).unwrap_or_default();
        let version = version.chars().take(16).collect::<String>();
        Detected::certain(format!("BMEcat {version}{kind}{transaction}"), "root <BMECAT>")
    }
}
