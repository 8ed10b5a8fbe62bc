//! Pictures, leaflets, manuals, logos and multimedia objects, by reference.

use plugpoint_sdk::model::Media;
use plugpoint_sdk::reading::{Record, word};
use plugpoint_sdk::xml::Element;

use crate::ICECAT;
use crate::language::{known, marked, told};

/// The sizes of a picture, the largest first.
const SIZES: [&str; 5] = ["Original", "Pic", "HighPic", "Pic500x500", "LowPic"];
/// Sizes in bytes and pixels, and Icecat's numbers.
const OF_A_PICTURE: &[&str] = &[
    "IsMain",
    "LowPicHeight",
    "LowPicWidth",
    "LowSize",
    "No",
    "OriginalSize",
    "Pic500x500Height",
    "Pic500x500Size",
    "Pic500x500Width",
    "PicHeight",
    "PicWidth",
    "ProductPicture_ID",
    "Size",
    "ThumbSize",
    "langid",
    "logo",
    "UpdatedDate",
    "IsPrivate",
];
const OF_AN_OBJECT: &[&str] = &[
    "Date",
    "Height",
    "IsRich",
    "KeepAsURL",
    "MultimediaObject_ID",
    "PreviewHeight",
    "PreviewSize",
    "PreviewUrl",
    "PreviewWidth",
    "Size",
    "UUID",
    "Width",
    "ThumbUrl",
    "IsVideo",
    "No",
    "ExpireDate",
    "ThumbSize",
    "langid",
];

/// Reads all files of a product.
pub(crate) fn read(product: &Element, record: &mut Record<'_>) {
    let pictures =
        product.children_named("ProductGallery").flat_map(|gallery| gallery.children_named("ProductPicture"));
    for picture in pictures {
        let is_logo = picture.attribute("logo").is_some_and(|flag| matches!(flag.trim(), "1" | "Y"));
        put(picture, if is_logo { "logo" } else { "image" }, largest(picture), None, None, record);
        known(picture, OF_A_PICTURE);
        known(picture, &["ThumbPic"]);
    }
    // Without a gallery, the product's own picture is the only one; with one, it is its first.
    let own = largest(product);
    if !record.draft.data.media.iter().any(|media| media.kind == "image") {
        put(product, "image", own, None, None, record);
    }
    put(product, "thumbnail", product.attribute("ThumbPic").unwrap_or_default(), None, None, record);
    for description in product.children_named("ProductDescription") {
        let files = [
            ("PDFURL", "data_sheet"),
            ("LeafletPDFURL", "data_sheet"),
            ("ManualPDFURL", "manual"),
            ("URL", "product_page"),
        ];
        for (name, kind) in files {
            put(description, kind, description.attribute(name).unwrap_or_default(), None, None, record);
        }
    }
    for object in
        product.children_named("ProductMultimediaObject").flat_map(|list| list.children_named("MultimediaObject"))
    {
        read_object(object, record);
    }
    for logo in product.children_named("FeatureLogo") {
        read_logo(logo, record);
    }
}

/// The address of the largest size; all sizes are the same picture.
fn largest(picture: &Element) -> &str {
    let sizes = SIZES.map(|name| picture.attribute(name).unwrap_or_default());
    sizes.into_iter().find(|url| !url.trim().is_empty()).unwrap_or_default()
}

fn put(
    at: &Element,
    kind: &str,
    url: &str,
    mime_type: Option<&str>,
    description: Option<&str>,
    record: &mut Record<'_>,
) {
    let filled = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let media = Media {
        kind: kind.to_owned(),
        url: url.trim().to_owned(),
        mime_type: filled(mime_type),
        description: filled(description),
    };
    record.media(at, media);
}

fn read_object(object: &Element, record: &mut Record<'_>) {
    let text = |name: &str| object.attribute(name).map(str::trim).unwrap_or_default();
    let (content_type, kind) = (text("ContentType"), text("Type"));
    put(object, &kind_of(kind, content_type), text("URL"), Some(content_type), Some(text("Description")), record);
    known(object, OF_AN_OBJECT);
}

/// What an object is: as Icecat calls it where the word is known here, else by its content.
fn kind_of(kind: &str, content_type: &str) -> String {
    let lower = kind.to_lowercase();
    match lower.as_str() {
        "leaflet" | "datasheet" | "data sheet" | "brochure" => "data_sheet".to_owned(),
        "manual pdf" | "manual" | "user manual" => "manual".to_owned(),
        _ if content_type.starts_with("video/") || lower.contains("video") => "video".to_owned(),
        "" | "standard" if content_type.starts_with("image/") => "image".to_owned(),
        "" | "standard" => "document".to_owned(),
        _ => word(&lower, "others"),
    }
}

/// A logo stands for a feature; its text says what the feature is good for.
fn read_logo(logo: &Element, record: &mut Record<'_>) {
    put(logo, "logo", logo.attribute("LogoPic").unwrap_or_default(), None, None, record);
    known(logo, &["ID", "Feature_ID", "Value", "Width", "Height", "Size"]);
    for text in logo.children_named("Descriptions").flat_map(|list| list.children_named("Description")) {
        let language = told(text, record);
        record.fact(text, ICECAT, &marked("FeatureLogo", language, record), text.text());
        known(text, &["ID", "langid"]);
    }
}
