//! The store as a whole: one control database, one database per tenant, under one data folder.
//!
//! Called by the server and the command line; cheap to clone. A tenant's database is opened at its first use and stays open.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::update::Updates;

use crate::control::{Control, NewTenant, TenantRow};
use crate::database::Place;
use crate::depot::{Depot, DepotOptions};
use crate::door::{Door, Held};
use crate::elsewhere::{Mark, Servers, Spot, application};
use crate::error::{StoreError, StoreErrorKind};
use crate::life::TenantState;
use crate::migrate::Migrate;
use crate::nonces::Nonces;
use crate::sql::postgres::{PgServer, PostgresAddress, SchemaName, ServerOptions};
use crate::tasks::Tasks;
use crate::tenant::TenantDb;

/// How long after a customer's steps have failed at a tenant they are not tried again by whoever opens it.
const UPDATE_RETRY: Duration = Duration::from_secs(10);

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
    /// The PostgreSQL server that holds the databases; without it they are files under the data folder.
    pub postgres: Option<PostgresOptions>,
    /// How servers are used that single tenants are at.
    pub elsewhere: ElsewhereOptions,
    /// The folder of documents, where it is not `spool` below the data folder.
    pub spool_dir: Option<PathBuf>,
    /// The bucket of documents, where servers have no folder in common.
    pub depot: Option<DepotOptions>,
    /// Who brings tenants' databases up to date.
    pub migrate: Migrate,
    /// What customers do to their tenants' databases, by customer.
    pub updates: Arc<BTreeMap<String, Arc<Updates>>>,
    /// The time of commits.
    pub clock: Clock,
}

/// How a PostgreSQL server is used.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Where it is: `postgres://user:password@host:port/database?sslmode=require`, or libpq's words.
    pub url: String,
    /// What the names of our schemas begin with: 1 to 16 of a-z 0-9 _.
    pub schema_prefix: String,
    /// Connections at the same time; up to four more listen, hold the doors of tenants and tell other nodes of this one.
    pub connections_max: usize,
}

/// How servers are used that single tenants are at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElsewhereOptions {
    /// What the names of schemas begin with that an address does not name.
    pub schema_prefix: String,
    /// Connections at the same time to each; two more listen and hold the doors of tenants.
    pub connections_max: usize,
}

impl Default for ElsewhereOptions {
    fn default() -> Self {
        Self { schema_prefix: "plugpoint".to_owned(), connections_max: 16 }
    }
}

/// Without the address, which holds a password.
impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("schema_prefix", &self.schema_prefix)
            .field("connections_max", &self.connections_max)
            .finish_non_exhaustive()
    }
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers_per_database: 4,
            wait_max: Duration::from_secs(5),
            writer_cache_bytes: 6 * 1024 * 1024,
            database_bytes_max: None,
            postgres: None,
            elsewhere: ElsewhereOptions::default(),
            spool_dir: None,
            depot: None,
            migrate: Migrate::AtOpen,
            updates: Arc::default(),
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
            .field("postgres", &self.postgres)
            .field("spool_dir", &self.spool_dir)
            .field("depot", &self.depot)
            .field("migrate", &self.migrate)
            .finish_non_exhaustive()
    }
}

/// The databases under one data folder.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

/// Where a tenant's database is once somebody has opened it; locked while it is being opened.
type Opened = Arc<Mutex<Option<Arc<TenantDb>>>>;

struct Inner {
    data_dir: PathBuf,
    home: Home,
    options: StoreOptions,
    control: Control,
    nonces: Mutex<Option<Arc<Nonces>>>,
    tasks: Mutex<Option<Arc<Tasks>>>,
    tenants: Mutex<HashMap<TenantId, Opened>>,
    /// At which address each tenant was opened.
    opened_at: Mutex<HashMap<TenantId, Option<Mark>>>,
    servers: Servers,
    depot: Option<Depot>,
    /// When steps of a customer's failed at a tenant, and why.
    failed_updates: Mutex<HashMap<TenantId, (Instant, String)>>,
}

