//! The files of the page. Their names but for the page's own hold a hash of what is in them, so browsers may keep them.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use plugpoint_http::{Problem, ValidPath};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

/// Names and contents; empty in a binary that was built without the console.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The page itself.
const PAGE: &str = "index.html";

/// Everything is ours and lies in files; nothing is written into the page.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// What is shown in place of the page where there is none.
const WITHOUT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Plugpoint console</title></head><body><h1>No \
    console in this binary</h1><p>It was built without Node. With Node 20 or newer, <code>make console build</code> builds one that has it. \
    Everything that the console shows is had over REST, too: see <a href=\"/docs/\">the interface</a>.</p></body></html>";

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/console", get(|| async { Redirect::permanent("/console/") }))
        .route("/console/", get(|| async { page() }))
        .route("/console/{*file}", get(|ValidPath(file): ValidPath<String>| async move { asset(&file) }))
}

fn find(name: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(file, _)| *file == name).map(|(_, bytes)| *bytes)
}

fn page() -> Response {
    match find(PAGE) {
        Some(bytes) => answer("text/html; charset=utf-8", "no-cache", bytes),
        None => (StatusCode::NOT_IMPLEMENTED, answer("text/html; charset=utf-8", "no-store", WITHOUT.as_bytes()))
            .into_response(),
    }
}

fn asset(name: &str) -> Response {
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    };
    match find(name) {
        Some(bytes) => answer(kind, "public, max-age=31536000, immutable", bytes),
        None => Problem(ApiError::new(&codes::NOT_FOUND, "the console has no such file")).into_response(),
    }
}

fn answer(kind: &'static str, kept: &'static str, bytes: &'static [u8]) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static(kept)),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, bytes).into_response()
}
