//! What operators did: one row for each act by command line, in the control database.
//!
//! Written in the same commit as what it tells of, where there is one. It outlives tenants, so it holds nothing that is looked for
//! once one is deleted: no key id, no secret, no record.

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use serde::Serialize;

use crate::control::Control;
use crate::error::StoreError;
use crate::sql::{Connection, Row, values};
use crate::time::from_micros;

/// An act of an operator.
#[derive(Debug, Clone)]
pub struct Act {
    /// Who: the operating system's user.
    pub actor: String,
    /// What, in the words of the command: `tenant suspend`.
    pub action: &'static str,
    /// The tenant that it is about.
    pub tenant: Option<TenantId>,
    /// The rest, in a few words.
    pub detail: String,
}

/// An act as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// The tenant that it is about; it need not exist any more.
    pub tenant: Option<String>,
    /// The rest.
    pub detail: String,
}

impl Control {
    /// Writes an act down that changes nothing in the control database.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn record(&self, act: &Act) -> Result<(), StoreError> {
        self.change("write an act down", act, |_| Ok(()))
    }

    /// The latest acts, oldest first; of one tenant, if one is named.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn acts(&self, tenant: Option<&TenantId>, limit: u32) -> Result<Vec<ActRow>, StoreError> {
        const ALL: &str = "SELECT at, actor, action, tenant, detail FROM audit ORDER BY row_id DESC LIMIT ?1";
        const ONE: &str = "SELECT at, actor, action, tenant, detail FROM audit WHERE tenant = ?2
            ORDER BY row_id DESC LIMIT ?1";
        let read = |row: &Row<'_>| {
            Ok(ActRow {
                at: from_micros(row.get(0)?),
                actor: row.get(1)?,
                action: row.get(2)?,
                tenant: row.get(3)?,
                detail: row.get(4)?,
            })
        };
        let mut rows = self.db.read("list acts", |connection| match tenant {
            None => connection.query(ALL, values![limit], read),
            Some(tenant) => connection.query(ONE, values![limit, tenant.as_str()], read),
        })?;
        rows.reverse();
        Ok(rows)
    }
}

pub(crate) fn insert_act(tx: &Connection, now: i64, act: &Act) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO audit (at, actor, action, tenant, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
    let Act { actor, action, tenant, detail } = act;
    tx.execute(INSERT, values![now, actor, *action, tenant.as_ref().map(TenantId::as_str), detail])?;
    Ok(())
}
