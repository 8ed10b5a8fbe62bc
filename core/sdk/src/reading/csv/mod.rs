//! Rows of separated text: RFC 4180 and what senders make of it, streamed, bounded, in any encoding.
//!
//! Used by the canonical CSV reader and by format plugins that read lists. It knows rows and fields; what a field means, which
//! row is the header and which separator a sender has chosen is its caller's to say.

mod rows;
mod text;

pub use rows::{Dialect, Row, Rows};
