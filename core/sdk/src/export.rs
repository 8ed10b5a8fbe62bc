//! What an exporter reads from and writes to: items in, in the order of their sku, bytes out; and what the format had to lose.
//!
//! Used by the implementations of `catalog.exporter`. The platform is behind [`ExportOutlet`]: it reads one state of the catalog,
//! waits for a slow client and stops for one that has gone. Nothing here opens a file or keeps an item.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::api_schema;
use crate::error::ApiError;
use crate::memory::handed_over;
use crate::model::timestamp::Timestamp;
use crate::model::{CatalogId, Item, ItemData, ItemDraft, Severity, TenantId};
use crate::points::catalog_exporter::POINT;
use crate::profile::Profile;
use crate::xml::XmlLimits;

/// What an exporter may take between two things that it reads or writes.
const MEMORY_BYTES: u64 = POINT.bounds.memory_bytes;
/// Places of the item that a report tells apart; there are about sixty.
const LOSSES_MAX: usize = 128;
/// The report as an HTTP trailer. Many servers and clients refuse header lines beyond 8 KiB.
const TRAILER_BYTES_MAX: usize = 4096;

/// What holds for the whole export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportHeader {
    /// The tenant.
    pub tenant: TenantId,
    /// The catalog.
    pub catalog: CatalogId,
    /// How many items it has.
    pub item_count: u64,
    /// The moment whose state is exported.
    pub exported_at: Timestamp,
}

/// One export, as the exporter sees it.
pub struct ExportSession<'a> {
    /// The platform.
    pub outlet: &'a mut dyn ExportOutlet,
    /// What holds for the whole export.
    pub header: &'a ExportHeader,
    /// The tenant's profile: the document is meant to be read back by it.
    pub profile: &'a Profile,
    /// What a reader of the document may hold in memory, as the server is configured. A record beyond it has to be left out.
    pub xml_limits: XmlLimits,
}

/// The platform's side of an export. An exporter calls it through [`ExportSession`].
pub trait ExportOutlet {
    /// The next item; none at the end.
    ///
    /// # Errors
    /// [`ExportError::Stopped`], what keeps the storage from answering.
    fn next_item(&mut self) -> Result<Option<ItemData>, ExportError>;
    /// Begins with the first item again.
    ///
    /// # Errors
    /// [`ExportError::Stopped`].
    fn rewind(&mut self) -> Result<(), ExportError>;
    /// Takes more of the document.
    ///
    /// # Errors
    /// [`ExportError::Stopped`]: nobody wants more of it.
    fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError>;
    /// The exporter's own account, which the platform keeps.
    fn account(&mut self) -> &mut ExportAccount;
}

/// Why an exporter gave up.
#[derive(Debug)]
pub enum ExportError {
    /// The platform asked to stop, and knows why.
    Stopped,
    /// The document cannot be finished.
    Failed(ApiError),
}

impl From<ApiError> for ExportError {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl ExportSession<'_> {
    /// The next item; none at the end. Items come in the order of their sku, by bytes.
    ///
    /// # Errors
    /// [`ExportError::Stopped`], what keeps the storage from answering.
    pub fn next_item(&mut self) -> Result<Option<ItemData>, ExportError> {
        handed_over(MEMORY_BYTES, || self.outlet.next_item())
    }

    /// Begins with the first item again: for a format whose head names what the items hold. The items are the same.
    ///
    /// # Errors
    /// [`ExportError::Stopped`].
    pub fn rewind(&mut self) -> Result<(), ExportError> {
        handed_over(MEMORY_BYTES, || self.outlet.rewind())
    }

    /// Adds to the document. Waits for a client that is slow.
    ///
    /// # Errors
    /// [`ExportError::Stopped`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        handed_over(MEMORY_BYTES, || self.outlet.write(bytes))
    }

    /// The item is in the document, but for what stands at these places of it. Said once for each item, also when nothing
    /// was lost.
    pub fn written(&mut self, sku: &str, lost: &BTreeSet<String>) {
        handed_over(MEMORY_BYTES, || self.outlet.account().written(sku, lost));
    }

    /// The item is not in the document: the format cannot carry what makes it an item.
    pub fn left_out(&mut self, sku: &str) {
        handed_over(MEMORY_BYTES, || self.outlet.account().left_out(sku));
    }

    /// What an import by the same profile would make of a draft that was read back; nothing if it would refuse it.
    #[must_use]
    pub fn imported(&self, mut draft: ItemDraft) -> Option<ItemData> {
        self.profile.catalog.map_item(&mut draft);
        let is_refused = draft.findings.iter().any(|finding| finding.severity == Severity::Error);
        let item = Item::try_from_data(draft.data).ok().filter(|_| !is_refused)?;
        Some(item.into_data())
    }

    /// What was written and lost so far; at the end of the document, of all of it.
    pub fn report(&mut self) -> ExportReport {
        handed_over(MEMORY_BYTES, || self.outlet.account().report())
    }
}

