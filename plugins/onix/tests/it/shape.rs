//! What ONIX 3.0 wants of a record, as far as the export writes it: which parts, in which order, how many, and what a value may be.
//!
//! A table of our own; the standard's schema is not needed to run it.

use plugpoint_sdk::xml::{Element, XmlEvent, XmlOptions, XmlReader};

/// Each element that has parts: `?` may be missing, `*` may come any number of times, `+` at least once, `a|b` is one of them.
const PARTS: &[(&str, &str)] = &[
    ("ONIXMessage", "Header NoProduct|Product+"),
    ("Header", "Sender SentDateTime MessageNote* DefaultLanguageOfText?"),
    ("Sender", "SenderName"),
    (
        "Product",
        "RecordReference NotificationType ProductIdentifier+ DescriptiveDetail? CollateralDetail? PublishingDetail? RelatedMaterial? \
         ProductSupply*",
    ),
    ("ProductIdentifier", "ProductIDType IDTypeName? IDValue"),
    (
        "DescriptiveDetail",
        "ProductComposition ProductForm ProductFormDetail* ProductPackaging? ProductFormDescription* TradeCategory? \
         PrimaryContentType? ProductContentType* Measure* CountryOfManufacture? ProductPart* Collection* TitleDetail+ Contributor* \
         ContributorStatement* EditionType* EditionNumber? EditionVersionNumber? EditionStatement* Language* Extent* Illustrated? \
         NumberOfIllustrations? IllustrationsNote* Subject* AudienceCode* Audience*",
    ),
    ("Measure", "MeasureType Measurement MeasureUnitCode"),
    ("ProductPart", "ProductIdentifier+ ProductForm NumberOfCopies"),
    ("Collection", "CollectionType TitleDetail+"),
    ("TitleDetail", "TitleType TitleElement+"),
    ("TitleElement", "TitleElementLevel PartNumber? TitleText Subtitle?"),
    ("Contributor", "SequenceNumber ContributorRole PersonName"),
    ("Language", "LanguageRole LanguageCode"),
    ("Extent", "ExtentType ExtentValue|ExtentValueRoman ExtentUnit"),
    ("Subject", "SubjectSchemeIdentifier SubjectSchemeName? SubjectSchemeVersion? SubjectCode? SubjectHeadingText?"),
    ("Audience", "AudienceCodeType AudienceCodeTypeName? AudienceCodeValue"),
    ("CollateralDetail", "TextContent* SupportingResource*"),
    ("TextContent", "TextType ContentAudience+ Text+"),
    ("SupportingResource", "ResourceContentType ContentAudience+ ResourceMode ResourceFeature* ResourceVersion+"),
    ("ResourceFeature", "ResourceFeatureType FeatureValue? FeatureNote*"),
    ("ResourceVersion", "ResourceForm ResourceVersionFeature* ResourceLink+"),
    ("ResourceVersionFeature", "ResourceVersionFeatureType FeatureValue? FeatureNote*"),
    (
        "PublishingDetail",
        "Imprint|Publisher Publisher* CityOfPublication* CountryOfPublication? PublishingStatus PublishingDate*",
    ),
    ("Imprint", "ImprintName"),
    ("Publisher", "PublishingRole PublisherName"),
    ("PublishingDate", "PublishingDateRole Date"),
    ("RelatedMaterial", "RelatedWork* RelatedProduct*"),
    ("RelatedWork", "WorkRelationCode WorkIdentifier+"),
    ("WorkIdentifier", "WorkIDType IDTypeName? IDValue"),
    ("RelatedProduct", "ProductRelationCode+ ProductIdentifier+"),
    ("ProductSupply", "SupplyDetail+"),
    ("SupplyDetail", "Supplier ProductAvailability SupplyDate* OrderTime? Stock* UnpricedItemType|Price+"),
    ("Supplier", "SupplierRole SupplierName"),
    ("SupplyDate", "SupplyDateRole Date"),
    ("Stock", "OnHand"),
    (
        "Price",
        "PriceType? PriceQualifier? PriceTypeDescription* PriceCondition* MinimumOrderQuantity? PriceAmount|UnpricedItemType Tax* \
         CurrencyCode? Territory? PriceDate*",
    ),
    ("PriceCondition", "PriceConditionType"),
    ("Tax", "TaxType? TaxRatePercent"),
    ("PriceDate", "PriceDateRole Date"),
    ("Territory", "CountriesIncluded|RegionsIncluded RegionsIncluded?"),
];

