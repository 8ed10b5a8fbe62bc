//! Amounts, price units and discounts.
//!
//! Called for the records A, P and Z. The format writes an amount as whole cents, and a price unit as a code (version 4) or as the
//! quantity itself (version 5). Prices never contain the value added tax. A price of 0 is no price: the standard fills the field so when
//! prices come in a file of their own. Nothing is computed: a discount is kept as it is.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Attribute, Price};
use plugpoint_sdk::reading::{Place, Record};
use rust_decimal::Decimal;

use crate::fields::{At, Fields, Version};
use crate::tables::Tables;

/// The system of attributes that the format defines.
pub(crate) const SYSTEM: &str = "datanorm";

/// Whole numbers with so many decimals in their last digits.
const CENTS: u32 = 2;

/// The kind of price of a Preiskennzeichen; nothing for one that says there is none (9: on request).
pub(crate) fn kind_of(sent: &str) -> Option<&'static str> {
    match sent {
        "1" => Some("list"),
        "2" => Some("net"),
        "3" => Some("factory"),
        "9" => None,
        _ => Some("unspecified"),
    }
}

/// A price of this amount; nothing if it is 0 or empty, or with a finding if it cannot be read.
pub(crate) fn price(record: &mut Record<'_>, fields: &Fields<'_>, kind: usize, amount: usize) -> Option<Price> {
    let (at, sent) = (fields.at(amount), fields.nonzero(amount));
    let Some(kind) = kind_of(fields.get(kind)) else {
        record.fact(&fields.at(kind), SYSTEM, "Preis", "auf Anfrage");
        return None;
    };
    let sent = sent?;
    let value = scaled(record, &at, sent, CENTS)?;
    // The header's currency is held against the list as one that was sent.
    let currency = record.currency.clone();
    let mut price = record.price(&at, kind, &value, currency.as_deref())?;
    price.tax_included = Some(false);
    Some(price)
}

/// A number of the format as a decimal: whole, its last digits being decimals. One with a point, or with a comma where the profile
/// allows it, is what it says.
pub(crate) fn scaled<'a>(
    record: &mut Record<'_>,
    at: impl Into<Place<'a>>,
    sent: &str,
    decimals: u32,
) -> Option<String> {
    let at = at.into();
    let value = record.not_negative(at, sent)?;
    if !sent.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.to_string());
    }
    let mut value = value;
    if value.set_scale(decimals).is_err() {
        record.findings.warn_value(finding::DECIMAL_INVALID, at, sent, "the number is too long; it was left out");
        return None;
    }
    Some(value.to_string())
}

/// How many units the amount buys; nothing with a finding for a code that there is none of.
pub(crate) fn price_unit(
    record: &mut Record<'_>,
    fields: &Fields<'_>,
    index: usize,
    version: Version,
) -> Option<Decimal> {
    let sent = fields.get(index);
    if version == Version::Five {
        return if sent.is_empty() || sent == "0" {
            Some(Decimal::ONE)
        } else {
            record.positive(&fields.at(index), sent)
        };
    }
    match sent {
        "" | "0" => Some(Decimal::ONE),
        "1" => Some(Decimal::TEN),
        "2" => Some(Decimal::ONE_HUNDRED),
        "3" => Some(Decimal::ONE_THOUSAND),
        _ => {
            let message = "the price unit is none of 0, 1, 2, 3 (for 1, 10, 100, 1000); the price was left out";
            record.findings.warn_value(finding::FIELD_INVALID, &fields.at(index), sent, message);
            None
        }
    }
}

/// What the model knows as the quantity of a price: 1 is none.
pub(crate) fn per_quantity(unit: Decimal) -> Option<Decimal> {
    Some(unit).filter(|unit| *unit != Decimal::ONE)
}

/// A discount group by its code, with what the document says about it.
pub(crate) fn discount_group(record: &mut Record<'_>, fields: &Fields<'_>, index: usize, tables: &Tables) {
    let (at, code) = (fields.at(index), fields.get(index));
    record.fact(&at, SYSTEM, "Rabattgruppe", code);
    if let Some(group) = tables.discount(code) {
        record.fact(&at, SYSTEM, "Rabattgruppe/Bezeichnung", &group.label);
        discount(record, &at, &group.kind, &group.value, "Rabattgruppe/");
    }
}

/// Up to three discounts as pairs of a code and a value, from a field on. Code 0 names a discount group.
pub(crate) fn discounts(record: &mut Record<'_>, fields: &Fields<'_>, first: usize, tables: &Tables) {
    for number in 0..3 {
        let (kind, value) = (first + 2 * number, first + 2 * number + 1);
        match fields.get(kind) {
            "" => _ = fields.nonzero(value),
            "0" => {
                if fields.nonzero(value).is_some() {
                    discount_group(record, fields, value, tables);
                }
            }
            code => {
                if let Some(sent) = fields.nonzero(value) {
                    discount(record, &fields.at(value), code, sent, &format!("{} ", number + 1));
                }
            }
        }
    }
}

/// One discount: percent with two decimals, a factor with three, a surcharge for rising costs with two.
fn discount(record: &mut Record<'_>, at: &At, code: &str, sent: &str, place: &str) {
    let (name, decimals, unit) = match code {
        "1" => ("Rabatt", 2, Some("%")),
        "2" => ("Multiplikator", 3, None),
        "3" => ("Teuerungszuschlag", 2, Some("%")),
        _ => {
            let message = "the kind of discount is none of 0, 1, 2, 3; it was left out";
            return record.findings.warn_value(finding::FIELD_INVALID, at, code, message);
        }
    };
    let Some(value) = scaled(record, at, sent, decimals) else { return };
    let (name, system) = (format!("{place}{name}"), Some(SYSTEM.to_owned()));
    let unit = unit.map(str::to_owned);
    record.attribute(at, Attribute { name, values: vec![value], unit, system, ..Attribute::default() });
}
