//! Documents that come again: what was read before is not read again, and nobody can tell from what comes of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::desk::{ImportDesk, ImportStatus, ImportView, Receipt};
use plugpoint_sdk::document::{Document, ItemSink, Recalled, Stop, TransformError};
use plugpoint_sdk::model::catalog::{ItemDraft, Text};
use plugpoint_sdk::model::{Finding, ImportMode, Item, ItemPatch, Position};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_store::{ItemFilter, PreparedItem};
use proptest::prelude::*;

use crate::imports::{Spine, catalog, counts, receipt, tenant};

/// Records that any import of this process was spared to read.
static RECALLED: AtomicU64 = AtomicU64::new(0);

/// Held by whoever counts them.
static COUNTING: Mutex<()> = Mutex::new(());

fn counting() -> (MutexGuard<'static, ()>, Spine) {
    (COUNTING.lock().unwrap_or_else(PoisonError::into_inner), Spine::plain())
}

/// Stands before the platform's sink, and tells it of records or not.
struct Between<'a>(&'a mut dyn ItemSink, bool);

impl ItemSink for Between<'_> {
    fn recalls(&mut self, surroundings: &str, record: &str, position: Position) -> Result<Recalled, Stop> {
        if !self.1 {
            return Ok(Recalled::Never);
        }
        let recalled = self.0.recalls(surroundings, record, position)?;
        RECALLED.fetch_add(u64::from(recalled == Recalled::Stored), SeqCst);
        Ok(recalled)
    }

    fn declare(&mut self, format: &str, mode: Option<ImportMode>) -> Result<(), Stop> {
        self.0.declare(format, mode)
    }

    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        self.0.upsert(draft)
    }

    fn patch(&mut self, patch: ItemPatch) -> Result<(), Stop> {
        self.0.patch(patch)
    }

    fn delete(&mut self, sku: String, position: Position) -> Result<(), Stop> {
        self.0.delete(sku, position)
    }

    fn reject(&mut self, finding: Finding) -> Result<(), Stop> {
        self.0.reject(finding)
    }

    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.0.note(finding)
    }

    fn unmapped(&mut self, path: &str, count: u64) -> Result<(), Stop> {
        self.0.unmapped(path, count)
    }
}

/// The canonical transformer, by way of [`Between`].
pub(super) struct Watched {
    pub(super) recalls: bool,
}

/// As a customer's next version may, the transformer of this test reads with a profile of its own.
static IS_OWN_PROFILE: AtomicBool = AtomicBool::new(false);

impl CatalogTransformer for Watched {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let mut own = document.profile.clone();
        if IS_OWN_PROFILE.load(SeqCst) {
            own.catalog.language = "de".to_owned();
        }
        let Document { media_type, charset, mode, xml_limits, formats, .. } = *document;
        let source = &mut *document.source;
        let mut document = Document { source, media_type, charset, mode, profile: &own, xml_limits, formats };
        Canonical.transform(&mut document, &mut Between(sink, self.recalls))
    }
}

/// The tenant whose records are recalled, and the one whose are not.
const TENANTS: [&str; 2] = ["recalling", "forgetful"];

fn send(spine: &Spine, name: &str, mode: ImportMode, document: &str) -> ImportView {
    let xml = Receipt { media_type: "application/xml".to_owned(), ..receipt(name, Some(mode)) };
    let id = spine.send(xml, document).unwrap();
    spine.ended(name, id)
}

fn record(sku: &str, title: &str) -> String {
    format!("<item><sku>{sku}</sku><texts><lang>en</lang><title>{title}</title></texts></item>\n")
}

fn document(records: &[String]) -> String {
    format!("<catalog>\n{}</catalog>", records.concat())
}

fn many(count: usize, title: &str) -> Vec<String> {
    (0..count).map(|n| record(&format!("S{n}"), title)).collect()
}

/// Sends a document and tells how many of its records were not read.
fn recalled(spine: &Spine, mode: ImportMode, document: &str) -> (ImportView, u64) {
    let before = RECALLED.load(SeqCst);
    let view = send(spine, "recalling", mode, document);
    assert_eq!(view.status, ImportStatus::Succeeded, "{:?}", view.error);
    (view, RECALLED.load(SeqCst) - before)
}

