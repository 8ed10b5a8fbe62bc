//! Documents that are large or deep on purpose: what is bounded stays bounded, and long texts do not cost the item.

use plugpoint_plugin_icecat::IcecatTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

fn read(document: &str) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes: document.as_bytes(), media_type: "application/xml", charset: None, profile: &profile };
    Outcome::of(&IcecatTransformer, &[], &sample)
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_ref()).collect()
}

fn long(length: usize) -> String {
    "ö".repeat(length)
}

fn document(items: &str) -> String {
    format!("<ICECAT-interface>{items}</ICECAT-interface>")
}

fn item(inner: &str) -> String {
    format!("<Product Code='1' Prod_id='1' Title='Kettle'>{inner}</Product>")
}

fn numbered(count: usize, element: impl Fn(usize) -> String) -> String {
    (0..count).map(element).collect()
}

fn feature(name: &str, value: &str, unit: &str) -> String {
    format!(
        "<ProductFeature Value='{value}'><Feature ID='1'><Measure Sign='{unit}'/><Name Value='{name}'/></Feature></ProductFeature>"
    )
}

fn lists(more: usize) -> Vec<String> {
    let picture = |number: usize| format!("<ProductPicture Pic='http://img.example/{number}'/>");
    let related = |number: usize| format!("<Product Prod_id='{number}'/>");
    let code = |number: usize| format!("<EANCode EAN='{}'/>", gtin(number));
    let category = |number: usize| format!("<Category ID='{number}'/>");
    let point = |number: usize| format!("<BulletPoint Value='{number}'/>");
    vec![
        format!("<ProductDescription LongDesc='{}'/>", long(65_536 + more)),
        format!("<Supplier Name='{}'/>", long(256 + more)),
        numbered(64 + more, code),
        numbered(256 + more, category),
        format!("<ProductGallery>{}</ProductGallery>", numbered(1024 + more, picture)),
        format!("<ProductRelated>{}</ProductRelated>", numbered(4096 + more, related)),
        format!("<BulletPoints>{}</BulletPoints>", numbered(1024 + more, point)),
        numbered(16_384 + more, |number| format!("<Extra{number}>1</Extra{number}>")),
        feature(&long(256 + more), "1", ""),
        feature("f", &long(65_536 + more), ""),
        feature("f", "1", &long(64 + more)),
        format!("<Category ID='{}'/>", long(128 + more)),
        format!("<Category ID='1'><Name Value='{}'/></Category>", long(1024 + more)),
        format!("<ProductRelated><Product Prod_id='{}'/></ProductRelated>", "x".repeat(128 + more)),
        format!("<ProductGallery><ProductPicture Pic='{}'/></ProductGallery>", "x".repeat(4096 + more)),
        format!(
            "<ProductMultimediaObject><MultimediaObject URL='u' ContentType='{}'/></ProductMultimediaObject>",
            "x".repeat(128 + more)
        ),
        format!(
            "<ProductMultimediaObject><MultimediaObject URL='u' Description='{}'/></ProductMultimediaObject>",
            long(1024 + more)
        ),
    ]
}

/// A number of 13 digits with its check digit.
fn gtin(number: usize) -> String {
    let digits = format!("400638{number:06}");
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip([3, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
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
        "text_truncated",
        "text_truncated",
        "field_length",
        "field_length",
        "text_truncated",
        "field_invalid",
        "field_length",
        "field_length",
        "text_truncated",
    ];
    let many = "<ProductFeature/>".repeat(5000);
    codes.into_iter().zip(lists(1)).chain([("findings_omitted", many)]).collect()
}

fn just_fits() -> Vec<String> {
    lists(0)
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
    assert!(outcome.findings[0].excerpt.as_ref().unwrap().starts_with("<Product "));
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
