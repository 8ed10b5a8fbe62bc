//! Documents that are large or deep on purpose: what is bounded stays bounded, and long texts do not cost the item.

use std::time::{Duration, Instant};

use plugpoint_sdk::testkit::Outcome;

use crate::{message, product, read};

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn ten_thousand_levels_are_refused() {
    let document = message(&format!("{}{}", "<A>".repeat(10_000), "</A>".repeat(10_000)));
    assert_eq!(read(document.as_bytes(), None).error.unwrap().0, "limit_exceeded");
}

#[test]
fn a_record_that_is_too_large_is_rejected_alone() {
    let large = product(&format!("<Note>{}</Note>", "x".repeat(900_000)).repeat(20));
    let outcome = read(message(&format!("{large}{}", product(""))).as_bytes(), None);
    assert_eq!((outcome.records, outcome.items.len(), codes(&outcome)), (2, 1, vec!["record_too_large"]));
    assert!(outcome.findings[0].excerpt.as_ref().unwrap().starts_with("<Product>"));
    let alone = read(large.as_bytes(), None);
    assert_eq!((alone.error.is_none(), alone.records, codes(&alone)), (true, 1, vec!["record_too_large"]));
}

/// Whatever an item has too much of is cut with a finding, and what is left keeps the limits of the model.
#[test]
fn what_is_too_long_is_cut_and_the_item_stays() {
    for (code, rest) in too_much() {
        let outcome = read(message(&product(&rest)).as_bytes(), None);
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.items.len(), 1, "{code}: {:?}", outcome.findings.first());
        assert!(codes(&outcome).contains(&code), "{code}: {:?} of {}", outcome.findings.first(), &rest[..100]);
        assert!(outcome.findings.len() <= 101);
    }
}

/// What is too much, beside a product's title, and the code that says so.
fn too_much() -> Vec<(&'static str, String)> {
    let long = |name: &str, length: usize| format!("<{name}>{}</{name}>", "ö".repeat(length));
    let detail = |inner: &str| format!("<DescriptiveDetail>{inner}</DescriptiveDetail>");
    let numbered = |before: &str, after: &str, count: usize| {
        (0..count).map(|number| format!("{before}{number}{after}")).collect::<String>()
    };
    let subject = |inner: &str| {
        detail(&format!("<Subject><SubjectSchemeIdentifier>10</SubjectSchemeIdentifier>{inner}</Subject>"))
    };
    let price = "<Price><PriceType>02</PriceType><CurrencyCode>EUR</CurrencyCode><PriceAmount>";
    let supply = |inner: &str| format!("<ProductSupply><SupplyDetail>{inner}</SupplyDetail></ProductSupply>");
    let resource = "<SupportingResource><ResourceVersion><ResourceLink>";
    let media = |inner: &str| format!("<CollateralDetail>{inner}</CollateralDetail>");
    let resource_end = "</ResourceLink></ResourceVersion></SupportingResource>";
    let related = "<RelatedProduct><ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>";
    let related_end = "</IDValue></ProductIdentifier></RelatedProduct>";
    let number = "<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>";
    let number_end = "</IDValue></ProductIdentifier>";
    let person = "<Contributor><ContributorRole>A01</ContributorRole><PersonName>";
    vec![
        (
            "text_truncated",
            media(&format!("<TextContent><TextType>03</TextType>{}</TextContent>", long("Text", 70_000))),
        ),
        (
            "text_truncated",
            format!("<PublishingDetail><Imprint>{}</Imprint></PublishingDetail>", long("ImprintName", 300)),
        ),
        ("text_truncated", subject(&format!("<SubjectCode>1</SubjectCode>{}", long("SubjectHeadingText", 1100)))),
        ("text_truncated", detail(&long("EditionStatement", 70_000))),
        ("text_truncated", detail(&format!("<Contributor>{}</Contributor>", long("PersonName", 600)))),
        ("field_length", subject(&long("SubjectCode", 200))),
        (
            "field_length",
            detail(&numbered(
                "<Subject><SubjectSchemeIdentifier>10</SubjectSchemeIdentifier><SubjectCode>",
                "</SubjectCode></Subject>",
                300,
            )),
        ),
        (
            "field_length",
            detail(&numbered(
                "<Subject><SubjectSchemeIdentifier>20</SubjectSchemeIdentifier><SubjectHeadingText>",
                "</SubjectHeadingText></Subject>",
                300,
            )),
        ),
        ("field_length", detail(&numbered("<ProductFormDetail>", "</ProductFormDetail>", 1100))),
        ("field_length", supply(&numbered(price, "</PriceAmount></Price>", 1100))),
        ("field_length", numbered(number, number_end, 70)),
        ("field_invalid", format!("{number}{}{number_end}", "x".repeat(129))),
        ("field_length", media(&numbered(resource, resource_end, 1100))),
        ("field_length", media(&format!("{resource}{}{resource_end}", "x".repeat(5000)))),
        ("field_length", format!("<RelatedMaterial>{}</RelatedMaterial>", numbered(related, related_end, 4200))),
        ("field_length", detail(&numbered(person, "</PersonName></Contributor>", 1100))),
        (
            "field_length",
            detail(&format!(
                "<ContentItem>{}</ContentItem>",
                numbered("<Measure><MeasureType>", "</MeasureType><Measurement>1</Measurement></Measure>", 17_000)
            )),
        ),
        ("findings_omitted", supply(&"<Price/>".repeat(5000))),
    ]
}

