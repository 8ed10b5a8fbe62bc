//! One spelling for two generations: BMEcat 1.x says ARTICLE and AID, 2005 says PRODUCT and PID. The mapping knows 2005's.

use std::borrow::Cow;

use plugpoint_sdk::xml::Element;

/// The 2005 spelling of an element's local name: `ARTICLE_DETAILS` is `PRODUCT_DETAILS`, `SUPPLIER_AID` is `SUPPLIER_PID`.
pub(crate) fn modern(name: &str) -> Cow<'_, str> {
    if let Some(rest) = name.strip_prefix("ARTICLE") {
        return Cow::Owned(format!("PRODUCT{rest}"));
    }
    if let Some(rest) = name.strip_prefix("ART_ID") {
        return Cow::Owned(format!("PROD_ID{rest}"));
    }
    match name.find("_AID") {
        Some(at) => Cow::Owned(format!("{}_PID{}", &name[..at], &name[at + 4..])),
        None => Cow::Borrowed(name),
    }
}

/// The children of a name in 2005 spelling.
pub(crate) fn children<'e>(element: &'e Element, name: &'e str) -> impl Iterator<Item = &'e Element> {
    element.children().iter().filter(move |child| modern(child.name()) == name)
}

/// The first child of a name in 2005 spelling that has text, with that text.
pub(crate) fn child<'e>(element: &'e Element, name: &'e str) -> Option<(&'e Element, &'e str)> {
    children(element, name).find_map(|child| text(child).map(|text| (child, text)))
}

/// An element's own text without blanks at its ends; nothing if nothing is left.
pub(crate) fn text(element: &Element) -> Option<&str> {
    Some(element.text().trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::modern;

    #[test]
    fn both_generations_meet_in_one_spelling() {
        let pairs = [
            ("ARTICLE", "PRODUCT"),
            ("ARTICLE_TO_CATALOGGROUP_MAP", "PRODUCT_TO_CATALOGGROUP_MAP"),
            ("SUPPLIER_AID", "SUPPLIER_PID"),
            ("SUPPLIER_AID_SUPPLEMENT", "SUPPLIER_PID_SUPPLEMENT"),
            ("ART_ID_TO", "PROD_ID_TO"),
            ("PRODUCT_PRICE", "PRODUCT_PRICE"),
            ("FNAME", "FNAME"),
        ];
        for (sent, known) in pairs {
            assert_eq!(modern(sent), known);
        }
    }
}
