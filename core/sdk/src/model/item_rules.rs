//! What is checked of an item beyond its declared limits: rules between fields, and doubts worth a warning.
//!
//! Called by [`Item`](super::Item); what is a number is asked by exporters too. Changes nothing, and allocates only for what it has to say.

use super::catalog::ItemData;
use super::currency;
use super::finding::Finding;
use crate::codes::finding;
use crate::schema::Check;

/// Everything that rejects the item: declared limits in the order of declaration, then the rules between fields.
pub(super) fn errors(data: &ItemData) -> Vec<Finding> {
    let mut findings: Vec<Finding> = match data.check() {
        Ok(()) => Vec::new(),
        Err(violations) => violations.into_iter().map(Finding::from).collect(),
    };
    for (index, price) in data.prices.iter().enumerate() {
        // A currency of the wrong form has been reported as such.
        if price.currency.len() == 3 && !currency::is_active(&price.currency) {
            let message = format!("{:?} is not an active ISO 4217 currency", price.currency);
            findings.push(Finding::error(finding::CURRENCY_UNKNOWN, message).path(format!("/prices/{index}/currency")));
        }
        if let (Some(from), Some(to)) = (price.valid_from, price.valid_to)
            && from > to
        {
            let message = format!("the price ends ({to}) before it begins ({from})");
            findings.push(Finding::error(finding::FIELD_INVALID, message).path(format!("/prices/{index}/valid_to")));
        }
    }
    findings
}

/// Everything that is doubtful and yet taken as sent.
pub(super) fn warnings(data: &ItemData) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, identifier) in data.identifiers.iter().enumerate() {
        let is_right = match identifier.scheme.as_str() {
            "gtin" | "ean" | "upc" => is_gtin(&identifier.value),
            "isbn" => is_isbn(&identifier.value),
            _ => true,
        };
        if !is_right {
            let message = format!("the check digit or the length of this {} is wrong", identifier.scheme);
            let path = format!("/identifiers/{index}/value");
            findings.push(Finding::warning(finding::GTIN_CHECK_DIGIT, message).path(path).value(&identifier.value));
        }
    }
    findings
}

/// A GTIN of 8, 12, 13 or 14 digits with the right check digit (GS1: weights 3 and 1 from the right).
#[must_use]
pub fn is_gtin(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14)
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .rev()
            .zip([1_u32, 3].into_iter().cycle())
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum::<u32>()
            % 10
            == 0
}

/// An ISBN-13 or ISBN-10, with or without hyphens. Its tenth digit may be `X`.
#[must_use]
pub fn is_isbn(text: &str) -> bool {
    // The declared limit is 128 characters; what does not fit is no ISBN.
    let mut digits = [0_u8; 14];
    let mut count = 0;
    for byte in text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')) {
        let Some(slot) = digits.get_mut(count) else { return false };
        *slot = byte;
        count += 1;
    }
    match std::str::from_utf8(&digits[..count]) {
        Ok(isbn) if count == 13 => (isbn.starts_with("978") || isbn.starts_with("979")) && is_gtin(isbn),
        Ok(isbn) if count == 10 => is_isbn_10(isbn),
        _ => false,
    }
}

fn is_isbn_10(isbn: &str) -> bool {
    let mut sum = 0;
    for (place, byte) in isbn.bytes().enumerate() {
        let value = match byte {
            b'0'..=b'9' => usize::from(byte - b'0'),
            b'X' | b'x' if place == 9 => 10,
            _ => return false,
        };
        sum += value * (10 - place);
    }
    sum % 11 == 0
}

#[cfg(test)]
mod tests {
    use super::{is_gtin, is_isbn};

    #[test]
    fn gtins_have_a_length_and_a_check_digit() {
        for right in ["4006381333931", "96385074", "036000291452", "10012345678902", "00000000"] {
            assert!(is_gtin(right), "{right}");
        }
        for wrong in
            ["4006381333932", "400638133393", "4006381333931 ", "400638133393X", "", "４００６３８１３３３９３１"]
        {
            assert!(!is_gtin(wrong), "{wrong}");
        }
    }

    #[test]
    fn isbns_come_with_and_without_hyphens_in_both_lengths() {
        for right in ["9783161484100", "978-3-16-148410-0", "979-10-90636-07-1", "0-8044-2957-X", "316148410X"] {
            assert!(is_isbn(right), "{right}");
        }
        for wrong in
            ["9783161484101", "4006381333931", "0-8044-2957-1", "X161484100", "", "97831614841000", "978316148410é"]
        {
            assert!(!is_isbn(wrong), "{wrong}");
        }
    }
}
