//! PRODUCT_FEATURES: places in classification systems and properties with values, also ECLASS Advanced (2005+onto) trees.
//!
//! A tree of features is flattened: the names of a feature's ancestors stand before its own. What a value has beside its
//! text (its id, a detail, a description) becomes an attribute of its own, named after the element it came from.

use std::collections::HashMap;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::Attribute;
use plugpoint_sdk::reading::system_name;
use plugpoint_sdk::xml::Element;

use crate::record::Record;
use crate::spelling::{modern, text};

/// Ancestors that are named before a feature; their own ancestors are left away.
const ANCESTORS_MAX: usize = 16;
/// The system of group ids that name none.
const NO_SYSTEM: &str = "unspecified";
const SYSTEM_CHARS_MAX: usize = 64;

/// Reads one PRODUCT_FEATURES.
pub(crate) fn read(block: &Element, record: &mut Record<'_>) {
    let system = block.child_text("REFERENCE_FEATURE_SYSTEM_NAME").map(system_name);
    let system = system.map(|name| name.chars().take(SYSTEM_CHARS_MAX).collect::<String>());
    let name = block.child_text("REFERENCE_FEATURE_GROUP_NAME");
    let place = system.as_deref().unwrap_or(NO_SYSTEM);
    let mut codes = 0;
    for element in block.children() {
        let is_id = matches!(element.name(), "REFERENCE_FEATURE_GROUP_ID" | "REFERENCE_FEATURE_GROUP_ID2");
        if let Some(code) = text(element).filter(|_| is_id) {
            record.category(element, place, code, name);
            codes += 1;
        }
    }
    if let Some(name) = name.filter(|_| codes == 0) {
        record.category(block, place, name, Some(name));
    }
    features_of(block, system.as_deref(), record);
}

/// The features directly below a block or FEATURE_GROUP; the ids that link them into a tree hold within it.
fn features_of(block: &Element, system: Option<&str>, record: &mut Record<'_>) {
    let ids = block.children_named("FEATURE").filter_map(|feature| Some((feature.child_text("FID")?, feature)));
    let by_id: HashMap<&str, &Element> = ids.collect();
    for element in block.children() {
        match element.name() {
            "FEATURE" => {
                let prefix = ancestors(element, &by_id, record);
                Feature::read(element, prefix, record).put(element, system, record);
            }
            "FEATURE_GROUP" => features_of(element, system, record),
            _ => {}
        }
    }
}

/// The names of a feature's ancestors, from the top, each followed by ` / `.
fn ancestors(feature: &Element, by_id: &HashMap<&str, &Element>, record: &mut Record<'_>) -> String {
    let mut names = Vec::new();
    let mut parent = feature.child_text("FPARENT_ID").and_then(|id| by_id.get(id));
    while let Some(element) = parent.filter(|_| names.len() < ANCESTORS_MAX) {
        names.push(Feature::read(element, String::new(), record).name(&record.ctx.header.language));
        parent = element.child_text("FPARENT_ID").and_then(|id| by_id.get(id));
    }
    names.iter().rev().flat_map(|name| [name.as_str(), " / "]).collect()
}

/// Texts by language, in the order in which the languages appear.
#[derive(Default)]
struct ByLanguage(Vec<(String, Vec<String>)>);

impl ByLanguage {
    fn push(&mut self, language: String, text: &str) {
        match self.0.iter_mut().find(|(known, _)| *known == language) {
            Some((_, texts)) => texts.push(text.to_owned()),
            None => self.0.push((language, vec![text.to_owned()])),
        }
    }

    fn first(&self, language: &str) -> Option<&str> {
        let own = self.0.iter().find(|(known, _)| known == language);
        own.and_then(|(_, texts)| texts.first()).map(String::as_str)
    }
}

