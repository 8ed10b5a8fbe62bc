//! Title, descriptions, summaries, bullet points and reasons to buy, each in the language of its number.

use plugpoint_sdk::model::Media;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::ICECAT;
use crate::language::{self, known, marked, told};

/// The language of a data sheet: that of its description, else of its summary, else of its category's name. A sheet that has
/// several has none of its own.
pub(crate) fn language(product: &Element) -> Option<&'static str> {
    let within = |name: &'static str| product.children().iter().filter(move |child| child.name() == name);
    let descriptions: Vec<_> = within("ProductDescription").filter_map(language::of).collect();
    let summaries = within("SummaryDescription").flat_map(Element::children).filter_map(language::of);
    let names = within("Category").flat_map(Element::children).filter_map(language::of);
    match descriptions.as_slice() {
        [] => single(summaries.collect()).or_else(|| single(names.collect())),
        [first, rest @ ..] => rest.iter().all(|other| other == first).then_some(*first),
    }
}

fn single(languages: Vec<&'static str>) -> Option<&'static str> {
    let first = *languages.first()?;
    languages.iter().all(|other| *other == first).then_some(first)
}

/// Reads all texts of a product.
pub(crate) fn read(product: &Element, record: &mut Record<'_>) {
    let attribute = |name: &str| product.attribute(name).map(str::trim).filter(|text| !text.is_empty());
    match (attribute("Title"), attribute("Name")) {
        (Some(title), name) => {
            record.title(product, None, title);
            record.fact(product, ICECAT, "Name", name.unwrap_or_default());
        }
        (None, name) => record.title(product, None, name.unwrap_or_default()),
    }
    for description in product.children_named("ProductDescription") {
        read_description(description, record);
    }
    for summaries in product.children_named("SummaryDescription") {
        for summary in summaries.children_named("LongSummaryDescription") {
            put(summary, "LongSummaryDescription", summary.text(), record);
        }
        for summary in summaries.children_named("ShortSummaryDescription") {
            put(summary, "ShortSummaryDescription", summary.text(), record);
        }
    }
    for points in product.children().iter().filter(|it| matches!(it.name(), "BulletPoints" | "GeneratedBulletPoints")) {
        for point in points.children() {
            let language = told(point, record);
            let value = point.attribute("Value").unwrap_or_else(|| point.text()).to_owned();
            add_value(point, &marked("BulletPoint", language, record), &broken(&value), record);
            known(point, &["ID", "No"]);
        }
    }
    for reasons in product.children_named("ReasonsToBuy") {
        reasons.children_named("ReasonToBuy").for_each(|reason| read_reason(reason, record));
    }
}

fn read_description(description: &Element, record: &mut Record<'_>) {
    known(description, &["ID", "PDFSize", "ManualPDFSize", "LeafletPDFSize"]);
    let text = |name: &str| description.attribute(name).map(broken).unwrap_or_default();
    let language = told(description, record);
    for name in ["LongDesc", "MiddleDesc", "ShortDesc"] {
        put_in(description, name, language, &text(name), record);
    }
    for name in ["WarrantyInfo", "OfficialURL"] {
        record.fact(description, ICECAT, &marked(name, language, record), &text(name));
    }
}

/// A text that is the item's, if it has none in this language, else an attribute.
fn put(at: &Element, name: &str, text: &str, record: &mut Record<'_>) {
    let language = told(at, record);
    put_in(at, name, language, text, record);
}

fn put_in(at: &Element, name: &str, language: Option<&'static str>, text: &str, record: &mut Record<'_>) {
    let lang = language.unwrap_or(&record.language).to_owned();
    let has_text = record.draft.data.texts.iter().any(|known| known.lang == lang && known.description.is_some());
    if has_text {
        record.fact(at, ICECAT, &marked(name, language, record), text);
    } else {
        record.description(at, Some(&lang), text);
    }
}

/// A reason to buy is a heading with a text, and sometimes a picture.
fn read_reason(reason: &Element, record: &mut Record<'_>) {
    let text = |name: &str| reason.attribute(name).map(broken).unwrap_or_default();
    let language = told(reason, record);
    let (title, value) = (text("Title"), text("Value"));
    let whole = if title.is_empty() || value.is_empty() { title.clone() + &value } else { format!("{title}\n{value}") };
    add_value(reason, &marked("ReasonToBuy", language, record), &whole, record);
    let description = Some(title.trim()).filter(|title| !title.is_empty()).map(str::to_owned);
    let url = text("HighPic").trim().to_owned();
    record.media(reason, Media { kind: "illustration".to_owned(), url, mime_type: None, description });
    known(reason, &["ID", "HighPicSize", "No", "origin", "IsRich"]);
}

/// One more value of an attribute.
fn add_value(at: &Element, name: &str, value: &str, record: &mut Record<'_>) {
    let value = value.trim();
    let is_it = |attribute: &&mut plugpoint_sdk::model::Attribute| {
        attribute.name == name && attribute.system.as_deref() == Some(ICECAT) && attribute.feature_id.is_none()
    };
    match record.draft.data.attributes.iter_mut().find(is_it) {
        Some(known) if !value.is_empty() => known.values.push(value.to_owned()),
        _ => record.fact(at, ICECAT, name, value),
    }
}

/// Line breaks come as the two characters `\n`.
fn broken(text: &str) -> String {
    text.replace("\\r\\n", "\n").replace("\\n", "\n")
}