#[test]
fn what_was_read_before_is_not_read_again() {
    let (_counting, spine) = counting();
    let (replace, count) = (ImportMode::Replace, 6_000);
    let mut records = many(count as usize, "one");
    let (view, spared) = recalled(&spine, replace, &document(&records));
    assert_eq!((counts(&view), spared), ([count, count, 0, count, 0, 0, 0], 0));
    let (view, spared) = recalled(&spine, replace, &document(&records));
    assert_eq!((counts(&view), spared), ([count, count, 0, 0, 0, count, 0], count));
    for n in (0..records.len()).step_by(100) {
        records[n] = record(&format!("S{n}"), "two");
    }
    let (view, spared) = recalled(&spine, ImportMode::Merge, &document(&records));
    assert_eq!((counts(&view), spared), ([count, count, 0, 0, 60, count - 60, 0], count - 60));
    let (view, spared) = recalled(&spine, replace, &document(&records[1_000..]));
    assert_eq!((counts(&view), spared), ([5_000, 5_000, 0, 0, 0, 5_000, 1_000], 5_000), "of the document before");
    let (view, spared) = recalled(&spine, replace, &document(&records));
    assert_eq!((counts(&view), spared), ([count, count, 0, 1_000, 0, 5_000, 0], 5_000), "behind what is new");
    records.rotate_left(3_000);
    let (_, spared) = recalled(&spine, replace, &document(&records));
    assert_eq!(spared, count, "in another order");
}

#[test]
fn a_catalog_that_anybody_else_has_changed_is_read() {
    let (_counting, spine) = counting();
    let records = many(50, "one");
    recalled(&spine, ImportMode::Replace, &document(&records));
    let text = Text { lang: "en".to_owned(), title: "edited".to_owned(), ..Text::default() };
    let mut draft = ItemDraft::new("S7", Position::default());
    draft.data.texts.push(text);
    let item = PreparedItem::new(&Item::try_from_data(draft.data).unwrap(), 0).unwrap();
    let db = &spine.platform.tenant(&tenant("recalling")).unwrap().db;
    db.put_item(&catalog(), &item, None).unwrap();
    let (view, spared) = recalled(&spine, ImportMode::Replace, &document(&records));
    assert_eq!((counts(&view), spared), ([50, 50, 0, 0, 1, 49, 0], 0));
    let (_, spared) = recalled(&spine, ImportMode::Replace, &document(&records));
    assert_eq!(spared, 50);
}

#[test]
fn the_same_bytes_in_other_surroundings_are_read() {
    let (_counting, spine) = counting();
    let records = [record("A", "one").replace("<lang>en</lang>", "")];
    let german = document(&records).replace("<catalog>", "<catalog xml:lang=\"de\">");
    recalled(&spine, ImportMode::Replace, &document(&records));
    let (_, spared) = recalled(&spine, ImportMode::Replace, &german);
    assert_eq!(spared, 0);
    let (_, spared) = recalled(&spine, ImportMode::Replace, &german);
    assert_eq!(spared, 1);
}

#[test]
fn the_same_bytes_read_with_another_profile_are_read() {
    let (_counting, spine) = counting();
    let records = [record("A", "one").replace("<lang>en</lang>", "")];
    for (is_own, changed, spared) in [(false, 0, 0), (false, 0, 1), (true, 1, 0), (true, 0, 1)] {
        IS_OWN_PROFILE.store(is_own, SeqCst);
        let (view, found) = recalled(&spine, ImportMode::Replace, &document(&records));
        assert_eq!((view.counts.changed, found), (changed, spared), "{is_own}");
    }
    IS_OWN_PROFILE.store(false, SeqCst);
}

#[test]
fn a_record_that_another_one_of_its_document_overrules_is_read_after_all() {
    let (_counting, spine) = counting();
    recalled(&spine, ImportMode::Replace, &document(&many(20, "one")));
    let mut records = many(20, "one");
    records.insert(3, record("S9", "two"));
    let (view, _) = recalled(&spine, ImportMode::Replace, &document(&records));
    assert_eq!(counts(&view), [21, 21, 0, 0, 0, 20, 0]);
    assert_eq!(spine.codes("recalling", view.id), ["sku_duplicate"]);
    let (_, spared) = recalled(&spine, ImportMode::Replace, &document(&records));
    assert_eq!(spared, 0, "which of two records counts is not remembered");
}

