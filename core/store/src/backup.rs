//! What a backup keeps of a tenant's rows: its portrait from the control database, and the facts of a copy of its database, which
//! say whether the copy is whole.
//!
//! Called by the catalog plugin, which lays portraits, copies and documents out in files. A copy is read as it lies: nothing is
//! written beside it, nothing migrated. It refuses to make up what is missing.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{ImportId, TenantId};
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use crate::audit::{Act, insert_act};
use crate::control::{Control, about, read_tenant_id};
use crate::credentials::{Credential, generate};
use crate::database::Place;
use crate::error::{StoreError, StoreErrorKind};
use crate::life::TenantState;
use crate::sql::values;
use crate::store::Store;
use crate::tenant;
use crate::time::{from_micros, to_micros};

/// The number of the structure that this release gives a tenant's database.
pub const TENANT_SCHEMA: u32 = tenant::SCHEMA.steps.len() as u32;

/// A tenant as the control database has it, with its credentials: hashes, and secrets that stay sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portrait {
    /// Its name.
    pub tenant: TenantId,
    /// The customer crate that serves it.
    pub customer: Option<String>,
    /// Its profile as TOML.
    pub profile_toml: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The customer that is tried beside its own.
    pub candidate: Option<String>,
    /// How it was served.
    pub state: TenantState,
    /// Why it was suspended.
    pub reason: Option<String>,
    /// Its credentials.
    pub credentials: Vec<PortraitKey>,
}

/// A credential of a portrait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortraitKey {
    /// Its public part.
    pub key_id: String,
    /// argon2id hash of the secret, as a PHC string.
    pub secret_hash: String,
    /// The secret, sealed with the key of the data folder, in base64.
    pub sealed_secret: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a copy of a tenant's database holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseFacts {
    /// The number of its structure.
    pub schema: u32,
    /// Its catalogs by name.
    pub catalogs: Vec<CatalogFacts>,
}

/// What a catalog holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogFacts {
    /// Its name.
    pub name: String,
    /// Its items.
    pub items: u64,
    /// BLAKE3 over number and content of each item, in the order of the numbers, computed from the rows.
    pub content_hash: String,
}

/// A copy of a tenant's database that nobody writes.
pub struct DatabaseCopy {
    connection: Connection,
    subject: String,
}

impl DatabaseCopy {
    /// Opens a file as a copy; nothing of it is believed yet.
    ///
    /// # Errors
    /// `Io`, `Corrupt`.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let subject = file.display().to_string();
        let open = || {
            // Immutable: no lock, no log, no file beside it. A `?` or `#` in a path would be taken for a part of the address.
            let path: String = std::path::absolute(file)?.display().to_string();
            let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(format!("file://{path}?immutable=1"), flags)?;
            connection.pragma_update(None, "trusted_schema", false)?;
            Ok(connection)
        };
        let connection = open().map_err(|error: StoreError| error.during("open a copy", &subject))?;
        Ok(Self { connection, subject })
    }

    /// Reads every row, and says what is there.
    ///
    /// # Errors
    /// `Corrupt` for a file that is none of ours, or damaged; `TooNew`.
    pub fn facts(&self) -> Result<DatabaseFacts, StoreError> {
        self.read("check a copy", |connection| {
            let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            if number("application_id")? != tenant::SCHEMA.application_id {
                return Err(StoreError::of(StoreErrorKind::Corrupt, "it is no tenant's database"));
            }
            let schema = u32::try_from(number("user_version")?).unwrap_or(u32::MAX);
            if schema > TENANT_SCHEMA {
                let cause = format!("the structure has number {schema}, this release knows {TENANT_SCHEMA}");
                return Err(StoreError::of(StoreErrorKind::TooNew, cause));
            }
            let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if sound != "ok" {
                return Err(StoreError::of(StoreErrorKind::Corrupt, sound));
            }
            let mut select = connection.prepare("SELECT row_id, name, item_count FROM catalogs ORDER BY name")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let catalogs = rows.map(|row| catalog_facts(connection, row?)).collect::<Result<_, StoreError>>()?;
            Ok(DatabaseFacts { schema, catalogs })
        })
    }

    /// Whether an import has ended, as far as the copy knows.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn has_ended(&self, import: ImportId) -> Result<bool, StoreError> {
        self.read("look for an import in a copy", |connection| {
            let mut select = connection.prepare_cached("SELECT 1 FROM imports WHERE id = ?1")?;
            Ok(select.exists([import.0.as_bytes().as_slice()])?)
        })
    }

    fn read<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(&self.connection).map_err(|error| error.during(operation, &self.subject))
    }
}

