//! Numbers and prices as people type them into lists: thousands, currency marks. Pure functions over text.
//!
//! Only what has one meaning is read. `12,50` without a word of the profile, `1,234`, `12,-` and `4E3` stay as they are, and whoever
//! reads them as a number says why not.

use super::row::{Cell, Kind};

/// Marks of money that mean one currency.
const MARKS: &[(&str, &str)] = &[
    ("€", "EUR"),
    ("£", "GBP"),
    ("zł", "PLN"),
    ("zl", "PLN"),
    ("₽", "RUB"),
    ("руб.", "RUB"),
    ("руб", "RUB"),
    ("р.", "RUB"),
    ("kč", "CZK"),
    ("ft", "HUF"),
    ("₴", "UAH"),
    ("₹", "INR"),
    ("sfr.", "CHF"),
    ("fr.", "CHF"),
    ("us$", "USD"),
];

/// Marks of several currencies: which one, a column or the profile has to say.
const SHARED_MARKS: &[&str] = &["$", "¥", "kr", "kr."];

/// A price in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    /// The number, ready to be read.
    pub(crate) number: String,
    /// The currency that stands beside it, as a code.
    pub(crate) currency: Option<String>,
}

/// The currency that a mark or code means.
pub(crate) fn currency(mark: &str) -> Option<String> {
    let lower = mark.trim().to_lowercase();
    let known = MARKS.iter().find(|(sign, _)| *sign == lower).map(|(_, code)| (*code).to_owned());
    let is_code = lower.len() == 3 && lower.bytes().all(|byte| byte.is_ascii_lowercase());
    known.or_else(|| is_code.then(|| lower.to_uppercase()))
}

/// A price cell in its parts: `12,50 EUR`, `€ 12.50`.
pub(crate) fn amount(cell: Cell<'_>, decimal_comma: bool) -> Amount {
    let text = cell.text;
    let is_of_number = |character: char| character.is_ascii_digit() || matches!(character, '-' | '+');
    let first = text.find(is_of_number).unwrap_or(0);
    let last = text.rfind(|character: char| character.is_ascii_digit()).map_or(text.len(), |at| at + 1);
    if first >= last {
        return Amount { number: text.to_owned(), currency: None };
    }
    let (before, after) = (text[..first].trim(), text[last..].trim());
    let mark = match (before, after) {
        ("", "") => "",
        (mark, "") | ("", mark) => mark,
        _ => return Amount { number: text.to_owned(), currency: None },
    };
    let code = currency(mark);
    let is_shared = SHARED_MARKS.contains(&mark.to_lowercase().as_str());
    if !mark.is_empty() && code.is_none() && !is_shared {
        return Amount { number: text.to_owned(), currency: None };
    }
    let number = Cell { text: text[first..last].trim(), kind: cell.kind };
    Amount { number: plain(number, decimal_comma), currency: code }
}

/// A number without its thousands separators, where they are certainly that: blanks and apostrophes, a comma before a point, and
/// points where the profile says that the comma is the decimal one.
pub(crate) fn plain(cell: Cell<'_>, decimal_comma: bool) -> String {
    let text = cell.text;
    if cell.kind == Kind::Number {
        return text.to_owned();
    }
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (&text[..1], digits),
        None => ("", text),
    };
    let (whole, point, fraction) = match (digits.rfind(','), digits.rfind('.')) {
        (Some(comma), Some(at)) if comma < at => split(digits, at),
        (Some(at), _) if decimal_comma => split(digits, at),
        (None, Some(_)) if decimal_comma && grouped(digits, '.').is_some() => (digits, "", ""),
        (None, Some(at)) => split(digits, at),
        _ => (digits, "", ""),
    };
    let separators: &[char] = match point {
        "." => &[',', ' ', '\u{a0}', '\u{202f}', '\'', '’'],
        "," => &['.', ' ', '\u{a0}', '\u{202f}', '\'', '’'],
        _ if decimal_comma => &['.', ' ', '\u{a0}', '\u{202f}', '\'', '’'],
        _ => &[' ', '\u{a0}', '\u{202f}', '\'', '’'],
    };
    let used = separators.iter().find(|separator| whole.contains(**separator));
    let Some(joined) = used.and_then(|separator| grouped(whole, *separator)) else { return text.to_owned() };
    format!("{sign}{joined}{point}{fraction}")
}

