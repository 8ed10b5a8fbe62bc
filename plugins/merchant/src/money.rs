//! Amounts with their currency in one text, and the prices of an item.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::reading::{Bound, Record};
use plugpoint_sdk::xml::Element;

use crate::item::find;

/// Elements that are prices, and the kinds that they are.
const PRICES: [(&str, &str); 4] = [
    ("price", "retail"),
    ("sale_price", "sale"),
    ("cost_of_goods_sold", "cost"),
    ("maximum_retail_price", "maximum_retail"),
];

/// Reads all prices of an item.
pub(crate) fn read(item: &Element, record: &mut Record<'_>) {
    for (name, kind) in PRICES {
        let Some(element) = find(item, name) else { continue };
        let (amount, currency) = split(element.text());
        let currency = currency.or_else(|| element.attribute("currency"));
        let Some(mut price) = record.price(element, kind, amount, currency) else { continue };
        if name == "sale_price" {
            (price.valid_from, price.valid_to) = sale_dates(item, record);
        }
        record.push_price(element, price);
    }
}

/// `15.00 USD`, `USD 15.00`, `15.00USD`: the amount, and the code if there is one.
fn split(sent: &str) -> (&str, Option<&str>) {
    let sent = sent.trim();
    let is_code = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_apart = |neighbour: Option<char>| neighbour.is_some_and(|it| !it.is_alphabetic());
    if let Some((amount, code)) = sent.len().checked_sub(3).and_then(|at| sent.split_at_checked(at))
        && is_code(code)
        && is_apart(amount.chars().next_back())
    {
        return (amount.trim_end(), Some(code));
    }
    match sent.split_at_checked(3) {
        Some((code, amount)) if is_code(code) && is_apart(amount.chars().next()) => (amount.trim_start(), Some(code)),
        _ => (sent, None),
    }
}

/// Two points in time with a slash in between.
fn sale_dates(item: &Element, record: &mut Record<'_>) -> (Option<Timestamp>, Option<Timestamp>) {
    let Some(element) = find(item, "sale_price_effective_date") else { return (None, None) };
    let Some((from, to)) = element.text().split_once('/') else {
        let message = "the dates of the sale are not two with a slash in between; they were left out";
        record.findings.warn_text(finding::DATE_INVALID, element, message);
        return (None, None);
    };
    (record.instant(element, from, Bound::Start), record.instant(element, to, Bound::End))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn amount_and_code_stand_in_any_order() {
        let cases = [
            ("15.00 USD", ("15.00", Some("USD"))),
            (" 15,00\u{a0}EUR ", ("15,00", Some("EUR"))),
            ("USD 15.00", ("15.00", Some("USD"))),
            ("15.00usd", ("15.00", Some("usd"))),
            ("CHF15", ("15", Some("CHF"))),
            ("15.00", ("15.00", None)),
            ("15.00 Euro", ("15.00 Euro", None)),
            ("€ 15.00", ("€ 15.00", None)),
            ("USD", ("USD", None)),
            ("", ("", None)),
        ];
        for (sent, expected) in cases {
            assert_eq!(split(sent), expected, "{sent}");
        }
    }
}
