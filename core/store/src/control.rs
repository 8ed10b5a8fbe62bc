//! The control database: which tenants there are and who may act for them. Called by the server's authentication and by the
//! `tenant` commands, which may run in another process while the server runs.

use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;

use crate::credentials::{self, Credential, CredentialRow};
use crate::database::{Database, Place};
use crate::error::{StoreError, StoreErrorKind};
use crate::life::{TenantState, read_state};
use crate::migrate::{Schema, Setup, Step};
use crate::sealing::Sealer;
use crate::sql::{Connection, Row, values};
use crate::store::{Clock, StoreOptions};
use crate::time::{from_micros, to_micros};
use crate::watch::Watch;

static SCHEMA: Schema = Schema {
    application_id: 0x504c_5043, // "PLPC"
    steps: &[
        Step::new(
            "0001_tenants",
            include_str!("../migrations/control/0001_tenants.sql"),
            include_str!("../migrations/postgres/control.sql"),
        ),
        Step::new("0002_candidates", include_str!("../migrations/control/0002_candidates.sql"), ""),
        Step::new("0003_sealed_secrets", include_str!("../migrations/control/0003_sealed_secrets.sql"), ""),
        Step::new(
            "0005_tenant_life",
            include_str!("../migrations/control/0005_tenant_life.sql"),
            include_str!("../migrations/postgres/control_tenant_life.sql"),
        ),
        Step::new(
            "0007_places",
            include_str!("../migrations/control/0007_places.sql"),
            include_str!("../migrations/postgres/control_places.sql"),
        ),
        // Files have one server process.
        Step::new("0008_nodes", "", include_str!("../migrations/postgres/control_nodes.sql")),
        Step::new(
            "0009_fleet",
            include_str!("../migrations/control/0009_fleet.sql"),
            include_str!("../migrations/postgres/control_fleet.sql"),
        ),
    ],
    serves_from: 7,
    records_from: None,
    writer_setup: Setup { sqlite: "", postgres: "" },
};

/// A tenant to be created.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its name.
    pub tenant: TenantId,
    /// The customer crate that serves it, if any. Not checked here: only the kernel knows which are loaded.
    pub customer: Option<String>,
    /// Its profile as TOML, as given; empty for the defaults. Not checked here.
    pub profile_toml: String,
}

/// A tenant as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// Its name.
    pub tenant: TenantId,
    /// The customer crate that serves it.
    pub customer: Option<String>,
    /// Its profile as TOML.
    pub profile_toml: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The customer that is tried beside its own: the name of a loaded one, or the path of a library.
    pub candidate: Option<String>,
    /// How it is served.
    pub state: TenantState,
    /// Why it is suspended, in the operator's words.
    pub reason: Option<String>,
    /// When it was restored last.
    pub restored_at: Option<Timestamp>,
}

/// How the secret of a new credential is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// As its hash alone, from which nobody gets it back.
    Hash,
    /// As its hash, and sealed: password digests can be checked only by who has the secret.
    Sealed,
}

/// Tenants and credentials.
pub struct Control {
    pub(crate) db: Database,
    watch: Watch,
    /// What [`stamp`](Self::stamp) tells.
    moves: AtomicU64,
    pub(crate) clock: Clock,
    pub(crate) sealer: Sealer,
}

impl Control {
    pub(crate) fn open(place: &Place, data_dir: &Path, options: &StoreOptions) -> Result<Self, StoreError> {
        let db = Database::open(place, &SCHEMA, "control database".to_owned(), options)?;
        let (watch, clock, sealer) = (db.watch(), options.clock.clone(), Sealer::new(data_dir));
        watch.look().map_err(|error| error.during("look for changes", db.subject()))?;
        Ok(Self { db, watch, moves: AtomicU64::new(0), clock, sealer })
    }

