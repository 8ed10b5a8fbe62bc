//! Brings a database file to the current structure: embedded numbered SQL, the number kept in `user_version`.
//!
//! All missing steps run in one transaction, so a crash leaves the old structure. A step that has been released is never
//! edited. Refuses a file of another application and a file of a newer release.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{StoreError, StoreErrorKind};

/// The structure of one kind of database.
pub(crate) struct Schema {
    /// Marks the file as ours, and as of this kind (SQLite's `application_id`).
    pub(crate) application_id: i64,
    /// SQL of step 1, 2, ...
    pub(crate) steps: &'static [&'static str],
    /// SQL that every writing connection runs when it is opened.
    pub(crate) writer_setup: &'static str,
}

pub(crate) fn migrate(connection: &mut Connection, schema: &Schema) -> Result<(), StoreError> {
    // Without a lock: nearly always there is nothing to do.
    if pending(connection, schema)?.is_empty() {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in pending(&tx, schema)? {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "application_id", schema.application_id)?;
    tx.pragma_update(None, "user_version", schema.steps.len() as i64)?;
    tx.commit()?;
    Ok(())
}

fn pending<'a>(connection: &Connection, schema: &'a Schema) -> Result<&'a [&'a str], StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = tables == 0 && application == 0 && version == 0;
    if application != schema.application_id && !is_new {
        let cause = format!("the file carries the application id {application:#x}, not {:#x}", schema.application_id);
        return Err(StoreError::of(StoreErrorKind::Corrupt, cause));
    }
    let steps = usize::try_from(version).ok().and_then(|done| schema.steps.get(done..));
    steps.ok_or_else(|| {
        let cause = format!("the structure has number {version}, this release knows {}", schema.steps.len());
        StoreError::of(StoreErrorKind::TooNew, cause)
    })
}