fn catalog_facts(connection: &Connection, catalog: (i64, String, i64)) -> Result<CatalogFacts, StoreError> {
    let (row_id, name, item_count) = catalog;
    let (mut hasher, mut items) = (blake3::Hasher::new(), 0_u64);
    // Through the tree that a page goes through: one that does not fit the items shows, and nothing has to be sorted.
    const SELECT: &str =
        "SELECT s.sku, i.body FROM item_skus s CROSS JOIN items i ON i.row_id = s.item AND i.sku = s.sku
        WHERE s.catalog = ?1 ORDER BY s.sku";
    let mut select = connection.prepare_cached(SELECT)?;
    let mut rows = select.query([row_id])?;
    while let Some(row) = rows.next()? {
        for column in 0..2 {
            let text = row.get_ref(column)?.as_bytes()?;
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text);
        }
        items += 1;
    }
    if items != item_count.unsigned_abs() {
        let cause = format!("catalog {name} has {items} items and says {item_count}");
        return Err(StoreError::of(StoreErrorKind::Corrupt, cause));
    }
    Ok(CatalogFacts { name, items, content_hash: hasher.finalize().to_hex().to_string() })
}

impl Store {
    /// Writes a tenant's database, as of one moment, into a file that is not there yet. Writers go on meanwhile.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn copy_database(&self, tenant: &TenantId, to: &Path) -> Result<(), StoreError> {
        if self.control().moving()?.contains(tenant) {
            let cause = "the tenant is being moved";
            return Err(StoreError::of(StoreErrorKind::Busy, cause).during("copy a database", &about(tenant)));
        }
        self.tenant(tenant)?.copy_into(&Place::File(to.to_owned()), tenant, self.options()).map(drop)
    }
}

