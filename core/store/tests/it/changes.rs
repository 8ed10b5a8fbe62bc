//! The feed of changes.

use plugpoint_sdk::model::ImportMode;
use plugpoint_store::ItemFilter;

use crate::support::{TestStore, catalog, catalog_named, item, record, second};

#[test]
fn every_sku_once_at_its_latest_change() {
    let t = TestStore::new();
    let put = |sku: &str, title: &str| t.db.put_item(&catalog(), &item(sku, title), None).unwrap();
    put("A", "1"); // 1
    put("B", "1"); // 2
    put("A", "2"); // 3
    t.db.delete_item(&catalog(), "B", None).unwrap(); // 4
    put("C", "1"); // 5
    assert_eq!(t.feed(0), "+A -B +C");
    assert_eq!(t.feed(1), "~A -B +C", "added before, changed since");
    assert_eq!(t.feed(3), "-B +C");
    assert_eq!(t.feed(5), "");
    assert_eq!(t.feed(u64::MAX), "");
    put("B", "9"); // 6
    assert_eq!(t.feed(0), "+A +C +B", "who comes back is no longer gone");
    assert_eq!(t.feed(4), "+C +B");
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    let t = TestStore::new();
    t.import(ImportMode::Replace, &["A", "B", "C", "D"].map(|sku| item(sku, "1")));
    t.import(ImportMode::Replace, &["B", "C", "E"].map(|sku| item(sku, "2")));
    let mut seen = Vec::new();
    let mut since = 0;
    loop {
        let page = t.db.changes(&catalog(), since, 2).unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.windows(2).all(|pair| pair[0].seq < pair[1].seq));
        since = last.seq;
        seen.extend(page.into_iter().map(|change| change.sku));
    }
    assert_eq!(seen, ["B", "C", "E", "A", "D"]);
    assert_eq!(t.db.catalog(&catalog()).unwrap().unwrap().last_seq, since);
}

#[test]
fn catalogs_have_their_own_feeds() {
    let t = TestStore::new();
    t.db.put_item(&catalog(), &item("A", "1"), None).unwrap();
    t.db.put_item(&catalog_named("other"), &item("B", "1"), None).unwrap();
    assert_eq!(t.feed(0), "+A");
    assert!(t.db.changes(&catalog_named("none"), 0, 9).unwrap().is_empty());
}

#[test]
fn the_time_of_an_import_is_that_of_its_commit() {
    let t = TestStore::new();
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    tx.upsert(&item("A", "1")).unwrap();
    // A reader who asks now and remembers this time must be told of A next time.
    t.clock.store(5_000, std::sync::atomic::Ordering::SeqCst);
    tx.commit(&record(), &mut std::iter::empty()).unwrap();
    let at = t.db.changes(&catalog(), 0, 9).unwrap()[0].at;
    assert_eq!(at, second(5_000));
    let since = |seconds| t.skus(&ItemFilter { updated_since: Some(second(seconds)), ..ItemFilter::default() });
    assert_eq!([since(4_999), since(5_000), since(5_001)], ["A", "A", ""]);
}

#[test]
fn times_never_go_back_with_the_clock() {
    let t = TestStore::new();
    let put_at = |sku: &str, seconds| {
        t.clock.store(seconds, std::sync::atomic::Ordering::SeqCst);
        t.db.put_item(&catalog(), &item(sku, "1"), None).unwrap();
    };
    put_at("A", 5_000);
    put_at("B", 2_000);
    t.clock.store(1_000, std::sync::atomic::Ordering::SeqCst);
    t.import(ImportMode::Merge, &[item("C", "1")]);
    let times: Vec<_> = t.db.changes(&catalog(), 0, 9).unwrap().into_iter().map(|change| change.at).collect();
    assert_eq!(times, [second(5_000); 3]);
}

#[test]
fn updated_since_over_many_imports() {
    let t = TestStore::new();
    for n in 0..20_i64 {
        t.clock.store(1_000 + n * 100, std::sync::atomic::Ordering::SeqCst);
        let sku = format!("{n:02}");
        if n % 3 == 0 {
            t.db.put_item(&catalog(), &item(&sku, "1"), None).unwrap();
        } else {
            t.import(ImportMode::Merge, &[item(&sku, "1"), item("same", "1")]);
        }
    }
    for n in 0..20_i64 {
        let filter = ItemFilter { updated_since: Some(second(1_000 + n * 100)), ..ItemFilter::default() };
        let skus = t.db.items(&catalog(), &filter, None, 100).unwrap();
        let expected = (n..20).map(|n| format!("{n:02}")).chain((n <= 1).then(|| "same".to_owned()));
        assert!(skus.into_iter().map(|row| row.sku).eq(expected), "{n}");
    }
}
