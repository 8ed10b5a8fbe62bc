//! The sdk's integration tests, one binary. Called by `cargo nextest run`; nothing here is shipped.

mod allocations;
mod canonical_cases;
mod canonical_exports;
mod canonical_properties;
mod items;
mod schema_published;
mod updates;
mod xml_malformed;
mod xml_properties;
mod xml_reader;
