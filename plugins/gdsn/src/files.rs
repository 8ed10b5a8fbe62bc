//! Referenced files: pictures, data sheets, links, by reference. Nothing is fetched.

use plugpoint_sdk::model::Media;
use plugpoint_sdk::reading::{Record, word};
use plugpoint_sdk::xml::Element;

use crate::keep::{Numbers, keep};
use crate::shape::{first_text, multilingual};

/// What is read of a file; the rest is kept as attributes.
const READ: &[&str] = &[
    "uniformResourceIdentifier",
    "referencedFileTypeCode",
    "typeOfInformation",
    "fileFormatName",
    "fileFormatDescription",
    "contentDescription",
    "fileName",
];

/// Whether an element describes a file.
pub(crate) fn is_file(name: &str) -> bool {
    matches!(
        name,
        "referencedFileHeader" | "referencedFileInformation" | "externalFileLink" | "tradeItemExternalInformation"
    )
}

/// Reads a file. Without an address it is kept as what it says.
pub(crate) fn read(file: &Element, path: &str, record: &mut Record<'_>) {
    let first = record.draft.data.attributes.len();
    let address = file.child("uniformResourceIdentifier").and_then(first_text);
    let mut read = READ;
    match address {
        Some(url) => record.media(file, media(file, url)),
        None => read = &[],
    }
    let mut numbers = Numbers::default();
    for child in file.children().iter().filter(|child| !read.contains(&child.name())) {
        keep(child, &numbers.path(path, child), first, record);
    }
}

fn media(file: &Element, url: &str) -> Media {
    let sent_type = ["referencedFileTypeCode", "typeOfInformation"].into_iter().find_map(|name| file.child(name));
    let sent_format = ["fileFormatName", "fileFormatDescription"].into_iter().find_map(|name| file.child(name));
    let description = file.child("contentDescription").and_then(|it| multilingual(it).first().map(|(_, words)| *words));
    let file_name = file.child("fileName").and_then(first_text);
    Media {
        kind: kind(sent_type.and_then(first_text).unwrap_or_default()),
        url: url.to_owned(),
        mime_type: sent_format.and_then(first_text).and_then(mime_type),
        description: description.or(file_name).map(str::to_owned),
    }
}

/// The type of file in the words of an item: what is a picture is an `image`, whatever it shows.
fn kind(code: &str) -> String {
    let code = word(code, "others");
    match code.as_str() {
        "website" | "dpp_website" => "link".to_owned(),
        "safety_data_sheet" | "technical_data_sheet" | "product_data_sheet" | "data_sheet" => "data_sheet".to_owned(),
        _ if code.contains("image") || code == "logo" || code == "planogram" => "image".to_owned(),
        _ if code.contains("video") => "video".to_owned(),
        _ if code.contains("audio") => "audio".to_owned(),
        _ if code.contains("document") => "document".to_owned(),
        _ => code,
    }
}

/// The media type, sent as such or by the usual ending.
fn mime_type(format: &str) -> Option<String> {
    if format.contains('/') {
        return Some(format.to_lowercase());
    }
    let known = match format.to_ascii_lowercase().trim_start_matches('.') {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "tif" | "tiff" => "image/tiff",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "mp4" => "video/mp4",
        "html" | "htm" => "text/html",
        _ => return None,
    };
    Some(known.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{kind, mime_type};

    #[test]
    fn kinds_and_media_types() {
        let cases = [
            ("PRODUCT_IMAGE", "image"),
            ("MOBILE_DEVICE_IMAGE", "image"),
            ("LOGO", "image"),
            ("VIDEO", "video"),
            ("SAFETY_DATA_SHEET", "data_sheet"),
            ("WEBSITE", "link"),
            ("DPP_DOCUMENT", "document"),
            ("QR_CODE", "qr_code"),
            ("", "others"),
        ];
        for (code, expected) in cases {
            assert_eq!(kind(code), expected);
        }
        let formats = [
            ("JPEG", Some("image/jpeg")),
            ("Image/PNG", Some("image/png")),
            (".pdf", Some("application/pdf")),
            ("X", None),
        ];
        for (format, expected) in formats {
            assert_eq!(mime_type(format).as_deref(), expected);
        }
    }
}
