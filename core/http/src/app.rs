//! The assembly: modules, health, documents and pages become one router. What no module may do is done here: 404, 405,
//! authentication of REST.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::from_extractor;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use serde_json::Value;

use crate::module::Module;
use crate::observe::{App, Noted, Observed};
use crate::openapi::{AssemblyError, document};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::{docs, health};

/// Puts the application together: the service to serve and the OpenAPI document of it.
///
/// # Errors
/// Everything that [`document`] refuses, and routes that overlap.
pub fn app(platform: &Arc<Platform>, modules: Vec<Module>) -> Result<(App, Value), AssemblyError> {
    let (mut parts, mut routers) = (Vec::new(), Vec::new());
    for Module { name, rest, raw } in modules {
        let (rest, doc) = rest.split();
        parts.push(doc);
        routers.push((name, rest));
        routers.push((name, noted(raw)));
    }
    let document = document(parts)?;
    routers.push(("health", noted(health::routes(Arc::clone(platform)).split().0)));
    routers.push(("docs", noted(docs::routes())));
    routers.push(("openapi", noted(openapi_route(&document))));
    // A wrong address or method is no secret of a tenant's, so both are told before anybody is asked for credentials.
    let router = merged(routers)?.fallback(not_found).method_not_allowed_fallback(method_not_allowed);
    Ok((Observed::new(Arc::clone(platform), router), document))
}

/// Routes without a principal, made known to the observer; REST handlers do it by asking for their principal.
fn noted(router: Router) -> Router {
    router.layer(from_extractor::<Noted>())
}

/// Axum panics where routes overlap; a start-up error that names the module is better.
fn merged(routers: Vec<(&'static str, Router)>) -> Result<Router, AssemblyError> {
    let mut all = Router::new();
    for (name, router) in routers {
        let before = all.clone();
        all = catch_unwind(AssertUnwindSafe(|| before.merge(router)))
            .map_err(|_| AssemblyError(vec![format!("a route of {name} overlaps one of another module")]))?;
    }
    Ok(all)
}

fn openapi_route(document: &Value) -> Router {
    let text = Bytes::from(format!("{document:#}"));
    Router::new().route("/openapi.json", get(move || async move { ([(CONTENT_TYPE, "application/json")], text) }))
}

async fn not_found() -> Problem {
    Problem(ApiError::new(&codes::NOT_FOUND, "there is no such resource"))
}

/// The framework adds `Allow`; to ask for it with OPTIONS is no error.
async fn method_not_allowed(_: Noted, method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Problem(ApiError::new(&codes::METHOD_NOT_ALLOWED, "the resource does not know this method")).into_response()
}
