//! Brings a database to the current structure: embedded numbered SQL, the number kept in a file's `user_version`, or in the table
//! `structure` of a server's schema.
//!
//! All missing steps run in one transaction, so a crash leaves the old structure. A step that has been released is never
//! edited. Refuses a file of another application, and a database whose structure this release does not serve.

use std::time::Instant;

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
    /// The number of the oldest structure on which this release's statements run.
    pub(crate) serves_from: usize,
    /// The number of the step from which on what is done is recorded in `steps_done`; none if it never is.
    pub(crate) records_from: Option<usize>,
    /// What every writing connection runs once.
    pub(crate) writer_setup: Setup,
}

/// One step, in the words of each backend.
pub(crate) struct Step {
    /// Its name among the core's.
    pub(crate) tag: &'static str,
    pub(crate) sqlite: &'static str,
    /// Empty where an earlier step of a server's has it: servers came later.
    pub(crate) postgres: &'static str,
    /// Whether it takes away what the release before it needs. Such a step comes a release after nobody needs it any more.
    pub(crate) contracts: bool,
}

/// Statements in the words of each backend.
pub(crate) struct Setup {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// What is to be done about a database that has another structure than this release's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrate {
    /// It is brought up to date by whoever opens it.
    AtOpen,
    /// It is served as it is, if that can be, until somebody brings it up to date by command.
    ByCommand,
}

/// Under which name the core's own steps are recorded. No customer has it: it has a space in it.
pub(crate) const CORE: &str = "plugpoint core";

impl Step {
    /// A step that takes nothing away.
    pub(crate) const fn new(tag: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self { tag, sqlite, postgres, contracts: false }
    }
}

/// Brings a file to the current structure, or sees that it can be served as it is.
pub(crate) fn migrate(connection: &mut Connection, schema: &'static Schema, how: Migrate) -> Result<(), StoreError> {
    // Without a lock: nearly always there is nothing to do.
    if schema.is_served(version_of(connection, schema)?, how, || needed_by(connection))? {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = version_of(&tx, schema)?;
    for (number, step) in schema.behind(version)? {
        let begun = Instant::now();
        tx.execute_batch(step.sqlite)?;
        if schema.records_from.is_some_and(|from| number >= from) {
            let (position, contracts) = (number as i64, i64::from(step.contracts));
            let digest = blake3::hash(step.sqlite.as_bytes());
            tx.execute(
                RECORD,
                rusqlite::params![CORE, step.tag, position, digest.as_bytes(), contracts, now(), micros(begun)],
            )?;
        }
    }
    tx.pragma_update(None, "application_id", schema.application_id)?;
    tx.pragma_update(None, "user_version", schema.steps.len() as i64)?;
    tx.commit()?;
    Ok(())
}

/// A step that has been done.
pub(crate) const RECORD: &str = "INSERT INTO steps_done (owner, tag, position, digest, contracts, done_at, took_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// The last step of the core's after which an older release cannot serve the database.
const NEEDED: &str =
    "SELECT coalesce(max(position), 0) FROM steps_done WHERE owner = 'plugpoint core' AND contracts = 1";

/// Microseconds since 1970. For records, never compared.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// Microseconds since then.
pub(crate) fn micros(begun: Instant) -> i64 {
    i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX)
}

fn needed_by(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row(NEEDED, [], |row| row.get(0))?)
}

fn version_of(connection: &Connection, schema: &Schema) -> Result<i64, StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = tables == 0 && application == 0 && version == 0;
    if application != schema.application_id && !is_new {
        let cause = format!("the file carries the application id {application:#x}, not {:#x}", schema.application_id);
        return Err(StoreError::of(StoreErrorKind::Corrupt, cause));
    }
    Ok(version)
}

impl Schema {
    /// The steps that a structure with this number lacks, with their numbers.
    pub(crate) fn behind(
        &self,
        version: i64,
    ) -> Result<impl ExactSizeIterator<Item = (usize, &'static Step)>, StoreError> {
        let steps = usize::try_from(version).ok().and_then(|done| Some((done, self.steps.get(done..)?)));
        let (done, steps) = steps.ok_or_else(|| self.unserved(version, StoreErrorKind::TooNew))?;
        Ok(steps.iter().enumerate().map(move |(index, step)| (done + index + 1, step)))
    }

