//! ItemDetail, IndexItemDetail and PunchoutDetail: which element goes where. What goes nowhere is kept by the caller.

use std::borrow::Cow;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Availability, Media, decimal};
use plugpoint_sdk::reading::{Record, system_name};
use plugpoint_sdk::xml::Element;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::item::{Kind, attribute, named};
use crate::{CXML, industry};

/// The longest description that also serves as a title.
const TITLE_CHARS_MAX: usize = 255;
/// The longest lead time in days; the model takes no more.
const LEAD_TIME_DAYS_MAX: u32 = 3650;

/// Reads one detail of an item.
pub(crate) fn read(detail: &Element, kind: Kind, record: &mut Record<'_>) {
    for part in detail.children() {
        match part.name() {
            "Description" => read_description(part, record),
            "Classification" => read_classification(part, record),
            "ManufacturerPartID" => record.identifier(part, "mpn", part.text()),
            "ManufacturerName" if record.draft.data.brand.is_none() => record.brand(part.text()),
            "URL" => {
                let kind = if kind == Kind::Punchout { "punchout" } else { "product_page" };
                put_media(part, kind, part.text(), None, record);
            }
            "LeadTime" => read_lead_time(part, record),
            "Dimension" => read_dimension(part, record),
            "Extrinsic" => record.keep(CXML, &named(part.attribute("name"), "Extrinsic"), part),
            "AttachmentReference" => read_attachment(part, record),
            "ItemDetailIndustry" | "ItemDetailRetail" => industry::read(part, record),
            "SearchGroupData" => read_search_group(part, record),
            _ => {}
        }
    }
}

fn read_description(description: &Element, record: &mut Record<'_>) {
    let language = description.attribute("lang");
    // Elements without a ShortName among them are HTML that was not escaped.
    let has_short = description.child("ShortName").is_some();
    let text = if has_short { Cow::Borrowed(description.text()) } else { description.markup() };
    let text = text.trim();
    if let Some(short) = description.child_text("ShortName") {
        record.title(description, language, short);
        if text != short {
            record.description(description, language, text);
        }
        return;
    }
    if text.chars().count() <= TITLE_CHARS_MAX {
        return record.title(description, language, text);
    }
    let head = text.lines().next().unwrap_or_default();
    record.title(description, language, &head.chars().take(TITLE_CHARS_MAX).collect::<String>());
    record.description(description, language, text);
}

/// A code of a domain. Newer senders put the code into an attribute and its name into the text.
fn read_classification(classification: &Element, record: &mut Record<'_>) {
    let text = classification.text().trim();
    let code = classification.attribute("code").map(str::trim).filter(|code| !code.is_empty());
    let path = code.filter(|code| !text.is_empty() && *code != text).map(|_| vec![text.to_owned()]);
    let system = system_name(&named(classification.attribute("domain"), "supplier"));
    record.category(classification, &system, code.unwrap_or(text), path.unwrap_or_default());
}

/// Whole days, rounded up; a time that is no number stays an attribute. A second one that says the same says nothing.
fn read_lead_time(lead_time: &Element, record: &mut Record<'_>) {
    let Ok(days) = decimal::parse(lead_time.text().trim()) else {
        return record.fact(lead_time, CXML, "LeadTime", lead_time.text());
    };
    let whole = Some(days).filter(|days| *days >= Decimal::ZERO).and_then(|days| days.ceil().to_u32());
    let Some(whole) = whole.filter(|days| *days <= LEAD_TIME_DAYS_MAX) else {
        let message =
            format!("the lead time is not within 0 to {LEAD_TIME_DAYS_MAX} days; it was kept as an attribute");
        record.findings.warn_text(finding::FIELD_RANGE, lead_time, message);
        return record.fact(lead_time, CXML, "LeadTime", lead_time.text());
    };
    match record.draft.data.availability.as_ref().and_then(|known| known.lead_time_days) {
        None => {
            let status = "available".to_owned();
            let availability = Availability { status, lead_time_days: Some(whole), ..Availability::default() };
            record.draft.data.availability = Some(availability);
        }
        Some(known) if known != whole => {
            let message = format!("the record has said {known} days before; this one was left out");
            record.findings.warn_text(finding::PART_IGNORED, lead_time, message);
        }
        Some(_) => {}
    }
}

fn read_dimension(dimension: &Element, record: &mut Record<'_>) {
    let Some(quantity) = dimension.attribute("quantity").map(str::trim).filter(|it| !it.is_empty()) else { return };
    let name = named(dimension.attribute("type"), "Dimension");
    record.attribute(dimension, attribute(&name, quantity, dimension.child_text("UnitOfMeasure")));
}

fn read_attachment(attachment: &Element, record: &mut Record<'_>) {
    let Some(url) = attachment.child("URL") else { return };
    let caption = attachment.child_text("Description").or_else(|| attachment.child_text("Name"));
    put_media(attachment, kind_of(url.text()), url.text(), caption, record);
}

fn put_media(at: &Element, kind: &str, url: &str, description: Option<&str>, record: &mut Record<'_>) {
    let media = Media {
        kind: kind.to_owned(),
        url: url.trim().to_owned(),
        mime_type: None,
        description: description.map(str::to_owned),
    };
    record.media(at, media);
}

/// What a file is, by its name.
fn kind_of(url: &str) -> &'static str {
    let path = url.trim().split(['?', '#']).next().unwrap_or_default();
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match extension.as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "tif" | "tiff" | "svg" | "bmp" => "image",
        "pdf" | "doc" | "docx" | "txt" | "htm" | "html" => "document",
        "mp4" | "mov" | "avi" | "webm" | "mpg" | "mpeg" => "video",
        _ => "others",
    }
}

fn read_search_group(group: &Element, record: &mut Record<'_>) {
    let name = group.child_text("Name").unwrap_or("SearchGroupData");
    for data in group.children_named("SearchDataElement") {
        let element = data.attribute("name").unwrap_or_default().trim();
        record.fact(data, CXML, &format!("{name}.{element}"), data.attribute("value").unwrap_or_default());
    }
}
