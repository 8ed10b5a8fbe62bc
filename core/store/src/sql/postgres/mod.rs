//! PostgreSQL's side. A database of ours is a schema there: many of them in one database of a server, or each elsewhere.
//!
//! Connections belong to the server and not to a schema, for a thousand tenants must not hold thousands of them: whoever takes one
//! says which schema it is for, and gets it with that as its whole search path. `server` has the connections, `doors` holds what keeps
//! others from a schema, `listener` hears of other processes' commits, `address` reads what an operator writes.

mod address;
mod bulk;
mod doors;
mod listener;
mod pooler;
mod server;

use std::cell::{Cell, RefCell, RefMut};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;

use ::postgres::fallible_iterator::FallibleIterator;
use ::postgres::types::{ToSql, Type};
use ::postgres::{Client, Row as PgRow, Statement};

pub(crate) use address::{PostgresAddress, SchemaName};
pub(crate) use doors::PgDoor;
pub(crate) use listener::Movements;
pub(crate) use server::{PgServer, ServerOptions};

use super::{Column, OwnedValue, Row, Value, dialect, with_nul};
use crate::error::{StoreError, StoreErrorKind};

/// The statements that a connection keeps prepared. Pages with filters make a few dozen texts; when there are more, all are forgotten.
const STATEMENTS_MAX: usize = 128;

/// A connection to a server, at one schema at a time.
pub(crate) struct PgConnection {
    client: RefCell<Option<Client>>,
    statements: RefCell<HashMap<String, Statement>>,
    schema: RefCell<Option<SchemaName>>,
    wait_max: Duration,
    is_in_transaction: Cell<bool>,
    /// The server said that this session ends; the client finds out with its next word.
    is_ended: Cell<bool>,
    is_set_up: Cell<bool>,
}

pub(super) fn column<T: Column>(row: &PgRow, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(|error| StoreError::of(StoreErrorKind::Corrupt, error))
}

pub(super) fn value(row: &PgRow, at: usize) -> Result<OwnedValue, StoreError> {
    Ok(match row.columns().get(at).map(::postgres::Column::type_) {
        Some(&Type::INT8) => column::<Option<i64>>(row, at)?.map_or(OwnedValue::Null, OwnedValue::Int),
        Some(&Type::BYTEA) => column::<Option<Vec<u8>>>(row, at)?.map_or(OwnedValue::Null, OwnedValue::Bytes),
        _ => {
            let text = column::<Option<String>>(row, at)?;
            text.map_or(OwnedValue::Null, |text| OwnedValue::Text(with_nul(&Row::Postgres(row), text)))
        }
    })
}

impl PgConnection {
    fn new(client: Client, wait_max: Duration) -> Self {
        Self {
            client: RefCell::new(Some(client)),
            statements: RefCell::default(),
            schema: RefCell::default(),
            wait_max,
            is_in_transaction: Cell::new(false),
            is_ended: Cell::new(false),
            is_set_up: Cell::new(false),
        }
    }

    /// Whether the server is known to be gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_ended.get() || self.client().is_closed()
    }

    /// Remembers an error after which nothing can be asked any more.
    fn told<T>(&self, answer: Result<T, ::postgres::Error>) -> Result<T, StoreError> {
        answer.map_err(|error| {
            let error = StoreError::from(error);
            self.is_ended.set(self.is_ended.get() || error.kind() == StoreErrorKind::Unavailable);
            error
        })
    }

    fn is_at(&self, schema: &SchemaName) -> bool {
        self.schema.borrow().as_ref() == Some(schema)
    }

    /// From here on a name without a schema is one of `schema`, or of this connection's temporary tables.
    fn enter(&self, schema: &SchemaName) -> Result<(), StoreError> {
        if !self.is_at(schema) {
            // Unknown until it is done.
            self.schema.take();
            self.execute_batch(&format!("SET search_path TO {}", schema.quoted()))?;
            self.schema.replace(Some(schema.clone()));
        }
        Ok(())
    }

    /// Runs what each writing connection needs, once.
    pub(crate) fn set_up(&self, sql: &str) -> Result<(), StoreError> {
        if !sql.is_empty() && !self.is_set_up.get() {
            self.execute_batch(sql)?;
            self.is_set_up.set(true);
        }
        Ok(())
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql)?;
        let done = self.client().execute(&statement, &places(values));
        self.told(done)
    }

    pub(super) fn execute_batch(&self, sql: &str) -> Result<(), StoreError> {
        let done = self.client().batch_execute(sql);
        self.told(done)
    }

    pub(super) fn visit(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut see: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.prepared(sql)?;
        let mut client = self.client();
        let mut rows = self.told(client.query_raw(&statement, places(values)))?;
        while let Some(row) = self.told(rows.next())? {
            if see(&Row::Postgres(&row))?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// One writer at a time for each schema, as a file has it; whoever waits too long is told `Busy`.
    pub(super) fn begin_write(&self) -> Result<(), StoreError> {
        let lock = self.schema.borrow().as_ref().map(SchemaName::lock);
        self.begin_locked(lock.ok_or_else(|| StoreError::of(StoreErrorKind::Internal, "no schema was entered"))?)
    }

    /// A transaction in which this lock is held.
    pub(crate) fn begin_locked(&self, lock: i64) -> Result<(), StoreError> {
        self.is_in_transaction.set(true);
        let wait_ms = self.wait_max.as_millis().max(1);
        self.execute_batch(&format!(
            "BEGIN; SET LOCAL lock_timeout = {wait_ms}; SELECT pg_advisory_xact_lock({lock}); SET LOCAL lock_timeout = 0"
        ))
    }

    pub(super) fn begin_read(&self) -> Result<(), StoreError> {
        self.is_in_transaction.set(true);
        self.execute_batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// Tells whoever listens of it in the same moment.
    pub(super) fn commit(&self) -> Result<(), StoreError> {
        let notify = self.schema.borrow().as_ref().map(listener::notification).unwrap_or_default();
        // COMMIT of a transaction that has failed is answered as if it were well; the notification before it is not.
        self.execute_batch(&format!("{notify}; COMMIT"))?;
        self.is_in_transaction.set(false);
        Ok(())
    }

    pub(super) fn settle(&self) -> bool {
        if self.is_closed() {
            return false;
        }
        if self.is_in_transaction.get() {
            if self.execute_batch("ROLLBACK").is_err() {
                return false;
            }
            self.is_in_transaction.set(false);
        }
        true
    }

    fn client(&self) -> RefMut<'_, Client> {
        const GONE: &str = "a client is taken away only by drop";
        RefMut::map(self.client.borrow_mut(), |client| client.as_mut().unwrap_or_else(|| unreachable!("{GONE}")))
    }

    fn prepared(&self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client().prepare(&dialect::postgres(sql));
        let statement = self.told(statement)?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= STATEMENTS_MAX {
            // Each is closed at the server when its last handle goes.
            statements.clear();
        }
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Drop for PgConnection {
    fn drop(&mut self) {
        // Closing waits for the server, which a thread that runs futures must not; nobody knows who drops a store.
        let client = self.client.take();
        let closing = std::thread::Builder::new().name("plugpoint-close".to_owned()).spawn(move || drop(client));
        // Without a thread the connection was dropped where this one is.
        let _ = closing.map(std::thread::JoinHandle::join);
    }
}

fn places<'a>(values: &'a [Value<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
