//! The processes that share one server's databases: who is there, and which spool they have in common.
//!
//! Times are the server's, so that nodes with wrong clocks judge each other rightly. Nothing here is announced as a change of the
//! control database: a node that says it is alive would otherwise have all others read their tenants again.

use serde::Serialize;

use crate::control::Control;
use crate::error::StoreError;
use crate::sql::{NOW_MICROS, values};

/// A process that shares the databases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeRow {
    /// Its id, made anew at each start.
    pub id: String,
    /// Where it listens, or what it is.
    pub address: String,
    /// How long ago it started, in milliseconds.
    pub started_ms_ago: u64,
    /// How long ago it was last heard of, in milliseconds.
    pub seen_ms_ago: u64,
}

impl Control {
    /// This process, if it shares its databases with others: those of a server.
    #[must_use]
    pub fn node(&self) -> Option<&str> {
        self.db.node()
    }

    /// Says that this process is alive, and strikes off those that were not heard of for `forget_after_ms`. Nothing without a server.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn beat(&self, address: &str, forget_after_ms: u64) -> Result<(), StoreError> {
        let Some(node) = self.node() else { return Ok(()) };
        let upsert = format!(
            "INSERT INTO nodes (id, address, started_at, seen_at) VALUES (?1, ?2, {NOW_MICROS}, {NOW_MICROS})
            ON CONFLICT (id) DO UPDATE SET address = excluded.address, seen_at = excluded.seen_at"
        );
        let delete = format!("DELETE FROM nodes WHERE seen_at < {NOW_MICROS} - ?1");
        self.db.beside("say that a node is alive", |connection| {
            connection.execute(&upsert, values![node, address])?;
            connection.execute(&delete, values![micros(forget_after_ms)])?;
            Ok(())
        })
    }

    /// Says that this process ends.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn leave(&self) -> Result<(), StoreError> {
        let Some(node) = self.node() else { return Ok(()) };
        self.db.beside("take a node away", |connection| {
            connection.execute("DELETE FROM nodes WHERE id = ?1", values![node])?;
            Ok(())
        })
    }

    /// The processes that share the databases, the oldest first; none without a server.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn nodes(&self) -> Result<Vec<NodeRow>, StoreError> {
        if self.node().is_none() {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT id, address, ({NOW_MICROS} - started_at) / 1000, ({NOW_MICROS} - seen_at) / 1000 FROM nodes
            ORDER BY started_at, id"
        );
        let ms = |ago: i64| u64::try_from(ago).unwrap_or(0);
        self.db.beside("list nodes", |connection| {
            connection.query(&select, &[], |row| {
                let (started_ms_ago, seen_ms_ago) = (ms(row.get(2)?), ms(row.get(3)?));
                Ok(NodeRow { id: row.get(0)?, address: row.get(1)?, started_ms_ago, seen_ms_ago })
            })
        })
    }

    /// The id of the spool that all nodes share: `mine`, if there was none yet.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn shared_spool(&self, mine: &str) -> Result<String, StoreError> {
        self.db.beside("look which spool is shared", |connection| {
            connection.execute("INSERT INTO spool VALUES (1, ?1) ON CONFLICT DO NOTHING", values![mine])?;
            connection.query_one("SELECT id FROM spool", &[], |row| row.get(0))
        })
    }

    /// Makes another spool the shared one, because the former is gone for good.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn replace_shared_spool(&self, id: &str) -> Result<(), StoreError> {
        self.db.beside("replace the shared spool", |connection| {
            connection.execute("UPDATE spool SET id = ?1", values![id])?;
            Ok(())
        })
    }
}

pub(crate) fn micros(ms: u64) -> i64 {
    i64::try_from(ms.saturating_mul(1000)).unwrap_or(i64::MAX)
}
