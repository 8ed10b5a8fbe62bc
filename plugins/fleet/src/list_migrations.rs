//! `GET /v1/fleet/migrations`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Platform, Problem, ValidQuery};

use crate::resources::{LimitQuery, Migration, MigrationList};

/// Runs of `plugpoint migrate`
///
/// The last hundred, the last first. For operators: a tenant's credential is answered 403.
#[utoipa::path(get, path = "/v1/fleet/migrations", operation_id = "listMigrations", tag = "fleet", params(LimitQuery),
    responses(
        (status = 200, description = "The runs.", body = MigrationList, example = json!({"migrations": [
            {"id": "019a4c3e-5a10-7c3e-9a53-0242ac120002", "by": "jo", "structure": 7, "state": "failed",
             "started_at": "2026-01-31T12:00:00Z", "seen_at": "2026-01-31T12:04:10Z", "checked": 1500, "up_to_date": 12,
             "migrated": 1480, "failed": 8, "remaining": 0}]})),
    ))]
pub(crate) async fn list_migrations(
    _: Operator,
    State(platform): State<Arc<Platform>>,
    ValidQuery(query): ValidQuery<LimitQuery>,
) -> Result<Json<MigrationList>, Problem> {
    let runs = blocking(move || Ok(platform.store().control().runs(query.limit)?)).await?;
    Ok(Json(MigrationList { migrations: runs.into_iter().map(Migration::from).collect() }))
}
