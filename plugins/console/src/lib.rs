//! The operator's console at `/console`, a page that speaks the same REST interface as everybody else, and the sessions by which a
//! browser does so (`/v1/session`).
//!
//! Called by the server's assembly. The page is made by Node before the build (`make console`) and is part of the binary; it may do
//! nothing that its session's credential may not do, and holds no data of its own.
#![deny(missing_docs)]

mod assets;
mod delete_session;
mod get_session;
mod post_session;
mod resources;

use std::sync::Arc;

use plugpoint_http::{Module, Platform, Rest, RestDoc};
use utoipa_axum::routes;

/// The routes, to be served.
#[must_use]
pub fn module(platform: &Arc<Platform>) -> Module {
    Module { name: "console", rest: table().with_state(Arc::clone(platform)), raw: assets::routes() }
}

/// The routes' part of the OpenAPI document, without a server.
#[must_use]
pub fn doc() -> RestDoc {
    table().into_doc()
}

fn table() -> Rest<Arc<Platform>> {
    Rest::new().routes(routes!(get_session::get_session, post_session::post_session, delete_session::delete_session))
}
