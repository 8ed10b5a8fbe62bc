//! CommerceML 2 (2.03 to 2.10) of 1C:Enterprise and Bitrix as a catalog transformer.
//!
//! A pure reader: bytes in, items out, one at a time; customer crates wrap it (`plugpoint_sdk::adapt`). Elements are matched on
//! their local names, whatever the namespace. A DOCTYPE is stepped over unread. It refuses to make up a price, and to remove
//! items because a file does not name them, unless the profile says that a full catalog comes in one file.
//!
//! # What becomes what
//! An exchange is several files, and each is a document of its own: `import.xml` (Классификатор, Каталог), `offers.xml`
//! (ПакетПредложений), in newer exchanges `prices.xml` and `rests.xml` (ПакетПредложений without names), each also in numbered
//! parts. They meet in the catalog by Ид, in any order:
//! - a Товар is an item that keeps the prices and the stock it has;
//! - a Предложение of a good changes its prices and its stock, whichever of the two it speaks of. One that comes before its good, or
//!   without it, becomes an item from its own name and numbers, which the good completes later. One without a name can only
//!   change an item that is there. An offer of a good that was removed makes it an item again: remove the offer as well;
//! - a Предложение of a variant (`good#variant`) is an item of kind `variant` with the relation `variant_of` to its good; its
//!   characteristics are attributes.
//!
//! `СодержитТолькоИзменения="true"` merges. A full catalog says nothing about the mode, because its variants come in another
//! file and it may come in parts: the caller's mode holds, else it merges; with `commerceml.full_replaces` in the profile it
//! replaces. Offers always merge. `Статус="Удален"` and ПометкаУдаления remove a good or a variant; an offer of a good that is
//! removed takes prices and stock from the good. A classifier alone changes nothing. A catalog without a tree of groups leaves the
//! groups of items that are there, and adds what it links.
//!
//! Groups are categories of the system `supplier` with the names from the root, Категория of the system `supplier-category`. Properties
//! are attributes with their name and, as `feature_id`, their id; ids of dictionary values become the values. A price's kind is
//! the name of its type in Latin letters (`Розничная` is `roznichnaya`); where the document does not name the type, its id. With a
//! Коэффициент other than 1 the amount buys so many base units. The stock is Количество, else the sum over the warehouses. The tax
//! of a good is an attribute; that of an offer goes into its prices. Артикул is an identifier of the scheme `article`, Штрихкод
//! `gtin`, or `barcode` if it cannot be one.
//!
//! A document that declares no encoding and whose root is windows-1251 is read as that, with a finding.
//!
//! Whatever else stands in a Товар or Предложение is kept as an attribute of the system `commerceml`, named by its path.
//!
//! # Losses
//! What a document says and the items do not:
//! - ids, names and dates of the document, its catalog and its package (the sender's bookkeeping), and that a price type knows
//!   an excise;
//! - owners, warehouses, and everything of groups and properties but ids, names and dictionaries (listed as unmapped);
//! - the stock of the single warehouses where there is a total (listed as unmapped);
//! - Представление of a price, which repeats it for people; the unit of a price that has a Коэффициент (listed as unmapped);
//! - names, numbers and attributes of an offer of a good that is there;
//! - orders and other Документ: a finding for each kind, their goods are rejected, everything else is listed as unmapped;
//! - definitions beyond 32 MiB: known by their ids only (a finding).

mod classifier;
mod document;
mod encoding;
mod good;
mod kept;
mod prices;
mod tables;
mod values;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

/// Makes the format `commerceml` known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "commerceml", "commerceml.reader", CommercemlTransformer);
}

/// Reads CommerceML documents. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommercemlTransformer;

impl CatalogTransformer for CommercemlTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let xml = head.xml().filter(|xml| xml.root == document::ROOT)?;
        let version = xml.attribute("ВерсияСхемы").unwrap_or("2").trim();
        let has = |name: &str| xml.elements.iter().any(|element| element.depth == 2 && element.local == name);
        let parts = [
            ("Каталог", " catalog"),
            ("ПакетПредложений", " offers"),
            ("ИзмененияПакетаПредложений", " offers"),
            ("Документ", " orders"),
            ("Контейнер", " orders"),
        ];
        let part = parts.into_iter().find(|(name, _)| has(name)).map_or("", |(_, words)| words);
        let version: String = version.chars().take(16).collect();
        Detected::certain(format!("CommerceML {version}{part}"), format!("root <{}>", document::ROOT))
    }
}
