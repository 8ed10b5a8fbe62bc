//! How GDSN writes things down, in its generations: texts with a language, measurements with a unit, wrappers that say nothing.
//!
//! Pure functions over elements. 3.x has `<netContent measurementUnitCode="GRM">5</netContent>`, 2.x `<netContent><measurementValue
//! unitOfMeasure="GRM"><value>5</value>…`, some senders `<netContent><measurementValue>5</…><measurementUnitCode>GRM</…>`.

use plugpoint_sdk::xml::Element;

/// Attributes about code lists and order, which say nothing about an item.
const BOOKKEEPING: &[&str] =
    &["codeListVersion", "codeListAgencyName", "codeListURI", "codeListAgencyCode", "sequenceNumber"];

/// Elements that only hold others.
const WRAPPERS: &[&str] = &[
    "tradeItemInformation",
    "extension",
    "tradeItemDescriptionInformation",
    "tradeItemMeasurements",
    "tradeItemIdentification",
    "tradingPartnerNeutralTradeItemInformation",
    "brandNameInformation",
    "allergenRelatedInformation",
    "gdsnTradeItemClassification",
    "gDSNTradeItemClassification",
    "nextLowerLevelTradeItemInformation",
    "marketingInformation",
    "tradeItemMarketingInformation",
    "attributeValuePairExtension",
    "avpList",
];

/// The most characters of a GTIN, and the lengths that one has.
const GTIN_DIGITS: [usize; 4] = [8, 12, 13, 14];

/// An element's own text without blanks at its ends; nothing if none is left.
pub(crate) fn text(element: &Element) -> Option<&str> {
    Some(element.text().trim()).filter(|text| !text.is_empty())
}

/// The first text in an element: its own, else that of the first element in it that has one.
pub(crate) fn first_text(element: &Element) -> Option<&str> {
    text(element).or_else(|| element.children().iter().find_map(first_text))
}

/// The first element of a name in another, the other itself excluded.
pub(crate) fn find<'e>(within: &'e Element, name: &str) -> Option<&'e Element> {
    let mut children = within.children().iter();
    children.find_map(|child| if child.name() == name { Some(child) } else { find(child, name) })
}

/// Whether an element only holds others, so that its name says nothing.
pub(crate) fn is_wrapper(name: &str) -> bool {
    WRAPPERS.contains(&name) || name.ends_with("Module")
}

/// Marks what says nothing of an item, on an element and all in it: versions of code lists, the order of texts.
pub(crate) fn pass_over_bookkeeping(element: &Element) {
    for attribute in element.attributes().iter().filter(|attribute| BOOKKEEPING.contains(&attribute.name())) {
        let _known = attribute.value();
    }
    element.children().iter().for_each(pass_over_bookkeeping);
}

/// Whether an attribute was passed over so.
pub(crate) fn is_bookkeeping(attribute: &str) -> bool {
    BOOKKEEPING.contains(&attribute)
}

/// Whether a text has the form of a GTIN. The check digit is the platform's to doubt.
pub(crate) fn is_gtin(text: &str) -> bool {
    GTIN_DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A value with its unit; nothing if the element is no measurement.
pub(crate) fn measurement(element: &Element) -> Option<(&str, &str)> {
    let unit_of = |element: &'_ Element| -> bool {
        element.attributes().iter().any(|it| matches!(it.name(), "measurementUnitCode" | "unitOfMeasure"))
    };
    let unit = |element| {
        let unit = Element::attribute(element, "measurementUnitCode");
        unit.or_else(|| Element::attribute(element, "unitOfMeasure")).map(str::trim)
    };
    if unit_of(element) {
        let value = text(element).or_else(|| element.child_text("value"))?;
        return Some((value, unit(element)?));
    }
    let children = element.children();
    let is_pair = |child: &Element| matches!(child.name(), "measurementValue" | "measurementUnitCode");
    if children.is_empty() || !children.iter().all(is_pair) {
        return None;
    }
    let value = element.child("measurementValue")?;
    let sent = text(value).or_else(|| value.child_text("value"))?;
    let unit = if unit_of(value) { unit(value) } else { element.child_text("measurementUnitCode") };
    Some((sent, unit.unwrap_or_default()))
}

/// The texts of an element with their languages as sent: its own, or one for each `description` in it (2.x).
pub(crate) fn multilingual(element: &Element) -> Vec<(Option<&str>, &str)> {
    if let Some(own) = text(element) {
        return vec![(language(element), own)];
    }
    let each = |child| {
        let in_language = find(child, "languageISOCode").or_else(|| child.child("language"));
        let language = in_language.and_then(|it| text(it).or_else(|| it.attribute("languageISOCode")));
        let words = ["text", "longText", "shortText", "longDescription", "shortDescription"];
        let words = words.into_iter().find_map(|name| child.child_text(name)).or_else(|| text(child))?;
        Some((language.or_else(|| self::language(child)), words))
    };
    element.children().iter().filter_map(each).collect()
}

/// The language of an element as sent.
pub(crate) fn language(element: &Element) -> Option<&str> {
    ["languageCode", "languageISOCode", "lang"].into_iter().find_map(|name| element.attribute(name))
}

/// Whether an attribute names a language or a unit, which belong to the value.
pub(crate) fn belongs_to_value(attribute: &str) -> bool {
    matches!(attribute, "languageCode" | "languageISOCode" | "lang" | "measurementUnitCode" | "unitOfMeasure")
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::testkit::element;

    use super::*;

    #[test]
    fn measurements_of_every_generation() {
        let cases = [
            ("<a measurementUnitCode=' GRM '> 5 </a>", Some(("5", "GRM"))),
            (
                "<a><measurementValue>5</measurementValue><measurementUnitCode>MLT</measurementUnitCode></a>",
                Some(("5", "MLT")),
            ),
            ("<a><measurementValue unitOfMeasure='KGM'><value>5</value></measurementValue></a>", Some(("5", "KGM"))),
            ("<a unitOfMeasure='KGM'><value>5</value></a>", Some(("5", "KGM"))),
            ("<a><measurementValue>5</measurementValue></a>", Some(("5", ""))),
            ("<a measurementUnitCode='GRM'/>", None),
            ("<a>5</a>", None),
            ("<a><measurementUnitCode>MLT</measurementUnitCode></a>", None),
            ("<a/>", None),
        ];
        for (xml, expected) in cases {
            assert_eq!(measurement(&element(xml)), expected, "{xml}");
        }
    }

    #[test]
    fn texts_of_every_generation() {
        let cases = [
            ("<a languageCode='de'> Hahn </a>", vec![(Some("de"), "Hahn")]),
            ("<a>Hahn</a>", vec![(None, "Hahn")]),
            (
                "<a><description><language><languageISOCode>de</languageISOCode></language><text>Hahn</text></description>\
                 <description><language languageISOCode='en'/><longText>Tap</longText></description></a>",
                vec![(Some("de"), "Hahn"), (Some("en"), "Tap")],
            ),
            (
                "<a><description languageCode='fr'>Robinet</description><description/></a>",
                vec![(Some("fr"), "Robinet")],
            ),
            ("<a> </a>", vec![]),
        ];
        for (xml, expected) in cases {
            assert_eq!(multilingual(&element(xml)), expected, "{xml}");
        }
    }

    #[test]
    fn gtins_have_their_lengths() {
        for (text, expected) in [
            ("96385074", true),
            ("10036016500279", true),
            ("TOKEN", false),
            ("", false),
            ("1003601650027", true),
            ("123456789", false),
        ] {
            assert_eq!(is_gtin(text), expected, "{text}");
        }
    }
}
