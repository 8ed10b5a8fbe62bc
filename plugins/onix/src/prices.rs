//! Price: amount, currency, tax, validity, territory. Whatever cannot be read for certain leaves the price out with a finding.
//!
//! Terms that the item has no place for (discounts, who prints what on the cover) stay unread and are listed as unmapped.

use std::collections::{HashMap, HashSet};

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Decimal, Price, decimal};
use plugpoint_sdk::reading::Bound;
use plugpoint_sdk::xml::Element;

use crate::book::{Book, date_of};
use crate::territories::{self, Area};
use crate::words;

/// As many prices as an item may have; of those beyond, only that they are too many is said.
const PRICES_MAX: usize = 1024;

struct Sent<'e> {
    element: &'e Element,
    kind: String,
    tax_included: Option<bool>,
    area: Area,
}

/// Reads the prices of one supply detail; gives how many with an amount there were.
pub(crate) fn read(detail: &Element, market: &Area, book: &mut Book<'_>) -> usize {
    if let Some(code) = detail.child_text("UnpricedItemType") {
        book.fact(detail, "unpriced", words::unpriced(code).unwrap_or(code));
    }
    let mut sent = Vec::new();
    let mut count = 0;
    for element in detail.children_named("Price") {
        if let Some(code) = element.child_text("UnpricedItemType").filter(|_| !is_free(element)) {
            book.fact(element, "unpriced", words::unpriced(code).unwrap_or(code));
            continue;
        }
        count += 1;
        if sent.len() <= PRICES_MAX {
            let (kind, tax_included) = kind(element, book);
            let own = territories::of_price(element, &mut book.record);
            let area = if own == Area::Unsaid { market.clone() } else { own };
            sent.push(Sent { element, kind, tax_included, area });
        }
    }
    let mut taken: HashMap<String, HashSet<String>> = HashMap::new();
    for price in &sent {
        if let Area::Only(countries) = &price.area {
            taken.entry(price.kind.clone()).or_default().extend(countries.iter().cloned());
        }
    }
    let none = HashSet::new();
    for price in sent {
        let territories = price.area.countries(taken.get(&price.kind).unwrap_or(&none));
        one(&price, territories, book);
    }
    count
}

/// Free of charge in a currency is a price of nothing, which the standard has no amount for.
fn is_free(price: &Element) -> bool {
    price.peek("UnpricedItemType") == Some("01") && price.child("CurrencyCode").is_some()
}

/// The price's kind, with whom it is for, and whether the tax is in it.
fn kind(price: &Element, book: &mut Book<'_>) -> (String, Option<bool>) {
    let own = price.child_text("PriceType").or_else(|| price.child_text("PriceTypeCode")).map(str::to_owned);
    let (word, tax_included) = match own.or_else(|| book.header.price_type.clone()) {
        Some(code) => match words::price_type(&code) {
            Some((word, tax_included)) => (word.to_owned(), Some(tax_included)),
            None => (format!("type_{code}"), None),
        },
        // Without a type the sender's own name of it is all there is.
        None => match price.child_text("PriceTypeDescription") {
            Some(name) => (plugpoint_sdk::reading::word(name, "unspecified"), None),
            None => return ("unspecified".to_owned(), None),
        },
    };
    let qualifier = price.child_text("PriceQualifier").map(|code| words::price_qualifier(code).unwrap_or(code));
    let is_rental = price.children_named("PriceCondition").any(|it| it.peek("PriceConditionType") == Some("10"));
    let parts = [Some(word.as_str()), qualifier.filter(|word| !word.is_empty()), is_rental.then_some("rental")];
    (parts.into_iter().flatten().collect::<Vec<_>>().join("_"), tax_included)
}

fn one(sent: &Sent<'_>, territories: Vec<String>, book: &mut Book<'_>) {
    let element = sent.element;
    let amount = if is_free(element) { "0" } else { element.child_text("PriceAmount").unwrap_or_default() };
    let currency = element.child_text("CurrencyCode");
    let Some(price) = book.record.price(element, &sent.kind, amount, currency) else { return };
    let Some((valid_from, valid_to)) = validity(element, book) else { return };
    let price = Price {
        tax_included: sent.tax_included,
        tax_rate: tax_rate(element, book),
        min_quantity: min_quantity(element, book),
        valid_from,
        valid_to,
        territories,
        ..price
    };
    book.record.push_price(element, price);
}

/// From when until when; nothing if it cannot be read: a price without its end would hold for ever.
fn validity(price: &Element, book: &mut Book<'_>) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
    let (mut from, mut to) = (None, None);
    let plain = [("PriceEffectiveFrom", "14"), ("PriceEffectiveUntil", "15")];
    let plain = plain.into_iter().filter_map(|(name, role)| date_of(price, name).map(|date| (role, date)));
    let dates = price.children_named("PriceDate").filter_map(|date| {
        let role = date.child_text("PriceDateRole").unwrap_or_default();
        date_of(date, "Date").map(|date| (role, date))
    });
    for (role, (at, sent)) in plain.chain(dates) {
        let (start, end) = (sent.at(Bound::Start), sent.at(Bound::End));
        match (role, start, end) {
            ("14", Some(start), _) => from = Some(start),
            ("15", _, Some(end)) => to = Some(end),
            ("24", Some(start), Some(end)) => (from, to) = (Some(start), Some(end)),
            ("14" | "15" | "24", ..) => {
                let message = "the validity of the price cannot be read; the price was left out";
                book.record.findings.warn_value(finding::DATE_INVALID, at, sent.text, message);
                return None;
            }
            _ => book.fact(at, &format!("PriceDate/{role}"), sent.text),
        }
    }
    Some((from, to))
}

/// The one rate that holds for the whole price. Parts with rates of their own have none in common.
fn tax_rate(price: &Element, book: &mut Book<'_>) -> Option<Decimal> {
    if price.child("TaxExempt").is_some() {
        return Some(Decimal::ZERO);
    }
    let mut rates: Vec<Decimal> = Vec::new();
    let composites = price.children_named("Tax").map(|tax| (tax, "TaxRatePercent", "TaxRateCode"));
    let plain = [("TaxRatePercent1", "TaxRateCode1"), ("TaxRatePercent2", "TaxRateCode2")];
    let plain = plain.into_iter().map(|(percent, code)| (price, percent, code));
    for (tax, percent, code) in composites.chain(plain) {
        let code = tax.child_text(code);
        let rate = match tax.child(percent) {
            Some(percent) => book.record.tax_percent(percent, percent.text()),
            None => matches!(code, Some("Z")).then_some(Decimal::ZERO),
        };
        rates.extend(rate);
    }
    let first = rates.first().copied()?;
    if rates.iter().all(|rate| *rate == first) {
        return Some(first);
    }
    let message = "the price has more than one tax rate; none was taken over";
    book.record.findings.warn(finding::PART_IGNORED, price, message);
    None
}

/// The smallest number of copies for which the price holds.
fn min_quantity(price: &Element, book: &mut Book<'_>) -> Option<Decimal> {
    let conditions = price.children_named("PriceCondition").flat_map(|it| it.children_named("PriceConditionQuantity"));
    let copies = conditions.filter(|quantity| quantity.peek("PriceConditionQuantityType") == Some("04"));
    let copies = copies.filter_map(|quantity| quantity.child("Quantity")).next();
    let element = price.child("MinimumOrderQuantity").or(copies)?;
    // "From 0" is how some say "from the first on".
    if decimal::parse(element.text().trim()).is_ok_and(|quantity| quantity.is_zero()) {
        return None;
    }
    book.record.positive(element, element.text())
}
