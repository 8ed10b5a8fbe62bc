//! One E1KOMG of a COND_A as new prices of one material: condition records (E1KONH) with their items (E1KONP) and scales (E1KONM).
//!
//! A condition holds for what its key names beside the material: sales organisation, customer, country. That belongs to the price's kind,
//! so that one customer's price never stands for everybody's. Percentages, formulas and discounts are no prices.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Finding, PatchOp, Price};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Bound, Record, word};
use plugpoint_sdk::xml::Element;

use crate::segment::{self, Function, flag, is_segment, value};

/// Fields of E1KOMG that are not part of the key, or are the material itself.
const NOT_KEY: &[&str] = &[
    "MSGFN",
    "KVEWE",
    "KOTABNR",
    "KAPPL",
    "KSCHL",
    "VAKEY",
    "VAKEY_LONG",
    "MATNR",
    "MATNR_LONG",
    "MATNR_EXT",
    "EVRTN",
    "EVRTP",
];
/// The most characters of a price's kind.
const KIND_CHARS_MAX: usize = 32;
/// Calculation types whose rate is an amount for a quantity; the others are percentages, formulas, fixed amounts.
const PER_QUANTITY: &[&str] = &["C", "D", "E", "F", "L", "M"];

/// The condition type.
pub(crate) fn kind_of_condition(komg: &Element) -> &str {
    value(komg, "KSCHL").unwrap_or_default()
}

/// What a condition changes of an item's prices.
#[derive(Default)]
pub(crate) struct Change {
    pub(crate) ops: Vec<PatchOp>,
    /// What there is to say about it.
    pub(crate) findings: Vec<Finding>,
    /// Why it changes nothing.
    pub(crate) refused: Option<Finding>,
}

/// Reads a condition of a material whose number is known.
pub(crate) fn read(komg: &Element, sku: &str, profile: &CatalogProfile) -> Change {
    let mut record = Record::new(sku, komg, profile);
    let kind = key(komg);
    if kind.chars().count() > KIND_CHARS_MAX {
        let message = format!("the key of the condition is longer than {KIND_CHARS_MAX} characters of a price's kind");
        let refused = Finding::error(finding::FIELD_LENGTH, message).at(komg.position()).path("E1KOMG").value(&kind);
        return Change { refused: Some(refused), ..Change::default() };
    }
    let kind = word(&kind, "unspecified");
    let territory = value(komg, "LAND1").or_else(|| value(komg, "ALAND"));
    let mut ops = Vec::new();
    if Function::of(komg) == Function::Deleted {
        komg.children().iter().filter(|child| is_segment(child)).for_each(Element::pass_over);
        ops.push(PatchOp::PutPrices { kind, valid_from: None, valid_to: None, prices: Vec::new() });
        return Change { ops, ..Change::default() };
    }
    for konh in komg.children_named("E1KONH") {
        ["KNUMH", "MSGFN"].into_iter().filter_map(|field| konh.child(field)).for_each(Element::pass_over);
        let Ok((valid_from, valid_to)) = validity(konh, &mut record) else { continue };
        let Some(prices) = prices(konh, &kind, &mut record) else { continue };
        let complete = |price: Price| Price {
            valid_from,
            valid_to,
            territories: territory.map(str::to_owned).into_iter().collect(),
            ..price
        };
        let prices = prices.into_iter().map(complete).collect();
        ops.push(PatchOp::PutPrices { kind: kind.clone(), valid_from, valid_to, prices });
    }
    let message = "the condition holds no price that can be used; the material keeps its prices";
    let refused = Finding::error(finding::RECORD_MALFORMED, message).at(komg.position()).path("E1KOMG");
    let refused = ops.is_empty().then_some(refused);
    Change { ops, findings: record.findings.into_list(), refused }
}

