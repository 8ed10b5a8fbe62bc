//! One tenant's database: its catalogs, items, feed of changes, imports and findings.
//!
//! Reads see the last commit and never wait for a writer. Writers go one at a time; who waits too long gets `Busy`.

mod bitmap;
mod categories;
mod changes;
mod changeset;
mod edit;
mod import;
mod imports;
mod items;
mod page_query;
mod prepared;
mod recall;
mod snapshot;
mod tally;
mod watch;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use plugpoint_sdk::model::TenantId;

use crate::database::Database;
use crate::error::StoreError;
use crate::migrate::Schema;
use crate::store::{Clock, StoreOptions};

use watch::Watch;

pub use changes::{Change, ChangeKind};
pub use changeset::{Patched, Upserted};
pub use edit::{DeleteOutcome, PutOutcome};
pub use import::ImportTx;
pub use imports::{FindingFilter, ImportFailure, ImportRecord};
pub use items::{CatalogRow, ItemFilter, ItemRow};
pub use prepared::PreparedItem;
pub use recall::{Fingerprint, Recall, RowId};
pub use snapshot::{CatalogSnapshot, SnapshotItem};

static SCHEMA: Schema = Schema {
    application_id: 0x504c_5054, // "PLPT"
    steps: &[
        include_str!("../../migrations/tenant/0001_catalogs.sql"),
        include_str!("../../migrations/tenant/0002_unmapped.sql"),
        include_str!("../../migrations/tenant/0003_brands.sql"),
        include_str!("../../migrations/tenant/0004_recalls.sql"),
    ],
    writer_setup: changeset::TEMPORARY_TABLE,
};

/// One tenant's database.
pub struct TenantDb {
    db: Database,
    clock: Clock,
    generation: AtomicU64,
    watch: Watch,
}

impl TenantDb {
    pub(crate) fn open(path: &Path, tenant: &TenantId, options: &StoreOptions) -> Result<Self, StoreError> {
        let db = Database::open(path, &SCHEMA, format!("tenant {tenant}"), options)?;
        let watch = Watch::new(path, options.wait_max);
        Ok(Self { db, clock: options.clock.clone(), generation: AtomicU64::new(1), watch })
    }

    /// A number that is another one after each commit. Read it *before* reading what is to be cached under it. Commits of
    /// other processes move it as late as [`look`](Self::look) is called.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// How long ago somebody looked for commits of other processes.
    #[must_use]
    pub fn unlooked_for(&self) -> Duration {
        self.watch.unlooked_for()
    }

    /// Looks for commits of other processes. Blocks for microseconds.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn look(&self) -> Result<(), StoreError> {
        let has_moved = self.watch.look().map_err(|error| error.during("look for commits", self.db.subject()))?;
        if has_moved {
            self.moved();
        }
        Ok(())
    }

    /// Writes the state of one moment into a new file.
    pub(crate) fn copy_into(&self, path: &Path) -> Result<(), StoreError> {
        self.db.copy_into(path)
    }

    /// Called once a commit is visible to readers.
    fn moved(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}
