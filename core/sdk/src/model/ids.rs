//! Identifiers and modes, each parsed into a type once, at the border.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use plugpoint_sdk_macros::api_schema;

use crate::schema::Check;

/// The name of a catalog within a tenant: 1 to 64 of `A-Z a-z 0-9 . _ -`, the first a letter or digit.
#[api_schema(from_str)]
#[derive(Eq, Hash, PartialOrd, Ord)]
pub struct CatalogId(#[validate(length(max = 64), pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$")] String);

/// The name of a tenant: 1 to 40 of `a-z 0-9 -`, the first a letter.
#[api_schema(from_str)]
#[derive(Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(#[validate(length(max = 40), pattern = "^[a-z][a-z0-9-]*$")] String);

/// The id of an import: a UUIDv7, so that ids sort by time.
#[api_schema]
#[derive(Copy, Eq, Hash, PartialOrd, Ord)]
pub struct ImportId(pub Uuid);

/// A text is not of the form that an identifier has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a {what}: {rule}")]
pub struct IdError {
    what: &'static str,
    value: String,
    rule: &'static str,
}

impl FromStr for CatalogId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let id = Self(text.to_owned());
        let rule = "1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit";
        id.check().map_err(|_| IdError { what: "catalog id", value: shortened(text), rule })?;
        Ok(id)
    }
}

impl FromStr for TenantId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let id = Self(text.to_owned());
        let rule = "1 to 40 of a-z 0-9 -, the first a letter";
        id.check().map_err(|_| IdError { what: "tenant id", value: shortened(text), rule })?;
        Ok(id)
    }
}

impl FromStr for ImportId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = |_| IdError { what: "import id", value: shortened(text), rule: "a UUID" };
        Uuid::parse_str(text).map(Self).map_err(error)
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

impl CatalogId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TenantId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CatalogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an import may do to the items that are already there.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// The document is the whole catalog: what it does not name goes.
    Replace,
    /// The document adds and changes; what it does not name stays.
    Merge,
    /// Every item that the document names goes.
    Delete,
}

impl ImportMode {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Merge => "merge",
            Self::Delete => "delete",
        }
    }

    /// What a document that declares its own mode may do under the mode the caller allowed: it narrows, it never widens.
    #[must_use]
    pub fn narrowed_by(self, document: Self) -> Self {
        match (self, document) {
            (Self::Replace, own) => own,
            (allowed, _) => allowed,
        }
    }
}

impl FromStr for ImportMode {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            "replace" => Ok(Self::Replace),
            "merge" => Ok(Self::Merge),
            "delete" => Ok(Self::Delete),
            _ => Err(IdError { what: "import mode", value: shortened(text), rule: "replace, merge or delete" }),
        }
    }
}
