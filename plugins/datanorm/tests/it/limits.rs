//! Documents that are large on purpose: what is bounded stays bounded, and long texts do not cost the item.

use plugpoint_plugin_datanorm::DatanormTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

const HEADER: &str = "V;040;A;20260201;EUR;";

fn read(records: &str) -> Outcome {
    let profile = Profile::default();
    let text = format!("{HEADER}\n{records}");
    let sample = Sample { bytes: text.as_bytes(), media_type: "text/plain", charset: None, profile: &profile };
    Outcome::of(&DatanormTransformer, &[], &sample)
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn article(sku: &str, text: &str) -> String {
    format!("A;N;{sku};00;Klemme;;1;0;Stk;100;;;{text};\n")
}

#[test]
fn a_line_that_is_too_long_is_rejected_alone() {
    let long = |length: usize| format!("A;N;L-1;00;{};\n", "x".repeat(length - 12));
    let outcome = read(&format!("{}{}", long(64 << 10), article("A-1", "")));
    assert_eq!((outcome.records, outcome.items.len(), codes(&outcome)), (2, 2, vec!["text_truncated"]));
    let outcome = read(&format!("{}{}", long((64 << 10) + 1), article("A-1", "")));
    assert_eq!((outcome.records, outcome.items.len(), codes(&outcome)), (2, 1, vec!["record_too_large"]));
    assert!(outcome.findings[0].excerpt.as_ref().unwrap().starts_with("A;N;L-1;"));
}

#[test]
fn what_is_too_long_is_cut_and_the_item_stays() {
    let lines = |count: usize| {
        (0..count).map(|number| format!("D;N;A-1;{number};F;;{};;;;;\n", "ö".repeat(40))).collect::<String>()
    };
    let tiers =
        |count: usize| (1..=count).map(|from| format!("Z;N;A-1;{from};1;1;;1;90;{from};;\n")).collect::<String>();
    let services = |count: usize| (0..count).map(|it| format!("C;N;W{it};A-1;1;\n")).collect::<String>();
    let cases = [
        ("text_truncated", lines(2000)),
        ("field_length", lines(20_001)),
        ("field_length", tiers(1100)),
        ("field_length", services(16_390)),
        ("field_invalid", format!("B;N;A-1;;{};;;;;;;;;;;;\n", "9".repeat(129))),
        ("field_length", format!("B;N;A-1;;;;;;;;;{};;;;;\n", "9".repeat(129))),
    ];
    for (code, rest) in cases {
        let outcome = read(&format!("{}{rest}", article("A-1", "")));
        assert_eq!((outcome.error.as_ref(), outcome.items.len()), (None, 1), "{code}");
        assert!(codes(&outcome).contains(&code), "{code}: {:?}", codes(&outcome));
    }
}

#[test]
fn texts_beyond_the_bound_are_lost_from_the_oldest_on_and_that_is_told() {
    let line = "x".repeat(60_000);
    let block = |number: usize| (1..=3).map(|it| format!("T;N;T{number};;{it};;{line};;;;\n")).collect::<String>();
    let texts: String = (0..200).map(block).collect();
    let outcome = read(&format!("{texts}{}{}", article("A-1", "T0"), article("A-2", "T199")));
    assert_eq!(codes(&outcome), ["text_truncated", "field_required", "field_length"]);
    assert_eq!(outcome.items[0].texts[0].description, None);
    assert_eq!(outcome.items[1].texts[0].description.as_ref().map(|text| text.chars().count()), Some(65_536));
}

#[test]
fn articles_that_wait_in_vain_are_named_up_to_a_bound() {
    let articles = |count: usize| (0..count).map(|it| article(&format!("A-{it}"), "LT")).collect::<String>();
    for (count, last) in [(100, "field_required"), (101, "findings_omitted")] {
        let outcome = read(&articles(count));
        assert_eq!((outcome.findings.len(), codes(&outcome).last().copied()), (count, Some(last)));
    }
    let outcome = read(&articles(40_000));
    assert_eq!(codes(&outcome).last().copied(), Some("field_length"), "those beyond the bound did not even wait");
}

#[test]
fn groups_beyond_the_bound_are_known_by_code_only() {
    let label = "x".repeat(60_000);
    let groups: String = (0..150).map(|it| format!("S;;M{it};{label};;;\n")).collect();
    let outcome =
        read(&format!("{groups}A;N;A-1;00;Klemme;;1;0;Stk;100;;M149;;\nA;N;A-2;00;Klemme;;1;0;Stk;100;;M0;;\n"));
    assert_eq!(codes(&outcome), ["field_length", "text_truncated"]);
    assert!(outcome.items[0].categories[0].path.is_empty() && outcome.items[1].categories[0].path.len() == 1);
}
