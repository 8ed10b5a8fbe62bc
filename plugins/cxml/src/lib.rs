//! cXML 1.x: `Index` catalogs, `Contract` prices and punch-out carts as a catalog transformer.
//!
//! A pure reader: bytes in, items out, one at a time; customer crates wrap it (`plugpoint_sdk::adapt`). Elements are matched on
//! their local names, alone or within an envelope whose root may be `cXML` in any case. A DOCTYPE is stepped over unread. It
//! refuses to fetch what an address names, to open a punch-out session, and to read orders: they are no catalog. What stands in
//! the header, credentials above all, is never held in memory, shown or kept.
//!
//! # What becomes what
//! `Index` declares mode replace with `loadmode="Full"`, merge with `Incremental`, none of its own without. `IndexItemAdd` is a
//! whole item, `IndexItemDelete` a deletion, `IndexItemPunchout` an item of kind `punchout`, which is ordered at the address that it
//! names. `PunchOutOrderMessage/ItemIn` and `PunchOutSetupRequest/ItemOut` are items in mode merge; of an item that is there they
//! leave files, relations, availability, kind and status alone. `Contract/ContractItem` replaces the prices of an item, in mode merge.
//!
//! The item's number is SupplierPartID, with `/` and SupplierPartAuxiliaryID behind it where there is one: only both together are
//! unique by the standard; the profile can say otherwise (`cxml.auxiliary_in_sku`). BuyerPartID and IdReference are identifiers.
//!
//! UnitPrice is a price of kind `net` for PriceBasisQuantity, in its unit, else for one UnitOfMeasure. It holds from EffectiveDate until
//! ExpirationDate in TerritoryAvailable. An alternate amount is a second price. A price for a quantity that cannot be read is left
//! out with a finding: it could be for hundred.
//!
//! ShortName is the title and Description the text; without a ShortName the Description is the title and, where it is longer than a
//! title should be, the text as well. A language that is missing is that of the envelope, else the profile's. Classification is a
//! category of the system that its domain names. LeadTime is the availability. URL is a file of kind `product_page` (`punchout` for a
//! punch-out item), attachments are files of a kind that follows from their names.
//!
//! Extrinsics, characteristics, dimensions, search groups and every other element with a value become attributes of the system
//! `cxml`, named as the sender names them or by their path; so does the number of the supplier.
//!
//! # Losses
//! What a document says and the item does not:
//! - of the envelope: header, credentials, time, payload id; of a cart: buyer's cookie, totals, addresses, contacts, accounting; of
//!   an index: comments and the types of search groups. They are listed as unmapped, without their values;
//! - of a cart's item: its line number;
//! - of a contract: everything but the prices;
//! - everything named like a credential, wherever it stands (`SharedSecret`, `DigitalSignature`, `CredentialMac`), in silence;
//! - suppliers beyond 16 of an index (a finding);
//! - a second description of one language, a lead time that contradicts the first (a finding each).

mod credentials;
mod detail;
mod detect;
mod document;
mod industry;
mod item;
mod prices;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

/// The system of attributes that only cXML knows.
const CXML: &str = "cxml";

/// Makes the format `cxml` known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "cxml", "cxml.reader", CxmlTransformer);
}

/// Reads cXML documents. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct CxmlTransformer;

impl CatalogTransformer for CxmlTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        detect::detect(head)
    }
}
