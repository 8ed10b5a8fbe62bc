//! A snapshot is one state, in pages, whatever is committed meanwhile.

use plugpoint_sdk::model::ImportMode;
use plugpoint_store::CatalogSnapshot;

use crate::support::{TestStore, catalog, catalog_named, item};

/// All items as `sku=title`, read in pages of `page`.
fn all(snapshot: &CatalogSnapshot, page: u32) -> String {
    let (mut told, mut after) = (Vec::new(), String::new());
    loop {
        let items = snapshot.items(&after, page, usize::MAX).unwrap();
        let Some(last) = items.last() else { return told.join(" ") };
        after = last.sku.clone();
        told.extend(items.iter().map(|item| {
            let body: serde_json::Value = serde_json::from_str(&item.body).unwrap();
            format!("{}={}", item.sku, body["texts"][0]["title"].as_str().unwrap())
        }));
    }
}

#[test]
fn a_snapshot_does_not_see_what_is_committed_after_it() {
    let store = TestStore::new();
    store.import(ImportMode::Replace, &[item("B", "b"), item("A", "a"), item("Ä", "x"), item("C", "c")]);
    let before = store.db.snapshot(&catalog()).unwrap().unwrap();
    assert_eq!((before.catalog.item_count, before.catalog.last_seq), (4, 4));
    assert_eq!(before.items("", 1, 1000).unwrap()[0].sku, "A");
    let of_bytes = |bytes| before.items("", 100, bytes).unwrap().len();
    let bytes = before.items("", 1, 1).unwrap()[0].body.len();
    assert_eq!([1, bytes, bytes + 1, usize::MAX].map(of_bytes), [1, 1, 2, 4]);
    store.import(ImportMode::Replace, &[item("B", "new"), item("D", "d")]);
    store.db.checkpoint().unwrap();
    for page in [1, 2, 3, 100] {
        assert_eq!(all(&before, page), "A=a B=b C=c Ä=x", "pages of {page}");
    }
    let after = store.db.snapshot(&catalog()).unwrap().unwrap();
    assert_eq!((all(&after, 2).as_str(), after.catalog.item_count), ("B=new D=d", 2));
}

#[test]
fn many_snapshots_take_no_connection_from_readers() {
    let store = TestStore::with(|options| options.readers_per_database = 1);
    store.import(ImportMode::Replace, &[item("A", "a")]);
    let snapshots: Vec<_> = (0..8).map(|_| store.db.snapshot(&catalog()).unwrap().unwrap()).collect();
    assert!(store.body("A").is_some());
    assert!(snapshots.iter().all(|snapshot| all(snapshot, 10) == "A=a"));
    assert!(store.db.snapshot(&catalog_named("other")).unwrap().is_none());
}
