//! Counts of items by where each stands now, compared with the state before the transaction. Used by the changeset alone.

use plugpoint_sdk::desk::ImportCounts;

/// Where a sku stands, compared with the state before the transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not named by any record and as before, or neither there before nor now.
    Untouched,
    /// It was not there.
    Added,
    /// It was there with other content.
    Changed,
    /// It was there as it is, and a record names it.
    Unchanged,
    /// It was there and goes.
    Removed,
}

/// Every sku is counted where it stands, once; a step that moves it moves its count.
#[derive(Default)]
pub(super) struct Tally(ImportCounts);

impl Tally {
    pub(super) fn counts(&self) -> ImportCounts {
        self.0
    }

    pub(super) fn recount(&mut self, before: Standing, after: Standing) {
        if let Some(count) = self.count_of(before) {
            *count -= 1;
        }
        if let Some(count) = self.count_of(after) {
            *count += 1;
        }
    }

    fn count_of(&mut self, standing: Standing) -> Option<&mut u64> {
        match standing {
            Standing::Untouched => None,
            Standing::Added => Some(&mut self.0.added),
            Standing::Changed => Some(&mut self.0.changed),
            Standing::Unchanged => Some(&mut self.0.unchanged),
            Standing::Removed => Some(&mut self.0.removed),
        }
    }
}
