//! The articles of one ARTMAS: flat segments, each with its material's number, gathered until the IDoc ends, then read one by one.
//!
//! Bounded by the size of one record: an IDoc with more is refused whole, because no article of it is known to be complete.

use std::collections::HashMap;

use plugpoint_sdk::model::{Attribute, Position, Relation};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Place, Record};
use plugpoint_sdk::xml::Element;

use crate::keep::{Keeper, SYSTEM, numbered};
use crate::language;
use crate::lines::Lines;
use crate::material::{self, LongText, Master};
use crate::segment::{self, Function, first, flag, keyed_name, value};

/// What the reader of a segment may cost beside its text.
const ELEMENT_BYTES: usize = 256;

/// Fields of E1BPE1MATHEAD and E1BPE1MARART that have a place of their own.
const READ: &[&str] = &["MATL_GROUP", "OLD_MAT_NO", "PROD_HIER", "EXTMATLGRP", "MANU_MAT", "DEL_FLAG", "CONFIG_MATL"];

/// Whether a segment is one of ARTMAS.
pub(crate) fn is_segment(name: &str) -> bool {
    name.starts_with("E1BPE1")
}

/// One article's segments.
pub(crate) struct Article {
    /// Its number as sent.
    pub(crate) number: String,
    /// Where its first segment starts.
    pub(crate) position: Position,
    pub(crate) segments: Vec<Element>,
}

/// The articles of the IDoc that is being read.
#[derive(Default)]
pub(crate) struct Articles {
    list: Vec<Article>,
    places: HashMap<String, usize>,
    bytes: usize,
}

/// There is more than fits.
pub(crate) struct TooLarge;

impl Articles {
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds a segment whose material's number is known.
    /// `bytes` are those of its text in the document.
    pub(crate) fn add(&mut self, number: &str, segment: Element, bytes: u64, bytes_max: usize) -> Result<(), TooLarge> {
        let text = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.bytes = self.bytes.saturating_add(text).saturating_add(ELEMENT_BYTES * elements(&segment));
        if self.bytes > bytes_max {
            return Err(TooLarge);
        }
        let place = match self.places.get(number) {
            Some(place) => *place,
            None => {
                let place = self.list.len();
                self.places.insert(number.to_owned(), place);
                let position = segment.position();
                self.list.push(Article { number: number.to_owned(), position, segments: Vec::new() });
                place
            }
        };
        self.list[place].segments.push(segment);
        Ok(())
    }

    /// All of them, in the order of their first segments.
    pub(crate) fn take(&mut self) -> Vec<Article> {
        std::mem::take(self).list
    }
}

fn elements(segment: &Element) -> usize {
    1 + segment.children().iter().map(elements).sum::<usize>()
}

impl Article {
    /// What is done to the article, as its head says it. Without a head it is a change.
    pub(crate) fn function(&self) -> Function {
        self.head().map_or(Function::Changed, Function::of)
    }

    /// Whether it is flagged for deletion in all of SAP.
    pub(crate) fn is_flagged(&self) -> bool {
        let mut general = self.segments.iter().filter(|segment| is_general(segment.name()));
        general.any(|segment| flag(segment, "DEL_FLAG"))
    }

    fn head(&self) -> Option<&Element> {
        self.segments.iter().find(|segment| segment.name() == "E1BPE1MATHEAD")
    }
}

/// The segments with what holds for the article everywhere.
fn is_general(name: &str) -> bool {
    matches!(name, "E1BPE1MATHEAD" | "E1BPE1MARART")
}

/// Reads an article.
pub(crate) fn read(article: &Article, sku: &str, profile: &CatalogProfile, without_zeros: bool) -> Master {
    let at = Place::new(article.position, "E1BPE1MATHEAD");
    let mut record = Record::new(sku, at, profile);
    let base = article.segments.iter().find_map(|segment| first(segment, &["BASE_UOM_ISO", "BASE_UOM"]));
    for segment in article.segments.iter().filter(|segment| segment.name() == "E1BPE1MAKTRT") {
        title(segment, &mut record, article.function() == Function::Changed);
    }
    let has_title = record.draft.data.texts.iter().any(|text| !text.title.is_empty());
    let is_change = article.function() == Function::Changed || !has_title;
    let mut keeper = Keeper { record: &mut record, is_change };
    let mut seen = HashMap::new();
    for segment in &article.segments {
        match segment.name() {
            "E1BPE1MAKTRT" | "E1BPE1MLTXRT" => {}
            // Marks which fields of its like are meant; where a field is sent, it is meant.
            name if name.ends_with("RTX") || name.ends_with("ARTX") => segment.pass_over(),
            name if !is_general(name) && material::is_gone(segment, keeper.record, is_change) => {}
            name if is_general(name) => {
                head(segment, keeper.record, without_zeros);
                keeper.segment(segment, "", READ);
            }
            "E1BPE1MARMRT" | "E1BPE1MEANRT" => unit(segment, base, &mut keeper, &mut seen),
            "E1BPE1AUSPRT" => characteristic(segment, &mut keeper),
            _ => keeper.segment(segment, &numbered(keyed_name(segment), &mut seen), &[]),
        }
    }
    texts(&article.segments, &mut record);
    let has_kind = article.head().is_some_and(|head| value(head, "MATL_CAT").is_some());
    material::finish(record, has_kind, is_change, article.is_flagged())
}

