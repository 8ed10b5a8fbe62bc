//! What the tests of format plugins and customer crates share (feature `testkit`): case folders and a sink that collects.
//!
//! A case folder holds a document and what is expected of it, as data; see [`Cases`]. The only module of the sdk that reads
//! files, and it is never part of a shipped binary.

mod cases;
mod damage;
mod elements;
mod exports;
mod facades;
mod listeners;
mod mutants;
mod promises;
mod pulls;
mod real_documents;
mod stream;
mod xml_damage;

pub use cases::Cases;
pub use elements::element;
pub(crate) use exports::exporter_promises;
pub use exports::{Exported, exported, item, items, read_back};
pub(crate) use facades::facade_promises;
pub use facades::{FACADE_SECRET, FacadeTrial, FakeDesk};
pub(crate) use listeners::listener_bears_any_counts;
pub(crate) use mutants::{on_mutants, rule_is_idempotent};
pub(crate) use promises::transformer_promises;
pub(crate) use pulls::source_promises;
pub use pulls::{FAKE_SECRET, FakeService, PullTrial, Pulled, SentRequest};
pub use real_documents::{RealDocument, real_documents};
pub use stream::{STREAM_RECORDS, bounded_in_memory};

pub use crate::trial::{Outcome, Sample};
