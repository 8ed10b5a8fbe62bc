//! SQLite's side: how files are opened, and how a statement runs on one.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{OpenFlags, Statement};

use super::{Connection, Row, Value};
use crate::error::{StoreError, StoreErrorKind};
use crate::migrate::{Schema, migrate};
use crate::store::StoreOptions;

/// The statements that a connection keeps prepared: all of ours fit.
const STATEMENTS_MAX: usize = 64;
/// A reader's page cache.
const READER_CACHE_KIB: i64 = 4 * 1024;
/// The WAL file is cut back to this once its pages are in the database.
const WAL_BYTES_KEPT: i64 = 16 * 1024 * 1024;
/// SQLite's own page size; a limit in bytes is set in pages.
const PAGE_BYTES: u64 = 4096;

pub(super) fn execute(statement: &mut Statement<'_>, values: &[Value<'_>]) -> Result<u64, StoreError> {
    bind(statement, values)?;
    Ok(statement.raw_execute()? as u64)
}

pub(super) fn visit(
    statement: &mut Statement<'_>,
    values: &[Value<'_>],
    mut see: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    bind(statement, values)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        if see(&Row::Sqlite(row))?.is_break() {
            break;
        }
    }
    Ok(())
}

/// A statement that adds as many rows of so many columns. A row that does not fit ends the transaction: were the statement alone undone,
/// each page would be copied before it is changed.
pub(super) fn insert(into: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    format!("INSERT OR ROLLBACK INTO {into} VALUES {}", vec![&*row; rows].join(", "))
}

fn bind(statement: &mut Statement<'_>, values: &[Value<'_>]) -> Result<(), StoreError> {
    // SQLite takes a missing value for NULL.
    let (expected, given) = (statement.parameter_count(), values.len());
    if expected != given {
        return Err(rusqlite::Error::InvalidParameterCount(given, expected).into());
    }
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// A connection that refuses to write.
pub(crate) fn open_reader(path: &Path, wait_max: Duration) -> Result<Connection, StoreError> {
    let connection = connect(path, wait_max)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(Connection::Sqlite(connection))
}

/// The one connection that writes; brings the file to the current structure.
pub(crate) fn open_writer(
    path: &Path,
    schema: &'static Schema,
    options: &StoreOptions,
) -> Result<Connection, StoreError> {
    let mut connection = connect(path, options.wait_max)?;
    enter_wal(&connection, options.wait_max)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -(options.writer_cache_bytes / 1024).cast_signed())?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    if let Some(bytes) = options.database_bytes_max {
        connection.pragma_update(None, "max_page_count", (bytes / PAGE_BYTES).max(1).cast_signed())?;
    }
    migrate(&mut connection, schema, options.migrate)?;
    connection.execute_batch(schema.writer_setup.sqlite)?;
    Ok(Connection::Sqlite(connection))
}

/// Moves the WAL into the file and cuts it back. False if a reader is in the way.
pub(crate) fn checkpoint(
    connection: &Connection,
    readers_wait: Duration,
    wait_max: Duration,
) -> Result<bool, StoreError> {
    let Connection::Sqlite(connection) = connection else { return Ok(true) };
    connection.busy_timeout(readers_wait)?;
    let is_blocked = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(wait_max)?;
    Ok(!is_blocked?)
}

/// A number that is another one after another connection has committed.
pub(crate) fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    match connection {
        Connection::Sqlite(connection) => Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?),
        Connection::Postgres(_) => Err(StoreError::of(StoreErrorKind::Internal, "a server tells of commits by itself")),
    }
}

fn connect(path: &Path, wait_max: Duration) -> Result<rusqlite::Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(wait_max)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.pragma_update(None, "temp_store", "FILE")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Two processes that open a new file at once: one of them may be told `Busy` without SQLite's own waiting.
fn enter_wal(connection: &rusqlite::Connection, wait_max: Duration) -> Result<(), StoreError> {
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
