//! Exporters tried on items: what they wrote, what they reported, and whether a reader gets the same items back.
//!
//! [`items`] makes any items that keep every declared limit, the odd ones more often than a sender would.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::export::{ExportAccount, ExportError, ExportHeader, ExportOutlet, ExportReport, ExportSession, differences};
use crate::guard::contain;
use crate::model::{Item, ItemData};
use crate::points::catalog_exporter::CatalogExporter;
use crate::points::catalog_transformer::CatalogTransformer;
use crate::profile::Profile;
use crate::trial::{Outcome, Sample};
use crate::xml::XmlLimits;

/// What came of an export.
#[derive(Debug)]
pub struct Exported {
    /// The document, as far as it was written.
    pub bytes: Vec<u8>,
    /// What the exporter reported.
    pub report: ExportReport,
    /// Why it ended early: `stopped`, or the error's sentence.
    pub error: Option<String>,
    /// Calls of the platform until it said stop, or in all.
    pub calls: usize,
    /// Calls of the platform after it had said stop.
    pub calls_after_stop: usize,
}

/// The calls at which a stop is tried.
const STOPS_MAX: usize = 32;

struct Trial<'a> {
    items: &'a [ItemData],
    next: usize,
    bytes: Vec<u8>,
    account: ExportAccount,
    calls_left: usize,
    calls_after_stop: usize,
}

impl Trial<'_> {
    fn call(&mut self) -> Result<(), ExportError> {
        if self.calls_left == 0 {
            self.calls_after_stop += 1;
            return Err(ExportError::Stopped);
        }
        self.calls_left -= 1;
        Ok(())
    }
}

impl ExportOutlet for Trial<'_> {
    fn next_item(&mut self) -> Result<Option<ItemData>, ExportError> {
        self.call()?;
        self.next += 1;
        Ok(self.items.get(self.next - 1).cloned())
    }
    fn rewind(&mut self) -> Result<(), ExportError> {
        self.call()?;
        self.next = 0;
        Ok(())
    }
    fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.call()?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
    fn account(&mut self) -> &mut ExportAccount {
        &mut self.account
    }
}

/// Exports `items`, which the platform stops after `calls_max` calls.
///
/// # Panics
/// If the name of the format cannot be one; never for those of the platform.
#[must_use]
pub fn exported(
    exporter: &dyn CatalogExporter,
    profile: &Profile,
    items: &[ItemData],
    calls_max: Option<usize>,
) -> Exported {
    let header = ExportHeader {
        tenant: "acme".parse().expect("a tenant's name"),
        catalog: "main".parse().expect("a catalog's name"),
        item_count: items.len() as u64,
        exported_at: "2026-01-31T12:00:00Z".parse().expect("a time"),
    };
    let account = ExportAccount::new("trial", &header);
    let calls_left = calls_max.unwrap_or(usize::MAX);
    let mut trial = Trial { items, next: 0, bytes: Vec::new(), account, calls_left, calls_after_stop: 0 };
    let mut session = ExportSession { outlet: &mut trial, header: &header, profile, xml_limits: XmlLimits::default() };
    let error = match contain(|| exporter.export(&mut session)) {
        Ok(Ok(())) => None,
        Ok(Err(ExportError::Stopped)) => Some("stopped".to_owned()),
        Ok(Err(ExportError::Failed(error))) => Some(error.to_string()),
        Err(panicked) => Some(format!("it {panicked}")),
    };
    // The first call that is refused is not one after the stop.
    let calls_after_stop = trial.calls_after_stop.saturating_sub(1);
    let calls = calls_max.unwrap_or(usize::MAX) - trial.calls_left;
    Exported { bytes: trial.bytes, report: trial.account.report(), error, calls, calls_after_stop }
}

