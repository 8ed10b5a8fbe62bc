//! The catalog over REST: one file per endpoint, this is their table. Called through [`module`]; the document alone comes from
//! [`doc`].
//!
//! An endpoint's file holds its parameters, its OpenAPI text with an example and its handler. All tenants' data is reached
//! through the [`Principal`](plugpoint_http::Principal)'s own database, so no path can name another tenant's.

mod address;
mod cancel_import;
mod delete_item;
mod get_catalog;
mod get_export;
mod get_export_report;
mod get_extensions;
mod get_findings_csv;
mod get_import;
mod get_import_events;
mod get_item;
mod get_rejected;
mod get_report;
mod get_tenant;
mod language;
mod list_catalogs;
mod list_changes;
mod list_findings;
mod list_imports;
mod list_items;
mod page;
mod post_import;
mod present;
mod put_item;
mod resources;
mod respond;
mod state;
mod streaming;

use std::sync::Arc;

use plugpoint_http::openapi::Refused;
use plugpoint_http::{Module, Platform, Rest, RestDoc};
use plugpoint_sdk::desk::ImportDesk;
use utoipa_axum::routes;

use state::CatalogHttp;

/// The routes, to be served.
#[must_use]
pub fn module(platform: &Arc<Platform>, desk: Arc<dyn ImportDesk>) -> Module {
    let state = Arc::new(CatalogHttp::new(Arc::clone(platform), desk));
    Module::rest("catalog", table().with_state(state))
}

/// The routes' part of the OpenAPI document, without a server.
#[must_use]
pub fn doc() -> RestDoc {
    table().into_doc()
}

fn table() -> Rest<Arc<CatalogHttp>> {
    Rest::new()
        .routes(routes!(list_catalogs::list_catalogs))
        .routes(routes!(get_catalog::get_catalog))
        .routes(routes!(get_export::get_export))
        .routes(routes!(get_export_report::get_export_report))
        .routes(routes!(list_items::list_items))
        .routes(routes!(get_item::get_item, put_item::put_item, delete_item::delete_item))
        .routes(routes!(list_changes::list_changes))
        .routes(routes!(list_imports::list_imports, post_import::post_import))
        .routes(routes!(get_import::get_import))
        .routes(routes!(cancel_import::cancel_import))
        .routes(routes!(list_findings::list_findings))
        .routes(routes!(get_findings_csv::get_findings_csv))
        .routes(routes!(get_report::get_report))
        .routes(routes!(get_rejected::get_rejected))
        .routes(routes!(get_import_events::get_import_events))
        .routes(routes!(get_tenant::get_tenant))
        .routes(routes!(get_extensions::get_extensions))
}
