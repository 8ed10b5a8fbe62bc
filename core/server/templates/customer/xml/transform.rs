//! Their own XML: `<catalog>` with one `<product number="...">` for each item. One product is held at a time.
//!
//! A product that cannot be read becomes a finding and the document goes on; only a document that is no catalog is an error.

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ItemDraft, Price, Text, decimal};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::xml::{Doctype, Element, XmlErrorKind, XmlEvent, XmlOptions, XmlReader};

/// Items that name no brand are the house's own.
const HOUSE_BRAND: &str = "@NAME@";

/// Reads a catalog.
pub struct Transformer;

impl CatalogTransformer for Transformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let options = XmlOptions { doctype: Doctype::Refuse, ..document.xml_options() };
        let mut reader = XmlReader::new(&mut *document.source, options);
        find_root(&mut reader)?;
        sink.declare("catalog of @NAME@", None)?;
        loop {
            match reader.next()? {
                XmlEvent::Start(_) => record(&mut reader, &document.profile.catalog, sink)?,
                XmlEvent::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

fn find_root(reader: &mut XmlReader<'_>) -> Result<(), TransformError> {
    loop {
        let detail = match reader.next()? {
            XmlEvent::Start(tag) if tag.local() == "catalog" => return Ok(()),
            XmlEvent::Start(tag) => format!("the root is <{}>, not <catalog>", tag.local()),
            XmlEvent::Eof => "the document is empty".to_owned(),
            _ => continue,
        };
        return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
    }
}

fn record(
    reader: &mut XmlReader<'_>,
    profile: &CatalogProfile,
    sink: &mut dyn ItemSink,
) -> Result<(), TransformError> {
    let position = reader.position();
    reader.begin_record();
    let element = match reader.element() {
        Ok(element) => element,
        Err(error) if matches!(error.kind, XmlErrorKind::RecordTooLarge { .. }) => {
            let finding = Finding::error(finding::RECORD_TOO_LARGE, error.message).at(position);
            return Ok(sink.reject(finding.excerpt(&reader.raw_excerpt()))?);
        }
        Err(error) => return Err(error.into()),
    };
    if element.name() != "product" {
        let message = format!("<{}> is not known and was left out", element.name());
        return Ok(sink.note(Finding::warning(finding::PART_IGNORED, message).at(position))?);
    }
    let number = element.attribute("number").map(str::trim).filter(|number| !number.is_empty());
    let Some(number) = number else {
        let finding = Finding::error(finding::SKU_MISSING, "the product has no number").at(position).path("@number");
        return Ok(sink.reject(finding.excerpt(&reader.raw_excerpt()))?);
    };
    Ok(sink.upsert(product(&element, number, profile))?)
}

/// What is wrong with one of its parts leaves the part out with a finding.
fn product(element: &Element, number: &str, profile: &CatalogProfile) -> ItemDraft {
    let mut draft = ItemDraft::new(number, element.position());
    draft.data.brand = Some(element.child_text("brand").unwrap_or(HOUSE_BRAND).to_owned());
    if let Some(title) = element.child_text("name") {
        let (lang, title) = (profile.language.clone(), title.to_owned());
        draft.data.texts.push(Text { lang, title, ..Text::default() });
    }
    for sent in element.children_named("price") {
        match price(sent, profile) {
            Ok(price) => draft.data.prices.push(price),
            Err(finding) => draft.findings.push(finding.at(sent.position()).path("price").value(sent.text())),
        }
    }
    draft
}

fn price(sent: &Element, profile: &CatalogProfile) -> Result<Price, Finding> {
    let amount = decimal::parse_with(sent.text().trim(), profile.decimal_comma)
        .map_err(|error| Finding::warning(finding::DECIMAL_INVALID, format!("the price {error} and was left out")))?;
    let own = sent.attribute("currency").map(str::to_owned);
    let currency = own.or_else(|| profile.currency.clone()).ok_or_else(|| {
        Finding::warning(finding::CURRENCY_MISSING, "the price has no currency and was left out")
    })?;
    Ok(Price { kind: "list".to_owned(), amount, currency, ..Price::default() })
}
