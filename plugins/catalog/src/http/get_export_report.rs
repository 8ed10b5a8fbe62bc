//! `GET /v1/catalogs/{catalog}/export/report`: what an export would lose, without the document. It costs as much as the export.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use plugpoint_http::body::blocking;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::export::ExportReport;
use tokio::sync::oneshot;

use super::get_export::{ExportQuery, place};
use super::respond;
use super::state::{CatalogHttp, catalog_id};
use crate::export::Export;

/// What an export would lose
///
/// Counts of items written, left out, and changed at each place of the item that the format cannot carry. The items are written to
/// find out, so it takes as long as the export itself.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/export/report", operation_id = "exportReport", tag = "catalogs",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"), ExportQuery),
    responses(
        (status = 200, description = "The report.", body = ExportReport, example = json!({"format": "csv", "catalog": "main",
            "exported_at": "2026-01-31T12:00:00Z", "written": 1200, "left_out": 0,
            "losses": [{"path": "/prices", "items": 17, "first_sku": "A1"}]})),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
        (status = 429, response = super::Refused),
        (status = 503, response = super::Refused),
    ))]
pub(super) async fn get_export_report(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath(name): ValidPath<String>,
    ValidQuery(query): ValidQuery<ExportQuery>,
) -> Result<Response, Problem> {
    let catalog = catalog_id(&name)?;
    let place = place(&state)?;
    // Dropped with this request: when the client leaves, the export ends.
    let (client, _waits) = oneshot::channel::<()>();
    let run = move || {
        let _place = place;
        let mut export = Export::start(&principal.runtime, state.platform.config(), &catalog, &query.format)?;
        while export.next_piece(&|| !client.is_closed())?.is_some() {}
        export.report().cloned().ok_or_else(|| ApiError::new(&codes::INTERNAL, "the export has no report"))
    };
    Ok(respond::plain(StatusCode::OK, &blocking(run).await?)?)
}
