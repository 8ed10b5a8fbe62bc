//! What the endpoints answer.

use plugpoint_sdk::api_schema;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{OutcomeRow, RunRow, RunState, TenantRow};

/// How a run stands.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MigrationState {
    /// It is at work; `seen_at` is when it was last heard of.
    Running,
    /// It has ended, and all tenants that were chosen are up to date.
    Succeeded,
    /// It has ended, and some are not.
    Failed,
    /// Its process has ended before it, as the next run found out.
    Abandoned,
}

/// A run of `plugpoint migrate`.
#[api_schema]
pub(crate) struct Migration {
    /// Its id; a later run has a greater one.
    pub id: String,
    /// Who began it: the operating system's user.
    pub by: String,
    /// The number of the structure that it brings.
    pub structure: u32,
    /// How it stands.
    pub state: MigrationState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last heard of; of one that has ended, when it ended.
    pub seen_at: Timestamp,
    /// Tenants that were looked at.
    pub checked: u32,
    /// Those that needed nothing.
    pub up_to_date: u32,
    /// Those that were behind and are up to date now.
    pub migrated: u32,
    /// Those that are as they were, because of an error.
    pub failed: u32,
    /// Those that are behind and were not begun.
    pub remaining: u32,
}

/// The runs that are remembered, the last first.
#[api_schema]
pub(crate) struct MigrationList {
    /// The runs.
    pub migrations: Vec<Migration>,
}

/// What became of a tenant in a run.
#[api_schema]
pub(crate) struct TenantMigration {
    /// The tenant.
    pub tenant: String,
    /// The number of the structure that it had; absent if that could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structure: Option<u32>,
    /// The steps that it lacked: `core/STEP` or `CUSTOMER/TAG`.
    pub steps: Vec<String>,
    /// How long they took, in milliseconds.
    pub took_ms: u32,
    /// Why it failed; absent if it is up to date now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A run with what became of tenants in it.
#[api_schema]
pub(crate) struct MigrationReport {
    /// The run.
    pub migration: Migration,
    /// What became of tenants, those that failed first, then by name.
    pub tenants: Vec<TenantMigration>,
}

/// How much of a listing.
#[api_schema]
pub(crate) struct LimitQuery {
    /// Entries at most, 100 if not given.
    #[validate(range(min = 1, max = 10_000))]
    #[serde(default = "default_limit")]
    pub limit: u32,
}

fn default_limit() -> u32 {
    100
}

impl From<RunRow> for Migration {
    fn from(row: RunRow) -> Self {
        let state = match row.state {
            RunState::Running => MigrationState::Running,
            RunState::Succeeded => MigrationState::Succeeded,
            RunState::Failed => MigrationState::Failed,
            RunState::Abandoned => MigrationState::Abandoned,
        };
        let RunRow { id, by, structure, started_at, seen_at, counts, .. } = row;
        Self {
            id,
            by,
            structure,
            state,
            started_at,
            seen_at,
            checked: counts.checked,
            up_to_date: counts.up_to_date,
            migrated: counts.migrated,
            failed: counts.failed,
            remaining: counts.remaining,
        }
    }
}

impl From<OutcomeRow> for TenantMigration {
    fn from(row: OutcomeRow) -> Self {
        let OutcomeRow { tenant, structure, steps, took_ms, error } = row;
        Self { tenant: tenant.to_string(), structure, steps, took_ms, error }
    }
}

/// A tenant, as the platform sees it.
#[api_schema]
pub(crate) struct TenantView {
    /// Its name.
    pub tenant: String,
    /// How it is served: `active`, `suspended` or `deleting`.
    pub state: String,
    /// Why it is suspended, in the operator's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The customer crate that serves it. Absent: the platform's own behaviour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The customer that is tried beside its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was restored from a backup last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<Timestamp>,
}

/// All tenants.
#[api_schema]
pub(crate) struct TenantList {
    /// By name.
    pub tenants: Vec<TenantView>,
}

impl From<TenantRow> for TenantView {
    fn from(row: TenantRow) -> Self {
        Self {
            tenant: row.tenant.to_string(),
            state: row.state.name().to_owned(),
            reason: row.reason,
            customer: row.customer,
            candidate: row.candidate,
            created_at: row.created_at,
            restored_at: row.restored_at,
        }
    }
}
