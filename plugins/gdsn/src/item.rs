//! One tradeItem as an item: what goes where. What goes nowhere is kept as an attribute.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Availability, ItemDraft, ItemStatus, Parts, Relation};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Bound, Record, system_name, word};
use plugpoint_sdk::xml::Element;

use crate::files;
use crate::food;
use crate::keep::{Numbers, SYSTEM, keep};
use crate::key::Key;
use crate::shape::{find, first_text, is_wrapper, language, multilingual, pass_over_bookkeeping, text};

/// Parts of which a trade item never speaks.
const NEVER: Parts = Parts::PRICES.and(Parts::CONTRIBUTORS);
/// The system of GPC bricks.
const GPC: &str = "gpc";

/// What the document says beside the trade item.
pub(crate) struct Around<'a> {
    /// catalogueItemStateCode.
    pub(crate) state: Option<&'a str>,
    /// When the document was made; dates are held against it.
    pub(crate) created: Option<Timestamp>,
}

/// Names of the item that come in several languages, until it is known which of them is its title.
#[derive(Default)]
struct Names<'e> {
    descriptions: Vec<&'e Element>,
    short: Vec<&'e Element>,
    functional: Vec<&'e Element>,
    additional: Vec<&'e Element>,
    marketing: Vec<&'e Element>,
}

/// Reads a trade item whose key is known.
pub(crate) fn read(
    item: &Element,
    key: &Key<'_>,
    sku: String,
    around: &Around<'_>,
    profile: &CatalogProfile,
) -> ItemDraft {
    let mut record = Record::new(sku, item, profile);
    pass_over_bookkeeping(item);
    record.identifier(item, "gtin", key.gtin);
    let mut reader = Reader { record: &mut record, key, names: Names::default(), first: 0 };
    reader.children(item, "");
    let names = reader.names;
    titles(item, &names, key, &mut record);
    status(item, around, &mut record);
    let kept = if record.draft.data.availability.is_some() { Parts::NONE } else { Parts::AVAILABILITY };
    let mut draft = record.finish();
    draft.keeps = NEVER.and(kept);
    draft
}

struct Reader<'r, 'p, 'e> {
    record: &'r mut Record<'p>,
    key: &'r Key<'e>,
    names: Names<'e>,
    /// Attributes before this one belong to another element.
    first: usize,
}

impl<'e> Reader<'_, '_, 'e> {
    fn children(&mut self, element: &'e Element, path: &str) {
        let mut numbers = Numbers::default();
        self.first = self.record.draft.data.attributes.len();
        for child in element.children() {
            self.child(element, child, path, &mut numbers);
        }
    }

    fn child(&mut self, parent: &'e Element, child: &'e Element, path: &str, numbers: &mut Numbers) {
        match child.name() {
            // The key was read by the walk.
            "gtin" | "globalTradeItemNumber" if path.is_empty() => child.pass_over(),
            "tradeItemDescription" => self.names.descriptions.push(child),
            "descriptionShort" => self.names.short.push(child),
            "functionalName" => self.names.functional.push(child),
            "additionalTradeItemDescription" => self.names.additional.push(child),
            "tradeItemMarketingMessage" | "marketingMessage" => self.names.marketing.push(child),
            "tradeItemKeyWords" | "keyWords" => self.keywords(child),
            "brandName" if self.record.draft.data.brand.is_none() => {
                self.record.brand(first_text(child).unwrap_or_default());
            }
            "tradeItemUnitDescriptorCode" | "tradeItemUnitDescriptor" => self.unit_descriptor(child),
            "additionalTradeItemIdentification" => self.identification(child),
            "gpcCategoryCode" => {
                let name = parent.child_text("gpcCategoryName").map(str::to_owned);
                self.record.category(child, GPC, first_text(child).unwrap_or_default(), name.into_iter().collect());
            }
            "gpcCategoryName" | "gpcCategoryDefinition" => child.pass_over(),
            "classificationCategoryCode" => self.classification_of_2(child),
            "additionalTradeItemClassification" | "additionalClassification" => self.classification(child),
            "childTradeItem" => self.child_trade_item(child),
            "referencedTradeItem" => self.referenced(child),
            "stringAVP" | "compoundStringAVP" => self.pair(child, path),
            "value" if child.attribute("name").is_some() => self.pair(child, path),
            "allergen" => food::allergen(child, self.record),
            "nutrientHeader" => food::nutrients(child, self.record),
            name if files::is_file(name) => files::read(child, &numbers.path(path, child), self.record),
            name if is_wrapper(name) || holds_known(child) => {
                let path = numbers.path(path, child);
                let name = if path.is_empty() { child.name() } else { &path };
                self.record.fact(child, SYSTEM, name, child.text());
                self.children(child, &path);
            }
            _ => keep(child, &numbers.path(path, child), self.first, self.record),
        }
    }

