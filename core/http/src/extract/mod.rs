//! Extractors that turn what a client sent into checked types, and every refusal into a problem with pointers.

mod json;
mod path;
mod query;

pub use json::{ValidJson, invalid, json};
pub use path::ValidPath;
pub use query::ValidQuery;