/// What an export wrote, and what the format could not carry.
#[api_schema]
pub struct ExportReport {
    /// The format.
    pub format: String,
    /// The catalog.
    pub catalog: String,
    /// The moment whose state was exported.
    pub exported_at: Timestamp,
    /// Items in the document.
    pub written: u64,
    /// Items that are not in the document, because the format cannot carry what makes them items.
    pub left_out: u64,
    /// The first of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_left_out: Option<String>,
    /// What the document lacks of the items in it; empty when reading it back gives the same items.
    pub losses: Vec<ExportLoss>,
}

/// A place of the item that the format could not carry for some items.
#[api_schema]
pub struct ExportLoss {
    /// The place, as a JSON pointer without the numbers of list entries: `/attributes/feature_id`. That of a list itself means
    /// that entries are missing or stand in another order.
    pub path: String,
    /// How many items lost something there.
    pub items: u64,
    /// The first of them.
    pub first_sku: String,
}

/// Counts what was written and lost. Bounded, however many items there are.
#[derive(Debug, Clone)]
pub struct ExportAccount {
    report: ExportReport,
}

impl ExportAccount {
    /// Nothing written yet.
    #[must_use]
    pub fn new(format: &str, header: &ExportHeader) -> Self {
        let (format, catalog, exported_at) = (format.to_owned(), header.catalog.to_string(), header.exported_at);
        let (written, left_out, first_left_out, losses) = (0, 0, None, Vec::new());
        Self { report: ExportReport { format, catalog, exported_at, written, left_out, first_left_out, losses } }
    }

    /// Takes down an item of the document.
    pub fn written(&mut self, sku: &str, lost: &BTreeSet<String>) {
        self.report.written += 1;
        for path in lost {
            match self.report.losses.binary_search_by(|loss| loss.path.cmp(path)) {
                Ok(known) => self.report.losses[known].items += 1,
                Err(_) if self.report.losses.len() >= LOSSES_MAX => {}
                Err(place) => {
                    let loss = ExportLoss { path: path.clone(), items: 1, first_sku: sku.to_owned() };
                    self.report.losses.insert(place, loss);
                }
            }
        }
    }

    /// Takes down an item that is not in the document.
    pub fn left_out(&mut self, sku: &str) {
        self.report.left_out += 1;
        self.report.first_left_out.get_or_insert_with(|| sku.to_owned());
    }

    /// The report so far.
    #[must_use]
    pub fn report(&self) -> ExportReport {
        self.report.clone()
    }
}

impl ExportReport {
    /// The name of the HTTP trailer that carries it.
    pub const TRAILER: &'static str = "plugpoint-export-report";

    /// Whether reading the document back gives the same items.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        self.left_out == 0 && self.losses.is_empty()
    }

    /// The report for an HTTP trailer: JSON in ASCII on one line, bounded. Losses that do not fit are counted.
    #[must_use]
    pub fn trailer(&self) -> String {
        let mut losses = serde_json::Map::new();
        let mut told = json!({"format": self.format, "written": self.written, "left_out": self.left_out});
        for loss in &self.losses {
            losses.insert(loss.path.clone(), json!(loss.items));
            told["losses"] = Value::Object(losses.clone());
            if told.to_string().len() > TRAILER_BYTES_MAX {
                losses.remove(&loss.path);
                break;
            }
        }
        let untold = self.losses.len() - losses.len();
        told["losses"] = Value::Object(losses);
        if untold > 0 {
            told["losses_untold"] = json!(untold);
        }
        ascii(&told.to_string(), |character| character.is_ascii())
    }

    /// The report as a comment for the end of an XML document, with a line break behind it.
    #[must_use]
    pub fn xml_comment(&self) -> String {
        // Two hyphens would end a comment. In JSON a hyphen stands in texts only, where it may be written as its number.
        let json = ascii(&json!(self).to_string(), |character| {
            character.is_ascii() && character != '-' && !character.is_ascii_control()
        });
        format!("<!-- {} {json} -->\n", Self::TRAILER)
    }
}

