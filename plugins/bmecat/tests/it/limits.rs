//! Documents that are large or deep on purpose: what is bounded stays bounded, and long texts do not cost the item.

use plugpoint_plugin_bmecat::BmecatTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::default();
    Outcome::of(
        &BmecatTransformer,
        &[],
        &Sample { bytes, media_type: "application/xml", charset: None, profile: &profile },
    )
}

fn catalog(products: &str) -> String {
    format!("<BMECAT version='1.2'><T_NEW_CATALOG>{products}</T_NEW_CATALOG></BMECAT>")
}

fn article(rest: &str) -> String {
    format!(
        "<ARTICLE><SUPPLIER_AID>1</SUPPLIER_AID><ARTICLE_DETAILS><DESCRIPTION_SHORT>Klemme</DESCRIPTION_SHORT></ARTICLE_DETAILS>{rest}</ARTICLE>"
    )
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn ten_thousand_levels_are_refused() {
    let document = catalog(&format!("{}{}", "<A>".repeat(10_000), "</A>".repeat(10_000)));
    assert_eq!(read(document.as_bytes()).error.unwrap().0, "limit_exceeded");
}

#[test]
fn a_record_that_is_too_large_is_rejected_alone() {
    let long = "x".repeat(900_000);
    let large = article(&format!("<REMARKS>{long}</REMARKS>").repeat(20));
    let outcome = read(catalog(&format!("{large}{}", article(""))).as_bytes());
    assert_eq!((outcome.records, outcome.items.len(), codes(&outcome)), (2, 1, vec!["record_too_large"]));
    assert!(outcome.findings[0].excerpt.as_ref().unwrap().starts_with("<ARTICLE>"));
}

/// Whatever an item has too much of is cut with a finding, and what is left keeps the limits of the model.
#[test]
fn what_is_too_long_is_cut_and_the_item_stays() {
    let long = |name: &str, length: usize| format!("<{name}>{}</{name}>", "ö".repeat(length));
    let details = |inner: &str| format!("<ARTICLE_DETAILS>{inner}</ARTICLE_DETAILS>");
    let features = |inner: &str| {
        format!(
            "<ARTICLE_FEATURES><REFERENCE_FEATURE_SYSTEM_NAME>ETIM</REFERENCE_FEATURE_SYSTEM_NAME>{inner}</ARTICLE_FEATURES>"
        )
    };
    let price = "<ARTICLE_PRICE><PRICE_AMOUNT>1</PRICE_AMOUNT><PRICE_CURRENCY>EUR</PRICE_CURRENCY></ARTICLE_PRICE>";
    let feature = |inner: String| features(&format!("<FEATURE>{inner}</FEATURE>"));
    let numbered =
        |name: &str, count: usize| (0..count).map(|number| format!("<{name}>{number}</{name}>")).collect::<String>();
    let wrapped = |[outer, inner]: &[&str; 2], count: usize| {
        (0..count).map(|number| format!("<{outer}><{inner}>{number}</{inner}></{outer}>")).collect::<String>()
    };
    let cases = [
        ("text_truncated", details(&long("DESCRIPTION_LONG", 70_000))),
        ("text_truncated", details(&long("MANUFACTURER_NAME", 300))),
        ("text_truncated", feature(long("FNAME", 300))),
        (
            "text_truncated",
            format!("<MIME_INFO><MIME><MIME_SOURCE>a</MIME_SOURCE>{}</MIME></MIME_INFO>", long("MIME_DESCR", 2000)),
        ),
        ("text_truncated", details(&long("KEYWORD", 1100))),
        ("text_truncated", feature(format!("<FNAME>a</FNAME>{}", long("FVALUE", 66_000)))),
        ("field_length", details(&long("KEYWORD", 3).repeat(300))),
        ("field_length", feature(format!("<FNAME>a</FNAME>{}", "<FVALUE>1</FVALUE>".repeat(1100)))),
        ("field_length", features(&"<FEATURE><FNAME>a</FNAME></FEATURE>".repeat(16_390))),
        ("field_length", format!("<ARTICLE_PRICE_DETAILS>{}</ARTICLE_PRICE_DETAILS>", price.repeat(1100))),
        ("field_length", features(&numbered("REFERENCE_FEATURE_GROUP_ID", 300))),
        ("field_length", features(&long("REFERENCE_FEATURE_GROUP_ID", 129))),
        ("field_length", details(&numbered("BUYER_AID", 70))),
        ("field_length", format!("<MIME_INFO>{}</MIME_INFO>", wrapped(&["MIME", "MIME_SOURCE"], 1100))),
        ("field_length", format!("<MIME_INFO><MIME>{}</MIME></MIME_INFO>", long("MIME_SOURCE", 5000))),
        ("field_length", wrapped(&["ARTICLE_REFERENCE", "ART_ID_TO"], 5000)),
        ("field_invalid", format!("<ARTICLE_REFERENCE>{}</ARTICLE_REFERENCE>", long("ART_ID_TO", 129))),
        ("field_invalid", details(&long("BUYER_AID", 129))),
        ("field_invalid", details("<EAN>40\u{200b}12</EAN>")),
        ("findings_omitted", "<ARTICLE_REFERENCE/>".repeat(5000)),
    ];
    for (code, rest) in cases {
        let outcome = read(catalog(&article(&rest)).as_bytes());
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.items.len(), 1, "{code}: {:?}", outcome.findings);
        assert!(codes(&outcome).contains(&code), "{code}: {:?}", outcome.findings.first());
        assert!(outcome.findings.len() <= 101);
    }
}

