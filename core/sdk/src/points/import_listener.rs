//! `catalog.import_listener`: is told about every committed import.

use crate::desk::ImportCounts;
use crate::model::{CatalogId, ImportId, TenantId};

/// Is told about every committed import, after the commit.
pub trait ImportListener: Send + Sync {
    /// One import was committed. Its failure changes nothing about the import.
    ///
    /// # Errors
    /// A sentence for the log.
    fn committed(&self, event: &ImportCommitted) -> Result<(), String>;
}

/// What was committed.
#[derive(Debug, Clone)]
pub struct ImportCommitted {
    /// The tenant.
    pub tenant: TenantId,
    /// The catalog.
    pub catalog: CatalogId,
    /// The import.
    pub import: ImportId,
    /// What it did.
    pub counts: ImportCounts,
}
