//! `GET /v1/catalogs/{catalog}/imports/{id}/findings`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery, cursor};
use plugpoint_sdk::api_schema;
use plugpoint_sdk::model::Severity;
use plugpoint_sdk::operation::ApiOperation;
use plugpoint_store::FindingFilter;

use super::resources::{FindingList, default_limit};
use super::state::CatalogHttp;
use super::state::reading;
use super::{language, page, respond};

/// Which findings, and how many of them. All given filters must hold.
#[api_schema]
pub(super) struct FindingQuery {
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
    /// Findings of a page, 100 if not given.
    #[validate(range(min = 1, max = 1000))]
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// The `next_cursor` of the page before; it holds for the same filters only.
    #[validate(length(min = 1, max = 2048))]
    #[serde(default)]
    pub cursor: Option<String>,
}

/// What an import found wrong
///
/// In the order in which it was found. They are kept with the end of the import; one that still runs has none yet. `message` and `advice`
/// are in the language that `Accept-Language` asks for (en, de, pl, ru, fr), else in that of the tenant's profile; `detail` then keeps
/// the reader's own sentence. Codes are the same in every language. The same as a table for spreadsheets: `findings.csv`; as a page to
/// print: `report`.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/imports/{id}/findings", operation_id = "listFindings", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("id" = String, Path, description = "The import's id.", example = "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11"), FindingQuery,
        ("Accept-Language" = Option<String>, Header, description = "The languages that the reader understands.", example = "de-AT, en;q=0.5")),
    responses(
        (status = 200, description = "A page of findings.", body = FindingList,
            headers(("Content-Language" = String), ("Vary" = String)), example = json!({"findings": [
            {"severity": "error", "code": "field_required", "message": "an item needs at least one text",
             "advice": "Fill the field in the source system and send the item again.", "sku": "A1", "line": 7, "path": "/texts"}]})),
        (status = 304, description = "The page is as `If-None-Match` has it."),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn list_findings(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, id)): ValidPath<(String, String)>,
    ValidQuery(query): ValidQuery<FindingQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let id = state.import(&principal, &catalog, &id).await?.id;
    let texts = language::texts(&principal, request.headers());
    let name = id.to_string();
    let FindingQuery { severity, code, sku, limit, cursor } = query;
    let severity_name = match severity {
        Some(Severity::Error) => "error",
        Some(Severity::Warning) => "warning",
        None => "",
    };
    let filters = [code.as_deref().unwrap_or_default(), sku.as_deref().unwrap_or_default()].map(str::to_owned);
    let question = ["findings", name.as_str(), severity_name, &filters[0], &filters[1]];
    let after = cursor.as_deref().map(|text| cursor::decode_id::<u64>(&question, text)).transpose()?;
    let limit = state.page_limit(&principal, ApiOperation::ListFindings, limit);
    let filter = FindingFilter { severity, code, sku };
    let rows = reading(&principal, move |db| db.findings_where(id, &filter, after.unwrap_or(0), limit + 1));
    let mut rows = rows.await?;
    let next_cursor = page::cut(&mut rows, limit, |(number, _)| cursor::encode(&question, &number.to_string()));
    let findings = rows.into_iter().map(|(_, finding)| texts.localized(finding)).collect();
    let answer = respond::json(request.headers(), &FindingList { findings, next_cursor })?;
    Ok(language::told(answer, texts))
}
