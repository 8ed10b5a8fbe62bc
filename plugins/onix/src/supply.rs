//! SupplyDetail, of the product (2.1) or of its markets (3.x): availability and prices.

use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Availability, Decimal, decimal};
use plugpoint_sdk::reading::Bound;
use plugpoint_sdk::xml::Element;

use crate::book::{Book, date_of};
use crate::territories::Area;
use crate::{prices, territories, words};

/// Days until delivery that the model takes.
const LEAD_TIME_DAYS_MAX: u32 = 3650;

/// Names of attributes without a path that supply details give.
pub(crate) const NAMES: &[&str] = &["unpriced"];

/// What came of the prices.
#[derive(Default, Clone, Copy)]
pub(crate) struct Outcome {
    /// Prices with an amount were sent, and none of them could be used.
    pub(crate) lost_all_prices: bool,
}

/// Reads all supply details. The availability is that of the first which has one.
pub(crate) fn read(product: &Element, book: &mut Book<'_>) -> Outcome {
    let mut sent = 0;
    for detail in product.children_named("SupplyDetail") {
        available(detail, product.child("MarketRepresentation"), book);
        sent += prices::read(detail, &Area::Unsaid, book);
    }
    for supply in product.children_named("ProductSupply") {
        let area = territories::of_market(supply, &mut book.record);
        for detail in supply.children_named("SupplyDetail") {
            available(detail, supply.child("MarketPublishingDetail"), book);
            sent += prices::read(detail, &area, book);
        }
    }
    Outcome { lost_all_prices: sent > 0 && book.record.draft.data.prices.is_empty() }
}

fn available(detail: &Element, market: Option<&Element>, book: &mut Book<'_>) {
    if book.record.draft.data.availability.is_some() {
        return;
    }
    let codes = ["ProductAvailability", "AvailabilityCode"].map(|name| detail.child_text(name));
    let Some(status) = codes.into_iter().flatten().find_map(words::availability) else { return };
    let lead_time = detail.child("OrderTime");
    book.record.draft.data.availability = Some(Availability {
        status: status.to_owned(),
        quantity: stock(detail),
        lead_time_days: lead_time
            .and_then(|days| days.text().trim().parse().ok())
            .filter(|days| *days <= LEAD_TIME_DAYS_MAX),
        available_from: date(detail, market, book),
    });
}

/// What is on hand at all places together; words such as `100-500` are no number and stay as they are.
fn stock(detail: &Element) -> Option<Decimal> {
    let on_hand = detail.children_named("Stock").filter_map(|stock| stock.child("OnHand"));
    let mut total = None;
    for sent in on_hand {
        let count = decimal::parse(sent.text().trim()).ok().filter(|count| !count.is_sign_negative())?;
        total = Some(count.checked_add(total.unwrap_or_default()).filter(decimal::fits)?);
    }
    total
}

/// When it can be had: the supplier's date, else the market's.
fn date(detail: &Element, market: Option<&Element>, book: &mut Book<'_>) -> Option<Timestamp> {
    let expected = detail.children_named("SupplyDate").filter(|date| role(date, "SupplyDateRole", "08"));
    let expected = expected.filter_map(|date| date_of(date, "Date"));
    let plain = ["ExpectedShipDate", "OnSaleDate"].into_iter().filter_map(|name| date_of(detail, name));
    let published = market.into_iter().flat_map(|market| market.children_named("MarketDate"));
    let published =
        published.filter(|date| role(date, "MarketDateRole", "01")).filter_map(|date| date_of(date, "Date"));
    let (at, sent) = expected.chain(plain).chain(published).next()?;
    let name = at.name().to_owned();
    let read = sent.at(Bound::Start);
    if read.is_none() {
        book.fact(at, &name, sent.text);
    }
    read
}

/// Whether a date is of this role; of others the role is kept with the date.
fn role(date: &Element, name: &str, code: &str) -> bool {
    date.peek(name) == Some(code) && date.child_text(name).is_some()
}
