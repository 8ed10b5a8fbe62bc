//! The spine, from an arriving document to what is stored: over a real spool and a real database, with hooks made to hurt.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use plugpoint_config::Config;
use plugpoint_http::Platform;
use plugpoint_kernel::{Door, Plans, Source};
use plugpoint_plugin_catalog::import::desk::{CatalogService, ServiceDesk};
use plugpoint_plugin_catalog::import::workers::Workers;
use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::desk::{ImportDesk, ImportStatus, ImportView, Receipt};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportId, ImportMode, ItemData, TenantId};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::points::import_listener::{self, ImportCommitted, ImportListener};
use plugpoint_sdk::points::item_rule::{self, ItemRule, RuleContext};
use plugpoint_store::{NewTenant, Store, StoreOptions};
use tempfile::TempDir;

use crate::recalling::Watched;

/// Commits that listeners were told of, in this process.
static TOLD: AtomicU32 = AtomicU32::new(0);

struct Panics;
impl CatalogTransformer for Panics {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        Canonical.transform(document, sink)?;
        panic!("the transformer of this test always panics")
    }
}

/// Panics at item BOOM, refuses nothing else.
struct Boom;
impl ItemRule for Boom {
    fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
        assert!(item.sku != "BOOM", "the rule of this test panics here");
    }
}

/// Items called AHEAD that any import of this process has read.
pub(super) static READ: AtomicU32 = AtomicU32::new(0);

/// Counts items called AHEAD.
struct Counts;
impl ItemRule for Counts {
    fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
        READ.fetch_add(u32::from(item.sku.starts_with("AHEAD")), SeqCst);
    }
}

/// Told of a commit, it panics.
struct Listener;
impl ImportListener for Listener {
    fn committed(&self, _: &ImportCommitted) -> Result<(), String> {
        TOLD.fetch_add(1, SeqCst);
        panic!("the listener of this test always panics")
    }
}

/// Reads nothing, brings nothing, never returns.
struct Loops;
impl CatalogTransformer for Loops {
    fn transform(&self, _: &mut Document<'_>, _: &mut dyn ItemSink) -> Result<(), TransformError> {
        loop {
            std::hint::spin_loop();
        }
    }
}

/// Waits at item SLEEP for what never comes.
struct Sleeps;
impl ItemRule for Sleeps {
    fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
        if item.sku == "SLEEP" {
            loop {
                std::thread::sleep(Duration::from_secs(3600));
            }
        }
    }
}

/// Writes down the priority of its thread, after a tenth of a second for an item that starts with SLOW.
struct Priority;
impl ItemRule for Priority {
    fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
        if item.sku.starts_with("SLOW") {
            std::thread::sleep(Duration::from_millis(100));
        }
        if item.sku.starts_with("SLOW") || item.sku.starts_with("NICE") {
            item.brand = Some(format!("nice {}", nice()));
        }
    }
}

fn nice() -> i32 {
    rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap()
}

fn plans(has_rules: bool) -> Arc<Plans> {
    let core = Source::new(Door::Core, "core", move |r| {
        r.provide_keyed(&catalog_format::POINT, "canonical", "canonical", Canonical);
        r.provide_keyed(&catalog_format::POINT, "panics", "test.panics", Panics);
        r.provide_keyed(&catalog_format::POINT, "loops", "test.loops", Loops);
        r.provide_keyed(&catalog_format::POINT, "recalls", "test.recalls", Watched { recalls: true });
        r.provide_keyed(&catalog_format::POINT, "forgets", "test.forgets", Watched { recalls: false });
        if !has_rules {
            return;
        }
        r.provide(&item_rule::POINT, "test.boom", Boom);
        r.provide(&item_rule::POINT, "test.counts", Counts);
        r.provide(&item_rule::POINT, "test.priority", Priority);
        r.provide(&item_rule::POINT, "test.sleeps", Sleeps);
        r.provide(&import_listener::POINT, "test.listener", Listener);
    });
    Arc::new(Plans::commit(vec![core]).unwrap())
}

const XML_DEPTH_MAX: usize = 16;

pub(super) struct Spine {
    pub(super) data: TempDir,
    pub(super) platform: Arc<Platform>,
    pub(super) desk: ServiceDesk,
    workers: Option<Workers>,
}

impl Spine {
    pub(super) fn new() -> Self {
        Self::on(TempDir::new().unwrap(), true)
    }

    /// Hooks have little time: rules 250 ms, transformers 3 s.
    pub(super) fn hurried() -> Self {
        let hurry = |config: &mut Config| (config.hooks.budget_percent, config.hooks.slow_after_ms) = (5, 20);
        Self::configured(TempDir::new().unwrap(), true, hurry)
    }

