//! Who publishes the book, where it stands in its life, and when it appears.

use plugpoint_sdk::model::ItemStatus;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::reading::Bound;
use plugpoint_sdk::xml::Element;

use crate::book::{Book, Found, date_of, found};
use crate::words;

const BLOCK: &str = "PublishingDetail";

/// Names of attributes without a path that this block gives.
pub(crate) const NAMES: &[&str] = &["publisher", "publication_date"];

/// What an update has to know of it.
#[derive(Default, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) has_status: bool,
    pub(crate) published: Option<Timestamp>,
}

/// Reads all of it. A record that only announces a book, and names no status, makes it an announced one.
pub(crate) fn read(product: &Element, book: &mut Book<'_>, is_advance: bool) -> Outcome {
    let mut outcome = Outcome::default();
    let imprints = found(product, BLOCK, "Imprint").filter_map(|imprint| imprint.element.child_text("ImprintName"));
    let imprint = imprints.chain(product.child_text("ImprintName")).next();
    book.record.brand(imprint.unwrap_or_default());
    for publisher in found(product, BLOCK, "Publisher") {
        let role = publisher.element.child_text("PublishingRole").unwrap_or("01");
        let Some(name) = publisher.element.child_text("PublisherName") else { continue };
        let is_own = matches!(role, "01" | "02");
        let fact = if is_own { "publisher".to_owned() } else { publisher.path(role) };
        book.fact(publisher.element, &fact, name);
        if is_own {
            book.record.brand(name);
        }
    }
    if let Some(name) = product.child("PublisherName") {
        book.fact(name, "publisher", name.text());
        book.record.brand(name.text());
    }
    let status = found(product, BLOCK, "PublishingStatus")
        .map(|status| status.element.text().trim())
        .find(|code| !code.is_empty());
    outcome.has_status = status.is_some();
    book.record.draft.data.status = match status {
        Some(code) => words::status(code),
        None if is_advance => ItemStatus::Announced,
        None => ItemStatus::Active,
    };
    for date in found(product, BLOCK, "PublishingDate") {
        let role = date.element.child_text("PublishingDateRole").unwrap_or_default();
        one_date(date, role, "Date", book, &mut outcome);
    }
    if date_of(product, "PublicationDate").is_some() {
        one_date(Found::of_product(product), "01", "PublicationDate", book, &mut outcome);
    }
    outcome
}

fn one_date(found: Found<'_>, role: &str, name: &str, book: &mut Book<'_>, outcome: &mut Outcome) {
    let Some((at, sent)) = date_of(found.element, name) else { return };
    if role != "01" {
        return book.fact(at, &found.path(role), &sent.shown());
    }
    book.fact(at, "publication_date", &sent.shown());
    outcome.published = outcome.published.or_else(|| sent.at(Bound::Start));
}
