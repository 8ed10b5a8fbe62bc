//! From data to an item: what is refused, with which pointer, code and words, and what is only doubted.

use plugpoint_sdk::model::{Identifier, Item, ItemData, ItemDraft, Position, Price, Severity, Text};
use rust_decimal::Decimal;

fn valid() -> ItemData {
    let mut data = ItemDraft::new("A1", Position::default()).data;
    data.texts = vec![Text { lang: "en".to_owned(), title: "Cable".to_owned(), ..Text::default() }];
    data.prices = vec![Price {
        kind: "list".to_owned(),
        amount: Decimal::new(1250, 2),
        currency: "EUR".to_owned(),
        ..Price::default()
    }];
    data
}

/// Changes a valid item and compares every finding: `path code message`.
#[track_caller]
fn check(change: impl FnOnce(&mut ItemData), expected: &[&str]) {
    let mut data = valid();
    change(&mut data);
    let findings = Item::try_from_data(data).err().unwrap_or_default();
    assert!(findings.iter().all(|finding| finding.severity == Severity::Error));
    let told: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {} {}", finding.path.as_deref().unwrap_or("-"), finding.code, finding.message))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn a_valid_item_has_no_findings() {
    check(|_| {}, &[]);
    check(|data| data.prices[0].currency = "CHF".to_owned(), &[]);
}

#[test]
fn findings_name_limit_and_actual_size_in_the_order_of_declaration() {
    check(|data| data.sku.clear(), &["/sku field_length has 0 character(s); allowed: at least 1"]);
    check(|data| data.texts.clear(), &["/texts field_length has 0 entries; allowed: at least 1"]);
    check(
        |data| {
            data.prices[0].amount = Decimal::new(-5, 1);
            data.sku = "ä".repeat(129);
            data.brand = Some("tab\tin brand is fine".to_owned());
            data.kind = "Product".to_owned();
        },
        &[
            &format!("/sku field_length \"{}…\" has 129 character(s); allowed: at most 128", "ä".repeat(40)),
            "/kind field_pattern \"Product\" does not have the form ^[a-z][a-z0-9_.-]*$",
            "/prices/0/amount field_range -0.5 is below the minimum 0",
        ],
    );
    check(
        |data| data.sku = "a\u{7}b".to_owned(),
        &["/sku field_pattern \"a\\u{7}b\" does not have the form ^[^\\p{Z}\\p{C}]([^\\p{C}]*[^\\p{Z}\\p{C}])?$"],
    );
    check(
        |data| data.prices[0].min_quantity = Some(Decimal::ZERO),
        &["/prices/0/min_quantity field_range 0 is not above 0"],
    );
    check(
        |data| data.texts[0].keywords = vec!["ok".to_owned(), String::new()],
        &["/texts/0/keywords/1 field_length has 0 character(s); allowed: at least 1"],
    );
}

#[test]
fn a_computed_decimal_with_too_many_digits_is_told() {
    check(
        |data| data.prices[0].amount = Decimal::ONE / Decimal::new(3, 0),
        &[
            "/prices/0/amount decimal_invalid 0.3333333333333333333333333333 has more digits than 13 before and 15 after its point",
        ],
    );
}

#[test]
fn fields_are_held_against_each_other() {
    check(
        |data| data.prices[0].currency = "DEM".to_owned(),
        &["/prices/0/currency currency_unknown \"DEM\" is not an active ISO 4217 currency"],
    );
    check(
        |data| data.prices[0].currency = "euro".to_owned(),
        &["/prices/0/currency field_pattern \"euro\" does not have the form ^[A-Z]{3}$"],
    );
    check(
        |data| {
            data.prices[0].valid_from = "2026-02-01".parse().ok();
            data.prices[0].valid_to = "2026-01-31".parse().ok();
        },
        &[
            "/prices/0/valid_to field_invalid the price ends (2026-01-31T00:00:00Z) before it begins (2026-02-01T00:00:00Z)",
        ],
    );
    check(
        |data| {
            data.prices[0].valid_from = "2026-02-01".parse().ok();
            data.prices[0].valid_to = "2026-02-01".parse().ok();
        },
        &[],
    );
}

#[test]
fn an_item_full_of_mistakes_is_told_a_hundred_of_them() {
    let mut data = valid();
    data.texts[0].keywords = vec![String::new(); 250];
    assert_eq!(Item::try_from_data(data).err().map(|findings| findings.len()), Some(100));
}

#[test]
fn a_wrong_check_digit_is_a_warning() {
    let mut data = valid();
    let identifier = |scheme: &str, value: &str| Identifier { scheme: scheme.to_owned(), value: value.to_owned() };
    data.identifiers = vec![
        identifier("gtin", "4006381333931"),
        identifier("gtin", "4006381333932"),
        identifier("isbn", "978-3-16-148410-1"),
        identifier("mpn", "4006381333932"),
    ];
    let item = Item::try_from_data(data).expect("taken as sent");
    let told: Vec<_> =
        item.warnings().into_iter().map(|finding| (finding.severity, finding.code, finding.path)).collect();
    let warning =
        |index| (Severity::Warning, "gtin_check_digit".to_owned(), Some(format!("/identifiers/{index}/value")));
    assert_eq!(told, [warning(1), warning(2)]);
}

#[test]
fn what_is_not_even_an_item_is_told_in_serdes_words() {
    for (json, part) in [
        (r#"{"texts": []}"#, "missing field `sku`"),
        (r#"{"sku": 5, "texts": []}"#, "invalid type: integer `5`, expected a string"),
        (r#"{"sku": "A", "texts": [], "colour": 1}"#, "unknown field `colour`, expected one of `sku`, `kind`"),
        (r#"{"sku": "A", "texts": [], "status": "gone"}"#, "unknown variant `gone`, expected one of `active`"),
        (
            r#"{"sku": "A", "texts": [], "prices": [{"kind": "list", "amount": 12.5, "currency": "EUR"}]}"#,
            "a decimal as a string",
        ),
        (
            r#"{"sku": "A", "texts": [], "availability": {"status": "in_stock", "available_from": "tomorrow"}}"#,
            "neither a date",
        ),
    ] {
        let error = serde_json::from_str::<ItemData>(json).expect_err(json).to_string();
        assert!(error.contains(part), "{json}: {error}");
    }
    let null = serde_json::from_str::<ItemData>(r#"{"sku": "A", "brand": null, "texts": []}"#).expect("null is absent");
    assert_eq!(null.brand, None);
}
