//! Brings a database to the current structure: embedded numbered SQL, the number kept in a file's `user_version`, or in the table
//! `structure` of a server's schema.
//!
//! All missing steps run in one transaction, so a crash leaves the old structure. A step that has been released is never
//! edited. Refuses a file of another application and a database of a newer release.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{StoreError, StoreErrorKind};
use crate::sql::postgres::SchemaName;
use crate::sql::{self, values};

/// The structure of one kind of database.
pub(crate) struct Schema {
    /// Marks the file as ours, and as of this kind (SQLite's `application_id`).
    pub(crate) application_id: i64,
    /// Step 1, 2, ...
    pub(crate) steps: &'static [Step],
    /// What every writing connection runs once.
    pub(crate) writer_setup: Step,
}

/// One step, in the words of each backend.
pub(crate) struct Step {
    pub(crate) sqlite: &'static str,
    /// Empty where an earlier step of a server's has it: servers came later.
    pub(crate) postgres: &'static str,
}

/// Brings a file to the current structure.
pub(crate) fn migrate(connection: &mut Connection, schema: &'static Schema) -> Result<(), StoreError> {
    // Without a lock: nearly always there is nothing to do.
    if pending(connection, schema)?.is_empty() {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in pending(&tx, schema)? {
        tx.execute_batch(step.sqlite)?;
    }
    tx.pragma_update(None, "application_id", schema.application_id)?;
    tx.pragma_update(None, "user_version", schema.steps.len() as i64)?;
    tx.commit()?;
    Ok(())
}

fn pending(connection: &Connection, schema: &'static Schema) -> Result<&'static [Step], StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = tables == 0 && application == 0 && version == 0;
    if application != schema.application_id && !is_new {
        let cause = format!("the file carries the application id {application:#x}, not {:#x}", schema.application_id);
        return Err(StoreError::of(StoreErrorKind::Corrupt, cause));
    }
    schema.behind(version)
}

impl Schema {
    /// The steps that a structure with this number lacks.
    pub(crate) fn behind(&self, version: i64) -> Result<&'static [Step], StoreError> {
        let steps = usize::try_from(version).ok().and_then(|done| self.steps.get(done..));
        steps.ok_or_else(|| {
            let cause = format!("the structure has number {version}, this release knows {}", self.steps.len());
            StoreError::of(StoreErrorKind::TooNew, cause)
        })
    }
}

/// Brings a server's schema to the current structure, and makes it if it is not there.
pub(crate) fn migrate_schema(
    connection: &sql::Connection,
    name: &SchemaName,
    schema: &'static Schema,
) -> Result<(), StoreError> {
    // Without a lock: nearly always there is nothing to do.
    if structure(connection, name)?.is_some_and(|version| version == schema.steps.len() as i64) {
        return Ok(());
    }
    connection.begin_write()?;
    let version = match structure(connection, name)? {
        Some(version) => version,
        None => {
            connection.execute_batch(&format!("CREATE SCHEMA IF NOT EXISTS {}", name.quoted()))?;
            connection.execute_batch(
                "CREATE TABLE structure (only_row BIGINT PRIMARY KEY CHECK (only_row = 1), kind BIGINT NOT NULL, number BIGINT NOT NULL)",
            )?;
            connection.execute("INSERT INTO structure VALUES (1, ?1, 0)", values![schema.application_id])?;
            0
        }
    };
    let kind: i64 = connection.query_one("SELECT kind FROM structure", &[], |row| row.get(0))?;
    if kind != schema.application_id {
        let cause =
            format!("the schema {} carries the kind {kind:#x}, not {:#x}", name.as_str(), schema.application_id);
        return Err(StoreError::of(StoreErrorKind::Corrupt, cause));
    }
    for step in schema.behind(version)? {
        connection.execute_batch(step.postgres)?;
    }
    connection.execute("UPDATE structure SET number = ?1", values![schema.steps.len() as i64])?;
    connection.commit()
}

/// The number of a schema's structure; none if there is no such schema, or nothing in it.
pub(crate) fn structure(connection: &sql::Connection, name: &SchemaName) -> Result<Option<i64>, StoreError> {
    let there =
        "SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = ?1 AND table_name = 'structure')";
    if !connection.query_one(there, values![name.as_str()], |row| row.get(0))? {
        return Ok(None);
    }
    connection.query_opt("SELECT number FROM structure", &[], |row| row.get(0))
}
