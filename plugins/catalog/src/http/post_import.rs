//! `POST /v1/catalogs/{catalog}/imports`: a document comes in, is made durable, and is acknowledged. What becomes of it is
//! the import desk's business.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use plugpoint_http::body::{BodyReader, blocking};
use plugpoint_http::{MediaType, Principal, Problem, RequestBody, RequestId, ValidPath, ValidQuery};
use plugpoint_sdk::api_schema;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportDesk, ImportStatus, ImportView, Receipt};
use plugpoint_sdk::error::{ApiError, FieldError};
use plugpoint_sdk::model::{CatalogId, ImportId, ImportMode, TenantId};
use plugpoint_sdk::operation::ApiOperation;

use super::resources::Import;
use super::state::{CatalogHttp, catalog_id};
use super::{address, respond};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The longest idempotency key, in characters.
const IDEMPOTENCY_KEY_CHARS_MAX: usize = 200;

/// The media types of documents, in words. Transformers look at the bytes and not at the label, so the label only has to
/// tell a document from what surely is none; a customer's own format comes as the type without a meaning.
const ACCEPTED: &str = "XML (application/xml, text/xml, +xml), JSON (application/json, +json), NDJSON \
    (application/x-ndjson, application/ndjson, application/jsonl), CSV and other text (text/*, application/csv), and \
    application/octet-stream or no Content-Type for any other format that the tenant's transformer reads";

/// What the caller allows the document to do.
#[api_schema]
pub(super) struct ImportQuery {
    /// `replace`, `merge` or `delete`. A document that declares its own mode decides within it; without it the document
    /// decides alone, and merges where it says nothing.
    #[serde(default)]
    pub mode: Option<ImportMode>,
}

/// Import a document
///
/// The body is the document, in any format that the tenant's transformer reads: canonical JSON, NDJSON, XML or CSV unless the
/// tenant's profile or customer crate says otherwise. A format that has no type among these is sent as
/// `application/octet-stream` or without a `Content-Type`; what is surely no document (a form, a picture, a PDF) is refused
/// with 415. It may be packed (`Content-Encoding: gzip` or `deflate`). An answer with an id means that the document is safe. A repeat with the
/// same `Idempotency-Key` and the same document answers the first import.
#[utoipa::path(post, path = "/v1/catalogs/{catalog}/imports", operation_id = "createImport", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"), ImportQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 200 visible ASCII characters."),
        ("Prefer" = Option<String>, Header, description = "`wait=N`: answer when the import has ended, N seconds at most.",
            example = "wait=30")),
    request_body(description = "The document.", content(
        (serde_json::Value = "application/json", example = json!([{"sku": "A1", "texts": [{"lang": "en", "title": "Cable tie"}]}])),
        (String = "application/x-ndjson", example = "{\"sku\":\"A1\",\"texts\":[{\"lang\":\"en\",\"title\":\"Cable tie\"}]}\n"),
        (String = "application/xml"), (String = "text/csv"), (String = "application/octet-stream"))),
    responses(
        (status = 200, description = "`Prefer: wait`: the import has ended.", body = Import,
            headers(("Location" = String), ("Preference-Applied" = String))),
        (status = 202, description = "The document is safe; the import is to come.", body = Import,
            headers(("Location" = String)), example = json!({"id": "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11", "catalog": "main",
            "status": "queued", "mode": "merge", "counts": {"read": 0, "accepted": 0, "rejected": 0, "added": 0, "changed": 0,
            "unchanged": 0, "removed": 0}, "progress": 0.0, "findings_count": 0, "created_at": "2026-01-31T12:00:00Z"})),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
        (status = 408, response = super::Refused),
        (status = 413, response = super::Refused),
        (status = 415, response = super::Refused),
        (status = 422, response = super::Refused),
        (status = 503, response = super::Refused),
        (status = 507, response = super::Refused),
    ))]
pub(super) async fn post_import(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    request_id: RequestId,
    ValidPath(catalog): ValidPath<String>,
    ValidQuery(query): ValidQuery<ImportQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let catalog = catalog_id(&catalog)?;
    let limits = state.platform.limits_of(&principal.runtime, ApiOperation::CreateImport);
    let wait = preferred_wait(request.headers(), limits.wait_s_max.unwrap_or_default())?;
    let receipt = receipt(&principal, &catalog, &query, &request_id, request.headers())?;
    let (parts, body) = request.into_parts();
    let (desk, body) = (Arc::clone(&state.desk), RequestBody::of(&parts.headers, body)?);
    let receipt = Receipt { bytes_announced: body.announced_bytes(), ..receipt };
    let limits = state.platform.body_limits(&principal.runtime, ApiOperation::CreateImport);
    let id = state.platform.receive(body, limits, move |body| spool(&*desk, receipt, body)).await?;
    let view = import_after(&state, &principal.tenant, id, wait).await?;
    Ok(answer(&catalog, view, wait)?)
}

