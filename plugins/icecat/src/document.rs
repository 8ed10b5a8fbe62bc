//! The walk over one document: product by product, within the wrappers that Icecat puts around them.

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportMode};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::reading::{Unmapped, another_format, take};
use plugpoint_sdk::xml::{Element, XmlEvent, XmlReader};

use crate::{ROOT, item};

/// Wrappers around products: of answers to requests, and of files that join several data sheets.
pub(crate) const WRAPPERS: [&str; 3] = ["Response", "ProductsList", "Products"];

type Walked<T = ()> = Result<T, TransformError>;

/// Whether a root is a product without Icecat's own root around it. The name alone is other formats' as well.
pub(crate) fn is_product_alone(root: &str, has_attribute: impl Fn(&str) -> bool) -> bool {
    root == "Product" && (has_attribute("Prod_id") || has_attribute("ErrorMessage"))
}

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Walked {
    let options = document.xml_options();
    let profile = document.profile;
    let reader = XmlReader::new(&mut *document.source, options);
    Walk { reader, sink, profile, unmapped: Unmapped::default(), is_declared: false }.run()
}

struct Walk<'d> {
    reader: XmlReader<'d>,
    sink: &'d mut dyn ItemSink,
    profile: &'d Profile,
    unmapped: Unmapped,
    is_declared: bool,
}

impl Walk<'_> {
    fn run(&mut self) -> Walked {
        let root = self.start()?.unwrap_or_default();
        let tag = self.reader.tag();
        let is_alone = is_product_alone(&root, |name| tag.attribute(name).is_some());
        let mut first_other = None;
        match root.as_str() {
            ROOT => {
                // Wrappers may lie within each other; how deep they do is the reader's to bound.
                while let Some(name) = self.start()? {
                    match name.as_str() {
                        "Product" => self.product()?,
                        name if WRAPPERS.contains(&name) => {}
                        _ => {
                            self.unmapped.part(&format!("{ROOT}/{name}"));
                            self.reader.skip()?;
                            first_other.get_or_insert(name);
                        }
                    }
                }
            }
            _ if is_alone => {
                self.product()?;
                while self.start()?.is_some() {}
            }
            _ => return Err(another_format("an Icecat data sheet", &root)),
        }
        if self.is_declared {
            return Ok(self.unmapped.tell(self.sink)?);
        }
        Err(ApiError::new(&codes::DOCUMENT_MALFORMED, refusal(first_other.as_deref())).into())
    }

    /// The name of the next element that begins, or nothing at the end of the document.
    fn start(&mut self) -> Walked<Option<String>> {
        loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) => return Ok(Some(tag.local().to_owned())),
                XmlEvent::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    fn product(&mut self) -> Walked {
        if !self.is_declared {
            self.is_declared = true;
            self.sink.declare("Icecat data sheet", Some(ImportMode::Merge))?;
        }
        let Some(product) = take(&mut self.reader, self.sink)? else { return Ok(()) };
        if let Some(refused) = self.refused(&product) {
            return Ok(self.sink.reject(refused)?);
        }
        let Some(sku) = item::sku(&product, &self.profile.icecat.sku) else {
            let message = format!(
                "the product has no number of the kind {:?} (icecat.sku in the profile)",
                self.profile.icecat.sku
            );
            let refused = Finding::error(finding::SKU_MISSING, message).at(product.position()).path("Product");
            let excerpt = self.reader.raw_excerpt();
            return Ok(self.sink.reject(refused.excerpt(&excerpt))?);
        };
        let draft = item::read(&product, sku, self.profile);
        self.unmapped.record(&product);
        Ok(self.sink.upsert(draft)?)
    }

    /// Why Icecat has no data sheet for what was asked, in its own words.
    fn refused(&mut self, product: &Element) -> Option<Finding> {
        let message = product.attribute("ErrorMessage").map(str::trim).filter(|message| !message.is_empty());
        let code = product.attribute("Code").map(str::trim).filter(|code| !code.is_empty());
        if message.is_none() && code.is_none_or(|code| code == "1") {
            return None;
        }
        let told = format!("Icecat has no data sheet: {}", message.unwrap_or("it does not say why"));
        let mut refused = Finding::error(finding::RECORD_MALFORMED, told).at(product.position()).path("Product/@Code");
        if let Some(sku) = item::sku(product, &self.profile.icecat.sku) {
            refused = refused.sku(sku);
        }
        Some(refused.value(code.unwrap_or_default()).excerpt(&self.reader.raw_excerpt()))
    }
}

/// Why a document of Icecat's without products is refused.
fn refusal(found: Option<&str>) -> String {
    match found {
        None => "the Icecat document is empty: it holds no product".to_owned(),
        Some("files.index" | "daily.index" | "on_market.index" | "nobody.index" | "file") => {
            "the document is Icecat's list of data sheets, which holds no products: fetch the data sheets that it names and send those".to_owned()
        }
        Some(found) => format!("the Icecat document holds no data sheets but <{found}>"),
    }
}
