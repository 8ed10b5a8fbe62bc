//! Tells the operator's log when an import takes away much of the catalog: their export has sent half a catalog before.

use plugpoint_sdk::points::import_listener::{ImportCommitted, ImportListener};

/// The share of items, in percent, whose removal is worth a word.
const REMOVED_PERCENT_MAX: u64 = 20;
/// Below so many removed items nobody needs to be told.
const REMOVED_MIN: u64 = 50;

/// Speaks up when more than a fifth of a catalog goes in one import. The import stands; it can be replayed.
pub struct RemovalWatch;

impl ImportListener for RemovalWatch {
    fn committed(&self, event: &ImportCommitted) -> Result<(), String> {
        let counts = event.counts;
        // What was there before: all that stayed, in whatever state, and all that went.
        let before = counts.changed + counts.unchanged + counts.removed;
        if counts.removed < REMOVED_MIN || counts.removed * 100 <= before * REMOVED_PERCENT_MAX {
            return Ok(());
        }
        Err(format!("the import removed {} of {before} items of catalog {}", counts.removed, event.catalog))
    }
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::desk::ImportCounts;
    use plugpoint_sdk::model::ImportId;
    use plugpoint_sdk::points::import_listener::{ImportCommitted, ImportListener};

    use super::RemovalWatch;

    fn word(removed: u64, unchanged: u64) -> Result<(), String> {
        let counts = ImportCounts { removed, unchanged, ..ImportCounts::default() };
        let import: ImportId = "0198c0de-0000-7000-8000-000000000000".parse().unwrap();
        RemovalWatch.committed(&ImportCommitted {
            tenant: "voltwerk".parse().unwrap(),
            catalog: "main".parse().unwrap(),
            import,
            counts,
        })
    }

    #[test]
    fn only_large_removals_are_worth_a_word() {
        assert_eq!(word(0, 1000), Ok(()));
        assert_eq!(word(49, 1), Ok(()));
        assert_eq!(word(200, 800), Ok(()));
        assert_eq!(word(201, 799), Err("the import removed 201 of 1000 items of catalog main".to_owned()));
    }
}
