//! What is so because databases are files of SQLite: their modes, their sizes, copies, and what can be read in them.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_store::{ItemFilter, Kept, Store, StoreErrorKind, StoreOptions, Structure, TENANT_SCHEMA};

use crate::support::{TestStore, catalog, create_tenant, item, record, tenant};

#[test]
fn files_are_private() {
    let t = TestStore::new();
    t.db.put_item(&catalog(), &item("A", "a"), None).unwrap();
    t.store.nonces().unwrap();
    t.store.control().add_key(&tenant("acme"), Kept::Sealed).unwrap();
    let mode = |path: &str| std::fs::metadata(t.folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    let of_acme = ["tenants/acme/catalog.db", "tenants/acme/catalog.db-wal", "tenants/acme/catalog.db-shm"];
    for file in ["control.db", "nonces.db", "nonces.db-wal", "secrets.key"].iter().chain(&of_acme) {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    assert_eq!([mode("tenants"), mode("tenants/acme")], [0o700, 0o700]);
}

#[test]
fn no_file_holds_what_is_not_its_own() {
    let t = TestStore::new();
    create_tenant(&t.store, "rival");
    drop(t.store.tenant(&tenant("rival")).unwrap());
    t.db.put_item(&catalog(), &item("A", "a"), None).unwrap();
    let sealed = t.store.control().add_key(&tenant("acme"), Kept::Sealed).unwrap();
    let holds = |file: &str, part: &[u8]| {
        std::fs::read(t.folder.path().join(file)).unwrap().windows(part.len()).any(|bytes| bytes == part)
    };
    assert!(holds("tenants/acme/catalog.db-wal", b"\"sku\":\"A"));
    assert!(!holds("tenants/rival/catalog.db", b"\"sku\":\"A"));
    for file in ["control.db", "control.db-wal"] {
        assert!(!holds(file, sealed.secret.as_bytes()), "{file}");
    }
}

#[test]
fn a_copy_of_a_tenant_has_its_items_and_goes_its_own_way() {
    let t = TestStore::new();
    t.db.put_item(&catalog(), &item("A", "one"), None).unwrap();
    let scratch = tempfile::TempDir::new().unwrap();
    let copy = Store::open(scratch.path(), StoreOptions::default()).unwrap();
    t.store.copy_tenant(&tenant("acme"), &copy).unwrap();
    let copied = copy.tenant(&tenant("acme")).unwrap();
    assert_eq!(copied.item(&catalog(), "A").unwrap(), t.db.item(&catalog(), "A").unwrap());
    t.db.put_item(&catalog(), &item("B", "two"), None).unwrap();
    assert!(copied.item(&catalog(), "B").unwrap().is_none());
    let mode = std::fs::metadata(scratch.path().join("tenants/acme/catalog.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = t.store.copy_tenant(&tenant("acme"), &copy).unwrap_err();
    assert_eq!(again.kind(), StoreErrorKind::AlreadyExists);
    let unknown = t.store.copy_tenant(&tenant("nobody"), &copy).unwrap_err();
    assert_eq!(unknown.kind(), StoreErrorKind::NotFound);
}

#[test]
fn a_full_database_fails_the_import_as_a_whole() {
    let t = TestStore::with(|options| options.database_bytes_max = Some(400 * 1024));
    t.import(ImportMode::Merge, &[item("A", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    let full = (0..10_000).find_map(|n| tx.upsert(&item(&format!("{n:05}"), &"x".repeat(900))).err()).unwrap();
    assert_eq!(full.kind(), StoreErrorKind::Full);
    assert_eq!(ApiError::from(full).code.name, "storage_full");
    // What SQLite may have rolled back by itself must not go on row by row.
    assert_eq!(tx.upsert(&item("late", "1")).unwrap_err().kind(), StoreErrorKind::Internal);
    assert!(tx.delete("A").is_err() && tx.keep("A").is_err());
    assert_eq!(tx.commit(&record(), &mut std::iter::empty()).unwrap_err().kind(), StoreErrorKind::Internal);
    assert_eq!(t.skus(&ItemFilter::default()), "A");
    t.db.put_item(&catalog(), &item("B", "1"), None).unwrap();
}

#[test]
fn the_wal_is_cut_back_after_an_import() {
    let t = TestStore::with(|options| options.writer_cache_bytes = 64 * 1024);
    let wal = t.folder.path().join("tenants/acme/catalog.db-wal");
    let size = || std::fs::metadata(&wal).unwrap().len();
    let items: Vec<_> = (0..3_000).map(|n| item(&format!("{n:05}"), &"x".repeat(900))).collect();
    t.import(ImportMode::Replace, &items);
    assert!(size() > 1_000_000);
    assert!(t.db.checkpoint().unwrap());
    assert_eq!(size(), 0);
    assert_eq!(t.db.catalog(&catalog()).unwrap().unwrap().item_count, 3_000);
}

#[test]
fn a_database_is_closed_once_nobody_is_at_it() {
    let it = TestStore::new();
    let hold = || it.store.hold(&tenant("acme"), Duration::ZERO, &mut || true);
    assert_eq!(hold().unwrap_err().kind(), StoreErrorKind::Busy, "it is open");
    let tx = it.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    it.store.let_go(&tenant("acme"));
    assert!(!it.db.close(), "an import is at it");
    assert_eq!(it.db.catalogs(None, 1).err().unwrap().kind(), StoreErrorKind::Busy, "and nothing else begins");
    assert_eq!(hold().unwrap_err().kind(), StoreErrorKind::Busy);
    drop(tx);
    assert!(it.db.close());
    assert_eq!(it.db.look().unwrap_err().kind(), StoreErrorKind::Busy);
    let held = hold().unwrap();
    assert_eq!(it.store.tenant(&tenant("acme")).err().unwrap().kind(), StoreErrorKind::Busy, "somebody has it alone");
    drop(held);
    assert!(it.store.tenant(&tenant("acme")).unwrap().catalogs(None, 1).is_ok(), "it is opened anew");
}

/// A tenant's file as an older release has left it, with one item.
fn left_by_an_older_release(t: &TestStore, name: &str) -> std::path::PathBuf {
    create_tenant(&t.store, name);
    let folder = t.folder.path().join("tenants").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("catalog.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    for step in ["0001_catalogs", "0002_unmapped", "0003_brands", "0004_recalls"] {
        let sql = format!("{}/migrations/tenant/{step}.sql", env!("CARGO_MANIFEST_DIR"));
        connection.execute_batch(&std::fs::read_to_string(sql).unwrap()).unwrap();
    }
    let rows = "INSERT INTO catalogs VALUES (1, 'main', 0, 0, 1, 1);
        INSERT INTO items VALUES (1, 1, 'OLD', 1, 1, 0, NULL, NULL, x'00112233445566778899aabbccddeeff', NULL, '', char(10), '{}');
        PRAGMA application_id = 0x504c5054; PRAGMA user_version = 4";
    connection.execute_batch(rows).unwrap();
    file
}

/// The number of a structure that is behind.
fn number(structure: Structure) -> Option<u32> {
    match structure {
        Structure::Behind(behind) => Some(behind.structure),
        _ => None,
    }
}

#[test]
fn what_is_behind_is_told_and_brought_up_to_date() {
    let t = TestStore::new();
    let old = tenant("old");
    let file = left_by_an_older_release(&t, "old");
    let before = std::fs::read(&file).unwrap();
    assert_eq!(number(t.store.structure(&old).unwrap()), Some(4));
    assert_eq!(std::fs::read(&file).unwrap(), before, "a look changes nothing");
    t.store.bring_up_to_date(&old, None).unwrap();
    assert_eq!(t.store.structure(&old).unwrap(), Structure::Current);
    let number: i64 =
        rusqlite::Connection::open(&file).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(number, i64::from(TENANT_SCHEMA));
    let item = t.store.tenant(&old).unwrap().item(&catalog(), "OLD").unwrap().unwrap();
    assert_eq!(item.body, "{}");
    // Open, with all that was written in its log.
    assert_eq!(t.store.structure(&old).unwrap(), Structure::Current);
    create_tenant(&t.store, "unused");
    assert_eq!(t.store.structure(&tenant("unused")).unwrap(), Structure::None);
}

#[test]
fn a_number_that_is_in_the_log_alone_counts() {
    let t = TestStore::new();
    let old = tenant("old");
    let file = left_by_an_older_release(&t, "old");
    let writer = rusqlite::Connection::open(&file).unwrap();
    writer.pragma_update(None, "journal_mode", "WAL").unwrap();
    writer.pragma_update(None, "user_version", 3).unwrap();
    assert_eq!(number(t.store.structure(&old).unwrap()), Some(3));
}

#[test]
fn a_step_that_fails_leaves_the_tenant_as_it_was() {
    let t = TestStore::new();
    let broken = tenant("broken");
    let file = left_by_an_older_release(&t, "broken");
    // The last step drops it, after it has made and filled a table.
    rusqlite::Connection::open(&file).unwrap().execute_batch("DROP INDEX items_sku").unwrap();
    let dump = || {
        let connection = rusqlite::Connection::open(&file).unwrap();
        let mut select = connection.prepare("SELECT coalesce(sql, '') || name FROM sqlite_schema ORDER BY 1").unwrap();
        let names: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let item: (String, Vec<u8>) =
            connection.query_row("SELECT sku, hash FROM items", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        (names, item)
    };
    let before = dump();
    t.store.bring_up_to_date(&broken, None).unwrap_err();
    assert_eq!(number(t.store.structure(&broken).unwrap()), Some(4));
    assert_eq!(dump(), before);
    // The cause is removed: it goes on where it was.
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute_batch("CREATE UNIQUE INDEX items_sku ON items (catalog, sku)").unwrap();
    t.store.bring_up_to_date(&broken, None).unwrap();
    assert_eq!(t.store.structure(&broken).unwrap(), Structure::Current);
}

#[test]
fn what_is_no_structure_of_ours_is_told_as_such() {
    for (sql, expected) in [
        ("PRAGMA user_version = 99", StoreErrorKind::TooNew),
        ("PRAGMA user_version = -1", StoreErrorKind::TooNew),
        ("PRAGMA application_id = 7", StoreErrorKind::Corrupt),
    ] {
        let t = TestStore::new();
        let file = left_by_an_older_release(&t, "odd");
        rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        assert_eq!(t.store.structure(&tenant("odd")).unwrap_err().kind(), expected, "{sql}");
    }
    let t = TestStore::new();
    let file = left_by_an_older_release(&t, "odd");
    for (content, expected) in [(b"".as_slice(), None), (b"SQLite format 3\0", Some(StoreErrorKind::Corrupt))] {
        std::fs::write(&file, content).unwrap();
        let found = t.store.structure(&tenant("odd"));
        match expected {
            None => assert_eq!(found.unwrap(), Structure::None),
            Some(kind) => assert_eq!(found.unwrap_err().kind(), kind),
        }
    }
}
