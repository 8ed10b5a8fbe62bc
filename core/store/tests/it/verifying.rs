//! Verifying secrets costs memory on purpose, and keeps no more of it the more threads do it.

use std::sync::{Barrier, Mutex};

use plugpoint_store::{CredentialRow, verify_secret};

use crate::support::TestStore;

const THREADS: usize = 8;

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn threads_that_have_verified_a_secret_leave_no_memory_behind() {
    let t = TestStore::new();
    let new = t.store.control().rotate_key(&"acme".parse().unwrap()).unwrap();
    let row: CredentialRow = t.store.control().credential(&new.key_id).unwrap().unwrap();
    assert!(verify_secret(&row.secret_hash, &new.secret));
    let before = resident_kib();
    // One after the other, but none ends before the last has begun: each thread has a heap of its own.
    let (turn, all) = (Mutex::new(()), Barrier::new(THREADS));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let taken = turn.lock().unwrap();
                assert!(verify_secret(&row.secret_hash, &new.secret));
                drop(taken);
                all.wait();
            });
        }
    });
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 40 * 1024, "{grown} KiB more than before");
}
