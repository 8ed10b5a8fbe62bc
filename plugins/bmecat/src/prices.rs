//! PRODUCT_PRICE_DETAILS: prices with validity, tiers, territories, tax and factor.
//!
//! Whatever cannot be read for certain is no price: it is left out with a finding, and the item stays. An amount is never
//! made up, least of all 0.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Price, decimal};
use plugpoint_sdk::xml::Element;
use rust_decimal::Decimal;

use crate::assumed::{self, Assumed};
use crate::header;
use crate::record::Context;
use crate::scalar::{Bound, instant, instant_in_one, token};
use crate::spelling::{child, children, text};
use plugpoint_sdk::xml::Findings;

/// What PRODUCT_ORDER_DETAILS says about all prices of a product.
#[derive(Default)]
pub(crate) struct OrderTerms {
    unit: Option<String>,
    per_quantity: Option<Decimal>,
}

impl OrderTerms {
    /// Reads the order details of a product.
    pub(crate) fn read(product: &Element, ctx: Context<'_>, findings: &mut Findings) -> Self {
        let Some(details) = children(product, "PRODUCT_ORDER_DETAILS").next() else { return Self::default() };
        let is_no_price_unit = Assumed::read(product).has(assumed::PRICE_UNIT);
        let unit = details.child_text("ORDER_UNIT").filter(|unit| unit.chars().count() <= 32 && !is_no_price_unit);
        let per_quantity = details.child("PRICE_QUANTITY").and_then(|sent| positive(sent, ctx, findings));
        Self { unit: unit.map(str::to_owned), per_quantity }
    }
}

