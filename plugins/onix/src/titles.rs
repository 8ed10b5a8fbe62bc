//! Title (2.1) and TitleDetail (3.x). Titles of collections lie elsewhere and are not looked at.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::xml::Element;

use crate::book::{Book, Found, found};

/// A title of one type, put together.
struct Title<'e> {
    found: Found<'e>,
    kind: &'e str,
    /// Where its words are, for their language.
    at: &'e Element,
    /// Where its subtitle is.
    composite: &'e Element,
    text: String,
}

/// Types of titles under which an item is known, the first that is there wins: distinctive, undefined, unsaid.
const OWN_TYPES: &[&str] = &["01", "00", ""];

/// Reads all titles: one becomes the item's, others are kept under their type. False if there is none.
pub(crate) fn read(product: &Element, book: &mut Book<'_>) -> bool {
    let mut titles: Vec<Title<'_>> = Vec::new();
    for detail in found(product, "DescriptiveDetail", "TitleDetail") {
        titles.extend(of_detail(detail, book));
    }
    for title in found(product, "DescriptiveDetail", "Title") {
        titles.extend(of_title(title));
    }
    if titles.is_empty() {
        titles.extend(of_product(product));
    }
    let Some(first) = titles.first() else { return false };
    let known = OWN_TYPES.iter().find(|kind| titles.iter().any(|title| title.kind == **kind));
    let own = known.copied().unwrap_or(first.kind);
    if known.is_none() {
        let message = "there is no distinctive title; the first title stands in";
        book.record.findings.warn_value(finding::FIELD_INVALID, first.at, first.kind, message);
    }
    for title in &titles {
        let language = title.at.attribute("language").or_else(|| title.composite.attribute("language"));
        if title.kind == own || (title.kind == "06" && language.is_some()) {
            book.record.title(title.at, language, &title.text);
        } else {
            let name = book.in_language(&title.found.path(title.kind), title.at);
            book.fact(title.at, &name, &title.text);
        }
        let subtitles = title.composite.children_named("Subtitle");
        let name = if title.kind == own { "subtitle".to_owned() } else { title.found.path(title.kind) + "/Subtitle" };
        for subtitle in subtitles {
            let name = book.in_language(&name, subtitle);
            book.fact(subtitle, &name, subtitle.text());
        }
    }
    true
}

/// 3.x: the element of level 01, or, where that has but a number, those above it with the number.
fn of_detail<'e>(detail: Found<'e>, book: &mut Book<'_>) -> Option<Title<'e>> {
    let kind = detail.element.child_text("TitleType").unwrap_or_default();
    let mut elements: Vec<_> = detail.element.children_named("TitleElement").collect();
    elements.sort_by_key(|element| order(element));
    let level = |element: &Element| element.child_text("TitleElementLevel").unwrap_or("01") == "01";
    let part = |element: &'e Element| element.child_text("PartNumber");
    let own = elements.iter().copied().find(|element| level(element));
    if let Some(element) = own
        && let Some((at, text)) = words(element)
    {
        if let Some(part) = part(element) {
            book.fact(element, "part_number", part);
        }
        return Some(Title { found: detail, kind, at, composite: element, text });
    }
    let above: Vec<_> = elements.iter().copied().filter_map(|element| words(element).map(|(_, text)| text)).collect();
    let number = own.and_then(part).map(str::to_owned);
    let text = above.into_iter().chain(number).collect::<Vec<_>>().join(", ");
    let at = own.or_else(|| elements.first().copied()).unwrap_or(detail.element);
    if !text.is_empty() {
        return Some(Title { found: detail, kind, at, composite: at, text });
    }
    let statement = detail.element.child("TitleStatement")?;
    let text = statement.markup().trim().to_owned();
    (!text.is_empty()).then_some(Title { found: detail, kind, at: statement, composite: detail.element, text })
}

fn of_title(title: Found<'_>) -> Option<Title<'_>> {
    let kind = title.element.child_text("TitleType").unwrap_or_default();
    let (at, text) = words(title.element)?;
    Some(Title { found: title, kind, at, composite: title.element, text })
}

/// The elements that 2.1 still allows for a title without a composite.
fn of_product(product: &Element) -> Option<Title<'_>> {
    let found = Found::of_product(product);
    let distinctive = product.child("DistinctiveTitle").filter(|title| !title.text().trim().is_empty());
    let (at, text) = match distinctive {
        Some(title) => (title, title.text().trim().to_owned()),
        None => words(product)?,
    };
    Some(Title { found, kind: "", at, composite: product, text })
}

/// Prefix and rest, else the title as one, else the rest alone; and the element that says it.
fn words(element: &Element) -> Option<(&Element, String)> {
    let with_text = |name| element.child(name).filter(|child| !child.text().trim().is_empty());
    let (prefix, rest, whole) = (with_text("TitlePrefix"), with_text("TitleWithoutPrefix"), with_text("TitleText"));
    if let (Some(prefix), Some(rest)) = (prefix, rest) {
        let (start, end) = (prefix.text().trim(), rest.text().trim());
        let gap = if start.ends_with(['\'', '’', '-']) { "" } else { " " };
        return Some((rest, format!("{start}{gap}{end}")));
    }
    let one = whole.or(rest)?;
    Some((one, one.text().trim().to_owned()))
}

/// By SequenceNumber, those without one behind.
pub(crate) fn order(element: &Element) -> u32 {
    element.child_text("SequenceNumber").and_then(|number| number.parse().ok()).unwrap_or(u32::MAX)
}