/// What `reader` makes of an exported document, with its patches applied: the items by their sku.
///
/// # Errors
/// What keeps the document from being read, or a record of it from being an item.
pub fn read_back(
    exporter: &dyn CatalogExporter,
    reader: &dyn CatalogTransformer,
    profile: &Profile,
    bytes: &[u8],
) -> Result<BTreeMap<String, ItemData>, String> {
    let media_type = exporter.media_type().split(';').next().unwrap_or_default();
    let outcome = Outcome::of(reader, &[], &Sample { bytes, media_type, charset: None, profile });
    if let Some((code, detail)) = outcome.error {
        return Err(format!("the document cannot be read: {code}: {detail}"));
    }
    if let Some(sku) = outcome.rejected.first() {
        return Err(format!("item {sku:?} of the document is rejected: {:?}", outcome.findings));
    }
    let mut items: BTreeMap<String, ItemData> = BTreeMap::new();
    for item in outcome.items {
        if let Some(twice) = items.insert(item.sku.clone(), item) {
            return Err(format!("item {:?} is in the document twice", twice.sku));
        }
    }
    for patch in outcome.patches {
        let item =
            items.get_mut(&patch.sku).ok_or_else(|| format!("a patch of {:?}, which is not there", patch.sku))?;
        patch.ops.into_iter().for_each(|op| op.apply(item));
    }
    Ok(items)
}

/// Every violation of the promises, in one sentence each.
pub(crate) fn exporter_promises(
    exporter: &dyn CatalogExporter,
    reader: &dyn CatalogTransformer,
    profile: &Profile,
    items: &[ItemData],
) -> Vec<String> {
    let whole = exported(exporter, profile, items, None);
    if let Some(error) = &whole.error {
        return vec![format!("it ended early: {error}")];
    }
    let mut violations = Vec::new();
    if exported(exporter, profile, items, None).bytes != whole.bytes {
        violations.push("the same items gave two documents".to_owned());
    }
    let accounted = whole.report.written + whole.report.left_out;
    if accounted != items.len() as u64 {
        violations.push(format!("it accounts for {accounted} of {} items", items.len()));
    }
    violations.extend(passes_stops_on(exporter, profile, items, whole.calls));
    match read_back(exporter, reader, profile, &whole.bytes) {
        Ok(read) => violations.extend(differs_as_reported(items, &read, &whole.report)),
        Err(violation) => violations.push(violation),
    }
    violations
}

/// Tried at each of the first calls that the whole export makes: beyond its last there is nothing to stop.
fn passes_stops_on(
    exporter: &dyn CatalogExporter,
    profile: &Profile,
    items: &[ItemData],
    calls: usize,
) -> Option<String> {
    let stops = (0..calls.min(STOPS_MAX)).find(|&calls| {
        let stopped = exported(exporter, profile, items, Some(calls));
        stopped.calls_after_stop > 0 || stopped.error.as_deref() != Some("stopped")
    });
    stops.map(|calls| format!("it went on after it was stopped at call {calls}"))
}

/// What was read back is what was written, but for what the report names; and the report names nothing else.
fn differs_as_reported(items: &[ItemData], read: &BTreeMap<String, ItemData>, report: &ExportReport) -> Vec<String> {
    let mut violations = Vec::new();
    let mut lost: BTreeMap<String, u64> = BTreeMap::new();
    let missing: Vec<&str> =
        items.iter().map(|item| item.sku.as_str()).filter(|sku| !read.contains_key(*sku)).collect();
    if missing.len() as u64 != report.left_out {
        let named = missing.first().copied().unwrap_or_default();
        violations.push(format!("the document lacks item {named:?}; {} are reported as left out", report.left_out));
    }
    if report.first_left_out.as_deref() != missing.first().copied() {
        violations.push(format!(
            "the first item left out is {:?}, reported {:?}",
            missing.first(),
            report.first_left_out
        ));
    }
    for item in items {
        let paths = read.get(&item.sku).map_or(BTreeSet::new(), |read| differences(item, read));
        paths.into_iter().for_each(|path| *lost.entry(path).or_default() += 1);
    }
    let mut reported: BTreeMap<&str, u64> = report.losses.iter().map(|it| (it.path.as_str(), it.items)).collect();
    for (path, count) in &lost {
        match reported.remove(path.as_str()) {
            Some(told) if told == *count => {}
            told => violations.push(format!("what is read back differs at {path} of {count} items, reported {told:?}")),
        }
    }
    violations.extend(reported.keys().map(|path| format!("it reports a loss at {path}, where nothing was lost")));
    violations
}

