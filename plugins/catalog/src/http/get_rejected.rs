//! `GET /v1/catalogs/{catalog}/imports/{id}/rejected`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use plugpoint_http::body::blocking;
use plugpoint_http::{Principal, Problem, ValidPath};
use plugpoint_messages::word;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportStatus, ImportView};
use plugpoint_sdk::error::ApiError;

use super::state::CatalogHttp;
use super::{language, streaming};
use crate::import::kept::Kept;
use crate::import::rejected::places;
use crate::rejected::{Rejected, Source, gone, unavailable};

/// How many records the answer has.
const RECORDS: HeaderName = HeaderName::from_static("x-records");

/// The rejected records, in the sender's own format
///
/// The document as it was sent, as UTF-8 and without the records that were taken: correct it and send it again *with `?mode=merge`*.
/// Without that a document which declares a whole catalog (as BMEcat's T_NEW_CATALOG does) would replace the catalog by these few records.
/// XML keeps its header, trees, namespaces and attributes; comments and a DOCTYPE are left out. JSON gives an array, NDJSON the lines,
/// CSV the rows behind their header. `X-Records` says how many records there are; fewer than were rejected if it is not known where the
/// others begin. Formats that cannot be divided (XLSX, DATANORM) and imports that failed as a whole answer 409, a document that is no
/// longer kept (`retention_days` of the profile) 410.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/imports/{id}/rejected", operation_id = "getRejected", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("id" = String, Path, description = "The import's id.", example = "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11")),
    responses(
        (status = 200, description = "The records.", content(
            (String = "application/xml", example = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalog><item><title>Cable tie</title></item></catalog>\n"), (String = "application/json"),
            (String = "application/x-ndjson"), (String = "text/csv")), headers(("Content-Disposition" = String), ("X-Records" = u64))),
        (status = 404, response = super::Refused),
        (status = 409, response = super::Refused),
        (status = 410, response = super::Refused),
        (status = 429, response = super::Refused),
    ))]
pub(super) async fn get_rejected(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, id)): ValidPath<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let import = state.import(&principal, &catalog, &id).await?;
    let id = import.id;
    may_have_rejected(&import)?;
    let texts = language::texts(&principal, request.headers());
    let place = streaming::place(&state.long_answers)?;
    let (platform, runtime, tenant) =
        (Arc::clone(&state.platform), Arc::clone(&principal.runtime), principal.tenant.clone());
    let rejected = blocking(move || {
        let kept = Kept::find(platform.store(), Some(&tenant), id).map_err(no_longer)?;
        let unreadable =
            |error| ApiError::new(&codes::INTERNAL, "the places of records cannot be read").caused_by(error);
        let places = places(&kept.dir).map_err(unreadable)?;
        let format = runtime.db.import(id)?.and_then(|record| record.format);
        Rejected::find(&Source {
            file: &kept.file,
            charset: kept.charset.as_deref(),
            format: format.as_deref(),
            limits: platform.config().limits.xml(),
            profile: &runtime.profile,
            transformer: &*runtime.plan.transformer.call,
            formats: &runtime.plan.formats,
            places: &places,
        })
    });
    let rejected = rejected.await?;
    let (media_type, extension) = rejected.form().described();
    let records = rejected.records();
    let remark = texts.word(word::REJECTED_HOW, &[]);
    let body =
        streaming::body(place, state.platform.document_limits().idle_max, move |out| rejected.write(&remark, out));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(RECORDS, HeaderValue::from(records));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"rejected-{id}.{extension}\"")) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(language::told(response, texts))
}

/// Whether an import is one whose rejected records can be sent again by themselves.
fn may_have_rejected(import: &ImportView) -> Result<(), ApiError> {
    let why_not = match import.status {
        ImportStatus::Queued | ImportStatus::Running => "the import has not ended yet",
        // The records that were not rejected are not in the catalog either.
        ImportStatus::Failed => "the import failed and nothing of its document was taken; correct it and send it whole",
        ImportStatus::Succeeded if import.counts.rejected == 0 => "no record of this import was rejected",
        ImportStatus::Succeeded => return Ok(()),
    };
    Err(unavailable(why_not.to_owned()))
}

fn no_longer(error: ApiError) -> ApiError {
    if *error.code == codes::NOT_FOUND { gone() } else { error }
}
