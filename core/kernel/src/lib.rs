//! The kernel: takes what every crate registered, refuses what clashes, and freezes the rest into one plan per tenant.
//!
//! Used by the server (to commit) and by the catalog plugin (to call hooks). It refuses to look anything up later: once
//! [`Plans::commit`] has returned, nothing registers any more, and a tenant's plan is plain fields.
//!
//! Dependencies: blake3 for the plan's hash; libloading loads customer libraries, object reads them without running
//! them, sha2 names their content, semver orders their versions, rustix sets a thread's priority.

mod breaker;
mod chain;
mod commit;
mod dynamic;
mod elf;
mod folder;
mod library;
mod meter;
mod order;
mod plan;
mod problem;
mod report;
mod scope;
mod shelter;
mod source;
mod threads;

pub use breaker::BreakerState;
pub use dynamic::Loaded;
pub use folder::{Candidate, Folder};
pub use library::{Fault, FaultCode, Library, Refusal};
pub use meter::CallStats;
pub use plan::{Hook, HookStats, Plans, Suspended, TenantPlan};
pub use problem::{Party, Problem, Problems};
pub use report::{HookReport, LibraryReport, PlanReport, PointReport, ShadowReport};
pub use scope::Unprovided;
pub use source::{Door, Source};
pub use threads::{Beat, HookThreads, Running, step_back, yield_to_others};
