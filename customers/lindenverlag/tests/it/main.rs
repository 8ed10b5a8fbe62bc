//! Lindenverlag's case folders and their demo delivery.

use plugpoint_customer_lindenverlag::rules::{FixedPrice, Isbn};
use plugpoint_customer_lindenverlag::transform::LindenverlagTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};

const PROFILE: &str = include_str!("../../profile.toml");

fn cases() -> Cases<'static> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    Cases::new(root, &LindenverlagTransformer).profile(PROFILE).rule(&Isbn).rule(&FixedPrice)
}

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::from_layers(&[PROFILE]).unwrap();
    let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
    Outcome::of(&LindenverlagTransformer, &[&Isbn, &FixedPrice], &sample)
}

#[test]
fn every_case_is_as_expected() {
    cases().run();
}

#[test]
fn transformer_and_rules_keep_their_promises() {
    cases().stream_records(50_000).conform();
}

#[test]
fn a_delivery_that_was_cut_is_never_complete() {
    for (name, bytes) in cases().documents() {
        let end = bytes.trim_ascii_end().len();
        for cut in (0..end).step_by((end / 60).max(1)) {
            assert!(read(&bytes[..cut]).error.is_some(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn the_demo_delivery_has_a_few_wrong_titles_and_no_more_than_the_profile_tolerates() {
    let outcome = read(include_bytes!("../../demo/lieferung.xml"));
    assert_eq!(outcome.error, None);
    assert!(outcome.records >= 150, "{} records", outcome.records);
    let rejected = outcome.records - outcome.items.len() as u64;
    assert!((3..12).contains(&rejected), "{rejected} rejected");
}