/// Texts that may have line breaks and markup.
const FLOWING: &[&str] = &["Text", "FeatureNote", "ContributorStatement", "EditionStatement", "IllustrationsNote"];
const WHOLE: &[&str] = &[
    "SequenceNumber",
    "EditionNumber",
    "NumberOfIllustrations",
    "ExtentValue",
    "NumberOfCopies",
    "OrderTime",
    "OnHand",
    "MinimumOrderQuantity",
];
/// More than nothing.
const POSITIVE: &[&str] =
    &["Measurement", "PriceAmount", "NumberOfCopies", "MinimumOrderQuantity", "ExtentValue", "EditionNumber"];
/// Codes of two characters.
const CODES: &[&str] = &[
    "NotificationType",
    "ProductIDType",
    "WorkIDType",
    "ProductComposition",
    "ProductForm",
    "TitleType",
    "LanguageRole",
    "ExtentType",
    "ExtentUnit",
    "AudienceCode",
    "AudienceCodeType",
    "TextType",
    "ResourceContentType",
    "ResourceMode",
    "ResourceForm",
    "PublishingRole",
    "PublishingStatus",
    "ProductAvailability",
    "PriceType",
    "UnpricedItemType",
    "SubjectSchemeIdentifier",
    "MeasureUnitCode",
];

/// Everything that is not as the standard wants it.
pub(crate) fn flaws(message: &[u8]) -> Vec<String> {
    let mut bytes = message;
    let mut reader = XmlReader::new(&mut bytes, XmlOptions::default());
    assert!(matches!(reader.next(), Ok(XmlEvent::Start(_))), "a document");
    let root = reader.element().unwrap();
    let mut flaws = Vec::new();
    check(&root, &mut flaws);
    flaws
}

fn check(element: &Element, flaws: &mut Vec<String>) {
    let name = element.name();
    match PARTS.iter().find(|(known, _)| *known == name) {
        Some((_, parts)) => {
            let names: Vec<&str> = element.children().iter().map(Element::name).collect();
            let parts: Vec<&str> = parts.split_ascii_whitespace().collect();
            if !matches(&names, &parts) {
                flaws.push(format!("{name} has {}, not {}", names.join(" "), parts.join(" ")));
            }
            element.children().iter().for_each(|child| check(child, flaws));
            together(element, flaws);
        }
        None if !element.children().is_empty() => flaws.push(format!("{name} has parts")),
        None => value(element, flaws),
    }
}

/// Whether children come as a row of slots says.
fn matches(names: &[&str], slots: &[&str]) -> bool {
    let Some((slot, rest)) = slots.split_first() else { return names.is_empty() };
    slot.split('|').any(|one| {
        let (name, (least, most)) = match one.as_bytes().last() {
            Some(b'?') => (&one[..one.len() - 1], (0, 1)),
            Some(b'*') => (&one[..one.len() - 1], (0, usize::MAX)),
            Some(b'+') => (&one[..one.len() - 1], (1, usize::MAX)),
            _ => (one, (1, 1)),
        };
        let count = names.iter().take_while(|it| **it == name).count();
        (least..=count.min(most)).rev().any(|taken| matches(&names[taken..], rest))
    })
}

