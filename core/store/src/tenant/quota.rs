//! How many items a tenant may have, over all its catalogs. Held in the transaction that would exceed it, so that two writers
//! cannot exceed it together.
//!
//! The bound comes from the tenant's profile, by whoever serves it. What would only be less than before is always allowed.

use std::sync::atomic::Ordering;

use plugpoint_sdk::desk::ImportCounts;

use super::TenantDb;
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::Connection;

/// An import may be over the bound on its way, because a record further on may remove items: by a tenth, within these numbers.
const OVER: (u64, u64) = (1_000, 10_000);

impl TenantDb {
    /// From now on no writer of this process leaves more items than that.
    pub fn set_items_max(&self, items_max: u64) {
        self.items_max.store(items_max, Ordering::Relaxed);
    }

    pub(super) fn items_max(&self) -> u64 {
        self.items_max.load(Ordering::Relaxed)
    }
}

/// All items that are committed.
pub(super) fn total(tx: &Connection) -> Result<u64, StoreError> {
    const SELECT: &str = "SELECT CAST(coalesce(sum(item_count), 0) AS BIGINT) FROM catalogs";
    let count: i64 = tx.query_one(SELECT, &[], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Holds a transaction that is about to be committed to the bound.
///
/// # Errors
/// `OverQuota`.
pub(super) fn hold(total_before: u64, counts: ImportCounts, items_max: u64) -> Result<(), StoreError> {
    let total = total_before + counts.added - counts.removed.min(total_before + counts.added);
    if total > items_max && total > total_before { Err(over(total, items_max)) } else { Ok(()) }
}

/// Ends an import early that is so far beyond the bound that nothing can be expected to bring it back. In mode `replace` only what
/// was named so far stays of the catalog, which has `catalog_before` items.
///
/// # Errors
/// `OverQuota`.
pub(super) fn hold_early(
    total_before: u64,
    catalog_before: Option<u64>,
    counts: ImportCounts,
    items_max: u64,
) -> Result<(), StoreError> {
    let others = total_before - catalog_before.unwrap_or(0).min(total_before);
    let named = match catalog_before {
        Some(_) => counts.added + counts.changed + counts.unchanged,
        None => counts.added.saturating_sub(counts.removed),
    };
    let total = others + named;
    let bound = items_max.saturating_add((items_max / 10).clamp(OVER.0, OVER.1));
    if total > bound && total > total_before { Err(over(total, items_max)) } else { Ok(()) }
}

fn over(total: u64, items_max: u64) -> StoreError {
    let cause = format!("the tenant would have {total} items, its profile allows {items_max}");
    StoreError::of(StoreErrorKind::OverQuota, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(added: u64, changed: u64, removed: u64) -> ImportCounts {
        ImportCounts { added, changed, removed, ..ImportCounts::default() }
    }

    #[test]
    fn a_transaction_may_reach_the_bound_and_not_pass_it_and_may_always_leave_less() {
        for (before, added, removed, items_max, fits) in [
            (0, 10, 0, 10, true),
            (0, 11, 0, 10, false),
            (9, 1, 0, 10, true),
            (9, 2, 0, 10, false),
            (9, 2, 1, 10, true),
            (20, 0, 0, 10, true),
            (20, 0, 1, 10, true),
            (20, 1, 1, 10, true),
            (20, 2, 1, 10, false),
            (0, 0, 0, 0, true),
        ] {
            let held = hold(before, counts(added, 0, removed), items_max);
            assert_eq!(held.is_ok(), fits, "{before} +{added} -{removed} of {items_max}");
        }
    }

    #[test]
    fn an_import_is_ended_early_only_when_it_is_far_beyond() {
        for (before, catalog, added, changed, items_max, goes_on) in [
            (0, None, 1_100, 0, 100, true),
            (0, None, 1_101, 0, 100, false),
            (100, None, 1_000, 5_000, 100, true),
            (100, None, 1_001, 5_000, 100, false),
            // Mode replace: what no record names goes.
            (100, Some(100), 1_100, 0, 100, true),
            (100, Some(100), 1_101, 0, 100, false),
            (100, Some(60), 1_060, 0, 100, true),
            (100, Some(60), 1_061, 0, 100, false),
            // What is there already is never too much.
            (5_000, Some(5_000), 0, 5_000, 100, true),
            (0, None, 55_000, 0, 50_000, true),
            (0, None, 55_001, 0, 50_000, false),
            (0, None, 1_010_000, 0, 1_000_000, true),
            (0, None, 1_010_001, 0, 1_000_000, false),
        ] {
            let held = hold_early(before, catalog, counts(added, changed, 0), items_max);
            assert_eq!(held.is_ok(), goes_on, "{before} {catalog:?} +{added} ~{changed} of {items_max}");
        }
    }
}