    /// No item rules.
    pub(super) fn plain() -> Self {
        Self::planned(TempDir::new().unwrap(), true, plans(false), |config| config.limits.findings_kept_max = 1_000)
    }

    pub(super) fn on(data: TempDir, is_working: bool) -> Self {
        // A panic that writes its backtrace on a busy machine takes long; no budget is to be met here.
        Self::configured(data, is_working, |config| config.hooks.budget_percent = 10_000)
    }

    pub(super) fn configured(data: TempDir, is_working: bool, adjust: impl FnOnce(&mut Config)) -> Self {
        Self::planned(data, is_working, plans(true), adjust)
    }

    fn planned(data: TempDir, is_working: bool, plans: Arc<Plans>, adjust: impl FnOnce(&mut Config)) -> Self {
        let options = StoreOptions { wait_max: Duration::from_millis(50), ..StoreOptions::default() };
        let store = Store::open(data.path(), options).unwrap();
        let formats = [("panicky", "panics"), ("loopy", "loops"), ("recalling", "recalls"), ("forgetful", "forgets")];
        let formats = formats.map(|(name, format)| (name, format!("[catalog]\ntransformer = {format:?}\n")));
        for (name, profile) in
            [("acme", String::new()), ("sleepy", String::new()), ("quick", String::new())].into_iter().chain(formats)
        {
            let tenant: TenantId = name.parse().unwrap();
            if store.control().tenant(&tenant).unwrap().is_none() {
                let new = NewTenant { tenant, customer: None, profile_toml: profile };
                store.control().create_tenant(&new).unwrap();
            }
        }
        let mut config = Config::default();
        config.imports.retry_attempts = 3;
        config.imports.retry_base_ms = 20;
        config.limits.findings_kept_max = 3;
        config.limits.xml_depth_max = XML_DEPTH_MAX;
        adjust(&mut config);
        let platform = Platform::new(store, Arc::new(config), plans, data.path()).unwrap();
        let service = CatalogService::open(Arc::clone(&platform)).unwrap();
        let workers = is_working.then(|| Workers::start(&service).unwrap());
        Self { data, platform, desk: ServiceDesk(service), workers }
    }

    /// Acknowledges a document of NDJSON.
    pub(super) fn send(&self, receipt: Receipt, document: &str) -> Result<ImportId, ApiError> {
        let mut place = self.desk.receive(receipt)?;
        place.write_all(document.as_bytes()).unwrap();
        place.seal()
    }

    pub(super) fn ended(&self, tenant: &str, id: ImportId) -> ImportView {
        self.desk.import(&tenant.parse().unwrap(), id, Duration::from_secs(20)).unwrap()
    }

    pub(super) fn import(&self, mode: ImportMode, document: &str) -> ImportView {
        let id = self.send(receipt("acme", Some(mode)), document).unwrap();
        self.ended("acme", id)
    }

    pub(super) fn skus(&self) -> Vec<String> {
        let page = self.desk.items(&tenant("acme"), &catalog(), None, 1000);
        let items = page.map(|page| page.items).unwrap_or_default();
        items.iter().map(|item| serde_json::from_str::<ItemData>(&item.body).unwrap().sku).collect()
    }

    pub(super) fn codes(&self, tenant_name: &str, id: ImportId) -> Vec<String> {
        let findings = self.desk.findings(&tenant(tenant_name), id, 100).unwrap();
        findings.into_iter().map(|finding| finding.code).collect()
    }

    pub(super) fn stop(mut self) -> TempDir {
        self.workers.take().into_iter().for_each(Workers::stop);
        self.data
    }