fn value(element: &Element, flaws: &mut Vec<String>) {
    let (name, text) = (element.name(), element.text());
    let is_empty_by_nature = name == "NoProduct";
    if text.trim_ascii().is_empty() != is_empty_by_nature {
        flaws.push(format!("{name} is {text:?}"));
    }
    if !FLOWING.contains(&name) && text.contains(['\n', '\r']) {
        flaws.push(format!("{name} has a line break: {text:?}"));
    }
    if WHOLE.contains(&name) && !text.bytes().all(|byte| byte.is_ascii_digit()) {
        flaws.push(format!("{name} is no whole number: {text}"));
    }
    if POSITIVE.contains(&name) && !text.parse::<f64>().is_ok_and(|number| number > 0.0) {
        flaws.push(format!("{name} is nothing: {text}"));
    }
    if CODES.contains(&name) && !(text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        flaws.push(format!("{name} is no code: {text}"));
    }
    let languages = (name == "LanguageCode").then_some(text).into_iter().chain(element.attribute("language"));
    flaws.extend(languages.filter(|code| code.len() != 3).map(|code| format!("{code:?} is no language")));
    if name == "ResourceLink" && text.contains(char::is_whitespace) {
        flaws.push(format!("{name} has blanks: {text:?}"));
    }
}

/// What depends on each other.
fn together(element: &Element, flaws: &mut Vec<String>) {
    let text = |name: &str| element.child(name).map(|child| child.text().to_owned());
    let digits = |least: usize, most: usize, value: &str| {
        (least..=most).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit())
    };
    let code = text("ProductIDType").or_else(|| text("WorkIDType")).unwrap_or_default();
    let number = text("IDValue").unwrap_or_default();
    let is_right = match code.as_str() {
        "" => true,
        "01" => text("IDTypeName").is_some(),
        "02" => number.len() == 10,
        "03" | "25" => digits(13, 13, &number),
        "04" => digits(12, 12, &number),
        "14" => digits(14, 14, &number),
        "15" | "24" => digits(13, 13, &number) && number.starts_with("97"),
        _ => text("IDTypeName").is_none(),
    };
    if !is_right {
        flaws.push(format!("{number} of {:?} is no number of type {code}", text("IDTypeName")));
    }
    for (name, code, required) in
        [("SubjectSchemeIdentifier", "24", "SubjectSchemeName"), ("AudienceCodeType", "02", "AudienceCodeTypeName")]
    {
        if text(name).as_deref() == Some(code) && text(required).is_none() {
            flaws.push(format!("{name} {code} has no {required}"));
        }
    }
    let mut measures: Vec<String> = element
        .children_named("Measure")
        .map(|it| ["MeasureType", "MeasureUnitCode"].map(|name| it.child_text(name).unwrap_or_default()).join(" "))
        .collect();
    let count = measures.len();
    measures.dedup();
    if measures.len() < count {
        flaws.push(format!("a measure comes twice: {}", measures.join(", ")));
    }
    let is_widget = text("ResourceContentType").as_deref() == Some("16");
    if is_widget {
        flaws.push("a file is called a widget".to_owned());
    }
}

#[test]
fn the_table_finds_flaws() {
    let flaws = |xml: &str| flaws(format!("<Product>{xml}</Product>").as_bytes());
    let head = "<RecordReference>1</RecordReference><NotificationType>03</NotificationType>";
    let number =
        "<ProductIdentifier><ProductIDType>03</ProductIDType><IDValue>4006381333931</IDValue></ProductIdentifier>";
    assert_eq!(flaws(&format!("{head}{number}")), Vec::<String>::new());
    for (xml, flaw) in [
        (head.to_owned(), "Product has RecordReference NotificationType, not"),
        (format!("{number}{head}"), "Product has ProductIdentifier"),
        (format!("{head}{}", number.replace("03<", "14<")), "4006381333931 of None is no number of type 14"),
        (format!("{head}{}", number.replace("03<", "01<")), "4006381333931 of None is no number of type 01"),
        (
            format!(
                "{head}{number}<ProductSupply><SupplyDetail><Supplier><SupplierRole>00</SupplierRole><SupplierName>a</SupplierName></Supplier><ProductAvailability>99</ProductAvailability></SupplyDetail></ProductSupply>"
            ),
            "SupplyDetail has Supplier ProductAvailability, not",
        ),
        (format!("{head}{number}<RelatedMaterial> <x/></RelatedMaterial>"), "RelatedMaterial has x"),
    ] {
        let found = flaws(&xml);
        assert!(found.first().is_some_and(|it| it.starts_with(flaw)), "{flaw}: {found:?}");
    }
}