fn title(segment: &Element, record: &mut Record<'_>, is_change: bool) {
    if material::is_gone(segment, record, is_change) {
        return;
    }
    let language = language::tag(value(segment, "LANGU"), value(segment, "LANGU_ISO"));
    record.title(segment, language, value(segment, "MATL_DESC").unwrap_or_default());
    known(segment, &["LANGU", "FUNCTION", "MATERIAL", "MATERIAL_LONG"]);
}

/// Fields that were read by another, or say nothing.
fn known(segment: &Element, fields: &[&str]) {
    fields.iter().filter_map(|field| segment.child(field)).for_each(Element::pass_over);
}

fn head(segment: &Element, record: &mut Record<'_>, without_zeros: bool) {
    if let Some(category) = value(segment, "MATL_CAT") {
        material::kind(record, Some(category));
    }
    for (field, system) in [("MATL_GROUP", "sap-matkl"), ("PROD_HIER", "sap-prdha"), ("EXTMATLGRP", "sap-extwg")] {
        record.category(segment, system, value(segment, field).unwrap_or_default(), Vec::new());
    }
    for (field, scheme) in [("OLD_MAT_NO", "old"), ("MANU_MAT", "mpn")] {
        record.identifier(segment, scheme, value(segment, field).unwrap_or_default());
    }
    if let Some(generic) = value(segment, "CONFIG_MATL") {
        let sku = segment::material_number(generic, without_zeros).to_owned();
        record.relation(segment, Relation { kind: "variant_of".to_owned(), sku, quantity: None });
    }
}

fn unit(segment: &Element, base: Option<&str>, keeper: &mut Keeper<'_, '_>, seen: &mut HashMap<String, usize>) {
    let scheme = material::scheme(first(segment, &["ALT_UNIT_ISO", "ALT_UNIT", "UNIT_ISO", "UNIT"]), base);
    keeper.record.identifier(segment, &scheme, first(segment, &["EAN_UPC", "EAN"]).unwrap_or_default());
    // The unit's other key is known by the first.
    known(segment, &["ALT_UNIT", "ALT_UNIT_ISO", "UNIT", "UNIT_ISO"]);
    let read = ["EAN_UPC", "EAN", "ALT_UNIT", "ALT_UNIT_ISO", "UNIT", "UNIT_ISO"];
    keeper.segment(segment, &numbered(keyed_name(segment), seen), &read);
}

/// A value of a characteristic; several of one name are values of one attribute.
fn characteristic(segment: &Element, keeper: &mut Keeper<'_, '_>) {
    let name = first(segment, &["CHAR_NAME_LONG", "CHAR_NAME"]).unwrap_or_default();
    let sent = first(segment, &["CHAR_VALUE_LONG", "CHAR_VALUE"]).unwrap_or_default();
    known(segment, &["FUNCTION", "MATERIAL", "MATERIAL_LONG", "CHAR_NAME", "CHAR_VALUE"]);
    let attributes = &mut keeper.record.draft.data.attributes;
    let same = |known: &&mut Attribute| known.name == name && known.system.as_deref() == Some(SYSTEM);
    match attributes.last_mut().filter(same) {
        Some(known) if !sent.is_empty() => known.values.push(sent.to_owned()),
        _ => keeper.record.fact(segment, SYSTEM, name, sent),
    }
}

/// Lines of one text stand behind each other.
fn texts(segments: &[Element], record: &mut Record<'_>) {
    let mut others = Vec::new();
    let mut lines = segments.iter().filter(|segment| segment.name() == "E1BPE1MLTXRT").peekable();
    while let Some(line) = lines.next() {
        let mut joined = Lines::default();
        push(&mut joined, line);
        while let Some(more) = lines.next_if(|more| key(more) == key(line)) {
            push(&mut joined, more);
        }
        let [object, name, id] =
            ["APPLOBJECT", "TEXT_NAME", "TEXT_ID"].map(|field| value(line, field).unwrap_or_default());
        let language = language::tag(value(line, "LANGU"), value(line, "LANGU_ISO"));
        let text = LongText { at: line, object, name, id, language, text: joined.finish() };
        match text.is_basic() {
            true => text.describe(record),
            false => others.push(text),
        }
    }
    others.iter().for_each(|text| text.keep(record));
}

fn key(line: &Element) -> [Option<&str>; 5] {
    ["APPLOBJECT", "TEXT_NAME", "TEXT_ID", "LANGU", "LANGU_ISO"].map(|field| value(line, field))
}

fn push(lines: &mut Lines, line: &Element) {
    lines.push(line.child("FORMAT_COL").map_or("", Element::text), line.child("TEXT_LINE").map_or("", Element::text));
    known(line, &["FUNCTION", "MATERIAL", "MATERIAL_LONG"]);
}