impl Control {
    /// A tenant and its credentials, as of one moment.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn portrait(&self, tenant: &TenantId) -> Result<Portrait, StoreError> {
        const KEYS: &str = "SELECT key_id, secret_hash, sealed_secret, created_at FROM credentials WHERE tenant = ?1
            ORDER BY key_id";
        self.db.read("read a tenant", |connection| {
            // Undone when the connection goes back.
            connection.begin_read()?;
            let missing = || StoreError::new(StoreErrorKind::NotFound, "read a tenant", about(tenant));
            let row = crate::control::tenant_row(connection, tenant)?.ok_or_else(missing)?;
            let credentials = connection.query(KEYS, values![tenant.as_str()], |row| {
                let sealed: Option<Vec<u8>> = row.get(2)?;
                let sealed_secret = sealed.map(|sealed| STANDARD.encode(sealed));
                let created_at = from_micros(row.get(3)?);
                Ok(PortraitKey { key_id: row.get(0)?, secret_hash: row.get(1)?, sealed_secret, created_at })
            })?;
            Ok(Portrait {
                tenant: row.tenant,
                customer: row.customer,
                profile_toml: row.profile_toml,
                created_at: row.created_at,
                candidate: row.candidate,
                state: row.state,
                reason: row.reason,
                credentials,
            })
        })
    }

    /// Whether a sealed secret opens with the key of this data folder.
    #[must_use]
    pub fn opens(&self, key: &PortraitKey) -> bool {
        let sealed = key.sealed_secret.as_ref().and_then(|sealed| STANDARD.decode(sealed).ok());
        sealed.is_some_and(|sealed| self.sealer.open(&key.key_id, &sealed).is_ok())
    }

    /// The key ids of a portrait that are another tenant's here.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn taken_keys(&self, portrait: &Portrait, tenant: &TenantId) -> Result<Vec<(String, TenantId)>, StoreError> {
        const SELECT: &str = "SELECT tenant FROM credentials WHERE key_id = ?1 AND tenant <> ?2";
        self.db.read("look for keys", |connection| {
            let mut taken = Vec::new();
            for PortraitKey { key_id, .. } in &portrait.credentials {
                let owner = connection.query_opt(SELECT, values![key_id, tenant.as_str()], read_tenant_id)?;
                taken.extend(owner.map(|owner| (key_id.clone(), owner)));
            }
            Ok(taken)
        })
    }

    /// Makes the place of a tenant that is being restored and was not there. [`Control::give_up_restore`] takes it away again.
    ///
    /// # Errors
    /// `AlreadyExists`; those of the storage.
    pub fn begin_new(&self, tenant: &TenantId, act: &Act) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO tenants (tenant, profile_toml, created_at, state, state_before)
            VALUES (?1, '', ?2, 'restoring', 'absent') ON CONFLICT DO NOTHING";
        let now = to_micros((self.clock)());
        self.change("begin to restore a tenant", act, |tx| match tx.execute(INSERT, values![tenant.as_str(), now])? {
            0 => Err(StoreError::new(StoreErrorKind::AlreadyExists, "restore a tenant", about(tenant))),
            _ => Ok(()),
        })
    }

    /// The one commit of a restore: the tenant `name`, which is being restored, is what the portrait shows, and served again. With
    /// `with_keys` it has the portrait's credentials instead of its own, else a new one, which is given.
    ///
    /// # Errors
    /// `AlreadyExists` for a key id that is another tenant's; `Busy` if the tenant is not being restored; those of the storage.
    pub fn complete_restore(
        &self,
        name: &TenantId,
        portrait: &Portrait,
        with_keys: bool,
        act: &Act,
    ) -> Result<Option<Credential>, StoreError> {
        const UPDATE: &str = "UPDATE tenants SET customer = ?2, profile_toml = ?3, created_at = ?4, candidate = ?5,
            state = ?6, state_reason = ?7, state_before = NULL, restored_at = ?8
            WHERE tenant = ?1 AND state = 'restoring'";
        const INSERT: &str = "INSERT INTO credentials (key_id, tenant, secret_hash, sealed_secret, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
        let now = to_micros((self.clock)());
        let new = if with_keys { None } else { Some(generate()?) };
        self.db.write("complete a restore", |tx| {
            let Portrait { customer, profile_toml, created_at, candidate, state, reason, credentials, .. } = portrait;
            // Another number than before, whatever the clock says.
            let before = crate::control::tenant_row(tx, name)?.and_then(|row| row.restored_at).map_or(0, to_micros);
            let (created_at, restored_at) = (to_micros(*created_at), now.max(before + 1));
            let row = values![
                name.as_str(),
                customer,
                profile_toml,
                created_at,
                candidate,
                state.name(),
                reason,
                restored_at
            ];
            if tx.execute(UPDATE, row)? == 0 {
                return Err(StoreError::of(StoreErrorKind::Busy, "the tenant is not being restored"));
            }
            tx.execute("DELETE FROM credentials WHERE tenant = ?1", values![name.as_str()])?;
            for key in credentials.iter().filter(|_| with_keys) {
                let sealed = key.sealed_secret.as_ref().filter(|_| self.opens(key));
                let sealed = sealed.and_then(|sealed| STANDARD.decode(sealed).ok());
                let row =
                    values![&key.key_id, name.as_str(), &key.secret_hash, sealed.as_deref(), to_micros(key.created_at)];
                if tx.execute(INSERT, row)? == 0 {
                    return Err(StoreError::new(
                        StoreErrorKind::AlreadyExists,
                        "restore a tenant",
                        format!("key {}", key.key_id),
                    ));
                }
            }
            if let Some((credential, hash)) = &new {
                tx.execute(INSERT, values![&credential.key_id, name.as_str(), hash, None::<&[u8]>, now])?;
            }
            insert_act(tx, now, act)
        })?;
        Ok(new.map(|(credential, _)| credential))
    }
}
