//! A tenant's rows from one backend to the other, or between servers: the state of one moment, table by table, read again afterwards and
//! held against what was read first. Between two files a copy of the file is faster, and its caller makes that.

use std::ops::ControlFlow;

use crate::error::{StoreError, StoreErrorKind};
use crate::sql::{Connection, OwnedValue, ROWS_AT_ONCE, Value, values, without_nul};

/// Tables with their columns. Where an item's sku is, a server knows without a table.
pub(super) const TABLES: &[(&str, &[&str])] = &[
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

/// Rows of a table: how many, and a sum of their hashes, which does not depend on their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) rows: u64,
    sum: [u64; 4],
}

impl Digest {
    fn add(&mut self, row: &[OwnedValue]) {
        let mut hasher = blake3::Hasher::new();
        for value in row {
            match value {
                OwnedValue::Null => hasher.update(&[0]),
                OwnedValue::Int(value) => hasher.update(&[1]).update(&value.to_le_bytes()),
                OwnedValue::Text(text) => {
                    let text = without_nul(text);
                    hasher.update(&[2]).update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes())
                }
                OwnedValue::Bytes(bytes) => {
                    hasher.update(&[3]).update(&(bytes.len() as u64).to_le_bytes()).update(bytes)
                }
            };
        }
        for (sum, eight) in self.sum.iter_mut().zip(hasher.finalize().as_bytes().chunks_exact(8)) {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(eight);
            *sum = sum.wrapping_add(u64::from_le_bytes(bytes));
        }
        self.rows += 1;
    }
}

/// What is in every table of a tenant's database, in the order of the tables. Within a transaction it is the state of one moment.
pub(crate) fn digests(connection: &Connection) -> Result<Vec<Digest>, StoreError> {
    TABLES.iter().map(|(table, columns)| digest(connection, table, columns)).collect()
}

fn digest(connection: &Connection, table: &str, columns: &[&str]) -> Result<Digest, StoreError> {
    let mut digest = Digest::default();
    connection.visit(&format!("SELECT {} FROM {table}", columns.join(", ")), &[], |row| {
        let row: Vec<OwnedValue> = (0..columns.len()).map(|column| row.value(column)).collect::<Result<_, _>>()?;
        digest.add(&row);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(digest)
}

/// Fills a database of the current structure that has nothing in it yet. Both connections are within a transaction.
/// Gives how many rows each table has.
///
/// # Errors
/// `Corrupt` if what lies there afterwards is not what was read; those of the storage.
pub(super) fn copy(from: &Connection, to: &Connection) -> Result<Vec<Digest>, StoreError> {
    const META: &str = "SELECT next_seq, last_commit_at FROM meta";
    let (next_seq, last_commit_at): (i64, i64) = from.query_one(META, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    to.execute("UPDATE meta SET next_seq = ?1, last_commit_at = ?2", values![next_seq, last_commit_at])?;
    let copied: Vec<Digest> =
        TABLES.iter().map(|(table, columns)| copy_table(from, to, table, columns)).collect::<Result<_, _>>()?;
    if to.postgres().is_none() {
        const SKUS: &str =
            "INSERT INTO item_skus (catalog, sku, item) SELECT catalog, sku, row_id FROM items ORDER BY catalog, sku";
        to.execute(SKUS, &[])?;
        return verified(to, copied);
    }
    for table in NUMBERED {
        to.execute_batch(&format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'row_id'), coalesce(max(row_id), 0) + 1, false) FROM {table}"
        ))?;
    }
    verified(to, copied)
}

fn verified(to: &Connection, copied: Vec<Digest>) -> Result<Vec<Digest>, StoreError> {
    for ((table, _), (read, written)) in TABLES.iter().zip(copied.iter().zip(digests(to)?)) {
        if *read != written {
            let cause = format!("of {table} {} rows were read and {} others lie there", read.rows, written.rows);
            return Err(StoreError::of(StoreErrorKind::Corrupt, cause));
        }
    }
    Ok(copied)
}

/// A table that was copied, and what was read of it.
pub(crate) struct CopiedTable {
    /// Its rows.
    pub(crate) rows: u64,
}

/// Copies a table with columns that SQL can read as they are written here, and reads it again.
///
/// # Errors
/// `Corrupt` if what lies there afterwards is not what was read; those of the storage.
pub(crate) fn copy_rows(
    from: &Connection,
    to: &Connection,
    table: &str,
    columns: &[String],
) -> Result<CopiedTable, StoreError> {
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let about = |error: StoreError| {
        StoreError::of(error.kind(), format!("of {table} not all columns are whole numbers, text or bytes"))
            .because(error)
    };
    let read = copy_table(from, to, table, &columns).map_err(about)?;
    match digest(to, table, &columns)? == read {
        true => Ok(CopiedTable { rows: read.rows }),
        false => {
            Err(StoreError::of(StoreErrorKind::Corrupt, format!("of {table} other rows lie there than were read")))
        }
    }
}

fn copy_table(from: &Connection, to: &Connection, table: &str, columns: &[&str]) -> Result<Digest, StoreError> {
    let names = columns.join(", ");
    let into = format!("{table} ({names})");
    let (mut held, mut bytes, mut digest) = (Vec::new(), 0, Digest::default());
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
        digest.add(&held[held.len() - columns.len()..]);
        if held.len() >= ROWS_AT_ONCE * columns.len() || bytes >= HELD_BYTES {
            write(&mut held)?;
            bytes = 0;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    write(&mut held)?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::SCHEMA;

    #[test]
    fn no_table_is_forgotten() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        SCHEMA.steps.iter().for_each(|step| db.execute_batch(step.sqlite).unwrap());
        let mut select = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
        let there: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        // What a server sees in the items themselves, the one row that is copied by itself, and what each database says of itself.
        let others = ["item_skus", "meta", "steps_done"];
        let mut known: Vec<&str> = TABLES.iter().map(|(table, _)| *table).chain(others).collect();
        known.sort_unstable();
        assert_eq!(there, known);
        for (table, columns) in TABLES {
            let mut select = db.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
            let there: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            let (mut there, mut known) = (there, columns.to_vec());
            there.sort();
            known.sort_unstable();
            assert_eq!(there, known, "{table}");
        }
    }
}
