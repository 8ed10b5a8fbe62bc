//! Prices and stock of an offer.
//!
//! Called by the reader of records. The amount is ЦенаЗаЕдиницу; Представление shows the same for people (` 1 719 RUB за пара`) and is
//! never read as a number.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Availability, decimal};
use plugpoint_sdk::reading::{Place, Record};
use plugpoint_sdk::xml::Element;
use rust_decimal::Decimal;

use crate::good::Unknown;
use crate::tables::Tables;
use crate::values::{currency, unit_of_code};

/// What holds for the prices of one element.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) tables: &'a Tables,
    /// The unit in which the good is kept.
    pub(crate) base_unit: Option<&'a str>,
    /// The value added tax, as a fraction.
    pub(crate) tax_rate: Option<Decimal>,
    /// From when and until when the whole package holds.
    pub(crate) validity: (Option<Timestamp>, Option<Timestamp>),
}

/// Цены.
pub(crate) fn prices(record: &mut Record<'_>, element: &Element, terms: Terms<'_>, unknown: &mut Unknown) {
    for price in element.children_named("Цены").flat_map(|prices| prices.children_named("Цена")) {
        one_price(record, price, terms, unknown);
    }
}

fn one_price(record: &mut Record<'_>, element: &Element, terms: Terms<'_>, unknown: &mut Unknown) {
    element.children_named("Представление").for_each(Element::pass_over);
    let id = element.child_text("ИдТипаЦены");
    let price_type = id.and_then(|id| terms.tables.price_type(id));
    // An id is a GUID, longer than a word may be with its hyphens.
    let kind = match price_type.map(|it| &*it.name).filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => {
            let id = id.unwrap_or_default();
            if !id.is_empty() && unknown.price_type(id) {
                let message = "the document does not name this price type; its kind is its id (catalog.price_kinds in the profile can name it; told once)";
                record.findings.warn_value(finding::FIELD_REQUIRED, element, id, message);
            }
            id.replace('-', "")
        }
    };
    let sent = element.child_text("Валюта").or_else(|| price_type?.currency.as_deref()).map(currency);
    let amount = element.child("ЦенаЗаЕдиницу");
    let (at, amount) = amount.map_or((element, ""), |amount| (amount, amount.text()));
    let Some(mut price) = record.price(at, &kind, amount, sent) else { return };
    price.tax_rate = terms.tax_rate;
    price.tax_included = price_type.and_then(|it| it.tax_included);
    (price.valid_from, price.valid_to) = terms.validity;
    if let Some(min) = element.child("МинКоличество") {
        price.min_quantity = record.positive(min, min.text());
    }
    let factor = element.child("Коэффициент").and_then(|factor| record.positive(factor, factor.text()));
    price.per_quantity = factor.filter(|factor| *factor != Decimal::ONE);
    // The amount is for one Единица, which is so many base units; where it is another unit, the base unit counts.
    let base = || terms.base_unit.map(str::to_owned);
    price.unit = match price.per_quantity {
        Some(_) => base(),
        None => element.child_text("Единица").map(|unit| unit_of(terms.tables, unit)).or_else(base),
    };
    record.push_price(element, price);
}

/// A unit as people or Rec 20 name it: from the document's own list, from the usual codes, else as it was sent.
pub(crate) fn unit_of(tables: &Tables, sent: &str) -> String {
    tables.unit(sent).or_else(|| unit_of_code(sent)).unwrap_or(sent).to_owned()
}

/// Количество, else the sum over the warehouses: Остатки of newer exchanges, or Склад with its attribute.
pub(crate) fn availability(record: &mut Record<'_>, element: &Element) -> Option<Availability> {
    let (at, quantity) = match element.child("Количество") {
        Some(total) => (total, record.number(total, total.text())?),
        None => (element, sum_of_stocks(record, element)?),
    };
    if quantity < Decimal::ZERO || !decimal::fits(&quantity) {
        let shown = quantity.to_string();
        record.findings.warn_value(
            finding::FIELD_RANGE,
            at,
            &shown,
            "the quantity is below 0 or too large; it was left out",
        );
        let status = if quantity < Decimal::ZERO { "out_of_stock" } else { "in_stock" };
        return Some(Availability { status: status.to_owned(), ..Availability::default() });
    }
    let status = if quantity.is_zero() { "out_of_stock" } else { "in_stock" };
    Some(Availability { status: status.to_owned(), quantity: Some(quantity), ..Availability::default() })
}

fn sum_of_stocks(record: &mut Record<'_>, element: &Element) -> Option<Decimal> {
    let rests: Vec<&Element> =
        element.children_named("Остатки").flat_map(|rests| rests.children_named("Остаток")).collect();
    let total = rests.iter().find_map(|rest| rest.child("Количество"));
    if let Some(total) = total {
        return record.number(total, total.text());
    }
    let in_warehouses = rests.iter().flat_map(|rest| rest.children_named("Склад"));
    let mut amounts: Vec<(Place<'_>, &str)> =
        in_warehouses.filter_map(|warehouse| warehouse.child("Количество")).map(|it| (it.into(), it.text())).collect();
    let plain = element.children_named("Склад");
    amounts.extend(plain.filter_map(|it| Some((it.into(), it.attribute("КоличествоНаСкладе")?))));
    let mut sum = None;
    for (at, amount) in amounts {
        let Some(amount) = record.number(at, amount) else { continue };
        sum = Some(sum.unwrap_or_default() + amount);
    }
    sum
}
