//! A process killed in the middle of an import: the old state, an intact file, and the next import works.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use plugpoint_sdk::model::ImportMode;
use plugpoint_store::{Store, StoreOptions};
use rusqlite::Connection;

use crate::support::{TestStore, catalog, findings, item, of_items, record, tenant};

const FOLDER: &str = "PLUGPOINT_STORE_CRASH_FOLDER";
const STEP: &str = "PLUGPOINT_STORE_CRASH_STEP";
const ITEMS: usize = 2_000;

/// Not a test of its own: what the killed process runs. It says where it is and goes on until it is killed.
#[test]
fn child() {
    let (Ok(folder), Ok(step)) = (std::env::var(FOLDER), std::env::var(STEP)) else { return };
    // So small that most pages are in the WAL file before the commit.
    let options = StoreOptions { writer_cache_bytes: 64 * 1024, ..StoreOptions::default() };
    let db = Store::open(folder.as_ref(), options).unwrap().tenant(&tenant("acme")).unwrap();
    let mut tx = db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    for n in 0..ITEMS {
        tx.upsert(&item(&format!("{n:05}"), "new")).unwrap();
        if step == "items" && n == ITEMS / 2 {
            die();
        }
    }
    let mut slow_findings = findings(100).inspect(|finding| {
        if step == "findings" && finding.message == "finding 50" {
            die();
        }
    });
    tx.commit(&record(), &mut slow_findings).unwrap();
    if step == "committed" {
        die();
    }
}

#[expect(clippy::print_stdout, reason = "the parent process reads it")]
fn die() {
    println!("\nready to die");
    std::thread::sleep(std::time::Duration::from_secs(60));
}

fn kill_at(t: &TestStore, step: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--nocapture"])
        .envs([(FOLDER, t.folder.path().as_os_str()), (STEP, step.as_ref())])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "ready to die"), "{step}");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The store as the next process finds it.
fn survivor(t: &TestStore) -> Store {
    Store::open(t.folder.path(), StoreOptions::default()).unwrap()
}

fn integrity(t: &TestStore) -> String {
    let file = Connection::open(t.folder.path().join("tenants/acme/catalog.db")).unwrap();
    file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

#[test]
fn killed_before_the_commit_nothing_has_happened() {
    for step in ["items", "findings"] {
        let t = TestStore::new();
        t.import(ImportMode::Replace, &[item("00001", "old"), item("old", "old")]);
        kill_at(&t, step);
        let db = survivor(&t).tenant(&tenant("acme")).unwrap();
        assert_eq!(db.catalog(&catalog()).unwrap().unwrap().item_count, 2, "{step}");
        assert_eq!(t.body("00001").unwrap(), item("00001", "old").body);
        assert_eq!(t.feed(0), "+00001 +old");
        assert_eq!(db.imports(&catalog(), None, 10).unwrap().len(), 1);
        assert_eq!(integrity(&t), "ok");
        let mut tx = db.begin_import(&catalog(), ImportMode::Replace).unwrap();
        tx.upsert(&item("00001", "new")).unwrap();
        assert_eq!(of_items(tx.commit(&record(), &mut findings(1)).unwrap()), [0, 1, 0, 1]);
    }
}

#[test]
fn killed_after_the_commit_all_has_happened() {
    let t = TestStore::new();
    t.import(ImportMode::Replace, &[item("00001", "old"), item("old", "old")]);
    kill_at(&t, "committed");
    let db = survivor(&t).tenant(&tenant("acme")).unwrap();
    assert_eq!(db.catalog(&catalog()).unwrap().unwrap().item_count, ITEMS as u64);
    let kept = db.imports(&catalog(), None, 10).unwrap().remove(0);
    assert_eq!((of_items(kept.counts), kept.findings_count), ([ITEMS as u64 - 1, 1, 0, 1], 100));
    assert_eq!(db.findings(kept.id, 0, 1_000).unwrap().len(), 100);
    assert_eq!(integrity(&t), "ok");
}
