//! Files: SupportingResource (3.x) and MediaFile (2.1), by reference.

use plugpoint_sdk::model::Media;
use plugpoint_sdk::xml::Element;

use crate::book::{Book, found};
use crate::words;

/// Reads all files. Covers come first, in whatever order they were sent.
pub(crate) fn read(product: &Element, book: &mut Book<'_>) {
    let mut files: Vec<(&Element, Media, bool)> = Vec::new();
    for resource in found(product, "CollateralDetail", "SupportingResource").map(|found| found.element) {
        of_resource(resource, &mut files);
    }
    for file in found(product, "CollateralDetail", "MediaFile").map(|found| found.element) {
        let code = file.child_text("MediaFileTypeCode").unwrap_or_default();
        let Some(link) = file.child("MediaFileLink") else { continue };
        let media = media(words::media_file(code), link.text(), file.child_text("DownloadCaption"));
        let mime_type = file.child_text("MediaFileFormatCode").and_then(words::media_type).map(str::to_owned);
        let media = Media { mime_type, ..media };
        files.push((link, media, matches!(code, "03" | "04" | "05" | "06")));
    }
    for link in product.children_named("CoverImageLink") {
        files.push((link, media("image", link.text(), None), true));
    }
    files.sort_by_key(|(.., is_cover)| !is_cover);
    for (at, media, _) in files {
        book.record.media(at, media);
    }
}

fn of_resource<'e>(resource: &'e Element, files: &mut Vec<(&'e Element, Media, bool)>) {
    let content = resource.child_text("ResourceContentType").unwrap_or_default();
    let mode = resource.child_text("ResourceMode").unwrap_or_default();
    let caption = resource.children_named("ResourceFeature").find(|feature| {
        feature.peek("ResourceFeatureType") == Some("02") // caption
    });
    // Read as well as looked at: what became a caption is not kept beside it.
    let caption = caption.filter(|feature| feature.child_text("ResourceFeatureType").is_some());
    let caption = caption.and_then(|feature| feature.child("FeatureNote")).map(|note| note.markup().trim().to_owned());
    for version in resource.children_named("ResourceVersion") {
        let features = version.children_named("ResourceVersionFeature");
        let mut formats = features.filter(|feature| feature.peek("ResourceVersionFeatureType") == Some("01"));
        let known =
            formats.find(|format| format.peek("FeatureValue").is_some_and(|code| words::media_type(code).is_some()));
        let known = known.filter(|format| format.child_text("ResourceVersionFeatureType").is_some());
        let mime_type =
            known.and_then(|format| words::media_type(format.child_text("FeatureValue")?)).map(str::to_owned);
        for link in version.children_named("ResourceLink") {
            let media = media(words::resource(content, mode), link.text(), caption.as_deref());
            let media = Media { mime_type: mime_type.clone(), ..media };
            files.push((link, media, matches!(content, "01" | "03")));
        }
    }
}

fn media(kind: &str, link: &str, caption: Option<&str>) -> Media {
    let description = caption.map(str::to_owned).filter(|caption| !caption.is_empty());
    // An address that a pretty-printer has broken is still one.
    let url = link.lines().map(str::trim).collect();
    Media { kind: kind.to_owned(), url, mime_type: None, description }
}
