//! The store's error: a kind to branch on, what was being done to what, and the cause for the operator.
//!
//! `Display` never repeats the cause and never shows a path or a statement; log the source chain instead. SQL error types
//! stay inside this crate.

use std::error::Error;
use std::fmt;
use std::io;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use rusqlite::types::FromSqlError;
use rusqlite::{ErrorCode, ffi};

/// What a caller can do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// Somebody else holds the lock; a retry can help. Nothing was written.
    Busy,
    /// No space left, on the disk or within the tenant's limit. Nothing was written.
    Full,
    /// The file is no database of ours, or it is damaged.
    Corrupt,
    /// The database was written by a newer release, and cannot be served by this one.
    TooNew,
    /// The database is older than what this release serves, and is brought up to date by command only; or a step of a customer's failed.
    Behind,
    /// There is no such tenant.
    NotFound,
    /// The tenant, import or idempotency key is already there. Nothing was written.
    AlreadyExists,
    /// The tenant would have more items than it may. Nothing was written.
    OverQuota,
    /// A file or folder cannot be read or written.
    Io,
    /// The database server cannot be reached, or refuses us; a retry can help.
    Unavailable,
    /// The address, or what is found there, is not what the platform needs. Somebody has to change it.
    Unfit,
    /// A mistake of ours.
    Internal,
}

/// A failed operation of the store.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    operation: &'static str,
    subject: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl StoreError {
    pub(crate) fn new(kind: StoreErrorKind, operation: &'static str, subject: impl Into<String>) -> Self {
        Self { kind, operation, subject: subject.into(), source: None }
    }

    /// An error without context yet; [`during`](Self::during) adds it at the border of the crate.
    pub(crate) fn of(kind: StoreErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, operation: "", subject: String::new(), source: Some(source.into()) }
    }

    /// Says what was being done to what, unless somebody closer to the cause has said so already.
    pub(crate) fn during(mut self, operation: &'static str, subject: &str) -> Self {
        if self.operation.is_empty() {
            self.operation = operation;
        }
        if self.subject.is_empty() {
            subject.clone_into(&mut self.subject);
        }
        self
    }

    /// Says why.
    pub(crate) fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            StoreErrorKind::Busy => "the database is locked by someone else",
            StoreErrorKind::Full => "no space is left",
            StoreErrorKind::Corrupt => "the file is damaged or no database of ours",
            StoreErrorKind::TooNew => "the database was written by a newer release",
            StoreErrorKind::Behind => "the database is not up to date",
            StoreErrorKind::NotFound => "there is no such thing",
            StoreErrorKind::AlreadyExists => "it exists already",
            StoreErrorKind::OverQuota => "the tenant would have more items than it may",
            StoreErrorKind::Io => "a file cannot be read or written",
            StoreErrorKind::Unavailable => "the database server does not answer",
            StoreErrorKind::Unfit => "the database cannot be used as it is set up",
            StoreErrorKind::Internal => "an unexpected failure",
        };
        write!(f, "{} ({}): {what}", self.operation, self.subject)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::of(kind_of(&error), error)
    }
}

/// A value of another type than the structure promises.
impl From<FromSqlError> for StoreError {
    fn from(error: FromSqlError) -> Self {
        Self::of(StoreErrorKind::Corrupt, error)
    }
}

fn kind_of(error: &rusqlite::Error) -> StoreErrorKind {
    let failure = match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure,
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => return StoreErrorKind::Corrupt,
        _ => return StoreErrorKind::Internal,
    };
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreErrorKind::Busy,
        // A database whose tenant is being moved refuses by triggers; there are no others.
        ErrorCode::ConstraintViolation if failure.extended_code == ffi::SQLITE_CONSTRAINT_TRIGGER => {
            StoreErrorKind::Busy
        }
        ErrorCode::DiskFull => StoreErrorKind::Full,
        // The shared-memory file beside the WAL could not grow.
        ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => StoreErrorKind::Full,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreErrorKind::Corrupt,
        ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::SystemIoFailure
        | ErrorCode::NoLargeFileSupport => StoreErrorKind::Io,
        _ => StoreErrorKind::Internal,
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        Self::of(kind_of_postgres(&error), error)
    }
}

fn kind_of_postgres(error: &postgres::Error) -> StoreErrorKind {
    let Some(state) = error.code() else {
        // No answer of the server's: it is not there, or not any more.
        return StoreErrorKind::Unavailable;
    };
    match state.code() {
        // lock_not_available, deadlock_detected, serialization_failure, query_canceled
        "55P03" | "40P01" | "40001" | "57014" => StoreErrorKind::Busy,
        // disk_full; out_of_memory is the server's, and passes
        "53100" => StoreErrorKind::Full,
        // too_many_connections, out_of_memory, insufficient resources, shutdowns, cannot_connect_now; who we are
        "53000" | "53200" | "53300" | "57P01" | "57P02" | "57P03" | "28000" | "28P01" | "3D000" => {
            StoreErrorKind::Unavailable
        }
        // a table, column or schema that has to be there; damaged pages and indexes
        "42P01" | "42703" | "3F000" | "XX001" | "XX002" => StoreErrorKind::Corrupt,
        // privileges that are missing
        "42501" => StoreErrorKind::Unfit,
        _ => StoreErrorKind::Internal,
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
            _ => StoreErrorKind::Io,
        };
        Self::of(kind, error)
    }
}

/// JSON that this crate has written itself and cannot read back.
impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::of(StoreErrorKind::Corrupt, error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let api = match error.kind {
            StoreErrorKind::Busy => ApiError::new(&codes::STORAGE_BUSY, "the storage is busy").retry_after(1),
            StoreErrorKind::Unavailable => {
                ApiError::new(&codes::STORAGE_BUSY, "the storage does not answer").retry_after(1)
            }
            StoreErrorKind::Full => ApiError::new(&codes::STORAGE_FULL, "there is no space left"),
            StoreErrorKind::NotFound => ApiError::new(&codes::NOT_FOUND, format!("there is no {}", error.subject)),
            StoreErrorKind::AlreadyExists => {
                ApiError::new(&codes::REQUEST_INVALID, format!("{} exists already", error.subject))
            }
            StoreErrorKind::OverQuota => {
                let detail = error.source.as_ref().map_or_else(|| error.to_string(), ToString::to_string);
                ApiError::new(&codes::ITEM_QUOTA_EXCEEDED, format!("{detail}; nothing was changed"))
            }
            StoreErrorKind::TooNew | StoreErrorKind::Behind => ApiError::new(
                &codes::SCHEMA_VERSION,
                "the tenant's database has a structure that this server does not serve",
            )
            .retry_after(60),
            // What an operator has to change is said first, not that something failed.
            StoreErrorKind::Unfit => {
                let reason = error.source.as_ref().map_or_else(|| error.to_string(), ToString::to_string);
                ApiError::new(&codes::INTERNAL, reason)
            }
            _ => ApiError::new(&codes::INTERNAL, "the storage failed"),
        };
        api.caused_by(error)
    }
}
