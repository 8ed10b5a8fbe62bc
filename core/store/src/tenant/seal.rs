//! A database in which nothing is written any more, because its tenant is being moved or has been: it refuses that itself, by triggers, so
//! a process that has not heard of the move loses nothing. Reads go on.

use super::TenantDb;
use super::copy::TABLES;
use crate::error::StoreError;
use crate::sql::Connection;

/// As a writer is told (55P03, lock_not_available: come again).
const REFUSAL: &str = "CREATE OR REPLACE FUNCTION sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the tenant is being moved' USING ERRCODE = '55P03';
END $$";

impl TenantDb {
    /// From its return on nothing can be written. Said twice, it stays so.
    ///
    /// # Errors
    /// `Busy` while somebody writes; those of the storage.
    pub(crate) fn seal(&self) -> Result<(), StoreError> {
        self.db.write("seal a database", |tx| {
            if tx.postgres().is_some() {
                tx.execute_batch(REFUSAL)?;
            }
            tables().try_for_each(|table| match tx {
                Connection::Postgres(_) => tx.execute_batch(&format!(
                    "CREATE OR REPLACE TRIGGER sealed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
                    FOR EACH STATEMENT EXECUTE FUNCTION sealed()"
                )),
                Connection::Sqlite(_) => ["insert", "update", "delete"].iter().try_for_each(|act| {
                    tx.execute_batch(&format!(
                        "CREATE TRIGGER IF NOT EXISTS sealed_{table}_{act} BEFORE {act} ON {table}
                        BEGIN SELECT RAISE(ABORT, 'the tenant is being moved'); END"
                    ))
                }),
            })
        })
    }

    /// Lets it be written again.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) fn unseal(&self) -> Result<(), StoreError> {
        self.db.write("unseal a database", |tx| {
            tables().try_for_each(|table| match tx {
                Connection::Postgres(_) => tx.execute_batch(&format!("DROP TRIGGER IF EXISTS sealed ON {table}")),
                Connection::Sqlite(_) => ["insert", "update", "delete"]
                    .iter()
                    .try_for_each(|act| tx.execute_batch(&format!("DROP TRIGGER IF EXISTS sealed_{table}_{act}"))),
            })
        })
    }
}

fn tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(table, _)| *table).chain(["meta"])
}
