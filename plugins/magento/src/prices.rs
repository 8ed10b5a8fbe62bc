//! Prices of a product: the ordinary one, and the special one within its dates.
//!
//! Whatever cannot be read for certain is no price: it is left out with a finding, and the item stays.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Price, decimal};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::xml::Element;
use rust_decimal::Decimal;

use plugpoint_sdk::reading::Findings;

/// Which end of a validity a date stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Start,
    End,
}

/// All prices of a product that can be used.
pub(crate) fn read(info: &Element, profile: &CatalogProfile, findings: &mut Findings) -> Vec<Price> {
    let list = info.child("price").and_then(|sent| price("list", sent, profile, findings));
    let special = info.child("special_price").and_then(|sent| price("special", sent, profile, findings));
    let special = special.and_then(|price| dated(price, info, findings));
    list.into_iter().chain(special).collect()
}

fn price(kind: &str, sent: &Element, profile: &CatalogProfile, findings: &mut Findings) -> Option<Price> {
    let amount = number(sent, profile, findings)?;
    let Some(currency) = &profile.currency else {
        findings.warn_text(
            finding::CURRENCY_MISSING,
            sent,
            "the service names no currency; set catalog.currency in the profile",
        );
        return None;
    };
    Some(Price { kind: kind.to_owned(), amount, currency: currency.clone(), ..Price::default() })
}

/// A number that is not negative; an empty element is none.
pub(crate) fn number(sent: &Element, profile: &CatalogProfile, findings: &mut Findings) -> Option<Decimal> {
    let text = Some(sent.text().trim()).filter(|text| !text.is_empty())?;
    match decimal::parse_with(text, profile.decimal_comma) {
        Ok(number) if number < Decimal::ZERO => {
            findings.warn_text(finding::FIELD_RANGE, sent, "the number is negative; it was left out");
            None
        }
        Ok(number) => Some(number),
        Err(error) => {
            findings.warn_text(finding::DECIMAL_INVALID, sent, format!("the value {error}; it was left out"));
            None
        }
    }
}

/// The special price within its dates. A date that cannot be read makes it unusable: without its end it would hold for ever.
fn dated(price: Price, info: &Element, findings: &mut Findings) -> Option<Price> {
    let mut end = |name: &str, bound| {
        let Some(sent) = info.child(name).filter(|sent| !sent.text().trim().is_empty()) else { return Some(None) };
        let at = instant(sent.text().trim(), bound);
        if at.is_none() {
            findings.warn_text(finding::DATE_INVALID, sent, "the date cannot be read; the special price was left out");
        }
        at.map(Some)
    };
    let (valid_from, valid_to) = (end("special_from_date", Bound::Start)?, end("special_to_date", Bound::End)?);
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && from > to
    {
        let message = format!("the special price ends ({to}) before it begins ({from}); it was left out");
        let at = info.child("special_to_date").unwrap_or(info);
        findings.warn_text(finding::DATE_INVALID, at, message);
        return None;
    }
    Some(Price { valid_from, valid_to, ..price })
}

/// `2024-05-01` or `2024-05-01 00:00:00`, as UTC. As an end, midnight means the end of that day: the shop holds the whole day.
fn instant(text: &str, bound: Bound) -> Option<Timestamp> {
    let (date, time) = match text.len() {
        10 => (text.parse::<Date>().ok()?, Time::midnight()),
        19 => {
            let at: DateTime = text.parse().ok()?;
            (at.date(), at.time())
        }
        _ => return None,
    };
    let time = if bound == Bound::End && time == Time::midnight() { Time::constant(23, 59, 59, 0) } else { time };
    date.to_datetime(time).to_zoned(TimeZone::UTC).ok().map(|at| Timestamp(at.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let cases = [
            ("2024-05-01", Bound::Start, Some("2024-05-01T00:00:00Z")),
            ("2024-05-01 00:00:00", Bound::Start, Some("2024-05-01T00:00:00Z")),
            ("2024-05-01 00:00:00", Bound::End, Some("2024-05-01T23:59:59Z")),
            ("2024-05-01", Bound::End, Some("2024-05-01T23:59:59Z")),
            ("2024-05-01 12:30:00", Bound::End, Some("2024-05-01T12:30:00Z")),
            ("0000-00-00 00:00:00", Bound::Start, None),
            ("2024-02-30", Bound::Start, None),
            ("01.05.2024", Bound::Start, None),
            ("tomorrow", Bound::Start, None),
        ];
        for (text, bound, expected) in cases {
            assert_eq!(instant(text, bound).map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
    }
}
