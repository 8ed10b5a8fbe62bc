//! The one list of what this program is made of: the core's own registrations and every plugin. Customers are listed in
//! `bundle/Cargo.toml`.
//!
//! Nothing else in the workspace names a plugin.

use std::sync::Arc;
use std::time::Duration;

use plugpoint_http::{Module, Platform, RestDoc};
use plugpoint_kernel::{Door, Source};
use plugpoint_plugin_catalog::import::desk::{CatalogService, ServiceDesk};
use plugpoint_plugin_catalog::tasks as catalog_tasks;
use plugpoint_plugin_tasks::history::{self, Kept};
use plugpoint_sdk::auto::Auto;
use plugpoint_sdk::canonical;
use plugpoint_sdk::desk::ImportDesk;
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::registry::Registrar;
use plugpoint_store::Tasks;
use plugpoint_tasks::{Daemon, Registry};

use crate::cli::Failure;

/// Everything that registers hooks: core, plugins, linked customers.
#[must_use]
pub fn sources() -> Vec<Source> {
    let mut sources = platform();
    sources.extend(plugpoint_bundle::linked().into_iter().map(Source::linked));
    sources
}

/// A plugin that is linked in; all crates of the workspace have one version.
fn plugin(name: &'static str, register: fn(&mut Registrar)) -> Source {
    Source::plugin(name, format!("plugpoint-plugin-{name} {}", env!("CARGO_PKG_VERSION")), register)
}

/// Core and plugins.
#[must_use]
pub fn platform() -> Vec<Source> {
    let version = env!("CARGO_PKG_VERSION");
    vec![
        Source::new(Door::Core, format!("plugpoint-sdk {version}"), |registrar| {
            canonical::register(registrar);
            registrar.provide_keyed(&catalog_format::POINT, catalog_format::AUTO, "auto", Auto);
        }),
        plugin("bmecat", plugpoint_plugin_bmecat::register),
        plugin("magento", plugpoint_plugin_magento::register),
        plugin("onix", plugpoint_plugin_onix::register),
        plugin("cxml", plugpoint_plugin_cxml::register),
        plugin("icecat", plugpoint_plugin_icecat::register),
        plugin("merchant", plugpoint_plugin_merchant::register),
        plugin("idoc", plugpoint_plugin_idoc::register),
        plugin("gdsn", plugpoint_plugin_gdsn::register),
        plugin("commerceml", plugpoint_plugin_commerceml::register),
        plugin("datanorm", plugpoint_plugin_datanorm::register),
        plugin("tables", plugpoint_plugin_tables::register),
        plugin("services", plugpoint_plugin_services::register),
        plugin("navision", plugpoint_plugin_navision::register),
    ]
}

/// What goes on in the background.
pub struct Background {
    /// Where runs are.
    pub tasks: Arc<Tasks>,
    /// Every plugin's tasks.
    pub registry: Arc<Registry>,
    /// Every plugin's daemons, and the one that begins the platform's own tasks.
    pub daemons: Vec<Daemon>,
}

/// Every plugin's tasks and daemons.
///
/// # Errors
/// Two tasks of one name; those of the storage.
pub fn background(platform: &Arc<Platform>, service: &Arc<CatalogService>) -> Result<Background, Failure> {
    let (tasks, config) = (platform.store().tasks()?, &platform.config().tasks);
    let kept = Kept {
        age: Duration::from_secs(u64::from(config.history_days) * 24 * 60 * 60),
        runs_max: config.history_runs_max,
        bytes_max: config.history_bytes_max,
    };
    let mut registry = Registry::default();
    for task in catalog_tasks::tasks(service).into_iter().chain([history::task(&tasks, kept)]) {
        registry.add(task).map_err(Failure::new)?;
    }
    let mut schedules = catalog_tasks::schedules().map_err(Failure::new)?;
    schedules.push(history::schedule().map_err(Failure::new)?);
    let doc = "Begins by the clock what keeps the platform tidy.";
    let upkeep = Daemon::of_schedules("upkeep", doc, Arc::clone(&tasks), Box::new(move || Ok(schedules.clone())));
    let mut daemons = catalog_tasks::daemons(service, &tasks);
    daemons.push(upkeep);
    Ok(Background { tasks, registry: Arc::new(registry), daemons })
}

/// Every plugin's routes.
#[must_use]
pub fn modules(platform: &Arc<Platform>, service: &Arc<CatalogService>, background: &Background) -> Vec<Module> {
    let (tasks, registry) = (Arc::clone(&background.tasks), Arc::clone(&background.registry));
    let desk: Arc<dyn ImportDesk> = Arc::new(ServiceDesk(Arc::clone(service)));
    vec![
        plugpoint_plugin_catalog::http::module(platform, Arc::clone(&desk)),
        plugpoint_plugin_soap::module(desk, Arc::clone(platform)),
        plugpoint_plugin_fleet::module(platform),
        plugpoint_plugin_tasks::module(platform, tasks, registry, &background.daemons),
        plugpoint_plugin_console::module(platform),
    ]
}

/// Every plugin's part of the OpenAPI document.
#[must_use]
pub fn documents() -> Vec<RestDoc> {
    vec![
        plugpoint_plugin_catalog::http::doc(),
        plugpoint_plugin_fleet::doc(),
        plugpoint_plugin_tasks::doc(),
        plugpoint_plugin_console::doc(),
    ]
}