fn receipt(
    principal: &Principal,
    catalog: &CatalogId,
    query: &ImportQuery,
    request_id: &RequestId,
    headers: &HeaderMap,
) -> Result<Receipt, ApiError> {
    let media = MediaType::of(headers)?;
    let (media_type, charset) =
        media.map_or(("application/octet-stream".to_owned(), None), |media| (media.essence, media.charset));
    if !may_be_a_document(&media_type) {
        let detail = format!("{media_type:.80} is not read as a document; accepted are {ACCEPTED}");
        return Err(ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail));
    }
    Ok(Receipt {
        tenant: principal.tenant.clone(),
        catalog: catalog.clone(),
        mode: query.mode,
        idempotency_key: idempotency_key(headers)?,
        media_type,
        charset,
        is_canonical: false,
        request_id: request_id.as_str().to_owned(),
        bytes_announced: None,
    })
}

/// Whether a media type is one of [`ACCEPTED`].
fn may_be_a_document(essence: &str) -> bool {
    let known = [
        "application/octet-stream",
        "application/xml",
        "application/json",
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/csv",
    ];
    known.contains(&essence) || essence.starts_with("text/") || essence.ends_with("+xml") || essence.ends_with("+json")
}

/// Writes the document into the spool as it comes in. Blocks. One that says how large it is may be refused before a byte of it
/// is read.
fn spool(desk: &dyn ImportDesk, receipt: Receipt, body: &mut BodyReader) -> Result<ImportId, ApiError> {
    // NDJSON of no lines is a document of no items: its reader says in which modes.
    let is_announced = receipt.bytes_announced.is_some_and(|bytes| bytes > 0);
    let begun = if is_announced { Some(desk.receive(receipt.clone())?) } else { None };
    if body.is_at_end()? && !receipt.media_type.ends_with("ndjson") && receipt.media_type != "application/jsonl" {
        return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, "the body is empty"));
    }
    let mut writer = begun.map_or_else(|| desk.receive(receipt), Ok)?;
    body.copy_to(&mut *writer)?;
    writer.seal()
}

/// The import as it is, or as soon as it has ended within the time preferred.
async fn import_after(
    state: &CatalogHttp,
    tenant: &TenantId,
    id: ImportId,
    wait: Option<Duration>,
) -> Result<ImportView, ApiError> {
    let place = wait.and_then(|_| Arc::clone(&state.waits).try_acquire_owned().ok());
    let wait = if place.is_some() { wait.unwrap_or_default() } else { Duration::ZERO };
    let (desk, tenant) = (Arc::clone(&state.desk), tenant.clone());
    blocking(move || {
        // Held until the thread is free again, even if the client has gone.
        let _place = place;
        desk.import(&tenant, id, wait)
    })
    .await
}

fn answer(catalog: &CatalogId, view: ImportView, wait: Option<Duration>) -> Result<Response, ApiError> {
    let has_ended = matches!(view.status, ImportStatus::Succeeded | ImportStatus::Failed);
    let location = address::of_import(catalog, view.id);
    let applied =
        wait.filter(|_| has_ended).and_then(|wait| HeaderValue::from_str(&format!("wait={}", wait.as_secs())).ok());
    let status = if applied.is_some() { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut response = respond::plain(status, &Import::from(view))?;
    let headers = response.headers_mut();
    location.map(|location| headers.insert(LOCATION, location));
    applied.map(|applied| headers.insert(PREFERENCE_APPLIED, applied));
    Ok(response)
}

/// `wait=N` among the preferences, cut down to the longest wait that is allowed. Others are none of ours and are passed over, as RFC 7240 has it.
fn preferred_wait(headers: &HeaderMap, wait_s_max: u64) -> Result<Option<Duration>, ApiError> {
    let lines = headers.get_all(PREFER).iter().filter_map(|line| line.to_str().ok());
    for preference in lines.flat_map(|line| line.split(',')) {
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        if name.trim().eq_ignore_ascii_case("wait") {
            let value = value.split(';').next().unwrap_or_default().trim().trim_matches('"');
            let refused = |_| header_refused("Prefer", "wait is not a whole number of seconds");
            let seconds = value.parse::<u32>().map_err(refused)?;
            return Ok(Some(Duration::from_secs(u64::from(seconds).min(wait_s_max))));
        }
    }
    Ok(None)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => return Err(header_refused("Idempotency-Key", "the key is given more than once")),
    };
    // The header's draft standard has a quoted string; most clients send the bare text.
    let key = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_visible || !(1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&key.len()) {
        return Err(header_refused("Idempotency-Key", "the key is not 1 to 200 visible ASCII characters"));
    }
    Ok(Some(key.to_owned()))
}

fn header_refused(name: &str, message: &str) -> ApiError {
    let (pointer, message) = (format!("header:{name}"), message.to_owned());
    plugpoint_http::invalid(vec![FieldError { pointer, code: "header_invalid".to_owned(), message }])
}
