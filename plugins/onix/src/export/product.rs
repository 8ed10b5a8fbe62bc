//! One item as a Product of ONIX 3.0, its parts in the order of the standard. It writes what the item says and what the standard
//! wants, and judges nothing: what of it comes back is found out by reading it.

use std::collections::HashSet;

use plugpoint_sdk::model::{Decimal, ItemData};

use super::numbers::{product_identifier, related_identifier};
use super::out::{Facts, Form, Kept, Out, language_code};
use super::{codes, collateral, publishing, supply};
use crate::book::ONIX;
use crate::facts::PART;

const BLOCK: &str = "DescriptiveDetail";

/// Simple values of the description, by where they stand in it.
const PACKAGING: &[Kept] = &[("ProductPackaging", Form::Code(2), false), ("ProductFormDescription", Form::Line, true)];
const TRADE: &[Kept] = &[("TradeCategory", Form::Code(2), false)];
const CONTENT: &[Kept] = &[("PrimaryContentType", Form::Code(2), false), ("ProductContentType", Form::Code(2), true)];
const COUNTRY: &[Kept] = &[("CountryOfManufacture", Form::Code(2), false)];
const STATEMENT: &[Kept] = &[("ContributorStatement", Form::Text, true)];
const EDITION_TYPE: &[Kept] = &[("EditionType", Form::Code(3), true)];
const EDITION_NUMBER: &[Kept] =
    &[("EditionNumber", Form::Whole(1), false), ("EditionVersionNumber", Form::Line, false)];
const EDITION_STATEMENT: &[Kept] = &[("EditionStatement", Form::Text, true)];
const ILLUSTRATIONS: &[Kept] = &[
    ("Illustrated", Form::Code(2), false),
    ("NumberOfIllustrations", Form::Whole(0), false),
    ("IllustrationsNote", Form::Text, true),
];

/// Units of measures (list 50) with the word that the item has for them.
const UNITS: &[(&str, &str)] =
    &[("cm", "cm"), ("g", "gr"), ("in", "in"), ("kg", "kg"), ("lb", "lb"), ("mm", "mm"), ("oz", "oz"), ("px", "px")];

/// Writes an item. `supplier` stands in where the item names none.
pub(super) fn write(item: &ItemData, supplier: &str, text: &mut String) {
    let facts = Facts::of(item);
    let mut out = Out { text };
    out.within("Product", |out| {
        out.value("RecordReference", &item.sku);
        out.value("NotificationType", "03");
        item.identifiers.iter().for_each(|identifier| product_identifier(out, identifier));
        if item.identifiers.is_empty() {
            out.within_assumed("ProductIdentifier", |out| {
                out.value("ProductIDType", "01");
                out.value("IDTypeName", "sku");
                out.value("IDValue", &item.sku);
            });
        }
        out.within(BLOCK, |out| description(out, item, &facts));
        collateral::write(out, item, &facts);
        publishing::write(out, item, &facts);
        publishing::related(out, item);
        supply::write(out, item, &facts, supplier);
    });
    out.text.push('\n');
}

fn description(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    let has_parts = item.relations.iter().any(|relation| relation.kind == PART);
    // A pack of the trade, a set for readers, or one product.
    out.value(
        "ProductComposition",
        if item.kind == "bundle" {
            "30"
        } else if has_parts {
            "10"
        } else {
            "00"
        },
    );
    match facts.first("product_form").filter(|form| Form::Code(2).takes(form)) {
        Some(form) => out.value("ProductForm", form),
        None => out.assumed("ProductForm", "00"),
    }
    let mut details = HashSet::new();
    for detail in facts.values("product_form_detail").filter(|detail| Form::Code(4).takes(detail)) {
        if details.insert(detail) {
            out.value("ProductFormDetail", detail);
        }
    }
    [PACKAGING, TRADE, CONTENT].into_iter().for_each(|values| out.kept(facts, BLOCK, values));
    measures(out, item);
    out.kept(facts, BLOCK, COUNTRY);
    parts(out, item);
    series(out, facts);
    titles(out, item, facts);
    contributors(out, item, facts);
    out.kept(facts, BLOCK, EDITION_TYPE);
    // The version is one of a numbered edition.
    if facts.first("DescriptiveDetail/EditionNumber").is_some_and(|number| Form::Whole(1).takes(number)) {
        out.kept(facts, BLOCK, EDITION_NUMBER);
    }
    out.kept(facts, BLOCK, EDITION_STATEMENT);
    languages(out, facts);
    facts.values("pages").for_each(|pages| extent(out, pages));
    out.kept(facts, BLOCK, ILLUSTRATIONS);
    subjects(out, item);
    audiences(out, facts);
}

