//! The pages for people: `GET /docs` (Swagger UI, its assets are part of the binary) and `GET /docs/errors/{code}`, to which
//! every problem document points. Neither loads anything from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use plugpoint_sdk::codes::{self, Code};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::escaped;
use utoipa_swagger_ui::Config;

use crate::extract::ValidPath;
use crate::problem::Problem;

/// What a page may load: its own scripts and styles. Swagger UI sets style attributes and shows pictures from data URLs.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The routes of the pages.
pub(crate) fn routes() -> Router {
    let config = Arc::new(Config::from("/openapi.json").persist_authorization(false).validator_url("none"));
    let index = Arc::clone(&config);
    Router::new()
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(move || async move { asset("index.html", index) }))
        .route("/docs/{*file}", get(move |ValidPath(file): ValidPath<String>| async move { asset(&file, config) }))
        .route("/docs/errors", get(|| async { page("Error codes", &list()) }))
        .route("/docs/errors/{code}", get(error_page))
}

fn asset(file: &str, config: Arc<Config<'static>>) -> Response {
    let Ok(Some(found)) = utoipa_swagger_ui::serve(file, config) else { return not_found() };
    let mut headers = HeaderMap::new();
    if let Ok(kind) = HeaderValue::from_str(&found.content_type) {
        headers.insert(CONTENT_TYPE, kind);
    }
    if found.gzpipped {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(CONTENT_SECURITY_POLICY, PAGE_POLICY);
    (headers, found.bytes.into_owned()).into_response()
}

async fn error_page(ValidPath(name): ValidPath<String>) -> Response {
    match codes::ALL.iter().find(|code| code.name == name) {
        Some(code) => page(code.name, &describe(code)),
        None => not_found(),
    }
}

fn describe(code: &Code) -> String {
    format!(
        "<p>{}.</p><dl><dt>HTTP status</dt><dd>{}</dd><dt>What to do</dt><dd>{}</dd></dl><p><a href=\"/docs/errors\">All codes</a></p>",
        escaped(code.title),
        code.status,
        escaped(code.remedy)
    )
}

fn list() -> String {
    let entry = |code: &&Code| {
        format!(
            "<dt><a href=\"/docs/errors/{0}\">{0}</a> ({1})</dt><dd>{2}</dd>",
            code.name,
            code.status,
            escaped(code.title)
        )
    };
    format!("<dl>{}</dl>", codes::ALL.iter().map(entry).collect::<String>())
}

fn page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0} - Plugpoint</title><style>body{{font:16px/1.5 \
         sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}dt{{font-weight:600;margin-top:.6rem}}</style></head>\
         <body><h1>{0}</h1>{body}</body></html>",
        escaped(title)
    );
    let headers =
        [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")), (CONTENT_SECURITY_POLICY, PAGE_POLICY)];
    (headers, html).into_response()
}

fn not_found() -> Response {
    Problem(ApiError::new(&codes::NOT_FOUND, "there is no such page")).into_response()
}