/// Text as senders have it: mostly plain, sometimes with what formats stumble upon.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-zA-Z0-9]{1,12}",
        4 => "[!-~äöü€]([ -~äöü€]{0,20}[!-~äöü€])?",
        1 => "[ \t\r\n]{0,2}[ -~\r\n\t;,|>\"]{1,10}[ ]{0,2}",
        1 => "[\\x01-\\x1f\u{7f}\u{85}\u{fffe}\u{1f600}<&]{1,3}",
        1 => Just("]]>".to_owned()),
    ]
}

/// Text without control characters and without blanks at its ends.
fn printable() -> impl Strategy<Value = String> {
    prop_oneof![6 => "[A-Z0-9]{1,8}", 2 => "[!-~äöü€]([ -~äöü€]{0,10}[!-~äöü€])?"]
}

fn decimal() -> impl Strategy<Value = String> {
    prop_oneof![4 => "(0|[1-9][0-9]{0,5})(\\.[0-9]{1,4})?", 1 => "[0-9]{1,13}\\.[0-9]{1,15}"]
}

fn positive() -> impl Strategy<Value = String> {
    prop_oneof![Just("1".to_owned()), "[1-9][0-9]{0,3}(\\.[0-9]{1,2})?"]
}

fn word(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![6 => prop::sample::select(known).prop_map(str::to_owned), 1 => "[a-z][a-z0-9_.-]{0,9}"]
}

fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("2026-01-01T00:00:00Z".to_owned()),
        Just("2026-12-31T23:59:59Z".to_owned()),
        (0_i64..4_000_000_000)
            .prop_map(|second| { jiff::Timestamp::from_second(second).map(|at| at.to_string()).unwrap_or_default() }),
        Just("2026-03-01T12:30:00.123456Z".to_owned()),
    ]
}