    fn keywords(&mut self, element: &Element) {
        for (language, words) in multilingual(element) {
            for keyword in words.split([',', ';']) {
                self.record.keyword(element, language, keyword);
            }
        }
    }

    /// What is sold: each, case, pallet.
    fn unit_descriptor(&mut self, element: &Element) {
        let Some(sent) = first_text(element) else { return };
        let kind = match sent {
            "BASE_UNIT_OR_EACH" => "each".to_owned(),
            "PACK_OR_INNER_PACK" => "pack".to_owned(),
            _ => word(sent, "product"),
        };
        self.record.draft.data.kind = kind;
    }

    fn identification(&mut self, element: &Element) {
        let sent = element.attribute("additionalTradeItemIdentificationTypeCode");
        let in_child = || element.child("additionalTradeItemIdentificationType").and_then(first_text);
        let scheme = match sent.or_else(in_child).unwrap_or_default() {
            "MANUFACTURER_PART_NUMBER" | "MODEL_NUMBER" => "mpn".to_owned(),
            other => word(other, "other"),
        };
        let value = element.child("additionalTradeItemIdentificationValue").and_then(first_text);
        self.record.identifier(element, &scheme, text(element).or(value).unwrap_or_default());
    }

    /// 2.x: a code in a code.
    fn classification_of_2(&mut self, element: &Element) {
        let code = element.child("classificationCategoryCode").map_or(element, |code| code);
        let name = element.child("classificationCategoryName").and_then(first_text).map(str::to_owned);
        self.record.category(element, GPC, first_text(code).unwrap_or_default(), name.into_iter().collect());
        element.children_named("additionalClassification").for_each(|more| self.classification(more));
    }

    /// A code of a system that is itself a code; several values of one system are several places.
    fn classification(&mut self, element: &Element) {
        let systems = [
            "additionalTradeItemClassificationSystemCode",
            "additionalClassificationAgencyName",
            "additionalTradeItemClassificationAgency",
        ];
        let system = systems.into_iter().find_map(|name| element.child(name)).and_then(first_text).unwrap_or("other");
        let system = system_name(&format!("gs1-{system}"));
        let direct = element.children_named("additionalClassificationCategoryCode");
        let values = element.children_named("additionalTradeItemClassificationValue").chain(direct);
        for value in values {
            let code = find(value, "additionalTradeItemClassificationCodeValue").unwrap_or(value);
            let name = find(value, "additionalTradeItemClassificationCodeDescription");
            let _language = name.and_then(language);
            let path = name.and_then(first_text).map(str::to_owned).into_iter().collect();
            self.record.category(value, &system, first_text(code).unwrap_or_default(), path);
        }
    }

    fn child_trade_item(&mut self, element: &Element) {
        let Some(gtin) = find(element, "gtin").and_then(first_text) else { return };
        let quantity = ["quantityOfNextLowerLevelTradeItem", "quantityofNextLowerLevelTradeItem"]
            .into_iter()
            .find_map(|name| element.child_text(name).or_else(|| element.attribute(name)));
        let quantity = quantity.and_then(|sent| self.record.positive(element, sent));
        // What else identifies the child is said by its own record.
        element.pass_over();
        self.record.relation(element, Relation { kind: "contains".to_owned(), sku: self.key.sku_of(gtin), quantity });
    }

    fn referenced(&mut self, element: &Element) {
        let Some(gtin) = element.child("gtin").and_then(first_text) else {
            return keep(element, "referencedTradeItem", self.first, self.record);
        };
        let kind = element.child("referencedTradeItemTypeCode").and_then(first_text).unwrap_or("other");
        let relation = Relation { kind: word(kind, "other"), sku: self.key.sku_of(gtin), quantity: None };
        self.record.relation(element, relation);
    }

