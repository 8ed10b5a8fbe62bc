//! What is so because databases are files of SQLite: their modes, their sizes, copies, and what can be read in them.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_store::{ItemFilter, Kept, Store, StoreErrorKind, StoreOptions};

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