/// An object without the members that are null.
fn object(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

fn texts() -> impl Strategy<Value = Value> {
    let lang = prop::sample::select(&["en", "de", "de-AT", "fr", "gsw", "zh-Hant"][..]);
    let one = (lang, text(), option::of(text()), vec(text(), 0..3)).prop_map(|(lang, title, description, keywords)| {
        object(json!({"lang": lang, "title": title, "description": description, "keywords": keywords}))
    });
    vec(one, 1..4).prop_map(Value::Array)
}

fn prices() -> impl Strategy<Value = Value> {
    let kind = word(&["list", "net", "net_list", "net_customer", "gros_list", "retail"]);
    let tax = option::of(prop::sample::select(&["0.19", "0.07", "0", "1"][..]));
    let money = (kind, decimal(), prop::sample::select(&["EUR", "USD", "PLN"][..]), tax, option::of(any::<bool>()));
    let amount = (option::of(positive()), option::of(positive()), option::of("[A-Z0-9]{2,3}"));
    let validity = (option::of(time()), option::of(time()), vec("[A-Z]{2}", 0..3));
    let one = (money, amount, validity).prop_map(|(money, amount, validity)| {
        let (kind, amount_text, currency, tax, included) = money;
        let (minimum, per, unit) = amount;
        let (mut from, mut to, territories) = validity;
        if from > to && to.is_some() {
            std::mem::swap(&mut from, &mut to);
        }
        object(json!({"kind": kind, "amount": amount_text, "currency": currency, "tax_rate": tax, "tax_included": included,
            "min_quantity": minimum, "per_quantity": per, "unit": unit, "valid_from": from, "valid_to": to, "territories": territories}))
    });
    vec(one, 0..4).prop_map(Value::Array)
}

fn attributes() -> impl Strategy<Value = Value> {
    let systems = &["etim", "etim-9.0", "eclass-11.0", "bmecat", "udx", "onix", "ECLASS 5"][..];
    let name = prop_oneof![
        4 => text(),
        1 => prop::sample::select(&["EF000008", "ORDER_UNIT", "PRODUCT_STATUS@type", "DELIVERY_TIME", "UDX.A", "A.B@c", "Size[mm]"][..])
            .prop_map(str::to_owned),
    ];
    let value = prop_oneof![9 => text(), 1 => Just(String::new())];
    let one = (
        name,
        vec(value, 0..3),
        option::of("[a-z]{1,3}"),
        option::of(prop::sample::select(systems)),
        option::of("EF[0-9]{6}"),
    )
        .prop_map(|(name, values, unit, system, id)| {
            object(json!({"name": name, "values": values, "unit": unit, "system": system, "feature_id": id}))
        });
    vec(one, 0..5).prop_map(Value::Array)
}

fn links() -> impl Strategy<Value = Value> {
    let identifier = (word(&["gtin", "isbn", "mpn", "supplier_alt", "buyer", "buyer.x"]), printable())
        .prop_map(|(scheme, value)| json!({"scheme": scheme, "value": value}));
    let systems = &["supplier", "eclass-9.0", "etim", "unspsc", "Own System"][..];
    let category = (prop::sample::select(systems), prop_oneof!["[0-9]{1,2}", text()], vec(text(), 0..4))
        .prop_map(|(system, code, path)| json!({"system": system, "code": code, "path": path}));
    let media = (
        word(&["image", "data_sheet", "thumbnail", "video", "document", "link"]),
        prop_oneof![Just("https://a.example/x.jpg".to_owned()), text()],
        option::of(prop::sample::select(&["image/jpeg", "application/pdf", "url"][..])),
        option::of(text()),
    )
        .prop_map(|(kind, url, mime, text)| {
            object(json!({"kind": kind, "url": url, "mime_type": mime, "description": text}))
        });
    let contributor =
        (word(&["author", "editor"]), text()).prop_map(|(role, name)| json!({"role": role, "name": name}));
    let relation = (word(&["accessory", "spare_part", "similar", "accessories"]), printable(), option::of(positive()))
        .prop_map(|(kind, sku, quantity)| object(json!({"kind": kind, "sku": sku, "quantity": quantity})));
    (vec(identifier, 0..4), vec(category, 0..4), vec(media, 0..4), vec(contributor, 0..3), vec(relation, 0..3))
        .prop_map(|(identifiers, categories, media, contributors, relations)| {
            json!({"identifiers": identifiers, "categories": categories, "media": media, "contributors": contributors,
                "relations": relations})
        })
}

/// Any item that keeps every declared limit.
pub fn item() -> impl Strategy<Value = ItemData> {
    let availability =
        (word(&["in_stock", "available"]), option::of(decimal()), option::of(0_u32..3650), option::of(time()));
    let availability = option::of(availability).prop_map(|availability| {
        availability.map(|(status, quantity, days, from)| {
            object(json!({"status": status, "quantity": quantity, "lead_time_days": days, "available_from": from}))
        })
    });
    let status = prop::sample::select(&["active", "announced", "inactive", "discontinued"][..]);
    let head = (printable(), word(&["product", "publication"]), status, option::of(text()), availability);
    let made = (head, texts(), prices(), attributes(), links()).prop_map(|(head, texts, prices, attributes, links)| {
        let (sku, kind, status, brand, availability) = head;
        let mut item = object(json!({"sku": sku, "kind": kind, "status": status, "brand": brand,
            "availability": availability, "texts": texts, "prices": prices, "attributes": attributes}));
        for (name, list) in links.as_object().into_iter().flatten() {
            item[name] = list.clone();
        }
        serde_json::from_value::<ItemData>(item).map_err(|error| error.to_string())
    });
    made.prop_filter_map("an item that keeps every limit", |item| {
        Item::try_from_data(item.ok()?).ok().map(Item::into_data)
    })
}

/// Any items, in the order of their sku.
pub fn items(most: usize) -> impl Strategy<Value = Vec<ItemData>> {
    vec(item(), 0..most).prop_map(|items| {
        let by_sku: BTreeMap<String, ItemData> = items.into_iter().map(|item| (item.sku.clone(), item)).collect();
        by_sku.into_values().collect()
    })
}
