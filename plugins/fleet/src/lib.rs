//! What operators see of the whole platform over REST: its tenants, and runs of `plugpoint migrate`. One file for each endpoint; this is their table.
//!
//! Called by the server's assembly. Nothing here reaches a tenant's data: an [`Operator`](plugpoint_http::Operator) stands for no tenant,
//! and only what the control database remembers of the fleet is shown.
#![deny(missing_docs)]

mod get_migration;
mod list_migrations;
mod list_tenants;
mod resources;

use std::sync::Arc;

use plugpoint_http::{Module, Platform, Rest, RestDoc};
use utoipa_axum::routes;

/// The routes, to be served.
#[must_use]
pub fn module(platform: &Arc<Platform>) -> Module {
    Module::rest("fleet", table().with_state(Arc::clone(platform)))
}

/// The routes' part of the OpenAPI document, without a server.
#[must_use]
pub fn doc() -> RestDoc {
    table().into_doc()
}

fn table() -> Rest<Arc<Platform>> {
    Rest::new()
        .routes(routes!(list_migrations::list_migrations))
        .routes(routes!(get_migration::get_migration))
        .routes(routes!(list_tenants::list_tenants))
}
