//! A store in a temporary folder, and short ways to items, imports and records.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use plugpoint_sdk::desk::{ImportCounts, ImportStatus};
use plugpoint_sdk::model::catalog::{Category, ItemDraft, Text};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{CatalogId, Finding, ImportId, ImportMode, Item, Position, TenantId};
use plugpoint_store::{
    Change, ChangeKind, ImportRecord, ItemFilter, NewTenant, PostgresOptions, PreparedItem, Store, StoreOptions,
    TenantDb,
};
use tempfile::TempDir;

/// Schemas that no other test has, on the server that the environment names.
pub(crate) fn postgres() -> Option<PostgresOptions> {
    let url = std::env::var("PLUGPOINT_TEST_POSTGRES").ok()?;
    let unique = uuid::Uuid::now_v7().simple().to_string();
    Some(PostgresOptions { url, schema_prefix: format!("t{}", &unique[20..]), connections_max: 4 })
}

pub(crate) struct TestStore {
    /// How it was opened.
    pub(crate) options: StoreOptions,
    pub(crate) store: Store,
    pub(crate) db: Arc<TenantDb>,
    pub(crate) folder: TempDir,
    /// Seconds since 1970; every look at the clock adds one.
    pub(crate) clock: Arc<AtomicI64>,
}

impl TestStore {
    /// A store with the tenant `acme`.
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(crate) fn with(change: impl FnOnce(&mut StoreOptions)) -> Self {
        let clock = Arc::new(AtomicI64::new(1_000));
        let hand = Arc::clone(&clock);
        let mut options = StoreOptions {
            wait_max: Duration::from_millis(100),
            clock: Arc::new(move || second(hand.fetch_add(1, Ordering::SeqCst))),
            ..StoreOptions::default()
        };
        options.postgres = postgres();
        change(&mut options);
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path(), options.clone()).unwrap();
        create_tenant(&store, "acme");
        let db = store.tenant(&tenant("acme")).unwrap();
        Self { options, store, db, folder, clock }
    }

    /// Runs one import of whole items to its commit.
    pub(crate) fn import(&self, mode: ImportMode, items: &[PreparedItem]) -> ImportCounts {
        let mut tx = self.db.begin_import(&catalog(), mode).unwrap();
        for item in items {
            tx.upsert(item).unwrap();
        }
        tx.commit(&record(), &mut std::iter::empty()).unwrap()
    }

    pub(crate) fn skus(&self, filter: &ItemFilter) -> String {
        let rows = self.db.items(&catalog(), filter, None, 100).unwrap();
        rows.iter().map(|row| row.sku.as_str()).collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn body(&self, sku: &str) -> Option<String> {
        self.db.item(&catalog(), sku).unwrap().map(|stored| stored.body)
    }

    /// The feed above `since` as text: `+A` added, `~A` changed, `-A` removed.
    pub(crate) fn feed(&self, since: u64) -> String {
        let changes = self.db.changes(&catalog(), since, 100).unwrap();
        changes.iter().map(told).collect::<Vec<_>>().join(" ")
    }
}

pub(crate) fn told(change: &Change) -> String {
    let sign = match change.kind {
        ChangeKind::Added => '+',
        ChangeKind::Changed => '~',
        ChangeKind::Removed => '-',
    };
    format!("{sign}{}", change.sku)
}

pub(crate) fn create_tenant(store: &Store, name: &str) {
    let new = NewTenant { tenant: tenant(name), customer: None, profile_toml: String::new() };
    store.control().create_tenant(&new).unwrap();
}

pub(crate) fn second(seconds: i64) -> Timestamp {
    Timestamp(jiff::Timestamp::from_second(seconds).unwrap())
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::from_str(name).unwrap()
}

pub(crate) fn catalog() -> CatalogId {
    catalog_named("main")
}

pub(crate) fn catalog_named(name: &str) -> CatalogId {
    CatalogId::from_str(name).unwrap()
}

/// An item whose content is its title.
pub(crate) fn item(sku: &str, title: &str) -> PreparedItem {
    item_in(sku, title, &[])
}

/// An item with categories of the system `own`.
pub(crate) fn item_in(sku: &str, title: &str, categories: &[&str]) -> PreparedItem {
    build(sku, |draft| {
        draft.data.texts[0].title = title.to_owned();
        draft.data.categories = categories.iter().map(|code| category("own", code)).collect();
    })
}

pub(crate) fn build(sku: &str, change: impl FnOnce(&mut ItemDraft)) -> PreparedItem {
    let mut draft = ItemDraft::new(sku, Position { line: 7, column: 1 });
    draft.data.texts = vec![Text { lang: "en".to_owned(), title: "Title".to_owned(), ..Text::default() }];
    change(&mut draft);
    PreparedItem::new(&Item::try_from_data(draft.data).unwrap(), draft.position.line).unwrap()
}

pub(crate) fn category(system: &str, code: &str) -> Category {
    Category { system: system.to_owned(), code: code.to_owned(), path: Vec::new() }
}

/// A record with a new id.
pub(crate) fn record() -> ImportRecord {
    ImportRecord {
        id: ImportId(uuid::Uuid::now_v7()),
        catalog: catalog(),
        mode: ImportMode::Merge,
        status: ImportStatus::Running,
        idempotency_key: None,
        document_hash: "00".to_owned(),
        bytes: 12,
        media_type: "application/json".to_owned(),
        format: None,
        counts: ImportCounts { read: 5, accepted: 4, rejected: 1, ..ImportCounts::default() },
        error: None,
        findings_count: 0,
        unmapped: Vec::new(),
        created_at: second(1),
        started_at: None,
        finished_at: None,
        request_id: None,
        key_id: None,
    }
}

pub(crate) fn findings(count: u64) -> impl Iterator<Item = Finding> {
    (1..=count).map(|n| Finding::error("field_length", format!("finding {n}")).sku("A"))
}

/// What another process does is heard of at once in a file, and in a moment from a server.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Added, changed, unchanged, removed.
pub(crate) fn of_items(counts: ImportCounts) -> [u64; 4] {
    [counts.added, counts.changed, counts.unchanged, counts.removed]
}