/// What is at the bound needs no finding.
#[test]
fn what_fits_stays_without_a_finding() {
    let price = |number: usize| {
        format!(
            "<Price><PriceType>02</PriceType><PriceAmount>{number}</PriceAmount><CurrencyCode>EUR</CurrencyCode></Price>"
        )
    };
    let prices: String = (0..1024).map(price).collect();
    let forms: String = (0..1024).map(|number| format!("<ProductFormDetail>{number}</ProductFormDetail>")).collect();
    let rest = format!(
        "<DescriptiveDetail>{forms}</DescriptiveDetail><ProductSupply><SupplyDetail>{prices}</SupplyDetail></ProductSupply>"
    );
    let outcome = read(message(&product(&rest)).as_bytes(), None);
    assert_eq!((codes(&outcome), outcome.items[0].prices.len()), (vec![], 1024));
}

/// A record of one element many times takes time in proportion, not its square.
#[test]
fn repetition_costs_no_more_than_its_bytes() {
    let languages = |number: usize| {
        let letter = |place: usize| char::from(b'a' + u8::try_from(number / 26_usize.pow(place as u32) % 26).unwrap());
        format!(
            "<TextContent><TextType>03</TextType><Text language='{}{}{}'>x</Text></TextContent>",
            letter(2),
            letter(1),
            letter(0)
        )
    };
    let rest_of_world = "<Price><PriceType>02</PriceType><PriceAmount>1</PriceAmount><CurrencyCode>EUR</CurrencyCode>\
         <Territory><RegionsIncluded>ROW</RegionsIncluded></Territory></Price>";
    let documents = [
        format!("<CollateralDetail>{}</CollateralDetail>", (0..15_000).map(languages).collect::<String>()),
        format!("<ProductSupply><SupplyDetail>{}</SupplyDetail></ProductSupply>", rest_of_world.repeat(8_000)),
        (0..20_000).map(|number| format!("<ProductFormDetail>{number}</ProductFormDetail>")).collect(),
    ];
    for rest in documents {
        let started = Instant::now();
        let outcome = read(message(&product(&rest)).as_bytes(), None);
        assert_eq!(outcome.items.len(), 1);
        assert!(started.elapsed() < Duration::from_secs(20), "{:?} for {}", started.elapsed(), &rest[..60]);
    }
}
