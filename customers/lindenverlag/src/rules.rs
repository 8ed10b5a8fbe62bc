//! What the book trade demands of every title: an ISBN that can be ordered by, and the fixed price where it is law.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, Identifier, ItemData, ItemStatus};
use plugpoint_sdk::points::item_rule::{ItemRule, RuleContext};

/// Checks the ISBN-13 and gives it a second time as the GTIN that it is. A wrong one rejects the title: shops would order
/// another publisher's book by it.
pub struct Isbn;

impl ItemRule for Isbn {
    fn apply(&self, item: &mut ItemData, ctx: &mut RuleContext<'_>) {
        let Some(isbn) = item.identifiers.iter().find(|identifier| identifier.scheme == "isbn") else { return };
        if !is_isbn_13(&isbn.value) {
            let message = "the ISBN is not 13 digits with a right check digit";
            let finding = Finding::error(finding::RULE_REJECTED, message).at(ctx.position).path("@isbn");
            return ctx.findings.push(finding.value(&isbn.value));
        }
        let gtin = Identifier { scheme: "gtin".to_owned(), value: isbn.value.clone() };
        if !item.identifiers.contains(&gtin) {
            item.identifiers.push(gtin);
        }
    }
}

fn is_isbn_13(isbn: &str) -> bool {
    let prefixed = isbn.starts_with("978") || isbn.starts_with("979");
    if isbn.len() != 13 || !prefixed || !isbn.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let weighted = |(index, byte): (usize, u8)| u32::from(byte - b'0') * if index % 2 == 0 { 1 } else { 3 };
    isbn.bytes().enumerate().map(weighted).sum::<u32>().is_multiple_of(10)
}

/// Books have one price in Germany, by law. A title that can be bought and has none there is refused; one that is only
/// announced may still be without.
pub struct FixedPrice;

impl ItemRule for FixedPrice {
    fn apply(&self, item: &mut ItemData, ctx: &mut RuleContext<'_>) {
        let german = |territory: &String| territory == "DE";
        let has_price = item.prices.iter().any(|price| price.territories.iter().any(german));
        let message = "the title has no fixed price for Germany";
        match item.status {
            _ if has_price => {}
            ItemStatus::Active => {
                ctx.findings.push(Finding::error(finding::RULE_REJECTED, message).at(ctx.position).path("Preis"));
            }
            ItemStatus::Announced => {
                ctx.findings.push(Finding::warning(finding::FIELD_REQUIRED, message).at(ctx.position).path("Preis"));
            }
            ItemStatus::Inactive | ItemStatus::Discontinued => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_isbn_13;

    #[test]
    fn check_digits() {
        assert!(is_isbn_13("9783161484100"));
        for wrong in ["9783161484101", "978316148410", "97831614841000", "4006381333931", "978316148410X", ""] {
            assert!(!is_isbn_13(wrong), "{wrong}");
        }
    }
}
