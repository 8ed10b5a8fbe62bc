//! What customers have done to a database, done to another one of another kind, and their rows with it.
//!
//! The same steps make the same tables there; then the rows that the steps may have filled in are replaced by those that are to be
//! copied. Columns of whole numbers, text and bytes go from one kind of database to the other; what has others fails, and is said.

use std::collections::BTreeMap;
use std::sync::Arc;

use plugpoint_sdk::update::{Updates, own_prefix};

use super::{Own, owners};
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::{Connection, Row, values};
use crate::tenant::{CopiedTable, copy_rows};

/// Both connections are within a transaction, and the core's tables are copied.
///
/// # Errors
/// `Unfit` if this program does not know the steps of a customer that the database has; `Corrupt` if the copy is not what was read.
pub(crate) fn copy(
    from: &Connection,
    to: &Connection,
    updates: &BTreeMap<String, Arc<Updates>>,
) -> Result<Vec<CopiedTable>, StoreError> {
    const DONE: &str = "SELECT tag FROM steps_done WHERE owner = ?1 ORDER BY position";
    let mut copied = Vec::new();
    for customer in owners(from)? {
        let unknown = |what: &str| {
            let cause = format!(
                "it has {what} of customer {customer}, which this program does not know: link or load that customer's crate"
            );
            StoreError::of(StoreErrorKind::Unfit, cause)
        };
        let own = Own { customer: &customer, updates: updates.get(&customer).ok_or_else(|| unknown("tables"))? };
        let done: Vec<String> = from.query(DONE, values![&customer], |row| row.get(0))?;
        // Whether their texts are those that were run.
        own.lacks(from)?;
        let steps = own.updates.steps().iter().take_while(|step| done.iter().any(|tag| tag == step.tag()));
        let steps: Vec<_> = steps.cloned().collect();
        if let Some(tag) = done.iter().find(|tag| steps.iter().all(|step| step.tag() != **tag)) {
            return Err(unknown(&format!("the step `{tag}`")));
        }
        own.run(to, &steps)?;
        let tables = tables(to, &own_prefix(&customer))?;
        // Those that refer to others go first; they come in the other order.
        for (table, _) in tables.iter().rev() {
            to.execute_batch(&format!("DELETE FROM {table}"))?;
        }
        for (table, columns) in &tables {
            copied.push(copy_rows(from, to, table, columns)?);
        }
    }
    Ok(copied)
}

/// The tables of a customer in the order in which they were made, with their columns, quoted.
fn tables(connection: &Connection, prefix: &str) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    const OF_FILE: &str = "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c
        WHERE s.type = 'table' AND substr(lower(s.name), 1, length(?1)) = ?1 ORDER BY s.rowid, c.cid";
    const OF_SCHEMA: &str =
        "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND starts_with(c.relname::text, ?1)
            AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.oid, a.attnum";
    let select = if connection.postgres().is_some() { OF_SCHEMA } else { OF_FILE };
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    let read = |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
    for (table, column) in connection.query(select, values![prefix], read)? {
        let (table, column) = (quoted(&table), quoted(&column));
        match tables.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => tables.push((table, vec![column])),
        }
    }
    Ok(tables)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
