//! What an import may recall of the last one, and when it may not.

use plugpoint_sdk::model::{CatalogId, ImportMode};
use plugpoint_store::{Fingerprint, ItemFilter, PreparedItem, RowId, Upserted};

use crate::support::{TestStore, catalog, item, of_items, record};

const HOW: Fingerprint = [7; 16];
const ALL: ItemFilter = ItemFilter { category: None, brand: None, text_prefix: None, updated_since: None };

fn fingerprint(item: &PreparedItem) -> Fingerprint {
    item.hash
}

fn import(t: &TestStore, mode: ImportMode, items: &[PreparedItem]) {
    let mut tx = t.db.begin_import(&catalog(), mode).unwrap();
    tx.remember_as(HOW).unwrap();
    for item in items {
        tx.upsert_record(item, Some(&fingerprint(item))).unwrap();
    }
    tx.commit(&record(), &mut std::iter::empty()).unwrap();
}

fn recalled(t: &TestStore) -> Vec<(Fingerprint, RowId)> {
    let Some(recall) = t.db.recall(&catalog(), &HOW).unwrap() else { return Vec::new() };
    let blocks = (0..).map(|n| t.db.recalled(recall, n).unwrap());
    blocks.take_while(|block| !block.is_empty()).flatten().collect()
}

fn of(items: &[PreparedItem]) -> Vec<Fingerprint> {
    items.iter().map(fingerprint).collect()
}

fn fingerprints(t: &TestStore) -> Vec<Fingerprint> {
    recalled(t).into_iter().map(|(fingerprint, _)| fingerprint).collect()
}

#[test]
fn it_is_what_the_last_import_read_in_its_order_however_much() {
    let t = TestStore::new();
    assert!(t.db.recall(&catalog(), &HOW).unwrap().is_none());
    for count in [1, 0, 2560, 2561, 6000, 3] {
        let items: Vec<_> = (0..count).rev().map(|n| item(&format!("S{n}"), "1")).collect();
        import(&t, ImportMode::Replace, &items);
        assert_eq!(fingerprints(&t), of(&items), "{count}");
    }
    assert!(t.db.recall(&catalog(), &[8; 16]).unwrap().is_none(), "of who reads otherwise");
    assert!(t.db.recall(&"other".parse::<CatalogId>().unwrap(), &HOW).unwrap().is_none());
}

#[test]
fn it_ends_with_the_next_change_whoever_makes_it() {
    let items = [item("A", "1"), item("B", "1")];
    type Change = fn(&TestStore);
    let changes: [(&str, Change); 4] = [
        ("put", |t| _ = t.db.put_item(&catalog(), &item("A", "2"), None).unwrap()),
        ("delete", |t| _ = t.db.delete_item(&catalog(), "B", None).unwrap()),
        ("an import that remembers nothing", |t| _ = t.import(ImportMode::Merge, &[item("C", "1")])),
        ("one that removes", |t| _ = t.import(ImportMode::Replace, &[item("A", "1")])),
    ];
    for (what, change) in changes {
        let t = TestStore::new();
        import(&t, ImportMode::Replace, &items);
        assert_eq!(fingerprints(&t), of(&items));
        change(&t);
        assert_eq!(fingerprints(&t), of(&[]), "{what}");
        import(&t, ImportMode::Replace, &items);
        assert_eq!(fingerprints(&t), of(&items), "after {what}");
    }
}

#[test]
fn what_changes_nothing_does_not_end_it() {
    let t = TestStore::new();
    let items = [item("A", "1"), item("B", "1")];
    import(&t, ImportMode::Replace, &items);
    t.db.put_item(&catalog(), &items[0], None).unwrap();
    t.import(ImportMode::Merge, &items);
    drop(t.db.begin_import(&catalog(), ImportMode::Replace).unwrap());
    assert_eq!(fingerprints(&t), of(&items));
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    tx.remember_as(HOW).unwrap();
    tx.upsert_record(&item("C", "1"), Some(&[1; 16])).unwrap();
    drop(tx);
    assert_eq!(fingerprints(&t), of(&items), "an import that is rolled back leaves it");
}

#[test]
fn whoever_changes_the_catalog_in_between_is_seen_in_the_transaction() {
    let t = TestStore::new();
    import(&t, ImportMode::Replace, &[item("A", "1")]);
    let recall = t.db.recall(&catalog(), &HOW).unwrap().unwrap();
    assert!(t.db.begin_import(&catalog(), ImportMode::Merge).unwrap().holds(recall));
    t.db.put_item(&catalog(), &item("A", "2"), None).unwrap();
    assert!(!t.db.begin_import(&catalog(), ImportMode::Merge).unwrap().holds(recall));
}

#[test]
fn a_row_is_confirmed_once_and_only_as_it_was() {
    let t = TestStore::new();
    import(&t, ImportMode::Replace, &[item("A", "1"), item("B", "1"), item("C", "1"), item("D", "1")]);
    let rows = recalled(&t);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    tx.remember_as(HOW).unwrap();
    let mut confirm = |n: usize| tx.confirm(rows[n].1, &rows[n].0).unwrap();
    assert!(confirm(0));
    assert!(!confirm(0), "twice");
    assert_eq!(tx.upsert(&item("A", "2")).unwrap(), Upserted::Duplicate, "it has been named");
    tx.upsert(&item("B", "2")).unwrap();
    tx.keep("C").unwrap();
    let mut confirm = |n: usize| tx.confirm(rows[n].1, &rows[n].0).unwrap();
    assert!(!confirm(1), "it was changed");
    assert!(!confirm(2), "another record of it was refused");
    let counts = tx.commit(&record(), &mut std::iter::empty()).unwrap();
    assert_eq!(of_items(counts), [0, 2, 0, 1]);
    assert_eq!(t.skus(&ALL), "A B C");
    assert_eq!(fingerprints(&t), of(&[]), "which of two records counts is not remembered");
}

#[test]
fn parts_of_items_are_not_remembered() {
    type Step = fn(&mut plugpoint_store::ImportTx<'_>);
    let steps: [Step; 2] = [|tx| _ = tx.delete("B").unwrap(), |tx| _ = tx.patch("A", &[], true).unwrap()];
    for step in steps {
        let t = TestStore::new();
        import(&t, ImportMode::Replace, &[item("A", "1"), item("B", "1")]);
        let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
        tx.remember_as(HOW).unwrap();
        tx.upsert_record(&item("C", "1"), Some(&[1; 16])).unwrap();
        step(&mut tx);
        tx.commit(&record(), &mut std::iter::empty()).unwrap();
        assert_eq!(fingerprints(&t), of(&[]));
    }
}