/// Each measure once in each unit.
fn measures(out: &mut Out<'_>, item: &ItemData) {
    let mut written = HashSet::new();
    for attribute in item.attributes.iter().filter(|attribute| attribute.system.as_deref() == Some(ONIX)) {
        let unit = attribute.unit.as_deref().and_then(|unit| UNITS.iter().find(|(word, _)| *word == unit));
        let (Some(code), Some((_, unit))) = (codes::measure(&attribute.name), unit) else { continue };
        let is_measure = |value: &&String| value.parse::<Decimal>().is_ok_and(|number| number > Decimal::ZERO);
        let Some(value) = attribute.values.iter().find(is_measure).filter(|_| written.insert((code, unit))) else {
            continue;
        };
        out.within("Measure", |out| {
            out.value("MeasureType", code);
            out.value("Measurement", value);
            out.value("MeasureUnitCode", unit);
        });
    }
}

fn parts(out: &mut Out<'_>, item: &ItemData) {
    for part in item.relations.iter().filter(|relation| relation.kind == PART) {
        out.within("ProductPart", |out| {
            related_identifier(out, &part.sku);
            out.assumed("ProductForm", "00");
            match part.quantity.and_then(whole).filter(|copies| *copies > 0) {
                Some(copies) => out.value("NumberOfCopies", &copies.to_string()),
                None => out.assumed("NumberOfCopies", "1"),
            }
        });
    }
}

/// A quantity that is a whole number, as ONIX wants all of them.
pub(super) fn whole(quantity: Decimal) -> Option<u32> {
    quantity
        .is_integer()
        .then(|| u32::try_from(quantity).ok())
        .flatten()
        .filter(|number| i32::try_from(*number).is_ok())
}

fn series(out: &mut Out<'_>, facts: &Facts<'_>) {
    let (titles, numbers) = (facts.values("series"), facts.values("series_number"));
    let numbers: Vec<&str> = numbers.collect();
    let kind = facts.first("DescriptiveDetail/Collection/CollectionType").filter(|kind| Form::Code(2).takes(kind));
    for (index, title) in titles.enumerate() {
        out.within("Collection", |out| {
            match kind {
                Some(kind) => out.value("CollectionType", kind),
                None => out.assumed("CollectionType", "00"),
            }
            out.within("TitleDetail", |out| {
                out.value("TitleType", "01");
                out.within("TitleElement", |out| {
                    out.value("TitleElementLevel", "02");
                    if let Some(number) = numbers.get(index) {
                        out.value("PartNumber", number);
                    }
                    out.value("TitleText", title);
                });
            });
        });
    }
}

/// The first text's title is the distinctive one, the others are titles in other languages.
fn titles(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    let titled = item.texts.iter().filter(|text| !text.title.trim_ascii().is_empty());
    if titled.clone().count() == 0 {
        out.within_assumed("TitleDetail", |out| {
            out.value("TitleType", "00");
            out.within("TitleElement", |out| {
                out.value("TitleElementLevel", "01");
                out.value("TitleText", &item.sku);
            });
        });
    }
    for (index, text) in titled.enumerate() {
        out.within("TitleDetail", |out| {
            out.value("TitleType", if index == 0 { "01" } else { "06" });
            out.within("TitleElement", |out| {
                out.value("TitleElementLevel", "01");
                if let Some(part) = facts.first("part_number").filter(|_| index == 0) {
                    out.value("PartNumber", part);
                }
                out.in_language("TitleText", &text.lang, &text.title);
                if let Some(subtitle) = facts.first("subtitle").filter(|_| index == 0) {
                    out.value("Subtitle", subtitle);
                }
            });
        });
    }
}

