//! Several nodes on one database: one of them runs a tenant's imports, and one that was held up commits nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::model::{ImportId, ImportMode};
use plugpoint_store::{ImportProgress, Leased, Store, StoreErrorKind, TenantDb};

use crate::support::{TestStore, catalog, item, record, tenant};

const LONG_MS: u64 = 600_000;

/// Two nodes with the tenant open; none where the databases are files.
fn nodes() -> Option<(TestStore, Store, Arc<TenantDb>)> {
    let t = TestStore::new();
    t.db.is_shared().then(|| {
        let other = Store::open(t.folder.path(), t.options.clone()).unwrap();
        let db = other.tenant(&tenant("acme")).unwrap();
        (t, other, db)
    })
}

fn epoch_of(leased: &Leased) -> i64 {
    match leased {
        Leased::Ours { epoch, .. } => *epoch,
        Leased::Others => panic!("another node has it"),
    }
}

fn until_ours(db: &TenantDb) -> Leased {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match db.claim_imports(LONG_MS).unwrap() {
            Leased::Others if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            leased => return leased,
        }
    }
}

#[test]
fn a_file_is_shared_by_nobody() {
    let t = TestStore::new();
    if t.db.is_shared() {
        return;
    }
    assert_eq!(t.db.claim_imports(LONG_MS).unwrap_err().kind(), StoreErrorKind::Unfit);
    assert_eq!(t.db.hold_key(&catalog(), "k").err().unwrap().kind(), StoreErrorKind::Unfit);
    t.store.control().beat("here", 1).unwrap();
    assert_eq!((t.store.control().node(), t.store.control().nodes().unwrap()), (None, Vec::new()));
}

#[test]
fn one_node_at_a_time_has_a_tenants_imports() {
    let Some((t, _other, db)) = nodes() else { return };
    let first = epoch_of(&t.db.claim_imports(LONG_MS).unwrap());
    assert_eq!(db.claim_imports(LONG_MS).unwrap(), Leased::Others);
    assert!(t.db.renew_imports(first, LONG_MS).unwrap());
    t.db.let_go_of_imports(first).unwrap();
    let second = db.claim_imports(LONG_MS).unwrap();
    assert_eq!(second, Leased::Ours { epoch: first + 1, from: None }, "at once, and from nobody");
    assert!(!t.db.renew_imports(first, LONG_MS).unwrap());
    // What the former says now touches nothing.
    t.db.let_go_of_imports(first).unwrap();
    assert_eq!(t.db.claim_imports(LONG_MS).unwrap(), Leased::Others);
}

#[test]
fn a_node_that_was_held_up_commits_nothing() {
    let Some((t, _other, db)) = nodes() else { return };
    let lost = epoch_of(&t.db.claim_imports(1).unwrap());
    let mut held_up = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    held_up.upsert(&item("A", "1")).unwrap();
    let taken = until_ours(&db);
    assert_eq!(taken, Leased::Ours { epoch: lost + 1, from: t.store.control().node().map(str::to_owned) });
    // Its session was ended: the database is free before it does anything.
    let mut mine = db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    mine.upsert(&item("B", "1")).unwrap();
    mine.commit(&record(), &mut std::iter::empty()).unwrap();
    assert!(held_up.commit(&record(), &mut std::iter::empty()).is_err());
    assert_eq!(t.skus(&plugpoint_store::ItemFilter::default()), "B");
}

#[test]
fn an_import_that_begins_or_fails_after_the_lease_is_lost_leaves_nothing() {
    let Some((t, _other, db)) = nodes() else { return };
    let lost = epoch_of(&t.db.claim_imports(1).unwrap());
    assert_eq!(epoch_of(&until_ours(&db)), lost + 1);
    let late = t.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    let refused = late.commit(&record(), &mut std::iter::empty()).unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Busy);
    let refused = t.db.record_failed(&record(), &mut std::iter::empty()).unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Busy);
    db.record_failed(&record(), &mut std::iter::empty()).unwrap();
    assert_eq!(t.db.imports(&catalog(), None, 10).unwrap().len(), 1);
}

#[test]
fn nodes_are_heard_of_until_they_leave_or_are_forgotten() {
    let Some((t, other, _)) = nodes() else { return };
    t.store.control().beat("127.0.0.1:1", LONG_MS).unwrap();
    other.control().beat("127.0.0.1:2", LONG_MS).unwrap();
    let addresses = || t.store.control().nodes().unwrap().into_iter().map(|it| it.address).collect::<Vec<_>>();
    assert_eq!(addresses(), ["127.0.0.1:1", "127.0.0.1:2"]);
    other.control().leave().unwrap();
    assert_eq!(addresses(), ["127.0.0.1:1"]);
    // A millisecond is over before the second word of this.
    while addresses() != ["127.0.0.1:2"] {
        other.control().beat("127.0.0.1:2", 1).unwrap();
    }
    assert_eq!(t.store.control().shared_spool("one").unwrap(), "one");
    assert_eq!(other.control().shared_spool("two").unwrap(), "one");
    other.control().replace_shared_spool("two").unwrap();
    assert_eq!(t.store.control().shared_spool("three").unwrap(), "two");
}

#[test]
fn what_a_node_tells_of_an_import_others_read_and_cancel() {
    let Some((t, _other, db)) = nodes() else { return };
    let id = ImportId(uuid::Uuid::now_v7());
    assert_eq!(db.progress_of(id).unwrap(), None);
    let counts = ImportCounts { read: 3, accepted: 2, rejected: 1, ..ImportCounts::default() };
    let told =
        ImportProgress { started_at: Some(t.db.shared_time().unwrap()), counts, share: 0.5, is_cancelled: false };
    assert!(!t.db.tell_progress(id, &told).unwrap());
    assert_eq!(db.progress_of(id).unwrap(), Some(told.clone()));
    db.ask_to_cancel(id).unwrap();
    assert!(t.db.tell_progress(id, &told).unwrap(), "the one who runs it hears of it");
    assert_eq!(db.progress_of(id).unwrap(), Some(ImportProgress { is_cancelled: true, ..told }));
}

#[test]
fn a_key_is_held_by_one_and_keeps_no_import_from_its_commit() {
    let Some((t, _other, db)) = nodes() else { return };
    let held = t.db.hold_key(&catalog(), "k").unwrap();
    assert_eq!(db.hold_key(&catalog(), "k").err().unwrap().kind(), StoreErrorKind::Busy);
    drop(db.hold_key(&catalog(), "l").unwrap());
    t.import(ImportMode::Merge, &[item("A", "1")]);
    drop(held);
    drop(db.hold_key(&catalog(), "k").unwrap());
}
