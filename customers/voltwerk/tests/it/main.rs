//! Voltwerk's case folders and their demo catalog.

use plugpoint_customer_voltwerk::listener::RemovalWatch;
use plugpoint_customer_voltwerk::rules::{Copper, Units};
use plugpoint_customer_voltwerk::transform::VoltwerkTransformer;
use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::points::import_listener::{self, ImportCommitted};
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
