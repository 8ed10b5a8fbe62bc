//! All or nothing, who sees what when, and who waits for whom.

use std::time::{Duration, Instant};

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_store::{ItemFilter, StoreErrorKind, Upserted};

use crate::support::{TestStore, catalog, create_tenant, findings, item, of_items, record, tenant};

#[test]
fn a_dropped_import_leaves_nothing() {
    let t = TestStore::new();
    t.import(ImportMode::Merge, &[item("A", "1"), item("B", "1")]);
    let (generation, catalog_before) = (t.db.generation(), t.db.catalog(&catalog()).unwrap());
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    tx.upsert(&item("A", "2")).unwrap();
    tx.upsert(&item("N", "1")).unwrap();
    tx.delete("B").unwrap();
    drop(tx);
    assert_eq!(t.skus(&ItemFilter::default()), "A B");
    assert_eq!(t.body("A").unwrap(), item("A", "1").body);
    assert_eq!((t.db.generation(), t.db.catalog(&catalog()).unwrap()), (generation, catalog_before));
    // The next import begins afresh.
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    assert_eq!(tx.upsert(&item("A", "2")).unwrap(), Upserted::Changed);
    assert_eq!(of_items(tx.commit(&record(), &mut std::iter::empty()).unwrap()), [0, 1, 0, 0]);
    assert_eq!(t.feed(2), "~A");
}

#[test]
fn a_panic_in_the_importer_leaves_nothing() {
    let t = TestStore::new();
    let caught = std::thread::scope(|scope| {
        let importer = scope.spawn(|| {
            let mut tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
            tx.upsert(&item("A", "1")).unwrap();
            std::panic::resume_unwind(Box::new("a hook's panic"));
        });
        importer.join().is_err()
    });
    assert!(caught);
    assert!(t.db.catalog(&catalog()).unwrap().is_none());
    t.import(ImportMode::Merge, &[item("A", "1")]);
}

#[test]
fn readers_see_the_old_state_until_the_commit() {
    let t = TestStore::with(|options| options.writer_cache_bytes = 64 * 1024);
    t.import(ImportMode::Merge, &[item("00000", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    for n in 1..=3_000 {
        tx.upsert(&item(&format!("{n:05}"), "2")).unwrap();
        if n % 500 == 0 {
            // Also when the page cache has long spilled.
            let seen = std::thread::scope(|scope| scope.spawn(|| t.skus(&ItemFilter::default())).join().unwrap());
            assert_eq!((seen, t.feed(0)), ("00000".to_owned(), "+00000".to_owned()));
        }
    }
    tx.commit(&record(), &mut findings(2)).unwrap();
    assert_eq!(t.db.catalog(&catalog()).unwrap().unwrap().item_count, 3_000);
    assert_eq!(t.feed(3_000), "+03000 -00000");
}

#[test]
fn no_reader_ever_sees_a_part_of_an_import() {
    let t = TestStore::new();
    let items = |title: &str| (0..50).map(|n| item(&format!("{n:02}"), title)).collect::<Vec<_>>();
    t.import(ImportMode::Replace, &items("0"));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut states = std::collections::BTreeSet::new();
            let deadline = Instant::now() + Duration::from_secs(20);
            while states.len() < 4 && Instant::now() < deadline {
                let rows = t.db.items(&catalog(), &ItemFilter::default(), None, 100).unwrap();
                let titles: std::collections::BTreeSet<_> =
                    rows.iter().map(|row| row.stored.body.split("title").nth(1).unwrap().to_owned()).collect();
                assert_eq!((rows.len(), titles.len()), (50, 1));
                states.extend(titles);
            }
        });
        let mut round = 1;
        while !reader.is_finished() {
            t.import(ImportMode::Replace, &items(&round.to_string()));
            round += 1;
        }
        reader.join().unwrap();
    });
}

#[test]
fn a_second_writer_waits_and_then_is_told_busy() {
    let t = TestStore::new();
    let tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    let started = Instant::now();
    let error = t.db.put_item(&catalog(), &item("A", "1"), None).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Busy);
    assert!(started.elapsed() >= Duration::from_millis(100));
    let api = ApiError::from(error);
    assert_eq!((api.code.name, api.retry_after_s.is_some()), ("storage_busy", true));
    assert_eq!(t.db.begin_import(&catalog(), ImportMode::Merge).err().unwrap().kind(), StoreErrorKind::Busy);
    assert_eq!(t.db.record_failed(&record(), &mut std::iter::empty()).unwrap_err().kind(), StoreErrorKind::Busy);
    // A server does that by itself, whoever writes.
    assert_eq!(t.db.checkpoint().unwrap(), t.options.postgres.is_some());
    drop(tx);
    t.db.put_item(&catalog(), &item("A", "1"), None).unwrap();
}

#[test]
fn a_waiting_writer_gets_its_turn() {
    let t = TestStore::with(|options| options.wait_max = Duration::from_secs(20));
    std::thread::scope(|scope| {
        let tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
        let writers: Vec<_> = (0..4)
            .map(|n| {
                let t = &t;
                scope.spawn(move || t.db.put_item(&catalog(), &item(&n.to_string(), "1"), None).unwrap())
            })
            .collect();
        tx.commit(&record(), &mut std::iter::empty()).unwrap();
        for writer in writers {
            writer.join().unwrap();
        }
    });
    assert_eq!(t.skus(&ItemFilter::default()), "0 1 2 3");
}

#[test]
fn more_readers_than_connections() {
    let t = TestStore::with(|options| {
        options.readers_per_database = 2;
        options.wait_max = Duration::from_secs(20);
    });
    t.import(ImportMode::Merge, &[item("A", "1")]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    assert!(t.body("A").is_some());
                }
            });
        }
    });
}

#[test]
fn one_tenants_import_holds_up_nobody_else() {
    let t = TestStore::new();
    create_tenant(&t.store, "rival");
    let rival = t.store.tenant(&tenant("rival")).unwrap();
    let _tx = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    rival.put_item(&catalog(), &item("A", "1"), None).unwrap();
}
