//! Imports that are cancelled: nothing of them is left, whatever they were at.

use std::time::Duration;

use plugpoint_sdk::desk::{ImportDesk, ImportStatus};
use plugpoint_sdk::model::ImportMode;

use crate::imports::{Spine, items, receipt, tenant};

#[test]
fn a_cancelled_import_ends_without_a_change_whether_it_waits_or_runs() {
    let spine = Spine::new();
    spine.import(ImportMode::Merge, &items(&["A"]));
    let slow: Vec<String> = (0..1000).map(|number| format!("SLOW-{number}")).collect();
    let slow = items(&slow.iter().map(String::as_str).collect::<Vec<_>>());
    let merge = || receipt("acme", Some(ImportMode::Merge));
    let runs = spine.send(merge(), &slow).unwrap();
    let waits = spine.send(merge(), &items(&["B"])).unwrap();
    let acme = tenant("acme");
    let state = |id| spine.desk.import(&acme, id, Duration::ZERO).unwrap();
    while state(runs).counts.read == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(state(runs).records_per_second.is_some());
    assert_eq!(spine.desk.cancel(&tenant("sleepy"), runs).unwrap_err().code.name, "not_found");
    for id in [waits, runs, waits] {
        let view = spine.desk.cancel(&acme, id).unwrap();
        assert_eq!((view.status, view.error.unwrap().0.as_str()), (ImportStatus::Failed, "import_cancelled"));
    }
    assert_eq!(spine.skus(), ["A"]);
    let done = spine.import(ImportMode::Merge, &items(&["C"]));
    assert_eq!(spine.desk.cancel(&acme, done.id).unwrap().status, ImportStatus::Succeeded, "what has ended stays");
    assert_eq!(spine.skus(), ["A", "C"]);
}
