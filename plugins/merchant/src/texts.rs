//! Titles and texts of an item: Google's before the feed's own, plain before structured, long before short.

use std::borrow::Cow;

use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::MERCHANT;
use crate::item::find;

/// Where a title may stand, the best first.
const TITLES: [&str; 2] = ["title", "structured_title"];
/// Where a text may stand, the best first.
pub(crate) const TEXTS: [&str; 5] = ["description", "structured_description", "content", "encoded", "summary"];

/// Reads title and text. What of these is not used is left for the attributes.
pub(crate) fn read(item: &Element, record: &mut Record<'_>) {
    if let Some(title) = TITLES.iter().find_map(|name| find(item, name)) {
        record.title(title, title.attribute("lang"), &whole(title));
    }
    if let Some(text) = TEXTS.iter().find_map(|name| find(item, name)) {
        record.description(text, text.attribute("lang"), &whole(text));
    }
    let others = item.children().iter().filter(|it| it.is_unread() && ["title", "description"].contains(&it.name()));
    for other in others {
        let (language, text) = (other.attribute("lang"), whole(other));
        match (other.name(), language) {
            ("title", Some(_)) => record.title(other, language, &text),
            (_, Some(_)) => record.description(other, language, &text),
            // Of two without a language Google's counts; what the feed itself says is not lost.
            (name, None) => keep_other(other, name, text.trim(), record),
        }
    }
}

fn keep_other(other: &Element, name: &str, text: &str, record: &mut Record<'_>) {
    let is_known = record.draft.data.texts.iter().any(|it| it.title == text || it.description.as_deref() == Some(text));
    if !is_known {
        record.fact(other, MERCHANT, name, text);
    }
}

/// Whether an element or anything in it has a text. To ask is not to read it.
pub(crate) fn says_something(element: &Element) -> bool {
    element.has_text() || element.children().iter().any(says_something)
}

/// The text of an element, with the markup of one that comes as XHTML; how it came (`type`, `mode`) says nothing more.
pub(crate) fn whole(element: &Element) -> Cow<'_, str> {
    for name in ["type", "mode"] {
        _ = element.attribute(name);
    }
    // A structured text names who wrote it beside its content.
    element.child("content").unwrap_or(element).markup()
}
