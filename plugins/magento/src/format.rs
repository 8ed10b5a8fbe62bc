//! The format: reads the document that the source has written, product by product.
//!
//! Used by imports of tenants whose profile names it. It holds one product; the document is as foreign as any other by the time
//! it is read, and is believed no more.

use std::collections::HashSet;

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::Finding;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::reading::{Unmapped, close, take};
use plugpoint_sdk::xml::{XmlEvent, XmlOptions, XmlReader};

use crate::NAMESPACE;
use crate::item::{self, LOST};

/// Reads documents of the source `magento`. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct MagentoTransformer;

impl CatalogTransformer for MagentoTransformer {
    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        detect(head)
    }

    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let (options, profile) = (XmlOptions { guesses_encoding: false, ..document.xml_options() }, document.profile);
        let mut reader = XmlReader::new(&mut *document.source, options);
        root(&mut reader)?;
        sink.declare("Magento SOAP v2", None)?;
        let (mut told, mut unmapped) = (HashSet::new(), Unmapped::default());
        loop {
            let is_product = match reader.next()? {
                XmlEvent::Start(tag) => tag.local() == "product",
                XmlEvent::End | XmlEvent::Text(_) => continue,
                XmlEvent::Eof => return close(&mut reader, &unmapped, sink),
            };
            if !is_product {
                unmapped.part(reader.tag().local());
                reader.skip()?;
                continue;
            }
            let Some(product) = take(&mut reader, sink)? else { continue };
            let (position, info) = (product.position(), product.child("info").unwrap_or(&product));
            let Some(sku) = info.child_text("sku") else {
                let refused = Finding::error(finding::SKU_MISSING, "the product has no sku").at(position);
                sink.reject(refused.excerpt(&reader.raw_excerpt()))?;
                continue;
            };
            let lost = LOST.iter().filter(|name| info.child(name).is_some_and(|part| !part.children().is_empty()));
            let lost: Vec<&str> = lost.copied().filter(|name| told.insert(*name)).collect();
            let draft = item::read(&product, info, sku, profile);
            unmapped.record(&product);
            sink.upsert(draft)?;
            for name in lost {
                let message = format!("{name} has no place in the canonical form and is left out, here and further on");
                sink.note(Finding::warning(finding::PART_IGNORED, message).at(position).path(name))?;
            }
        }
    }
}

/// A head of ours.
fn detect(head: &Head<'_>) -> Option<Detected> {
    let is_own = head.xml().is_some_and(|xml| xml.root == "magentoCatalog" && xml.namespace == NAMESPACE);
    is_own.then(|| Detected::certain("Magento SOAP v2", format!("root <magentoCatalog> of {NAMESPACE}")))?
}

/// Finds the root, which has to be ours.
fn root(reader: &mut XmlReader<'_>) -> Result<(), TransformError> {
    loop {
        let (is_ours, name) = match reader.next()? {
            XmlEvent::Start(tag) => {
                let is_ours = tag.local() == "magentoCatalog" && tag.namespace() == NAMESPACE;
                (is_ours, tag.local().to_owned())
            }
            XmlEvent::Eof => (false, String::new()),
            _ => continue,
        };
        if is_ours {
            return Ok(());
        }
        let detail =
            format!("the document is not a Magento catalog: its root is <{name}>, not <magentoCatalog> of {NAMESPACE}");
        return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
    }
}
