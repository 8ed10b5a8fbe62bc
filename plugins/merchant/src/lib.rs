//! Google Merchant feeds, RSS 2.0 and 1.0, Atom 1.0 and 0.3, as a catalog transformer; also what others feed in this form
//! (Facebook, Bing, Pinterest) and its first dialect, Google Base of 2005.
//!
//! A pure reader: bytes in, items out, one at a time; customer crates wrap it (`plugpoint_sdk::adapt`). Elements are matched on their
//! local names whatever the prefix; where Google's element and the feed's own have one name (`g:title`, `title`), Google's counts. An
//! item without any element of Google's namespace is rejected, and a feed without any such item is refused: it is news, no
//! catalog. Nothing that a feed links to is fetched. Tab-separated feeds are another format's.
//!
//! # What becomes what
//! A feed does not say whether it is the whole catalog or an addition to another: it declares no mode, the caller's holds.
//!
//! The item's number is `g:id`, else `guid`, else the entry's `id`. `g:price` (`15.00 USD`, `USD 15.00`, or a bare amount in the currency of
//! `g:currency` or the profile) is a price of kind `retail`, `g:sale_price` one of kind `sale` within `g:sale_price_effective_date`, `g:cost_of_goods_sold` of
//! kind `cost`, `g:maximum_retail_price` of kind `maximum_retail`. Whether a tax is in it depends on the country of sale, so nothing is said
//! of it. `15,00 EUR` is a price only where the profile says so (`catalog.decimal_comma`).
//!
//! `g:availability` is the availability as a word (`in stock`, `in_stock` and `https://schema.org/InStock` are one),
//! with `g:availability_date` and `g:quantity`; `discontinued` is the item's status as well. `g:gtin`, `g:upc`, `g:ean`, `g:isbn`, `g:mpn` are identifiers.
//! `g:product_type` is a category of the system `supplier` with the names of its path, `g:google_product_category` one of the system
//! `google`. `g:item_group_id` makes the item a `variant`, related to the group as `variant_of`. `g:image_link` and its additional ones are media of kind
//! `image`, `link` is `product_page`. Labels are keywords. Weights, lengths and measures are attributes with a unit. `g:product_detail` is an attribute
//! under its own name, other nested elements (`g:shipping`, `g:tax`, `g:installment`) attributes with one value for each: `country=US; price=5 USD`. Every
//! other element with a value, of whatever namespace, is an attribute of the system `merchant` under its local name.
//!
//! # Losses
//! What a feed says and the item does not:
//! - of the feed: its title, description, link, dates; they are listed as unmapped;
//! - paths of categories of more than 128 characters as categories: they are attributes;
//! - a second title or text in the language of the first (a finding where it names that language, an attribute where it names none).

mod document;
mod facts;
mod item;
mod money;
mod texts;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

/// The system of attributes of a feed.
const MERCHANT: &str = "merchant";

/// Makes the format `merchant` known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "merchant", "merchant.reader", MerchantTransformer);
}

/// Reads Merchant feeds. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct MerchantTransformer;

impl CatalogTransformer for MerchantTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let xml = head.xml()?;
        let feed = document::feed(&xml.root, &xml.namespace, xml.attribute("version").unwrap_or_default())?;
        let google = xml.elements.iter().find(|element| document::is_google(&element.namespace))?;
        let why = format!("root <{}> with <{}> of Google's namespace", xml.root, google.local);
        Detected::certain(format!("Google Merchant {feed}"), why)
    }
}
