//! Which of several nodes runs a tenant's imports: a lease with an end, in the tenant's own database; and what nodes tell each other
//! of imports that have not ended.
//!
//! Each time the lease changes hands its *epoch* grows, and an import commits only in the epoch in which it began, under a lock of
//! the lease's row: a node that was held up beyond its lease commits nothing (fencing). Times are the server's. Files have one
//! server process with locks of its own, so nothing here is asked of them.

use std::collections::HashSet;

use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{CatalogId, ImportId};

use super::TenantDb;
use crate::error::{StoreError, StoreErrorKind};
use crate::nodes::micros;
use crate::pool::Lent;
use crate::sql::{Connection, NOW_MICROS, values};
use crate::time::{from_micros, to_micros};

/// How long a claim waits for a commit of the node before; longer than that it is taken for held up.
const CLAIM_WAIT_MS: u64 = 1000;

/// What came of asking for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leased {
    /// It is this node's.
    Ours {
        /// The number of this lease.
        epoch: i64,
        /// The node that had it and did not let it go.
        from: Option<String>,
    },
    /// Another node has it.
    Others,
}

/// How far an import is, as the node that runs it told last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportProgress {
    /// When it began; none while it waits.
    pub started_at: Option<Timestamp>,
    /// Records read, accepted and rejected.
    pub counts: ImportCounts,
    /// The share of the document that was read, 0 to 1.
    pub share: f64,
    /// Somebody wants it to end.
    pub is_cancelled: bool,
}

/// A catalog's idempotency key, held so that no other node acknowledges a document with it. Given back when dropped.
pub struct KeyHeld<'a> {
    _transaction: Lent<'a>,
}

