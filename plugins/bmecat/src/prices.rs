//! PRODUCT_PRICE_DETAILS: prices with validity, tiers, territories, tax and factor.
//!
//! Whatever cannot be read for certain is no price: it is left out with a finding, and the item stays. An amount is never
//! made up, least of all 0.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Price, decimal};
use plugpoint_sdk::reading::{Bound, Findings, day_and_time, instant, word};
use plugpoint_sdk::xml::Element;
use rust_decimal::Decimal;

use crate::assumed::{self, Assumed};
use crate::header;
use crate::record::Record;
use crate::spelling::{child, children, text};

/// What PRODUCT_ORDER_DETAILS says about all prices of a product.
#[derive(Default)]
pub(crate) struct OrderTerms {
    unit: Option<String>,
    per_quantity: Option<Decimal>,
}

impl OrderTerms {
    /// Reads the order details of a product.
    pub(crate) fn read(product: &Element, record: &mut Record<'_>) -> Self {
        let Some(details) = children(product, "PRODUCT_ORDER_DETAILS").next() else { return Self::default() };
        let is_no_price_unit = Assumed::read(product).has(assumed::PRICE_UNIT);
        let unit = details.child_text("ORDER_UNIT").filter(|_| !is_no_price_unit);
        let per_quantity = details.child("PRICE_QUANTITY").and_then(|sent| record.positive(sent, sent.text()));
        Self { unit: unit.map(str::to_owned), per_quantity }
    }
}

/// All prices of a product that can be used.
pub(crate) fn read(product: &Element, terms: &OrderTerms, record: &mut Record<'_>) -> Vec<Price> {
    let mut prices = Vec::new();
    for details in children(product, "PRODUCT_PRICE_DETAILS") {
        let Ok((valid_from, valid_to)) = validity(details, &mut record.findings) else {
            details.pass_over(); // a finding says so
            continue;
        };
        for sent in children(details, "PRODUCT_PRICE") {
            match one(sent, terms, record) {
                Some(price) => prices.push(Price { valid_from, valid_to, ..price }),
                None => sent.pass_over(), // a finding says so
            }
        }
    }
    prices
}

/// There is something about the prices that cannot be read; the finding says what.
struct Unusable;

type Validity = (Option<Timestamp>, Option<Timestamp>);

/// The validity of a block of prices. A date that cannot be read makes the block unusable: a price without its end would
/// hold for ever.
fn validity(details: &Element, findings: &mut Findings) -> Result<Validity, Unusable> {
    let mut validity = (None, None);
    for element in details.children() {
        let bound = match (element.name(), element.attribute("type")) {
            ("DATETIME", Some("valid_start_date")) | ("VALID_START_DATE", _) => Bound::Start,
            ("DATETIME", Some("valid_end_date")) | ("VALID_END_DATE", _) => Bound::End,
            _ => continue,
        };
        let date = element.child_text("DATE").or_else(|| text(element));
        let Some(date) = date else { continue };
        let (time, zone) = (element.child_text("TIME"), element.child_text("TIMEZONE"));
        let is_one_text = element.child("DATE").is_none();
        let at = if is_one_text { instant(date, bound) } else { day_and_time(date, time, zone, bound) };
        let Some(at) = at else {
            let message = "the validity of the prices cannot be read; they were left out";
            let sent = [Some(date), time, zone].into_iter().flatten().collect::<Vec<_>>().join(" ");
            findings.warn_value(finding::DATE_INVALID, element, &sent, message);
            return Err(Unusable);
        };
        match bound {
            Bound::Start => validity.0 = Some(at),
            Bound::End => validity.1 = Some(at),
        }
    }
    if let (Some(from), Some(to)) = validity
        && from > to
    {
        findings.warn(finding::DATE_INVALID, details, "the prices end before they begin; they were left out");
        return Err(Unusable);
    }
    Ok(validity)
}

