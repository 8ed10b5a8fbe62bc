//! The one list of what this program is made of: the core's own registrations and every plugin. Customers are listed in
//! `bundle/Cargo.toml`.
//!
//! Nothing else in the workspace names a plugin.

use std::sync::Arc;

use plugpoint_http::{Module, Platform, RestDoc};
use plugpoint_kernel::{Door, Source};
use plugpoint_plugin_catalog::import::desk::{CatalogService, ServiceDesk};
use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::desk::ImportDesk;
use plugpoint_sdk::points::catalog_format;

/// Everything that registers hooks: core, plugins, linked customers.
#[must_use]
pub fn sources() -> Vec<Source> {
    let mut sources = platform();
    sources.extend(plugpoint_bundle::linked().into_iter().map(Source::linked));
    sources
}

/// Core and plugins.
#[must_use]
pub fn platform() -> Vec<Source> {
    let version = env!("CARGO_PKG_VERSION");
    vec![
        Source::new(Door::Core, format!("plugpoint-sdk {version}"), |registrar| {
            registrar.provide_keyed(&catalog_format::POINT, "canonical", "canonical", Canonical);
        }),
        Source::plugin("bmecat", format!("plugpoint-plugin-bmecat {version}"), plugpoint_plugin_bmecat::register),
        Source::plugin("magento", format!("plugpoint-plugin-magento {version}"), plugpoint_plugin_magento::register),
        Source::plugin("navision", format!("plugpoint-plugin-navision {version}"), plugpoint_plugin_navision::register),
    ]
}

/// Every plugin's routes.
#[must_use]
pub fn modules(platform: &Arc<Platform>, service: &Arc<CatalogService>) -> Vec<Module> {
    let desk: Arc<dyn ImportDesk> = Arc::new(ServiceDesk(Arc::clone(service)));
    vec![
        plugpoint_plugin_catalog::http::module(platform, Arc::clone(&desk)),
        plugpoint_plugin_soap::module(desk, Arc::clone(platform)),
    ]
}

/// Every plugin's part of the OpenAPI document.
#[must_use]
pub fn documents() -> Vec<RestDoc> {
    vec![plugpoint_plugin_catalog::http::doc()]
}
