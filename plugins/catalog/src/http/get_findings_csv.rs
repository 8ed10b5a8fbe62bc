//! `GET /v1/catalogs/{catalog}/imports/{id}/findings.csv`: the findings for a person with a spreadsheet. An address of its own rather than
//! `Accept: text/csv`, because a link on a page can ask for it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery};
use plugpoint_sdk::api_schema;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::Severity;
use plugpoint_store::FindingFilter;

use super::state::CatalogHttp;
use super::{language, streaming};
use crate::outcome::table::{self, Separator};

/// Findings that are read at once.
const PAGE: u32 = 500;

/// Which findings, and for which spreadsheet.
#[api_schema]
pub(super) struct TableQuery {
    /// `error` for what was rejected, `warning` for the rest.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// The finding's code, exactly.
    #[validate(length(min = 1, max = 64))]
    #[serde(default)]
    pub code: Option<String>,
    /// The item's number, exactly.
    #[validate(length(min = 1, max = 128))]
    #[serde(default)]
    pub sku: Option<String>,
    /// Whether the table begins with the mark of UTF-8, without which Excel takes it for another encoding. It does if nothing is said:
    /// the table is for people, programs have the JSON.
    #[serde(default = "yes")]
    pub bom: bool,
    /// What stands between two cells: `comma` if nothing is said, `semicolon` or `tab`. Spreadsheets in German, French, Polish and Russian
    /// expect a semicolon.
    #[validate(pattern = "^(comma|semicolon|tab)$")]
    #[serde(default)]
    pub separator: Option<String>,
}

fn yes() -> bool {
    true
}

/// What an import found wrong, as a table
///
/// All findings that the filters let pass, one a row, behind a header: severity, code, line, column, path, sku, value, message, advice.
/// Message and advice are in the reader's language. A cell that a spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/imports/{id}/findings.csv", operation_id = "getFindingsTable", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("id" = String, Path, description = "The import's id.", example = "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11"), TableQuery,
        ("Accept-Language" = Option<String>, Header, description = "The languages that the reader understands.", example = "de-AT, en;q=0.5")),
    responses(
        (status = 200, description = "The table.", content_type = "text/csv", body = String,
            headers(("Content-Language" = String), ("Vary" = String), ("Content-Disposition" = String)),
            example = "\"severity\",\"code\",\"line\",\"column\",\"path\",\"sku\",\"value\",\"message\",\"advice\"\r\n\"error\",\"sku_missing\",\"7\",\"3\",\"/sku\",\"\",\"\",\"the item has no sku\",\"Give the item its number in the source system and send it again.\"\r\n"),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
        (status = 429, response = super::Refused),
    ))]
pub(super) async fn get_findings_csv(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, id)): ValidPath<(String, String)>,
    ValidQuery(query): ValidQuery<TableQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let id = state.import(&principal, &catalog, &id).await?.id;
    let texts = language::texts(&principal, request.headers());
    let place = streaming::place(&state.long_answers)?;
    let runtime = Arc::clone(&principal.runtime);
    let TableQuery { severity, code, sku, bom, separator } = query;
    let separator = Separator::named(separator.as_deref().unwrap_or_default());
    let body = streaming::body(place, state.platform.document_limits().idle_max, move |out| {
        let filter = FindingFilter { severity, code, sku };
        let mut text = table::header(bom, separator);
        let mut after = 0;
        loop {
            out.write_all(text.as_bytes())
                .map_err(|error| ApiError::new(&codes::INTERNAL, "a table broke off").caused_by(error))?;
            text.clear();
            let page = runtime.db.findings_where(id, &filter, after, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            page.into_iter().for_each(|(_, finding)| table::add(&mut text, separator, finding, texts));
        }
    });
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"findings-{id}.csv\"")) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(language::told(response, texts))
}
