//! What a record is called: RecordReference, and the numbers of ProductIdentifier.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::profile::OnixProfile;
use plugpoint_sdk::reading::system_name;
use plugpoint_sdk::xml::Element;

use crate::book::Book;
use crate::words;

/// Types of numbers that can stand for a product, best first: ISBN-13, GTIN-13, ISBN-10, the sender's own.
const PREFERRED: &[&str] = &["15", "03", "02", "01"];

/// Elements of 2.1 that give a number without a composite, with their type.
const PLAIN: &[(&str, &str)] =
    &[("EAN13", "03"), ("ISBN", "02"), ("UPC", "04"), ("PublisherProductNo", "01"), ("ISMN", "05"), ("DOI", "06")];

/// What the profile says an item's number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// RecordReference.
    Reference,
    /// ISBN-13 or GTIN-13.
    Isbn,
}

impl Key {
    pub(crate) fn of(profile: &OnixProfile) -> Self {
        if profile.sku == "isbn" { Self::Isbn } else { Self::Reference }
    }
}

/// A record's number, and what stood in for what was missing.
pub(crate) struct Number {
    pub(crate) sku: String,
    pub(crate) stands_in: Option<&'static str>,
}

/// The number under which the record is kept, or nothing.
pub(crate) fn sku(product: &Element, key: Key) -> Option<Number> {
    let reference = product.child_text("RecordReference").map(str::to_owned);
    match key {
        Key::Reference => match reference {
            Some(sku) => Some(Number { sku, stands_in: None }),
            None => best(product, PREFERRED).map(|sku| Number {
                sku,
                stands_in: Some("there is no RecordReference; a ProductIdentifier stands in"),
            }),
        },
        Key::Isbn => match best(product, &PREFERRED[..2]) {
            Some(sku) => Some(Number { sku: compact(&sku), stands_in: None }),
            None => {
                let sku = best(product, PREFERRED).or(reference)?;
                let stands_in = Some("there is no ISBN-13 or GTIN-13; another number stands in");
                Some(Number { sku, stands_in })
            }
        },
    }
}

/// The number of another product, as far as one can say under which it is kept.
pub(crate) fn related(element: &Element, key: Key) -> Option<String> {
    let sku = best(element, PREFERRED).or_else(|| numbers(element).into_iter().next().map(|(_, number)| number))?;
    Some(if key == Key::Isbn { compact(&sku) } else { sku })
}

/// Reads the product's numbers.
pub(crate) fn read(product: &Element, book: &mut Book<'_>, key: Key) {
    for identifier in product.children_named("ProductIdentifier") {
        let kind = identifier.child_text("ProductIDType").unwrap_or_default();
        let own = identifier.child_text("IDTypeName").map(system_name);
        let scheme = words::identifier_scheme(kind).map(str::to_owned).or(own);
        let Some(value) = identifier.child_text("IDValue") else { continue };
        book.record.identifier(identifier, scheme.as_deref().unwrap_or("proprietary"), value);
    }
    for (name, kind) in PLAIN {
        for plain in product.children_named(name) {
            book.record.identifier(plain, words::identifier_scheme(kind).unwrap_or("proprietary"), plain.text());
        }
    }
    if key == Key::Isbn
        && let Some(reference) = product.child_text("RecordReference")
    {
        book.record.identifier(product, "record_reference", reference);
    }
}

/// An ISBN as digits alone: the key must not depend on the hyphens of the day.
fn compact(number: &str) -> String {
    let is_isbn = number.chars().all(|character| character.is_ascii_digit() || matches!(character, '-' | ' '));
    if is_isbn { number.replace(['-', ' '], "") } else { number.to_owned() }
}

fn best(element: &Element, preferred: &[&str]) -> Option<String> {
    let numbers = numbers(element);
    let of = |kind: &&str| numbers.iter().find(|(known, _)| known == kind).map(|(_, number)| number.clone());
    preferred.iter().find_map(of)
}

fn numbers(element: &Element) -> Vec<(&str, String)> {
    let composites = element.children_named("ProductIdentifier").filter_map(|identifier| {
        let kind = identifier.child_text("ProductIDType").unwrap_or_default();
        identifier.child_text("IDValue").map(|value| (kind, value.to_owned()))
    });
    let plain = PLAIN.iter().filter_map(|(name, kind)| element.child_text(name).map(|value| (*kind, value.to_owned())));
    composites.chain(plain).collect()
}

/// Says what stood in for a missing number.
pub(crate) fn tell(number: &Number, product: &Element, book: &mut Book<'_>) {
    if let Some(message) = number.stands_in {
        book.record.findings.warn_value(finding::SKU_MISSING, product, &number.sku, message);
    }
}