#[test]
fn a_title_is_cut_in_characters() {
    let title = "ö".repeat(1500);
    let document = format!(
        "<ARTICLE><SUPPLIER_AID>1</SUPPLIER_AID><ARTICLE_DETAILS><DESCRIPTION_SHORT>{title}</DESCRIPTION_SHORT></ARTICLE_DETAILS></ARTICLE>"
    );
    let outcome = read(catalog(&document).as_bytes());
    assert_eq!(outcome.items[0].texts[0].title.chars().count(), 1024);
    assert_eq!(codes(&outcome), ["text_truncated"]);
}

#[test]
fn groups_beyond_the_bound_are_known_by_code_only() {
    let group = |id: usize| {
        format!("<CATALOG_STRUCTURE><GROUP_ID>{id}</GROUP_ID><GROUP_NAME>G</GROUP_NAME></CATALOG_STRUCTURE>")
    };
    let groups: String = (1..=200_002).map(group).collect();
    let map = "<ARTICLE_TO_CATALOGGROUP_MAP><ART_ID>1</ART_ID><CATALOG_GROUP_ID>200001</CATALOG_GROUP_ID></ARTICLE_TO_CATALOGGROUP_MAP>";
    let document = catalog(&format!("<CATALOG_GROUP_SYSTEM>{groups}</CATALOG_GROUP_SYSTEM>{map}{}", article("")));
    let outcome = read(document.as_bytes());
    assert_eq!(codes(&outcome), ["field_length", "category_unknown"]);
    assert_eq!(outcome.items[0].categories[0].code, "200001");
}

#[test]
fn ancestors_in_a_circle_end() {
    let feature = |id: &str, parent: &str| {
        format!(
            "<FEATURE><FNAME>{id}</FNAME><FVALUE>1</FVALUE><FID>{id}</FID><FPARENT_ID>{parent}</FPARENT_ID></FEATURE>"
        )
    };
    let features = format!("<ARTICLE_FEATURES>{}{}</ARTICLE_FEATURES>", feature("a", "b"), feature("b", "a"));
    let outcome = read(catalog(&article(&features)).as_bytes());
    assert_eq!(outcome.items[0].attributes.len(), 2);
}
