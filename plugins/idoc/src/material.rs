//! One E1MARAM of a MATMAS as an item: which field goes where. What goes nowhere is kept as an attribute.
//!
//! Also what both kinds of master data, MATMAS and ARTMAS, have in common: how a record that was read becomes an item or a change.

use std::collections::HashMap;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, ItemData, ItemDraft, ItemPatch, ItemStatus, Parts, PatchOp, Relation, Text};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::keep::{Keeper, SYSTEM, numbered};
use crate::language;
use crate::lines::Lines;
use crate::segment::{self, Function, first, flag, keyed_name, value};

/// Parts of which master data never speaks.
const NEVER: Parts =
    Parts::PRICES.and(Parts::MEDIA).and(Parts::CONTRIBUTORS).and(Parts::AVAILABILITY).and(Parts::BRAND);

/// Fields of E1MARAM and segments below it that have a place of their own.
const READ: &[&str] = &[
    "MATNR",
    "MATNR_LONG",
    "MATKL",
    "PRDHA",
    "EXTWG",
    "EAN11",
    "MFRPN",
    "BISMT",
    "LVORM",
    "ATTYP",
    "SATNR",
    "E1MAKTM",
    "E1MARMM",
    "E1MTXHM",
];

/// What a record of master data has become.
pub(crate) enum Master {
    /// All there is to say about the item, or so much of what has changed that it can be made of it where it is not there.
    /// Texts that come without a name follow it.
    Item(Box<ItemDraft>, Option<ItemPatch>),
    /// What has changed of an item that has to be there, and what there is to say about it.
    Change(ItemPatch, Vec<Finding>),
}

/// The number of a material: the long one where it is used.
pub(crate) fn number(segment: &Element) -> Option<&str> {
    first(segment, &["MATNR_LONG", "MATNR", "MATERIAL_LONG", "MATERIAL"])
}

/// Reads a material whose number is known.
pub(crate) fn read(segment: &Element, sku: &str, profile: &CatalogProfile, without_zeros: bool) -> Master {
    let function = Function::of(segment);
    let mut record = Record::new(sku, segment, profile);
    head(segment, &mut record, without_zeros);
    let is_partial = function == Function::Changed;
    for name in segment.children_named("E1MAKTM") {
        if is_gone(name, &mut record, is_partial) {
            continue;
        }
        let language = language::tag(value(name, "SPRAS"), value(name, "SPRAS_ISO"));
        record.title(name, language, value(name, "MAKTX").unwrap_or_default());
        ["MSGFN", "SPRAS"].into_iter().filter_map(|field| name.child(field)).for_each(Element::pass_over);
    }
    texts(segment, &mut record, is_partial);
    let is_change = is_partial || record.draft.data.texts.iter().all(|text| text.title.is_empty());
    let mut keeper = Keeper { record: &mut record, is_change };
    keeper.segment(segment, "", READ);
    units(segment, &mut keeper);
    finish(record, value(segment, "ATTYP").is_some(), is_change, flag(segment, "LVORM"))
}

/// Whether a segment says that it was taken away. A whole record is then simply without it; from a change it cannot be told.
pub(crate) fn is_gone(segment: &Element, record: &mut Record<'_>, is_change: bool) -> bool {
    let is_gone = Function::of(segment) == Function::Deleted;
    if is_gone {
        segment.pass_over();
    }
    if is_gone && is_change {
        let message = "a part cannot be taken away alone; send the material whole (function 005)";
        record.findings.warn(finding::PART_IGNORED, segment, message);
    }
    is_gone
}

