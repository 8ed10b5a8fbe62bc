//! Documents that are kept after their import, for whoever reads them again: only looked at, never changed, also while a
//! server runs on the same data folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_store::Store;

use super::meta;
use super::spool::Spool;

/// A kept document.
#[derive(Debug)]
pub struct Kept {
    /// Whose it is.
    pub tenant: TenantId,
    /// Content type without parameters.
    pub media_type: String,
    /// Its charset, as the sender named it.
    pub charset: Option<String>,
    /// Read by the canonical reader whatever the tenant's is.
    pub is_canonical: bool,
    /// Its size.
    pub bytes: u64,
    /// The file that holds it.
    pub file: PathBuf,
    /// The folder of that file and of what belongs to it.
    pub(crate) dir: PathBuf,
}

impl Kept {
    /// The document of an import, of one tenant or of whichever tenant has it.
    ///
    /// # Errors
    /// `not_found` when no document of this import is kept (any more); `internal` when the spool cannot be read.
    pub fn find(store: &Store, tenant: Option<&TenantId>, id: ImportId) -> Result<Self, ApiError> {
        let (spool, root) = (Spool::of(store), &store.spool_dir());
        match tenant {
            Some(tenant) => spool.look(tenant.as_str()),
            None => spool.look_at_all(),
        }
        .map_err(unreadable)?;
        let tenants = match tenant {
            Some(tenant) => vec![root.join(tenant.as_str())],
            None => folders(root).map_err(unreadable)?,
        };
        let dir = tenants.into_iter().map(|tenant| tenant.join(id.to_string())).find(|dir| dir.is_dir());
        let dir = dir.ok_or_else(|| {
            let detail =
                format!("no document of import {id} is kept; retention_days of the profile says for how long they are");
            ApiError::new(&codes::NOT_FOUND, detail)
        })?;
        let meta = meta::read_meta(&dir).map_err(unreadable)?;
        spool.bring(&meta).map_err(unreadable)?;
        Ok(Self {
            tenant: meta.tenant()?,
            media_type: meta.media_type,
            charset: meta.charset,
            is_canonical: meta.is_canonical,
            bytes: meta.bytes,
            file: dir.join("document"),
            dir,
        })
    }
}

fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(root) {
        Ok(entries) => entries
            .map(|entry| Ok(entry?.path()))
            .filter(|path| path.as_ref().map_or(true, |path| path.is_dir()))
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn unreadable(error: io::Error) -> ApiError {
    ApiError::new(&codes::INTERNAL, "the kept documents cannot be read").caused_by(error)
}