    /// Whether a structure with this number is served as it is; false if it is to be brought up to date. `needed` says which number a
    /// release has to know at least.
    fn is_served(
        &self,
        version: i64,
        how: Migrate,
        needed: impl FnOnce() -> Result<i64, StoreError>,
    ) -> Result<bool, StoreError> {
        let known = self.steps.len() as i64;
        match version {
            _ if version == known => Ok(true),
            // Where nothing is recorded, nobody says that it can be served.
            _ if version > known => match self.records_from.is_some() && needed().is_ok_and(|needed| needed <= known) {
                true => Ok(true),
                false => Err(self.unserved(version, StoreErrorKind::TooNew)),
            },
            _ if how == Migrate::AtOpen || version == 0 => Ok(false),
            _ if version >= self.serves_from as i64 => Ok(true),
            _ => Err(self.unserved(version, StoreErrorKind::Behind)),
        }
    }

    fn unserved(&self, version: i64, kind: StoreErrorKind) -> StoreError {
        let (from, to) = (self.serves_from, self.steps.len());
        StoreError::of(kind, format!("the database has structure {version}, this release serves {from} to {to}"))
    }
}

/// Brings a server's schema to the current structure, and makes it if it is not there; or sees that it can be served as it is.
pub(crate) fn migrate_schema(
    connection: &sql::Connection,
    name: &SchemaName,
    schema: &'static Schema,
    how: Migrate,
) -> Result<(), StoreError> {
    // Without a lock: nearly always there is nothing to do.
    let needed = || connection.query_one(NEEDED, &[], |row| row.get(0));
    if let Some(version) = structure(connection, name)?
        && schema.is_served(version, how, needed)?
    {
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
    for (number, step) in schema.behind(version)? {
        let begun = Instant::now();
        connection.execute_batch(step.postgres)?;
        if schema.records_from.is_some_and(|from| number >= from) {
            let digest = blake3::hash(step.postgres.as_bytes());
            let (position, contracts) = (number as i64, i64::from(step.contracts));
            let row = values![CORE, step.tag, position, digest.as_bytes().as_slice(), contracts, now(), micros(begun)];
            connection.execute(RECORD, row)?;
        }
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::{Store, StoreOptions};

    /// A statement is the tenants', the control database's or that of the nonces.
    fn runs(connections: &[rusqlite::Connection], statement: &str) -> Result<(), String> {
        let tried: Vec<_> = connections.iter().map(|connection| connection.prepare(statement).map(drop)).collect();
        match tried.iter().any(Result::is_ok) {
            true => Ok(()),
            false => Err(format!("{statement}: {tried:?}")),
        }
    }

    #[test]
    fn the_statements_of_releases_run_on_the_structures_of_today() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
        store.nonces().unwrap();
        let file = folder.path().join("tenant.db");
        let mut tenant = rusqlite::Connection::open(&file).unwrap();
        migrate(&mut tenant, &crate::tenant::SCHEMA, Migrate::AtOpen).unwrap();
        tenant.execute_batch(crate::tenant::SCHEMA.writer_setup.sqlite).unwrap();
        let open = |name: &str| rusqlite::Connection::open(folder.path().join(name)).unwrap();
        let connections = [tenant, open("control.db"), open("nonces.db")];

        let steps = crate::tenant::SCHEMA.steps;
        let needed = steps.iter().rposition(|step| step.contracts).map_or(0, |index| index + 1);
        let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released");
        let mut tried = 0;
        for number in needed..steps.len() {
            let Ok(text) = std::fs::read_to_string(released.join(format!("{number}.jsonl"))) else { continue };
            for line in text.lines() {
                let statement: String = serde_json::from_str(line).unwrap();
                if let Err(why) = runs(&connections, &statement) {
                    panic!("a server of the release with structure {number} runs this on tenants of today: {why}");
                }
                tried += 1;
            }
        }
        assert!(tried > 100, "only {tried} statements were held against the structures of today");
        assert!(runs(&connections, "SELECT sku, colour FROM items").is_err(), "what does not run is seen");
    }
}
