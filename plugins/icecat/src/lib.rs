//! Icecat product data sheets (`ICECAT-interface`) as a catalog transformer.
//!
//! A pure reader: bytes in, items out, one at a time; customer crates wrap it (`plugpoint_sdk::adapt`). A DOCTYPE is stepped over
//! unread. It refuses Icecat's lists (`files.index`, `daily.index`, categories, features, suppliers): they hold no data sheets, and a
//! list that were merged would take the texts of known items for a bare model name. It fetches neither data sheets nor pictures.
//!
//! # What becomes what
//! Documents are read in mode merge: a data sheet says nothing of other products. It says nothing of prices, availability, status
//! and kind either: where the item is there, they stay. A product with another `Code` than 1 or with an `ErrorMessage` (the sheet was
//! not found, or is not open to the reader's subscription) is a rejected record with Icecat's own words.
//!
//! The item's number is `Prod_id`, or what the profile names (`icecat.sku`); the others are identifiers (`mpn`, `icecat`, `gtin`).
//! Languages follow from Icecat's numbers (`langid`); a product's own language is that of its description. `Title` is the title; `LongDesc`
//! is the text, with `\n` as the line breaks that it stands for, else the long summary, else the short texts. What of these is
//! not the text is an attribute. Features are attributes with their id: the value as it is shown in the sheet's language with its unit apart
//! (`LocalValue`), else as it is presented, else the plain one; values of a list are values of one attribute. `icecat.feature_groups` puts
//! the heading of the group before the name.
//!
//! `Category` is a category of the system `icecat`, virtual ones of `icecat-virtual`; UNSPSC codes are of `unspsc`. Pictures are media of
//! kind `image` in their largest size, `ThumbPic` of kind `thumbnail`; leaflets `data_sheet`, manuals `manual`, logos `logo`, pictures of reasons to
//! buy `illustration`, multimedia objects by their type; the brand's page `product_page`. `ProductRelated` are relations `related`, `ProductBundled`
//! `consists_of`. Bullet points, reasons to buy, family, series, warranty, dates and everything else with a value are attributes of the system `icecat`.
//!
//! # Losses
//! What a data sheet says and the item does not:
//! - smaller sizes of a picture, sizes in bytes and pixels, order numbers, Icecat's internal numbers of texts, pictures and links;
//! - of features: the value in Icecat's base unit beside that of the sheet's language, whether it is mandatory, searchable or
//!   translated; names in other languages; the heading of its group, unless the profile asks for it;
//! - of related and bundled products: their names, pictures and brands; those without the number that the profile uses;
//! - names of categories, families and series in other languages than the item's;
//! - languages of a number that is not in the table (a finding each).

mod document;
mod features;
mod item;
mod language;
mod media;
mod texts;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

/// The system of attributes that only Icecat knows.
const ICECAT: &str = "icecat";
/// The root of everything that Icecat sends.
const ROOT: &str = "ICECAT-interface";

/// Makes the format `icecat` known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "icecat", "icecat.reader", IcecatTransformer);
}

/// Reads Icecat documents. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct IcecatTransformer;

impl CatalogTransformer for IcecatTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let xml = head.xml()?;
        if document::is_product_alone(&xml.root, |name| xml.attribute(name).is_some()) {
            return Detected::certain("Icecat data sheet", "root <Product> with Prod_id");
        }
        let mut below = xml.elements.iter().filter(|_| xml.root == ROOT).map(|element| element.local.as_str()).skip(1);
        let first = below.find(|name| !document::WRAPPERS.contains(name)).unwrap_or("nothing");
        let version = if first == "Product" { "Icecat data sheet" } else { "Icecat list" };
        Detected::certain(version, format!("root <{ROOT}> with <{first}>")).filter(|_| xml.root == ROOT)
    }
}
