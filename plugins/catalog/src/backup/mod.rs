//! Backups of tenants: taken while a server runs and imports, checked without one, put back as a whole or not at all.
//!
//! Called by `plugpoint backup` and `plugpoint restore`. A backup is a folder:
//!
//! | what | where |
//! |---|---|
//! | which release and structure, which tenants, size and BLAKE3 of every file | `manifest.json`, its own BLAKE3 in `manifest.b3` |
//! | name, profile, credentials (hashes; sealed secrets stay sealed) | `TENANT/tenant.json` |
//! | the database, as of one moment | `TENANT/catalog.db` |
//! | documents that wait, and those that are kept | `TENANT/spool/IMPORT/` |
//!
//! **Acknowledged means in the backup**: the database is copied first, the spool after it; every document that was acknowledged
//! before its tenant's backup began is in it, imported or waiting, and one that waits is imported after the restore. The key of
//! sealed secrets is never part of a backup: whoever has both has the secrets. Nonces are not either; they only matter for minutes.

mod check;
mod files;
mod manifest;
mod restore;
mod staging;
mod write;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

pub use check::check;
pub use manifest::{Manifest, TenantEntry};
pub use restore::{Restored, Wanted, restore};
pub use staging::take_up;
pub use write::write;

/// Something of the backup is not as it has to be.
fn refused(detail: impl Into<String>) -> ApiError {
    ApiError::new(&codes::BACKUP_INVALID, detail)
}

/// A file or folder of a backup that cannot be read or written.
fn failed(what: &str, error: std::io::Error) -> ApiError {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let code =
        if matches!(error.kind(), StorageFull | QuotaExceeded) { &codes::STORAGE_FULL } else { &codes::INTERNAL };
    ApiError::new(code, format!("{what}: {error}")).caused_by(error)
}
