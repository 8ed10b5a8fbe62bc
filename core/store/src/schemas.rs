//! What is done to a tenant's schemas of a server as a whole, where files would be moved and removed: filled from a file, put in the
//! tenant's place and taken out again, dropped, looked for.
//!
//! Called by whoever deletes or restores a tenant and has it alone. Each step is one transaction and may be done again. Where the
//! tenants are files, each of them is nothing to do: those are the caller's.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plugpoint_sdk::model::TenantId;

use crate::database::Place;
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::postgres::{PgServer, SchemaName};
use crate::sql::{Connection, values};
use crate::store::{Home, Store};
use crate::tenant::TenantDb;

/// How long a claim waits for one whose process has just ended: its session lasts until the server has noticed.
const ENDING: Duration = Duration::from_secs(2);

/// What a tenant had in a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Rows of all its tables.
    pub rows: u64,
    /// Bytes of tables and indexes.
    pub bytes: u64,
}

/// A claim on work at a tenant that one process does at a time, on any machine. It ends with the process.
pub struct Alone {
    _connection: Option<Connection>,
}

impl Store {
    /// Whether a tenant is a schema of a server, not a file.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn has_schemas(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        Ok(matches!(self.home(), Home::Server(..)) || self.elsewhere(tenant)?.is_some())
    }

    /// Claims the work at a tenant that `usage` names. Where the databases are files, a lock on a file is the caller's to take.
    ///
    /// # Errors
    /// `Busy` if another process is at it; `Unavailable`.
    pub fn alone(&self, tenant: &TenantId, usage: &'static str) -> Result<Alone, StoreError> {
        // Where the platform is, not where the tenant is: that is what all processes share.
        let Home::Server(server, prefix) = self.home() else { return Ok(Alone { _connection: None }) };
        let claimed = server.alone(&SchemaName::of_tenant(prefix, 't', tenant)?, usage, ENDING, &mut || true);
        let claimed = claimed.map_err(|error| error.during(usage, &format!("tenant {tenant}")))?;
        Ok(Alone { _connection: Some(claimed) })
    }

    /// The same for work at all tenants.
    pub(crate) fn alone_with_all(&self, usage: &'static str) -> Result<Alone, StoreError> {
        let Home::Server(server, prefix) = self.home() else { return Ok(Alone { _connection: None }) };
        let claimed = server.alone(&SchemaName::new(prefix, "control")?, usage, ENDING, &mut || true)?;
        Ok(Alone { _connection: Some(claimed) })
    }

    /// Lays a copy of a tenant's database out in a schema that is to take its place. The file is brought to the current structure.
    /// False, and nothing is done, where the databases are files.
    ///
    /// # Errors
    /// `Corrupt`, `TooNew`; those of the storage.
    pub fn fill_schema(&self, tenant: &TenantId, copy: &Path) -> Result<bool, StoreError> {
        let Some(schemas) = Schemas::of(self, tenant)? else { return Ok(false) };
        schemas.write(&schemas.new, "lay a schema out", |tx| drop_schema(tx, &schemas.new))?;
        let from = TenantDb::open(&Place::File(copy.to_owned()), tenant, self.options())?;
        from.copy_into(&Place::Schema(Arc::clone(&schemas.server), schemas.new.clone()), tenant, self.options())?;
        Ok(true)
    }

    /// Puts the schema that was laid out in the tenant's place, and keeps what was there.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn switch_schemas(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let Some(schemas) = Schemas::of(self, tenant)? else { return Ok(()) };
        schemas.write(&schemas.current, "switch schemas", |tx| {
            if exists(tx, &schemas.current)? {
                rename(tx, &schemas.current, &schemas.old)?;
            } else {
                // Says that there was none: without it nobody could tell whether this was done.
                tx.execute_batch(&format!("CREATE SCHEMA {}", schemas.old.quoted()))?;
            }
            rename(tx, &schemas.new, &schemas.current)
        })
    }

    /// Takes the new one out again, if it is in, and puts back what was there. With what was laid out still beside it, nothing was
    /// switched.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn switch_schemas_back(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let Some(schemas) = Schemas::of(self, tenant)? else { return Ok(()) };
        schemas.write(&schemas.current, "switch schemas back", |tx| {
            if exists(tx, &schemas.new)? || !exists(tx, &schemas.old)? {
                return Ok(());
            }
            rename(tx, &schemas.current, &schemas.new)?;
            rename(tx, &schemas.old, &schemas.current)
        })
    }

    /// Drops what lies beside a tenant's schema.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn sweep_schemas(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let Some(schemas) = Schemas::of(self, tenant)? else { return Ok(()) };
        schemas.write(&schemas.new, "sweep schemas", |tx| {
            drop_schema(tx, &schemas.new)?;
            drop_schema(tx, &schemas.old).map(drop)
        })
    }

    /// Drops everything that a tenant has in a server; none where the databases are files.
    ///
    /// # Errors
    /// `Busy` while somebody reads or writes in there; those of the storage.
    pub fn drop_schemas(&self, tenant: &TenantId) -> Result<Option<Dropped>, StoreError> {
        let Some(schemas) = Schemas::of(self, tenant)? else { return Ok(None) };
        let dropped = schemas.write(&schemas.current, "drop schemas", |tx| {
            let mut sum = Dropped::default();
            for schema in schemas.all() {
                let Dropped { rows, bytes } = drop_schema(tx, schema)?;
                sum = Dropped { rows: sum.rows + rows, bytes: sum.bytes + bytes };
            }
            Ok(sum)
        })?;
        Ok(Some(dropped))
    }

    /// What a server still has of a tenant that is deleted: schemas, rows with one of its key ids. Nothing where the databases are
    /// files.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn left_in_server(&self, tenant: &TenantId, key_ids: &[String]) -> Result<Vec<String>, StoreError> {
        let Some(schemas) = Schemas::of(self, tenant)? else { return Ok(Vec::new()) };
        let mut left = Vec::new();
        let connection = schemas.server.take(&schemas.current, schemas.wait_max)?;
        for schema in schemas.all() {
            if exists(&connection, schema)? {
                left.push(format!("schema {}", schema.as_str()));
            }
        }
        drop(connection);
        if matches!(self.home(), Home::Folder(_)) {
            // Rows of many tenants lie in files, which are the caller's to search.
            return Ok(left);
        }
        let nonces = self.nonces()?;
        for key_id in key_ids {
            if self.control().credential(key_id)?.is_some() {
                left.push(format!("{key_id} in credentials"));
            }
            if nonces.held(key_id)? > 0 {
                left.push(format!("{key_id} in nonces"));
            }
            if nonces.has_sessions(key_id)? {
                left.push(format!("{key_id} in sessions"));
            }
        }
        Ok(left)
    }
}

