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
mod tally;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use plugpoint_sdk::model::TenantId;

use crate::database::Database;
use crate::error::StoreError;
use crate::migrate::Schema;
use crate::store::{Clock, StoreOptions};

pub use changes::{Change, ChangeKind};
pub use changeset::{Patched, Upserted};
pub use edit::{DeleteOutcome, PutOutcome};
pub use import::ImportTx;
pub use imports::{ImportFailure, ImportRecord};
pub use items::{CatalogRow, ItemFilter, ItemRow};
pub use prepared::PreparedItem;

static SCHEMA: Schema = Schema {
    application_id: 0x504c_5054, // "PLPT"
    steps: &[include_str!("../../migrations/tenant/0001_catalogs.sql")],
    writer_setup: changeset::TEMPORARY_TABLE,
};

/// One tenant's database.
pub struct TenantDb {
    db: Database,
    clock: Clock,
    generation: AtomicU64,
}

impl TenantDb {
    pub(crate) fn open(path: &Path, tenant: &TenantId, options: &StoreOptions) -> Result<Self, StoreError> {
        let db = Database::open(path, &SCHEMA, format!("tenant {tenant}"), options)?;
        Ok(Self { db, clock: options.clock.clone(), generation: AtomicU64::new(1) })
    }

    /// A number that is another one after each commit of this process. Read it *before* reading what is to be cached under
    /// it. Commits of other processes do not move it.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Called once a commit is visible to readers.
    fn moved(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}