impl Store {
    /// Opens the control database under `data_dir`, creating folder and file as needed.
    ///
    /// # Errors
    /// `Corrupt`, `TooNew`, `Busy`, `Full`, `Io`.
    pub fn open(data_dir: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let depot = options.depot.as_ref().map(Depot::open).transpose();
        let depot = depot.map_err(|error| StoreError::from(error).during("open the bucket of documents", "bucket"))?;
        let node = uuid::Uuid::now_v7().to_string();
        let home =
            Home::find(data_dir, &options, &node).map_err(|error| error.during("open the store", "PostgreSQL"))?;
        // One database, which every release's own servers and commands need: whoever comes first brings it up to date.
        let of_platform = StoreOptions { migrate: Migrate::AtOpen, ..options.clone() };
        let control = Control::open(&home.place("control")?, data_dir, &of_platform)?;
        let data_dir = data_dir.to_owned();
        Ok(Self(Arc::new(Inner {
            data_dir,
            home,
            options,
            control,
            nonces: Mutex::default(),
            tasks: Mutex::default(),
            tenants: Mutex::default(),
            opened_at: Mutex::default(),
            servers: Servers::of(node),
            depot,
            failed_updates: Mutex::default(),
        })))
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
        self.at_first_use(&self.0.nonces, "nonces", Nonces::open)
    }

