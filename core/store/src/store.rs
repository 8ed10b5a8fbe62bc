//! The store as a whole: one control database, one database per tenant, under one data folder.
//!
//! Called by the server and the command line; cheap to clone. A tenant's database is opened at its first use and stays open.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;

use crate::control::{Control, NewTenant, TenantRow};
use crate::error::{StoreError, StoreErrorKind};
use crate::nonces::Nonces;
use crate::tenant::TenantDb;

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How databases are opened.
#[derive(Clone)]
pub struct StoreOptions {
    /// Connections that read at the same time, per database.
    pub readers_per_database: usize,
    /// How long a caller waits for a connection, and again for the file's lock, before it gets `Busy`.
    pub wait_max: Duration,
    /// Page cache of a writing connection. An import that changes more spills to the disk.
    pub writer_cache_bytes: u64,
    /// The most that one database file may take, in steps of 4096 bytes. More is `Full`.
    pub database_bytes_max: Option<u64>,
    /// The time of commits.
    pub clock: Clock,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers_per_database: 4,
            wait_max: Duration::from_secs(5),
            writer_cache_bytes: 16 * 1024 * 1024,
            database_bytes_max: None,
            clock: Arc::new(|| Timestamp(jiff::Timestamp::now())),
        }
    }
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions")
            .field("readers_per_database", &self.readers_per_database)
            .field("wait_max", &self.wait_max)
            .field("writer_cache_bytes", &self.writer_cache_bytes)
            .field("database_bytes_max", &self.database_bytes_max)
            .finish_non_exhaustive()
    }
}

/// The databases under one data folder.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

/// Where a tenant's database is once somebody has opened it; locked while it is being opened.
type Place = Arc<Mutex<Option<Arc<TenantDb>>>>;

struct Inner {
    data_dir: PathBuf,
    options: StoreOptions,
    control: Control,
    nonces: Mutex<Option<Arc<Nonces>>>,
    tenants: Mutex<HashMap<TenantId, Place>>,
}

impl Store {
    /// Opens the control database under `data_dir`, creating folder and file as needed.
    ///
    /// # Errors
    /// `Corrupt`, `TooNew`, `Busy`, `Full`, `Io`.
    pub fn open(data_dir: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let control = Control::open(data_dir, &options)?;
        let data_dir = data_dir.to_owned();
        Ok(Self(Arc::new(Inner { data_dir, options, control, nonces: Mutex::default(), tenants: Mutex::default() })))
    }

    /// Tenants and credentials.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.0.control
    }

    /// The nonces of password digests, opened at their first use: most servers never see one.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn nonces(&self) -> Result<Arc<Nonces>, StoreError> {
        let mut opened = self.0.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nonces) = opened.as_ref() {
            return Ok(Arc::clone(nonces));
        }
        let nonces = Arc::new(Nonces::open(&self.0.data_dir.join("nonces.db"), &self.0.options)?);
        *opened = Some(Arc::clone(&nonces));
        Ok(nonces)
    }

    /// The database of a tenant, opened and migrated at its first use.
    ///
    /// # Errors
    /// `NotFound` when the control database has no such tenant (no file is made then); else as for [`open`](Self::open).
    pub fn tenant(&self, tenant: &TenantId) -> Result<Arc<TenantDb>, StoreError> {
        let place = {
            let mut tenants = self.0.tenants.lock().unwrap_or_else(PoisonError::into_inner);
            if !tenants.contains_key(tenant) {
                // A name nobody created must neither make a file nor stay in the map.
                self.known(tenant)?;
            }
            Arc::clone(tenants.entry(tenant.clone()).or_default())
        };
        // Only callers of the same tenant wait for its migration.
        let mut opened = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(db) = opened.as_ref() {
            return Ok(Arc::clone(db));
        }
        let db = Arc::new(TenantDb::open(&self.database_of(tenant), tenant, &self.0.options)?);
        *opened = Some(Arc::clone(&db));
        Ok(db)
    }

    /// Copies a tenant, as of one moment, into a store that does not have it; the copy has a credential of its own, which
    /// nobody knows. Writers of the original go on meanwhile.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`; those of the storage.
    pub fn copy_tenant(&self, tenant: &TenantId, to: &Self) -> Result<(), StoreError> {
        let not_found = || StoreError::new(StoreErrorKind::NotFound, "copy a tenant", format!("tenant {tenant}"));
        let TenantRow { customer, profile_toml, .. } = self.control().tenant(tenant)?.ok_or_else(not_found)?;
        to.control().create_tenant(&NewTenant { tenant: tenant.clone(), customer, profile_toml })?;
        self.tenant(tenant)?.copy_into(&to.database_of(tenant))
    }

    fn database_of(&self, tenant: &TenantId) -> PathBuf {
        self.0.data_dir.join("tenants").join(tenant.as_str()).join("catalog.db")
    }

    fn known(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let found = self.control().tenant(tenant)?;
        found
            .map(|_| ())
            .ok_or_else(|| StoreError::new(StoreErrorKind::NotFound, "open a tenant", format!("tenant {tenant}")))
    }
}
