//! What a plugin brings to the HTTP interface.

use axum::Router;

use crate::openapi::Rest;

/// The routes of one plugin.
pub struct Module {
    /// The plugin's name, for messages about the assembly.
    pub name: &'static str,
    /// REST routes. Every one of them is authenticated before its handler is called; the handler gets a
    /// [`Principal`](crate::Principal) as extractor.
    pub rest: Rest,
    /// Routes of another protocol, which authenticates and reports errors in its own way.
    pub raw: Router,
}

impl Module {
    /// A module of REST routes alone.
    #[must_use]
    pub fn rest(name: &'static str, rest: Rest) -> Self {
        Self { name, rest, raw: Router::new() }
    }

    /// A module of another protocol alone.
    #[must_use]
    pub fn raw(name: &'static str, raw: Router) -> Self {
        Self { name, rest: Rest::new(), raw }
    }
}
