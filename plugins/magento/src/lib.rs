//! Magento 1 over SOAP v2: a source that fetches a shop's products, the format of the document that it writes, and a facade that
//! answers a shop's clients in its stead.
//!
//! Registered as `import.source`, `catalog.format` and `soap.facade` under the key `magento`. What the [facade] takes and what it
//! loses is said there. Pure: the calls are made by the platform, of
//! which the [source](MagentoSource) asks them; the [format](MagentoTransformer) reads the document like any other. It refuses
//! to believe what a shop answers: no DTD, no entity, bounded pages, and a catalog that broke off is no catalog.
//!
//! # What is asked
//! `login`; `catalogProductList` for ranges of product ids (`product_id` above the last, `entity_id` up to a bound; only the first
//! where a shop refuses the second); `catalogInventoryStockItemList` for each page; `catalogProductInfo` for each product;
//! `endSession`, also after a failure. Shops answer in RPC or in WS-I style; which one is found out by the login. A session that
//! expires is renewed once. A product that is deleted while the pull runs is left out.
//!
//! # The document
//! `<magentoCatalog xmlns="urn:plugpoint:magento:1">` with one `<product>` for each: `<info>` holds what `catalogProductInfo`
//! answered and `<stock>` what the inventory did, elements by their local names, without attributes.
//!
//! # What becomes what
//! `type` is the kind (`simple` becomes `product`); `status` 1 is active, 2 inactive; name, description and meta keywords are texts
//! in the profile's language, the short description is the description where there is no long one, else an attribute.
//! `price` becomes a price of kind `list`, `special_price` one of kind `special` within its dates, both in the profile's
//! currency: without one they are findings. `special_to_date` means the whole day; times are read as UTC. `weight` is an attribute with
//! the unit that the profile names. Category ids are categories of the system `magento`, without names. Stock is the availability.
//! Whatever else has one value, additional attributes among it, becomes an attribute of the system `magento` under its own name;
//! websites are one with several values.
//!
//! # Losses
//! - tier prices, group prices and options (a finding for each document);
//! - names and tree of categories, names of attributes, labels of options: values are those of the interface, often ids;
//! - texts of other store views than the default one;
//! - pictures, links between products, customers' and orders' data: they are not asked for;
//! - attributes beside the standard ones, unless the shop sends them unasked;
//! - stock, where the user may not read the inventory; negative quantities (a finding).

mod client;
mod document;
pub mod facade;
mod format;
mod item;
mod prices;
mod soap;
mod source;

use plugpoint_sdk::points::{catalog_format, import_source, soap_facade};
use plugpoint_sdk::registry::Registrar;

pub use facade::MagentoFacade;
pub use format::MagentoTransformer;
pub use source::MagentoSource;

/// The namespace of the document.
pub const NAMESPACE: &str = "urn:plugpoint:magento:1";

/// Makes source, format and facade `magento` known, for profiles that choose them by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&import_source::POINT, "magento", "magento.source", MagentoSource);
    registrar.provide_keyed(&catalog_format::POINT, "magento", "magento.reader", MagentoTransformer);
    registrar.provide_keyed(&soap_facade::POINT, "magento", "magento.facade", MagentoFacade);
}
