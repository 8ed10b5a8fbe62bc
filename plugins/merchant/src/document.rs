//! The walk over one feed, item by item.
//!
//! Holds one item, and of the feed its language alone.

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::Finding;
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Unmapped, another_format, language_tag, take};
use plugpoint_sdk::xml::{Element, XmlEvent, XmlReader};

use crate::item;

type Walked<T = ()> = Result<T, TransformError>;

/// What kind of feed a root is, in words.
pub(crate) fn feed(root: &str, namespace: &str, version: &str) -> Option<String> {
    let version: String = version.trim().chars().take(8).collect();
    match root {
        "rss" if version.is_empty() => Some("RSS".to_owned()),
        "rss" => Some(format!("RSS {version}")),
        "RDF" => Some("RSS 1.0".to_owned()),
        "channel" => Some("RSS".to_owned()),
        "feed" if namespace == "http://purl.org/atom/ns#" => Some("Atom 0.3".to_owned()),
        "feed" => Some("Atom 1.0".to_owned()),
        _ => None,
    }
}

/// Whether a namespace is Google's for products, in any spelling that is sent: with a slash at its end, with https, of custom
/// attributes (`cns`).
pub(crate) fn is_google(namespace: &str) -> bool {
    namespace.contains("base.google.com")
}

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Walked {
    let options = document.xml_options();
    let profile = &document.profile.catalog;
    let reader = XmlReader::new(&mut *document.source, options);
    Walk { reader, sink, profile, unmapped: Unmapped::default(), language: None, has_product: false }.run()
}

struct Walk<'d> {
    reader: XmlReader<'d>,
    sink: &'d mut dyn ItemSink,
    profile: &'d CatalogProfile,
    unmapped: Unmapped,
    language: Option<String>,
    has_product: bool,
}

impl Walk<'_> {
    fn run(&mut self) -> Walked {
        let root = self.start()?.unwrap_or_default();
        let tag = self.reader.tag();
        let version = tag.attribute("version").unwrap_or_default();
        let Some(feed) = feed(&root, tag.namespace(), version).filter(|_| !root.is_empty()) else {
            return Err(another_format("a Merchant feed", &root));
        };
        self.language = tag.attribute("lang").and_then(language_tag);
        let mut is_declared = false;
        while let Some(name) = self.start()? {
            match name.as_str() {
                "channel" if self.reader.depth() <= 2 => {}
                "item" | "entry" => {
                    if !is_declared {
                        is_declared = true;
                        self.sink.declare(&format!("Google Merchant {feed}"), None)?;
                    }
                    self.item()?;
                }
                "language" => {
                    let sent = self.reader.text()?;
                    self.language = language_tag(sent.trim()).or(self.language.take());
                }
                _ => {
                    let parent = if self.reader.depth() > 2 { "channel" } else { root.as_str() };
                    self.unmapped.part(&format!("{parent}/{name}"));
                    self.reader.skip()?;
                }
            }
        }
        if self.has_product {
            return Ok(self.unmapped.tell(self.sink)?);
        }
        let detail = if is_declared {
            "the feed is not a Merchant feed: none of its items has an element of Google's namespace (http://base.google.com/ns/1.0)"
        } else {
            "the feed has no item"
        };
        Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into())
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

    fn item(&mut self) -> Walked {
        let Some(element) = take(&mut self.reader, self.sink)? else { return Ok(()) };
        if !element.children().iter().any(|child| is_google(child.namespace())) {
            let message = "the item has no element of Google's namespace: it is no product";
            return self.reject(finding::RECORD_MALFORMED, message, &element);
        }
        self.has_product = true;
        let Some(sku) = item::sku(&element) else {
            return self.reject(finding::SKU_MISSING, "the item has neither g:id nor guid", &element);
        };
        let draft = item::read(&element, sku, self.language.as_deref(), self.profile);
        self.unmapped.record(&element);
        Ok(self.sink.upsert(draft)?)
    }

    fn reject(&mut self, code: &'static str, message: &str, element: &Element) -> Walked {
        let refused = Finding::error(code, message).at(element.position()).path(element.name());
        let excerpt = self.reader.raw_excerpt();
        Ok(self.sink.reject(refused.excerpt(&excerpt))?)
    }
}
