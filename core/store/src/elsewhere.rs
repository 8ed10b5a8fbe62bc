//! Tenants whose databases are not where the platform has the others: each a schema of some PostgreSQL database, at an address that the
//! control database keeps sealed.
//!
//! Used when a tenant is created and when its database is looked for. Tenants at one address share its connections, of which there
//! are as many as at the platform's own. It never shows an address with its user or password.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use plugpoint_sdk::model::TenantId;

use crate::control::{Control, NewTenant, about, read_tenant_id};
use crate::credentials::Credential;
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::postgres::{PgServer, PostgresAddress, SchemaName, ServerOptions};
use crate::sql::{Connection, values};
use crate::store::{Store, StoreOptions};

/// So long is a server left alone that could not be reached: who waits for a tenant of it is told at once.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// Tells places apart without telling where they are.
pub(crate) type Mark = [u8; 32];

/// A schema at an address.
#[derive(Clone)]
pub(crate) struct Spot {
    url: String,
    address: PostgresAddress,
    pub(crate) schema: SchemaName,
}

impl Spot {
    /// Reads `postgres://user:password@host:port/database?schema=NAME&sslmode=require`. Without `schema` it is `usual`.
    ///
    /// # Errors
    /// `Unfit`.
    fn read(text: &str, usual: &SchemaName) -> Result<Self, StoreError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(StoreError::of(StoreErrorKind::Unfit, "an address begins with postgres://"));
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut schema = usual.clone();
        let mut rest = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            match part.strip_prefix("schema=") {
                Some(name) => schema = SchemaName::chosen(name)?,
                None => rest.push(part),
            }
        }
        let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        Ok(Self { address: url.parse()?, url, schema })
    }

    pub(crate) fn sealed_text(&self) -> String {
        format!("{} {}", self.schema.as_str(), self.url)
    }

    fn of_sealed_text(text: &str) -> Result<Self, StoreError> {
        let parts = text.split_once(' ');
        let (schema, url) = parts.ok_or_else(|| StoreError::of(StoreErrorKind::Corrupt, "it is no address"))?;
        Ok(Self { address: url.parse()?, url: url.to_owned(), schema: SchemaName::chosen(schema)? })
    }

    /// Server, database and schema, without user and password.
    pub(crate) fn shown(&self) -> String {
        format!("postgres://{}?schema={}", self.address.shown(), self.schema.as_str())
    }

    pub(crate) fn hash(&self) -> Mark {
        *blake3::hash(self.shown().as_bytes()).as_bytes()
    }
}

/// The servers that tenants are at, beside the platform's own.
pub(crate) struct Servers {
    /// This process among those that share them.
    node: String,
    slots: Mutex<HashMap<String, Arc<Mutex<Slot>>>>,
}

#[derive(Default)]
struct Slot {
    server: Option<Arc<PgServer>>,
    failed_at: Option<Instant>,
}

impl Servers {
    pub(crate) fn of(node: String) -> Self {
        Self { node, slots: Mutex::default() }
    }

    fn at(&self, spot: &Spot, options: &StoreOptions) -> Result<Arc<PgServer>, StoreError> {
        let slot =
            Arc::clone(self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(spot.url.clone()).or_default());
        // Only who wants this server waits for it.
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = &slot.server {
            return Ok(Arc::clone(server));
        }
        if slot.failed_at.is_some_and(|at| at.elapsed() < LEFT_ALONE) {
            return Err(StoreError::of(StoreErrorKind::Unavailable, "it could not be reached a moment ago"));
        }
        let server = ServerOptions {
            application: application(&options.elsewhere.schema_prefix, &self.node),
            node: self.node.clone(),
            connections_max: options.elsewhere.connections_max,
            wait_max: options.wait_max,
        };
        match PgServer::connect(&spot.address, &server) {
            Ok(server) => Ok(Arc::clone(slot.server.insert(server))),
            Err(error) => {
                slot.failed_at = Some(Instant::now());
                Err(error)
            }
        }
    }
}

/// What a server's administrator sees of each session. By its end other nodes know whose session it is; 63 bytes are what a server
/// keeps of it.
pub(crate) fn application(schema_prefix: &str, node: &str) -> String {
    format!("plugpoint {schema_prefix} {node}")
}

