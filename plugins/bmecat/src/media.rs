//! MIME_INFO: pictures, data sheets and links, by reference. Nothing is fetched, and embedded files are left out.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::Media;
use plugpoint_sdk::reading::word;
use plugpoint_sdk::xml::Element;

use crate::record::Record;
use crate::spelling::text;

/// Reads one MIME_INFO. MIME_ORDER decides the order; files without one keep their place among each other, at the end.
pub(crate) fn read(info: &Element, record: &mut Record<'_>) {
    let mut files: Vec<(u32, &Element, Media)> = Vec::new();
    for mime in info.children_named("MIME") {
        let order = mime.child_text("MIME_ORDER").and_then(|order| order.parse().ok()).unwrap_or(u32::MAX);
        files.extend(one(mime, record).map(|media| (order, mime, media)));
    }
    files.sort_by_key(|(order, ..)| *order);
    for (_, mime, media) in files {
        record.media(mime, media);
    }
}

fn one(mime: &Element, record: &mut Record<'_>) -> Option<Media> {
    let Some(source) = source(mime, record) else {
        let embedded = mime.child("MIME_EMBEDDED");
        match embedded {
            Some(embedded) => {
                record.findings.warn(
                    finding::PART_IGNORED,
                    embedded,
                    "embedded files are not stored; the file was left out",
                );
            }
            None => record.findings.warn(finding::FIELD_REQUIRED, mime, "the file has no MIME_SOURCE and was left out"),
        }
        return None;
    };
    let url = joined(record.ctx.header.mime_root.as_deref(), source);
    let sent_type = mime.child_text("MIME_TYPE").unwrap_or_default().to_lowercase();
    let kind = kind(&word(mime.child_text("MIME_PURPOSE").unwrap_or_default(), "others"), &sent_type);
    let description = mime.child_text("MIME_DESCR").or_else(|| mime.child_text("MIME_ALT"));
    let mime_type = Some(sent_type).filter(|sent_type| sent_type.contains('/'));
    Some(Media { kind, url, mime_type, description: description.map(str::to_owned) })
}

/// MIME_SOURCE in the document's language, else in whichever there is (2005 may have one per language).
fn source<'e>(mime: &'e Element, record: &mut Record<'_>) -> Option<&'e str> {
    let mut sources = Vec::new();
    for element in mime.children_named("MIME_SOURCE") {
        if let Some(source) = text(element) {
            sources.push((record.language_of(element), source));
        }
    }
    let own = sources.iter().find(|(language, _)| *language == record.ctx.header.language);
    own.or_else(|| sources.first()).map(|(_, source)| *source)
}

/// The purpose where it says more than the type, else what the type is.
fn kind(purpose: &str, mime_type: &str) -> String {
    let by_type = match mime_type.split_once('/') {
        Some(("image", _)) => "image",
        Some(("video", _)) => "video",
        Some(("audio", _)) => "audio",
        None if mime_type == "url" => "link",
        _ => "document",
    };
    match purpose {
        "normal" | "detail" | "others" => by_type.to_owned(),
        _ => purpose.to_owned(),
    }
}

/// MIME_ROOT before a relative source. An address of its own (`https://...`, `//host/...`) stays as it is.
fn joined(root: Option<&str>, source: &str) -> String {
    let scheme = source.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme = |scheme: &str| scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match root {
        Some(root) if !source.starts_with("//") && !scheme.is_some_and(is_scheme) => {
            let source = source.strip_prefix("./").unwrap_or(source).trim_start_matches('/');
            format!("{}/{source}", root.trim_end_matches('/'))
        }
        _ => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{joined, kind};

    #[test]
    fn sources_are_joined_to_the_root() {
        let cases = [
            (Some("https://a.example/images"), "x.jpg", "https://a.example/images/x.jpg"),
            (Some("/mime/"), "./b/x.jpg", "/mime/b/x.jpg"),
            (Some("https://a.example/"), "/x.jpg", "https://a.example/x.jpg"),
            (Some("https://a.example"), "http://b.example/x.jpg", "http://b.example/x.jpg"),
            (Some("https://a.example"), "//b.example/x.jpg", "//b.example/x.jpg"),
            (None, "x.jpg", "x.jpg"),
        ];
        for (root, source, expected) in cases {
            assert_eq!(joined(root, source), expected);
        }
    }

    #[test]
    fn kinds_follow_purpose_then_type() {
        let cases = [
            (("normal", "image/jpeg"), "image"),
            (("thumbnail", "image/jpeg"), "thumbnail"),
            (("data_sheet", "url"), "data_sheet"),
            (("others", "url"), "link"),
            (("others", "application/pdf"), "document"),
            (("detail", "video/mp4"), "video"),
        ];
        for ((purpose, mime_type), expected) in cases {
            assert_eq!(kind(purpose, mime_type), expected);
        }
    }
}