#[test]
fn records_that_look_like_their_end_cost_no_more_than_reading_them_twice() {
    let (_counting, spine) = counting();
    let spaced: Vec<String> = many(3_000, "one").iter().map(|record| record.replace("</item>", "</item >")).collect();
    for unchanged in [0, 3_000] {
        let (view, spared) = recalled(&spine, ImportMode::Replace, &document(&spaced));
        assert_eq!((counts(&view), spared), ([3_000, 3_000, 0, 3_000 - unchanged, 0, unchanged, 0], 0));
    }
}

/// A record of a document, as it may be written.
#[derive(Debug, Clone)]
struct Written {
    sku: u8,
    title: u8,
    form: u8,
}

impl Written {
    fn text(&self) -> String {
        let plain = record(&format!("S{}", self.sku), &format!("title {}", self.title));
        let insert = |what: &str| plain.replace("</sku>", &format!("</sku>{what}"));
        match self.form {
            0 => insert("<prices><amount>x</amount><currency>EUR</currency></prices>"),
            1 => insert("<identifiers><scheme>gtin</scheme><value>4006381333932</value></identifiers>"),
            2 => insert("<unheard><item>of</item></unheard>"),
            3 => plain.replace("</item>", "</item\n>"),
            4 => plain.replace("title ", "<![CDATA[</item>]]> "),
            5 => insert("<!-- </item> -->"),
            6 => String::from("<item/>"),
            7 => format!("<other>{plain}</other>"),
            8 => plain.replace("<sku>", "<sku xmlns=\"urn:other\">"),
            _ => plain,
        }
    }
}

fn written() -> impl Strategy<Value = Written> {
    (0..40_u8, 0..3_u8, 0..60_u8).prop_map(|(sku, title, form)| Written { sku, title, form })
}

/// Everything that one can ask about a tenant after an import.
fn told(spine: &Spine, name: &str, view: &ImportView) -> String {
    let tenant = tenant(name);
    let findings = spine.desk.findings(&tenant, view.id, 1_000).unwrap();
    let runtime = spine.platform.tenant(&tenant).unwrap();
    let all = ItemFilter { category: None, brand: None, text_prefix: None, updated_since: None };
    let items = runtime.db.items(&catalog(), &all, None, 1_000).unwrap();
    let items: Vec<_> = items.into_iter().map(|row| (row.sku, row.stored.body)).collect();
    let changes = runtime.db.changes(&catalog(), 0, 1_000).unwrap();
    let changes: Vec<_> = changes.into_iter().map(|change| (change.seq, change.sku, change.kind)).collect();
    format!("{:?} {:?} {findings:#?} {items:#?} {changes:#?}", view.status, counts(view))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nobody_can_tell_whether_a_record_was_read_or_recalled(
        first in prop::collection::vec(written(), 1..60),
        edits in prop::collection::vec((0..3_u8, any::<prop::sample::Index>(), written()), 0..12),
        modes in prop::array::uniform3(prop::sample::select(vec![ImportMode::Replace, ImportMode::Merge, ImportMode::Delete])),
    ) {
        let (_counting, spine) = counting();
        let mut records = first;
        let mut documents = vec![records.clone()];
        for edits in edits.chunks(edits.len().div_ceil(2).max(1)) {
            for (what, at, new) in edits {
                let at = at.index(records.len());
                match what {
                    0 => records[at] = new.clone(),
                    1 => records.insert(at, new.clone()),
                    _ if records.len() > 1 => drop(records.remove(at)),
                    _ => {}
                }
            }
            documents.push(records.clone());
        }
        for (records, mode) in documents.iter().zip(modes) {
            let texts: Vec<String> = records.iter().map(Written::text).collect();
            let [ours, plain] = TENANTS.map(|name| {
                let view = send(&spine, name, mode, &document(&texts));
                told(&spine, name, &view)
            });
            prop_assert_eq!(ours, plain);
        }
    }
}
