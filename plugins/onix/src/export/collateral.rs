//! Texts and files of a record: CollateralDetail. A file is what its kind, its media type and its place say; nothing is called a widget.

use plugpoint_sdk::model::{ItemData, Media};

use super::codes;
use super::out::{Facts, Out};

/// Kinds of files with what they show (list 158) and how (list 159). The first is right for the kind alone.
const KINDS: &[(&str, &str, &str)] = &[
    ("image", "07", "03"),
    ("thumbnail", "27", "03"),
    ("sample", "15", "04"),
    ("audio", "15", "02"),
    ("video", "26", "05"),
    ("document", "31", "04"),
    ("data_sheet", "31", "04"),
    ("manual", "39", "04"),
    ("instructions", "39", "04"),
    ("assembly_instructions", "39", "04"),
    ("operating_instructions", "39", "04"),
    ("warning_label", "52", "03"),
    ("logo", "08", "03"),
    ("catalogue", "34", "04"),
    ("catalog", "34", "04"),
    ("review", "17", "04"),
    ("press_release", "24", "04"),
    ("table_of_contents", "25", "04"),
];

/// What shows a file of another kind: a description of the product, in the mode of its media type.
const DESCRIPTION: &str = "31";
const FRONT_COVER: &str = "01";

pub(super) fn write(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    const OTHER: &str = "CollateralDetail/TextContent/";
    let others = facts.0.iter().filter_map(|(name, it)| Some((name.strip_prefix(OTHER)?, *it)));
    let mut others: Vec<_> = others
        .filter(|(code, _)| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_digit()))
        .flat_map(|(code, it)| it.values.iter().map(move |value| (code, value)))
        .filter(|(_, value)| !value.trim_ascii().is_empty())
        .collect();
    others.sort_by_key(|(code, _)| *code);
    let texts = item.texts.iter().filter_map(|text| Some((text.lang.as_str(), text.description.as_deref()?)));
    let mut texts = texts.filter(|(_, text)| !text.trim_ascii().is_empty()).peekable();
    let files: Vec<&Media> = item.media.iter().filter(|file| !file.url.trim().is_empty()).collect();
    if texts.peek().is_none() && others.is_empty() && files.is_empty() {
        return;
    }
    out.within("CollateralDetail", |out| {
        texts.for_each(|(lang, text)| text_content(out, "03", Some(lang), text));
        others.iter().for_each(|(code, value)| text_content(out, code, None, value));
        // The picture of a book that stands first is its cover: so readers of it take it, and so ours puts them.
        let cover = files.iter().position(|file| file.kind == "image").filter(|_| item.kind == "publication");
        for (index, file) in files.into_iter().enumerate() {
            resource(out, file, cover == Some(index));
        }
    });
}

fn text_content(out: &mut Out<'_>, code: &str, lang: Option<&str>, text: &str) {
    out.within("TextContent", |out| {
        out.value("TextType", code);
        out.value("ContentAudience", "00");
        out.flowing("Text", lang, text);
    });
}

/// A file by reference.
fn resource(out: &mut Out<'_>, file: &Media, is_cover: bool) {
    let (content, mode) = shown(file);
    out.within("SupportingResource", |out| {
        out.value("ResourceContentType", if is_cover { FRONT_COVER } else { content });
        out.value("ContentAudience", "00");
        out.value("ResourceMode", mode);
        if let Some(caption) = file.description.as_deref().filter(|caption| !caption.trim_ascii().is_empty()) {
            out.within("ResourceFeature", |out| {
                out.value("ResourceFeatureType", "02");
                out.flowing("FeatureNote", None, caption);
            });
        }
        out.within("ResourceVersion", |out| {
            // A page is linked to, a file is taken.
            let is_page = file.mime_type.as_deref().is_some_and(|it| it.starts_with("text/html"));
            out.assumed("ResourceForm", if is_page { "01" } else { "02" });
            if let Some(code) = file.mime_type.as_deref().and_then(codes::media_type) {
                out.within("ResourceVersionFeature", |out| {
                    out.value("ResourceVersionFeatureType", "01");
                    out.value("FeatureValue", code);
                });
            }
            // An address has no blanks.
            let url: String = file.url.split_whitespace().collect::<Vec<_>>().join("%20");
            out.value("ResourceLink", &url);
        });
    });
}

/// What a file shows and how.
fn shown(file: &Media) -> (&'static str, &'static str) {
    if let Some((_, content, mode)) = KINDS.iter().find(|(kind, ..)| *kind == file.kind) {
        return (content, mode);
    }
    match file.mime_type.as_deref().and_then(|it| it.split('/').next()) {
        Some("image") => ("07", "03"),
        Some("audio") => ("15", "02"),
        Some("video") => ("26", "05"),
        Some("text") => (DESCRIPTION, "04"),
        _ if file.mime_type.as_deref() == Some("application/pdf") => (DESCRIPTION, "04"),
        _ => (DESCRIPTION, "06"),
    }
}
