//! One database file: how it is opened, read and written. The control database and each tenant's catalog are such files.
//!
//! Reads run on a pool of connections that refuse to write; writes run one at a time, each in one IMMEDIATE transaction
//! that is durable (fsync) before it returns. In WAL mode neither waits for the other.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::{StoreError, StoreErrorKind};
use crate::files;
use crate::migrate::{Schema, migrate};
use crate::pool::{Lent, Pool};
use crate::store::StoreOptions;

/// The statements that a connection keeps prepared: all of ours fit.
const STATEMENTS_MAX: usize = 64;
/// A reader's page cache.
const READER_CACHE_KIB: i64 = 4 * 1024;
/// The WAL file is cut back to this once its pages are in the database.
const WAL_BYTES_KEPT: i64 = 16 * 1024 * 1024;
/// SQLite's own page size; a limit in bytes is set in pages.
const PAGE_BYTES: u64 = 4096;

pub(crate) struct Database {
    subject: String,
    path: PathBuf,
    wait_max: Duration,
    readers: Pool,
    writer: Pool,
}

impl Database {
    /// Opens a file, creating and migrating it as needed.
    ///
    /// # Errors
    /// `Corrupt` for a foreign or damaged file, `TooNew`, `Busy`, `Full`, `Io`.
    pub(crate) fn open(
        path: &Path,
        schema: &'static Schema,
        subject: String,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        let opened = Self::try_open(path, schema, subject.clone(), options);
        opened.map_err(|error| error.during("open a database", &subject))
    }

    fn try_open(
        path: &Path,
        schema: &'static Schema,
        subject: String,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            files::create_folder(folder)?;
        }
        files::create_file(path)?;
        let wait_max = options.wait_max;
        let writer = {
            let (path, options) = (path.to_owned(), options.clone());
            Pool::new(1, Box::new(move || open_writer(&path, schema, &options)))
        };
        // Now rather than at the first write: whoever opens a tenant wants to hear of a damaged file.
        drop(writer.take(wait_max)?);
        let (path, file): (PathBuf, PathBuf) = (path.to_owned(), path.to_owned());
        let readers = Pool::new(options.readers_per_database, Box::new(move || open_reader(&file, wait_max)));
        Ok(Self { subject, path, wait_max, readers, writer })
    }

    /// Runs one read on a connection of the pool. Several statements do not see one state; a caller that needs that opens a
    /// transaction.
    pub(crate) fn read<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = self.readers.take(self.wait_max).and_then(|connection| work(&connection));
        done.map_err(|error| error.during(operation, &self.subject))
    }

    /// Runs one write in its own transaction; an error rolls everything back.
    pub(crate) fn write<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let run = || {
            let mut connection = self.writer.take(self.wait_max)?;
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&tx)?;
            tx.commit()?;
            Ok(value)
        };
        run().map_err(|error: StoreError| error.during(operation, &self.subject))
    }

    /// Writes the state of one moment into a file that is not there yet, or is empty.
    pub(crate) fn copy_into(&self, path: &Path) -> Result<(), StoreError> {
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
            connection.pragma_update(None, "query_only", false)?;
            let copied = connection.execute("VACUUM INTO ?1", [target]);
            connection.pragma_update(None, "query_only", true)?;
            copied?;
            Ok(())
        })
    }

    /// A reader outside of the pool, for a read that lasts: it takes no connection from others. Closed when it is dropped.
    pub(crate) fn own_reader(&self) -> Result<Connection, StoreError> {
        open_reader(&self.path, self.wait_max)
    }

    /// The writer, for a transaction that outlives one call.
    pub(crate) fn writer(&self) -> Result<Lent<'_>, StoreError> {
        self.writer.take(self.wait_max)
    }

    /// The writer if nobody has it.
    pub(crate) fn idle_writer(&self) -> Result<Lent<'_>, StoreError> {
        self.writer.take(Duration::ZERO)
    }

    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    pub(crate) fn wait_max(&self) -> Duration {
        self.wait_max
    }
}

/// A connection that refuses to write.
pub(crate) fn open_reader(path: &Path, wait_max: Duration) -> Result<Connection, StoreError> {
    let connection = connect(path, wait_max)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn open_writer(path: &Path, schema: &Schema, options: &StoreOptions) -> Result<Connection, StoreError> {
    let mut connection = connect(path, options.wait_max)?;
    enter_wal(&connection, options.wait_max)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -(options.writer_cache_bytes / 1024).cast_signed())?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    if let Some(bytes) = options.database_bytes_max {
        connection.pragma_update(None, "max_page_count", (bytes / PAGE_BYTES).max(1).cast_signed())?;
    }
    migrate(&mut connection, schema)?;
    connection.execute_batch(schema.writer_setup)?;
    Ok(connection)
}

fn connect(path: &Path, wait_max: Duration) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(wait_max)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.pragma_update(None, "temp_store", "FILE")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Two processes that open a new file at once: one of them may be told `Busy` without SQLite's own waiting.
fn enter_wal(connection: &Connection, wait_max: Duration) -> Result<(), StoreError> {
    let deadline = Instant::now() + wait_max;
    loop {
        let entered = connection.pragma_update(None, "journal_mode", "WAL").map_err(StoreError::from);
        match entered {
            Err(error) if error.kind() == StoreErrorKind::Busy && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}
