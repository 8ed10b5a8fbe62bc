//! A document read for trial: through transformer, profile and item rules as an import would, with nothing stored.
//!
//! Used by the test kit's case folders, by `plugpoint record`, and by whoever compares two readings of one document.

mod diff;
mod outcome;
mod records;
mod redact;
mod tally;

pub use diff::differences;
pub use outcome::{Outcome, Rules, Sample};
#[cfg(any(test, feature = "testkit"))]
pub(crate) use records::Records;
pub use records::shortened;
pub use redact::{Redaction, redacted};
pub use tally::Tally;
