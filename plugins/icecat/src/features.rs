//! ProductFeature: a property with its value, its unit and the heading under which it stands.

use std::collections::HashMap;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::Attribute;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::ICECAT;
use crate::language::{self, known};

/// Reads all features of a product.
pub(crate) fn read(product: &Element, with_groups: bool, record: &mut Record<'_>) {
    let headings = if with_groups { headings(product, record) } else { HashMap::new() };
    for group in product.children_named("CategoryFeatureGroup") {
        known(group, &["ID", "No"]);
        group.children_named("FeatureGroup").for_each(|it| known(it, &["ID"]));
        for name in group.children_named("FeatureGroup").flat_map(|it| it.children_named("Name")) {
            known(name, &["ID", "langid"]);
        }
    }
    for feature in product.children_named("ProductFeature") {
        read_feature(feature, &headings, record);
    }
}

/// The names of the groups by their numbers.
fn headings<'e>(product: &'e Element, record: &Record<'_>) -> HashMap<&'e str, &'e str> {
    let groups = product.children_named("CategoryFeatureGroup").filter_map(|group| {
        let heading = language::name(group.child("FeatureGroup")?, record)?;
        Some((group.attribute("ID")?, heading))
    });
    groups.collect()
}

fn read_feature(element: &Element, headings: &HashMap<&str, &str>, record: &mut Record<'_>) {
    pass_bookkeeping(element);
    let Some(feature) = element.child("Feature") else {
        return record.findings.warn(finding::FIELD_REQUIRED, element, "the feature is not named and was left out");
    };
    let id = feature.attribute("ID").map(str::trim).filter(|id| !id.is_empty());
    let Some(name) = language::name(feature, record).or(id) else {
        return record.findings.warn(finding::FIELD_REQUIRED, feature, "the feature is not named and was left out");
    };
    let heading = element.attribute("CategoryFeatureGroup_ID").and_then(|group| headings.get(group.trim()));
    let name = heading.map_or_else(|| name.to_owned(), |heading| format!("{heading}: {name}"));
    let (values, unit) = value(element, feature, record);
    if values.is_empty() {
        return;
    }
    let system = Some(ICECAT.to_owned());
    record.attribute(element, Attribute { name, values, unit, system, feature_id: id.map(str::to_owned) });
}

/// The value as the sheet's language shows it, with its unit; else as it is presented; else as Icecat stores it.
fn value(element: &Element, feature: &Element, record: &Record<'_>) -> (Vec<String>, Option<String>) {
    let text = |name: &str| element.attribute(name).map(str::trim).filter(|text| !text.is_empty());
    let (plain, presented) = (text("Value"), text("Presentation_Value"));
    let local = language::pick(element, "LocalValue", record);
    let local_value = local.and_then(|it| it.attribute("Value")).map(str::trim).filter(|text| !text.is_empty());
    let base_unit = feature.child("Measure").and_then(|it| unit(it, record));
    let local_unit = local.and_then(|it| it.child("Measure")).and_then(|it| unit(it, record));
    let (shown, unit) = match (local_value, local_unit, base_unit) {
        (Some(local), Some(unit), _) => (Some(local), Some(unit)),
        (Some(local), None, None) => (Some(local), None),
        (_, _, Some(unit)) => (plain, Some(unit)),
        (None, _, None) => (presented.or(plain), None),
        // A local value without its unit, beside a base unit that may be another one.
    };
    let Some(shown) = shown.or(presented).or(plain) else { return (Vec::new(), None) };
    (values(plain.unwrap_or_default(), shown), unit)
}

/// Several values stand with commas in between: without blanks as they are stored, with one as they are shown.
fn values(plain: &str, shown: &str) -> Vec<String> {
    let stored = plain.split(',').count();
    let parts: Vec<String> = shown.split(", ").map(|part| part.trim().to_owned()).collect();
    if stored > 1 && stored == parts.len() && !plain.contains(", ") { parts } else { vec![shown.to_owned()] }
}

/// The sign of a measure in the record's language.
fn unit(measure: &Element, record: &Record<'_>) -> Option<String> {
    let sign = measure.child("Signs").and_then(|signs| language::pick(signs, "Sign", record));
    if let Some(sign) = sign {
        known(sign, &["ID"]);
    }
    let sign = sign.map(|sign| sign.text().trim()).filter(|sign| !sign.is_empty());
    let plain = measure.attribute("Sign").map(str::trim).filter(|sign| !sign.is_empty());
    sign.or(plain).map(str::to_owned)
}

/// Numbers and flags of Icecat's own.
fn pass_bookkeeping(element: &Element) {
    known(
        element,
        &["ID", "Local_ID", "CategoryFeature_ID", "CategoryFeatureGroup_ID", "No", "Localized", "Translated"],
    );
    known(element, &["Mandatory", "Searchable", "Value", "Presentation_Value", "Updated"]);
    for part in element.children() {
        known(part, &["ID"]);
        part.children_named("Measure").for_each(|measure| known(measure, &["ID", "Sign"]));
    }
}
