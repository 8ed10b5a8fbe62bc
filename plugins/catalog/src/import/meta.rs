//! What the spool knows of a document beside its bytes: `meta.json` in its folder.

use std::path::Path;
use std::{fs, io};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{CatalogId, ImportId, ImportMode, TenantId};
use serde::{Deserialize, Serialize};

/// What the spool knows of a document: enough to import it after a crash with nobody left to ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SpoolMeta {
    /// The import.
    pub(crate) id: ImportId,
    /// The tenant.
    pub(crate) tenant: String,
    /// The catalog.
    pub(crate) catalog: String,
    /// What the caller allowed.
    pub(crate) mode: Option<ImportMode>,
    /// The caller's key, if any.
    pub(crate) idempotency_key: Option<String>,
    /// Content type without parameters.
    pub(crate) media_type: String,
    /// Its charset.
    pub(crate) charset: Option<String>,
    /// Read by the canonical transformer whatever the tenant's is.
    pub(crate) is_canonical: bool,
    /// The request that brought it.
    pub(crate) request_id: String,
    /// When it was acknowledged.
    pub(crate) created_at: Timestamp,
    /// Its size.
    pub(crate) bytes: u64,
    /// BLAKE3 of its bytes, in hex.
    pub(crate) document_hash: String,
}

#[cfg(test)]
impl SpoolMeta {
    /// That of a document of which nothing else matters to a test.
    pub(crate) fn of(tenant: &str, catalog: &str, bytes: u64) -> Self {
        Self {
            id: ImportId(uuid::Uuid::now_v7()),
            tenant: tenant.to_owned(),
            catalog: catalog.to_owned(),
            mode: None,
            idempotency_key: None,
            media_type: String::new(),
            charset: None,
            is_canonical: false,
            request_id: String::new(),
            created_at: Timestamp::default(),
            bytes,
            document_hash: String::new(),
        }
    }
}

impl SpoolMeta {
    /// The tenant as a type. A meta file that somebody edited is refused here.
    pub(crate) fn tenant(&self) -> Result<TenantId, ApiError> {
        self.tenant.parse().map_err(|error| broken(&self.id, error))
    }

    /// The catalog as a type.
    pub(crate) fn catalog(&self) -> Result<CatalogId, ApiError> {
        self.catalog.parse().map_err(|error| broken(&self.id, error))
    }
}

fn broken(id: &ImportId, error: plugpoint_sdk::model::ids::IdError) -> ApiError {
    ApiError::new(&codes::INTERNAL, format!("the spooled document of import {id} is damaged")).caused_by(error)
}

/// What a document's folder says about it.
pub(crate) fn read_meta(dir: &Path) -> io::Result<SpoolMeta> {
    let bytes = fs::read(dir.join("meta.json"))?;
    serde_json::from_slice(&bytes).map_err(io::Error::other)
}