    pub(super) fn spooled(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.data.path().join("spool/acme")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

pub(super) fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

pub(super) fn catalog() -> CatalogId {
    "main".parse().unwrap()
}

pub(super) fn receipt(tenant_name: &str, mode: Option<ImportMode>) -> Receipt {
    Receipt {
        tenant: tenant(tenant_name),
        catalog: catalog(),
        mode,
        idempotency_key: None,
        media_type: "application/x-ndjson".to_owned(),
        charset: None,
        is_canonical: false,
        request_id: "test".to_owned(),
        bytes_announced: None,
    }
}

pub(super) fn keyed(key: &str) -> Receipt {
    Receipt { idempotency_key: Some(key.to_owned()), ..receipt("acme", Some(ImportMode::Merge)) }
}

pub(super) fn items(skus: &[&str]) -> String {
    let item = |sku: &&str| format!("{{\"sku\":\"{sku}\",\"texts\":[{{\"lang\":\"en\",\"title\":\"Item {sku}\"}}]}}\n");
    skus.iter().map(item).collect()
}

pub(super) fn counts(view: &ImportView) -> [u64; 7] {
    let c = view.counts;
    [c.read, c.accepted, c.rejected, c.added, c.changed, c.unchanged, c.removed]
}

#[test]
fn modes_decide_what_goes() {
    let spine = Spine::new();
    assert_eq!(counts(&spine.import(ImportMode::Replace, &items(&["A", "B", "C"]))), [3, 3, 0, 3, 0, 0, 0]);
    assert_eq!(counts(&spine.import(ImportMode::Merge, &items(&["C", "D"]))), [2, 2, 0, 1, 0, 1, 0]);
    assert_eq!(counts(&spine.import(ImportMode::Delete, &items(&["A", "Z"]))), [2, 2, 0, 0, 0, 0, 1]);
    assert_eq!(spine.skus(), ["B", "C", "D"]);
    assert_eq!(counts(&spine.import(ImportMode::Replace, &items(&["D", "E"]))), [2, 2, 0, 1, 0, 1, 2]);
    assert_eq!(spine.skus(), ["D", "E"]);
}

#[test]
fn a_bad_record_is_a_finding_and_keeps_what_was_there() {
    let spine = Spine::new();
    spine.import(ImportMode::Replace, &items(&["A", "B"]));
    let bad = "{\"sku\":\"B\",\"texts\":[]}\n";
    let view = spine.import(ImportMode::Replace, &format!("{}{bad}", items(&["A", "C"])));
    assert_eq!(counts(&view), [3, 2, 1, 1, 0, 1, 0], "B was refused, not absent");
    assert_eq!(spine.codes("acme", view.id), ["field_length"]);
    assert_eq!(spine.skus(), ["A", "B", "C"]);
}

#[test]
fn more_refused_records_than_tolerated_change_nothing() {
    let spine = Spine::new();
    spine.import(ImportMode::Replace, &items(&["A"]));
    let bad = "{\"sku\":\"X\",\"texts\":[]}\n";
    let half = spine.import(ImportMode::Merge, &format!("{}{bad}", items(&["B"])));
    assert_eq!(half.status, ImportStatus::Succeeded, "half is still tolerated");
    let view = spine.import(ImportMode::Replace, &format!("{}{bad}{bad}{bad}{bad}{bad}", items(&["C"])));
    assert_eq!(view.status, ImportStatus::Failed);
    assert_eq!(view.error.as_ref().unwrap().0, "too_many_rejected");
    assert_eq!(view.findings_count, 3, "the texts of findings are kept up to the limit");
    assert_eq!(view.counts.rejected, 5, "the counts are exact beyond it");
    assert_eq!(spine.skus(), ["A", "B"]);
}

#[test]
fn the_same_sku_twice_is_a_finding_and_the_last_wins() {
    let spine = Spine::new();
    let view =
        spine.import(ImportMode::Replace, &format!("{}{}", items(&["A"]), items(&["A"]).replace("Item", "Last")));
    assert_eq!(counts(&view), [2, 2, 0, 1, 0, 0, 0]);
    assert_eq!(spine.codes("acme", view.id), ["sku_duplicate"]);
    assert!(spine.desk.item(&tenant("acme"), &catalog(), "A").unwrap().body.contains("Last A"));
}

#[test]
fn a_document_that_breaks_off_changes_nothing() {
    let spine = Spine::new();
    spine.import(ImportMode::Replace, &items(&["A"]));
    let json = Receipt { media_type: "application/json".to_owned(), ..receipt("acme", Some(ImportMode::Replace)) };
    let document = format!("[{},", items(&["B"]).trim_end());
    let id = spine.send(json, &document).unwrap();
    let view = spine.ended("acme", id);
    assert_eq!((view.status, view.error.unwrap().0.as_str()), (ImportStatus::Failed, "document_malformed"));
    assert_eq!(spine.skus(), ["A"]);
}

#[test]
fn hooks_that_panic_cost_their_item_or_their_import_and_nothing_else() {
    let spine = Spine::new();
    let told = TOLD.load(SeqCst);
    let view = spine.import(ImportMode::Replace, &items(&["A", "BOOM", "C"]));
    assert_eq!(counts(&view), [3, 2, 1, 2, 0, 0, 0]);
    assert_eq!(spine.codes("acme", view.id), ["rule_panicked"]);
    assert_eq!(spine.skus(), ["A", "C"]);
    let id = spine.send(receipt("panicky", Some(ImportMode::Replace)), &items(&["A"])).unwrap();
    let view = spine.ended("panicky", id);
    assert_eq!((view.status, view.error.unwrap().0.as_str()), (ImportStatus::Failed, "hook_failed"));
    assert_eq!(counts(&spine.import(ImportMode::Merge, &items(&["D"]))), [1, 1, 0, 1, 0, 0, 0], "the worker lives on");
    assert!(TOLD.load(SeqCst) > told, "the listener was told, and its panic harmed nobody");
}

#[test]
fn a_repeat_of_a_key_answers_the_first_import_and_another_document_is_refused() {
    let spine = Spine::new();
    let first = spine.send(keyed("k"), &items(&["A"])).unwrap();
    assert_eq!(spine.send(keyed("k"), &items(&["A"])).unwrap(), first, "while it may still run");
    spine.ended("acme", first);
    assert_eq!(spine.send(keyed("k"), &items(&["A"])).unwrap(), first, "after its end");
    let refused = spine.send(keyed("k"), &items(&["B"])).unwrap_err();
    assert_eq!(refused.code.name, "idempotency_mismatch");
    assert_ne!(spine.send(keyed("other"), &items(&["A"])).unwrap(), first);
    assert_eq!(spine.spooled().len(), 2, "repeats and refusals leave nothing in the spool");
}

#[test]
fn what_was_acknowledged_is_imported_after_a_restart_once() {
    let idle = Spine::on(TempDir::new().unwrap(), false);
    let ids: Vec<_> = [&["A"][..], &["A", "B"], &["C"]]
        .map(|skus| idle.send(receipt("acme", Some(ImportMode::Merge)), &items(skus)).unwrap())
        .into();
    let unsealed = idle.data.path().join("spool/acme/0192f000-0000-7000-8000-000000000000.part");
    std::fs::create_dir(&unsealed).unwrap();
    assert_eq!(idle.desk.import(&tenant("acme"), ids[0], Duration::ZERO).unwrap().status, ImportStatus::Queued);
    let data = idle.stop();
    let spine = Spine::on(data, true);
    let views: Vec<_> = ids.iter().map(|id| counts(&spine.ended("acme", *id))).collect();
    assert_eq!(
        views,
        [[1, 1, 0, 1, 0, 0, 0], [2, 2, 0, 1, 0, 1, 0], [1, 1, 0, 1, 0, 0, 0]],
        "in the order of their arrival"
    );
    assert!(!unsealed.exists(), "what was never acknowledged is gone");
    let spine = Spine::on(spine.stop(), true);
    assert_eq!(
        spine.desk.unfinished(&tenant("acme"), &"main".parse().unwrap()).unwrap().len(),
        0,
        "an ended import does not start again"
    );
}

#[test]
fn a_locked_database_delays_an_import_and_loses_nothing() {
    let spine = Spine::new();
    spine.import(ImportMode::Replace, &items(&["A"]));
    let db = spine.platform.store().tenant(&tenant("acme")).unwrap();
    let held = db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    let id = spine.send(receipt("acme", Some(ImportMode::Merge)), &items(&["B"])).unwrap();
    let view = spine.desk.import(&tenant("acme"), id, Duration::from_millis(60)).unwrap();
    assert!(matches!(view.status, ImportStatus::Queued | ImportStatus::Running), "{view:?}");
    drop(held);
    assert_eq!(counts(&spine.ended("acme", id)), [1, 1, 0, 1, 0, 0, 0]);
    assert_eq!(spine.skus(), ["A", "B"]);
}

#[test]
fn a_tenant_whose_database_is_damaged_keeps_no_other_from_starting() {
    let spine = Spine::on(TempDir::new().unwrap(), false);
    let sound =
        spine.send(receipt("acme", None), "{\"sku\":\"A\",\"texts\":[{\"lang\":\"en\",\"title\":\"A\"}]}").unwrap();
    spine.send(receipt("panicky", None), "").unwrap();
    let Spine { data, platform, desk, workers } = spine;
    drop((platform, desk, workers));
    std::fs::write(data.path().join("tenants/panicky/catalog.db"), "this is no database").unwrap();
    let spine = Spine::on(data, true);
    assert_eq!(spine.ended("acme", sound).status, ImportStatus::Succeeded);
}

#[test]
fn an_xml_document_is_held_to_the_configured_limits() {
    let spine = Spine::new();
    for (depth, expected) in [(XML_DEPTH_MAX, ImportStatus::Succeeded), (XML_DEPTH_MAX + 1, ImportStatus::Failed)] {
        let (open, close) = ("<x>".repeat(depth - 2), "</x>".repeat(depth - 2));
        let item = "<sku>A1</sku><texts><lang>en</lang><title>One</title></texts>";
        let document = format!("<items><item>{item}{open}{close}</item></items>");
        let receipt = Receipt { media_type: "application/xml".to_owned(), ..receipt("acme", None) };
        let view = spine.ended("acme", spine.send(receipt, &document).unwrap());
        assert_eq!(view.status, expected, "{depth}: {:?}", view.error);
        let code = view.error.map(|(code, _)| code);
        assert_eq!(code.is_some_and(|code| code == "limit_exceeded"), depth > XML_DEPTH_MAX);
    }
}

#[test]
fn a_hook_that_never_returns_is_given_up_and_keeps_no_other_tenant_waiting() {
    let spine = Spine::hurried();
    let workers = spine.platform.config().imports.workers;
    let hostile: Vec<_> = [("loopy", "ignored"), ("sleepy", &items(&["SLEEP"]))]
        .map(|(tenant, document)| (tenant, spine.send(receipt(tenant, None), document).unwrap()))
        .into();
    assert!(hostile.len() >= workers, "every worker is kept busy");
    let started = std::time::Instant::now();
    for _ in 0..5 {
        let view = spine.import(ImportMode::Merge, &items(&["A"]));
        assert_eq!(view.status, ImportStatus::Succeeded);
    }
    // Both hostile hooks would have kept their workers for longer than five imports take.
    assert!(started.elapsed() < Duration::from_millis(2900), "{:?}", started.elapsed());
    let told: Vec<_> = hostile.iter().map(|(tenant, id)| spine.ended(tenant, *id).error.unwrap()).collect();
    let expected = [
        (
            "hook_timeout",
            "the transformer test.loops brought nothing for 3000 ms and was given up; nothing was changed",
        ),
        ("hook_timeout", "the rule test.sleeps brought nothing for 250 ms and was given up; nothing was changed"),
    ];
    assert_eq!(told, expected.map(|(code, detail)| (code.to_owned(), detail.to_owned())));
}

/// The priorities that the rule wrote down, in the order of the skus.
fn priorities(spine: &Spine) -> Vec<String> {
    let page = spine.desk.items(&tenant("acme"), &catalog(), None, 1000).unwrap();
    let items = page.items.iter().map(|item| serde_json::from_str::<ItemData>(&item.body).unwrap());
    items.filter_map(|item| item.brand).collect()
}

#[test]
fn an_import_that_takes_long_goes_behind_short_ones() {
    let spine = Spine::new();
    let skus: Vec<String> = (10..26).map(|number| format!("SLOW-{number}")).collect();
    let document = items(&skus.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(spine.import(ImportMode::Merge, &document).status, ImportStatus::Succeeded);
    let found = priorities(&spine);
    let usual = format!("nice {}", nice());
    assert_eq!((found.first(), found.last()), (Some(&usual), Some(&"nice 10".to_owned())), "{found:?}");
    spine.import(ImportMode::Replace, &items(&["NICE-1"]));
    assert_eq!(priorities(&spine), [usual], "the next one has lost nothing");
}

#[test]
fn a_tenant_with_many_documents_waiting_goes_behind_others() {
    let spine = Spine::on(TempDir::new().unwrap(), false);
    let ids: Vec<_> =
        (0..5).map(|number| spine.send(receipt("acme", None), &items(&[&format!("NICE-{number}")])).unwrap()).collect();
    let workers = Workers::start(&spine.desk.0).unwrap();
    ids.iter().for_each(|id| assert_eq!(spine.ended("acme", *id).status, ImportStatus::Succeeded));
    let usual = format!("nice {}", nice());
    assert_eq!(priorities(&spine), ["nice 10", "nice 10", &usual, &usual, &usual]);
    workers.stop();
}

#[test]
fn a_hook_that_was_given_up_is_suspended_until_its_pause_is_over() {
    let spine = Spine::hurried();
    let first = spine.send(receipt("sleepy", None), &items(&["SLEEP"])).unwrap();
    assert_eq!(spine.ended("sleepy", first).error.unwrap().0, "hook_timeout");
    let second = spine.send(receipt("sleepy", None), &items(&["B"])).unwrap();
    let view = spine.ended("sleepy", second);
    assert_eq!((view.counts.accepted, view.counts.rejected), (0, 1));
    assert_eq!(spine.codes("sleepy", second), ["rule_suspended"]);
    let stats = spine.platform.hook_stats();
    let rule = stats.iter().find(|it| &*it.id == "test.sleeps").unwrap().calls;
    assert_eq!((rule.failures, rule.suspensions), (1, 1));
    assert_eq!(
        spine.import(ImportMode::Merge, &items(&["A"])).counts.accepted,
        1,
        "other tenants' items pass the rule"
    );
}
