//! The life of a tenant in the control database: served, suspended, replaced, deleted.
//!
//! Called by the commands of an operator, and by a server that looks which tenants it has to let go. It changes rows alone:
//! databases, spool and everything else on the disk are the caller's.

use std::fmt;
use std::str::FromStr;

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit::{Act, insert_act};
use crate::control::{Control, about, read_tenant_id};
use crate::error::{StoreError, StoreErrorKind};
use crate::moving::not_moving;
use crate::sql::{Connection, Row, values};
use crate::time::{from_micros, to_micros};

/// How a tenant is served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// As usual.
    #[default]
    Active,
    /// Not for a while: requests are refused, documents wait.
    Suspended,
    /// Not at the moment: a command puts another state in its place.
    Restoring,
    /// Not any more: a command takes it away.
    Deleting,
}

impl TenantState {
    const ALL: [Self; 4] = [Self::Active, Self::Suspended, Self::Restoring, Self::Deleting];

    /// As it is kept and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Restoring => "restoring",
            Self::Deleting => "deleting",
        }
    }

    /// Whether every process has to close the tenant's database.
    #[must_use]
    pub const fn is_let_go(self) -> bool {
        matches!(self, Self::Restoring | Self::Deleting)
    }
}

impl fmt::Display for TenantState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TenantState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| state.name() == text);
        found.ok_or_else(|| format!("{text:?} is no state of a tenant"))
    }
}

/// The state in a column.
pub(crate) fn read_state(row: &Row<'_>, column: usize) -> Result<TenantState, StoreError> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error: String| StoreError::of(StoreErrorKind::Corrupt, error))
}

impl Control {
    /// Suspends a tenant, or has it served again; the act is written down in the same commit.
    ///
    /// # Errors
    /// `NotFound`; `Busy` for a tenant that is being restored or deleted; those of the storage.
    pub fn set_suspended(
        &self,
        tenant: &TenantId,
        is_suspended: bool,
        reason: Option<&str>,
        act: &Act,
    ) -> Result<(), StoreError> {
        const UPDATE: &str = "UPDATE tenants SET state = ?2, state_reason = ?3 WHERE tenant = ?1";
        let state = if is_suspended { TenantState::Suspended } else { TenantState::Active };
        self.change("suspend or resume a tenant", act, |tx| {
            not_let_go(tx, tenant)?;
            tx.execute(UPDATE, values![tenant.as_str(), state.name(), reason])?;
            Ok(())
        })
    }