    /// Creates a tenant with its first credential.
    ///
    /// # Errors
    /// `AlreadyExists`; those of the storage.
    pub fn create_tenant(&self, new: &NewTenant) -> Result<Credential, StoreError> {
        self.create_tenant_with(new, |_| Ok(()))
    }

    /// The same, with something more in the same commit.
    pub(crate) fn create_tenant_with(
        &self,
        new: &NewTenant,
        more: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<Credential, StoreError> {
        const INSERT: &str = "INSERT INTO tenants (tenant, customer, profile_toml, created_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING";
        let (credential, hash) = credentials::generate()?;
        let now = to_micros((self.clock)());
        self.db.write("create a tenant", |tx| {
            let row = values![new.tenant.as_str(), &new.customer, &new.profile_toml, now];
            if tx.execute(INSERT, row)? == 0 {
                return Err(StoreError::new(StoreErrorKind::AlreadyExists, "create a tenant", about(&new.tenant)));
            }
            insert_credential(tx, &new.tenant, &credential.key_id, &hash, None, now)?;
            more(tx)
        })?;
        Ok(credential)
    }

    /// Gives a tenant one more credential. With [`Kept::Sealed`] its secret can be read again by whoever has the key of the data
    /// folder, as password digests need it; the key is made if there is none.
    ///
    /// # Errors
    /// `NotFound`; those of the storage and of the key's file.
    pub fn add_key(&self, tenant: &TenantId, kept: Kept) -> Result<Credential, StoreError> {
        let (credential, hash) = credentials::generate()?;
        let Credential { key_id, secret } = &credential;
        let now = to_micros((self.clock)());
        if self.tenant(tenant)?.is_none() {
            return Err(StoreError::new(StoreErrorKind::NotFound, "add a key", about(tenant)));
        }
        let sealed = match kept {
            Kept::Hash => None,
            Kept::Sealed => Some(self.sealer.seal(key_id, secret)?),
        };
        self.db.write("add a key", |tx| insert_credential(tx, tenant, key_id, &hash, sealed.as_deref(), now))?;
        Ok(credential)
    }

    /// Whose a credential is and its secret, if it was made so that the secret can be read again.
    ///
    /// # Errors
    /// `Corrupt` for a secret that the data folder's key does not open; those of the storage and of the key's file.
    pub fn sealed_secret(&self, key_id: &str) -> Result<Option<(TenantId, String)>, StoreError> {
        const SELECT: &str =
            "SELECT tenant, sealed_secret FROM credentials WHERE key_id = ?1 AND sealed_secret IS NOT NULL";
        let found = self.db.read("read a sealed secret", |connection| {
            let read = |row: &Row<'_>| Ok((read_tenant_id(row)?, row.get::<Vec<u8>>(1)?));
            connection.query_opt(SELECT, values![key_id], read)
        })?;
        let Some((tenant, sealed)) = found else { return Ok(None) };
        Ok(Some((tenant, self.sealer.open(key_id, &sealed)?)))
    }

    /// Gives a tenant a new credential; those it had stop working with the same commit.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn rotate_key(&self, tenant: &TenantId) -> Result<Credential, StoreError> {
        let (credential, hash) = credentials::generate()?;
        let now = to_micros((self.clock)());
        self.db.write("rotate a key", |tx| {
            if tenant_row(tx, tenant)?.is_none() {
                return Err(StoreError::new(StoreErrorKind::NotFound, "rotate a key", about(tenant)));
            }
            tx.execute("DELETE FROM credentials WHERE tenant = ?1", values![tenant.as_str()])?;
            insert_credential(tx, tenant, &credential.key_id, &hash, None, now)
        })?;
        Ok(credential)
    }

