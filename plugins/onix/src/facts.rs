//! What a book is like: form, measures, extents, languages, audience, series, parts.

use plugpoint_sdk::model::Relation;
use plugpoint_sdk::reading::language_tag;
use plugpoint_sdk::xml::Element;

use crate::book::{Book, Found, found};
use crate::identity;
use crate::words;

const BLOCK: &str = "DescriptiveDetail";

/// The relation to the parts of a set or a pack.
pub(crate) const PART: &str = "consists_of";

/// The name of audiences that go by words, as the export writes them.
pub(crate) const AUDIENCE: &str = "audience";

/// Names of attributes without a path that this block gives, so that an update of it can replace them.
pub(crate) const NAMES: &[&str] = &[
    "subtitle",
    "part_number",
    "subject_heading",
    "product_form",
    "product_form_detail",
    "height",
    "width",
    "thickness",
    "weight",
    "diameter",
    "pages",
    "language",
    "original_language",
    "audience",
    "series",
    "series_number",
];

/// Reads all of it.
pub(crate) fn read(product: &Element, book: &mut Book<'_>, sku: identity::Key) {
    for composition in found(product, BLOCK, "ProductComposition") {
        if matches!(composition.element.text().trim(), "20" | "30" | "31") {
            "bundle".clone_into(&mut book.record.draft.data.kind);
        }
    }
    for (name, fact) in [("ProductForm", "product_form"), ("ProductFormDetail", "product_form_detail")] {
        found(product, BLOCK, name).for_each(|form| book.fact(form.element, fact, form.element.text()));
    }
    found(product, BLOCK, "Measure").for_each(|measure| one_measure(measure, book));
    for pages in product.children_named("NumberOfPages") {
        book.fact(pages, "pages", pages.text());
    }
    found(product, BLOCK, "Extent").for_each(|extent| one_extent(extent, book));
    found(product, BLOCK, "Language").for_each(|language| one_language(language, book));
    audiences(product, book);
    series(product, book);
    for name in ["ProductPart", "ContainedItem"] {
        found(product, BLOCK, name).for_each(|part| one_part(part.element, book, sku));
    }
}

fn one_measure(measure: Found<'_>, book: &mut Book<'_>) {
    let element = measure.element;
    let Some(value) = element.child_text("Measurement") else { return };
    let code = element.child_text("MeasureType").or_else(|| element.child_text("MeasureTypeCode")).unwrap_or_default();
    let name = words::measure(code).map_or_else(|| measure.path(code), str::to_owned);
    // `gr` is ONIX's own code for grams.
    let unit = element.child_text("MeasureUnitCode").map(|unit| if unit == "gr" { "g" } else { unit });
    book.measured(element, &name, value, unit);
}

fn one_extent(extent: Found<'_>, book: &mut Book<'_>) {
    let element = extent.element;
    let code = element.child_text("ExtentType").unwrap_or_default();
    let unit = element.child_text("ExtentUnit").map(|unit| words::extent_unit(unit).unwrap_or(unit));
    let roman = element.child_text("ExtentValueRoman");
    let Some(value) = element.child_text("ExtentValue").or(roman) else { return };
    if code == "00" && unit == Some("pages") {
        return book.fact(element, "pages", value);
    }
    book.measured(element, &extent.path(code), value, unit);
}

fn one_language(language: Found<'_>, book: &mut Book<'_>) {
    let element = language.element;
    let role = element.child_text("LanguageRole").unwrap_or_default();
    let Some(code) = element.child_text("LanguageCode") else { return };
    let value = language_tag(code).unwrap_or_else(|| code.to_owned());
    let name = match role {
        "01" => "language".to_owned(),
        "02" => "original_language".to_owned(),
        _ => language.path(role),
    };
    book.fact(element, &name, &value);
}

fn audiences(product: &Element, book: &mut Book<'_>) {
    for code in found(product, BLOCK, "AudienceCode").map(|found| found.element) {
        let sent = code.text().trim();
        book.fact(code, "audience", words::audience(sent).unwrap_or(sent));
    }
    for audience in found(product, BLOCK, "Audience") {
        let element = audience.element;
        let Some(value) = element.child_text("AudienceCodeValue") else { continue };
        match element.child_text("AudienceCodeType").unwrap_or_default() {
            "01" => book.fact(element, "audience", words::audience(value).unwrap_or(value)),
            "02" if element.peek("AudienceCodeTypeName") == Some(AUDIENCE) => {
                let _ = element.child_text("AudienceCodeTypeName");
                book.fact(element, AUDIENCE, value);
            }
            kind => book.fact(element, &audience.path(kind), value),
        }
    }
    for range in found(product, BLOCK, "AudienceRange") {
        let qualifier = range.element.child_text("AudienceRangeQualifier").unwrap_or_default();
        let precisions = range.element.children_named("AudienceRangePrecision").map(|it| it.text().trim());
        let values = range.element.children_named("AudienceRangeValue").map(|it| it.text().trim());
        let (mut from, mut to) = ("", "");
        for (precision, value) in precisions.zip(values) {
            match precision {
                "03" => from = value,
                "04" => to = value,
                _ => (from, to) = (value, value),
            }
        }
        let shown = if from == to { from.to_owned() } else { format!("{from}-{to}") };
        book.fact(range.element, &range.path(qualifier), &shown);
    }
}

/// Series (2.1) and collections (3.x) by name and number.
fn series(product: &Element, book: &mut Book<'_>) {
    for series in found(product, BLOCK, "Series").map(|found| found.element) {
        let title = series.child_text("TitleOfSeries");
        let title = title.or_else(|| series.child("Title").and_then(|title| title.child_text("TitleText")));
        book.fact(series, "series", title.unwrap_or_default());
        book.fact(series, "series_number", series.child_text("NumberWithinSeries").unwrap_or_default());
    }
    for collection in found(product, BLOCK, "Collection").map(|found| found.element) {
        for detail in collection.children_named("TitleDetail") {
            let _ = detail.child_text("TitleType");
            for element in detail.children_named("TitleElement") {
                let level = element.child_text("TitleElementLevel").unwrap_or_default();
                let name = if level == "01" { "" } else { "series" };
                let words = ["TitlePrefix", "TitleWithoutPrefix"].map(|name| element.child_text(name));
                let title = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
                let title = element.child_text("TitleText").map_or(title, str::to_owned);
                if !name.is_empty() {
                    book.fact(element, name, &title);
                }
                book.fact(element, "series_number", element.child_text("PartNumber").unwrap_or_default());
            }
        }
    }
}

fn one_part(part: &Element, book: &mut Book<'_>, key: identity::Key) {
    let Some(sku) = identity::related(part, key) else { return };
    let copies = ["NumberOfCopies", "ItemQuantity"].into_iter().find_map(|name| part.child(name));
    let quantity = copies.and_then(|copies| book.record.positive(copies, copies.text()));
    book.record.relation(part, Relation { kind: PART.to_owned(), sku, quantity });
}
