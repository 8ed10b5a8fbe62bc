//! What the catalog's handlers share, and the two ways in which they leave the asynchronous threads.

use std::str::FromStr;
use std::sync::Arc;

use plugpoint_http::body::blocking;
use plugpoint_http::{Platform, Principal};
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportDesk, ImportView};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportId};
use plugpoint_sdk::operation::ApiOperation;
use plugpoint_store::{StoreError, TenantDb};
use tokio::sync::Semaphore;

/// Requests that may wait for their import at the same time; each takes a thread. The preference of further ones is not
/// applied.
const WAITS_MAX: usize = 64;

/// Event streams that may be open at the same time.
const EVENT_STREAMS_MAX: usize = 256;

/// Tables, pages and documents that may be written at the same time; each takes a thread.
const LONG_ANSWERS_MAX: usize = 16;

/// The state of the catalog's routes.
pub(super) struct CatalogHttp {
    pub(super) platform: Arc<Platform>,
    pub(super) desk: Arc<dyn ImportDesk>,
    pub(super) waits: Arc<Semaphore>,
    pub(super) event_streams: Arc<Semaphore>,
    pub(super) long_answers: Arc<Semaphore>,
    pub(super) exports: Arc<Semaphore>,
}

impl CatalogHttp {
    pub(super) fn new(platform: Arc<Platform>, desk: Arc<dyn ImportDesk>) -> Self {
        let (waits, event_streams) = (Arc::new(Semaphore::new(WAITS_MAX)), Arc::new(Semaphore::new(EVENT_STREAMS_MAX)));
        let long_answers = Arc::new(Semaphore::new(LONG_ANSWERS_MAX));
        let exports = Arc::new(Semaphore::new(platform.config().limits.exports_max));
        Self { platform, desk, waits, event_streams, long_answers, exports }
    }

    /// How long a page is: as asked, within what the tenant may have.
    pub(super) fn page_limit(&self, principal: &Principal, operation: ApiOperation, asked: u32) -> u32 {
        self.platform.limits_of(&principal.runtime, operation).page(asked)
    }

    /// The import, if it is one of this tenant and of this catalog.
    pub(super) async fn import(&self, principal: &Principal, catalog: &str, id: &str) -> Result<ImportView, ApiError> {
        let id = ImportId::from_str(id).map_err(|_| no_import())?;
        let (desk, tenant) = (Arc::clone(&self.desk), principal.tenant.clone());
        let view = blocking(move || desk.import(&tenant, id, std::time::Duration::ZERO)).await;
        match view {
            Ok(view) if view.catalog == catalog => Ok(view),
            Ok(_) => Err(no_import()),
            Err(error) if *error.code == codes::NOT_FOUND => Err(no_import()),
            Err(error) => Err(error),
        }
    }
}

/// Reads from the principal's own database on a thread that may block.
pub(super) async fn reading<T: Send + 'static>(
    principal: &Principal,
    job: impl FnOnce(&TenantDb) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let runtime = Arc::clone(&principal.runtime);
    blocking(move || job(&runtime.db).map_err(ApiError::from)).await
}

/// The catalog that a path names. A text that is no catalog's name names none: 404.
pub(super) fn catalog_id(name: &str) -> Result<CatalogId, ApiError> {
    name.parse().map_err(|_| no_catalog())
}

/// The same answer for what is not there and for what belongs to somebody else.
pub(super) fn no_catalog() -> ApiError {
    ApiError::new(&codes::NOT_FOUND, "there is no such catalog")
}

pub(super) fn no_item() -> ApiError {
    ApiError::new(&codes::NOT_FOUND, "there is no such item")
}

pub(super) fn no_import() -> ApiError {
    ApiError::new(&codes::NOT_FOUND, "there is no such import")
}
