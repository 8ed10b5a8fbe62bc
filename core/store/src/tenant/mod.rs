//! One tenant's database: its catalogs, items, feed of changes, imports and findings.
//!
//! Reads see the last commit and never wait for a writer. Writers go one at a time; who waits too long gets `Busy`.

mod added;
mod bitmap;
mod bulk;
mod categories;
mod changes;
mod changeset;
mod copy;
mod edit;
mod import;
mod imports;
mod items;
mod lease;
mod page_query;
mod prepared;
mod quota;
mod recall;
mod seal;
mod skus;
mod snapshot;
mod tally;
mod texts;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plugpoint_sdk::model::TenantId;

use crate::database::{Database, Place};
use crate::door::Door;
use crate::error::{StoreError, StoreErrorKind};
use crate::migrate::{Schema, Setup, Step};
use crate::store::{Clock, StoreOptions};
use crate::updates;
use crate::watch::Watch;

pub(crate) use copy::{CopiedTable, copy_rows};

pub use changes::{Change, ChangeKind};
pub use changeset::{Patched, Upserted};
pub use edit::{DeleteOutcome, PutOutcome};
pub use import::ImportTx;
pub use imports::{FindingFilter, ImportFailure, ImportRecord};
pub use items::{CatalogRow, ItemFilter, ItemRow};
pub use lease::{ImportProgress, KeyHeld, Leased};
pub use prepared::PreparedItem;
pub use recall::{Recall, RowId};
pub use snapshot::{CatalogSnapshot, SnapshotItem};

/// What a transaction needs while it runs: old fingerprints of rows that it has changed, and skus that wait. They spill to temporary files,
/// not to memory.
const TEMPORARY_TABLES: Setup = Setup {
    sqlite: "CREATE TEMP TABLE before_image (
            item INTEGER PRIMARY KEY, hash BLOB NOT NULL, seq INTEGER NOT NULL, updated_at INTEGER, source_import INTEGER,
            source_line INTEGER) STRICT;
        CREATE TEMP TABLE sku_runs (
            run INTEGER NOT NULL, sku TEXT NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (run, sku)) STRICT, WITHOUT ROWID",
    postgres: "CREATE TEMP TABLE IF NOT EXISTS before_image (
            item BIGINT PRIMARY KEY, hash BYTEA NOT NULL, seq BIGINT NOT NULL, updated_at BIGINT, source_import BIGINT,
            source_line BIGINT);
        CREATE TEMP TABLE IF NOT EXISTS staged (
            row_id BIGINT PRIMARY KEY, seq BIGINT NOT NULL, updated_at BIGINT, source_import BIGINT, source_line BIGINT,
            hash BYTEA NOT NULL, brand TEXT, categories TEXT NOT NULL, titles TEXT NOT NULL, body TEXT NOT NULL);
        CREATE TEMP TABLE IF NOT EXISTS staged_links (category BIGINT NOT NULL, sku TEXT COLLATE \"C\" NOT NULL)",
};

pub(crate) static SCHEMA: Schema = Schema {
    application_id: 0x504c_5054, // "PLPT"
    steps: &[
        Step::new(
            "0001_catalogs",
            include_str!("../../migrations/tenant/0001_catalogs.sql"),
            include_str!("../../migrations/postgres/tenant.sql"),
        ),
        Step::new("0002_unmapped", include_str!("../../migrations/tenant/0002_unmapped.sql"), ""),
        Step::new("0003_brands", include_str!("../../migrations/tenant/0003_brands.sql"), ""),
        Step::new("0004_recalls", include_str!("../../migrations/tenant/0004_recalls.sql"), ""),
        Step::new("0005_skus", include_str!("../../migrations/tenant/0005_skus.sql"), ""),
        // Files have one server process.
        Step::new("0006_lease", "", include_str!("../../migrations/postgres/tenant_lease.sql")),
        Step::new(
            "0007_steps_done",
            include_str!("../../migrations/tenant/0007_steps_done.sql"),
            include_str!("../../migrations/postgres/tenant_steps_done.sql"),
        ),
    ],
    serves_from: 6,
    records_from: Some(7),
    writer_setup: TEMPORARY_TABLES,
};

/// One tenant's database.
pub struct TenantDb {
    db: Database,
    clock: Clock,
    generation: AtomicU64,
    watch: Watch,
    /// Said to whoever wants the tenant for himself: this process has it open. None once it has let go.
    door: Mutex<Option<Arc<Door>>>,
    /// Items that the tenant may have.
    items_max: AtomicU64,
    /// The number of the lease under which this process last ran imports; none if it never had one.
    epoch: Mutex<Option<i64>>,
}

impl TenantDb {
    pub(crate) fn open(place: &Place, tenant: &TenantId, options: &StoreOptions) -> Result<Self, StoreError> {
        let db = Database::open(place, &SCHEMA, format!("tenant {tenant}"), options)?;
        let watch = db.watch();
        let (clock, door) = (options.clock.clone(), Mutex::default());
        let (generation, items_max, epoch) = (AtomicU64::new(1), AtomicU64::new(u64::MAX), Mutex::default());
        Ok(Self { db, clock, generation, watch, door, items_max, epoch })
    }

    /// The same, with a share of the tenant's folder as long as it is open.
    pub(crate) fn open_behind(
        door: Door,
        place: &Place,
        tenant: &TenantId,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        Ok(Self { door: Mutex::new(Some(Arc::new(door))), ..Self::open(place, tenant, options)? })
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
        let _door = self.door()?;
        let has_moved = self.watch.look().map_err(|error| error.during("look for commits", self.db.subject()))?;
        if has_moved {
            self.moved();
        }
        Ok(())
    }

    /// Closes the database for good, because another process wants the tenant for itself. True once nothing of it is open; whoever is
    /// at it ends first, so it has to be called again until then.
    pub fn close(&self) -> bool {
        let is_closed = self.db.close();
        self.watch.close();
        if is_closed {
            *self.door.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        is_closed
    }

    /// What keeps others from the tenant as long as it is held.
    fn door(&self) -> Result<Arc<Door>, StoreError> {
        let door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = || StoreError::of(StoreErrorKind::Busy, "the database is closed");
        door.clone().filter(|door| door.is_open()).ok_or_else(|| closed().during("use a database", self.db.subject()))
    }

    /// Writes the state of one moment into a new place. Gives how many rows were read again there; a file that is copied as a file is not.
    pub(crate) fn copy_into(
        &self,
        place: &Place,
        tenant: &TenantId,
        options: &StoreOptions,
    ) -> Result<u64, StoreError> {
        if self.db.copy_file(place)? {
            return Ok(0);
        }
        let other = Self::open(place, tenant, options)?;
        let from = self.db.own_reader()?;
        from.begin_read()?;
        other.db.write("copy a tenant", |to| {
            let tables = copy::copy(&from, to)?;
            let own = updates::copy(&from, to, &options.updates)?;
            Ok(tables.iter().map(|table| table.rows).chain(own.iter().map(|table| table.rows)).sum())
        })
    }

    pub(crate) fn database(&self) -> &Database {
        &self.db
    }

    fn epoch(&self) -> Option<i64> {
        *self.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_epoch(&self, epoch: i64) {
        *self.epoch.lock().unwrap_or_else(PoisonError::into_inner) = Some(epoch);
    }

    /// Called once a commit is visible to readers.
    fn moved(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}
