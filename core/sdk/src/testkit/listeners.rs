//! Counts of imports that nobody thought of, for the promises of import listeners.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::promises::{runner, told};
use crate::desk::ImportCounts;
use crate::guard::contain;
use crate::points::import_listener::{ImportCommitted, ImportListener};

const TRIES: u32 = 128;

/// The violation, if the listener panics on some counts. None, few and very many are likely.
pub(crate) fn listener_bears_any_counts(listener: &dyn ImportListener, event: &ImportCommitted) -> Option<String> {
    let count = || prop_oneof![Just(0), 1_u64..200, Just(1 << 40)];
    let counts = (count(), count(), count(), count(), count(), count(), count());
    let counts = counts.prop_map(|(read, accepted, rejected, added, changed, unchanged, removed)| ImportCounts {
        read,
        accepted,
        rejected,
        added,
        changed,
        unchanged,
        removed,
    });
    let result = runner(TRIES).run(&counts, |counts| {
        match contain(|| listener.committed(&ImportCommitted { counts, ..event.clone() })) {
            Err(panicked) => Err(TestCaseError::fail(format!("told of any counts, it {panicked}"))),
            Ok(_) => Ok(()),
        }
    });
    told(result, |counts| format!("; the counts were {counts:?}"))
}
