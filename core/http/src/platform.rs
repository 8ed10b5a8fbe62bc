//! What every module is given: storage, configuration, authentication and the tenants. Made once by the server (or a test),
//! shared by all requests.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method};
use plugpoint_config::Config;
use plugpoint_kernel::{HookStats, Plans};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::operation::{ApiOperation, OperationLimits};
use plugpoint_sdk::profile::Profile;
use plugpoint_store::{Store, TenantDb, TenantRow};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::answers::Answers;
use crate::auth::{Authentication, Opened, Operator, Presented, Principal, Who};
use crate::body::{self, BodyLimits, BodyReader, RequestBody};
use crate::tenants::{TenantRuntime, Tenants};

/// The shared ground of all modules.
pub struct Platform {
    store: Store,
    config: Arc<Config>,
    data_dir: PathBuf,
    tenants: Arc<Tenants>,
    authentication: Arc<Authentication>,
    receives: Arc<Semaphore>,
    answers: Answers,
}

impl Platform {
    /// Brings the parts together. Blocks for microseconds.
    ///
    /// # Errors
    /// `internal` if the control database cannot be read.
    pub fn new(store: Store, config: Arc<Config>, plans: Arc<Plans>, data_dir: &Path) -> Result<Arc<Self>, ApiError> {
        let tenants = Arc::new(Tenants::new(store.clone(), plans, Arc::clone(&config))?);
        let authentication = Arc::new(Authentication::new(Arc::clone(&tenants), &config));
        let receives = Arc::new(Semaphore::new(config.limits.receives_max));
        let data_dir = data_dir.to_owned();
        let answers = Answers::new(config.cache.item_bytes_max);
        Ok(Arc::new(Self { store, config, data_dir, tenants, authentication, receives, answers }))
    }

    /// The databases.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What was answered lately.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// The folder of everything durable.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Who the presented credentials stand for. Costs no storage access and no argon2 run while the credential is remembered.
    ///
    /// # Errors
    /// `unauthenticated`, whatever is wrong; `unavailable` when too many credentials are being verified, or when the tenant's
    /// own directory cannot say; those of the tenant's runtime (`customer_unknown`, storage).
    pub async fn authenticate(&self, presented: &Presented) -> Result<Principal, ApiError> {
        self.authentication.authenticate(presented).await
    }

    /// Who a request's headers stand for, if that is remembered.
    pub(crate) fn recall(&self, headers: &HeaderMap, now: Instant) -> Option<Principal> {
        self.authentication.recall(headers, now)
    }

    /// Who a request stands for; errors as [`authenticate`](Self::authenticate).
    pub(crate) async fn authenticate_request(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Principal, ApiError> {
        self.authentication.authenticate_request(method, headers).await
    }

    /// Which operator a request stands for.
    pub(crate) async fn operator(&self, method: &Method, headers: &HeaderMap) -> Result<Operator, ApiError> {
        self.authentication.operator(method, headers).await
    }

    /// Operator or tenant, whoever sends a request.
    pub(crate) async fn who(&self, method: &Method, headers: &HeaderMap) -> Result<Who, ApiError> {
        self.authentication.whoever(method, headers).await
    }

    /// Begins a session of a browser for the credential in the request's `Authorization`.
    ///
    /// # Errors
    /// `unauthenticated`, also for a credential of a tenant's own directory and for a password digest; those of
    /// [`authenticate`](Self::authenticate).
    pub async fn log_in(&self, headers: &HeaderMap) -> Result<Opened, ApiError> {
        self.authentication.log_in(headers).await
    }

    /// The session of a request, if its cookie names one that has not ended.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn session(&self, headers: &HeaderMap) -> Result<Option<Opened>, ApiError> {
        self.authentication.opened(headers).await
    }

