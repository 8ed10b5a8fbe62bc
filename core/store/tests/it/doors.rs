//! Tenants of a server that are held alone, dropped, replaced. Without a server there is nothing to test.

use std::time::Duration;

use plugpoint_sdk::model::ImportMode;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{Act, Store, StoreErrorKind};

use super::support::{TestStore, catalog, item, postgres, record, tenant};

const NOW: Duration = Duration::ZERO;

/// Another process's store of the same tenants, perhaps on another machine: it shares no folder.
fn elsewhere(it: &TestStore) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), it.options.clone()).unwrap();
    (folder, store)
}

fn hold(store: &Store) -> Result<(), StoreErrorKind> {
    store.hold(&tenant("acme"), NOW, &mut || true).map(drop).map_err(|error| error.kind())
}

fn act() -> Act {
    Act { actor: "tester".to_owned(), action: "restore", tenant: Some(tenant("acme")), detail: String::new() }
}

#[test]
fn who_has_a_tenant_open_on_another_machine_keeps_it() {
    if postgres().is_none() {
        return;
    }
    let it = TestStore::new();
    let (_folder, other) = elsewhere(&it);
    assert_eq!(hold(&other), Err(StoreErrorKind::Busy), "it is open here");
    it.store.let_go(&tenant("acme")).unwrap();
    let tx = it.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    assert!(!it.db.close(), "an import is at it");
    assert_eq!(hold(&other), Err(StoreErrorKind::Busy));
    assert_eq!(it.db.put_item(&catalog(), &item("A", "one"), None).unwrap_err().kind(), StoreErrorKind::Busy, "closed");
    drop(tx);
    assert!(it.db.close());
    let held = other.hold(&tenant("acme"), Duration::from_secs(20), &mut || true).unwrap();
    assert_eq!(it.store.tenant(&tenant("acme")).err().unwrap().kind(), StoreErrorKind::Busy, "held alone");
    drop(held);
    it.store.tenant(&tenant("acme")).unwrap().put_item(&catalog(), &item("A", "one"), None).unwrap();
    // One piece of work at a tenant is one process's, too.
    let alone = it.store.alone(&tenant("acme"), "restore").unwrap();
    assert_eq!(other.alone(&tenant("acme"), "restore").err().unwrap().kind(), StoreErrorKind::Busy);
    drop(alone);
    other.alone(&tenant("acme"), "restore").unwrap();
}

#[test]
fn a_schema_takes_a_tenants_place_is_taken_out_again_and_leaves_nothing() {
    if postgres().is_none() {
        return;
    }
    for was_used in [true, false] {
        let it = TestStore::with(|options| options.wait_max = Duration::from_secs(5));
        if was_used {
            it.import(ImportMode::Replace, &[item("A", "old"), item("B", "old")]);
        }
        let copy = it.folder.path().join("copy.db");
        it.store.copy_database(&tenant("acme"), &copy).unwrap();
        let mut tx = it.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
        tx.upsert(&item("C", "new")).unwrap();
        tx.commit(&record(), &mut std::iter::empty()).unwrap();
        let seen = || {
            let db = it.store.tenant(&tenant("acme")).unwrap();
            let skus = db.skus(&catalog(), None, 10).unwrap().join(" ");
            drop(it.store.let_go(&tenant("acme")));
            skus
        };
        let (old, new) = if was_used { ("A B", "A B C") } else { ("", "C") };
        assert_eq!(seen(), new);
        assert!(it.store.fill_schema(&tenant("acme"), &copy).unwrap());
        it.store.switch_schemas_back(&tenant("acme")).unwrap();
        assert_eq!(seen(), new, "nothing was switched");
        it.store.switch_schemas(&tenant("acme")).unwrap();
        assert_eq!(seen(), old);
        for _ in 0..2 {
            it.store.switch_schemas_back(&tenant("acme")).unwrap();
            assert_eq!(seen(), new, "taken back, once more or not");
        }
        it.store.switch_schemas(&tenant("acme")).unwrap();
        it.store.sweep_schemas(&tenant("acme")).unwrap();
        it.store.switch_schemas_back(&tenant("acme")).unwrap();
        assert_eq!(seen(), old, "what was swept is not taken back");
        let keys = it.store.control().key_ids(&tenant("acme")).unwrap();
        let now = Timestamp(jiff::Timestamp::now());
        it.store.nonces().unwrap().begin_session(&keys[0], "$hash", now, Duration::from_secs(60)).unwrap();
        let left = it.store.left_in_server(&tenant("acme"), &keys).unwrap();
        assert_eq!(left.len(), 3, "the schema, the key and its session: {left:?}");
        assert_eq!(it.store.forget_nonces(&keys).unwrap(), 1);
        let dropped = it.store.drop_schemas(&tenant("acme")).unwrap().unwrap();
        assert!(dropped.rows >= if was_used { 2 } else { 1 } && dropped.bytes > 8192, "{dropped:?}");
        assert_eq!(it.store.drop_schemas(&tenant("acme")).unwrap().unwrap().rows, 0);
        it.store.control().begin_delete(&tenant("acme"), &act()).unwrap();
        it.store.control().erase_credentials(&tenant("acme")).unwrap();
        assert!(it.store.left_in_server(&tenant("acme"), &keys).unwrap().is_empty());
    }
}
