//! One database: how it is opened, read and written. The control database, the nonces and each tenant's catalogs are such: a file
//! of SQLite's, or a schema of a PostgreSQL server.
//!
//! Reads run beside each other on connections of a pool; writes run one at a time, each in one transaction that is durable before it
//! returns. Neither waits for the other.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::error::{StoreError, StoreErrorKind};
use crate::files;
use crate::migrate::{Schema, migrate_schema};
use crate::pool::{Lent, Pool, Uses};
use crate::sql::postgres::{Movements, PgServer, SchemaName};
use crate::sql::{self, Connection};
use crate::store::StoreOptions;
use crate::watch::Watch;

/// Where a database is.
#[derive(Clone)]
pub(crate) enum Place {
    File(PathBuf),
    Schema(Arc<PgServer>, SchemaName),
}

pub(crate) struct Database {
    subject: String,
    wait_max: Duration,
    connections: Connections,
    writer_setup: &'static str,
}

enum Connections {
    OfFile { path: PathBuf, readers: Pool, writer: Pool },
    OfSchema { server: Arc<PgServer>, schema: SchemaName, moves: Movements, uses: Arc<Uses> },
}

impl Database {
    /// Opens a database, creating and migrating it as needed.
    ///
    /// # Errors
    /// `Corrupt` for a foreign or damaged file, `TooNew`, `Busy`, `Full`, `Io`, `Unavailable`.
    pub(crate) fn open(
        place: &Place,
        schema: &'static Schema,
        subject: String,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        let opened = match place {
            Place::File(path) => open_file(path, schema, options),
            Place::Schema(server, name) => open_schema(server, name, schema, options),
        };
        let connections = opened.map_err(|error| error.during("open a database", &subject))?;
        Ok(Self { subject, wait_max: options.wait_max, connections, writer_setup: schema.writer_setup.postgres })
    }

    /// Runs one read on a connection of the pool. Several statements do not see one state; a caller that needs that opens a
    /// transaction. It runs again if the server had gone away meanwhile.
    pub(crate) fn read<T>(
        &self,
        operation: &'static str,
        work: impl Fn(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let run = || -> Result<T, StoreError> {
            let connection = self.reader()?;
            let done = work(&connection);
            if self.is_gone(&connection, &done) {
                drop(connection);
                return work(&*self.reader()?);
            }
            done
        };
        run().map_err(|error| error.during(operation, &self.subject))
    }

    /// Runs one write in its own transaction; an error rolls everything back.
    pub(crate) fn write<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let run = || {
            let connection = self.begin_write()?;
            let value = work(&connection)?;
            connection.commit()?;
            Ok(value)
        };
        let done = run().map_err(|error: StoreError| error.during(operation, &self.subject))?;
        self.has_committed();
        Ok(done)
    }