/// Condition type and the values of its key, in the order of the document: `pr00.1000.10`.
pub(crate) fn key(komg: &Element) -> String {
    ["KVEWE", "KOTABNR", "KAPPL", "VAKEY", "VAKEY_LONG", "EVRTN", "EVRTP", "MATNR", "MSGFN"]
        .into_iter()
        .filter_map(|field| komg.child(field))
        .for_each(Element::pass_over);
    let fields = komg.children().iter().filter(|field| !is_segment(field) && !NOT_KEY.contains(&field.name()));
    let mut kind = kind_of_condition(komg).to_owned();
    for sent in fields.filter_map(|field| value(komg, field.name())).filter(|sent| !segment::is_initial(sent)) {
        kind.push('.');
        kind.push_str(sent);
    }
    kind
}

/// What cannot be read for certain is no validity: a price without its end would hold for ever.
fn validity(konh: &Element, record: &mut Record<'_>) -> Result<(Option<Timestamp>, Option<Timestamp>), ()> {
    let mut read = |field, open, bound| {
        let sent = value(konh, field).filter(|sent| *sent != "00000000" && *sent != open);
        let Some(sent) = sent else { return Ok(None) };
        let at = konh.child(field).unwrap_or(konh);
        record.instant(at, sent, bound).map(Some).ok_or(())
    };
    let from = read("DATAB", "00010101", Bound::Start);
    let to = read("DATBI", "99991231", Bound::End);
    let validity = (from?, to?);
    if let (Some(from), Some(to)) = validity
        && from > to
    {
        record.findings.warn(finding::DATE_INVALID, konh, "the condition ends before it begins; it was left out");
        return Err(());
    }
    Ok(validity)
}

/// The prices of one condition record: none where they were deleted, nothing where none of them can be used.
fn prices(konh: &Element, kind: &str, record: &mut Record<'_>) -> Option<Vec<Price>> {
    let mut prices = Vec::new();
    let mut is_said = false;
    for item in konh.children_named("E1KONP") {
        if flag(item, "LOEVM_KO") || Function::of(item) == Function::Deleted {
            item.pass_over();
            is_said = true;
            continue;
        }
        let before = prices.len();
        one(item, kind, record, &mut prices);
        is_said |= prices.len() > before;
    }
    is_said.then_some(prices)
}

fn one(item: &Element, kind: &str, record: &mut Record<'_>, prices: &mut Vec<Price>) {
    ["KNUMH", "KOPOS", "KSCHL", "MSGFN"].into_iter().filter_map(|field| item.child(field)).for_each(Element::pass_over);
    if let Some(rule) = value(item, "KRECH").filter(|rule| !PER_QUANTITY.contains(rule)) {
        let message = "only amounts for a quantity are prices; this is a percentage, a formula or a fixed amount and was left out";
        return record.findings.warn_value(finding::PART_IGNORED, item.child("KRECH").unwrap_or(item), rule, message);
    }
    if item.child("E1KONW").is_some() {
        return record.findings.warn(
            finding::PART_IGNORED,
            item,
            "scales by value are no prices for a quantity; they were left out",
        );
    }
    if value(item, "STFKZ").is_some_and(|scale| !matches!(scale, "A" | "C")) && item.child("E1KONM").is_some() {
        let message = "only scales that hold from a quantity on can be kept; this one was left out";
        return record.findings.warn(finding::PART_IGNORED, item, message);
    }
    let amount = segment::number(value(item, "KBETR").unwrap_or_default());
    let Some(mut base) = record.price(item, kind, &amount, value(item, "KONWA")) else { return };
    base.per_quantity =
        value(item, "KPEIN").and_then(|sent| record.positive(item.child("KPEIN").unwrap_or(item), sent));
    base.unit = value(item, "KMEIN").map(str::to_owned);
    if item.child("E1KONM").is_none() {
        prices.push(base);
        return;
    }
    for scale in item.children_named("E1KONM") {
        let amount = segment::number(value(scale, "KBETR").unwrap_or_default());
        let from = value(scale, "KSTBM").unwrap_or("0");
        if let (Some(amount), Some(from)) = (record.not_negative(scale, &amount), record.not_negative(scale, from)) {
            prices.push(Price { amount, min_quantity: Some(from).filter(|from| !from.is_zero()), ..base.clone() });
        }
    }
}
