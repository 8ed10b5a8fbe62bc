//! What this crate says to a SQL database: statements with values in, rows out, whichever backend runs them.
//!
//! There is one text for each statement. It is written for SQLite; `dialect` drops what PostgreSQL does without. Where the two
//! need different work, not different words, the caller asks [`Connection::postgres`]. Nothing of this leaves the crate.

mod dialect;
pub(crate) mod postgres;
#[cfg(feature = "recording")]
mod recording;
mod sqlite;
mod value;

use std::ops::ControlFlow;

pub(crate) use sqlite::{checkpoint, data_version, open_reader, open_writer};
pub(crate) use value::{Column, Fingerprint16, OwnedValue, Value, with_nul, without_nul};

use crate::error::StoreError;
use postgres::PgConnection;

/// Values of a statement, in the order of its places: `values![name, 3_i64, None::<i64>]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::Value::from($value)),*] };
}
pub(crate) use values;

/// The present moment by a server's clock, in microseconds since 1970.
pub(crate) const NOW_MICROS: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// Rows that a caller of [`Connection::insert_all`] gathers.
pub(crate) const ROWS_AT_ONCE: usize = 1_024;

/// Rows that one statement adds to a file, at the most.
pub(crate) const ROWS_PER_STATEMENT: usize = 64;

/// Rows that one statement adds to a file: so few lengths that each stays prepared.
const STATEMENT_ROWS: [usize; 4] = [ROWS_PER_STATEMENT, 16, 4, 1];

/// A connection to one database.
pub(crate) enum Connection {
    /// A file.
    Sqlite(rusqlite::Connection),
    /// A schema of a server.
    Postgres(Box<PgConnection>),
}

/// A row of an answer.
pub(crate) enum Row<'a> {
    /// Of a file.
    Sqlite(&'a rusqlite::Row<'a>),
    /// Of a server.
    Postgres(&'a ::postgres::Row),
}

impl Row<'_> {
    /// The value in a column, from 0.
    ///
    /// # Errors
    /// `Corrupt` for a value of another type.
    pub(crate) fn get<T: Column>(&self, column: usize) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => postgres::column(row, column),
        }
    }

    /// The value in a column, from 0, whatever it is.
    pub(crate) fn value(&self, column: usize) -> Result<OwnedValue, StoreError> {
        match self {
            Self::Sqlite(row) => row.get_ref(column)?.try_into(),
            Self::Postgres(row) => postgres::value(row, column),
        }
    }
}

impl Connection {
    /// The server's side of it, where a caller has a way of its own for servers.
    pub(crate) fn postgres(&self) -> Option<&PgConnection> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(connection) => Some(connection),
        }
    }

    /// Runs a statement that stays prepared. How many rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        note(sql);
        match self {
            Self::Sqlite(connection) => sqlite::execute(&mut *connection.prepare_cached(sql)?, values),
            Self::Postgres(connection) => connection.execute(sql, values),
        }
    }

    /// Adds rows to `table (columns)`: the fastest way that there is.
    pub(crate) fn insert_all<const N: usize>(&self, into: &str, rows: &[[Value<'_>; N]]) -> Result<(), StoreError> {
        self.insert_rows(into, N, rows.as_flattened())
    }

    /// The same; the values of a row stand behind those of the row before.
    pub(crate) fn insert_rows(&self, into: &str, columns: usize, values: &[Value<'_>]) -> Result<(), StoreError> {
        let connection = match self {
            Self::Sqlite(connection) => connection,
            Self::Postgres(connection) => return connection.copy(into, columns, values),
        };
        let mut rest = values;
        for rows in STATEMENT_ROWS {
            let whole = rest.chunks_exact(columns * rows);
            rest = whole.remainder();
            if whole.len() > 0 {
                let text = sqlite::insert(into, columns, rows);
                note(&text);
                let mut insert = connection.prepare_cached(&text)?;
                whole.map(|values| sqlite::execute(&mut insert, values)).try_for_each(|done| done.map(|_| ()))?;
            }
        }
        Ok(())
    }

    /// Runs statements without values.
    pub(crate) fn execute_batch(&self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(connection) => connection.execute_batch(sql),
        }
    }

    /// All rows of an answer.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.visit(sql, values, |row| {
            found.push(read(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// The first row, if there is one.
    pub(crate) fn query_opt<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.visit(sql, values, |row| {
            found = Some(read(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// The one row that there has to be.
    ///
    /// # Errors
    /// `Corrupt` if there is none.
    pub(crate) fn query_one<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let missing = || StoreError::of(crate::error::StoreErrorKind::Corrupt, "a row is missing that is always there");
        self.query_opt(sql, values, read)?.ok_or_else(missing)
    }

    /// Hands over one row after the other until `see` has enough.
    pub(crate) fn visit(
        &self,
        sql: &str,
        values: &[Value<'_>],
        see: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        note(sql);
        match self {
            Self::Sqlite(connection) => sqlite::visit(&mut *connection.prepare_cached(sql)?, values, see),
            Self::Postgres(connection) => connection.visit(sql, values, see),
        }
    }

    /// Whether SQLite's own checkpoints run within commits; a server has nothing of the kind.
    pub(crate) fn checkpoint_in_commits(&self, is_on: bool) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => {
                Ok(connection.pragma_update(None, "wal_autocheckpoint", if is_on { 1000 } else { 0 })?)
            }
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Opens a transaction that no other writer of the same database runs beside.
    ///
    /// # Errors
    /// `Busy` when another writer does not end in time.
    pub(crate) fn begin_write(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch("BEGIN IMMEDIATE")?),
            Self::Postgres(connection) => connection.begin_write(),
        }
    }

    /// What is deleted from now on leaves nothing in the pages of the file. A server does this in its own time.
    pub(crate) fn leave_nothing(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.pragma_update(None, "secure_delete", true)?),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Opens a transaction whose reads see one state.
    pub(crate) fn begin_read(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch("BEGIN")?),
            Self::Postgres(connection) => connection.begin_read(),
        }
    }

    /// Makes the open transaction durable and visible.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch("COMMIT")?),
            Self::Postgres(connection) => connection.commit(),
        }
    }

    /// Undoes the open transaction, if there is one. False if the connection is of no use any more.
    pub(crate) fn settle(&self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok(),
            Self::Postgres(connection) => connection.settle(),
        }
    }
}

#[cfg(feature = "recording")]
use recording::note;

#[cfg(not(feature = "recording"))]
fn note(_: &str) {}
