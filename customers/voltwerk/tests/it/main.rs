//! Voltwerk's case folders and their demo catalog.

use plugpoint_customer_voltwerk::listener::RemovalWatch;
use plugpoint_customer_voltwerk::presenter::UnitPrice;
use plugpoint_customer_voltwerk::rules::{Copper, Units};
use plugpoint_customer_voltwerk::transform::VoltwerkTransformer;
use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::model::{Decimal, ItemData, Price};
use plugpoint_sdk::points::import_listener::{self, ImportCommitted};
use plugpoint_sdk::points::item_presenter::{self, ItemPresenter, PresentContext};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};

const PROFILE: &str = include_str!("../../profile.toml");

fn cases() -> Cases<'static> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    Cases::new(root, &VoltwerkTransformer).profile(PROFILE).rule(&Units).rule(&Copper)
}

#[test]
fn every_case_is_as_expected() {
    cases().run();
}

#[test]
fn transformer_rules_and_listener_keep_their_promises() {
    cases().stream_records(50_000).conform();
    let import = "0198c0de-0000-7000-8000-000000000000".parse().unwrap();
    let (tenant, catalog) = ("voltwerk".parse().unwrap(), "main".parse().unwrap());
    let event = ImportCommitted {
        tenant,
        catalog,
        import,
        counts: ImportCounts { read: 3, added: 3, ..ImportCounts::default() },
    };
    assert_eq!(import_listener::conformance(&RemovalWatch, &event), Ok(()));
}

#[test]
fn the_demo_catalog_has_a_few_wrong_records_and_no_more_than_the_profile_tolerates() {
    let profile = Profile::from_layers(&[PROFILE]).unwrap();
    let bytes = include_bytes!("../../demo/voltwerk-katalog.xml");
    let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
    let outcome = Outcome::of(&VoltwerkTransformer, &[&Units, &Copper], &sample);
    assert_eq!(outcome.error, None);
    assert!(outcome.records > 1_100, "{} records", outcome.records);
    let rejected = outcome.records - outcome.items.len() as u64;
    assert!((3..20).contains(&rejected), "{rejected} rejected");
    assert!((rejected as f64) < outcome.records as f64 * profile.catalog.rejected_share_max);
    assert!(outcome.items.iter().all(|item| !item.prices.is_empty() || !outcome.findings.is_empty()));
}

fn list(amount: i64, per: Option<i64>, from: Option<i64>) -> Price {
    let whole = |number| Decimal::new(number, 0);
    let (kind, currency, unit) = ("list".to_owned(), "EUR".to_owned(), Some("MTR".to_owned()));
    let (per_quantity, min_quantity) = (per.map(whole), from.map(whole));
    Price { kind, amount: Decimal::new(amount, 2), currency, unit, per_quantity, min_quantity, ..Price::default() }
}

#[test]
fn one_piece_has_the_price_of_the_first_tier() {
    let (profile, catalog) = (Profile::default(), "main".parse().unwrap());
    let ctx = PresentContext { profile: &profile, catalog: &catalog };
    let net = Price { kind: "net".to_owned(), ..list(100, Some(100), None) };
    let no_unit = Price { unit: None, ..list(1234, Some(1000), None) };
    let cases = [
        (vec![], None),
        (vec![net], None),
        (vec![list(1250, None, None)], None),
        (vec![list(1250, Some(1), None)], None),
        (vec![list(1250, Some(0), None)], None),
        (vec![list(1250, Some(100), None)], Some(r#"{"amount":"0.125","currency":"EUR","unit":"MTR"}"#)),
        (vec![list(1000, Some(300), None)], Some(r#"{"amount":"0.0333","currency":"EUR","unit":"MTR"}"#)),
        (vec![no_unit], Some(r#"{"amount":"0.0123","currency":"EUR"}"#)),
        (
            vec![list(900, Some(100), Some(500)), list(1100, Some(100), None)],
            Some(r#"{"amount":"0.11","currency":"EUR","unit":"MTR"}"#),
        ),
    ];
    let mut items = Vec::new();
    for (prices, expected) in cases {
        let item = ItemData { sku: "A1".to_owned(), prices, ..ItemData::default() };
        let said = UnitPrice.present(&item, &ctx).unwrap().map(|fragment| fragment.checked().unwrap());
        assert_eq!(said.as_deref(), expected, "{:?}", item.prices);
        items.push(item);
    }
    assert_eq!(item_presenter::conformance(&UnitPrice, &profile, &items), Ok(()));
}