fn split(digits: &str, at: usize) -> (&str, &str, &str) {
    (&digits[..at], &digits[at..=at], &digits[at + 1..])
}

/// The digits of groups of three, if they are that.
fn grouped(text: &str, separator: char) -> Option<String> {
    let mut groups = text.split(separator);
    let first = groups.next()?;
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let mut joined = first.to_owned();
    if !(1..=3).contains(&first.len()) || !is_digits(first) {
        return None;
    }
    for group in groups {
        if group.len() != 3 || !is_digits(group) {
            return None;
        }
        joined.push_str(group);
    }
    Some(joined)
}

/// Whether a spreadsheet has written a long number short: `4.00639E+12`. Its digits are lost.
pub(crate) fn is_shortened(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = mantissa.split_once(['.', ',']).is_some_and(|(whole, rest)| digits(whole) && digits(rest));
    is_mantissa && exponent.strip_prefix('+').is_some_and(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, decimal_comma: bool) -> (String, Option<String>) {
        let Amount { number, currency } = amount(Cell { text, kind: Kind::Text }, decimal_comma);
        (number, currency)
    }

    #[test]
    fn prices_have_a_mark_on_one_side() {
        for (text, number, code) in [
            ("12.50 EUR", "12.50", Some("EUR")),
            ("€ 12.50", "12.50", Some("EUR")),
            ("12.50€", "12.50", Some("EUR")),
            ("CHF 1'234.50", "1234.50", Some("CHF")),
            ("$12.50", "12.50", None),
            ("99 zł", "99", Some("PLN")),
            ("1 234.50 руб.", "1234.50", Some("RUB")),
            ("-5.00 EUR", "-5.00", Some("EUR")),
            ("EUR 12.50 EUR", "EUR 12.50 EUR", None),
            ("12.50 / 100", "12.50 / 100", None),
            ("ab 12.50", "ab 12.50", None),
            ("auf Anfrage", "auf Anfrage", None),
            ("12,-", "12,-", None),
            ("-", "-", None),
            ("", "", None),
        ] {
            assert_eq!(read(text, false), (number.to_owned(), code.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn thousands_go_where_they_are_certainly_that() {
        for (text, decimal_comma, expected) in [
            ("1,234.50", false, "1234.50"),
            ("1,234,567.5", false, "1234567.5"),
            ("1,234", false, "1,234"),
            ("12,50", false, "12,50"),
            ("1 234", false, "1234"),
            ("1\u{a0}234\u{a0}567.00", false, "1234567.00"),
            ("12 34.00", false, "12 34.00"),
            ("1.234,50", true, "1234,50"),
            ("1 234,50", true, "1234,50"),
            ("1.234", true, "1234"),
            ("12.50", true, "12.50"),
            ("1.234", false, "1.234"),
            ("-1.234,5", true, "-1234,5"),
            ("1.23,5", true, "1.23,5"),
            ("1,234.5,6", false, "1,234.5,6"),
        ] {
            assert_eq!(plain(Cell { text, kind: Kind::Text }, decimal_comma), expected, "{text}");
        }
        assert_eq!(plain(Cell { text: "1.234", kind: Kind::Number }, true), "1.234");
    }

    #[test]
    fn shortened_numbers_are_known() {
        for (text, expected) in [
            ("4.00639E+12", true),
            ("4,00639E+12", true),
            ("4E12", false),
            ("12E5", false),
            ("1.5E", false),
            ("A.1E+2", false),
        ] {
            assert_eq!(is_shortened(text), expected, "{text}");
        }
    }
}
