//! From the words of the item back to the codes of ONIX: the reader's own tables, turned around at their first use.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::words;

type Table = HashMap<&'static str, String>;

/// Codes of two characters, of which the first may be a letter.
fn twos() -> impl Iterator<Item = String> {
    ('0'..='9').chain('A'..='C').flat_map(|first| ('0'..='9').map(move |second| format!("{first}{second}")))
}

/// Codes of a letter and digits.
fn lettered(letters: std::ops::RangeInclusive<char>, width: usize) -> impl Iterator<Item = String> {
    let most = 10_usize.pow(u32::try_from(width).unwrap_or_default());
    letters.flat_map(move |letter| (0..most).map(move |number| format!("{letter}{number:0width$}")))
}

/// Of several codes of one word the first counts.
fn table(codes: impl Iterator<Item = String>, word: impl Fn(&str) -> Option<&'static str>) -> Table {
    let mut table = Table::new();
    for code in codes {
        if let Some(word) = word(&code) {
            table.entry(word).or_insert(code);
        }
    }
    table
}

macro_rules! tables {
    ($($(#[doc = $doc:literal])+ $name:ident = $codes:expr, $word:expr;)*) => {$(
        $(#[doc = $doc])+
        pub(super) fn $name(word: &str) -> Option<&'static str> {
            static TABLE: LazyLock<Table> = LazyLock::new(|| table($codes, $word));
            TABLE.get(word).map(String::as_str)
        }
    )*};
}

tables! {
    /// The type of an identifier.
    identifier = twos(), words::identifier_scheme;
    /// The role of a contributor.
    role = lettered('A'..='Z', 2), words::role;
    /// The scheme of a subject.
    scheme = twos(), words::scheme;
    /// The availability of a product.
    availability = twos(), words::availability;
    /// The type of a measure.
    measure = twos(), words::measure;
    /// The code of an audience.
    audience = twos(), words::audience;
    /// The relation to another product.
    relation = twos(), words::relation;
    /// The relation to a work.
    work_relation = twos(), words::work_relation;
    /// Why there is no price.
    unpriced = twos(), words::unpriced;
    /// Whom a price is for.
    qualifier = twos(), words::price_qualifier;
    /// The format of a file (list 178).
    media_type = lettered('A'..='E', 3), words::media_type;
}

/// Type and qualifier of a price kind, and whether it is rental, as the reader puts them together.
pub(super) struct PriceKind {
    pub(super) code: Option<String>,
    pub(super) qualifier: Option<&'static str>,
    pub(super) is_rental: bool,
}

/// What stands for a kind of price. A list price is a retail price, what begins with `net` is a net price to the trade; another that
/// ONIX does not know has no type: nobody must take a customer's own price for the recommended one. Every type says whether the tax is in
/// the amount, so a price of which that is not known has no type either, unless there is no tax on it.
pub(super) fn price_kind(kind: &str, tax_included: Option<bool>, is_untaxed: bool) -> PriceKind {
    let tax_included = tax_included.or(is_untaxed.then_some(true));
    let of_tax = |with: &'static str, without: &'static str| tax_included.map(|is| if is { with } else { without });
    let (rest, is_rental) = kind.strip_suffix("_rental").map_or((kind, false), |rest| (rest, true));
    if kind == "unspecified" {
        return PriceKind { code: None, qualifier: None, is_rental: false };
    }
    // The longest word first: `net_rental` is a type of its own.
    for (kind, is_rental) in [(kind, false), (rest, is_rental)] {
        if let Some(code) = price_type(kind, tax_included) {
            return PriceKind { code: Some(code), qualifier: None, is_rental };
        }
        let cuts = kind.match_indices('_').map(|(at, _)| at);
        for at in cuts {
            let (word, behind) = (&kind[..at], &kind[at + 1..]);
            if let (Some(code), Some(qualifier)) = (price_type(word, tax_included), qualifier(behind)) {
                return PriceKind { code: Some(code), qualifier: Some(qualifier), is_rental };
            }
        }
    }
    let own = kind.strip_prefix("type_").filter(|code| code.len() == 2).map(str::to_owned);
    let like = match kind.split('_').next() {
        Some("net") => of_tax("07", "05"),
        Some("list" | "gros" | "gross" | "nrp") => of_tax("02", "01"),
        _ => None,
    };
    PriceKind { code: own.or(like.map(str::to_owned)), qualifier: None, is_rental: false }
}

/// The type of this word that says the same of the tax.
fn price_type(word: &str, tax_included: Option<bool>) -> Option<String> {
    twos().find(|code| tax_included.is_some() && words::price_type(code) == tax_included.map(|is| (word, is)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_are_read_as_the_word() {
        assert_eq!(role("author"), Some("A01"));
        assert_eq!(role("translator"), Some("B06"));
        assert_eq!(role("juggler"), None);
        assert_eq!(scheme("thema"), Some("93"));
        assert_eq!(scheme("lc-children"), Some("A8"));
        assert_eq!(media_type("image/jpeg"), Some("D502"));
        assert_eq!(availability("in_stock"), Some("21"));
    }

    #[test]
    fn kinds_of_prices_are_taken_apart() {
        let cases = [
            ("retail", Some(true), Some("02"), None, false),
            ("retail", Some(false), Some("01"), None, false),
            ("retail", None, None, None, false),
            ("list", None, None, None, false),
            ("net", None, None, None, false),
            ("net_customer", Some(true), Some("07"), None, false),
            ("customs", Some(true), None, None, false),
            ("fixed_retail_library", Some(true), Some("04"), Some("10"), false),
            ("net_rental", Some(false), Some("06"), None, false),
            ("retail_rental", Some(true), Some("02"), None, true),
            ("type_99", None, Some("99"), None, false),
            ("list", Some(true), Some("02"), None, false),
            ("net_customer", Some(false), Some("05"), None, false),
            ("gros_list", Some(true), Some("02"), None, false),
            ("own_word", Some(true), None, None, false),
            ("unspecified", None, None, None, false),
        ];
        for (kind, tax, code, qualifier, is_rental) in cases {
            let read = price_kind(kind, tax, false);
            assert_eq!((read.code.as_deref(), read.qualifier, read.is_rental), (code, qualifier, is_rental), "{kind}");
        }
        assert_eq!(price_kind("retail", None, true).code.as_deref(), Some("02"), "no tax is in any amount");
    }
}