/// One FEATURE, taken apart.
#[derive(Default)]
struct Feature {
    prefix: String,
    names: ByLanguage,
    id: Option<String>,
    unit: Option<String>,
    values: ByLanguage,
    /// What values have beside their text, by the element it came from.
    beside: [(&'static str, ByLanguage); 4],
}

const VALUE_ID: usize = 0;
const DETAILS: usize = 1;
const DESCRIPTION: usize = 2;
const SUPPLEMENT: usize = 3;

impl Feature {
    fn read(element: &Element, prefix: String, record: &mut Record<'_>) -> Self {
        let mut feature = Self { prefix, ..Self::default() };
        let names = ["VALUE_IDREF", "FVALUE_DETAILS", "FDESCR", "SUPPLIER_PID_SUPPLEMENT"];
        for (slot, name) in feature.beside.iter_mut().zip(names) {
            slot.0 = name;
        }
        for child in element.children() {
            match child.name() {
                "FTEMPLATE" => child.children().iter().for_each(|part| feature.part(part, record)),
                "VARIANTS" => {
                    let parts = child.children_named("VARIANT").flat_map(Element::children);
                    parts.for_each(|part| feature.part(part, record));
                }
                _ => feature.part(child, record),
            }
        }
        if feature.id.is_none() {
            let names = feature.names.0.iter().flat_map(|(_, names)| names);
            feature.id = names.map(String::as_str).find(|name| is_feature_id(name)).map(str::to_owned);
        }
        feature
    }

    fn part(&mut self, part: &Element, record: &mut Record<'_>) {
        let Some(sent) = text(part) else { return };
        match &*modern(part.name()) {
            "FNAME" | "FT_NAME" => self.names.push(record.language_of(part), sent),
            "FVALUE" => self.values.push(record.language_of(part), sent),
            "VALUE_IDREF" => self.beside[VALUE_ID].1.push(record.ctx.header.language.clone(), sent),
            "FVALUE_DETAILS" => self.beside[DETAILS].1.push(record.language_of(part), sent),
            "FDESCR" => self.beside[DESCRIPTION].1.push(record.language_of(part), sent),
            "SUPPLIER_PID_SUPPLEMENT" => self.beside[SUPPLEMENT].1.push(record.ctx.header.language.clone(), sent),
            "FT_ID" | "FT_IDREF" => self.id = Some(sent.chars().take(64).collect()),
            "FUNIT" | "FT_UNIT" => self.unit = Some(sent.chars().take(64).collect()),
            _ => {}
        }
    }

    /// The name in a language, else in whichever there is, else the id.
    fn name(&self, language: &str) -> String {
        let any = || self.names.0.first().and_then(|(_, names)| names.first()).map(String::as_str);
        let name = self.names.first(language).or_else(any).or(self.id.as_deref());
        name.unwrap_or("FEATURE").to_owned()
    }

    fn put(mut self, element: &Element, system: Option<&str>, record: &mut Record<'_>) {
        if self.names.0.is_empty() && self.id.is_none() {
            record.findings.warn(finding::FIELD_REQUIRED, element, "the feature has neither a name nor an id");
        }
        // The text of a coded value is its detail; only without one is the id itself the value.
        for slot in [DETAILS, VALUE_ID] {
            if self.values.0.is_empty() {
                self.values = std::mem::take(&mut self.beside[slot].1);
            }
        }
        if self.values.0.is_empty() {
            self.values.0.push((record.ctx.header.language.clone(), Vec::new()));
        }
        let values = std::mem::take(&mut self.values);
        self.put_texts(element, values, "", system, record);
        for (name, texts) in std::mem::take(&mut self.beside) {
            self.put_texts(element, texts, &format!(" ({name})"), system, record);
        }
    }

    fn put_texts(
        &self,
        element: &Element,
        texts: ByLanguage,
        suffix: &str,
        system: Option<&str>,
        record: &mut Record<'_>,
    ) {
        for (language, values) in texts.0 {
            let foreign = if language == record.ctx.header.language { String::new() } else { format!(" [{language}]") };
            let attribute = Attribute {
                name: format!("{}{}{suffix}{foreign}", self.prefix, self.name(&language)),
                values,
                unit: self.unit.clone().filter(|_| suffix.is_empty()),
                system: system.map(str::to_owned),
                feature_id: self.id.clone(),
            };
            record.attribute(element, attribute);
        }
    }
}

/// Whether a name is really an id: ETIM's `EF000008`, ECLASS's IRDI `0173-1#02-BAA020#007`.
fn is_feature_id(name: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if name.strip_prefix("EF").is_some_and(|number| digits(number, 6)) {
        return true;
    }
    let mut parts = name.splitn(3, '#');
    let (Some(issuer), Some(item), Some(version)) = (parts.next(), parts.next(), parts.next()) else { return false };
    name.len() <= 64 && issuer.starts_with("0173-1") && item.starts_with("02-") && digits(version, 3)
}

#[cfg(test)]
mod tests {
    use super::is_feature_id;

    #[test]
    fn ids_are_told_from_names() {
        for id in ["EF000008", "0173-1#02-BAA020#007", "0173-1---ADVANCED_1_1#02-AAQ373#005"] {
            assert!(is_feature_id(id), "{id}");
        }
        for name in ["EF00000A", "EF0008", "Höhe", "0173-1#01-ADN228#005", "a#b#c", ""] {
            assert!(!is_feature_id(name), "{name}");
        }
    }
}
