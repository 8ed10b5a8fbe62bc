//! Customers' update files: which steps a tenant's database lacks, and doing them.
//!
//! All steps that a tenant lacks are one transaction, apart from the core's own (`migrate.rs`), which come first. Each is recorded in the
//! database itself, in `steps_done`, with a digest of its text. What is not the customer's own stays as it is (`guard`).

mod copy;
mod guard;

use std::time::Instant;

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::update::{Backend, UpdateStep, Updates};

use crate::database::Database;
use crate::error::{StoreError, StoreErrorKind};
use crate::migrate::{CORE, RECORD, micros, now};
use crate::sql::{Connection, values};
use crate::store::Store;
use crate::tenant::TenantDb;
use guard::Guard;

pub(crate) use copy::copy;

/// What one customer does to a tenant.
#[derive(Clone, Copy)]
pub(crate) struct Own<'u> {
    pub(crate) customer: &'u str,
    pub(crate) updates: &'u Updates,
}

impl Store {
    /// Does the steps that a tenant lacks, up to and with the one tagged `upto`. While a tenant is being moved nothing is done.
    ///
    /// # Errors
    /// `Behind` for a step that fails or would change what is not the customer's, and for one that was changed or put before another
    /// after that was done; those of the storage.
    pub(crate) fn update(&self, tenant: &TenantId, db: &TenantDb, upto: Option<&str>) -> Result<(), StoreError> {
        let Some(customer) = self.customer_with_updates(tenant)? else { return Ok(()) };
        let own = Own { customer: &customer, updates: &self.updates()[&customer] };
        let lacks = db.database().read("look for steps", |connection| own.lacks(connection).map(<[_]>::len))?;
        if lacks == 0 || self.control().moving()?.contains(tenant) {
            return Ok(());
        }
        own.run_in(db.database(), upto)
    }

    /// The customer of a tenant, if it brings an update file.
    pub(crate) fn customer_with_updates(&self, tenant: &TenantId) -> Result<Option<String>, StoreError> {
        if self.updates().is_empty() {
            return Ok(None);
        }
        let customer = self.control().tenant(tenant)?.and_then(|row| row.customer);
        Ok(customer.filter(|customer| self.updates().contains_key(customer)))
    }
}

impl<'u> Own<'u> {
    /// The steps that a database lacks.
    pub(crate) fn lacks(self, connection: &Connection) -> Result<&'u [UpdateStep], StoreError> {
        const SELECT: &str = "SELECT tag, digest FROM steps_done WHERE owner = ?1 ORDER BY position";
        let steps = self.updates.steps();
        if !has_records(connection)? {
            return Ok(steps);
        }
        let done: Vec<(String, Vec<u8>)> =
            connection.query(SELECT, values![self.customer], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut first_left = 0;
        for (tag, digest) in &done {
            // One that the file does not know any more was done by another release of the crate, and stays done.
            let Some(at) = steps.iter().position(|step| step.tag() == tag) else { continue };
            if digest_of(&steps[at], backend_of(connection)) != digest[..] {
                return Err(self.refuse(tag, "its text was changed after it was done; add another step instead"));
            }
            first_left = first_left.max(at + 1);
        }
        let is_done = |step: &&UpdateStep| done.iter().any(|(tag, _)| tag == step.tag());
        if let Some(late) = steps[..first_left].iter().find(|step| !is_done(step)) {
            let before = steps[first_left - 1].tag();
            return Err(
                self.refuse(late.tag(), &format!("it stands before `{before}`, which is done; add it at the end"))
            );
        }
        Ok(&steps[first_left..])
    }

    fn run_in(self, db: &Database, upto: Option<&str>) -> Result<(), StoreError> {
        db.write("update a tenant", |tx| {
            let lacks = self.lacks(tx)?;
            let steps = match upto.map(|tag| lacks.iter().position(|step| step.tag() == tag)) {
                None => lacks,
                Some(Some(last)) => &lacks[..=last],
                // It is done.
                Some(None) => &[],
            };
            self.run(tx, steps)
        })
    }

    /// Does steps within the open transaction.
    fn run(self, tx: &Connection, steps: &[UpdateStep]) -> Result<(), StoreError> {
        let backend = backend_of(tx);
        let guard = Guard::before(tx, self.customer)?;
        for step in steps {
            let begun = Instant::now();
            let done = guard.run(tx, step.text(backend));
            let done = done.and_then(|()| guard.after(tx));
            done.map_err(|cause| self.refuse(step.tag(), &cause))?;
            self.record(tx, step, begun)?;
        }
        Ok(())
    }

    fn record(self, tx: &Connection, step: &UpdateStep, begun: Instant) -> Result<(), StoreError> {
        let place = self.updates.steps().iter().position(|it| it.tag() == step.tag());
        let position = place.map_or(0, |place| place as i64 + 1);
        let digest = digest_of(step, backend_of(tx));
        let row = values![self.customer, step.tag(), position, &digest[..], 0_i64, now(), micros(begun)];
        tx.execute(RECORD, row).map(drop)
    }

    fn refuse(self, tag: &str, why: &str) -> StoreError {
        StoreError::of(StoreErrorKind::Behind, format!("step `{tag}` of customer {}: {why}", self.customer))
    }
}

fn digest_of(step: &UpdateStep, backend: Backend) -> [u8; 32] {
    *blake3::hash(step.text(backend).as_bytes()).as_bytes()
}

fn backend_of(connection: &Connection) -> Backend {
    match connection {
        Connection::Sqlite(_) => Backend::Sqlite,
        Connection::Postgres(_) => Backend::Postgres,
    }
}

/// Whether the structure is as new as the records.
fn has_records(connection: &Connection) -> Result<bool, StoreError> {
    const FILE: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'steps_done')";
    const SERVER: &str = "SELECT to_regclass('steps_done') IS NOT NULL";
    connection.query_one(if connection.postgres().is_some() { SERVER } else { FILE }, &[], |row| row.get(0))
}

/// The customers that have done something to a database.
fn owners(connection: &Connection) -> Result<Vec<String>, StoreError> {
    const SELECT: &str = "SELECT DISTINCT owner FROM steps_done WHERE owner <> ?1 ORDER BY owner";
    if !has_records(connection)? {
        return Ok(Vec::new());
    }
    connection.query(SELECT, values![CORE], |row| row.get(0))
}