impl TenantDb {
    /// Whether other nodes may have this database, too.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.db.node().is_some()
    }

    /// Asks for the right to run this tenant's imports, for so long. Whoever takes over from a node that did not let go ends that
    /// node's writing session, which would otherwise keep the database.
    ///
    /// # Errors
    /// Those of the storage; `Unfit` for a file.
    pub fn claim_imports(&self, lease_ms: u64) -> Result<Leased, StoreError> {
        let node = self.shared_by()?;
        let held = format!("SELECT node, expires_at < {NOW_MICROS} FROM import_lease");
        let claim = format!(
            "UPDATE import_lease SET node = ?1, epoch = epoch + 1, expires_at = {NOW_MICROS} + ?2
            WHERE node IS NULL OR node = ?1 OR expires_at < {NOW_MICROS} RETURNING epoch"
        );
        let claimed = self.db.beside("claim a tenant's imports", |connection| {
            let (holder, is_over) =
                connection.query_one(&held, &[], |row| Ok((row.get::<Option<String>>(0)?, row.get::<bool>(1)?)))?;
            let from = holder.filter(|holder| holder != node);
            if from.is_some() && !is_over {
                return Ok(Leased::Others);
            }
            if let Some(from) = &from {
                self.db.end_writer_of(connection, from)?;
            }
            connection.execute_batch(&format!("BEGIN; SET LOCAL lock_timeout = {CLAIM_WAIT_MS}"))?;
            let epoch = connection.query_opt(&claim, values![node, micros(lease_ms)], |row| row.get(0));
            connection.execute_batch(if epoch.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            match epoch {
                Ok(Some(epoch)) => Ok(Leased::Ours { epoch, from }),
                Ok(None) => Ok(Leased::Others),
                // It commits right now, or is held up in the middle of that: asked again, its session is ended.
                Err(error) if error.kind() == StoreErrorKind::Busy => Ok(Leased::Others),
                Err(error) => Err(error),
            }
        })?;
        if let Leased::Ours { epoch, .. } = claimed {
            self.set_epoch(epoch);
        }
        Ok(claimed)
    }

    /// Keeps the lease for so long from now. False if it is not this node's any more.
    ///
    /// # Errors
    /// Those of the storage; `Unfit` for a file.
    pub fn renew_imports(&self, epoch: i64, lease_ms: u64) -> Result<bool, StoreError> {
        let node = self.shared_by()?;
        let renew = format!("UPDATE import_lease SET expires_at = {NOW_MICROS} + ?3 WHERE node = ?1 AND epoch = ?2");
        self.db.beside("keep a tenant's imports", |connection| {
            Ok(connection.execute(&renew, values![node, epoch, micros(lease_ms)])? > 0)
        })
    }

    /// Gives the lease back, so that another node need not wait for its end.
    ///
    /// # Errors
    /// Those of the storage; `Unfit` for a file.
    pub fn let_go_of_imports(&self, epoch: i64) -> Result<(), StoreError> {
        const LET_GO: &str = "UPDATE import_lease SET node = NULL, expires_at = 0 WHERE node = ?1 AND epoch = ?2";
        let node = self.shared_by()?;
        self.db.beside("let go of a tenant's imports", |connection| {
            connection.execute(LET_GO, values![node, epoch])?;
            // What was told of imports that have ended.
            connection.execute("DELETE FROM import_progress WHERE id IN (SELECT id FROM imports)", &[])?;
            Ok(())
        })
    }

    /// Tells the other nodes how far an import is. True if somebody wants it to end.
    ///
    /// # Errors
    /// Those of the storage; `Unfit` for a file.
    pub fn tell_progress(&self, id: ImportId, told: &ImportProgress) -> Result<bool, StoreError> {
        const UPSERT: &str = "INSERT INTO import_progress (id, started_at, read, accepted, rejected, share)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at, read = excluded.read,
                accepted = excluded.accepted, rejected = excluded.rejected, share = excluded.share
            RETURNING is_cancelled";
        self.shared_by()?;
        let ImportCounts { read, accepted, rejected, .. } = told.counts;
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        #[expect(clippy::cast_possible_truncation, reason = "a share is within 0 to 1")]
        let share = (told.share.clamp(0.0, 1.0) * 1e6) as i64;
        let row = values![
            id.0.as_bytes(),
            told.started_at.map(to_micros),
            count(read),
            count(accepted),
            count(rejected),
            share
        ];
        let cancelled: i64 = self
            .db
            .beside("tell how far an import is", |connection| connection.query_one(UPSERT, row, |row| row.get(0)))?;
        Ok(cancelled != 0)
    }

    /// What was told of an import that has not ended.
    ///
    /// # Errors
    /// Those of the storage; `Unfit` for a file.
    pub fn progress_of(&self, id: ImportId) -> Result<Option<ImportProgress>, StoreError> {
        const SELECT: &str =
            "SELECT started_at, read, accepted, rejected, share, is_cancelled FROM import_progress WHERE id = ?1";
        self.shared_by()?;
        self.db.beside("look how far an import is", |connection| {
            connection.query_opt(SELECT, values![id.0.as_bytes()], |row| {
                let count = |column| Ok::<_, StoreError>(row.get::<i64>(column)?.unsigned_abs());
                let counts = ImportCounts {
                    read: count(1)?,
                    accepted: count(2)?,
                    rejected: count(3)?,
                    ..ImportCounts::default()
                };
                #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 52 bits")]
                let share = row.get::<i64>(4)? as f64 / 1e6;
                let started_at = row.get::<Option<i64>>(0)?.map(from_micros);
                Ok(ImportProgress { started_at, counts, share, is_cancelled: row.get::<i64>(5)? != 0 })
            })
        })
    }

    /// Asks whichever node runs an import, now or later, to end it.
    ///
    /// # Errors
    /// Those of the storage; `Unfit` for a file.
    pub fn ask_to_cancel(&self, id: ImportId) -> Result<(), StoreError> {
        const UPSERT: &str = "INSERT INTO import_progress (id, is_cancelled) VALUES (?1, 1)
            ON CONFLICT (id) DO UPDATE SET is_cancelled = 1";
        self.shared_by()?;
        self.db.beside("cancel an import", |connection| {
            connection.execute(UPSERT, values![id.0.as_bytes()])?;
            Ok(())
        })
    }

    /// Which imports have ended, of those with this id or a later one.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn ended_since(&self, first: ImportId) -> Result<HashSet<ImportId>, StoreError> {
        const SELECT: &str = "SELECT id FROM imports WHERE id >= ?1";
        let ids = self.db.read("list imports that have ended", |connection| {
            connection.query(SELECT, values![first.0.as_bytes()], |row| row.get::<Vec<u8>>(0))
        })?;
        Ok(ids.iter().filter_map(|id| uuid::Uuid::from_slice(id).ok()).map(ImportId).collect())
    }

    /// What time it is at the server that all nodes share.
    ///
    /// # Errors
    /// Those of the storage; `Unfit` for a file.
    pub fn shared_time(&self) -> Result<Timestamp, StoreError> {
        self.shared_by()?;
        let select = format!("SELECT {NOW_MICROS}");
        let now =
            self.db.read("ask for the time", |connection| connection.query_one(&select, &[], |row| row.get(0)))?;
        Ok(from_micros(now))
    }

    /// Holds a catalog's idempotency key until it is dropped; waits for whoever holds it.
    ///
    /// # Errors
    /// `Busy` if that takes too long; those of the storage; `Unfit` for a file.
    pub fn hold_key(&self, catalog: &CatalogId, key: &str) -> Result<KeyHeld<'_>, StoreError> {
        self.shared_by()?;
        let held = self.db.begin_beside(&format!("key {catalog} {key}"));
        let transaction = held.map_err(|error| error.during("hold an idempotency key", self.db.subject()))?;
        Ok(KeyHeld { _transaction: transaction })
    }

    fn shared_by(&self) -> Result<&str, StoreError> {
        self.db.node().ok_or_else(|| {
            let cause = "a file has one process alone";
            StoreError::of(StoreErrorKind::Unfit, cause).during("share imports", self.db.subject())
        })
    }
}

/// Lets a transaction go on only if the lease is still the one of `epoch`; from here to its end nobody takes it over.
pub(super) fn hold(tx: &Connection, node: Option<&str>, epoch: Option<i64>) -> Result<(), StoreError> {
    const SELECT: &str = "SELECT epoch FROM import_lease WHERE node = ?1 AND epoch = ?2 FOR UPDATE";
    let (Some(node), Some(epoch)) = (node, epoch) else { return Ok(()) };
    let held: Option<i64> = tx.query_opt(SELECT, values![node, epoch], |row| row.get(0))?;
    match held {
        Some(_) => Ok(()),
        None => Err(StoreError::of(StoreErrorKind::Busy, "another node runs the tenant's imports now")),
    }
}