    /// Ends the session of a request.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn log_out(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        self.authentication.log_out(headers).await
    }

    /// The same for a caller on a thread that may block.
    ///
    /// # Errors
    /// As [`authenticate`](Self::authenticate).
    ///
    /// # Panics
    /// Outside a tokio runtime, or on one of its asynchronous threads.
    pub fn authenticate_blocking(&self, presented: &Presented) -> Result<Principal, ApiError> {
        Handle::current().block_on(self.authenticate(presented))
    }

    /// What changes when a credential of the platform does; nothing for one of a customer's directory, and for one that is gone.
    /// Blocks for microseconds.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn credential_mark(&self, key_id: &str) -> Result<Option<String>, ApiError> {
        Ok(self.store.control().credential(key_id)?.map(|row| row.secret_hash))
    }

    /// The calls and the time of every hook since start-up.
    #[must_use]
    pub fn hook_stats(&self) -> Vec<HookStats> {
        self.tenants.plans().hook_stats()
    }

    /// How often argon2 has run: what the credential cache is there to keep small.
    #[must_use]
    pub fn verifications(&self) -> u64 {
        self.authentication.runs()
    }

    /// A tenant's profile as its row says, over its customer's, without a look at its database.
    ///
    /// # Errors
    /// `customer_unknown`, `profile_invalid`.
    pub fn profile_of(&self, row: &TenantRow) -> Result<Profile, ApiError> {
        self.tenants.plans().profile(row.customer.as_deref(), &row.profile_toml)
    }

    /// A tenant's runtime as its row is now, however young. Blocks.
    ///
    /// # Errors
    /// `not_found`, `customer_unknown`, those of the storage.
    pub fn tenant(&self, id: &TenantId) -> Result<Arc<TenantRuntime>, ApiError> {
        self.tenants.tenant(id)
    }

    /// Looks whether any process has changed tenants or credentials: another number than before says so. Blocks for microseconds.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn look_for_changes(&self) -> Result<u64, ApiError> {
        self.tenants.look()
    }

    /// Forgets a tenant that another process deletes or replaces: its runtime, its credentials, what it was answered. Gives its
    /// database if it was open; it has to be asked to [`close`](TenantDb::close) until it has.
    pub fn let_go(&self, tenant: &TenantId) -> Option<Arc<TenantDb>> {
        self.tenants.forget(tenant);
        self.authentication.forget(tenant);
        self.answers.forget(tenant);
        self.store.let_go(tenant)
    }

    /// Receives a document: see [`body::receive`]. Bounded in number, because each takes a thread while it arrives; how many of
    /// one tenant may arrive at once is bounded by [`TenantRuntime::admit`].
    ///
    /// # Errors
    /// As [`body::receive`]; `unavailable` when too many of all tenants arrive at once.
    pub async fn receive<T, F>(&self, body: RequestBody, limits: BodyLimits, job: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut BodyReader) -> Result<T, ApiError> + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.receives).try_acquire_owned() else {
            return Err(ApiError::new(&codes::UNAVAILABLE, "too many documents arrive at once").retry_after(2));
        };
        body::receive(body, limits, move |reader| {
            // Held until the thread is free again, even if the client has gone.
            let _place = place;
            job(reader)
        })
        .await
    }

    /// The address under which clients reach the server: as configured, else as this request's headers have it.
    #[must_use]
    pub fn public_url(&self, headers: &HeaderMap) -> String {
        match &self.config.server.public_url {
            Some(url) => url.to_string(),
            None => crate::address::public_url(headers),
        }
    }

    /// The bounds of an imported document, whoever sends it.
    #[must_use]
    pub fn document_limits(&self) -> BodyLimits {
        let limits = &self.config.limits;
        BodyLimits {
            bytes_max: limits.import_body_bytes_max,
            unpack_ratio_max: limits.unpack_ratio_max,
            gzip_members_max: limits.gzip_members_max,
            idle_max: Duration::from_secs(limits.body_idle_timeout_s),
            total_max: Duration::from_secs(limits.body_total_timeout_s),
        }
    }

    /// What an operation may cost a tenant.
    #[must_use]
    pub fn limits_of(&self, runtime: &TenantRuntime, operation: ApiOperation) -> OperationLimits {
        self.config.limits.of_tenant(&runtime.profile.limits, operation)
    }

    /// The bounds of the body of a tenant's request for an operation.
    #[must_use]
    pub fn body_limits(&self, runtime: &TenantRuntime, operation: ApiOperation) -> BodyLimits {
        let limits = self.document_limits();
        let bytes_max = self.limits_of(runtime, operation).body_bytes_max;
        BodyLimits { bytes_max: bytes_max.unwrap_or(limits.bytes_max), ..limits }
    }
}
