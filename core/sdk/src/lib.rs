//! Everything a customer crate needs, and nothing a server needs: the canonical catalog model, the extension points,
//! the registrar through which a crate overrides them, and a bounded reader for hostile XML.
//!
//! Used by every other crate of the workspace. It refuses to do I/O: no tokio, no axum, no SQL, no files, no clock; but
//! for one line on the standard error when a hook takes more memory than it may ([`memory`]).
#![deny(missing_docs)]

// The attribute's output names this crate by its own name, also in here.
extern crate self as plugpoint_sdk;

pub mod abi;
pub mod adapt;
pub mod auto;
pub mod canonical;
pub mod codes;
pub mod customer;
pub mod desk;
pub mod detect;
pub mod document;
pub mod error;
pub mod export;
pub mod facade;
pub mod guard;
pub mod memory;
pub mod model;
pub mod near;
pub mod operation;
pub mod points;
pub mod profile;
pub mod pull;
pub mod reading;
pub mod registry;
pub mod schema;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod trial;
pub mod update;
pub mod xml;

#[doc(hidden)]
pub use inventory;

pub use plugpoint_sdk_macros::api_schema;
