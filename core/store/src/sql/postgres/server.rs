//! A server's connections: how one is made, and who gets it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::postgres::Client;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::doors::{self, Doors, PgDoor};
use super::listener::{Listener, Movements};
use super::pooler;
use super::{PgConnection, PostgresAddress, SchemaName};
use crate::error::{StoreError, StoreErrorKind};
use crate::pool::{Lent, Pool};
use crate::sql::{Connection, values};

/// What every session of ours relies on, whatever the server's or the role's defaults are. A commit that was answered is on the disk.
const SESSION: &str =
    "SET synchronous_commit = on; SET standard_conforming_strings = on; SET client_min_messages = warning;
    SET default_transaction_isolation = 'read committed'; SET lock_timeout = 0; SET bytea_output = hex";

/// The use of a schema that all share who have it open.
const DOOR: &str = "door";
/// Connections for what nodes tell each other.
const BESIDE_CONNECTIONS_MAX: usize = 2;

/// How a server is used.
#[derive(Debug, Clone)]
pub(crate) struct ServerOptions {
    /// What the server's administrator sees of each session.
    pub(crate) application: String,
    /// This process among those that share the server.
    pub(crate) node: String,
    /// Connections at the same time, over all its schemas; a few more are for listening and for what nodes tell each other.
    pub(crate) connections_max: usize,
    /// How long a caller waits for a connection, for the server to answer a new one, and for another writer.
    pub(crate) wait_max: Duration,
}

/// One database of a PostgreSQL server.
pub(crate) struct PgServer {
    connector: Connector,
    wait_max: Duration,
    node: String,
    pool: Pool,
    /// For what must not wait until an import gives a connection back.
    beside: Pool,
    listener: Listener,
    /// Made at first need: most commands open no tenant.
    doors: Mutex<Option<Arc<Doors>>>,
}

impl PgServer {
    /// Connects, and looks whether sessions are what they have to be.
    ///
    /// # Errors
    /// `Unavailable`; `Unfit` for a pooler that gives a session's state to others.
    pub(crate) fn connect(address: &PostgresAddress, options: &ServerOptions) -> Result<Arc<Self>, StoreError> {
        let connector = Connector::new(address, options)?;
        pooler::refuse_transaction_mode(|| connector.connect())?;
        let wait_max = options.wait_max;
        let pool_of = |count| {
            let opening = connector.clone();
            let open = move || Ok(Connection::Postgres(Box::new(PgConnection::new(opening.connect()?, wait_max))));
            Pool::new(count, Box::new(open))
        };
        let (pool, beside) = (pool_of(options.connections_max), pool_of(BESIDE_CONNECTIONS_MAX));
        let node = options.node.clone();
        let listener = Listener::start(connector.clone(), wait_max);
        Ok(Arc::new(Self { connector, wait_max, node, pool, beside, listener, doors: Mutex::default() }))
    }

    /// A connection at a schema; best one that was there last.
    ///
    /// # Errors
    /// `Busy` when none is free in time; `Unavailable`.
    pub(crate) fn take(&self, schema: &SchemaName, wait_max: Duration) -> Result<Lent<'_>, StoreError> {
        Self::take_of(&self.pool, schema, wait_max)
    }

    /// One of the few that nothing lasting is done on.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub(crate) fn take_beside(&self, schema: &SchemaName) -> Result<Lent<'_>, StoreError> {
        Self::take_of(&self.beside, schema, self.wait_max)
    }

    /// This process among those that share the server.
    pub(crate) fn node(&self) -> &str {
        &self.node
    }

    fn take_of<'a>(pool: &'a Pool, schema: &SchemaName, wait_max: Duration) -> Result<Lent<'a>, StoreError> {
        let is_there =
            |connection: &Connection| connection.postgres().is_some_and(|connection| connection.is_at(schema));
        loop {
            let (lent, is_fresh) = pool.take_rather(wait_max, is_there)?;
            let entered = lent.postgres().map_or(Ok(()), |connection| connection.enter(schema));
            match entered {
                Ok(()) => return Ok(lent),
                // The server was restarted meanwhile: those that lie idle are all of no use.
                Err(_) if !is_fresh && lent.postgres().is_some_and(PgConnection::is_closed) => {
                    drop(lent);
                    pool.forget_idle();
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// A connection of its own at a schema, for a read that lasts.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(crate) fn connect_to(&self, schema: &SchemaName) -> Result<Connection, StoreError> {
        let connection = PgConnection::new(self.connector.connect()?, self.wait_max);
        connection.enter(schema)?;
        Ok(Connection::Postgres(Box::new(connection)))
    }

    /// Takes a share in a schema: nobody has it alone as long as that is kept.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`.
    pub(crate) fn enter(&self, schema: &SchemaName, wait_max: Duration) -> Result<PgDoor, StoreError> {
        let doors = {
            let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
            match doors.as_ref() {
                Some(doors) => Arc::clone(doors),
                None => Arc::clone(doors.insert(Arc::new(Doors::start(self.connector.clone())?))),
            }
        };
        doors.enter(schema.lock_of(DOOR), wait_max)
    }

    /// Waits until nobody has a share in a schema, and keeps all from it as long as the connection is kept. `goes_on` is asked again
    /// and again; false ends the waiting.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`.
    pub(crate) fn hold(
        &self,
        schema: &SchemaName,
        wait_max: Duration,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Connection, StoreError> {
        self.alone(schema, DOOR, wait_max, goes_on)
    }

    /// The same for any other use of a schema that one process has at a time.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`.
    pub(crate) fn alone(
        &self,
        schema: &SchemaName,
        usage: &str,
        wait_max: Duration,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Connection, StoreError> {
        let (deadline, connection) = (Instant::now() + wait_max, self.connect_to(schema)?);
        let lock = schema.lock_of(usage);
        while !connection.query_one("SELECT pg_try_advisory_lock(?1)", values![lock], |row| row.get::<bool>(0))? {
            if Instant::now() >= deadline || !goes_on() {
                return Err(StoreError::of(StoreErrorKind::Busy, "another process has the tenant's schema"));
            }
            std::thread::sleep(doors::PAUSE);
        }
        Ok(connection)
    }

    /// Closes what lies idle, after a connection was found dead.
    pub(crate) fn forget_idle(&self) {
        self.pool.forget_idle();
        self.beside.forget_idle();
    }

    /// Commits to a schema, this process's and others', as they become known.
    pub(crate) fn movements(&self, schema: &SchemaName) -> Movements {
        self.listener.movements(schema)
    }
}

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    config: ::postgres::Config,
    tls: MakeRustlsConnect,
}

impl Connector {
    fn new(address: &PostgresAddress, options: &ServerOptions) -> Result<Self, StoreError> {
        let mut config = address.config().clone();
        config
            .application_name(&options.application)
            .connect_timeout(options.wait_max)
            .keepalives(true)
            .keepalives_idle(Duration::from_secs(30));
        // A server that is cut off must not hold a thread for the quarter of an hour that the kernel would wait.
        config.tcp_user_timeout(Duration::from_secs(30));
        Ok(Self { config, tls: tls()? })
    }

    pub(super) fn connect(&self) -> Result<Client, StoreError> {
        let mut client = self.config.connect(self.tls.clone())?;
        client.batch_execute(SESSION)?;
        Ok(client)
    }
}

/// Certificates are those of the machine. Whether TLS is used is for the address to say (`sslmode`).
fn tls() -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = RootCertStore::empty();
    // A damaged certificate of the machine's store is one that vouches for nobody.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(|error| StoreError::of(StoreErrorKind::Internal, error))?;
    Ok(MakeRustlsConnect::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