fn head(segment: &Element, record: &mut Record<'_>, without_zeros: bool) {
    // The number was read by the walk; SAP sends both of its forms.
    ["MATNR", "MATNR_LONG"].into_iter().filter_map(|field| segment.child(field)).for_each(Element::pass_over);
    kind(record, value(segment, "ATTYP"));
    let more = segment.children().iter().filter(|child| segment::continues(child.name(), segment.name()));
    for segment in std::iter::once(segment).chain(more) {
        for (field, system) in [("MATKL", "sap-matkl"), ("PRDHA", "sap-prdha"), ("EXTWG", "sap-extwg")] {
            record.category(segment, system, value(segment, field).unwrap_or_default(), Vec::new());
        }
        for (field, scheme) in [("EAN11", "gtin"), ("MFRPN", "mpn"), ("BISMT", "old")] {
            record.identifier(segment, scheme, value(segment, field).unwrap_or_default());
        }
    }
    if let Some(generic) = value(segment, "SATNR") {
        let sku = segment::material_number(generic, without_zeros).to_owned();
        record.relation(segment, Relation { kind: "variant_of".to_owned(), sku, quantity: None });
    }
}

/// The material category: variants and sets are what they are, all else is a product.
pub(crate) fn kind(record: &mut Record<'_>, category: Option<&str>) {
    let kind = match category {
        Some("02") => "variant",
        Some("10" | "11" | "12") => "bundle",
        _ => "product",
    };
    kind.clone_into(&mut record.draft.data.kind);
}

/// Alternative units: their fields are kept, and their EANs are numbers of the item. That of the base unit is its `gtin`, those of the
/// others name the unit: a carton's is not the piece's.
fn units(segment: &Element, keeper: &mut Keeper<'_, '_>) {
    let is_one = |unit: &&Element| value(unit, "UMREZ").is_some_and(|one| value(unit, "UMREN") == Some(one));
    // A change need not repeat the base unit.
    let base = || value(segment.children_named("E1MARMM").find(is_one)?, "MEINH");
    let base = value(segment, "MEINS").or_else(base);
    let mut seen = HashMap::new();
    for unit in segment.children_named("E1MARMM") {
        if is_gone(unit, keeper.record, keeper.is_change) {
            continue;
        }
        let scheme = scheme(value(unit, "MEINH"), base);
        keeper.record.identifier(unit, &scheme, value(unit, "EAN11").unwrap_or_default());
        for ean in unit.children_named("E1MEANM").filter(|ean| Function::of(ean) != Function::Deleted) {
            keeper.record.identifier(ean, &scheme, value(ean, "EAN11").unwrap_or_default());
        }
        keeper.segment(unit, &numbered(keyed_name(unit), &mut seen), &["EAN11"]);
    }
}

/// The scheme of a unit's EAN.
pub(crate) fn scheme(unit: Option<&str>, base: Option<&str>) -> String {
    match unit {
        Some(unit) if base != Some(unit) => format!("gtin_{}", unit.to_lowercase()),
        _ => "gtin".to_owned(),
    }
}

/// E1MTXHM with its lines. The basic data text is the description, else the sales text; all others are attributes.
fn texts(segment: &Element, record: &mut Record<'_>, is_change: bool) {
    let mut others = Vec::new();
    for head in segment.children_named("E1MTXHM") {
        if is_gone(head, record, is_change) {
            continue;
        }
        let mut lines = Lines::default();
        for line in head.children_named("E1MTXLM") {
            line.child("MSGFN").into_iter().for_each(Element::pass_over);
            lines
                .push(line.child("TDFORMAT").map_or("", Element::text), line.child("TDLINE").map_or("", Element::text));
        }
        ["MSGFN", "TDTEXTTYPE"].into_iter().filter_map(|field| head.child(field)).for_each(Element::pass_over);
        let text = LongText {
            at: head,
            object: value(head, "TDOBJECT").unwrap_or_default(),
            name: value(head, "TDNAME").unwrap_or_default(),
            id: value(head, "TDID").unwrap_or_default(),
            language: language::tag(value(head, "TDSPRAS"), value(head, "TDSPRASISO")),
            text: lines.finish(),
        };
        match text.is_basic() {
            true => text.describe(record),
            false => others.push(text),
        }
    }
    others.iter().for_each(|text| text.keep(record));
}

/// A long text whose lines are joined.
pub(crate) struct LongText<'e> {
    pub(crate) at: &'e Element,
    pub(crate) object: &'e str,
    pub(crate) name: &'e str,
    pub(crate) id: &'e str,
    pub(crate) language: Option<&'e str>,
    pub(crate) text: String,
}

