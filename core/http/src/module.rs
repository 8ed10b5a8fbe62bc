//! What a plugin brings to the HTTP interface.

use axum::Router;

use crate::openapi::Rest;

/// The routes of one plugin.
pub struct Module {
    /// The plugin's name, for messages about the assembly.
    pub name: &'static str,
    /// REST routes. A handler reaches no tenant's data but through a [`Principal`](crate::Principal), the extractor that
    /// authenticates the request; it stands before all others that can fail. A test asks every operation without credentials.
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
