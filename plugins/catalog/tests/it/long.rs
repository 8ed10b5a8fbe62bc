//! Imports that take long, beside short ones of other tenants.

use std::time::Duration;

use plugpoint_sdk::desk::{ImportDesk, ImportStatus};
use plugpoint_sdk::model::ImportMode;
use tempfile::TempDir;

use crate::imports::{Spine, items, receipt, tenant};

/// Two tenants' imports of some four seconds each, then one of a third tenant, on a server with one worker: whether the last ended first.
fn is_first(long_max: usize) -> bool {
    let spine = Spine::configured(TempDir::new().unwrap(), true, |config| {
        config.hooks.budget_percent = 10_000;
        // A rule that takes a tenth of a second is no hook that waits.
        config.hooks.slow_after_ms = 60_000;
        (config.imports.workers, config.imports.long_max) = (1, long_max);
    });
    let slow: Vec<String> = (0..40).map(|number| format!("SLOW-{number}")).collect();
    let slow = items(&slow.iter().map(String::as_str).collect::<Vec<_>>());
    let send = |name: &str, document: &str| spine.send(receipt(name, Some(ImportMode::Merge)), document).unwrap();
    let long = ["acme", "sleepy"].map(|name| (tenant(name), send(name, &slow)));
    let short = send("quick", &items(&["A"]));
    while spine.desk.import(&tenant("quick"), short, Duration::ZERO).unwrap().status != ImportStatus::Succeeded {
        std::thread::sleep(Duration::from_millis(5));
    }
    long.iter().all(|(tenant, id)| spine.desk.import(tenant, *id, Duration::ZERO).unwrap().finished_at.is_none())
}

#[test]
fn a_short_import_does_not_wait_for_long_ones() {
    assert!(is_first(2));
    assert!(!is_first(1), "more long ones than places");
    assert!(!is_first(0));
}
