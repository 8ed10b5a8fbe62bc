//! Findings: what is wrong with one record, where, and what the sender can do about it.

use serde::{Deserialize, Serialize};

use plugpoint_sdk_macros::api_schema;

use crate::error::FieldError;

/// The longest excerpt of a record that a finding carries, in bytes.
pub const EXCERPT_BYTES_MAX: usize = 512;

/// Where in a document. Zero means "not known".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// Line, counted from 1.
    pub line: u64,
    /// Column in characters, counted from 1.
    pub column: u64,
}

/// Whether a finding rejects its item.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The item was rejected.
    Error,
    /// The item was taken; something of it was changed or left out.
    Warning,
}

/// One thing that is wrong with one record of an import.
#[api_schema]
pub struct Finding {
    /// Whether the item was rejected.
    pub severity: Severity,
    /// Stable code, the same in all languages; see the list of finding codes.
    pub code: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What the sender can do about it. A rule may say so itself; else the platform does, from the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// What the reader or the rule wrote, where `message` is in another language than theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The item's own number, as far as it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Line of the document, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column of that line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Where in the record: a JSON pointer into the canonical item, or the element path of the sender's format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The offending value, shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The raw record, shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

impl Finding {
    /// A finding that rejects its item.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code.to_owned(), message.into())
    }

    /// A finding that leaves its item in.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code.to_owned(), message.into())
    }

    fn new(severity: Severity, code: String, message: String) -> Self {
        Self {
            severity,
            code,
            message,
            advice: None,
            detail: None,
            sku: None,
            line: None,
            column: None,
            path: None,
            value: None,
            excerpt: None,
        }
    }

    /// Says where in the document.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.line = (position.line > 0).then_some(position.line);
        self.column = (position.column > 0).then_some(position.column);
        self
    }

    /// Says where in the record.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Says which item.
    #[must_use]
    pub fn sku(mut self, sku: impl Into<String>) -> Self {
        self.sku = Some(sku.into());
        self
    }

    /// Shows the offending value, shortened to [`EXCERPT_BYTES_MAX`].
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.value = Some(shortened(value));
        self
    }

    /// Shows the raw record, shortened to [`EXCERPT_BYTES_MAX`].
    #[must_use]
    pub fn excerpt(mut self, raw: &str) -> Self {
        self.excerpt = Some(shortened(raw));
        self
    }
}

/// At most [`EXCERPT_BYTES_MAX`] bytes of a text, cut at a character, with an ellipsis where it was cut.
#[must_use]
pub fn shortened(text: &str) -> String {
    if text.len() <= EXCERPT_BYTES_MAX {
        return text.to_owned();
    }
    let mut end = EXCERPT_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

/// A violated limit rejects the item.
impl From<FieldError> for Finding {
    fn from(error: FieldError) -> Self {
        Self::new(Severity::Error, error.code, error.message).path(error.pointer)
    }
}
