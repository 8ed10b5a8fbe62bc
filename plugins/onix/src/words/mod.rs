//! Code lists of ONIX as words of the canonical vocabulary. Data and look-ups; a code that is not here keeps its own name.

mod people;
mod subjects;

pub(crate) use people::role;
pub(crate) use subjects::{classification, scheme};

use plugpoint_sdk::model::ItemStatus;

/// The word of a code in a table, or nothing.
fn look_up(table: &'static [(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == code).map(|(_, word)| *word)
}

/// Product identifier types (list 5). A proprietary one goes by its own name.
pub(crate) fn identifier_scheme(code: &str) -> Option<&'static str> {
    const SCHEMES: &[(&str, &str)] = &[
        ("02", "isbn"),
        ("03", "gtin"),
        ("04", "upc"),
        ("05", "ismn"),
        ("06", "doi"),
        ("13", "lccn"),
        ("14", "gtin"),
        ("15", "isbn"),
        ("17", "legal_deposit"),
        ("22", "urn"),
        ("23", "oclc"),
        ("24", "copublisher_isbn"),
        ("25", "ismn"),
        ("26", "isbn_a"),
        ("27", "jp_e_code"),
        ("28", "olcc"),
        ("29", "jp_magazine"),
        ("30", "upc_12_5"),
        ("31", "bnf"),
        ("34", "issn"),
        ("35", "ark"),
        ("36", "file_version"),
    ];
    look_up(SCHEMES, code)
}

/// Publishing status (list 64). What is merely unspecified or unknown is taken for active.
pub(crate) fn status(code: &str) -> ItemStatus {
    match code {
        "02" => ItemStatus::Announced,
        "03" | "06" | "08" | "11" | "12" | "15" | "16" => ItemStatus::Inactive,
        "01" | "05" | "07" | "10" | "17" => ItemStatus::Discontinued,
        _ => ItemStatus::Active,
    }
}

/// Product availability (list 65), and the older availability code (list 54).
pub(crate) fn availability(code: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("01", "cancelled"),
        ("09", "postponed"),
        ("10", "preorder"),
        ("11", "preorder"),
        ("12", "preorder"),
        ("20", "available"),
        ("21", "in_stock"),
        ("22", "backorder"),
        ("23", "on_demand"),
        ("30", "out_of_stock"),
        ("31", "out_of_stock"),
        ("32", "reprinting"),
        ("33", "awaiting_reissue"),
        ("34", "withdrawn_temporarily"),
        ("40", "not_available"),
        ("41", "replaced"),
        ("42", "other_format_available"),
        ("43", "not_supplied"),
        ("44", "apply_direct"),
        ("45", "not_sold_separately"),
        ("46", "withdrawn"),
        ("47", "remaindered"),
        ("48", "replaced"),
        ("49", "recalled"),
        ("50", "not_sold_as_set"),
        ("51", "out_of_print"),
        ("52", "not_supplied"),
        ("97", "unknown"),
        ("98", "unknown"),
        ("99", "contact_supplier"),
        ("AB", "cancelled"),
        ("AD", "apply_direct"),
        ("CS", "unknown"),
        ("EX", "not_supplied"),
        ("IP", "available"),
        ("MD", "on_demand"),
        ("NP", "preorder"),
        ("NY", "preorder"),
        ("OF", "other_format_available"),
        ("OI", "out_of_stock"),
        ("OP", "out_of_print"),
        ("OR", "replaced"),
        ("PP", "postponed"),
        ("RF", "contact_supplier"),
        ("RM", "remaindered"),
        ("RP", "reprinting"),
        ("RU", "reprinting"),
        ("TO", "backorder"),
        ("TP", "out_of_stock"),
        ("TU", "out_of_stock"),
        ("UR", "awaiting_reissue"),
        ("WR", "available"),
        ("WS", "withdrawn"),
    ];
    look_up(WORDS, code)
}

/// Why there is no price (list 57).
pub(crate) fn unpriced(code: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("01", "free_of_charge"),
        ("02", "to_be_announced"),
        ("03", "not_sold_separately"),
        ("04", "contact_supplier"),
        ("05", "not_sold_as_set"),
        ("06", "revenue_share"),
        ("07", "calculated_from_contents"),
        ("08", "not_supplied"),
    ];
    look_up(WORDS, code)
}

