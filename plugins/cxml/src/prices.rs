//! UnitPrice: an amount, for how much of which unit, from when until when, and where.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::Price;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::reading::{Bound, Record};
use plugpoint_sdk::xml::Element;

use crate::CXML;

/// The kind of a UnitPrice: what this buyer pays, before tax.
const KIND: &str = "net";

/// When and where the prices of an item hold.
#[derive(Default)]
pub(crate) struct Terms {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    territories: Vec<String>,
}

impl Terms {
    /// Those of IndexItemDetail, where dates and territories stand, or of PunchoutDetail. They are read only if there is a price
    /// for them to hold for; else they stay, and are kept as attributes.
    pub(crate) fn find(element: &Element, record: &mut Record<'_>) -> Self {
        let has_price =
            element.children().iter().any(|detail| detail.children().iter().any(|it| it.name() == "UnitPrice"));
        let mut terms = Self::default();
        for detail in element.children().iter().filter(|_| has_price) {
            terms.add(detail, record);
        }
        terms
    }

    /// Those of a contract.
    pub(crate) fn of(at: &Element, from: Option<&str>, to: Option<&str>, record: &mut Record<'_>) -> Self {
        Self {
            from: record.instant(at, from.unwrap_or_default(), Bound::Start),
            to: record.instant(at, to.unwrap_or_default(), Bound::End),
            territories: Vec::new(),
        }
    }

    fn add(&mut self, detail: &Element, record: &mut Record<'_>) {
        if let Some(date) = detail.child("EffectiveDate") {
            self.from = record.instant(date, date.text(), Bound::Start).or(self.from);
        }
        if let Some(date) = detail.child("ExpirationDate") {
            self.to = record.instant(date, date.text(), Bound::End).or(self.to);
        }
        let territories = detail.children_named("TerritoryAvailable").map(|it| it.text().trim());
        self.territories.extend(territories.filter(|it| !it.is_empty()).map(str::to_owned));
    }

    fn apply(&self, price: &mut Price) {
        price.valid_from = self.from;
        price.valid_to = self.to;
        price.territories.clone_from(&self.territories);
    }
}

/// Reads the prices of a detail.
pub(crate) fn read(detail: &Element, terms: &Terms, record: &mut Record<'_>) {
    for unit_price in detail.children_named("UnitPrice") {
        let basis = detail.child("PriceBasisQuantity");
        let prices = amounts(unit_price, record);
        if prices.is_empty() {
            continue;
        }
        let sent = basis.and_then(|it| it.attribute("quantity")).map(str::trim).filter(|sent| !sent.is_empty());
        let per_quantity = basis.zip(sent).and_then(|(at, sent)| record.positive(at, sent));
        if sent.is_some() && per_quantity.is_none() {
            let message = "for how many the price is cannot be read; the price was left out";
            record.findings.warn(finding::FIELD_INVALID, unit_price, message);
            continue;
        }
        let unit = unit(detail, basis, record);
        for mut price in prices {
            price.per_quantity = per_quantity;
            price.unit.clone_from(&unit);
            terms.apply(&mut price);
            record.push_price(unit_price, price);
        }
    }
}

/// The amount, and the one in another currency beside it.
fn amounts(unit_price: &Element, record: &mut Record<'_>) -> Vec<Price> {
    let Some(money) = unit_price.child("Money") else {
        // Without Money the amount may stand in the price itself, as some senders write it.
        return record
            .price(unit_price, KIND, unit_price.text(), unit_price.attribute("currency"))
            .into_iter()
            .collect();
    };
    let mut prices: Vec<Price> =
        record.price(money, KIND, money.text(), money.attribute("currency")).into_iter().collect();
    let alternate = money.attribute("alternateAmount").filter(|amount| !amount.trim().is_empty());
    if let Some(amount) = alternate {
        match money.attribute("alternateCurrency").filter(|currency| !currency.trim().is_empty()) {
            Some(currency) => prices.extend(record.price(money, KIND, amount, Some(currency))),
            None => {
                let message = "the alternate amount names no currency; it was left out";
                record.findings.warn_value(finding::CURRENCY_MISSING, money, amount, message);
            }
        }
    }
    prices
}

/// The unit that the price is for. The unit in which the item is ordered stays an attribute where it is another one.
fn unit(detail: &Element, basis: Option<&Element>, record: &mut Record<'_>) -> Option<String> {
    let order = detail.child("UnitOfMeasure");
    let order_unit = order.map(|it| it.text().trim()).filter(|it| !it.is_empty());
    let Some(basis_unit) = basis.and_then(|it| it.child_text("UnitOfMeasure")) else {
        return order_unit.map(str::to_owned);
    };
    if let (Some(at), Some(order_unit)) = (order, order_unit.filter(|it| *it != basis_unit)) {
        record.fact(at, CXML, "UnitOfMeasure", order_unit);
    }
    Some(basis_unit.to_owned())
}