/// The schemas of a tenant.
struct Schemas {
    server: Arc<PgServer>,
    wait_max: Duration,
    current: SchemaName,
    new: SchemaName,
    old: SchemaName,
}

impl Schemas {
    fn of(store: &Store, tenant: &TenantId) -> Result<Option<Self>, StoreError> {
        let (server, prefix, current) = match (store.elsewhere(tenant)?, store.home()) {
            (Some((server, schema)), _) => (server, &store.options().elsewhere.schema_prefix, schema),
            (None, Home::Server(server, prefix)) => {
                (Arc::clone(server), prefix, SchemaName::of_tenant(prefix, 't', tenant)?)
            }
            (None, Home::Folder(_)) => return Ok(None),
        };
        let named = |stage| SchemaName::of_tenant(prefix, stage, tenant);
        let (new, old) = (named('n')?, named('o')?);
        Ok(Some(Self { server, wait_max: store.options().wait_max, current, new, old }))
    }

    fn all(&self) -> [&SchemaName; 3] {
        [&self.current, &self.new, &self.old]
    }

    /// One transaction, beside no other writer of `schema`: what lies beside the tenant's own waits for no import of the tenant.
    fn write<T>(
        &self,
        schema: &SchemaName,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let run = || {
            let connection = self.server.take(schema, self.wait_max)?;
            connection.begin_write()?;
            // A reader that lasts is told of, not waited for without an end.
            connection.execute_batch(&format!("SET LOCAL lock_timeout = {}", self.wait_max.as_millis().max(1)))?;
            let done = work(&connection)?;
            connection.commit()?;
            Ok(done)
        };
        run().map_err(|error: StoreError| error.during(operation, schema.as_str()))
    }
}

/// Drops one schema, wherever it is.
pub(crate) fn drop_schema_at(server: &PgServer, schema: &SchemaName, wait_max: Duration) -> Result<(), StoreError> {
    let connection = server.take(schema, wait_max)?;
    connection.begin_write()?;
    connection.execute_batch(&format!("SET LOCAL lock_timeout = {}", wait_max.as_millis().max(1)))?;
    drop_schema(&connection, schema)?;
    connection.commit()
}

fn exists(connection: &Connection, schema: &SchemaName) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ?1)";
    connection.query_one(SELECT, values![schema.as_str()], |row| row.get(0))
}

/// Nothing to rename is nothing to do, unless something is in the way.
fn rename(tx: &Connection, from: &SchemaName, to: &SchemaName) -> Result<(), StoreError> {
    if !exists(tx, from)? {
        return Ok(());
    }
    if exists(tx, to)? {
        return Err(StoreError::of(StoreErrorKind::Corrupt, format!("there is a schema {} already", to.as_str())));
    }
    tx.execute_batch(&format!("ALTER SCHEMA {} RENAME TO {}", from.quoted(), to.quoted()))
}

fn drop_schema(tx: &Connection, schema: &SchemaName) -> Result<Dropped, StoreError> {
    const TABLES: &str = "SELECT c.relname::text, pg_total_relation_size(c.oid) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ?1 AND c.relkind = 'r'";
    let mut dropped = Dropped::default();
    if !exists(tx, schema)? {
        return Ok(dropped);
    }
    let tables = tx.query(TABLES, values![schema.as_str()], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))?;
    for (table, bytes) in tables {
        let count = format!("SELECT count(*) FROM {}.\"{table}\"", schema.quoted());
        dropped.rows += tx.query_one(&count, &[], |row| row.get::<i64>(0))?.unsigned_abs();
        dropped.bytes += bytes.unsigned_abs();
    }
    tx.execute_batch(&format!("DROP SCHEMA {} CASCADE", schema.quoted()))?;
    Ok(dropped)
}
