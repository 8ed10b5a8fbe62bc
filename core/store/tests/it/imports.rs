//! What an import does to items and how it counts, in every mode.

use plugpoint_sdk::model::catalog::{ItemDraft, Text};
use plugpoint_sdk::model::{ImportMode, Item, Parts, PatchOp, Position};
use plugpoint_store::{ItemFilter, Patched, Upserted};

use crate::support::{TestStore, catalog, category, item, item_in, of_items, record};

const ALL: ItemFilter = ItemFilter { category: None, brand: None, text_prefix: None, updated_since: None };

fn add(code: &str) -> [PatchOp; 1] {
    [PatchOp::AddCategory(category("own", code))]
}

#[test]
fn replace_adds_changes_leaves_and_removes() {
    let t = TestStore::new();
    assert_eq!(
        of_items(t.import(ImportMode::Replace, &[item("A", "1"), item("B", "1"), item("C", "1")])),
        [3, 0, 0, 0]
    );
    assert_eq!(
        of_items(t.import(ImportMode::Replace, &[item("D", "1"), item("B", "2"), item("C", "1")])),
        [1, 1, 1, 1]
    );
    assert_eq!(t.skus(&ALL), "B C D");
    assert_eq!(t.body("B").unwrap(), item("B", "2").body);
    assert_eq!(t.db.catalog(&catalog()).unwrap().unwrap().item_count, 3);
}

#[test]
fn replace_by_nothing_empties_the_catalog() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1"), item("B", "1")]);
    assert_eq!(of_items(t.import(ImportMode::Replace, &[])), [0, 0, 0, 2]);
    assert_eq!((t.skus(&ALL), t.feed(0)), (String::new(), "-A -B".to_owned()));
}

#[test]
fn merge_leaves_what_it_does_not_name() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1"), item("B", "1")]);
    assert_eq!(of_items(t.import(ImportMode::Merge, &[item("B", "2"), item("C", "1")])), [1, 1, 0, 0]);
    assert_eq!(t.skus(&ALL), "A B C");
}

#[test]
fn deletes_count_what_was_there() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1"), item("B", "1"), item("C", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Delete).unwrap();
    assert!(tx.delete("A").unwrap());
    assert!(!tx.delete("A").unwrap(), "gone already");
    assert!(!tx.delete("X").unwrap());
    assert!(tx.delete("B").unwrap());
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 0, 0, 2]);
    assert_eq!(t.skus(&ALL), "C");
}

#[test]
fn the_last_of_two_equal_skus_wins_and_counts_once() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1"), item("B", "1"), item("C", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    let mut upsert = |sku, title| tx.upsert(&item(sku, title)).unwrap();
    assert_eq!(
        [upsert("N", "1"), upsert("N", "2"), upsert("N", "2")],
        [Upserted::Added, Upserted::Duplicate, Upserted::Duplicate]
    );
    assert_eq!([upsert("A", "2"), upsert("A", "3")], [Upserted::Changed, Upserted::Duplicate]);
    assert_eq!([upsert("B", "2"), upsert("B", "1")], [Upserted::Changed, Upserted::Duplicate]);
    assert_eq!([upsert("C", "1"), upsert("C", "2")], [Upserted::Unchanged, Upserted::Duplicate]);
    assert_eq!(of_items(tx.counts()), [1, 2, 1, 0]);
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [1, 2, 1, 0]);
    assert_eq!(t.body("N").unwrap(), item("N", "2").body);
    assert_eq!(t.feed(3), "+N ~A ~C", "B is as it was");
}

#[test]
fn a_rejected_record_keeps_its_item() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1"), item("B", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    tx.keep("A").unwrap();
    tx.keep("unknown").unwrap();
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 0, 0, 1]);
    assert_eq!(t.skus(&ALL), "A");
}

#[test]
fn a_delete_is_stronger_than_a_rejected_record() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    tx.delete("A").unwrap();
    tx.keep("A").unwrap();
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 0, 0, 1]);
}

#[test]
fn what_is_changed_and_changed_back_is_unchanged() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item_in("A", "1", &["x"]), item_in("B", "1", &["x"])]);
    let before = t.db.items(&catalog(), &ALL, None, 9).unwrap();
    // As BMEcat sends it: the items first, their places in the tree afterwards.
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    assert_eq!(tx.upsert(&item("A", "1")).unwrap(), Upserted::Changed);
    assert_eq!(tx.upsert(&item("B", "1")).unwrap(), Upserted::Changed);
    assert_eq!(of_items(tx.counts()), [0, 2, 0, 0]);
    assert_eq!(tx.patch("A", &add("x"), false).unwrap(), Patched::Changed);
    assert_eq!(tx.patch("B", &add("y"), false).unwrap(), Patched::Changed);
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 1, 1, 0]);
    let after = t.db.items(&catalog(), &ALL, None, 9).unwrap();
    assert_eq!(after[0], before[0], "with its old time");
    assert_eq!(t.feed(2), "~B");
    assert_eq!(t.feed(0), "+A +B");
    let in_x = ItemFilter { category: Some("x".to_owned()), ..ALL };
    assert_eq!(t.skus(&in_x), "A");
}

#[test]
fn back_and_forth_ends_where_it_ends() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1")]);
    let titles = ["2", "1", "3", "1", "2"];
    for length in 1..=titles.len() {
        let items: Vec<_> = titles[..length].iter().map(|title| item("A", title)).collect();
        let counts = of_items(t.import(ImportMode::Replace, &items));
        assert_eq!(counts, if titles[length - 1] == "1" { [0, 0, 1, 0] } else { [0, 1, 0, 0] }, "{length}");
        t.import(ImportMode::Merge, &[item("A", "1")]);
    }
}

