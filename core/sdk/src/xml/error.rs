//! Why a document cannot be read as XML, with line and column.
//!
//! Made by the reader; turned into the platform's error or a transformer's by whoever called it.

use std::fmt;
use std::io;

use crate::codes::{self, Code};
use crate::document::TransformError;
use crate::error::ApiError;
use crate::model::Position;

/// Why a document, or one record of it, cannot be read.
#[derive(Debug)]
pub struct XmlError {
    /// What kind of trouble, to branch on.
    pub kind: XmlErrorKind,
    /// Where: the first character that is wrong, or the start of what is unfinished or too large.
    pub position: Position,
    /// What is wrong, in one sentence without the position.
    pub message: String,
    /// The failure of the source, for kind [`Io`](XmlErrorKind::Io).
    pub source: Option<io::Error>,
}

/// The kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlErrorKind {
    /// Not well-formed XML, or names against the namespace rules.
    Malformed,
    /// A DOCTYPE where none is allowed.
    DoctypeRefused,
    /// A named entity that is neither one of XML's five nor in the caller's table.
    EntityUnknown,
    /// The encoding is not known, or the bytes do not fit it.
    EncodingInvalid,
    /// A bound of [`XmlLimits`](super::XmlLimits) is exceeded; the document is given up.
    LimitExceeded {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// One record is larger than `record_bytes_max`. The only kind after which the reader goes on: it stands behind the record.
    RecordTooLarge {
        /// The bound in bytes.
        max: usize,
    },
    /// The source failed.
    Io,
}

impl XmlErrorKind {
    /// The platform's code for this kind.
    #[must_use]
    pub fn code(self) -> &'static Code {
        match self {
            Self::Malformed => &codes::DOCUMENT_MALFORMED,
            Self::DoctypeRefused => &codes::DOCTYPE_REFUSED,
            Self::EntityUnknown => &codes::ENTITY_UNKNOWN,
            Self::EncodingInvalid => &codes::ENCODING_INVALID,
            Self::LimitExceeded { .. } | Self::RecordTooLarge { .. } => &codes::LIMIT_EXCEEDED,
            Self::Io => &codes::BODY_INCOMPLETE,
        }
    }
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.position.line, self.position.column, self.message)
    }
}

impl std::error::Error for XmlError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

impl From<XmlError> for ApiError {
    /// A source that failed with an [`ApiError`] of its own (a body over its limit) keeps it.
    fn from(error: XmlError) -> Self {
        let detail = error.to_string();
        let code = error.kind.code();
        match error.source.map(io::Error::downcast::<ApiError>) {
            Some(Ok(own)) => own,
            Some(Err(source)) => ApiError::new(code, detail).caused_by(source),
            None => ApiError::new(code, detail),
        }
    }
}

impl From<XmlError> for TransformError {
    /// A failed source stays an I/O error: it says nothing about the document.
    fn from(mut error: XmlError) -> Self {
        match error.source.take() {
            Some(source) => Self::Io(source),
            None => Self::Document(error.into()),
        }
    }
}
