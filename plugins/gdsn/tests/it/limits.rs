//! Documents that are large or deep on purpose: what is bounded stays bounded, and long texts do not cost the item.

use plugpoint_plugin_gdsn::GdsnTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::default();
    Outcome::of(
        &GdsnTransformer,
        &[],
        &Sample { bytes, media_type: "application/xml", charset: None, profile: &profile },
    )
}

fn document(items: &str) -> String {
    format!("<catalogueItemNotificationMessage>{items}</catalogueItemNotificationMessage>")
}

fn trade_item(gtin: &str, rest: &str) -> String {
    format!(
        "<tradeItem><gtin>{gtin}</gtin><tradeItemDescription languageCode='de'>Saft</tradeItemDescription>{rest}</tradeItem>"
    )
}

fn item(gtin: &str, rest: &str) -> String {
    format!("<catalogueItem>{}</catalogueItem>", trade_item(gtin, rest))
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_str()).collect()
}

/// Far more than one record may have: the hierarchy as a whole is never held.
#[test]
fn a_hierarchy_larger_than_a_record_is_read_item_by_item() {
    let long = "x".repeat(60_000);
    let link = |_| {
        format!(
            "<catalogueItemChildItemLink>{}</catalogueItemChildItemLink>",
            item("96385074", &format!("<n>{long}</n>"))
        )
    };
    let children: String = (0..400).map(link).collect();
    let outcome =
        read(document(&format!("<catalogueItem>{}{children}</catalogueItem>", trade_item("12345670", ""))).as_bytes());
    assert_eq!((outcome.error.as_ref(), outcome.items.len(), outcome.patches.len()), (None, 401, 400));
}

#[test]
fn a_record_that_is_too_large_is_rejected_alone() {
    let long = "x".repeat(900_000);
    let large = item("96385074", &format!("<n>{long}</n>").repeat(20));
    let outcome = read(document(&format!("{large}{}", item("12345670", ""))).as_bytes());
    assert_eq!((outcome.records, outcome.items.len(), codes(&outcome)), (2, 1, vec!["record_too_large"]));
}

#[test]
fn a_hierarchy_is_as_deep_as_a_document_may_be() {
    let nested = |levels: usize| {
        let open = format!("<catalogueItem>{}<catalogueItemChildItemLink>", trade_item("96385074", ""));
        document(&format!("{}{}", open.repeat(levels), "</catalogueItemChildItemLink></catalogueItem>".repeat(levels)))
    };
    assert_eq!(read(nested(62).as_bytes()).records, 62);
    assert_eq!(read(nested(70).as_bytes()).error.unwrap().0, "limit_exceeded");
}

#[test]
fn what_is_too_long_is_cut_and_the_item_stays() {
    let long = |name: &str, length: usize| format!("<{name}>{}</{name}>", "ö".repeat(length));
    let several = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let file = |url: String| format!("<referencedFileHeader>{url}</referencedFileHeader>");
    let deep = |levels: usize| {
        let names = || (0..levels).map(|level| format!("group{level:02}"));
        let open: String = names().map(|name| format!("<{name}>")).collect();
        let close: String = names().rev().map(|name| format!("</{name}>")).collect();
        format!("{open}<leaf>1</leaf>{close}")
    };
    let cases = [
        ("text_truncated", long("marketingMessage", 66_000)),
        ("text_truncated", long("brandName", 300)),
        ("text_truncated", long("n", 66_000)),
        ("text_truncated", deep(40)),
        ("text_truncated", long("keyWords", 1100)),
        ("field_length", long("gpcCategoryCode", 129)),
        ("field_length", several(300, &|number| format!("<gpcCategoryCode>{number}</gpcCategoryCode>"))),
        ("field_length", several(16_400, &|number| format!("<n{number}>1</n{number}>"))),
        ("field_length", several(1100, &|number| format!("<n>{number}</n>"))),
        (
            "field_length",
            several(1100, &|number| file(format!("<uniformResourceIdentifier>{number}</uniformResourceIdentifier>"))),
        ),
        ("field_length", file(long("uniformResourceIdentifier", 4097))),
        ("field_length", several(4100, &|number| format!("<childTradeItem><gtin>{number}</gtin></childTradeItem>"))),
        ("field_invalid", format!("<childTradeItem>{}</childTradeItem>", long("gtin", 129))),
        ("field_invalid", long("additionalTradeItemIdentification", 129)),
        (
            "findings_omitted",
            several(200, &|number| format!("<tradeItemDescription languageCode='de'>{number}</tradeItemDescription>")),
        ),
    ];
    for (code, rest) in cases {
        let outcome = read(document(&item("96385074", &rest)).as_bytes());
        assert_eq!((outcome.error.as_ref(), outcome.items.len()), (None, 1), "{code}: {:?}", outcome.findings);
        assert!(codes(&outcome).contains(&code), "{code}: {:?}", outcome.findings.first());
        assert!(outcome.findings.len() <= 101);
    }
}
