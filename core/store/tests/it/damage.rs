//! Files that are locked, damaged, foreign or from another release. The one place that knows of SQLite.

use std::time::{Duration, Instant};

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_store::{Store, StoreError, StoreErrorKind, StoreOptions};
use rusqlite::Connection;

use crate::support::{TestStore, catalog, create_tenant, item, record, tenant};

const CATALOG: &str = "tenants/acme/catalog.db";

/// Closes the store, does something to its files, opens the tenant again.
fn reopened(t: TestStore, file: &str, harm: impl FnOnce(&std::path::Path)) -> Result<(), StoreError> {
    let TestStore { store, db, folder, .. } = t;
    drop((store, db));
    harm(&folder.path().join(file));
    let options = StoreOptions { wait_max: Duration::from_millis(100), ..StoreOptions::default() };
    Store::open(folder.path(), options)?.tenant(&tenant("acme")).map(|_| ())
}

fn sql(sql: &'static str) -> impl FnOnce(&std::path::Path) {
    move |path| Connection::open(path).unwrap().execute_batch(sql).unwrap()
}

#[test]
fn a_file_locked_by_another_process_is_busy_within_the_time_out() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1")]);
    let other = Connection::open(t.folder.path().join(CATALOG)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let started = Instant::now();
    let busy = [
        t.db.put_item(&catalog(), &item("B", "1"), None).unwrap_err(),
        t.db.delete_item(&catalog(), "A", None).unwrap_err(),
        t.db.begin_import(&catalog(), ImportMode::Merge).err().unwrap(),
        t.db.record_failed(&record(), &mut std::iter::empty()).unwrap_err(),
    ];
    assert!(started.elapsed() >= Duration::from_millis(400) && started.elapsed() < Duration::from_secs(20));
    for error in busy {
        assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
        assert_eq!(ApiError::from(error).code.name, "storage_busy");
    }
    assert!(t.body("A").is_some(), "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    t.import(ImportMode::Merge, &[item("B", "1")]);
}

#[test]
fn a_locked_control_database_is_busy() {
    let t = TestStore::new();
    let other = Connection::open(t.folder.path().join("control.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(t.store.control().rotate_key(&tenant("acme")).unwrap_err().kind(), StoreErrorKind::Busy);
    assert!(t.store.control().tenant(&tenant("acme")).unwrap().is_some());
    other.execute_batch("ROLLBACK").unwrap();
    create_tenant(&t.store, "next");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    for file in [CATALOG, "control.db"] {
        let harm = |path: &std::path::Path| std::fs::write(path, "no database ".repeat(1_000)).unwrap();
        let error = reopened(TestStore::new(), file, harm).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
        assert!(std::error::Error::source(&error).is_some());
        let api = ApiError::from(error);
        assert_eq!((api.code.name, api.detail.as_str()), ("internal", "the storage failed"));
    }
}

#[test]
fn a_database_of_another_application_is_refused_and_left_alone() {
    let t = TestStore::new();
    let error = reopened(t, CATALOG, |path| {
        std::fs::remove_file(path).unwrap();
        sql("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")(path);
    });
    assert_eq!(error.unwrap_err().kind(), StoreErrorKind::Corrupt);
    // Ours, but of the other kind.
    let t = TestStore::new();
    let error = reopened(t, CATALOG, |path| {
        std::fs::copy(path.parent().unwrap().join("../../control.db"), path).unwrap();
    });
    assert_eq!(error.unwrap_err().kind(), StoreErrorKind::Corrupt);
}

#[test]
fn a_database_of_a_newer_release_is_refused() {
    for file in [CATALOG, "control.db"] {
        let error = reopened(TestStore::new(), file, sql("DROP TABLE IF EXISTS steps_done; PRAGMA user_version = 99"))
            .unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::TooNew, "{error}");
    }
    let error = reopened(TestStore::new(), CATALOG, sql("PRAGMA user_version = -1")).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TooNew);
}

#[test]
fn damaged_pages_are_an_error_and_no_panic() {
    let t = TestStore::new();
    let items: Vec<_> = (0..500).map(|n| item(&format!("{n:03}"), &"x".repeat(500))).collect();
    t.import(ImportMode::Replace, &items);
    assert!(t.db.checkpoint().unwrap());
    let TestStore { store, db, folder, .. } = t;
    drop((store, db));
    let path = folder.path().join(CATALOG);
    let mut bytes = std::fs::read(&path).unwrap();
    // Behind what says which tables there are.
    bytes[40 * 4096..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let db = Store::open(folder.path(), StoreOptions::default()).unwrap().tenant(&tenant("acme")).unwrap();
    let errors: Vec<_> = items.iter().filter_map(|item| db.item(&catalog(), &item.sku).err()).collect();
    assert!(errors.iter().any(|error| error.kind() == StoreErrorKind::Corrupt), "{errors:?}");
}

#[test]
fn a_stored_item_that_is_no_item_is_corrupt() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1")]);
    sql("UPDATE items SET body = '{'")(&t.folder.path().join(CATALOG));
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    assert_eq!(tx.patch("A", &[], true).unwrap_err().kind(), StoreErrorKind::Corrupt);
    assert!(tx.commit(&record(), &mut std::iter::empty()).is_err());
}

#[test]
fn an_unusable_folder_is_an_io_error() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("data"), StoreOptions::default()).err().unwrap();
    assert_eq!(error.kind(), StoreErrorKind::Io);
    assert_eq!(error.to_string(), "open a database (control database): a file cannot be read or written");
    std::fs::create_dir(folder.path().join("control.db")).unwrap();
    assert_eq!(Store::open(folder.path(), StoreOptions::default()).err().unwrap().kind(), StoreErrorKind::Io);
}

#[test]
fn an_interrupted_first_start_is_begun_again() {
    // The empty file that a crash leaves between its creation and its structure.
    let t = TestStore::new();
    let harm = |path: &std::path::Path| {
        std::fs::write(path, "").unwrap();
    };
    reopened(t, CATALOG, harm).unwrap();
}

#[test]
fn many_processes_may_open_a_new_folder_at_once() {
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path().join("deep/data");
    std::thread::scope(|scope| {
        for n in 0..6 {
            let data = &data;
            scope.spawn(move || {
                let store = Store::open(data, StoreOptions::default()).unwrap();
                create_tenant(&store, &format!("tenant-{n}"));
                store.tenant(&tenant(&format!("tenant-{n}"))).unwrap();
            });
        }
    });
    let store = Store::open(&data, StoreOptions::default()).unwrap();
    assert_eq!(store.control().tenants().unwrap().len(), 6);
}
