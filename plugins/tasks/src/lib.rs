//! What operators see and say over REST of what is done in the background: tasks, their runs, daemons, marks on the timeline. One file for
//! each endpoint; this is their table. And the task that forgets old runs ([`history`]).
//!
//! Called by the server's assembly. Whoever changes something has to be an operator, and it is written down who, what, before and after
//! ([`TasksHttp::record`]). Nothing here reaches a tenant's data, but for what its runs were given and gave back.
#![deny(missing_docs)]

mod cancel_run;
mod get_run;
pub mod history;
mod list_daemons;
mod list_deployments;
mod list_runs;
mod list_tasks;
mod patch_daemon;
mod patch_task;
mod post_deployment;
mod post_run;
mod resources;
mod restart_run;

use std::sync::Arc;

use axum::extract::Request;
use plugpoint_http::body::BodyLimits;
use plugpoint_http::{Module, Operator, Platform, Rest, RestDoc, ValidJson};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::schema::Check;
use plugpoint_store::{Act, StoreError, TaskRun, Tasks};
use plugpoint_tasks::{Daemon, Registry, TASKS_DAEMON};
use serde::de::DeserializeOwned;
use utoipa_axum::routes;

/// What the endpoints work on.
pub struct TasksHttp {
    platform: Arc<Platform>,
    tasks: Arc<Tasks>,
    registry: Arc<Registry>,
    /// Names and docs of the daemons that a server has.
    daemons: Vec<(String, String)>,
}

/// The routes, to be served.
#[must_use]
pub fn module(platform: &Arc<Platform>, tasks: Arc<Tasks>, registry: Arc<Registry>, daemons: &[Daemon]) -> Module {
    let (name, doc) = TASKS_DAEMON;
    let own = std::iter::once((name.to_owned(), doc.to_owned()));
    let daemons = daemons.iter().map(|daemon| (daemon.name.clone(), daemon.doc.clone())).chain(own).collect();
    let state = TasksHttp { platform: Arc::clone(platform), tasks, registry, daemons };
    Module::rest("tasks", table().with_state(Arc::new(state)))
}

/// The routes' part of the OpenAPI document, without a server.
#[must_use]
pub fn doc() -> RestDoc {
    table().into_doc()
}

fn table() -> Rest<Arc<TasksHttp>> {
    Rest::new()
        .routes(routes!(list_tasks::list_tasks))
        .routes(routes!(patch_task::patch_task))
        .routes(routes!(post_run::post_run))
        .routes(routes!(list_runs::list_runs))
        .routes(routes!(get_run::get_run))
        .routes(routes!(restart_run::restart_run))
        .routes(routes!(cancel_run::cancel_run))
        .routes(routes!(list_daemons::list_daemons))
        .routes(routes!(patch_daemon::patch_daemon))
        .routes(routes!(list_deployments::list_deployments, post_deployment::post_deployment))
}

impl TasksHttp {
    /// A request's body.
    ///
    /// # Errors
    /// Those of [`ValidJson::read`].
    pub(crate) async fn read<T: DeserializeOwned + Check>(&self, request: Request) -> Result<T, ApiError> {
        let bytes_max = self.platform.config().limits.json_body_bytes_max;
        let limits = BodyLimits { bytes_max, ..self.platform.document_limits() };
        Ok(ValidJson::read(request, limits).await?.0)
    }

    /// Writes down what an operator did: who, when, what, before and after.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) fn record(
        &self,
        operator: &Operator,
        action: &'static str,
        tenant: Option<&TenantId>,
        detail: String,
    ) -> Result<(), ApiError> {
        let actor = format!("operator {}", operator.name);
        Ok(self.platform.store().control().record(&Act { actor, action, tenant: tenant.cloned(), detail })?)
    }

    /// Does something about a run, and writes it down if it did something. The run as it is then.
    ///
    /// # Errors
    /// `not_found`; those of the storage.
    pub(crate) fn change_run(
        &self,
        id: u64,
        operator: &Operator,
        action: &'static str,
        change: impl FnOnce(&Tasks, i64) -> Result<bool, StoreError>,
    ) -> Result<TaskRun, ApiError> {
        let before = self.run(id)?;
        let has_changed = change(&self.tasks, before.id)?;
        let after = self.run(id)?;
        if has_changed {
            let detail = format!("run {id} of {}: {} -> {}", before.task, before.state.name(), after.state.name());
            self.record(operator, action, before.tenant.as_ref(), detail)?;
        }
        Ok(after)
    }

    /// A run that there has to be.
    ///
    /// # Errors
    /// `not_found`; those of the storage.
    pub(crate) fn run(&self, id: u64) -> Result<TaskRun, ApiError> {
        let run = i64::try_from(id).ok().map(|id| self.tasks.run(id)).transpose()?.flatten();
        run.ok_or_else(|| ApiError::new(&codes::NOT_FOUND, format!("there is no run {id}")))
    }
}
