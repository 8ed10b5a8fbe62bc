//! OtherText (2.1) and TextContent (3.x): for each language the best of them is the description, the rest stays under its type.
//!
//! XHTML comes as elements, escaped or as CDATA; it is kept as markup either way.

use std::collections::HashMap;

use plugpoint_sdk::xml::Element;

use crate::book::{Book, Found, found};

/// Types of text that describe the book, best first: description, then its short form. 2.1 has codes of its own.
const OF_3: &[&str] = &["03", "02"];
const OF_2: &[&str] = &["01", "03", "02"];

struct Sent<'e> {
    found: Found<'e>,
    at: &'e Element,
    kind: &'e str,
    language: String,
    rank: usize,
}

/// Reads all texts.
pub(crate) fn read(product: &Element, book: &mut Book<'_>) {
    let mut texts = Vec::new();
    for content in found(product, "CollateralDetail", "TextContent") {
        gather(content, content.element.child_text("TextType"), OF_3, book, &mut texts);
    }
    for other in found(product, "CollateralDetail", "OtherText") {
        other.element.children_named("TextFormat").for_each(Element::pass_over);
        gather(other, other.element.child_text("TextTypeCode"), OF_2, book, &mut texts);
    }
    for (name, rank) in [("MainDescription", 0), ("Annotation", 2)] {
        for plain in found(product, "CollateralDetail", name) {
            let language = book.record.language_of(plain.element, plain.element.attribute("language"));
            texts.push(Sent { found: plain, at: plain.element, kind: "", language, rank });
        }
    }
    let mut best: HashMap<&str, usize> = HashMap::new();
    for (index, text) in texts.iter().enumerate().filter(|(_, text)| text.rank < usize::MAX) {
        let place = best.entry(text.language.as_str()).or_insert(index);
        if text.rank < texts[*place].rank {
            *place = index;
        }
    }
    for (index, text) in texts.iter().enumerate() {
        let markup = text.at.markup();
        if best.get(text.language.as_str()) == Some(&index) {
            book.record.description(text.at, Some(&text.language), &markup);
            continue;
        }
        let name = text.found.path(if text.kind.is_empty() { "text" } else { text.kind });
        let name = book.named(&name, &text.language);
        book.fact(text.at, &name, &markup);
    }
}

fn gather<'e>(found: Found<'e>, kind: Option<&'e str>, best: &[&str], book: &mut Book<'_>, texts: &mut Vec<Sent<'e>>) {
    let kind = kind.unwrap_or_default();
    // Of two for different readers the one for everybody or for customers is better.
    let is_for_some = !matches!(found.element.peek("ContentAudience").unwrap_or("00"), "00" | "03");
    let rank = best.iter().position(|known| *known == kind);
    let rank = rank.map_or(usize::MAX, |rank| rank + best.len() * usize::from(is_for_some));
    for at in found.element.children_named("Text").filter(|text| !is_blank(text)) {
        let language = book.record.language_of(at, at.attribute("language"));
        texts.push(Sent { found, at, kind, language, rank });
    }
}

fn is_blank(text: &Element) -> bool {
    text.children().is_empty() && text.text().trim().is_empty()
}