/// Price types (list 58): the word, and whether the amount contains the tax.
pub(crate) fn price_type(code: &str) -> Option<(&'static str, bool)> {
    const TYPES: &[(&str, &str, bool)] = &[
        ("01", "retail", false),
        ("02", "retail", true),
        ("03", "fixed_retail", false),
        ("04", "fixed_retail", true),
        ("05", "net", false),
        ("06", "net_rental", false),
        ("07", "net", true),
        ("08", "net_alternative", false),
        ("09", "net_alternative", true),
        ("11", "special_sale", false),
        ("12", "special_sale", true),
        ("13", "fixed_special_sale", false),
        ("14", "fixed_special_sale", true),
        ("15", "net_special_sale", false),
        ("17", "net_special_sale", true),
        ("21", "presale", false),
        ("22", "presale", true),
        ("23", "fixed_presale", false),
        ("24", "fixed_presale", true),
        ("25", "net_presale", false),
        ("27", "net_presale", true),
        ("31", "freight_retail", false),
        ("32", "freight_billing", false),
        ("33", "fixed_importer", false),
        ("34", "fixed_importer", true),
        ("35", "customs_gratis", false),
        ("36", "claims", false),
        ("37", "customs", false),
        ("41", "agency", false),
        ("42", "agency", true),
    ];
    TYPES.iter().find(|(known, ..)| *known == code).map(|(_, word, is_included)| (*word, *is_included))
}

/// Price qualifiers (list 59): whom or what a price is for. It stands behind the price's kind.
pub(crate) fn price_qualifier(code: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("00", ""),
        ("01", "member"),
        ("02", "export"),
        ("03", "package"),
        ("04", "voucher"),
        ("05", "consumer"),
        ("06", "institution"),
        ("07", "reservation"),
        ("08", "promotion"),
        ("09", "linked"),
        ("10", "library"),
        ("11", "education"),
        ("12", "corporate"),
        ("13", "subscription"),
        ("14", "school"),
        ("15", "academic"),
        ("16", "public"),
        ("17", "introductory"),
        ("18", "consortium"),
        ("19", "provision"),
    ];
    look_up(WORDS, code)
}

/// Measures (lists 48, 50).
pub(crate) fn measure(code: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] =
        &[("01", "height"), ("02", "width"), ("03", "thickness"), ("08", "weight"), ("09", "diameter")];
    look_up(WORDS, code)
}

/// Units of extents (list 24).
pub(crate) fn extent_unit(code: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("00", "pieces"),
        ("01", "characters"),
        ("02", "words"),
        ("03", "pages"),
        ("04", "hours"),
        ("05", "minutes"),
        ("06", "seconds"),
        ("11", "tracks"),
        ("12", "discs"),
        ("14", "HHH"),
        ("15", "HHHMM"),
        ("16", "HHHMMSS"),
        ("17", "bytes"),
        ("18", "kilobytes"),
        ("19", "megabytes"),
        ("31", "chapters"),
    ];
    look_up(WORDS, code)
}

/// Audiences (list 28).
pub(crate) fn audience(code: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("01", "general"),
        ("02", "children"),
        ("03", "teenage"),
        ("04", "school"),
        ("05", "tertiary education"),
        ("06", "professional and scholarly"),
        ("07", "English as a foreign language"),
        ("08", "adult education"),
        ("09", "second language teaching"),
        ("11", "pre-primary education"),
        ("12", "primary education"),
        ("13", "lower secondary education"),
        ("14", "upper secondary education"),
    ];
    look_up(WORDS, code)
}

/// Related products (list 51).
pub(crate) fn relation(code: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("00", "related"),
        ("01", "includes"),
        ("02", "is_part_of"),
        ("03", "replaces"),
        ("04", "companion"),
        ("05", "replaced_by"),
        ("06", "alternative_format"),
        ("07", "ancillary"),
        ("08", "ancillary_to"),
        ("09", "remaindered_as"),
        ("10", "remainder_of"),
        ("11", "other_language_version"),
        ("12", "alternative"),
        ("13", "based_on_print"),
        ("16", "on_demand_replacement_for"),
        ("17", "replaced_by_on_demand"),
        ("18", "special_edition_of"),
        ("19", "special_edition"),
        ("20", "prebound_edition_of"),
        ("21", "original_of_prebound"),
        ("22", "same_author"),
        ("23", "similar"),
        ("24", "facsimile_of"),
        ("25", "original_of_facsimile"),
        ("26", "license_for"),
        ("27", "electronic_version"),
        ("28", "enhanced_version"),
        ("29", "basic_version"),
        ("30", "same_collection"),
        ("31", "other_sector_alternative"),
        ("32", "other_market_equivalent"),
        ("33", "other_market_alternative"),
        ("34", "cites"),
        ("35", "cited_by"),
        ("37", "signed_version_of"),
        ("38", "signed_version"),
        ("39", "student_material"),
        ("40", "teacher_material"),
        ("41", "shares_content"),
        ("42", "later_edition_of"),
        ("43", "adapted_from"),
        ("44", "adapted_as"),
        ("45", "linked_offer"),
        ("46", "substituted_by"),
        ("47", "substitutes"),
        ("48", "linked_offer_of"),
    ];
    look_up(WORDS, code)
}