fn one(sent: &Element, terms: &OrderTerms, record: &mut Record<'_>) -> Option<Price> {
    let amount = amount(sent, record)?;
    let currency = currency(sent, record)?;
    let sent_type = sent.attribute("price_type").unwrap_or_default();
    let kind = word(sent_type, "unspecified");
    let territories = header::territories(sent);
    // PRICE_BASE (2005): the price is for a unit other than the order unit.
    let base = sent.child("PRICE_BASE").and_then(|base| base.child_text("PRICE_UNIT"));
    let base = base.map(str::to_owned);
    Some(Price {
        tax_included: tax_included(&kind),
        tax_rate: tax_rate(sent, record),
        kind,
        amount,
        currency,
        min_quantity: min_quantity(sent, record),
        per_quantity: terms.per_quantity,
        unit: base.or_else(|| terms.unit.clone()),
        territories: if territories.is_empty() { record.ctx.header.territories.clone() } else { territories },
        ..Price::default()
    })
}

/// PRICE_AMOUNT times PRICE_FACTOR, or nothing with a finding.
fn amount(sent: &Element, record: &mut Record<'_>) -> Option<Decimal> {
    let Some((element, amount)) = child(sent, "PRICE_AMOUNT") else {
        let formula = sent.child("PRICE_FORMULA");
        match formula {
            Some(formula) => {
                record.findings.warn(
                    finding::PRICE_FORMULA_REFUSED,
                    formula,
                    "price formulas are not computed; the price was left out",
                );
            }
            None => record.findings.warn(
                finding::PRICE_AMOUNT_MISSING,
                sent,
                "the price has no PRICE_AMOUNT and was left out",
            ),
        }
        return None;
    };
    let amount = record.number(element, amount)?;
    let factor = match child(sent, "PRICE_FACTOR") {
        Some((element, factor)) => record.number(element, factor)?,
        None => Decimal::ONE,
    };
    if amount.is_sign_negative() && !amount.is_zero() || factor <= Decimal::ZERO {
        let message = "a price is not negative and its factor is above 0; the price was left out";
        record.findings.warn(finding::FIELD_RANGE, sent, message);
        return None;
    }
    if factor == Decimal::ONE {
        return Some(amount);
    }
    let product = amount.checked_mul(factor).map(rounded);
    // Rounding must not make a price of 0 out of a very small one.
    let product = product.filter(|product| decimal::fits(product) && product.is_zero() == amount.is_zero());
    if product.is_none() {
        record.findings.warn(
            finding::FIELD_RANGE,
            sent,
            "amount times factor is too large or too small; the price was left out",
        );
    }
    product
}

/// A computed decimal with the digits that one on the wire may have.
fn rounded(value: Decimal) -> Decimal {
    value.round_dp(decimal::FRACTION_DIGITS_MAX as u32).normalize()
}

fn currency(sent: &Element, record: &mut Record<'_>) -> Option<String> {
    match child(sent, "PRICE_CURRENCY") {
        Some((element, own)) => record.currency_of(element, Some(own)),
        None => record.currency_of(sent, None),
    }
}

/// TAX (also in TAX_DETAILS, 2005). The standard has fractions, real files have percentages too.
fn tax_rate(sent: &Element, record: &mut Record<'_>) -> Option<Decimal> {
    let details = sent.child("TAX_DETAILS").and_then(|details| child(details, "TAX"));
    let (element, tax) = child(sent, "TAX").or(details)?;
    record.tax_fraction(element, tax)
}

/// What the standard's own price types say about tax.
fn tax_included(kind: &str) -> Option<bool> {
    match kind {
        "gros_list" | "gross_list" => Some(true),
        _ if kind.starts_with("net_") => Some(false),
        _ => None,
    }
}

fn min_quantity(sent: &Element, record: &mut Record<'_>) -> Option<Decimal> {
    let element = sent.child("LOWER_BOUND")?;
    // "From 0" is how some say "from the first on".
    let bound = text(element)?;
    if decimal::parse(bound).is_ok_and(|bound| bound.is_zero()) { None } else { record.positive(element, bound) }
}