    /// The runs of tasks, opened at their first use.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn tasks(&self) -> Result<Arc<Tasks>, StoreError> {
        self.at_first_use(&self.0.tasks, "tasks", Tasks::open)
    }

    fn at_first_use<T>(
        &self,
        place: &Mutex<Option<Arc<T>>>,
        name: &str,
        open: impl FnOnce(&Place, &StoreOptions) -> Result<T, StoreError>,
    ) -> Result<Arc<T>, StoreError> {
        let mut opened = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = opened.as_ref() {
            return Ok(Arc::clone(opened));
        }
        let of_platform = StoreOptions { migrate: Migrate::AtOpen, ..self.0.options.clone() };
        let new = Arc::new(open(&self.0.home.place(name)?, &of_platform)?);
        *opened = Some(Arc::clone(&new));
        Ok(new)
    }

    /// The database of a tenant, opened and migrated at its first use.
    ///
    /// # Errors
    /// `NotFound` when the control database has no such tenant (no file is made then); else as for [`open`](Self::open).
    pub fn tenant(&self, tenant: &TenantId) -> Result<Arc<TenantDb>, StoreError> {
        self.opened(tenant, self.0.options.migrate, None)
    }

    /// The same, with what is to be done about an older structure, and the last step of its customer that is to be done.
    pub(crate) fn opened(
        &self,
        tenant: &TenantId,
        migrate: Migrate,
        upto: Option<&str>,
    ) -> Result<Arc<TenantDb>, StoreError> {
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
        let folder = self.folder_of(tenant);
        let entered = Door::enter(&folder, self.0.options.wait_max);
        let entered = entered.and_then(|door| self.0.home.enter(door, tenant, self.0.options.wait_max));
        let door = entered.map_err(|error| error.during("open a tenant", &format!("tenant {tenant}")))?;
        // Whoever had the folder alone may have taken the tenant away.
        if let Err(error) = self.known(tenant) {
            // Not empty if it is not ours.
            let _ = std::fs::remove_dir(&folder);
            self.forget(tenant);
            return Err(error);
        }
        let (place, spot) = self.place_of(tenant)?;
        let options = StoreOptions { migrate, ..self.0.options.clone() };
        let db = TenantDb::open_behind(door, &place, tenant, &options)?;
        if migrate == Migrate::AtOpen {
            self.update_now_and_then(tenant, &db, upto)?;
        }
        self.opened_at().insert(tenant.clone(), spot);
        let db = Arc::new(db);
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
        let options = StoreOptions { updates: Arc::clone(&self.0.options.updates), ..to.0.options.clone() };
        self.tenant(tenant)?.copy_into(&to.place_of(tenant)?.0, tenant, &options).map(drop)
    }

    /// What customers do to their tenants' databases, by customer.
    #[must_use]
    pub fn updates(&self) -> &BTreeMap<String, Arc<Updates>> {
        &self.0.options.updates
    }

    /// The folder of all data. The databases need not be in it.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.0.data_dir
    }

    /// The folder of all documents, which nodes of one cluster share.
    #[must_use]
    pub fn spool_dir(&self) -> PathBuf {
        self.0.options.spool_dir.clone().unwrap_or_else(|| self.0.data_dir.join("spool"))
    }

    /// The bucket of all documents, if they have one.
    #[must_use]
    pub fn depot(&self) -> Option<&Depot> {
        self.0.depot.as_ref()
    }

    /// The folder of a tenant: of its database, where that is a file, and of the lock that says who has it open.
    #[must_use]
    pub fn folder_of(&self, tenant: &TenantId) -> PathBuf {
        self.0.data_dir.join("tenants").join(tenant.as_str())
    }

    /// Lets go of a tenant that another process deletes or replaces: it is opened anew, if ever. What was open has to be asked to
    /// [`close`](TenantDb::close) until it has.
    pub fn let_go(&self, tenant: &TenantId) -> Option<Arc<TenantDb>> {
        let place = self.forget(tenant)?;
        place.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits until no process has the tenant open, and keeps all from opening it. `goes_on` is asked again and again; false ends the
    /// waiting.
    ///
    /// # Errors
    /// `Busy`, `Io`, `Full`, `Unavailable`.
    pub fn hold(
        &self,
        tenant: &TenantId,
        wait_max: Duration,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Held, StoreError> {
        let deadline = Instant::now() + wait_max;
        let held = Held::take(&self.folder_of(tenant), wait_max, goes_on).and_then(|held| match &self.0.home {
            Home::Folder(_) => Ok(held),
            Home::Server(server, prefix) => {
                let left = deadline.saturating_duration_since(Instant::now());
                held.and_schema(server, &SchemaName::of_tenant(prefix, 't', tenant)?, left, goes_on)
            }
        });
        held.map_err(|error| error.during("take a tenant's folder", &format!("tenant {tenant}")))
    }

    /// Forgets the nonces of these keys, of which nothing stays in the file. Gives their number.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn forget_nonces(&self, key_ids: &[String]) -> Result<u64, StoreError> {
        // Most data folders have none.
        if matches!(self.0.home, Home::Folder(_)) && !self.0.data_dir.join("nonces.db").exists() {
            return Ok(0);
        }
        self.nonces()?.forget(key_ids)
    }

    /// Forgets the runs of tasks for a tenant, of which nothing stays in the file. Gives how many rows those were.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn forget_runs(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        if self.has_no_tasks() { Ok(0) } else { self.tasks()?.forget_tenant(tenant) }
    }

    /// Whether there are runs of tasks for a tenant.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn has_runs(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        if self.has_no_tasks() { Ok(false) } else { self.tasks()?.has_tenant(tenant) }
    }

    /// A folder in which no task was ever wanted.
    fn has_no_tasks(&self) -> bool {
        matches!(self.0.home, Home::Folder(_)) && !self.0.data_dir.join("tasks.db").exists()
    }

    /// Where a tenant is, and the mark of an address of its own.
    pub(crate) fn place_of(&self, tenant: &TenantId) -> Result<(Place, Option<Mark>), StoreError> {
        let spot = self.control().spot(tenant)?;
        Ok((self.place_at(tenant, &spot)?, spot.as_ref().map(Spot::hash)))
    }

    /// A place for a tenant: at an address, or the platform's own.
    pub(crate) fn place_at(&self, tenant: &TenantId, spot: &Option<Spot>) -> Result<Place, StoreError> {
        match spot {
            Some(spot) => Ok(Place::Schema(self.server_of(spot)?, spot.schema.clone())),
            None => self.0.home.place_of(tenant),
        }
    }

    /// The tenants that this process has open where they are no more.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn moved_away(&self) -> Result<Vec<TenantId>, StoreError> {
        let spots = self.control().spots()?;
        let opened = self.opened_at();
        Ok(opened.iter().filter(|(tenant, at)| spots.get(*tenant) != at.as_ref()).map(|(it, _)| it.clone()).collect())
    }

    /// Does the steps of a tenant's customer, unless they have just failed: every request to the tenant would try again.
    fn update_now_and_then(&self, tenant: &TenantId, db: &TenantDb, upto: Option<&str>) -> Result<(), StoreError> {
        let failed = || self.0.failed_updates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cause)) = failed().get(tenant).filter(|(at, _)| at.elapsed() < UPDATE_RETRY) {
            let failed = StoreError::of(StoreErrorKind::Behind, cause.clone());
            return Err(failed.during("update a tenant", &format!("tenant {tenant}")));
        }
        let done = self.update(tenant, db, upto);
        match &done {
            Err(error) if error.kind() == StoreErrorKind::Behind => {
                let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
                failed().insert(tenant.clone(), (Instant::now(), cause));
            }
            _ => drop(failed().remove(tenant)),
        }
        done
    }

    fn opened_at(&self) -> MutexGuard<'_, HashMap<TenantId, Option<Mark>>> {
        self.0.opened_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn servers(&self) -> &Servers {
        &self.0.servers
    }

    pub(crate) fn home(&self) -> &Home {
        &self.0.home
    }

    pub(crate) fn options(&self) -> &StoreOptions {
        &self.0.options
    }

    fn forget(&self, tenant: &TenantId) -> Option<Opened> {
        self.opened_at().remove(tenant);
        self.0.tenants.lock().unwrap_or_else(PoisonError::into_inner).remove(tenant)
    }

    fn known(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let failed = |kind| StoreError::new(kind, "open a tenant", format!("tenant {tenant}"));
        match self.control().tenant(tenant)?.map(|row| row.state) {
            None | Some(TenantState::Deleting) => Err(failed(StoreErrorKind::NotFound)),
            Some(TenantState::Restoring) => Err(failed(StoreErrorKind::Busy)),
            Some(TenantState::Active | TenantState::Suspended) => Ok(()),
        }
    }
}

