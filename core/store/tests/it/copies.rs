//! A tenant's copy in another store: of the same kind, or of the other one where there is a server.

use plugpoint_sdk::model::ImportMode;
use plugpoint_store::{ItemFilter, Store, StoreErrorKind, StoreOptions};

use crate::support::{TestStore, catalog, findings, item, item_in, postgres, record, tenant, told};

/// Everything of the catalog that anybody can read.
fn readable(store: &Store) -> String {
    let db = store.tenant(&tenant("acme")).unwrap();
    let filtered = ItemFilter { category: Some("own:tools".to_owned()), ..ItemFilter::default() };
    let changes = db.changes(&catalog(), 0, 5000).unwrap();
    let imports = db.imports(&catalog(), None, 10).unwrap();
    let findings = imports.iter().map(|import| db.findings(import.id, 0, 100).unwrap());
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        db.catalog(&catalog()).unwrap(),
        db.items(&catalog(), &ItemFilter::default(), None, 5000).unwrap(),
        db.items(&catalog(), &filtered, None, 5000).unwrap(),
        changes.iter().map(|change| (told(change), change.seq, change.at)).collect::<Vec<_>>(),
        findings.collect::<Vec<_>>(),
        imports,
    )
}

fn filled(options: impl FnOnce(&mut StoreOptions)) -> TestStore {
    let t = TestStore::with(options);
    let many: Vec<_> =
        (0..3_000).map(|n| item_in(&format!("{:05}", n * 7919 % 10_000), &format!("T {n}"), &["tools"])).collect();
    t.import(ImportMode::Replace, &many);
    t.import(ImportMode::Merge, &[item("A", "nul \u{0} within"), item_in("00000", "changed", &["saws", "tools"])]);
    t.db.delete_item(&catalog(), "A", None).unwrap();
    t.db.put_item(&catalog(), &item("B", "\u{1F980}"), None).unwrap();
    t.db.record_failed(&record(), &mut findings(7)).unwrap();
    t
}

fn goes_its_own_way(from: &TestStore, copy: &Store) {
    from.store.copy_tenant(&tenant("acme"), copy).unwrap();
    assert_eq!(readable(copy), readable(&from.store));
    let copied = copy.tenant(&tenant("acme")).unwrap();
    copied.put_item(&catalog(), &item_in("C", "new", &["new"]), None).unwrap();
    let mut tx = copied.begin_import(&catalog(), ImportMode::Merge).unwrap();
    tx.upsert(&item_in("D", "new", &["newer", "tools"])).unwrap();
    assert_eq!(tx.commit(&record(), &mut std::iter::empty()).unwrap().added, 1);
    assert!(from.db.item(&catalog(), "C").unwrap().is_none() && copied.item(&catalog(), "D").unwrap().is_some());
    let again = from.store.copy_tenant(&tenant("acme"), copy).unwrap_err();
    assert_eq!(again.kind(), StoreErrorKind::AlreadyExists);
    let unknown = from.store.copy_tenant(&tenant("nobody"), copy).unwrap_err();
    assert_eq!(unknown.kind(), StoreErrorKind::NotFound);
}

#[test]
fn a_copy_has_everything_and_goes_its_own_way() {
    for (of_server, to_server) in [(false, false), (false, true), (true, false), (true, true)] {
        let schemas = |is_server: bool| is_server.then(postgres).flatten();
        let from = filled(|options| options.postgres = schemas(of_server));
        let folder = tempfile::TempDir::new().unwrap();
        let options = StoreOptions { postgres: schemas(to_server), ..StoreOptions::default() };
        goes_its_own_way(&from, &Store::open(folder.path(), options).unwrap());
    }
}