#[test]
fn a_patch_of_its_own_counts_and_one_that_completes_does_not() {
    let t = TestStore::new();
    t.import(
        ImportMode::Merge,
        &[item_in("A", "1", &["x"]), item_in("B", "1", &["x"]), item("C", "1"), item("D", "1")],
    );
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    assert_eq!(tx.patch("A", &add("x"), true).unwrap(), Patched::Unchanged);
    assert_eq!(tx.patch("B", &add("x"), false).unwrap(), Patched::Unchanged);
    assert_eq!(tx.patch("C", &add("x"), true).unwrap(), Patched::Changed);
    assert_eq!(tx.patch("D", &add("x"), false).unwrap(), Patched::Changed);
    assert_eq!(tx.patch("X", &add("x"), true).unwrap(), Patched::Unknown);
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 2, 1, 0]);
}

/// What is kept stays, what is merged is laid over what is there, and where nothing is there the item is what was sent.
#[test]
fn a_change_is_laid_over_the_item_and_makes_it_where_it_is_not_there() {
    let sent = |sku: &str, lang: &str| {
        let mut data = ItemDraft::new(sku, Position::default()).data;
        data.texts.push(Text { lang: lang.to_owned(), title: lang.to_owned(), ..Text::default() });
        Item::try_from_data(data).unwrap()
    };
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item_in("A", "1", &["x"])]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    let complete = |tx: &mut plugpoint_store::ImportTx<'_>, sku: &str, lang: &str| {
        tx.complete(sent(sku, lang), 1, Parts::CATEGORIES, Parts::TEXTS).unwrap()
    };
    assert_eq!(complete(&mut tx, "A", "fr"), Upserted::Changed);
    assert_eq!(complete(&mut tx, "B", "fr"), Upserted::Added);
    assert_eq!(complete(&mut tx, "B", "de"), Upserted::Duplicate);
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [1, 1, 0, 0]);
    let languages = |sku: &str| {
        let item: serde_json::Value = serde_json::from_str(&t.body(sku).unwrap()).unwrap();
        let texts = item["texts"].as_array().unwrap().iter().map(|text| text["lang"].as_str().unwrap().to_owned());
        (texts.collect::<Vec<_>>(), item["categories"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(languages("A"), (vec!["en".to_owned(), "fr".to_owned()], 1));
    assert_eq!(languages("B"), (vec!["fr".to_owned(), "de".to_owned()], 0));
}

#[test]
fn a_completing_patch_does_not_save_an_item_from_replace() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1"), item("B", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    tx.patch("A", &add("x"), false).unwrap();
    tx.patch("B", &add("x"), true).unwrap();
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 1, 0, 1]);
    assert_eq!(t.skus(&ALL), "B");
}

#[test]
fn deleted_and_sent_again_is_judged_by_its_content() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1"), item("B", "1"), item("C", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    for sku in ["A", "B", "C"] {
        assert!(tx.delete(sku).unwrap());
        assert_eq!(tx.patch(sku, &add("x"), true).unwrap(), Patched::Unknown, "it is gone");
    }
    tx.upsert(&item("A", "1")).unwrap();
    tx.upsert(&item("B", "2")).unwrap();
    tx.upsert(&item("N", "1")).unwrap();
    assert!(tx.delete("N").unwrap());
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 1, 1, 1]);
    assert_eq!((t.skus(&ALL), t.feed(3)), ("A B".to_owned(), "~B -C".to_owned()));
    assert_eq!(t.db.catalog(&catalog()).unwrap().unwrap().item_count, 2);
}

#[test]
fn an_import_that_changes_nothing_moves_nothing() {
    let t = TestStore::new();
    let items = [item("A", "1"), item("B", "1")];
    t.import(ImportMode::Replace, &items);
    let (catalog_before, rows) = (t.db.catalog(&catalog()).unwrap(), t.db.items(&catalog(), &ALL, None, 9).unwrap());
    assert_eq!(of_items(t.import(ImportMode::Replace, &items)), [0, 0, 2, 0]);
    assert_eq!(t.db.catalog(&catalog()).unwrap(), catalog_before);
    assert_eq!(t.db.items(&catalog(), &ALL, None, 9).unwrap(), rows);
    assert_eq!(t.feed(2), "");
}

#[test]
fn the_first_import_makes_its_catalog_even_without_an_item() {
    let t = TestStore::new();
    t.import(ImportMode::Replace, &[]);
    let row = t.db.catalog(&catalog()).unwrap().unwrap();
    assert_eq!((row.item_count, row.last_seq), (0, 0));
}

#[test]
fn a_patch_that_breaks_a_limit_changes_nothing() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    // More categories than an item may have.
    let ops: Vec<_> = (0..300).map(|n| PatchOp::AddCategory(category("own", &n.to_string()))).collect();
    let patched = tx.patch("A", &ops, true).unwrap();
    assert!(matches!(&patched, Patched::Invalid(findings) if !findings.is_empty()), "{patched:?}");
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 0, 0, 0]);
    assert_eq!(t.body("A").unwrap(), item("A", "1").body);
}

#[test]
fn more_rows_than_one_step_of_the_sweep() {
    let t = TestStore::new();
    let items: Vec<_> = (0..2_500).map(|n| item(&format!("{n:05}"), "x")).collect();
    t.import(ImportMode::Replace, &items);
    let odd: Vec<_> = items.iter().enumerate().filter(|(n, _)| n % 2 == 1).map(|(_, item)| item.clone()).collect();
    assert_eq!(of_items(t.import(ImportMode::Replace, &odd)), [0, 0, 1_250, 1_250]);
    assert_eq!(t.db.items(&catalog(), &ALL, None, 5_000).unwrap().len(), 1_250);
}