    /// From this commit on nobody opens the tenant's database, and whoever has it open lets it go. Said twice, it stays so.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn begin_delete(&self, tenant: &TenantId, act: &Act) -> Result<(), StoreError> {
        const UPDATE: &str = "UPDATE tenants SET state = 'deleting', state_reason = NULL WHERE tenant = ?1";
        self.change("begin to delete a tenant", act, |tx| {
            not_moving(tx, tenant)?;
            match tx.execute(UPDATE, values![tenant.as_str()])? {
                0 => Err(StoreError::new(StoreErrorKind::NotFound, "delete a tenant", about(tenant))),
                _ => Ok(()),
            }
        })
    }

    /// The same for a tenant that is replaced; what it was is kept for [`Control::give_up_restore`].
    ///
    /// # Errors
    /// `NotFound`; `Busy` for a tenant that is being restored or deleted; those of the storage.
    pub fn begin_restore(&self, tenant: &TenantId, act: &Act) -> Result<(), StoreError> {
        const UPDATE: &str = "UPDATE tenants SET state_before = state, state = 'restoring' WHERE tenant = ?1";
        self.change("begin to restore a tenant", act, |tx| {
            not_moving(tx, tenant)?;
            not_let_go(tx, tenant)?;
            tx.execute(UPDATE, values![tenant.as_str()])?;
            Ok(())
        })
    }

    /// Ends a restore that was not completed: the tenant is what it was.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn give_up_restore(&self, tenant: &TenantId) -> Result<(), StoreError> {
        const DELETE: &str =
            "DELETE FROM tenants WHERE tenant = ?1 AND state = 'restoring' AND state_before = 'absent'";
        const UPDATE: &str = "UPDATE tenants SET state = coalesce(state_before, 'active'), state_before = NULL
            WHERE tenant = ?1 AND state = 'restoring'";
        self.db.write("give up a restore", |tx| {
            tx.execute(DELETE, values![tenant.as_str()])?;
            tx.execute(UPDATE, values![tenant.as_str()])?;
            Ok(())
        })
    }

    /// The tenants that are not served as usual, by name.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn unserved(&self) -> Result<Vec<(TenantId, TenantState)>, StoreError> {
        const SELECT: &str = "SELECT tenant, state FROM tenants WHERE state <> 'active' ORDER BY tenant";
        self.db.read("list tenants that are not served", |connection| {
            connection.query(SELECT, &[], |row| Ok((read_tenant_id(row)?, read_state(row, 1)?)))
        })
    }

    /// The tenants that were restored since, with the time of each.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn restored_since(&self, since: Option<Timestamp>) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
        const SELECT: &str = "SELECT tenant, restored_at FROM tenants WHERE restored_at > ?1 ORDER BY restored_at";
        let since = since.map_or(i64::MIN, to_micros);
        self.db.read("list tenants that were restored", |connection| {
            connection.query(SELECT, values![since], |row| Ok((read_tenant_id(row)?, from_micros(row.get(1)?))))
        })
    }

    /// The key ids of a tenant.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn key_ids(&self, tenant: &TenantId) -> Result<Vec<String>, StoreError> {
        const SELECT: &str = "SELECT key_id FROM credentials WHERE tenant = ?1 ORDER BY key_id";
        self.db.read("list the keys of a tenant", |connection| {
            connection.query(SELECT, values![tenant.as_str()], |row| row.get(0))
        })
    }

    /// Takes everything of a tenant that is being deleted but its name, and leaves nothing of it in the file: credentials, profile.
    /// Gives the number of credentials.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn erase_credentials(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        const BLANK: &str =
            "UPDATE tenants SET customer = NULL, profile_toml = '', candidate = NULL, state_reason = NULL
            WHERE tenant = ?1 AND state = 'deleting'";
        let count = self.db.write("erase the credentials of a tenant", |tx| {
            tx.leave_nothing()?;
            if tx.execute(BLANK, values![tenant.as_str()])? == 0 {
                return Ok(0);
            }
            tx.execute("DELETE FROM credentials WHERE tenant = ?1", values![tenant.as_str()])
        })?;
        self.db.scrub()?;
        Ok(count)
    }

    /// The last step of a deletion: the name can be used again. The act outlives it.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn forget_tenant(&self, tenant: &TenantId, act: &Act) -> Result<u64, StoreError> {
        const DELETE: &str = "DELETE FROM tenants WHERE tenant = ?1 AND state = 'deleting'";
        let count = self.change("forget a tenant", act, |tx| {
            tx.leave_nothing()?;
            tx.execute("DELETE FROM places WHERE tenant = ?1", values![tenant.as_str()])?;
            tx.execute(DELETE, values![tenant.as_str()])
        })?;
        self.db.scrub()?;
        Ok(count)
    }

    /// One change and the act that it is, in one commit.
    pub(crate) fn change<T>(
        &self,
        operation: &'static str,
        act: &Act,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let now = to_micros((self.clock)());
        self.db.write(operation, |tx| {
            let done = work(tx)?;
            insert_act(tx, now, act)?;
            Ok(done)
        })
    }
}

/// A tenant that is being restored or deleted is nobody else's.
pub(crate) fn not_let_go(tx: &Connection, tenant: &TenantId) -> Result<TenantState, StoreError> {
    const SELECT: &str = "SELECT state FROM tenants WHERE tenant = ?1";
    let state = tx.query_opt(SELECT, values![tenant.as_str()], |row| read_state(row, 0))?;
    match state {
        None => Err(StoreError::new(StoreErrorKind::NotFound, "change a tenant", about(tenant))),
        Some(state) if state.is_let_go() => {
            let cause = format!("the tenant is {state}");
            Err(StoreError::of(StoreErrorKind::Busy, cause).during("change a tenant", &about(tenant)))
        }
        Some(state) => Ok(state),
    }
}
