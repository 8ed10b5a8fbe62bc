//! Records of imports and their findings.

use plugpoint_sdk::desk::{ImportCounts, ImportStatus};
use plugpoint_sdk::model::{ImportId, ImportMode};
use plugpoint_store::{ImportFailure, ImportRecord, StoreErrorKind};

use crate::support::{TestStore, catalog, catalog_named, findings, item, record};

fn unknown() -> ImportId {
    ImportId(uuid::Uuid::now_v7())
}

#[test]
fn a_committed_import_is_kept_with_what_it_did() {
    let t = TestStore::new();
    let given = ImportRecord { format: Some("bmecat".to_owned()), key_id: Some("pk_1".to_owned()), ..record() };
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    tx.upsert(&item("A", "1")).unwrap();
    let counts = tx.commit(&given, &mut findings(3)).unwrap();
    assert_eq!(counts, ImportCounts { added: 1, ..given.counts });
    let kept = t.db.import(given.id).unwrap().unwrap();
    assert_eq!(kept, ImportRecord { status: ImportStatus::Succeeded, counts, findings_count: 3, ..given });
}

#[test]
fn a_failed_import_is_kept_and_makes_no_catalog() {
    let t = TestStore::new();
    let error = Some(ImportFailure { code: "document_malformed".to_owned(), detail: "line 3".to_owned() });
    let given = ImportRecord { error, ..record() };
    t.db.record_failed(&given, &mut findings(1)).unwrap();
    let kept = t.db.import(given.id).unwrap().unwrap();
    assert_eq!(kept, ImportRecord { status: ImportStatus::Failed, findings_count: 1, ..given });
    assert!(t.db.catalog(&catalog()).unwrap().is_none());
}

#[test]
fn findings_are_paged_by_number() {
    let t = TestStore::new();
    let given = record();
    t.db.record_failed(&given, &mut findings(5)).unwrap();
    let page = |after, limit| {
        let page = t.db.findings(given.id, after, limit).unwrap();
        page.into_iter().map(|(n, finding)| format!("{n}:{}", finding.message)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(page(0, 2), "1:finding 1 2:finding 2");
    assert_eq!(page(4, 2), "5:finding 5");
    assert_eq!([page(5, 2), page(u64::MAX, 2), page(0, 0)], ["", "", ""]);
    assert!(t.db.findings(unknown(), 0, 9).unwrap().is_empty());
    let (_, whole) = t.db.findings(given.id, 0, 1).unwrap().remove(0);
    assert_eq!(whole, findings(1).next().unwrap());
}

#[test]
fn item_numbers_are_paged_in_their_order() {
    let t = TestStore::new();
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    for sku in ["B", "A", "a", "A1", "Ä"] {
        tx.upsert(&item(sku, "1")).unwrap();
    }
    tx.commit(&record(), &mut findings(0)).unwrap();
    let page = |after: Option<&str>, limit| t.db.skus(&catalog(), after, limit).unwrap().join(" ");
    assert_eq!(page(None, 10), "A A1 B a Ä");
    assert_eq!([page(None, 2), page(Some("A1"), 2), page(Some("AA"), 1)], ["A A1", "B a", "B"]);
    assert_eq!([page(Some("Ä"), 2), page(None, 0)], ["", ""]);
    let other = t.db.skus(&catalog_named("other"), None, 10).unwrap();
    assert!(other.is_empty());
}

#[test]
fn imports_are_listed_newest_first() {
    let t = TestStore::new();
    let records: Vec<_> = (0..3).map(|_| record()).collect();
    for record in &records {
        t.db.record_failed(record, &mut std::iter::empty()).unwrap();
    }
    t.db.record_failed(&ImportRecord { catalog: catalog_named("other"), ..record() }, &mut std::iter::empty()).unwrap();
    let ids = |before, limit| {
        t.db.imports(&catalog(), before, limit).unwrap().into_iter().map(|record| record.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 2), [records[2].id, records[1].id]);
    assert_eq!(ids(Some(records[1].id), 2), [records[0].id]);
    assert!(ids(Some(records[0].id), 2).is_empty());
    assert!(t.db.import(unknown()).unwrap().is_none());
}

#[test]
fn an_idempotency_key_is_found_and_not_taken_twice() {
    let t = TestStore::new();
    let keyed = |catalog| ImportRecord { idempotency_key: Some("k".to_owned()), catalog, ..record() };
    let first = keyed(catalog());
    t.db.record_failed(&first, &mut std::iter::empty()).unwrap();
    assert_eq!(t.db.import_by_key(&catalog(), "k").unwrap().unwrap().id, first.id);
    assert!(t.db.import_by_key(&catalog(), "K").unwrap().is_none());
    assert!(t.db.import_by_key(&catalog_named("other"), "k").unwrap().is_none());
    t.db.record_failed(&keyed(catalog_named("other")), &mut std::iter::empty()).unwrap();
    let error = t.db.record_failed(&keyed(catalog()), &mut std::iter::empty()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::AlreadyExists);
}

#[test]
fn an_import_is_committed_once() {
    let t = TestStore::new();
    let given = record();
    let import = |title: &str| {
        let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
        tx.upsert(&item("A", title)).unwrap();
        tx.commit(&given, &mut findings(1))
    };
    import("1").unwrap();
    assert_eq!(import("2").unwrap_err().kind(), StoreErrorKind::AlreadyExists);
    assert_eq!(t.body("A").unwrap(), item("A", "1").body);
    assert_eq!(t.db.findings(given.id, 0, 9).unwrap().len(), 1);
    t.import(ImportMode::Merge, &[item("A", "3")]);
}
