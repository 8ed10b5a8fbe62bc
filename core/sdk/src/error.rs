//! The platform's error: a stable code to branch on, a sentence for the client, a source chain for the operator.
//!
//! It knows no transport. HTTP turns it into a problem document, SOAP into a fault; both take the status from
//! [`codes`](crate::codes).

use std::error::Error;
use std::fmt;

use crate::codes::Code;

/// One violated rule of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the body (`/items/0/sku`), or `?name` for a query parameter.
    pub pointer: String,
    /// Stable code such as `field_length`; see [`codes::finding`](crate::codes::finding).
    pub code: String,
    /// What is wrong, in one sentence.
    pub message: String,
}

/// What went wrong, for machines (`code`), for clients (`detail`, `errors`) and for operators (`source`).
///
/// `source` never reaches a client.
#[derive(Debug)]
pub struct ApiError {
    /// The stable code; status and title follow from it.
    pub code: &'static Code,
    /// One sentence for the client. Names the offending value, never a path, a statement or a secret of ours.
    pub detail: String,
    /// Every violated rule, when the request was invalid.
    pub errors: Vec<FieldError>,
    /// Seconds after which a retry makes sense.
    pub retry_after_s: Option<u32>,
    /// What caused it.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// An error with a sentence for the client.
    #[must_use]
    pub fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_s: None, source: None }
    }

    /// Keeps the cause for the operator.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Lists the violated rules.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Says when a retry makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

/// A text of the sender's as a message shows it: quoted, escaped, and cut behind `chars_max` characters. Precision (`{:.80?}`) would
/// not do: Rust ignores it for quoted texts.
#[must_use]
pub fn quoted(text: &str, chars_max: usize) -> String {
    let mut shown = String::from("\"");
    let mut letters = text.chars();
    letters.by_ref().take(chars_max).for_each(|letter| shown.extend(letter.escape_debug()));
    if letters.next().is_some() {
        shown.push('…');
    }
    shown.push('"');
    shown
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name, self.detail)
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_quoted_text_is_cut_behind_its_bound_and_not_before() {
        assert_eq!(quoted("äb\"\n", 4), "\"äb\\\"\\n\"");
        assert_eq!(quoted("äbc", 2), "\"äb…\"");
        assert_eq!(quoted("", 0), "\"\"");
    }
}
