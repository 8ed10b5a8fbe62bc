//! Documents that are large or deep on purpose: what is bounded stays bounded, and long texts do not cost the item.

use plugpoint_plugin_cxml::CxmlTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

fn read(document: &str) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes: document.as_bytes(), media_type: "application/xml", charset: None, profile: &profile };
    Outcome::of(&CxmlTransformer, &[], &sample)
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_ref()).collect()
}

fn long(length: usize) -> String {
    "ö".repeat(length)
}

fn document(items: &str) -> String {
    format!("<Index loadmode='Full'><IndexItem>{items}</IndexItem></Index>")
}

fn item(detail: &str) -> String {
    format!(
        "<IndexItemAdd><ItemID><SupplierPartID>1</SupplierPartID></ItemID><ItemDetail><Description>Hinge</Description>{detail}</ItemDetail></IndexItemAdd>"
    )
}

fn numbered(count: usize, element: impl Fn(usize) -> String) -> String {
    (0..count).map(element).collect()
}

fn price(amount: usize) -> String {
    format!("<UnitPrice><Money currency='EUR'>{amount}</Money></UnitPrice>")
}

fn mixed(titles: usize, texts: usize) -> String {
    let title = long(titles);
    format!("<Description xml:lang='de'><ShortName>{title}</ShortName>{}</Description>", long(texts))
}

fn lists(more: usize) -> Vec<String> {
    let mpn = |number: usize| format!("<ManufacturerPartID>{number}</ManufacturerPartID>");
    let class = |number: usize| format!("<Classification domain='d'>{number}</Classification>");
    let url = |number: usize| format!("<URL>https://x.example/{number}</URL>");
    let extra = |number: usize| format!("<Extrinsic name='e{number}'>1</Extrinsic>");
    let value = |number: usize| format!("<Value>{number}</Value>");
    vec![
        mixed(1024 + more, 5),
        mixed(5, 65_536 + more),
        numbered(64 + more, mpn),
        numbered(256 + more, class),
        numbered(1024 + more, url),
        numbered(1024 + more, price),
        numbered(16_384 + more, extra),
        format!("<Extrinsic name='e'>{}</Extrinsic>", numbered(1024 + more, value)),
        format!("<ManufacturerName>{}</ManufacturerName>", long(256 + more)),
        format!("<Extrinsic name='{}'>1</Extrinsic>", long(256 + more)),
        format!("<Extrinsic name='n'>{}</Extrinsic>", long(65_536 + more)),
        format!("<Classification domain='{}'>1</Classification>", long(64 + more)),
        format!("<Classification domain='d'>{}</Classification>", long(128 + more)),
        format!("<URL>{}</URL>", "x".repeat(4096 + more)),
        format!("<LeadTime>{}</LeadTime>", 3650 + more),
        format!("<Dimension type='t' quantity='1'><UnitOfMeasure>{}</UnitOfMeasure></Dimension>", long(64 + more)),
        format!("{}<UnitOfMeasure>{}</UnitOfMeasure>", price(1), long(32 + more)),
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
        "text_truncated",
        "text_truncated",
        "text_truncated",
        "field_length",
        "field_length",
        "field_length",
        "field_range",
        "field_length",
        "field_length",
    ];
    let many = "<UnitPrice><Money currency='EUR'>x</Money></UnitPrice>".repeat(5000);
    codes.into_iter().zip(lists(1)).chain([("findings_omitted", many)]).collect()
}

fn just_fits() -> Vec<String> {
    lists(0)
}

/// What is kept of an index's suppliers does not grow with them.
#[test]
fn suppliers_are_bounded_in_number_and_length() {
    for (count, findings) in [(16, 0), (17, 1)] {
        let suppliers: String = (0..count)
            .map(|number| format!("<SupplierID domain='{number}{}'>{}</SupplierID>", long(300), long(300)))
            .collect();
        let outcome = read(&format!("<Index>{suppliers}<IndexItem>{}</IndexItem></Index>", item("")));
        assert_eq!((outcome.items[0].attributes.len(), outcome.findings.len()), (16, findings));
        assert_eq!(outcome.items[0].attributes[0].values[0].chars().count(), 128);
    }
}

/// A contract's prices keep the model's limits as an item's do.
#[test]
fn a_contract_keeps_the_limits_too() {
    for (count, findings) in [(1024, 0), (1025, 1)] {
        let prices = numbered(count, price);
        let outcome = read(&format!(
            "<Contract><ItemSegment><ContractItem><ItemID><SupplierPartID>1</SupplierPartID></ItemID>{prices}</ContractItem></ItemSegment></Contract>"
        ));
        assert_eq!((outcome.patches.len(), outcome.findings.len()), (1, findings));
    }
}

/// A record that is too large is shown up to the first credential only.
#[test]
fn an_excerpt_ends_before_a_credential() {
    let large =
        format!("<SharedSecret>hunter2</SharedSecret>{}", format!("<Note>{}</Note>", "x".repeat(900_000)).repeat(20));
    let outcome = read(&document(&item(&large)));
    assert_eq!(codes(&outcome), ["record_too_large"]);
    assert!(!format!("{outcome:?}").contains("hunter2"));
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
    assert!(outcome.findings[0].excerpt.as_ref().unwrap().starts_with("<IndexItemAdd>"));
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
