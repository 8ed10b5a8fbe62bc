//! Findings: what is wrong with one record, where, and what the sender can do about it.

use serde::{Deserialize, Serialize};
use validator::{ValidationErrors, ValidationErrorsKind};

use plugpoint_sdk_macros::api_schema;

use super::catalog::ItemData;

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
        Self::new(Severity::Error, code, message.into())
    }

    /// A finding that leaves its item in.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    fn new(severity: Severity, code: &'static str, message: String) -> Self {
        let code = code.to_owned();
        Self { severity, code, message, sku: None, line: None, column: None, path: None, value: None, excerpt: None }
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

/// Every violation of the declared limits, as findings with JSON pointers.
pub(super) fn check_item(data: &ItemData) -> Vec<Finding> {
    use validator::Validate;
    let mut findings = Vec::new();
    if let Err(errors) = data.validate() {
        collect(&errors, String::new(), &mut findings);
    }
    findings
}

fn collect(errors: &ValidationErrors, pointer: String, findings: &mut Vec<Finding>) {
    for (field, kind) in errors.errors() {
        let here = format!("{pointer}/{field}");
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, here, findings),
            ValidationErrorsKind::List(list) => {
                for (index, inner) in list {
                    collect(inner, format!("{here}/{index}"), findings);
                }
            }
            ValidationErrorsKind::Field(list) => {
                for error in list {
                    let message = format!("{here}: {}", error.code);
                    findings.push(Finding::error("field_invalid", message).path(here.clone()));
                }
            }
        }
    }
}