    /// Has another customer tried beside the tenant's own from now on; `None` ends that.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn set_candidate(&self, tenant: &TenantId, candidate: Option<&str>) -> Result<(), StoreError> {
        const UPDATE: &str = "UPDATE tenants SET candidate = ?2 WHERE tenant = ?1";
        self.update_tenant("set a candidate", tenant, UPDATE, candidate)
    }

    /// Makes a customer the tenant's own and ends the trial of a candidate, in one commit.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn promote(&self, tenant: &TenantId, customer: &str) -> Result<(), StoreError> {
        const UPDATE: &str = "UPDATE tenants SET customer = ?2, candidate = NULL WHERE tenant = ?1";
        self.update_tenant("promote a candidate", tenant, UPDATE, Some(customer))
    }

    fn update_tenant(
        &self,
        operation: &'static str,
        tenant: &TenantId,
        statement: &str,
        value: Option<&str>,
    ) -> Result<(), StoreError> {
        self.db.write(operation, |tx| match tx.execute(statement, values![tenant.as_str(), value])? {
            0 => Err(StoreError::new(StoreErrorKind::NotFound, operation, about(tenant))),
            _ => Ok(()),
        })
    }

    /// All tenants by name.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        self.db.read("list tenants", |connection| {
            connection.query(&format!("SELECT {TENANT_COLUMNS} FROM tenants ORDER BY tenant"), &[], read_tenant)
        })
    }

    /// One tenant.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn tenant(&self, tenant: &TenantId) -> Result<Option<TenantRow>, StoreError> {
        self.db.read("read a tenant", |connection| tenant_row(connection, tenant))
    }

    /// The credential with this key id.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn credential(&self, key_id: &str) -> Result<Option<CredentialRow>, StoreError> {
        const SELECT: &str = "SELECT tenant, key_id, secret_hash FROM credentials WHERE key_id = ?1";
        self.db.read("read a credential", |connection| {
            let read = |row: &Row<'_>| {
                Ok(CredentialRow { tenant: read_tenant_id(row)?, key_id: row.get(1)?, secret_hash: row.get(2)? })
            };
            connection.query_opt(SELECT, values![key_id], read)
        })
    }

    /// A number that is another one after any process has changed the control database. Microseconds, so that it can be
    /// asked with every request.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn stamp(&self) -> Result<u64, StoreError> {
        let has_moved = self.watch.look().map_err(|error| error.during("look for changes", self.db.subject()))?;
        let moves = self.moves.fetch_add(u64::from(has_moved), Ordering::AcqRel);
        Ok(moves + u64::from(has_moved))
    }
}

/// What [`read_tenant`] reads.
const TENANT_COLUMNS: &str = "tenant, customer, profile_toml, created_at, candidate, state, state_reason, restored_at";

pub(crate) fn about(tenant: &TenantId) -> String {
    format!("tenant {tenant}")
}

fn insert_credential(
    tx: &Connection,
    tenant: &TenantId,
    key_id: &str,
    hash: &str,
    sealed: Option<&[u8]>,
    now: i64,
) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO credentials (key_id, tenant, secret_hash, sealed_secret, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(INSERT, values![key_id, tenant.as_str(), hash, sealed, now])?;
    Ok(())
}

pub(crate) fn tenant_row(connection: &Connection, tenant: &TenantId) -> Result<Option<TenantRow>, StoreError> {
    let select = format!("SELECT {TENANT_COLUMNS} FROM tenants WHERE tenant = ?1");
    connection.query_opt(&select, values![tenant.as_str()], read_tenant)
}

fn read_tenant(row: &Row<'_>) -> Result<TenantRow, StoreError> {
    Ok(TenantRow {
        tenant: read_tenant_id(row)?,
        customer: row.get(1)?,
        profile_toml: row.get(2)?,
        created_at: from_micros(row.get(3)?),
        candidate: row.get(4)?,
        state: read_state(row, 5)?,
        reason: row.get(6)?,
        restored_at: row.get::<Option<i64>>(7)?.map(from_micros),
    })
}

pub(crate) fn read_tenant_id(row: &Row<'_>) -> Result<TenantId, StoreError> {
    let text: String = row.get(0)?;
    TenantId::from_str(&text).map_err(|error| StoreError::of(StoreErrorKind::Corrupt, error))
}