/// Where the databases of a store are.
pub(crate) enum Home {
    Folder(PathBuf),
    Server(Arc<PgServer>, String),
}

impl Home {
    fn find(data_dir: &Path, options: &StoreOptions, node: &str) -> Result<Self, StoreError> {
        let Some(postgres) = &options.postgres else { return Ok(Self::Folder(data_dir.to_owned())) };
        let address: PostgresAddress = postgres.url.parse()?;
        let prefix = postgres.schema_prefix.clone();
        // Before anything is said to the server.
        SchemaName::new(&prefix, "control")?;
        let server = ServerOptions {
            application: application(&prefix, node),
            node: node.to_owned(),
            connections_max: postgres.connections_max,
            wait_max: options.wait_max,
        };
        Ok(Self::Server(PgServer::connect(&address, &server)?, prefix))
    }

    /// The control database, the nonces, or the runs of tasks.
    fn place(&self, name: &str) -> Result<Place, StoreError> {
        Ok(match self {
            Self::Folder(folder) => Place::File(folder.join(format!("{name}.db"))),
            Self::Server(server, prefix) => Place::Schema(Arc::clone(server), SchemaName::new(prefix, name)?),
        })
    }

    fn place_of(&self, tenant: &TenantId) -> Result<Place, StoreError> {
        match self {
            Self::Folder(folder) => Ok(Place::File(folder.join("tenants").join(tenant.as_str()).join("catalog.db"))),
            Self::Server(server, prefix) => {
                Ok(Place::Schema(Arc::clone(server), SchemaName::of_tenant(prefix, 't', tenant)?))
            }
        }
    }

    /// A tenant's door, where its database is a server's the server's, too.
    fn enter(&self, door: Door, tenant: &TenantId, wait_max: Duration) -> Result<Door, StoreError> {
        match self {
            Self::Folder(_) => Ok(door),
            Self::Server(server, prefix) => {
                door.and_schema(server, &SchemaName::of_tenant(prefix, 't', tenant)?, wait_max)
            }
        }
    }
}
