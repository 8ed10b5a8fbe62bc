//! Prints how fast imports and reads of 100,000 items of about 600 bytes are, in a temporary folder:
//! `cargo run --release -p plugpoint-store --example bulk [-- ITEMS]`. One thread; the items are prepared beforehand, so the
//! figures are the storage's alone.

use std::error::Error;
use std::str::FromStr;
use std::time::Instant;

use plugpoint_sdk::desk::{ImportCounts, ImportStatus};
use plugpoint_sdk::model::catalog::{Category, ItemDraft, Text};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{CatalogId, ImportId, ImportMode, Item, Position, TenantId};
use plugpoint_store::{ImportRecord, ItemFilter, NewTenant, PreparedItem, Store, StoreOptions, TenantDb};

type Done = Result<(), Box<dyn Error>>;

#[expect(clippy::print_stdout, reason = "the figures are the purpose")]
fn main() -> Done {
    let count: u32 = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::TempDir::new()?;
    let store = Store::open(folder.path(), StoreOptions::default())?;
    let tenant = TenantId::from_str("bulk")?;
    let new = NewTenant { tenant: tenant.clone(), customer: None, profile_toml: String::new() };
    store.control().create_tenant(&new)?;
    let (db, catalog) = (store.tenant(&tenant)?, CatalogId::from_str("main")?);

    let started = Clocks::now();
    let items = (0..count).map(|n| item(n, "first")).collect::<Result<Vec<_>, _>>()?;
    let bytes = items.iter().map(|item| item.body.len()).sum::<usize>() / items.len().max(1);
    told("prepared", count, started);
    println!("one body is {bytes} bytes");
    import(&db, &catalog, "inserted", &items)?;
    import(&db, &catalog, "unchanged", &items)?;
    let items = (0..count).map(|n| item(n, "second")).collect::<Result<Vec<_>, _>>()?;
    import(&db, &catalog, "changed", &items)?;

    let started = Clocks::now();
    for n in 0..count {
        // A step that is prime to most counts: reads all over the file.
        let sku = sku((u64::from(n) * 7_919 % u64::from(count)) as u32);
        db.item(&catalog, &sku)?.ok_or("an item is missing")?;
    }
    told("read one by one", count, started);
    let filter = ItemFilter { text_prefix: Some("no such title".to_owned()), ..ItemFilter::default() };
    let started = Clocks::now();
    db.items(&catalog, &filter, None, 100)?;
    told("looked through for a title", count, started);
    import(&db, &catalog, "removed", &[])
}

fn import(db: &TenantDb, catalog: &CatalogId, what: &str, items: &[PreparedItem]) -> Done {
    let started = Clocks::now();
    let mut tx = db.begin_import(catalog, ImportMode::Replace)?;
    for item in items {
        tx.upsert(item)?;
    }
    let counts = tx.commit(&record(catalog), &mut std::iter::empty())?;
    let rows = counts.added + counts.changed + counts.unchanged + counts.removed;
    told(what, u32::try_from(rows)?, started);
    let started = Clocks::now();
    db.checkpoint()?;
    told("  checkpoint", u32::try_from(rows)?, started);
    Ok(())
}

/// Time on the wall, and time that this thread had a core: on a shared machine the second is the one to compare.
struct Clocks {
    wall: Instant,
    core_ns: f64,
}

impl Clocks {
    fn now() -> Self {
        Self { wall: Instant::now(), core_ns: core_ns().unwrap_or(f64::NAN) }
    }
}

fn core_ns() -> Option<f64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

#[expect(clippy::print_stdout, reason = "the figures are the purpose")]
fn told(what: &str, rows: u32, started: Clocks) {
    let (rows, wall) = (f64::from(rows), started.wall.elapsed().as_secs_f64());
    let core = (Clocks::now().core_ns - started.core_ns) / 1e9;
    println!("{what:26} {wall:6.2} s {:9.0} rows/s {core:6.2} s of a core {:9.0} rows/s", rows / wall, rows / core);
}

fn sku(n: u32) -> String {
    format!("VW-{n:08}")
}

fn item(n: u32, edition: &str) -> Result<PreparedItem, Box<dyn Error>> {
    let mut draft = ItemDraft::new(sku(n), Position { line: u64::from(n) * 30, column: 1 });
    let data = &mut draft.data;
    data.brand = Some(format!("Brand {}", n % 40));
    let text = |lang: &str| Text {
        lang: lang.to_owned(),
        title: format!("Cable gland number {n} ({lang})"),
        description: Some(format!("{edition} edition, {}", "polyamide, halogen-free, IP 68. ".repeat(5))),
        ..Text::default()
    };
    data.texts = vec![text("en"), text("de")];
    let code = format!("27-14-{:02}", n % 100);
    data.categories = vec![Category { system: "eclass-9.0".to_owned(), code, path: Vec::new() }];
    let item = Item::try_from_data(draft.data).map_err(|findings| format!("{findings:?}"))?;
    Ok(PreparedItem::new(&item, draft.position.line)?)
}

fn record(catalog: &CatalogId) -> ImportRecord {
    ImportRecord {
        id: ImportId(uuid::Uuid::now_v7()),
        catalog: catalog.clone(),
        mode: ImportMode::Replace,
        status: ImportStatus::Running,
        idempotency_key: None,
        document_hash: String::new(),
        bytes: 0,
        media_type: "application/json".to_owned(),
        format: None,
        counts: ImportCounts::default(),
        error: None,
        findings_count: 0,
        unmapped: Vec::new(),
        created_at: Timestamp::default(),
        started_at: None,
        finished_at: None,
        request_id: None,
        key_id: None,
    }
}
