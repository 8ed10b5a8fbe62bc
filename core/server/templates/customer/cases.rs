//! The case folders, and what every transformer and rule has to keep to. Needs no server.

use plugpoint_customer_@IDENT@::{rules, transform};
use plugpoint_sdk::testkit::Cases;

fn cases() -> Cases<'static> {
    Cases::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"), &transform::Transformer)
        .profile(include_str!("../profile.toml"))
        .rule(&rules::NoSamples)
}

#[test]
fn every_case_is_as_expected() {
    cases().run();
}

#[test]
fn transformer_and_rules_keep_their_promises() {
    cases().conform();
}