impl Store {
    /// Creates a tenant whose database is at an address of its own:
    /// `postgres://user:password@host:port/database?schema=NAME&sslmode=require`. The schema may be there, but has to be empty.
    ///
    /// # Errors
    /// `Unfit` for an address that cannot be used, a schema with something in it, a pooler in transaction mode; `Unavailable`;
    /// `AlreadyExists` for the tenant's name, and for an address that another tenant has. No tenant is created then.
    pub fn create_tenant_at(&self, new: &NewTenant, address: &str) -> Result<Credential, StoreError> {
        let create = || {
            let spot = self.spot_at(&new.tenant, address)?;
            let server = self.servers().at(&spot, self.options())?;
            let connection = server.take(&spot.schema, self.options().wait_max)?;
            connection.begin_write()?;
            connection.execute_batch(&format!("CREATE SCHEMA IF NOT EXISTS {}", spot.schema.quoted()))?;
            is_empty(&connection, &spot.schema)?;
            connection.commit()?;
            Ok(spot)
        };
        let spot =
            create().map_err(|error: StoreError| error.during("create a tenant elsewhere", &about(&new.tenant)))?;
        let control = self.control();
        let sealed = control.sealer.seal(&seal_name(&new.tenant), &spot.sealed_text())?;
        let created = control.create_tenant_with(new, |tx| {
            const INSERT: &str =
                "INSERT INTO places (tenant, address, spot) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            match tx.execute(INSERT, values![new.tenant.as_str(), &sealed[..], &spot.hash()[..]])? {
                0 => Err(StoreError::new(
                    StoreErrorKind::AlreadyExists,
                    "create a tenant",
                    format!("a tenant at {}", spot.shown()),
                )),
                _ => Ok(()),
            }
        })?;
        // The structure, so that whoever created it hears what is wrong.
        self.tenant(&new.tenant)?;
        Ok(created)
    }

    /// Where a tenant's database is, without user and password; none for where the platform has the others.
    ///
    /// # Errors
    /// `Corrupt` if the key of the data folder does not open the address; those of the storage.
    pub fn place_shown(&self, tenant: &TenantId) -> Result<Option<String>, StoreError> {
        Ok(self.control().spot(tenant)?.map(|spot| spot.shown()))
    }

    /// Server and schema of a tenant that is elsewhere.
    pub(crate) fn elsewhere(&self, tenant: &TenantId) -> Result<Option<(Arc<PgServer>, SchemaName)>, StoreError> {
        let Some(spot) = self.control().spot(tenant)? else { return Ok(None) };
        Ok(Some((self.server_of(&spot)?, spot.schema)))
    }

    /// The server at an address.
    pub(crate) fn server_of(&self, spot: &Spot) -> Result<Arc<PgServer>, StoreError> {
        let server = self.servers().at(spot, self.options());
        server.map_err(|error| error.during("reach a tenant's database", &spot.shown()))
    }

    /// An address as an operator gives it.
    pub(crate) fn spot_at(&self, tenant: &TenantId, address: &str) -> Result<Spot, StoreError> {
        let read =
            || Spot::read(address, &SchemaName::of_tenant(&self.options().elsewhere.schema_prefix, 't', tenant)?);
        read().map_err(|error: StoreError| error.during("read an address", &about(tenant)))
    }
}

impl Control {
    pub(crate) fn spot(&self, tenant: &TenantId) -> Result<Option<Spot>, StoreError> {
        const SELECT: &str = "SELECT address FROM places WHERE tenant = ?1";
        let sealed = self.db.read("read a tenant's address", |connection| {
            connection.query_opt(SELECT, values![tenant.as_str()], |row| row.get::<Vec<u8>>(0))
        })?;
        let Some(sealed) = sealed else { return Ok(None) };
        self.open_spot(tenant, &sealed).map(Some)
    }

    pub(crate) fn open_spot(&self, tenant: &TenantId, sealed: &[u8]) -> Result<Spot, StoreError> {
        let opened = self.sealer.open(&seal_name(tenant), sealed)?;
        Spot::of_sealed_text(&opened).map_err(|error| error.during("read a tenant's address", &about(tenant)))
    }

    /// The marks of all tenants that have an address of their own.
    pub(crate) fn spots(&self) -> Result<HashMap<TenantId, Mark>, StoreError> {
        let rows = self.db.read("list addresses", |connection| {
            connection
                .query("SELECT tenant, spot FROM places", &[], |row| Ok((read_tenant_id(row)?, row.get::<Vec<u8>>(1)?)))
        })?;
        let marked = |(tenant, mark): (TenantId, Vec<u8>)| Mark::try_from(mark).ok().map(|mark| (tenant, mark));
        Ok(rows.into_iter().filter_map(marked).collect())
    }
}

/// What an address is sealed for: under another tenant's name it does not open. No key id has such a name.
pub(crate) fn seal_name(tenant: &TenantId) -> String {
    format!("address of {tenant}")
}

pub(crate) fn is_empty(connection: &Connection, schema: &SchemaName) -> Result<(), StoreError> {
    const COUNT: &str =
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ?1";
    match connection.query_one(COUNT, values![schema.as_str()], |row| row.get::<i64>(0))? {
        0 => Ok(()),
        count => {
            let cause = format!("the schema {} is in use: {count} tables and indexes lie in it", schema.as_str());
            Err(StoreError::of(StoreErrorKind::Unfit, cause))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_shown_without_its_password() {
        let usual = SchemaName::new("plugpoint", "t_acme").unwrap();
        for (text, shown) in [
            ("postgres://u:hunter2@db.example:5433/plug", "postgres://db.example:5433/plug?schema=plugpoint_t_acme"),
            ("postgresql://u:hunter2@db/plug?schema=shop-1&sslmode=disable", "postgres://db:5432/plug?schema=shop-1"),
            ("postgres://u@db/plug?sslmode=disable&schema=shop_1", "postgres://db:5432/plug?schema=shop_1"),
        ] {
            let spot = Spot::read(text, &usual).unwrap();
            assert_eq!(spot.shown(), shown);
            assert_eq!(Spot::of_sealed_text(&spot.sealed_text()).unwrap().shown(), shown);
        }
        for wrong in [
            "",
            "mysql://db/plug",
            "host=db",
            "postgres://db/plug?schema=",
            "postgres://db/plug?schema=public",
            "postgres://db/plug?schema=pg_x",
            "postgres://db/plug?schema=A",
            "postgres://db/plug?schema=a\"b",
            "postgres://db/plug?no_such=1",
            "postgres:///plug",
        ] {
            assert_eq!(Spot::read(wrong, &usual).err().unwrap().kind(), StoreErrorKind::Unfit, "{wrong}");
        }
    }
}
