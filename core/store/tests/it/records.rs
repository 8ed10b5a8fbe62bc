//! Records of imports and their findings.

use plugpoint_sdk::desk::{ImportCounts, ImportStatus, UnmappedPath};
use plugpoint_sdk::model::{Finding, ImportId, ImportMode, Severity};
use plugpoint_store::{FindingFilter, ImportFailure, ImportRecord, StoreErrorKind};

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

#[test]
fn findings_are_filtered() {
    let t = TestStore::new();
    let given = record();
    let finding = |n: u32| {
        let finding = if n.is_multiple_of(2) { Finding::error } else { Finding::warning };
        let code = if n < 4 { "sku_missing" } else { "date_invalid" };
        finding(code, n.to_string()).sku(if n == 5 { "it's \"5\"" } else { "A" })
    };
    t.db.record_failed(&given, &mut (1..=6).map(finding)).unwrap();
    let found = |severity, code: &str, sku: &str, after, limit| {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let filter = FindingFilter { severity, code: some(code), sku: some(sku) };
        let page = t.db.findings_where(given.id, &filter, after, limit).unwrap();
        page.into_iter().map(|(n, _)| n.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(Some(Severity::Error), "", "", 0, 9), "2 4 6");
    assert_eq!(found(Some(Severity::Warning), "sku_missing", "", 0, 9), "1 3");
    assert_eq!(found(None, "date_invalid", "", 0, 2), "4 5");
    assert_eq!(found(None, "date_invalid", "", 5, 2), "6");
    assert_eq!(found(None, "", "it's \"5\"", 0, 9), "5");
    assert_eq!(found(None, "", "%", 0, 9), "");
    assert_eq!(found(Some(Severity::Error), "sku_missing", "A", 0, 9), "2");
}

#[test]
fn what_was_unmapped_is_kept_beside_the_record() {
    let t = TestStore::new();
    let path = |path: &str, count| UnmappedPath { path: path.to_owned(), count };
    let unmapped = vec![path("/a/z", 3), path("/a/b", u64::MAX), path("/ä'\u{0}", 0)];
    let given = ImportRecord { unmapped: unmapped.clone(), ..record() };
    t.db.begin_import(&catalog(), ImportMode::Merge).unwrap().commit(&given, &mut std::iter::empty()).unwrap();
    let failed = ImportRecord { unmapped: vec![path("/x", 1)], ..record() };
    t.db.record_failed(&failed, &mut findings(1)).unwrap();
    let kept = t.db.unmapped(given.id).unwrap();
    assert_eq!((&kept[0], &kept[2], kept[1].count), (&unmapped[0], &unmapped[2], i64::MAX.unsigned_abs()));
    assert_eq!(t.db.unmapped(failed.id).unwrap(), failed.unmapped);
    assert!(t.db.unmapped(unknown()).unwrap().is_empty());
    assert!(t.db.import(given.id).unwrap().unwrap().unmapped.is_empty(), "a listing does not carry it");
}
