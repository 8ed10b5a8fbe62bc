//! Services of other systems, kept alive: `/soap/tenants/{tenant}/{facade}` gives a facade's WSDL and takes its envelopes.
//!
//! The rooms: [`routes`] speaks HTTP, `message` reads one envelope into a bounded tree, `endpoint` finds out who calls, `call` runs
//! the facade's hook on a thread of the tenant's, `desk` does what the hook asks for, `sessions` remembers who has signed in,
//! `answer` writes replies and faults. The rules of envelopes are those of the endpoint of our own.
//!
//! The tenant in the path only says whose facade is meant: who may call is decided by the credential, and one of another tenant is
//! as wrong as any. A facade that a profile does not name is not there, nor is a tenant that does not exist; both look alike.
//! This module knows no service's words; it refuses to show a session's id or a secret to anybody but the facade's caller.

mod answer;
mod call;
mod desk;
mod endpoint;
mod message;
mod routes;
mod sessions;

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use plugpoint_http::{Platform, TenantRuntime};
use plugpoint_kernel::Hook;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::ImportDesk;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, TenantId};
use plugpoint_sdk::points::soap_facade::SoapFacade;
use tokio::sync::Semaphore;

use sessions::Sessions;

/// Envelopes of all tenants that are worked on at once; each holds one of the threads that may block.
const CALLS_MAX: usize = 128;
/// Envelopes of one tenant that are worked on at once, arriving ones and those that wait for a place included.
const CALLS_PER_TENANT_MAX: usize = 32;

/// All facades of this server.
struct Facades {
    desk: Arc<dyn ImportDesk>,
    platform: Arc<Platform>,
    calls: Arc<Semaphore>,
    houses: Mutex<HashMap<TenantId, Arc<House>>>,
}

/// What the facades of one tenant share.
struct House {
    /// The tenant's database: its place in memory is not another's as long as this is kept.
    db: Weak<dyn Any + Send + Sync>,
    calls: Arc<Semaphore>,
    sessions: Mutex<Sessions>,
    /// Held by the one call that may write.
    writing: Arc<tokio::sync::Mutex<()>>,
}

/// One tenant's facade.
struct Facade {
    name: Arc<str>,
    runtime: Arc<TenantRuntime>,
    house: Arc<House>,
    hook: Hook<dyn SoapFacade>,
    catalog: CatalogId,
}

/// The routes of all facades.
pub(crate) fn router(desk: Arc<dyn ImportDesk>, platform: Arc<Platform>) -> Router {
    let calls = Arc::new(Semaphore::new(CALLS_MAX));
    routes::router(Arc::new(Facades { desk, platform, calls, houses: Mutex::default() }))
}

impl Facades {
    /// The facade at an address. Blocks.
    ///
    /// # Errors
    /// `not_found`, whichever of the two is not there; `unavailable` if the tenant cannot be served now.
    fn find(&self, tenant: &str, facade: &str) -> Result<Facade, ApiError> {
        let nothing = || ApiError::new(&codes::NOT_FOUND, "there is no such service");
        let tenant: TenantId = tenant.parse().map_err(|_| nothing())?;
        let runtime = match self.platform.tenant(&tenant) {
            Ok(runtime) => runtime,
            Err(error) if error.code == &codes::NOT_FOUND => return Err(nothing()),
            Err(error) if error.code == &codes::TENANT_SUSPENDED => return Err(error),
            // Who is not known yet is not told why.
            Err(error) => {
                let detail = "the service cannot be used now";
                return Err(ApiError::new(&codes::UNAVAILABLE, detail).retry_after(10).caused_by(error));
            }
        };
        let settings = &runtime.profile.soap;
        let is_enabled = settings.facades.iter().any(|name| name == facade);
        let found = runtime.plan.facades.get_key_value(facade).filter(|_| is_enabled);
        let (name, hook) = found.map(|(name, hook)| (Arc::clone(name), hook.clone())).ok_or_else(nothing)?;
        let catalog = settings.catalog.parse();
        let catalog = catalog.map_err(|error| ApiError::new(&codes::PROFILE_INVALID, "soap.catalog").caused_by(error));
        Ok(Facade { name, house: self.house(&runtime), hook, catalog: catalog?, runtime })
    }

    fn house(&self, runtime: &TenantRuntime) -> Arc<House> {
        let limits = &self.platform.config().limits;
        let db: Arc<dyn Any + Send + Sync> = Arc::clone(&runtime.db) as _;
        let made = || {
            let idle_max = Duration::from_secs(limits.facade_session_idle_s);
            Arc::new(House {
                db: Arc::downgrade(&db),
                calls: Arc::new(Semaphore::new(CALLS_PER_TENANT_MAX)),
                sessions: Mutex::new(Sessions::new(limits.facade_sessions_max, idle_max)),
                writing: Arc::default(),
            })
        };
        let mut houses = self.houses.lock().unwrap_or_else(PoisonError::into_inner);
        let house = houses.entry(runtime.tenant.clone()).or_insert_with(made);
        // A tenant that was deleted or replaced meanwhile has another database, and none of the sessions.
        if !std::ptr::addr_eq(house.db.as_ptr(), Arc::as_ptr(&db)) {
            *house = made();
        }
        Arc::clone(house)
    }

    /// A facade's address as the client reached it.
    fn address(&self, facade: &Facade, headers: &HeaderMap) -> String {
        let server = self.platform.public_url(headers);
        format!("{}/soap/tenants/{}/{}", server.trim_end_matches('/'), facade.runtime.tenant, facade.name)
    }
}

impl House {
    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
