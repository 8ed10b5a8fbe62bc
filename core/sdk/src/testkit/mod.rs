//! What the tests of format plugins and customer crates share (feature `testkit`): case folders and a sink that collects.
//!
//! A case folder holds a document and what is expected of it, as data; see [`Cases`]. The only module of the sdk that reads
//! files, and it is never part of a shipped binary.

mod cases;
mod collect;
mod diff;

pub use cases::Cases;
pub use collect::{Outcome, Sample};
