//! Documents that are large or deep on purpose: what is bounded stays bounded, and long texts do not cost the item.

use plugpoint_plugin_merchant::MerchantTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

fn read(document: &str) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes: document.as_bytes(), media_type: "application/xml", charset: None, profile: &profile };
    Outcome::of(&MerchantTransformer, &[], &sample)
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_ref()).collect()
}

fn long(length: usize) -> String {
    "ö".repeat(length)
}

fn document(items: &str) -> String {
    format!("<rss version='2.0' xmlns:g='http://base.google.com/ns/1.0'><channel>{items}</channel></rss>")
}

fn item(inner: &str) -> String {
    format!("<item><g:id>1</g:id><title>Kettle</title>{inner}</item>")
}

fn numbered(count: usize, element: impl Fn(usize) -> String) -> String {
    (0..count).map(element).collect()
}

fn lists(more: usize) -> Vec<String> {
    let picture = |number: usize| format!("<g:image_link>http://img.example/{number}</g:image_link>");
    let number = |number: usize| format!("<g:mpn>{number}</g:mpn>");
    let kind = |number: usize| format!("<g:product_type>{number}</g:product_type>");
    let label = |number: usize| format!("<g:label>{number}</g:label>");
    let group = |number: usize| format!("<g:item_group_id>{number}</g:item_group_id>");
    let highlight = |number: usize| format!("<g:product_highlight>{number}</g:product_highlight>");
    let custom = |number: usize| format!("<g:custom_{number}>1</g:custom_{number}>");
    vec![
        format!("<description>{}</description>", long(65_536 + more)),
        format!("<g:brand>{}</g:brand>", long(256 + more)),
        numbered(64 + more, number),
        numbered(256 + more, kind),
        numbered(1024 + more, picture),
        numbered(4096 + more, group),
        numbered(256 + more, label),
        numbered(1024 + more, highlight),
        numbered(16_384 + more, custom),
        format!("<g:color>{}</g:color>", long(65_536 + more)),
        format!("<g:label>{}</g:label>", long(1024 + more)),
        format!("<g:shipping_weight>1 {}</g:shipping_weight>", long(64 + more)),
        format!("<g:mpn>{}</g:mpn>", long(128 + more)),
        format!("<g:item_group_id>{}</g:item_group_id>", long(128 + more)),
        format!("<g:image_link>{}</g:image_link>", "x".repeat(4096 + more)),
        // By a number of Google's the code stays short, however long the path is.
        format!("<g:google_product_category>1 - a{}</g:google_product_category>", "&gt;a".repeat(31 + more)),
        format!(
            "<g:product_detail><g:attribute_name>{}</g:attribute_name><g:attribute_value>1</g:attribute_value></g:product_detail>",
            long(256 + more)
        ),
    ]
}

fn too_much() -> Vec<(&'static str, String)> {
    let codes = [
        "text_truncated",
        "text_truncated",
        "field_length",
        "field_length",
        "field_length",
        "field_length",
        "field_length",
        "field_length",
        "field_length",
        "text_truncated",
        "text_truncated",
        "field_length",
        "field_invalid",
        "field_invalid",
        "field_length",
        "field_length",
        "text_truncated",
    ];
    let many = format!("<g:mpn>{}</g:mpn>", long(129)).repeat(5000);
    codes.into_iter().zip(lists(1)).chain([("findings_omitted", many)]).collect()
}

fn just_fits() -> Vec<String> {
    lists(0)
}

/// A path that is no category's code any more is an attribute.
#[test]
fn a_path_of_a_category_is_one_as_long_as_it_is_a_code() {
    for (length, categories, attributes) in [(128, 1, 0), (129, 0, 1)] {
        let outcome = read(&document(&item(&format!("<g:product_type>{}</g:product_type>", long(length)))));
        let item = &outcome.items[0];
        assert_eq!((item.categories.len(), item.attributes.len()), (categories, attributes));
    }
}

#[test]
fn ten_thousand_levels_are_refused() {
    let outcome = read(&document(&item(&format!("{}{}", "<A>".repeat(10_000), "</A>".repeat(10_000)))));
    assert_eq!(outcome.error.unwrap().0, "limit_exceeded");
}

#[test]
fn a_record_that_is_too_large_is_rejected_alone() {
    let text = "x".repeat(900_000);
    let outcome = read(&document(&(item(&format!("<Note>{text}</Note>").repeat(20)) + &item(""))));
    assert_eq!((outcome.error.clone(), outcome.records, outcome.items.len()), (None, 2, 1));
    assert_eq!(codes(&outcome), ["record_too_large"]);
    assert!(outcome.findings[0].excerpt.as_ref().unwrap().starts_with("<item>"));
}

/// Whatever an item has too much of is cut with a finding, and what is left keeps the limits of the model.
#[test]
fn what_is_too_long_is_cut_and_the_item_stays() {
    for (code, inner) in too_much() {
        let outcome = read(&document(&item(&inner)));
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.items.len(), 1, "{code}: {:?}", outcome.findings);
        assert!(
            codes(&outcome).contains(&code),
            "{code}: {:?} {}",
            outcome.findings.first(),
            inner.chars().take(80).collect::<String>()
        );
        assert!(outcome.findings.len() <= 101);
    }
}

/// The same lists and texts, each as long as it may be.
#[test]
fn what_just_fits_has_no_finding() {
    for inner in just_fits() {
        let outcome = read(&document(&item(&inner)));
        assert_eq!((outcome.error.clone(), outcome.items.len()), (None, 1), "{:?}", outcome.findings.first());
        assert_eq!(codes(&outcome), Vec::<&str>::new(), "{}", inner.chars().take(80).collect::<String>());
    }
}
