//! `GET /v1/fleet/migrations/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Platform, Problem, ValidPath, ValidQuery};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use crate::resources::{LimitQuery, Migration, MigrationReport, TenantMigration};

/// A run of `plugpoint migrate`, tenant by tenant
///
/// How far it is, and what became of each tenant that it was done with, those that failed first. While it runs, tenants are added about
/// once a second. `last` is the latest run.
#[utoipa::path(get, path = "/v1/fleet/migrations/{id}", operation_id = "getMigration", tag = "fleet",
    params(("id" = String, Path, description = "The run's id, or `last`."), LimitQuery),
    responses(
        (status = 200, description = "The run.", body = MigrationReport, example = json!({
            "migration": {"id": "019a4c3e-5a10-7c3e-9a53-0242ac120002", "by": "jo", "structure": 7, "state": "running",
             "started_at": "2026-01-31T12:00:00Z", "seen_at": "2026-01-31T12:00:10Z", "checked": 1500, "up_to_date": 12,
             "migrated": 80, "failed": 1, "remaining": 1407},
            "tenants": [{"tenant": "shop-7", "structure": 6, "steps": ["core/0007_steps_done"], "took_ms": 12,
             "error": "open a database (tenant shop-7): no space is left"}]})),
    ))]
pub(crate) async fn get_migration(
    _: Operator,
    State(platform): State<Arc<Platform>>,
    ValidPath(id): ValidPath<String>,
    ValidQuery(query): ValidQuery<LimitQuery>,
) -> Result<Json<MigrationReport>, Problem> {
    let report = blocking(move || {
        let control = platform.store().control();
        let run = match id.as_str() {
            "last" => control.runs(1)?.into_iter().next(),
            id => control.run(id)?,
        };
        let run = run.ok_or_else(|| ApiError::new(&codes::NOT_FOUND, "there is no such run"))?;
        let tenants = control.outcomes(&run.id, query.limit)?;
        Ok((run, tenants))
    });
    let (run, tenants) = report.await?;
    let tenants = tenants.into_iter().map(TenantMigration::from).collect();
    Ok(Json(MigrationReport { migration: Migration::from(run), tenants }))
}
