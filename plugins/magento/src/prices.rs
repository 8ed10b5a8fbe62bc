//! Prices of a product: the ordinary one, and the special one within its dates.
//!
//! Whatever cannot be read for certain is no price: it is left out with a finding, and the item stays.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::Price;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::reading::{Bound, Record, day_and_time, instant};
use plugpoint_sdk::xml::Element;

/// All prices of a product that can be used.
pub(crate) fn read(info: &Element, record: &mut Record<'_>) {
    for (kind, name) in [("list", "price"), ("special", "special_price")] {
        let Some(sent) = info.child(name).filter(|sent| !sent.text().trim().is_empty()) else { continue };
        let price = record.price(sent, kind, sent.text(), None);
        let price = price.and_then(|price| if kind == "special" { dated(price, info, record) } else { Some(price) });
        if let Some(price) = price {
            record.push_price(sent, price);
        }
    }
}

/// The special price within its dates. A date that cannot be read makes it unusable: without its end it would hold for ever.
fn dated(price: Price, info: &Element, record: &mut Record<'_>) -> Option<Price> {
    let mut end = |name: &str, bound| {
        let Some(sent) = info.child(name).filter(|sent| !sent.text().trim().is_empty()) else { return Some(None) };
        let at = day(sent.text().trim(), bound);
        if at.is_none() {
            let message = "the date cannot be read; the special price was left out";
            record.findings.warn_text(finding::DATE_INVALID, sent, message);
        }
        at.map(Some)
    };
    let (valid_from, valid_to) = (end("special_from_date", Bound::Start)?, end("special_to_date", Bound::End)?);
    Some(Price { valid_from, valid_to, ..price })
}

/// `2024-05-01` or `2024-05-01 00:00:00`, as UTC. As an end, midnight means the end of that day: the shop holds the whole day.
fn day(text: &str, bound: Bound) -> Option<Timestamp> {
    match text.strip_suffix(" 00:00:00") {
        Some(date) => day_and_time(date, None, None, bound),
        None => instant(text, bound),
    }
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
            assert_eq!(day(text, bound).map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
    }
}
