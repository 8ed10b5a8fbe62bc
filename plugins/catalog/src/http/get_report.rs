//! `GET /v1/catalogs/{catalog}/imports/{id}/report`

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use plugpoint_http::body::blocking;
use plugpoint_http::{Platform, Principal, Problem, ValidPath};
use plugpoint_messages::Texts;
use plugpoint_sdk::desk::{ImportStatus, ImportView};
use plugpoint_sdk::detect::{HEAD_BYTES_MAX, Head};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Position, TenantId};
use plugpoint_store::TenantDb;

use super::state::CatalogHttp;
use super::{language, streaming};
use crate::import::kept::Kept;
use crate::outcome::excerpt::{self, Excerpt};
use crate::outcome::page::{POLICY, Report};
use crate::outcome::summary::Summary;
use crate::rejected::Form;

/// What became of an import, as a page to read and to print
///
/// For the person who can change the source system: what was rejected first, by code with what to do, each with line, column, item,
/// path, value and the lines of the document around it; then warnings, and what was not read. In the language that `Accept-Language`
/// asks for (en, de, pl, ru, fr), else in that of the tenant's profile. Self-contained HTML without a script. The first 25 findings of
/// each code are shown; all are in `findings.csv`.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/imports/{id}/report", operation_id = "getReport", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("id" = String, Path, description = "The import's id.", example = "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11"),
        ("Accept-Language" = Option<String>, Header, description = "The languages that the reader understands.", example = "de-AT, en;q=0.5")),
    responses(
        (status = 200, description = "The page.", content_type = "text/html", body = String,
            headers(("Content-Language" = String), ("Vary" = String), ("Content-Security-Policy" = String)),
            example = "<!DOCTYPE html><html lang=\"en\"><head><title>Import report</title></head><body><h1>All 2 records were taken.</h1></body></html>"),
        (status = 404, response = super::Refused),
        (status = 429, response = super::Refused),
    ))]
pub(super) async fn get_report(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, id)): ValidPath<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let import = state.import(&principal, &catalog, &id).await?;
    let texts = language::texts(&principal, request.headers());
    let place = streaming::place(&state.long_answers)?;
    let (platform, runtime, tenant) =
        (Arc::clone(&state.platform), Arc::clone(&principal.runtime), principal.tenant.clone());
    let page = blocking(move || {
        let _place = place;
        page(&platform, &runtime.db, &tenant, &import, texts)
    });
    let mut response = Response::new(Body::from(page.await?));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(language::told(response, texts))
}

/// Reads what the page tells. Blocks.
fn page(
    platform: &Platform,
    db: &TenantDb,
    tenant: &TenantId,
    import: &ImportView,
    texts: &'static Texts,
) -> Result<String, ApiError> {
    let summary = Summary::read(db, import.id)?;
    let record = db.import(import.id)?;
    let unmapped = db.unmapped(import.id)?;
    let kept = Kept::find(platform.store(), Some(tenant), import.id).ok();
    let format = record.as_ref().and_then(|record| record.format.as_deref());
    let head = kept.as_ref().and_then(head).unwrap_or_default();
    let is_text = kept.is_some() && Form::of(format, &head).is_some();
    let encoding = kept.as_ref().filter(|_| is_text).map(|kept| {
        let is_whole = head.len() as u64 == kept.bytes;
        Head::new(&head, is_whole, &kept.media_type, kept.charset.as_deref()).encoding().name.clone()
    });
    let shown = summary.groups.iter().flat_map(|group| &group.shown);
    let places =
        shown.filter_map(|finding| Some(Position { line: finding.line?, column: finding.column.unwrap_or(1) }));
    let places = places.chain(import.error.as_ref().and_then(|(_, detail)| excerpt::place_in(detail)));
    let excerpts = kept.as_ref().filter(|_| is_text).map(|kept| excerpts(kept, places)).unwrap_or_default();
    let report = Report {
        texts,
        import,
        format,
        bytes: record.as_ref().map(|record| record.bytes),
        encoding: encoding.as_deref(),
        summary: &summary,
        unmapped: &unmapped,
        excerpts: &excerpts,
        findings_kept_max: platform.config().limits.findings_kept_max,
        has_rejected: import.status == ImportStatus::Succeeded && import.counts.rejected > 0 && kept.is_some(),
    };
    Ok(report.html())
}

/// The document's beginning.
fn head(kept: &Kept) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    File::open(&kept.file).ok()?.take(HEAD_BYTES_MAX as u64).read_to_end(&mut head).ok()?;
    Some(head)
}

/// The document around places.
fn excerpts(kept: &Kept, places: impl Iterator<Item = Position>) -> BTreeMap<(u64, u64), Excerpt> {
    let Ok(file) = File::open(&kept.file) else { return BTreeMap::new() };
    excerpt::around(file, kept.charset.as_deref(), places)
}
