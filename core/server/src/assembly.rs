//! Puts the parts together: registrations into plans, plans and storage into a platform, modules into a router.
//!
//! Commands that only look (`extensions`, `openapi`, `tenant create`) use the first steps without the later ones.

use std::path::Path;
use std::sync::Arc;

use plugpoint_config::Config;
use plugpoint_http::{App, AssemblyError, Platform, app};
use plugpoint_plugin_catalog::import::desk::CatalogService;
use serde_json::Value;

use crate::bundle::Background;
use crate::cli::Failure;
use crate::{bundle, candidates, customers, storage};

/// A server that has everything but a socket.
pub struct Assembled {
    /// The shared ground.
    pub platform: Arc<Platform>,
    /// All routes, behind their observer.
    pub app: App,
    /// The catalog's running part; its imports run once [`Workers`](plugpoint_plugin_catalog::import::workers::Workers) do.
    pub service: Arc<CatalogService>,
    /// What goes on in the background once a [`Runtime`](plugpoint_tasks::Runtime) has it.
    pub background: Background,
    /// The OpenAPI document of exactly these routes.
    pub openapi: Value,
}

/// Puts a server together on a data folder, which is made if it is not there.
///
/// # Errors
/// Refused customer libraries, clashing registrations, storage that cannot be opened, documents that contradict one another, an
/// interface that is not the core's.
pub fn assemble(config: Config, data_dir: &Path) -> Result<Assembled, Failure> {
    let plans = Arc::new(customers::plans(&config, data_dir, &|text| tracing::warn!("{text}"))?);
    for customer in std::iter::once(None).chain(plans.customers().map(Some)) {
        tracing::info!(
            customer = customer.unwrap_or("(generic)"),
            plan = plans.report(customer)?.hash,
            "extension plan"
        );
    }
    let store = storage::open(&config, data_dir, plans.updates())?;
    let platform = Platform::new(store, Arc::new(config), Arc::clone(&plans), data_dir)?;
    let service = CatalogService::open(Arc::clone(&platform))?;
    service.try_candidates(Arc::new(move |row, name| Ok(candidates::candidate(&plans, row, name)?.side)))?;
    let background = bundle::background(&platform, &service)?;
    let (app, openapi) = app(&platform, bundle::modules(&platform, &service, &background))?;
    if openapi != self::openapi()? {
        return Err(Failure::new(
            "the OpenAPI document of this server differs from the core's: no customer may change an endpoint",
        ));
    }
    Ok(Assembled { platform, app, service, background, openapi })
}

/// What importing takes, beside a server that may run on the same data folder: no routes, and none of that server's documents.
///
/// # Errors
/// As [`assemble`].
pub fn beside(config: Config, data_dir: &Path) -> Result<(Arc<Platform>, Arc<CatalogService>), Failure> {
    let plans = Arc::new(customers::plans(&config, data_dir, &|text| tracing::warn!("{text}"))?);
    let store = storage::open(&config, data_dir, plans.updates())?;
    let platform = Platform::new(store, Arc::new(config), plans, data_dir)?;
    let service = CatalogService::beside(Arc::clone(&platform))?;
    Ok((platform, service))
}

/// The OpenAPI document, without storage or a socket.
///
/// # Errors
/// Two types of one name, two operations of one id.
pub fn openapi() -> Result<Value, AssemblyError> {
    plugpoint_http::openapi::document(bundle::documents())
}