    /// A pair of the sender's own, under the name that it gives.
    fn pair(&mut self, element: &Element, path: &str) {
        let name =
            element.attribute("attributeName").or_else(|| element.attribute("name")).unwrap_or("stringAVP").trim();
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        if let Some(code) = element.attribute("attributeCode") {
            self.record.fact(element, SYSTEM, &format!("{path}@attributeCode"), code);
        }
        self.record.fact(element, SYSTEM, &path, element.text());
        for child in element.children() {
            match child.name() {
                "stringAVP" | "compoundStringAVP" => self.pair(child, &path),
                _ => keep(child, &format!("{path}/{}", child.name()), self.first, self.record),
            }
        }
    }
}

/// Names in the order of what they say; those that are not the title are attributes. An item without any is called by its GTIN.
fn titles(item: &Element, names: &Names<'_>, key: &Key<'_>, record: &mut Record<'_>) {
    for element in &names.descriptions {
        for (language, words) in multilingual(element) {
            record.title(*element, language, words);
        }
    }
    for element in names.short.iter().chain(&names.functional) {
        for (language, words) in multilingual(element) {
            let lang = record.language_of(*element, language);
            let has_title = record.draft.data.texts.iter().any(|known| known.lang == lang && !known.title.is_empty());
            match has_title {
                true => record.fact(*element, SYSTEM, &format!("{} [{lang}]", element.name()), words),
                false => record.title(*element, Some(&lang), words),
            }
        }
    }
    for element in names.marketing.iter().chain(&names.additional) {
        for (language, words) in multilingual(element) {
            let lang = record.language_of(*element, language);
            let has_one = record.draft.data.texts.iter().any(|known| known.lang == lang && known.description.is_some());
            match has_one {
                true => record.fact(*element, SYSTEM, &format!("{} [{lang}]", element.name()), words),
                false => record.description(*element, Some(&lang), words),
            }
        }
    }
    let has_words = record.draft.data.texts.iter().any(|text| !text.title.is_empty() || text.description.is_some());
    if !has_words {
        let message = "the trade item has no description in any language; it is called by its GTIN";
        record.findings.warn(finding::FIELD_REQUIRED, item, message);
        record.title(item, None, key.gtin);
    }
}

/// Discontinued when the item's state or a date says so that was over when the document was made; to be had from a date that was not.
fn status(item: &Element, around: &Around<'_>, record: &mut Record<'_>) {
    let mut date = |name, bound| {
        let element = find(item, name)?;
        record.instant(element, first_text(element)?, bound)
    };
    let ended = [
        date("discontinuedDateTime", Bound::End),
        date("cancelledDateTime", Bound::End),
        date("canceledDateTime", Bound::End),
    ];
    let starts = date("startAvailabilityDateTime", Bound::Start);
    let is_over = |at: Timestamp| around.created.is_some_and(|created| at <= created);
    let is_ended = matches!(around.state, Some("DISCONTINUED" | "CANCELED" | "CANCELLED" | "WITHDRAWN"));
    if is_ended || ended.into_iter().flatten().any(is_over) {
        record.draft.data.status = ItemStatus::Discontinued;
    } else if let Some(at) = starts.filter(|at| around.created.is_some_and(|created| *at > created)) {
        record.draft.data.status = ItemStatus::Announced;
        let status = "announced".to_owned();
        record.draft.data.availability =
            Some(Availability { status, available_from: Some(at), ..Availability::default() });
    }
}

/// Whether something that has a place of its own lies below an element that has none.
fn holds_known(element: &Element) -> bool {
    const KNOWN: &[&str] = &[
        "brandName",
        "gpcCategoryCode",
        "childTradeItem",
        "stringAVP",
        "compoundStringAVP",
        "allergen",
        "nutrientHeader",
        "descriptionShort",
        "functionalName",
        "tradeItemDescription",
    ];
    let known = |child: &Element| KNOWN.contains(&child.name()) || files::is_file(child.name());
    element.children().iter().any(|child| known(child) || holds_known(child))
}