fn contributors(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    let named = item.contributors.iter().filter(|person| !person.name.trim_ascii().is_empty());
    for (index, person) in named.clone().enumerate() {
        out.within("Contributor", |out| {
            out.value("SequenceNumber", &(index + 1).to_string());
            out.value("ContributorRole", codes::role(&person.role).unwrap_or("Z99"));
            out.value("PersonName", &person.name);
        });
    }
    if named.count() > 0 {
        out.kept(facts, BLOCK, STATEMENT);
    }
}

fn languages(out: &mut Out<'_>, facts: &Facts<'_>) {
    for (role, name) in [("01", "language"), ("02", "original_language")] {
        for code in facts.values(name).filter_map(language_code) {
            out.within("Language", |out| {
                out.value("LanguageRole", role);
                out.value("LanguageCode", &code);
            });
        }
    }
}

/// Pages as a number, or as a Roman one; other words for them have no place.
fn extent(out: &mut Out<'_>, pages: &str) {
    let is_roman = ["MDCLXVI", "mdclxvi"].iter().any(|digits| pages.chars().all(|it| digits.contains(it)));
    let name = if is_roman { "ExtentValueRoman" } else { "ExtentValue" };
    if !is_roman && !Form::Whole(1).takes(pages) {
        return;
    }
    out.within("Extent", |out| {
        out.value("ExtentType", "00");
        out.value(name, pages);
        out.value("ExtentUnit", "03");
    });
}

fn subjects(out: &mut Out<'_>, item: &ItemData) {
    for category in item.categories.iter().filter(|category| !category.code.trim_ascii().is_empty()) {
        // A known scheme, alone or with a version behind it.
        let cuts = category.system.match_indices('-').map(|(at, _)| category.system.split_at(at));
        let versioned =
            cuts.filter_map(|(system, version)| Some((codes::scheme(system)?, Some(&version[1..])))).next_back();
        let scheme = codes::scheme(&category.system).map(|code| (code, None)).or(versioned);
        out.within("Subject", |out| {
            match scheme {
                Some((code, version)) => {
                    out.value("SubjectSchemeIdentifier", code);
                    if let Some(version) = version.filter(|version| !version.is_empty()) {
                        out.value("SubjectSchemeVersion", version);
                    }
                }
                None if category.system == "supplier" => out.value("SubjectSchemeIdentifier", "23"),
                None => {
                    out.value("SubjectSchemeIdentifier", "24");
                    out.value("SubjectSchemeName", &category.system);
                }
            }
            out.value("SubjectCode", &category.code);
            if let Some(name) = category.path.last().filter(|name| !name.trim_ascii().is_empty()) {
                out.value("SubjectHeadingText", name);
            }
        });
    }
    for text in item.texts.iter().filter(|text| text.keywords.iter().any(|keyword| !keyword.trim_ascii().is_empty())) {
        out.within("Subject", |out| {
            out.value("SubjectSchemeIdentifier", "20");
            out.in_language("SubjectHeadingText", &text.lang, &text.keywords.join("; "));
        });
    }
}

/// What has a code goes by it; other words are a scheme of our own, whose name the reader knows.
fn audiences(out: &mut Out<'_>, facts: &Facts<'_>) {
    facts.values("audience").filter_map(codes::audience).for_each(|code| out.value("AudienceCode", code));
    for word in facts.values("audience").filter(|word| codes::audience(word).is_none()) {
        out.within("Audience", |out| {
            out.value("AudienceCodeType", "02");
            out.value("AudienceCodeTypeName", crate::facts::AUDIENCE);
            out.value("AudienceCodeValue", word);
        });
    }
}