    /// The writer with a transaction that outlives one call. Dropping it undoes everything.
    pub(crate) fn begin_write(&self) -> Result<Lent<'_>, StoreError> {
        let begin = |connection: &Connection| {
            connection.postgres().map_or(Ok(()), |connection| connection.set_up(self.writer_setup))?;
            connection.begin_write()
        };
        let mut connection = self.writer()?;
        let mut begun = begin(&connection);
        if self.is_gone(&connection, &begun) {
            drop(connection);
            connection = self.writer()?;
            begun = begin(&connection);
        }
        begun?;
        Ok(connection)
    }

    /// To be called after a commit of [`begin_write`](Self::begin_write)'s transaction.
    pub(crate) fn has_committed(&self) {
        if let Connections::OfSchema { moves, .. } = &self.connections {
            moves.add();
        }
    }

    /// The server went away before or during `done`: then all idle connections are dead too.
    fn is_gone<T>(&self, connection: &Connection, done: &Result<T, StoreError>) -> bool {
        let is_closed = done.is_err() && connection.postgres().is_some_and(|connection| connection.is_closed());
        if let (true, Connections::OfSchema { server, .. }) = (is_closed, &self.connections) {
            server.forget_idle();
        }
        is_closed
    }

    fn reader(&self) -> Result<Lent<'_>, StoreError> {
        match &self.connections {
            Connections::OfFile { readers, .. } => readers.take(self.wait_max),
            Connections::OfSchema { server, schema, uses, .. } => self.of_schema(server, schema, uses),
        }
    }

    fn writer(&self) -> Result<Lent<'_>, StoreError> {
        match &self.connections {
            Connections::OfFile { writer, .. } => writer.take(self.wait_max),
            Connections::OfSchema { server, schema, uses, .. } => self.of_schema(server, schema, uses),
        }
    }

    fn of_schema<'a>(
        &self,
        server: &'a PgServer,
        schema: &SchemaName,
        uses: &Arc<Uses>,
    ) -> Result<Lent<'a>, StoreError> {
        let usage = uses.begin()?;
        Ok(server.take(schema, self.wait_max)?.counted(usage))
    }

    /// Writes the state of one moment into a file that is not there yet, or is empty. False, and nothing is done, unless both are files.
    pub(crate) fn copy_file(&self, place: &Place) -> Result<bool, StoreError> {
        match (&self.connections, place) {
            (Connections::OfFile { .. }, Place::File(path)) => self.copy_into_file(path).map(|()| true),
            _ => Ok(false),
        }
    }

    fn copy_into_file(&self, path: &Path) -> Result<(), StoreError> {
        if let Some(folder) = path.parent() {
            files::create_folder(folder)?;
        }
        // The copy's file is made by us, so that nobody else may read it.
        files::create_file(path)?;
        let Some(target) = path.to_str() else {
            let name = path.display().to_string();
            return Err(StoreError::new(StoreErrorKind::Io, "copy a database", format!("{name}: is not UTF-8")));
        };
        self.read("copy a database", |connection| {
            // A reader's refusal to write would include the copy.
            connection.execute_batch("PRAGMA query_only = false")?;
            let copied = connection.execute("VACUUM INTO ?1", sql::values![target]);
            connection.execute_batch("PRAGMA query_only = true")?;
            copied?;
            Ok(())
        })
    }

    /// A reader for a read that lasts, outside of the pool: it takes no connection from others. Closed when it is dropped.
    pub(crate) fn own_reader(&self) -> Result<Connection, StoreError> {
        match &self.connections {
            Connections::OfFile { path, .. } => sql::open_reader(path, self.wait_max),
            Connections::OfSchema { server, schema, .. } => server.connect_to(schema),
        }
    }

    /// Moves what was written from the WAL into the file, and cuts the WAL back; waits `readers_wait` for those in the way. True if it
    /// was done to the end. A server does this by itself.
    pub(crate) fn checkpoint(&self, readers_wait: Duration) -> Result<bool, StoreError> {
        let Connections::OfFile { writer, .. } = &self.connections else { return Ok(true) };
        let connection = match writer.take(Duration::ZERO) {
            Err(error) if error.kind() == StoreErrorKind::Busy => return Ok(false),
            other => other?,
        };
        sql::checkpoint(&connection, readers_wait, self.wait_max)
    }

    /// Gives nothing out any more. True once every connection of its own is closed; those to a server are everybody's, and have to be
    /// given back.
    pub(crate) fn close(&self) -> bool {
        match &self.connections {
            Connections::OfFile { readers, writer, .. } => {
                let (readers, writer) = (readers.close(), writer.close());
                readers && writer
            }
            Connections::OfSchema { uses, .. } => uses.close(),
        }
    }

    /// Leaves nothing in the file of what was deleted, nor in its log. A server does this in its own time.
    pub(crate) fn scrub(&self) -> Result<(), StoreError> {
        let Connections::OfFile { writer, .. } = &self.connections else { return Ok(()) };
        let run = || {
            writer.take(self.wait_max)?.execute_batch("VACUUM")?;
            match self.checkpoint(self.wait_max)? {
                true => Ok(()),
                false => Err(StoreError::of(StoreErrorKind::Busy, "a reader keeps the log")),
            }
        };
        run().map_err(|error: StoreError| error.during("scrub a database", &self.subject))
    }

    /// How somebody finds out that there was a commit.
    pub(crate) fn watch(&self) -> Watch {
        match &self.connections {
            Connections::OfFile { path, .. } => Watch::of_file(path, self.wait_max),
            Connections::OfSchema { server, schema, .. } => Watch::of_schema(server.movements(schema)),
        }
    }

    /// This process among those that share a server's database; none for a file.
    pub(crate) fn node(&self) -> Option<&str> {
        match &self.connections {
            Connections::OfFile { .. } => None,
            Connections::OfSchema { server, .. } => Some(server.node()),
        }
    }

    /// Runs statements beside whoever writes, each a commit of its own unless `work` says otherwise. It takes no lock and tells nobody,
    /// and has connections of its own: for what nodes say of themselves, whatever imports do. Not for files.
    pub(crate) fn beside<T>(
        &self,
        operation: &'static str,
        work: impl Fn(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Connections::OfSchema { server, schema, .. } = &self.connections else {
            return Err(not_shared().during(operation, &self.subject));
        };
        let run = || -> Result<T, StoreError> {
            let connection = server.take_beside(schema)?;
            let done = work(&connection);
            if done.is_err() && connection.postgres().is_some_and(|connection| connection.is_closed()) {
                drop(connection);
                return work(&*server.take_beside(schema)?);
            }
            done
        };
        run().map_err(|error| error.during(operation, &self.subject))
    }

    /// A transaction that holds a lock of that name among those of this database, and nothing else. Not for files.
    pub(crate) fn begin_beside(&self, name: &str) -> Result<Lent<'_>, StoreError> {
        let Connections::OfSchema { server, schema, .. } = &self.connections else { return Err(not_shared()) };
        let lock = schema.lock_of(name);
        let lent = self.writer()?;
        let begin =
            |connection: &Connection| connection.postgres().map_or(Ok(()), |connection| connection.begin_locked(lock));
        let begun = begin(&lent);
        if self.is_gone(&lent, &begun) {
            drop(lent);
            let lent = server.take(schema, self.wait_max)?;
            begin(&lent)?;
            return Ok(lent);
        }
        begun?;
        Ok(lent)
    }

    /// Ends the session in which another node writes to this database, if there is one.
    pub(crate) fn end_writer_of(&self, connection: &Connection, node: &str) -> Result<(), StoreError> {
        const END: &str = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()
                AND l.database = a.datid AND (l.classid::bigint << 32) | l.objid::bigint = ?1
                AND right(a.application_name, length(?2)) = ?2";
        let Connections::OfSchema { schema, .. } = &self.connections else { return Err(not_shared()) };
        connection.visit(END, sql::values![schema.lock(), node], |_| Ok(std::ops::ControlFlow::Continue(())))
    }

    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }
}