impl LongText<'_> {
    /// The basic data text of the material.
    pub(crate) fn is_basic(&self) -> bool {
        self.object == "MATERIAL" && self.id == "GRUN"
    }

    pub(crate) fn describe(&self, record: &mut Record<'_>) {
        record.description(self.at, self.language, &self.text);
    }

    /// As the description if it is a sales text and there is none, else as an attribute.
    pub(crate) fn keep(&self, record: &mut Record<'_>) {
        let language = record.language_of(self.at, self.language);
        let has_none = |text: &Text| text.lang != language || text.description.is_none();
        if self.object == "MVKE" && record.draft.data.texts.iter().all(has_none) {
            return self.describe(record);
        }
        // The name of a sales text is the material's number and the sales organisation's.
        let place: String = self.name.chars().skip(18).collect();
        let place = place.trim();
        let dot = if place.is_empty() { "" } else { "." };
        let name = format!("text {}.{}{dot}{place} [{language}]", self.object, self.id);
        record.fact(self.at, SYSTEM, &name, &self.text);
    }
}

/// The record as an item, or as a change where it does not even have a name. `has_kind`: it says what kind of material it is; `is_flagged`: it is
/// flagged for deletion.
pub(crate) fn finish(mut record: Record<'_>, has_kind: bool, is_change: bool, is_flagged: bool) -> Master {
    if is_flagged {
        record.draft.data.status = ItemStatus::Discontinued;
    }
    let said = said(&record, has_kind, is_flagged);
    let has_name = record.draft.data.texts.iter().any(|text| !text.title.is_empty());
    if has_name {
        let untitled = if is_change { untitled(&mut record) } else { None };
        let mut draft = record.finish();
        if is_change {
            (draft.keeps, draft.merges) = (Parts::ALL.but(said), said);
        } else {
            let none = if said.has(Parts::RELATIONS) { Parts::NONE } else { Parts::RELATIONS };
            draft.keeps = NEVER.and(none);
        }
        return Master::Item(Box::new(draft), untitled);
    }
    let ItemDraft { data, position, findings, .. } = record.fitted();
    let sku = data.sku.clone();
    Master::Change(ItemPatch { sku, ops: vec![PatchOp::merge(said, data)], position, is_record: true }, findings)
}

/// Of a change, the texts in languages of which it says no name: they must not get one that covers that of the item.
fn untitled(record: &mut Record<'_>) -> Option<ItemPatch> {
    let texts = std::mem::take(&mut record.draft.data.texts);
    let (titled, texts): (Vec<Text>, Vec<Text>) = texts.into_iter().partition(|text| !text.title.is_empty());
    record.draft.data.texts = titled;
    let ItemDraft { data, position, .. } = &record.draft;
    let change = ItemData { texts, ..ItemDraft::new(data.sku.clone(), *position).data };
    let patch = |data: ItemData| ItemPatch {
        sku: data.sku.clone(),
        ops: vec![PatchOp::merge(Parts::TEXTS, data)],
        position: *position,
        is_record: false,
    };
    (!change.texts.is_empty()).then(|| patch(change))
}

/// The parts of which a record speaks.
fn said(record: &Record<'_>, has_kind: bool, is_flagged: bool) -> Parts {
    let data = &record.draft.data;
    let all = [
        (Parts::STATUS, is_flagged),
        (Parts::KIND, has_kind),
        (Parts::TEXTS, !data.texts.is_empty()),
        (Parts::IDENTIFIERS, !data.identifiers.is_empty()),
        (Parts::CATEGORIES, !data.categories.is_empty()),
        (Parts::ATTRIBUTES, !data.attributes.is_empty()),
        (Parts::RELATIONS, !data.relations.is_empty()),
    ];
    all.into_iter().filter(|(_, is_said)| *is_said).fold(Parts::NONE, |parts, (part, _)| parts.and(part))
}
