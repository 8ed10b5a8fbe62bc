//! The kernel: takes what every crate registered, refuses what clashes, and freezes the rest into one plan per tenant.
//!
//! Used by the server (to commit) and by the catalog plugin (to call hooks). It refuses to look anything up later: once
//! [`Plans::commit`] has returned, nothing registers any more, and a tenant's plan is plain fields.
//!
//! Dependencies: blake3 for the plan's hash.

mod chain;
mod commit;
mod order;
mod plan;
mod problem;
mod report;
mod scope;
mod source;

pub use plan::{Hook, HookTime, Plans, TenantPlan};
pub use problem::{Party, Problem, Problems};
pub use report::{HookReport, PlanReport, PointReport, ShadowReport};
pub use source::{Door, Source};