/// All prices of a product that can be used.
pub(crate) fn read(product: &Element, terms: &OrderTerms, ctx: Context<'_>, findings: &mut Findings) -> Vec<Price> {
    let mut prices = Vec::new();
    for details in children(product, "PRODUCT_PRICE_DETAILS") {
        let Ok((valid_from, valid_to)) = validity(details, findings) else { continue };
        for sent in children(details, "PRODUCT_PRICE") {
            let price = one(sent, terms, ctx, findings);
            prices.extend(price.map(|price| Price { valid_from, valid_to, ..price }));
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
        let at = if is_one_text { instant_in_one(date, bound) } else { instant(date, time, zone, bound) };
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

fn one(sent: &Element, terms: &OrderTerms, ctx: Context<'_>, findings: &mut Findings) -> Option<Price> {
    let amount = amount(sent, ctx, findings)?;
    let currency = currency(sent, ctx, findings)?;
    let sent_type = sent.attribute("price_type").unwrap_or_default();
    let kind = token(sent_type, "unspecified");
    let territories = header::territories(sent);
    // PRICE_BASE (2005): the price is for a unit other than the order unit.
    let base = sent.child("PRICE_BASE").and_then(|base| base.child_text("PRICE_UNIT"));
    let base = base.filter(|unit| unit.chars().count() <= 32).map(str::to_owned);
    Some(Price {
        tax_included: tax_included(&kind),
        tax_rate: tax_rate(sent, ctx, findings),
        kind,
        amount,
        currency,
        min_quantity: min_quantity(sent, ctx, findings),
        per_quantity: terms.per_quantity,
        unit: base.or_else(|| terms.unit.clone()),
        territories: if territories.is_empty() { ctx.header.territories.clone() } else { territories },
        ..Price::default()
    })
}

/// PRICE_AMOUNT times PRICE_FACTOR, or nothing with a finding.
fn amount(sent: &Element, ctx: Context<'_>, findings: &mut Findings) -> Option<Decimal> {
    let Some((element, amount)) = child(sent, "PRICE_AMOUNT") else {
        let formula = sent.child("PRICE_FORMULA");
        match formula {
            Some(formula) => {
                findings.warn(
                    finding::PRICE_FORMULA_REFUSED,
                    formula,
                    "price formulas are not computed; the price was left out",
                );
            }
            None => {
                findings.warn(finding::PRICE_AMOUNT_MISSING, sent, "the price has no PRICE_AMOUNT and was left out")
            }
        }
        return None;
    };
    let amount = number(element, amount, ctx, findings)?;
    let factor = match child(sent, "PRICE_FACTOR") {
        Some((element, factor)) => number(element, factor, ctx, findings)?,
        None => Decimal::ONE,
    };
    if amount.is_sign_negative() && !amount.is_zero() || factor <= Decimal::ZERO {
        let message = "a price is not negative and its factor is above 0; the price was left out";
        findings.warn(finding::FIELD_RANGE, sent, message);
        return None;
    }
    if factor == Decimal::ONE {
        return Some(amount);
    }
    let product = amount.checked_mul(factor).map(rounded);
    // Rounding must not make a price of 0 out of a very small one.
    let product = product.filter(|product| decimal::fits(product) && product.is_zero() == amount.is_zero());
    if product.is_none() {
        findings.warn(
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

fn currency(sent: &Element, ctx: Context<'_>, findings: &mut Findings) -> Option<String> {
    let Some((element, own)) = child(sent, "PRICE_CURRENCY") else {
        let inherited = ctx.header.currency.clone();
        if inherited.is_none() {
            let message = "neither price, header nor profile names a currency; the price was left out";
            findings.warn(finding::CURRENCY_MISSING, sent, message);
        }
        return inherited;
    };
    let code = header::currency(own);
    if code.is_none() {
        findings.warn_value(finding::CURRENCY_UNKNOWN, element, own, "no active ISO 4217 code; the price was left out");
    }
    code
}

/// TAX (also in TAX_DETAILS, 2005). The standard has fractions, real files have percentages too.
fn tax_rate(sent: &Element, ctx: Context<'_>, findings: &mut Findings) -> Option<Decimal> {
    let details = sent.child("TAX_DETAILS").and_then(|details| child(details, "TAX"));
    let (element, tax) = child(sent, "TAX").or(details)?;
    let rate = number(element, tax, ctx, findings)?;
    if rate > Decimal::ONE && rate <= Decimal::ONE_HUNDRED {
        findings.warn_value(finding::TAX_PERCENT, element, tax, "a tax above 1 was read as a percentage");
        return Some(rounded(rate / Decimal::ONE_HUNDRED));
    }
    if rate < Decimal::ZERO || rate > Decimal::ONE {
        findings.warn_value(
            finding::FIELD_RANGE,
            element,
            tax,
            "the tax is neither a fraction nor a percentage; it was left out",
        );
        return None;
    }
    Some(rate)
}

/// What the standard's own price types say about tax.
fn tax_included(kind: &str) -> Option<bool> {
    match kind {
        "gros_list" | "gross_list" => Some(true),
        _ if kind.starts_with("net_") => Some(false),
        _ => None,
    }
}

fn min_quantity(sent: &Element, ctx: Context<'_>, findings: &mut Findings) -> Option<Decimal> {
    let element = sent.child("LOWER_BOUND")?;
    // "From 0" is how some say "from the first on".
    if text(element).is_some_and(|bound| decimal::parse(bound).is_ok_and(|bound| bound.is_zero())) {
        return None;
    }
    positive(element, ctx, findings)
}

/// A number above 0, or nothing with a finding.
pub(crate) fn positive(element: &Element, ctx: Context<'_>, findings: &mut Findings) -> Option<Decimal> {
    let sent = text(element)?;
    let value = number(element, sent, ctx, findings)?;
    if value <= Decimal::ZERO {
        findings.warn_value(finding::FIELD_RANGE, element, sent, "the number is not above 0; it was left out");
        return None;
    }
    Some(value)
}

/// A decimal as the profile says senders write it, or nothing with a finding.
pub(crate) fn number(element: &Element, sent: &str, ctx: Context<'_>, findings: &mut Findings) -> Option<Decimal> {
    match decimal::parse_with(sent, ctx.profile.decimal_comma) {
        Ok(value) => Some(value),
        Err(error) => {
            findings.warn_value(finding::DECIMAL_INVALID, element, sent, format!("{:?} {error}", shown(sent)));
            None
        }
    }
}

fn shown(sent: &str) -> String {
    sent.chars().take(40).collect()
}
