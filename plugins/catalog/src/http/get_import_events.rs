//! `GET /v1/catalogs/{catalog}/imports/{id}/events`: the progress of an import as server-sent events, until it has ended.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use plugpoint_http::{Principal, Problem, ValidPath};
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::ImportStatus;
use plugpoint_sdk::error::ApiError;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;

use super::resources::Import;
use super::state::CatalogHttp;

/// How often the import is looked at.
const INTERVAL: Duration = Duration::from_millis(250);

/// How often a comment is sent while nothing changes, so that no proxy takes the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The progress of an import
///
/// Server-sent events: `progress` with the import whenever it has moved, then `ended` once, then the stream closes. An import
/// that has ended already gives `ended` at once.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/imports/{id}/events", operation_id = "watchImport", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("id" = String, Path, description = "The import's id.", example = "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11")),
    responses(
        (status = 200, description = "The events.", content_type = "text/event-stream", body = String,
            example = "event: progress\ndata: {\"status\":\"running\",\"progress\":0.5}\n\n"),
        (status = 404, response = super::Refused),
        (status = 429, response = super::Refused),
    ))]
pub(super) async fn get_import_events(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, id)): ValidPath<(String, String)>,
) -> Result<Response, Problem> {
    let first = Import::from(state.import(&principal, &catalog, &id).await?);
    let Ok(place) = Arc::clone(&state.event_streams).try_acquire_owned() else {
        return Err(ApiError::new(&codes::TOO_MANY_REQUESTS, "too many event streams are open").retry_after(5).into());
    };
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let _place = place;
        follow(&state, &principal, first, &sender).await;
    });
    let events = Sse::new(ReceiverStream::new(receiver));
    Ok(events.keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// Sends what changes until the import has ended or nobody listens any more.
async fn follow(state: &CatalogHttp, principal: &Principal, first: Import, sender: &Sender<Result<Event, Infallible>>) {
    let mut import = first;
    loop {
        let has_ended = matches!(import.status, ImportStatus::Succeeded | ImportStatus::Failed);
        let event = Event::default().event(if has_ended { "ended" } else { "progress" });
        // JSON of our own structs; an event without data would still say that something happened.
        let event = event.json_data(&import).unwrap_or_default();
        if sender.send(Ok(event)).await.is_err() || has_ended {
            return;
        }
        import = loop {
            tokio::select! {
                () = sender.closed() => return,
                () = sleep(INTERVAL) => {}
            }
            match state.import(principal, &import.catalog, &import.id).await.map(Import::from) {
                Ok(now) if now != import => break now,
                Ok(_) => {}
                // The client sees the stream end without `ended` and asks again, which tells it the error.
                Err(_) => return,
            }
        };
    }
}