/// JSON text whose characters that are not plain are written as JSON writes numbers of characters.
fn ascii(json: &str, is_plain: impl Fn(char) -> bool) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if is_plain(character) {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

/// The places at which two items differ, as in [`ExportLoss::path`]. Empty if they are equal.
#[must_use]
pub fn differences(item: &ItemData, read_back: &ItemData) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    // As texts: 1.5 and 1.50 are equal as numbers, and not the same item.
    let texts = (serde_json::to_string(item), serde_json::to_string(read_back));
    if matches!(&texts, (Ok(one), Ok(other)) if one == other) {
        return paths;
    }
    // An item is always JSON; if it were not, the whole of it would count as lost.
    match (serde_json::to_value(item), serde_json::to_value(read_back)) {
        (Ok(one), Ok(other)) => compare("", Some(&one), Some(&other), &mut paths),
        _ => drop(paths.insert(String::new())),
    }
    paths
}

fn compare(path: &str, one: Option<&Value>, other: Option<&Value>, paths: &mut BTreeSet<String>) {
    match (one, other) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                compare(&format!("{path}/{name}"), one.get(name), other.get(name), paths);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) if one.len() == other.len() => {
            for (one, other) in one.iter().zip(other) {
                compare(path, Some(one), Some(other), paths);
            }
        }
        _ if one == other => {}
        _ => drop(paths.insert(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attribute, ItemDraft, Position, Text};

    fn account() -> ExportAccount {
        let header = ExportHeader {
            tenant: "acme".parse().unwrap(),
            catalog: "main".parse().unwrap(),
            item_count: 3,
            exported_at: "2026-01-31".parse().unwrap(),
        };
        ExportAccount::new("test", &header)
    }

    fn paths(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    #[test]
    fn losses_are_counted_once_for_an_item_and_told_with_the_first() {
        let mut account = account();
        account.written("A", &paths(&["/prices/unit", "/kind"]));
        account.written("B", &paths(&["/kind"]));
        account.written("C", &paths(&[]));
        account.left_out("D");
        account.left_out("E");
        let report = account.report();
        let losses: Vec<_> =
            report.losses.iter().map(|it| (it.path.as_str(), it.items, it.first_sku.as_str())).collect();
        assert_eq!(losses, [("/kind", 2, "A"), ("/prices/unit", 1, "A")]);
        assert_eq!((report.written, report.left_out, report.first_left_out.as_deref()), (3, 2, Some("D")));
        assert!(!report.is_lossless());
        assert_eq!(
            report.trailer(),
            r#"{"format":"test","left_out":2,"losses":{"/kind":2,"/prices/unit":1},"written":3}"#
        );
    }

    #[test]
    fn the_report_is_bounded_whatever_is_lost() {
        let mut account = account();
        for number in 0..2 * LOSSES_MAX {
            account.written("A", &paths(&[&format!("/{number:0100}")]));
        }
        let report = account.report();
        assert_eq!(report.losses.len(), LOSSES_MAX);
        let trailer = report.trailer();
        assert!(trailer.len() <= TRAILER_BYTES_MAX + 40, "{}", trailer.len());
        let told: Value = serde_json::from_str(&trailer).unwrap();
        let count = told["losses"].as_object().unwrap().len() as u64;
        assert_eq!(count + told["losses_untold"].as_u64().unwrap(), LOSSES_MAX as u64);
    }

    #[test]
    fn a_comment_cannot_be_ended_by_an_item_number() {
        let mut account = account();
        account.left_out("--><x>\u{1f600}&");
        let comment = account.report().xml_comment();
        let inner = comment.strip_prefix("<!-- plugpoint-export-report ").unwrap().strip_suffix(" -->\n").unwrap();
        assert!(!inner.contains('-') && inner.is_ascii(), "{inner}");
        let told: Value = serde_json::from_str(inner).unwrap();
        assert_eq!(told["first_left_out"], "--><x>\u{1f600}&");
    }

    #[test]
    fn differences_are_told_by_their_places() {
        let mut item = ItemDraft::new("A", Position::default()).data;
        item.texts.push(Text { lang: "en".to_owned(), title: "x".to_owned(), ..Text::default() });
        item.attributes = vec![Attribute { name: "a".to_owned(), ..Attribute::default() }; 2];
        assert_eq!(differences(&item, &item.clone()), paths(&[]));
        let mut other = item.clone();
        other.brand = Some("b".to_owned());
        other.texts[0].title = "y".to_owned();
        other.attributes[1].unit = Some("mm".to_owned());
        assert_eq!(differences(&item, &other), paths(&["/attributes/unit", "/brand", "/texts/title"]));
        other.attributes.pop();
        assert_eq!(differences(&item, &other), paths(&["/attributes", "/brand", "/texts/title"]));
    }
}
