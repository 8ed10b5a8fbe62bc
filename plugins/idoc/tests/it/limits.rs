//! Documents that are large or deep on purpose: what is bounded stays bounded, from both sides.

use std::fmt::Write as _;

use plugpoint_plugin_idoc::IdocTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::default();
    Outcome::of(
        &IdocTransformer,
        &[],
        &Sample { bytes, media_type: "application/xml", charset: None, profile: &profile },
    )
}

fn document(segments: &str) -> String {
    format!("<X><IDOC><EDI_DC40><MESTYP>MATMAS</MESTYP><SERIAL>2</SERIAL></EDI_DC40>{segments}</IDOC></X>")
}

fn material(number: &str, rest: &str) -> String {
    format!("<E1MARAM><MATNR>{number}</MATNR><E1MAKTM><MAKTX>Hahn</MAKTX></E1MAKTM>{rest}</E1MARAM>")
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn a_record_that_is_too_large_is_rejected_alone() {
    let long = "x".repeat(900_000);
    let large = material("A", &format!("<ZZ>{long}</ZZ>").repeat(20));
    let outcome = read(document(&format!("{large}{}", material("B", ""))).as_bytes());
    assert_eq!((outcome.records, outcome.items.len(), codes(&outcome)), (2, 1, vec!["record_too_large"]));
}

/// The articles of one IDoc wait together for its end: as long as they fit into the bound of one record.
#[test]
fn an_artmas_is_read_up_to_its_bound_and_refused_beyond_it() {
    let article = |number: usize, length: usize| {
        let value = "x".repeat(length);
        format!(
            "<E1BPE1MATHEAD><MATERIAL>A{number}</MATERIAL><FUNCTION>005</FUNCTION></E1BPE1MATHEAD>
             <E1BPE1MAKTRT><MATERIAL>A{number}</MATERIAL><MATL_DESC>Tasse</MATL_DESC></E1BPE1MAKTRT>
             <E1BPE1MARART><MATERIAL>A{number}</MATERIAL><ZZ>{value}</ZZ></E1BPE1MARART>"
        )
    };
    let several = |count: usize| (0..count).map(|number| article(number, 60_000)).collect::<String>();
    let within = read(document(&several(250)).as_bytes());
    assert_eq!((within.items.len(), within.findings.len()), (250, 0));
    let beyond = document(&several(300)).replace("</X>", &format!("<IDOC>{}</IDOC></X>", material("B", "")));
    let beyond = read(beyond.as_bytes());
    assert_eq!((beyond.error.as_ref(), beyond.items.len(), codes(&beyond)), (None, 1, vec!["record_too_large"]));
    assert_eq!((beyond.records, beyond.items[0].sku.as_str()), (2, "B"));
    // One segment alone may be too large as well.
    let value = "x".repeat(900_000);
    let single =
        format!("<E1BPE1MARART><MATERIAL>A</MATERIAL>{}</E1BPE1MARART>", format!("<ZZ>{value}</ZZ>").repeat(20));
    assert_eq!(codes(&read(document(&single).as_bytes())), ["record_too_large"]);
}

#[test]
fn materials_beyond_those_that_are_watched_are_said_once() {
    let mut segments = String::new();
    for number in 0..50_002 {
        let _ = write!(segments, "<E1MARAM><MSGFN>003</MSGFN><MATNR>{number}</MATNR></E1MARAM>");
    }
    let older = "<IDOC><EDI_DC40><SERIAL>1</SERIAL></EDI_DC40><E1MARAM><MSGFN>003</MSGFN><MATNR>0</MATNR></E1MARAM>
        <E1MARAM><MSGFN>003</MSGFN><MATNR>50001</MATNR></E1MARAM></IDOC></X>";
    let outcome = read(document(&segments).replace("</X>", older).as_bytes());
    assert_eq!((outcome.deletes.len(), codes(&outcome)), (50_003, vec!["field_length", "record_outdated"]));
}

#[test]
fn what_is_too_long_is_cut_and_the_item_stays() {
    let long = |name: &str, length: usize| format!("<{name}>{}</{name}>", "ö".repeat(length));
    let line = |length: usize| format!("<E1MTXLM><TDFORMAT>*</TDFORMAT>{}</E1MTXLM>", long("TDLINE", length));
    let text = |lines: String| format!("<E1MTXHM><TDOBJECT>MATERIAL</TDOBJECT><TDID>GRUN</TDID>{lines}</E1MTXHM>");
    let numbered = |count: usize| (0..count).map(|number| format!("<Z{number}>1</Z{number}>")).collect::<String>();
    let units = |count: usize| {
        let unit = |number: usize| format!("<E1MARMM><MEINH>U{number}</MEINH><EAN11>{number}</EAN11></E1MARMM>");
        (0..count).map(unit).collect::<String>()
    };
    let cases = [
        ("text_truncated", text(line(70_000))),
        ("text_truncated", format!("<E1MAKTM><SPRAS>F</SPRAS>{}</E1MAKTM>", long("MAKTX", 2000))),
        ("text_truncated", long("ZZTEXT", 66_000)),
        ("text_truncated", format!("<Z1SEG SEGMENT='1'>{}</Z1SEG>", long(&"Z".repeat(251), 1))),
        ("field_length", numbered(16_400)),
        ("field_length", units(70)),
        ("field_length", long("MATKL", 129)),
        ("field_invalid", long("EAN11", 129)),
    ];
    for (code, rest) in cases {
        let outcome = read(document(&material("A", &rest)).as_bytes());
        assert_eq!((outcome.error.as_ref(), outcome.items.len()), (None, 1), "{code}: {:?}", outcome.findings);
        assert!(codes(&outcome).contains(&code), "{code}: {:?}", outcome.findings.first());
        assert!(outcome.findings.len() <= 101);
    }
}

#[test]
fn segments_are_kept_up_to_a_depth_and_listed_as_unmapped_below_it() {
    let nested = |depth: usize| format!("{}<ZZ>1</ZZ>{}", "<Z1 SEGMENT='1'>".repeat(depth), "</Z1>".repeat(depth));
    for (depth, attributes) in [(8, 1), (9, 0)] {
        let outcome = read(document(&material("A", &nested(depth))).as_bytes());
        assert_eq!(
            (outcome.items[0].attributes.len(), outcome.unmapped.len()),
            (attributes, 1 - attributes),
            "{depth}"
        );
    }
}
