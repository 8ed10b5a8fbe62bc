//! A tenant's rows from one backend to the other, or between servers: the state of one moment, table by table. Between two files a copy
//! of the file is faster, and its caller makes that.

use std::ops::ControlFlow;

use crate::error::StoreError;
use crate::sql::{Connection, OwnedValue, ROWS_AT_ONCE, Value, values};

/// Tables with their columns. Where an item's sku is, a server knows without a table.
const TABLES: &[(&str, &[&str])] = &[
    ("catalogs", &["row_id", "name", "created_at", "updated_at", "item_count", "last_seq"]),
    (
        "items",
        &[
            "row_id",
            "catalog",
            "sku",
            "seq",
            "added_seq",
            "updated_at",
            "source_import",
            "source_line",
            "hash",
            "brand",
            "categories",
            "titles",
            "body",
        ],
    ),
    ("categories", &["row_id", "catalog", "system", "code"]),
    ("item_categories", &["category", "sku", "item"]),
    ("removed", &["catalog", "sku", "seq", "at"]),
    ("imports", &["row_id", "id", "catalog", "idempotency_key", "committed_at", "last_seq", "record"]),
    ("findings", &["import", "n", "finding"]),
    ("unmapped", &["import", "n", "path", "count"]),
    ("recalls", &["catalog", "how", "last_seq"]),
    ("recalled", &["row_id", "catalog", "n", "entries"]),
];

/// Tables whose next number a server keeps apart from the rows.
const NUMBERED: [&str; 3] = ["catalogs", "categories", "recalled"];

/// Bytes that are held at most before they are written, but for one row.
const HELD_BYTES: usize = 4 << 20;

/// Fills a database of the current structure that has nothing in it yet. Both connections are within a transaction.
pub(super) fn copy(from: &Connection, to: &Connection) -> Result<(), StoreError> {
    const META: &str = "SELECT next_seq, last_commit_at FROM meta";
    let (next_seq, last_commit_at): (i64, i64) = from.query_one(META, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    to.execute("UPDATE meta SET next_seq = ?1, last_commit_at = ?2", values![next_seq, last_commit_at])?;
    TABLES.iter().try_for_each(|(table, columns)| copy_table(from, to, table, columns))?;
    if to.postgres().is_none() {
        const SKUS: &str =
            "INSERT INTO item_skus (catalog, sku, item) SELECT catalog, sku, row_id FROM items ORDER BY catalog, sku";
        to.execute(SKUS, &[])?;
        return Ok(());
    }
    for table in NUMBERED {
        to.execute_batch(&format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'row_id'), coalesce(max(row_id), 0) + 1, false) FROM {table}"
        ))?;
    }
    Ok(())
}

fn copy_table(from: &Connection, to: &Connection, table: &str, columns: &[&str]) -> Result<(), StoreError> {
    let names = columns.join(", ");
    let into = format!("{table} ({names})");
    let (mut held, mut bytes) = (Vec::new(), 0);
    let write = |held: &mut Vec<OwnedValue>| {
        let values: Vec<Value<'_>> = held.iter().map(OwnedValue::borrowed).collect();
        to.insert_rows(&into, columns.len(), &values)?;
        held.clear();
        Ok::<_, StoreError>(())
    };
    // In the order of the first column, which each table has an index for.
    from.visit(&format!("SELECT {names} FROM {table} ORDER BY {}", columns[0]), &[], |row| {
        for column in 0..columns.len() {
            let value = row.value(column)?;
            bytes += value.bytes();
            held.push(value);
        }
        if held.len() >= ROWS_AT_ONCE * columns.len() || bytes >= HELD_BYTES {
            write(&mut held)?;
            bytes = 0;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    write(&mut held)
}