/// Related works (list 164); the many ways of derivation are one.
pub(crate) fn work_relation(code: &str) -> Option<&'static str> {
    match code.parse::<u8>().ok()? {
        1 | 98 | 99 => Some("work"),
        2 | 21..=31 => Some("work_derived_from"),
        3 | 41..=51 => Some("work_derived"),
        4 => Some("work_same_collection"),
        5 => Some("work_same_author"),
        6 => Some("work_original"),
        _ => None,
    }
}

/// Files of ONIX 3 (list 158): covers are images; of all else the mode says what it is (list 159).
pub(crate) fn resource(content: &str, mode: &str) -> &'static str {
    match (content, mode) {
        ("01" | "03" | "29", _) => "image",
        ("27", _) => "thumbnail",
        ("15" | "28", "04" | "06" | "01") => "sample",
        (_, "02") => "audio",
        (_, "03") => "image",
        (_, "05") => "video",
        (_, "04") => "document",
        _ => "others",
    }
}

/// Files of ONIX 2.1 (list 38).
pub(crate) fn media_file(code: &str) -> &'static str {
    match code.parse::<u8>().unwrap_or_default() {
        7 | 26 => "thumbnail",
        3..=6 | 8..=28 => "image",
        29 | 31..=38 => "video",
        30 | 41..=47 => "audio",
        51 => "sample",
        _ => "others",
    }
}

/// Formats of files (list 39 of 2.1, list 178 of 3.x) as media types.
pub(crate) fn media_type(code: &str) -> Option<&'static str> {
    const TYPES: &[(&str, &str)] = &[
        ("02", "image/gif"),
        ("03", "image/jpeg"),
        ("04", "application/pdf"),
        ("05", "image/tiff"),
        ("07", "audio/mpeg"),
        ("08", "video/mp4"),
        ("09", "image/png"),
        ("A103", "audio/mpeg"),
        ("A104", "audio/wav"),
        ("A107", "audio/aac"),
        ("A108", "audio/ogg"),
        ("D102", "video/quicktime"),
        ("D105", "video/mp4"),
        ("D109", "video/webm"),
        ("D401", "application/pdf"),
        ("D501", "image/gif"),
        ("D502", "image/jpeg"),
        ("D503", "image/png"),
        ("D504", "image/tiff"),
        ("D505", "image/bmp"),
        ("D509", "image/webp"),
        ("D510", "image/svg+xml"),
        ("E101", "application/epub+zip"),
        ("E105", "text/html"),
        ("E107", "application/pdf"),
        ("E112", "text/plain"),
        ("E113", "application/xhtml+xml"),
    ];
    look_up(TYPES, code)
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::reading::word;

    use super::*;

    /// A word that is too long would be cut, and two might become one.
    #[test]
    fn every_word_is_one_of_the_vocabulary() {
        for number in 0..100 {
            let code = format!("{number:02}");
            let words = [identifier_scheme, availability, relation, work_relation, unpriced].map(|table| table(&code));
            for found in words.into_iter().flatten() {
                assert_eq!(word(found, ""), found, "{code}");
            }
            for qualifier in (0..20).filter_map(|number| price_qualifier(&format!("{number:02}"))) {
                let kind = price_type(&code).map(|(kind, _)| format!("{kind}_{qualifier}"));
                assert!(kind.is_none_or(|kind| kind.len() <= 32), "{code} {qualifier}");
            }
        }
    }

    #[test]
    fn codes_of_a_kind_are_told_apart() {
        assert_eq!((resource("01", ""), resource("07", "05"), resource("99", "")), ("image", "video", "others"));
        assert_eq!((media_file("04"), media_file("07"), media_file("99")), ("image", "thumbnail", "others"));
        assert_eq!(
            (status("02"), status("07"), status("04")),
            (ItemStatus::Announced, ItemStatus::Discontinued, ItemStatus::Active)
        );
        assert_eq!(price_type("42"), Some(("agency", true)));
    }
}