fn not_shared() -> StoreError {
    StoreError::of(StoreErrorKind::Unfit, "a file has one process alone")
}

fn open_file(path: &Path, schema: &'static Schema, options: &StoreOptions) -> Result<Connections, StoreError> {
    if let Some(folder) = path.parent() {
        files::create_folder(folder)?;
    }
    files::create_file(path)?;
    let wait_max = options.wait_max;
    let writer = {
        let (path, options) = (path.to_owned(), options.clone());
        Pool::new(1, Box::new(move || sql::open_writer(&path, schema, &options)))
    };
    // Now rather than at the first write: whoever opens a tenant wants to hear of a damaged file.
    drop(writer.take(wait_max)?);
    let (path, file): (PathBuf, PathBuf) = (path.to_owned(), path.to_owned());
    let readers = Pool::new(options.readers_per_database, Box::new(move || sql::open_reader(&file, wait_max)));
    Ok(Connections::OfFile { path, readers, writer })
}

fn open_schema(
    server: &Arc<PgServer>,
    name: &SchemaName,
    schema: &'static Schema,
    options: &StoreOptions,
) -> Result<Connections, StoreError> {
    migrate_schema(&*server.take(name, options.wait_max)?, name, schema, options.migrate)?;
    let moves = server.movements(name);
    Ok(Connections::OfSchema { server: Arc::clone(server), schema: name.clone(), moves, uses: Arc::default() })
}
